"""What looks like an endpoint and is none: the reasons, and the context that tells.

A name earns its place by its last label (see `hosts.tier`) and by what stands right beside it. Each refusal has
one of the reasons below, which the profile counts and `--show-rejected` lists.
"""

import ipaddress
import re
from collections.abc import Set as AbstractSet
from functools import lru_cache
from typing import Final

from inspector.scan.endpoint.hosts import is_host, suffix_length, suffix_list, tier
from inspector.scan.endpoint.vocabulary import (
    ALGORITHM_VENDORS,
    FILE_NAMES,
    FILE_TLDS,
    IMPORT_ROOTS,
    KNOWN_RESOLVERS,
    MAPPED_ENDS,
    PRODUCT_NAMES,
    PROGRAM_HEADS,
    PROPERTY_HEADS,
    REVERSED_ENDS,
    REVERSED_ROOTS,
    SETTING_TLDS,
    SOURCE_TLDS,
    TELLING_TLDS,
    TEMPLATE_ENDS,
    UNUSED_TLDS,
    WORD_TLDS,
    words,
)

REASONS: Final = {
    "algorithm-name": "an algorithm with a vendor's domain, such as zlib@openssh.com",
    "bare-suffix": "a public suffix with nothing registered below it",
    "class-name": "a class, package or bundle identifier: a domain written in reverse",
    "drawing": "numbers of a drawing, as the paths of SVG write them",
    "file-name": "a file whose extension is also a top-level domain",
    "import-path": "a source package named after the place it is fetched from",
    "letters-by-chance": "a few letters between bytes that are no text",
    "local-scheme": "a URL that stays on the device: file, content, about …",
    "loopback-address": "the device itself",
    "media-type": "a registered media type of a vendor",
    "netmask": "a netmask, broadcast or unspecified address",
    "no-public-host": "a URL whose host is neither an address nor below a public suffix",
    "not-a-host-name": "breaks the grammar of host names",
    "not-a-certificate": "bytes that begin like a certificate or key and are none",
    "object-identifier": "part of a longer chain of numbers",
    "person-name": "a nickname of syllables with full stops between them",
    "product-name": "a product whose name ends like a host's",
    "property-chain": "a property or method of a program",
    "reverse-zone": "an address written in reverse below arpa",
    "reserved-name": "a name that RFC 2606 keeps for documentation",
    "scope-operator": "names of a program joined by `::` that could be read as an IPv6 address",
    "section-number": "a section of a standard, in a comment",
    "sentence": "the end of one sentence and the beginning of the next",
    "template-host": "a URL whose host is filled in at run time",
    "time-or-hardware-address": "colon-separated numbers that are no IPv6 address",
    "version-number": "a version of four numbers",
}

_QUOTES: Final = b"\"'`\x00"
_EDGES: Final = _QUOTES + bytes(range(1, 32)) + b" <>|\x7f" + bytes(range(0x80, 0x100))
_VALUE_EDGES: Final = _EDGES + b"=/:,;()[]{}@#*&?!\\"
_TEXT_EDGES: Final = b"\x00\t\n\r" + bytes(range(0x20, 0x7F))
_CODE_LEFT: Final = b"(!&|?{}[,;=+-*:~^"
_CODE_RIGHT: Final = b"(=[+&|?;,)*{}!^~-"

_HOST_HEADS: Final = re.compile(
    r"(?:www|api|app|apps|m|cdn|img|static|mqtt|mqtts|ws|wss|ntp|time|pool|dns|ns|mail|smtp|imap|pop|ftp|stun|turn|rtmp|rtsp|sip"
    r"|ota|fota|update|upgrade|download|dl|log|logs|stat|stats|push|p2p|relay|iot|cloud|auth|login|account|open|openapi|gateway|gw"
    r"|oss|s3|cos|obs|live|video|media|files?|data|report|config|cfg|portal|proxy|vpn|test|dev|stage|staging|beta|docs?|blog"
    r"|support|help|shop|store|pay|sdk|svc|service|server|host|router|cms|acs|tr069|track|tracker|ads?|analytics|metrics|git|wiki"
    r"|forum|bbs|[a-z]{2,4}[0-9]{1,3}|[0-9]+)(?:[-0-9][a-z0-9-]*)?"
)
_PROGRAM_WORDS: Final = re.compile(
    r"(?:apps?|static|logs?|stats?|data|report|config|cfg|files?|svc|service|server|host|test|dev|auth|account|login"
    r"|sdk|track|tracker|ads?|metrics|analytics|media|video|live|proxy|router)(?![a-z0-9-])"
)
"""Heads of host names that head settings and properties as often."""
_RESERVED: Final = re.compile(
    r"(?:.*\.)?(?:example\.(?:com|net|org|edu|co\.[a-z]{2})|(?:your-?|my-?)?(?:domain|company|host|site|server)\.(?:com|tld|org|net)"
    r"|(?:.*\.)?(?:your|my)-?(?:domain|company|corp)\.(?:com|tld|org|net)|(?:.*\.)?url\.here|(?:.*\.)?domain\.name|(?:.*\.)?your\.[a-z]+\.here)"
)


