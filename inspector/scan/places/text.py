"""Places in text: configuration, JSON, markup, scripts, prose.

Limits: a key is looked for in at most `REACH` bytes before its value.
"""

import re
from abc import abstractmethod
from collections.abc import Iterable
from typing import ClassVar, Final

from inspector.formats.reader import Reader
from inspector.model.artifact import Artifact
from inspector.model.observation import Context, Presence
from inspector.scan.base import Place, Placer
from inspector.scan.places.block_lists import BlockLists
from inspector.scan.places.lines import code_name, config_key, json_key, list_key, markup_key
from inspector.scan.places.package_json import Members
from inspector.scan.places.surroundings import BY_PATH, SET_BY_PATH, hit_context, whole_leaf_context

REACH: Final = 512
_COMMENT: Final = re.compile(
    # Not `#!`; not `//server/share`, whose server is the hit; not the first field of a crontab; not an option.
    r"^\s*(?:#(?!!)|;|//(?!$)|\*(?!/\d|\s+(?:[\d*][\d,*/-]*\s+){4})|/\*|--(?![A-Za-z][\w-]*[ =])|<!--|REM\b|dnl\b)"
    r"|(?:^|\s)(?:#|//)\s[^\"']*$"
)
_BLOCK_OPEN: Final = re.compile(r"(?:/\*(?!.*\*/)|<!--(?!.*-->))", re.DOTALL)
_NOWHERE: Final = r"(?:0\.0\.0\.0|127\.0\.0\.1|::1?)"
_BLOCKED: Final = (
    (re.compile(rf"^\s{{0,8}}{_NOWHERE}\s{{1,16}}(?:[\w.-]{{1,80}}\s{{1,8}}){{0,3}}$"), re.compile(r"(?![\w.-])")),
    (
        re.compile(r"^\s{0,8}address=/(?:[^/\s]{1,80}/){0,8}$"),
        re.compile(rf"(?:/[^/\s]{{1,80}}){{0,8}}/(?:{_NOWHERE}|#)?\s*$"),
    ),
    (
        re.compile(r"^\s{0,8}(?:server|local)=/(?:[^/\s]{1,80}/){0,8}$"),
        re.compile(r"(?:/[^/\s]{1,80}){0,8}/\s*$"),
    ),
    (
        re.compile(r"^\s{0,8}local-zone:\s{1,4}\"?$"),
        re.compile(r"\.?\"?\s{1,8}(?:always_)?(?:nxdomain|refuse|null|deny|nodata|static)\b"),
    ),
    (re.compile(r"\b(?:ip|nft)\s[^;&|!]{0,120}\b[sd]addr\s$"), re.compile(r"[^;&|\r\n!]{0,60}\s(?:drop|reject)\b")),
    (re.compile(r"\bufw\s(?:deny|reject)\s[^;&|]{0,60}$"), re.compile(r"(?![\w.-])")),
    (re.compile(r"^\s{0,4}\|\|(?:[\w-]{1,60}\.){0,6}$"), re.compile(r"(?:[\^/$]|\s*$)")),
    (re.compile(r"^(?:[\w.-]{1,80},){0,8}$"), re.compile(r"(?:,[\w.-]{1,80}){0,8}#[?@$]?#")),
    (re.compile(r"\broute\sadd\s(?:blackhole|unreachable|prohibit)\s$"), re.compile(r"(?![\w.-])")),
    (re.compile(r"^\s{0,8}address\s{1,4}/(?:[^/\s]{1,80}/){0,8}$"), re.compile(r"(?:/[^/\s]{1,80}){0,8}/#\s*$")),
    (
        re.compile(r"^\s{0,8}(?:- )?[\"']?(?:DOMAIN|HOST|IP-CIDR)[\w-]{0,8},\s?(?:[\w-]{1,60}\.){0,6}$", re.IGNORECASE),
        re.compile(r"(?:/\d{1,3})?,\s?REJECT\b", re.IGNORECASE),
    ),
)
"""What stands before and behind a name or address that a line blocks: hosts files that lead it nowhere, name servers
that do not answer for it, packet filters that drop it, proxies, lists for browsers (`||host^`, `h##.ad`)."""
_SIGNS: Final = (
    *("0.0.0.", "127.0.0.1", "::", "address=/", "server=/", "local=/", "local-zone", "||"),
    *("address /", "DOMAIN", "HOST", "host", "IP-CIDR"),
    *("addr ", "route add ", "ufw ", "-d ", "-s ", "--dst ", "--src ", "--destination ", "--source "),
)
"""One of these stands before whatever is blocked, but for `host##.ad`."""
_AIMED: Final = re.compile(r"\s(?:-d|-s|--dst|--src|--destination|--source)\s{1,4}$")
_DROPS: Final = re.compile(r"[^;&|\r\n!]{0,120}\s-j\s{1,4}(?:DROP|REJECT)\b")
_IN_HOST: Final = r"(?:\^|https?://)?(?:[\w*-]{0,60}\\?\.){0,6}[*]?"
"""What stands in front of the part of a pattern that is taken for a host."""
_PATTERN_END: Final = r"(?::\d{1,5})?(?:/[^\s\"'|)]{0,120})?[*$]{0,2}"
_COMPARED: Final = (
    (
        re.compile(rf"(?:(?:^|[\s;&|!(])\[\[?|\btest)\s[^;&|]{{0,160}}\s(?:==?|!=|=~)\s{{1,4}}[\"']?{_IN_HOST}$"),
        re.compile(rf"{_PATTERN_END}[\"']?(?:\s|$|;)"),
    ),
    (
        re.compile(rf"(?:(?:^|[\s;&|!(])\[\[?|\btest)\s{{1,4}}(?:!\s)?[\"']?{_IN_HOST}$"),
        re.compile(rf"{_PATTERN_END}[\"']?\s{{1,4}}(?:==?|!=)\s"),
    ),
    (
        re.compile(
            r"(?:^|[\s;&|!(/])[ef]?grep\s{1,4}(?:-\w{1,12}\s{1,4}){0,6}"
            r"(?:\"[^\"$`]{0,160}|'[^']{0,160}|(?!-)[^\s\"'$`;&|]{0,80})$"
        ),
        re.compile(r""),
    ),
)
"""What stands before and behind a name that a script compares with another, or looks for."""
_CASE: Final = re.compile(
    rf"(?:\bcase\s[^;\n]{{1,120}}\sin|;;&?|;&)\s{{1,80}}\(?(?:[\w*?.\"'\[\]-]{{1,60}}\s{{0,4}}\|\s{{0,4}}){{0,12}}[\"']?{_IN_HOST}$"
)
"""What stands before a pattern of `case`: the word `in`, or the end of another branch."""
_BRANCH: Final = re.compile(rf"{_PATTERN_END}[\"']?(?:\s{{0,4}}\|\s{{0,4}}[^\s|()]{{1,80}}){{0,12}}\s{{0,4}}\)")
_URL: Final = re.compile(r"[\w*]+://[^\s\"'<>]*")
"""Patterns of addresses, `https://*.example.com/*`, hold what opens a comment elsewhere."""