@lru_cache(maxsize=1 << 14)
def refuse_host(raw: str, before: bytes, after: bytes, *, valued: bool) -> str:
    """Return the reason to refuse the name `raw`, or "" to take it.

    `before` and `after` are the (at most three and two) bytes beside it; `valued` says that it stands in a
    configuration file, where a delimited word is a value rather than code.
    """
    host = raw.lower()
    if not is_host(host) or (host.startswith("www.") and host.count(".") == 1):
        labels = host.split(".")  # `"http://www." + name` and `www.in the` hold no more than a suffix either
        bare = suffix_length(labels) >= len(labels) - (labels[0] == "www")
        return "bare-suffix" if bare else "not-a-host-name"
    if _RESERVED.fullmatch(host):
        return "reserved-name"
    labels = host.split(".")
    if labels[-1] == "arpa" and labels[-2] in ("in-addr", "ip6"):
        return "reverse-zone"
    level, reason = tier(labels[-1])
    if before.endswith(b"://") or (before.endswith(b"//") and level < 2):
        return ""
    # A user's name stands before `@`, as in an e-mail address or a URL; alone, the sign marks a symbol of a program.
    if before.endswith(b"@") and (not level or before[-2:-1].isalnum() or after.startswith(b"(")):
        if after.startswith(b"("):
            return "property-chain"  # a decorator
        return "algorithm-name" if host in ALGORITHM_VENDORS else ""
    if named := _is_other_name(raw, host, labels, before, after) or _is_program_text(raw, labels, before, after):
        return named
    if _in_code(raw, labels, before, after, level):
        return "property-chain"
    needed = _needed(labels, before, after, level, valued=valued)
    return "" if _has_evidence(labels, before, after, needed) else reason


def _needed(labels: list[str], before: bytes, after: bytes, level: int, *, valued: bool) -> int:
    """Return the level of evidence that a name has to give where it stands; see `hosts.Tier`, and 3 for a port."""
    last = labels[-1]
    if last in UNUSED_TLDS:
        return _PORT_ALONE
    if level == 2 and last == "io" and len(labels) > 2:
        level = 1
    ends_path = _ends_path(before, after)
    if last in SETTING_TLDS:
        return level
    if last in SOURCE_TLDS and (len(labels) == 2 or ends_path):
        return level  # `…/distributions/gradle-6.5-bin.zip`: the end of a path is no value
    return max(0, level - (valued and before[-1:] != b"`"))  # `scene.data`: a description of a program


def _ends_path(before: bytes, after: bytes) -> bool:
    return before[-1:] == b"/" and (before[-2:-1].isalnum() or before[-2:-1] == b")") and after[:1] != b"/"


def _is_other_name(raw: str, host: str, labels: list[str], before: bytes, after: bytes) -> str:
    """Return the reason to refuse what is the name of something else, whatever its last label is."""
    if labels[0] == "vnd":
        return "media-type"
    if is_library(labels):
        return "file-name"
    if host in FILE_NAMES or _is_template(labels, before, after) or (labels[-1] == "map" and labels[-2] in MAPPED_ENDS):
        return "file-name"
    if host in PRODUCT_NAMES:
        return "product-name"
    if is_by_chance(raw, before, after):
        return "letters-by-chance"
    if _is_reversed(labels):
        return "class-name"
    if after.startswith(b"/") and host.endswith(tuple(IMPORT_ROOTS)) and (path := _import_path(host)):
        return path
    # Go names the functions that it makes for types `type:.eq.` and the type.
    return "property-chain" if before.endswith(b":.") and labels[0] in ("eq", "hash") else ""


def _is_template(labels: list[str], before: bytes, after: bytes) -> bool:
    """Tell whether the labels name a file that a build fills in: `libusb-1.0.pc.in`, `$(srcdir)/tests.in`."""
    if labels[-1] != "in" or _heads_hosts(labels[0]):
        return False
    return labels[-2] in TEMPLATE_ENDS if len(labels) > 2 else _ends_path(before, after) and after[:1] != b":"


def _heads_hosts(label: str) -> bool:
    """Tell whether a first label is one of hosts, and of no settings or properties as well."""
    return _HOST_HEADS.fullmatch(label) is not None and not _PROGRAM_WORDS.match(label)


def is_library(labels: list[str]) -> bool:
    """Tell whether the labels are the name of a shared library: `libfoo.so`, `libtnet-2.1.20.1-agoo.so`."""
    return labels[-1] == "so" and labels[0].startswith("lib") and (len(labels) == 2 or labels[1].isdigit())


def _is_program_text(raw: str, labels: list[str], before: bytes, after: bytes) -> str:
    """Return the reason to refuse what the writing of a name, or the text beside it, shows to be none."""
    first, _, last = raw.rpartition(".")
    if first.islower() and last.isupper():
        return "class-name" if "." in first else "property-chain"  # `libcore.icu.ICU`, `subject.CN`
    if named := _is_written_so(raw, labels, before, after):
        return named
    if all(map(str.isdigit, labels[:-1])) and len(labels) > 2:
        return "version-number"  # `4.0.41.Final`
    if _NAMESPACE.fullmatch(raw):
        return "class-name"
    if _NICK.fullmatch(raw) and not _heads_hosts(labels[0].lower()) and after[:1] not in (b"/", b":"):
        return "person-name"
    capital = last[:1].isupper() and not first.isupper() and not _heads_hosts(labels[0])
    if capital and (labels[-1] not in TELLING_TLDS or _CAMEL.match(first)):
        return "property-chain"  # `Phaser.Math.Easing.In`, `Camera.AUTO`, `fillTint.BR`; a host is `Vendor.Com` at most
    if "prototype" in labels or _is_property(labels) or any(kind.fullmatch(raw) for kind in _NAMED_PARTS):
        return "property-chain"
    if labels[-1] in WORD_TLDS and len(labels) == 2 and after[:1] == b" " and after[1:].islower() and last != "NO":
        return "sentence"
    if (
        labels[-1] in FILE_TLDS
        and after[:1] == b":"
        and after[1:].isdigit()
        and (len(labels) == 2 or before[-1:] in (b"/", b"\\"))
    ):
        return "file-name"  # `../src/agent.cc:97`
    return ""


def _is_written_so(raw: str, labels: list[str], before: bytes, after: bytes) -> str:
    """Return the reason to refuse what no host is written like."""
    first, _, last = raw.rpartition(".")
    begins = first.islower() and len(last) == 2 and last.istitle()
    if begins and not _heads_hosts(labels[0]) and after[:1] not in (b"/", b":"):
        return "sentence"  # `never packages.It is`, and with marshalled Python the marks of what follows: `packages.Fr`
    if last.lower() == "com" and len(labels) == 2 and before[-1:] == b"\\" and before[-2:-1] not in _NO_FOLDER:
        return "file-name" if after[:1] != b"\\" else ""  # `C:\\DOS\\FORMAT.COM`
    filled_in = (before[-1:], after[:1]) == (b"{", b"}") and not before[-2:-1].isalnum()
    if filled_in or _CONSTANT.fullmatch(raw):
        return "property-chain"
    return "class-name" if after == b".*" and labels[0] in REVERSED_ROOTS else ""  # `import android.net.*;`


def _is_property(labels: list[str]) -> bool:
    """Tell whether the labels are `gpio.directions.in`, or the first of a value: `basic_constraints.value.ca`."""
    if len(labels) < 3 or tier(labels[-1]).level == 0:
        return False
    valued = labels[-2] == "value" and len(labels[-1]) == 2 and not _heads_hosts(labels[0])
    return valued or labels[0] in PROPERTY_HEADS