class TextPlacer(Placer):
    """Shared by all text: the format's own reading of the text before a hit, unless the surroundings say more."""

    RUNS: ClassVar = False
    """Whether the text is a program."""

    def places(self, artifact: Artifact, data: Reader, hits: Iterable[tuple[int, int]]) -> list[Place]:
        """Return one place for each hit; a comment is documentation."""
        whole = whole_leaf_context(artifact)
        if whole and artifact.format == "documentation":
            return [Place(whole) for _ in hits]
        found = [self._place(data, start, end) for start, end in hits]
        return [_by_path(place, whole) for place in found] if whole else found

    def _place(self, data: Reader, start: int, end: int) -> Place:
        if context := hit_context(data, start, end, runs=self.RUNS):
            return Place(context)
        low = max(0, start - REACH)
        before = data.read_upto(low, start - low).decode("utf-8", "replace")
        line = before[max(before.rfind("\n"), before.rfind("\r")) + 1 :]
        if _COMMENT.search(line) or _BLOCK_OPEN.search(_URL.sub("", before) if "/*" in before else before):
            return Place(Context.DOCUMENTATION, key="comment")
        after = data.read_upto(end, 160)
        if _is_blocked(line, after) or self.passes_over(before, line, after):
            return Place(Context.DOCUMENTATION, key="blocked")
        return self.read(before, line)

    def passes_over(self, before: str, line: str, after: bytes) -> bool:  # noqa: ARG002
        """Tell whether the text names the hit for another purpose than to use it."""
        return False

    @abstractmethod
    def read(self, before: str, line: str) -> Place:
        """Return the place of a hit behind `before`, of which `line` is the last line."""


def _is_blocked(line: str, after: bytes) -> bool:
    """Tell whether the line of a hit, `after` of which is what follows it, keeps the device from that host."""
    if after[:1] not in (b"#", b",") and not any(map(line.__contains__, _SIGNS)):
        return False
    behind = after.partition(b"\n")[0].decode("utf-8", "replace")
    return _is_dropped(line, behind) or any(tail.match(behind) and head.search(line) for head, tail in _BLOCKED)


def _is_dropped(line: str, behind: str) -> bool:
    """Tell whether a rule of iptables drops what goes to or comes from the hit; `! -d` would let it through alone."""
    if _DROPS.match(behind) is None or _AIMED.search(line) is None:
        return False
    command = line[max(map(line.rfind, ";&|")) + 1 :]
    return "!" not in command and ("tables " in command or command.lstrip().startswith("-A "))