_NO_FOLDER: Final = (b"", b"\\", b" ", b'"', b"'", b"^", b"(", b"|", b"\0", b"\n")
"""What stands before a backslash that ends no name of a folder: `\\\\server.com\\share`, `^\\bvendor.com`."""
_CAMEL: Final = re.compile("[a-z]+[A-Z]")
_NAMESPACE: Final = re.compile(r"System(?:\.[A-Z][A-Za-z0-9]*)+|Microsoft\.NET")
"""Names of .NET's base library, and its folder: `System.Net`, `System.Net.Security`, `Microsoft.NET\\Framework`."""
_CONSTANT: Final = re.compile(r"(?:[A-Za-z][A-Za-z0-9]*\.)*(?:Locale|[A-Z][a-z]+(?:[A-Z][a-z]+)*Type)\.[A-Z]{2}")
"""Constants of a class: `Locale.US`, `ICommandBuilder.InternationalType.UK`."""
_NICK: Final = re.compile(
    r"[A-Z][a-z]{1,3}(?:\.(?!com?\.|gov\.|org\.|net\.|edu\.|ac\.)[a-z]{2,3})+\.(?:mo|is|my|do|so|no|to|la|ma|mu|na|ni|pa|sa|se|si)"
)
"""Syllables with full stops between them, the first with a capital: `Ko.mo.mo`."""
_SETTING: Final = re.compile(
    r"(?:mail|java|https?|ftp|socks|proxy|db|smtp|server|client|os|user|spring|log)(?:\.[a-z0-9]+)*\.(?:host|name|id|security)"
)
"""Properties of Java and of settings whose last word is a suffix too."""
_SCOPE: Final = re.compile(
    r"(?:comment\.(?:line|block|documentation)|constant\.(?:numeric|character|language|other|regexp)|entity\.(?:name|other)"
    r"|invalid\.(?:illegal|deprecated)|keyword\.(?:control|operator|other|declaration)|storage\.(?:type|modifier)"
    r"|markup\.(?:bold|heading|italic|list|other|quote|raw|underline|inserted|deleted|changed)"
    r"|meta\.(?:tag|function|class|block|brace|selector|property|[a-z]+-(?:parenthesis|name|value|list|brackets))"
    r"|punctuation\.(?:definition|section|separator|terminator|accessor)|variable\.(?:parameter|language|other)"
    r"|string\.(?:quoted|unquoted|interpolated|regexp|other|template)"
    r"|support\.(?:function|class|type|constant|variable|other))(?:\.[a-z0-9-]+)*\.[a-z]+"
)
"""Scopes of syntax highlighting, which end in the name of the language: `keyword.operator.io`. The first words are
those of the TextMate manual, "Naming Conventions"."""
_MODULE: Final = re.compile(
    r"(?:es|esnext)\.(?:array|array-buffer|async-iterator|composite-key|data-view|date|disposable-stack|error|function|iterator|json|map|math"
    r"|number|object|observable|promise|reflect|regexp|set|string|suppressed-error|symbol|typed-array|uint8-array|weak-map|weak-set)(?:\.[a-z-]+)+"
)
"""Modules of core-js, each a feature of the language: `es.array.at`."""
_NAMED_PARTS: Final = (_SETTING, _SCOPE, _MODULE)


def _import_path(host: str) -> str:
    """Return `import-path` for a root of source packages, also with the end of another string before it."""
    root = max((root for root in IMPORT_ROOTS if host.endswith(root)), key=len)
    return "" if host[: -len(root)].endswith(".") else "import-path"


_RISES: Final = re.compile("[a-z][A-Z]")


def is_by_chance(raw: str, before: bytes, after: bytes) -> bool:
    """Tell whether a name is so short, and so little like a string, that code or packed data made it.

    A string ends at a zero, a quote, white space or a sign; or its length, or the tag of the next, stands beside it.
    """
    mixed = raw not in (raw.lower(), raw.upper())
    if mixed and min(before[-1:], after[:1]) >= b"\x80" and len(_RISES.findall(raw)) > 1:
        return True  # `wpnEDfnC.cn` in a table; Chinese text around a name is as bare, but writes `TaoBao.com` at most
    last = raw.rpartition(".")[2]
    if last[:1].islower() and last != last.lower():
        return True  # `a.gI`, `1G.oOOOP1G.m1G.mO`
    if len(raw) > (9 if mixed else 6):
        return False
    if len(raw) <= 4 and raw.isupper() and not (_is_closing(before[-1:]) and _is_closing(after[:1])):
        return True
    if mixed and len(raw) <= 5 and raw[-2].isupper() != raw[-1].isupper():
        return True  # `e.Kr`, `i.Am`: abbreviations and sentences
    if before[-1:] == bytes([len(raw)]):
        return False
    return not (_is_text(before[-1:]) and _is_text(after[:1]))


def _is_closing(edge: bytes) -> bool:
    return edge in b"\"'` \t\r\n\x00=/:,@()"


def _is_text(edge: bytes) -> bool:
    return not edge or edge in _TEXT_EDGES


_HEADS_AS_WELL: Final = words("app dev info")
"""Domains of which names are written in reverse, and heads of hosts at the same time."""


def _is_reversed(labels: list[str]) -> bool:
    if labels[0] not in REVERSED_ROOTS or len(labels) < 3:
        return False
    if labels[0] in _HEADS_AS_WELL and labels[-1] in REVERSED_ENDS and labels[-1] != "net":
        return False  # `app.eu.vendor.com`; `net` is a name of packages as well
    return labels[-1] not in REVERSED_ENDS or (len(labels[0]) > 2 and len(labels) > 3)


def _in_code(raw: str, labels: list[str], before: bytes, after: bytes, level: int) -> bool:
    left, right = before[-1:], after[:1]
    if right == b"(" and (level or len(labels[0]) == 1 or (labels[0] in PROGRAM_HEADS and len(labels) > 2)):
        return True
    if raw != raw.lower() and raw != raw.upper() and re.search(r"[a-z][A-Z]", raw) and level:
        return True
    short = len(labels) == 2 and (len(labels[0]) <= 2 or labels[0] in PROGRAM_HEADS)
    touched = (left in _CODE_LEFT and left != b"") + (right in _CODE_RIGHT and right != b"")
    if short and touched > (len(labels[0]) > 2):
        return True  # `a.cn=1`, `=this.cn;`
    if len(labels) == 2 and (
        (short and after == b" =") or (_VARIABLE.match(raw) and _ends_value(labels, before, after))
    ):
        return True  # `this.org = item.org`, `= accountItem.org;`
    return (
        bool(level)
        and labels[0].rstrip("0123456789") in PROGRAM_HEADS
        and not (left and left in _QUOTES and right in _QUOTES and len(labels) > 2)
    )


def _ends_value(labels: list[str], before: bytes, after: bytes) -> bool:
    """Tell whether a name stands bare before the end of an expression, below no suffix that most hosts have."""
    bare = before[-1:] in (b" ", b"(", b"=") and after[:1] in (b";", b")", b",")
    return bare and labels[-1] not in ("cn", "com", "net")


_VARIABLE: Final = re.compile("[a-z]{3,}[A-Z][a-z]")
_PORT_ALONE: Final = 3
"""The level of suffixes below which hardly a host was ever seen."""


def _has_evidence(labels: list[str], before: bytes, after: bytes, level: int) -> bool:
    left, right = before[-1:], after[:1]
    if level == 0:
        return True
    quoted = (left == b"" or left in _QUOTES) and (right == b"" or right in _QUOTES)
    delimited = (left == b"" or left in _VALUE_EDGES) and (right == b"" or right in _VALUE_EDGES)
    port = right == b":" and after[1:2].isdigit()
    if level == _PORT_ALONE:
        return port
    hostlike = len(labels) > 2 and _HOST_HEADS.fullmatch(labels[0]) is not None
    if level == 1:
        return delimited and (
            quoted or port or hostlike or (len(labels[-2]) > 2 and right not in b"(=[" and left not in b")].")
        )
    if hostlike and delimited and _heads_hosts(labels[0]):
        return True
    named = any(char.isdigit() or char == "-" for char in labels[-2])
    return port or (quoted and len(labels) > 2 and named)


_DOUBTS: Final = frozenset(("class-name", "file-name", "person-name", "property-chain", "sentence"))
"""Reasons that a look at the name gives; that its owner is known outweighs them."""
_PACKAGE_ROOTS: Final = (
    REVERSED_ROOTS - words("app apple dev info") - frozenset(root for root in REVERSED_ROOTS if len(root) == 2)
)
_NAMED_FILES: Final = FILE_TLDS - words("ai dev ink mobi")
"""Of these, what files of a program are named after its maker or part: `coolkit.cc`, `eye4.so`, `doh.pub`."""
_WHOLE_EDGES: Final = _QUOTES + bytes(range(1, 32))
_TOLD_LEFT: Final = _WHOLE_EDGES + b" ,;<>|([{=:@*#" + bytes(range(0x80, 0x100))
_TOLD_RIGHT: Final = _WHOLE_EDGES + b" ,;<>|)]}:/?.!" + bytes(range(0x80, 0x100))
_SPACES: Final = (b"", b" ", b"\t", b"\r", b"\n")
_SHORT: Final = 3
"""Letters of a registered name that programs write as often, if not between spaces: `ac.fun`, `3.cn`, `mi.me`."""


def is_doubted(reason: str) -> bool:
    """Tell whether a name that was refused for `reason` is worth asking `is_known` about."""
    return reason in _DOUBTS


def is_known(raw: str, before: bytes, after: bytes, known: AbstractSet[str]) -> bool:
    """Tell whether a doubted name is at or below one of the `known` hosts, and nothing beside it says otherwise.

    `a-disp.coolkit.cc` between two zeros or in a sentence is Coolkit's gateway. `before` and `after` are the (at most
    three and two) bytes beside it. Names of nothing but words of programs (`t.me`), and those as short, have to be a
    whole text; `could_be_another` names those for which the texts around decide.
    """
    name = raw.lower()
    if not is_owned(name, known):
        return False
    labels = name.split(".")
    if name not in known and (labels[0] in _PACKAGE_ROOTS or PROGRAM_HEADS.issuperset(labels[:-1])):
        return False
    if _ends_text(before[-1:], len(name)) and _ends_text(after[:1]):
        return True
    return raw in (name, raw.upper()) and _is_told(labels, before, after)