def _is_compared(before: str, line: str, after: bytes) -> bool:
    """Tell whether a shell only compares the hit with something, looks for it, or has it as a pattern of `case`."""
    behind = after.partition(b"\n")[0].decode("utf-8", "replace")
    command = line[max(map(line.rfind, ("$(", "`"))) + 1 :]
    if ("[" in line or "test " in line or "grep" in line) and any(
        tail.match(behind) and head.search(command) for head, tail in _COMPARED
    ):
        return True
    return ")" in behind and _BRANCH.match(behind) is not None and _CASE.search(before) is not None


def _by_path(place: Place, context: Context) -> Place:
    """Return a place in what its path calls no program or settings; what is a comment at that is one either way."""
    return Place(context, key={Context.CODE: BY_PATH, Context.CONFIG: SET_BY_PATH}.get(place.context, ""))


class ConfigPlacer(TextPlacer):
    """INI, UCI, properties, nginx, dnsmasq, resolv.conf, ntp.conf, YAML: a key and its value on a line."""

    FORMATS: ClassVar = ("config",)

    def read(self, before: str, line: str) -> Place:
        """Return the key at the head of the line, or of the list that the line is an item of."""
        return Place(Context.CONFIG, Presence.CONFIGURED, list_key(before, line) or config_key(line))


TYPE_KEY: Final = "printedName"
"""Under this name the description of a Swift module (`*.abi.json`) holds types: `Foundation.Data`."""


class JsonPlacer(TextPlacer):
    """JSON: the name of the member."""

    FORMATS: ClassVar = ("json",)

    def places(self, artifact: Artifact, data: Reader, hits: Iterable[tuple[int, int]]) -> list[Place]:
        """Return one place for each hit; who made a package, from what, and what is blocked, is documentation."""
        spans = list(hits)
        members, lists = Members(artifact.inner or artifact.name, data), BlockLists(data)
        return [
            place._replace(context=Context.DOCUMENTATION)
            if members.of_the_making(start) or lists.holds(start)
            else place
            for place, (start, _) in zip(super().places(artifact, data, spans), spans, strict=True)
        ]

    def read(self, before: str, line: str) -> Place:  # noqa: ARG002
        """Return the innermost member name before the value."""
        key = json_key(before)
        if key.endswith(TYPE_KEY):
            return Place(rejected="class-name")
        return Place(Context.CONFIG, Presence.CONFIGURED, key)


class MarkupPlacer(TextPlacer):
    """XML, property lists, TR-069 data models, HTML: attribute, element or key."""

    FORMATS: ClassVar = ("xml", "plist", "html")

    def places(self, artifact: Artifact, data: Reader, hits: Iterable[tuple[int, int]]) -> list[Place]:
        """Return one place for each hit; a page's links are code, an XML value is configuration."""
        found = super().places(artifact, data, hits)
        if artifact.format != "html":
            return found
        return [Place(Context.CODE, Presence.STRING, p.key) if p.context is Context.CONFIG else p for p in found]

    def read(self, before: str, line: str) -> Place:  # noqa: ARG002
        """Return the attribute, named element or plist key."""
        return Place(Context.CONFIG, Presence.CONFIGURED, markup_key(before))


class CodePlacer(TextPlacer):
    """JavaScript, Python, Lua, PHP: the program itself uses the constant."""

    FORMATS: ClassVar[tuple[str, ...]] = ("script", "javascript")
    RUNS: ClassVar = True

    def read(self, before: str, line: str) -> Place:  # noqa: ARG002
        """Return the variable or call that takes the literal, or the command at the head of the line."""
        return Place(Context.CODE, Presence.REFERENCED, code_name(line) or config_key(line[-200:]))


class ShellPlacer(CodePlacer):
    """Shell: the program itself uses the constant, unless it only compares it."""

    FORMATS: ClassVar[tuple[str, ...]] = ("shell",)

    def passes_over(self, before: str, line: str, after: bytes) -> bool:
        """Tell whether the hit is only compared, or looked for."""
        return _is_compared(before, line, after)


class ProsePlacer(TextPlacer):
    """Text of no known kind: with a key it is configuration, otherwise a string."""

    FORMATS: ClassVar = ("text", "documentation", "pem")

    def read(self, before: str, line: str) -> Place:  # noqa: ARG002
        """Return an assigned key if there is one."""
        key = (
            config_key(line)
            if "=" in line or line.lstrip().startswith(("nameserver", "server", "option", "list"))
            else ""
        )
        return Place(Context.CONFIG, Presence.CONFIGURED, key) if key else Place()