def _is_told(labels: list[str], before: bytes, after: bytes) -> bool:
    """Tell whether the signs beside a name are those of a sentence, a list or a setting, and none of a program's."""
    registered = labels[-suffix_length(labels) - 1]
    spaced = before[-1:] in _SPACES and after[:1] in _SPACES
    telling = labels[-1] in TELLING_TLDS and (len(registered) > 1 or registered.isdigit())
    shortest = 1 if telling else 2 if spaced and labels[-1] not in SOURCE_TLDS else _SHORT + 1
    if len(registered) < shortest or registered in PROGRAM_HEADS or (labels[0] in PROGRAM_HEADS and not spaced):
        return False
    left, right = before[-1:], after[:1]
    if (left and left not in _TOLD_LEFT) or (right and right not in _TOLD_RIGHT):
        return False
    if after in (b" =", b" (", b" +") or (right == b"." and after[1:].isalnum()):
        return False
    if left == b"(" and (labels[0] in REVERSED_ROOTS or before[-2:-1].isalnum()):
        return False
    return labels[-1] not in FILE_TLDS or (left != b"<" and right not in (b":", b"/"))


def could_be_another(name: str) -> bool:
    """Tell whether a known name could be a file or a public suffix: what else stands around it decides."""
    labels = name.split(".")
    return (len(labels) == 2 and labels[-1] in _NAMED_FILES) or name in suffix_list().private


_SHADING: Final = re.compile(
    rb"\b[biu]?vec[234][fhiu]?\s?\(|\b[biu]?(?:vec|mat)[234][fhiu]?\s+\w|:\s?(?:vec[234]|mat[234]x[234])[fhiu]\b|\b[mM]at[234]\s?\(|\bgl_[A-Z]"
    rb"|\b(?:texture(?:2D|Cube|Lod)?|normalize|dot|cross|mix|clamp|pow|floor|length|sampler\w+)\s?\(|[)\]]\.xyz(?![A-Za-z0-9_-])"
    rb"|[\w)\]]\.(?:xy|yz|xz|zw|xyzw|xxx|yyy|zzz|zyx|xzy|yxz|yzx|rgb|rgba|w)(?![A-Za-z0-9_-])"
    rb"|\.(?:mul|div|add|sub|assign|addAssign|mulAssign)\(\s"
)
"""What programs of a graphics processor hold: vectors, their functions, and their components in any order."""


def could_be_components(name: str) -> bool:
    """Tell whether a name could be three components of a vector in such a program: `worldPosition.xyz`."""
    return name.endswith(".xyz")


def is_components(text: bytes, start: int, end: int) -> bool:
    """Tell whether the name at `[start, end)` of `text` stands bare in a program that calculates with vectors."""
    if text[start - 1 : start] in _BARE_NOT or text[end : end + 1] in _QUOTED_OR_PORT:
        return False
    before, after = text[:start], text[end:]
    assigned = _AUGMENTED.match(after) or (after[:1] == b";" and before[-1:] == b" " and before.rstrip()[-1:] == b"=")
    return bool(assigned) or _SHADING.search(before + b" " + after) is not None


_AUGMENTED: Final = re.compile(rb"\s?[*/+-]=\s")
_QUOTED_OR_PORT: Final = (b'"', b"'", b"`", b":")
_BARE_NOT: Final = (*_QUOTED_OR_PORT, b"/", b"@")
_NAMES_NEAR: Final = re.compile(rb"(?<![A-Za-z0-9_.-])[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)+(?![A-Za-z0-9_-])")
_SOURCES: Final = {"cc": words("c cc cpp cxx h hh hpp hxx")}


def other_than_host(name: str, text: bytes, known: AbstractSet[str]) -> str:
    """Return the reason to refuse a name of `could_be_another` for the text around it, or "".

    Files of its kind make it one more of them, two more public suffixes one of a list.
    """
    near = {found.decode("ascii").lower() for found in _NAMES_NEAR.findall(text)} - {name}
    private = suffix_list().private
    if name in private and len(near & private) > 1:
        return "bare-suffix"
    endings = _SOURCES.get(last := name.rpartition(".")[2], frozenset((last,)))
    files = (other for other in near if other.rpartition(".")[2] in endings)
    return "file-name" if last in _NAMED_FILES and not all(is_owned(other, known) for other in files) else ""


def is_owned(name: str, known: AbstractSet[str]) -> bool:
    """Tell whether a name is at or below one of the `known` hosts."""
    while "." in name:
        if name in known:
            return True
        name = name.partition(".")[2]
    return False


def _ends_text(edge: bytes, length: int = -1) -> bool:
    """Tell whether a byte ends a text: nothing, a quote, a control character, or the length in front of a text."""
    return not edge or edge in _WHOLE_EDGES or edge[0] == length


_QUAD_CONTEXT: Final = re.compile(
    rb"(?<![a-z])(?:ver(?:sion)?|v|rev|release|build|firmware|fw|hw|sdk|lib[\w+-]*|\bso|driver|controller|rfc|section|chapter|oid)(?:\s(?:is|of|was)|=[A-Za-z]{1,12})?[\s\"':=_./(-]{0,4}$",
    re.IGNORECASE,
)
_ADDRESS_WORD: Final = re.compile(
    rb"(?:(?<!scr)ip|addr|host|server|dns|gateway|gw|ntp|target|peer|remote|url|syslog|ping|mount|dhcp|bind|listen|alias|subnet|route)"
    rb"[\w\"' :=\[\](>,.-]{0,24}$",
    re.IGNORECASE,
)
_PRODUCT: Final = re.compile(rb"[\"'>]\s{0,4}((?:[A-Z][A-Za-z0-9+-]* ){2,6})$")
_AN_ADDRESS: Final = re.compile(
    rb"\b(?:ip|address|host|server|dns|gateway|gw|ntp|target|peer|remote|url|syslog|ping|mount|dhcp|bind|alias|subnet|route)",
    re.IGNORECASE,
)
"""`<description>GeoWorks Pro 1.2.8.2`: a text of capitalised words before a version; `Primary DNS` is no product."""
_ADDRESS_BEFORE: Final = re.compile(rb"(?<![\d.])(?:10|3[2-9]|[4-9]\d|[12]\d\d)(?:\.\d{1,3}){3}[\x00 ,;]{1,4}$")
"""A quad too big for a version, right before: what follows in a list of addresses is one too."""


_CURVE_BEFORE: Final = re.compile(rb"[\d.][achlmqstvz]-?\d*\.\d[\d\s.,achlmqstvz-]*$", re.IGNORECASE)
_CURVE_AFTER: Final = re.compile(rb"[achlmqstv][\d.-]", re.IGNORECASE)
_CURVE_POINTS: Final = re.compile(rb"(?:\.\d+){4}[\s,]$")
"""Paths of SVG write `.09.38.81.81c.58-.11`: decimals without a leading zero, one behind the other."""
_SIGNED_BEFORE: Final = re.compile(
    rb"(?:(?<!\.\d)(?<!\.\d\d)(?<!\.\d\d\d)-\.\d|-\.\d+(?:\.\d|-))[\d\s.,-]*$|[\"'>]M-?\d*\.\d[\d\s.,-]*[\s,-]$",
    re.IGNORECASE,
)
_SIGNED_AFTER: Final = re.compile(
    rb"(?:[\s,]?-?\d*\.\d++)*(?:-\.\d+(?:\.\d|[achlmqstvz-])|[\s,]-?\d*\.\d+[achlmqstv][\d.-])|[\d\s.,-]*[\s,]-\.\d",
    re.IGNORECASE,
)
"""Numbers alone between the address and a `-.72`, `-.35.37` or the next command of a path; `.1-.9` is a range."""
_NUMBERS_BEFORE: Final = re.compile(rb"[\d ,.-]*$")
_NUMBERS_AFTER: Final = re.compile(rb"[\d ,.-]*")
_DECIMALS: Final = re.compile(rb"(?<![\d.])\d+(?:\.\d+){2}(?![\d.])")
_DECIMAL: Final = re.compile(rb"(?<![\d.])\d*\.\d+(?![\d.])")
"""`1.08.55`, two numbers of a path, and `25.53`, one: between them stands no address."""

_SECTION_SIGN: Final = re.compile(
    rb"(?:(?:\xc2|(?<![\x80-\xff]))\xa7(?:\s|\xc2\xa0)?|\bspec(?:ification)? )$", re.IGNORECASE
)
_SECTION_BEFORE: Final = re.compile(rb"[/*#] ?$")
_SECTION_AFTER: Final = re.compile(rb" (?:/ [\d.]+ )?[A-Z]\w*(?:\.\w|\()")
"""Comments name the section that defines what follows: `// 20.2.2.33 Math.tanh(x)`."""

_OBJECT_ARCS: Final = (
    *("2.5.4.", "2.5.29.", "2.5.8.", "1.3.101.", "1.3.14.", "1.3.132.", "1.3.36."),
    *("2.23.42.", "2.23.43.", "2.23.133.", "2.23.136.", "2.23.140."),
)
"""Attribute types, certificate extensions, curves: X.520, RFC 5280, RFC 8410, SEC 2, TeleTrusT; SET, WAP, TCG, ICAO,
the CA/Browser Forum."""
_OBJECTS: Final = frozenset(("1.3.6.1", "1.2.250.1", "1.2.40.0"))
"""The internet (RFC 1155), and the members France and Austria: what below them is cut off is left as an address."""
_OBJECT_HEADS: Final = ([1, 2], [1, 3], [2, 5], [2, 16], [2, 23])
"""Arcs that nearly all object identifiers begin with."""
_OBJECT: Final = re.compile(rb"(?<![\d.])[0-2]\.\d{1,2}(?:\.\d{1,9}){3,}(?![\d.])")
"""A chain of numbers too long for an address."""


def refuse_quad(value: str, before: bytes, after: bytes) -> str:
    """Return the reason to refuse the dotted address `value`, or ""; `before` and `after` hold up to 40 bytes."""
    if reason := _of_more(before, after):
        return reason
    octets = [int(part) for part in value.split(".")]
    if value == "0.0.0.0" or (octets[0] == 255 and octets[1] in (0, 255)):  # noqa: S104
        return "netmask"
    if octets[0] in (0, 127):
        return "loopback-address" if octets[0] else "version-number"
    if before.endswith(b"://") or (after[:1] == b":" and after[1:2].isdigit()) or value in KNOWN_RESOLVERS:
        return ""
    if value in _OBJECTS or value.startswith(_OBJECT_ARCS):
        return "object-identifier"
    if octets[:2] in _OBJECT_HEADS and (_OBJECT.search(before) or _OBJECT.search(after)):
        return "object-identifier"  # one in a list of them
    if _SECTION_SIGN.search(before) or (_SECTION_BEFORE.search(before) and _SECTION_AFTER.match(after)):
        return "section-number"
    return "version-number" if _is_version(octets, before, after) else ""


def _of_more(before: bytes, after: bytes) -> str:
    """Return what a quad is part of, by the bytes that touch it."""
    if before[-1:] in (b".", b"-", b"_") and before[-2:-1].isalnum():
        return "object-identifier" if before[-2:-1].isdigit() else "version-number"
    if before[-1:].isalpha() or before[-1:].isdigit():
        return "version-number"
    if _is_drawn(before, after):
        return "drawing"
    if after[:1] in (b".", b"-", b"_") and after[1:2].isalnum():
        return "object-identifier" if after[:1] == b"." else "version-number"
    return "letters-by-chance" if not _is_text(before[-1:]) and after[:1].isalpha() else ""


def _is_drawn(before: bytes, after: bytes) -> bool:
    curve = _CURVE_AFTER.match(after) or _CURVE_BEFORE.search(before) or _CURVE_POINTS.search(before)
    signed = curve or _SIGNED_BEFORE.search(before) or _SIGNED_AFTER.match(after)
    return bool(signed) or (before[-1:] == b"." and before[-2:-1] != b".") or _is_among_decimals(before, after)


def _is_among_decimals(before: bytes, after: bytes) -> bool:
    """Tell whether single decimals and pairs of them stand on the line of a quad, with numbers alone between."""
    ahead, behind = _NUMBERS_BEFORE.search(before), _NUMBERS_AFTER.match(after)
    numbers = (ahead.group() if ahead else b"") + b"  " + (behind.group() if behind else b"")
    return _DECIMALS.search(numbers) is not None and _DECIMAL.search(numbers) is not None


_MULTICAST: Final = range(224, 240)


def _is_version(octets: list[int], before: bytes, after: bytes) -> bool:
    if octets[0] in _MULTICAST:
        return False  # groups that devices announce themselves to; no version is that high
    if _QUAD_CONTEXT.search(before):
        return True
    if after[:1] == b"/" and after[1:2].isdigit() and (octets[0] == 10 or octets[2:] == [0, 0]):
        return False
    if octets[2:] == [0, 0] and not _is_private(octets) and not _ADDRESS_WORD.search(before):
        return True
    if max(octets) < 32 and (named := _PRODUCT.search(before)) and not _AN_ADDRESS.search(named.group(1)):
        return octets[0] != 10
    if max(octets) >= 32 or _ADDRESS_WORD.search(before) or _ADDRESS_BEFORE.search(before):
        return False
    return octets[0] != 10 or (octets[1:3] == [0, 0] and octets[3] == 0)


def _is_private(octets: list[int]) -> bool:
    return octets[0] == 10 or (octets[0] == 172 and 16 <= octets[1] < 32) or octets[:2] in ([192, 168], [169, 254])


def scope_of(address: str) -> str:
    """Return `private`, `link-local`, `multicast`, `reserved`, `documentation`, or "" for a public address."""
    parsed = ipaddress.ip_address(address)
    if any(parsed in block for block in _DOCUMENTATION if block.version == parsed.version):
        return "documentation"
    for name in ("multicast", "link_local", "private", "reserved"):
        if getattr(parsed, f"is_{name}"):
            return name.replace("_", "-")
    return ""


_DOCUMENTATION: Final = tuple(
    map(ipaddress.ip_network, ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32"))
)
