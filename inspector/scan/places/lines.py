"""The key that holds a value, read from the text before it; every step is linear in that text."""

import re
from typing import Final

_ASSIGNED: Final = re.compile(
    r"(?:^|[\s;{&?])(?:export |readonly |local |set )?([A-Za-z_@][\w.\-\[\]/@:]{0,79}) {0,8}\t?"
    r"(?::?=|\+=|:(?!//|\d{1,5}\s)) {0,8}[\"'(\[]?[^;=]*$"
)
_HOSTS: Final = re.compile(r"^\s{0,40}((?:\d{1,3}\.){3}\d{1,3}|(?=[^\s]{0,39}:)[\dA-Fa-f:.]{2,45})\s")
_ITEM: Final = re.compile(r"^(\s{0,40})-\s{1,8}[\"']?(?:[a-z+]{2,10}://)?$")
_LISTED: Final = re.compile(r"^(\s{0,40})(?:- )?[\"']?([A-Za-z_][\w.\-]{0,79})[\"']?\s{0,8}:\s{0,8}(?:#.*)?$")
_UCI: Final = re.compile(r"^\s{0,40}(?:option|list)\s{1,8}([\w-]{1,80})\s")
_DIRECTIVE: Final = re.compile(r"^\s{0,40}(?:set\s{1,8})?([A-Za-z_.][\w.+/-]{0,60})\s")
_ATTRIBUTE: Final = re.compile(r"([\w:.-]{1,80})\s?=\s?(?:\"[^\"]*|'[^']*)$")
_NAMING: Final = re.compile(r"\s(?:android:)?(?:name|id|key)\s?=\s?[\"']([^\"']{1,80})[\"']")
_NAMED: Final = re.compile(r"<name\b[^<>]{0,80}>\s{0,8}([^<>]{1,80}?)\s{0,8}</name>\s{0,40}$", re.IGNORECASE)
_NESTING: Final = re.compile(r"<(/?)dict>|<key>([^<]{0,80})</key>")
_CALL: Final = re.compile(r"([A-Za-z_$][\w$.]{0,60}) ?[=:(] ?[\"'`][^\"'`]*$")
_LINE: Final = 256


def config_key(line: str) -> str:
    """Return the key, UCI option or directive at the head of a configuration line that ends where the value begins.

    In a line of a hosts file that is the address which the name stands for.
    """
    line = line[-_LINE:]
    for pattern in (_UCI, _HOSTS, _ASSIGNED, _DIRECTIVE):
        if match := pattern.search(line):
            return match.group(1)
    return ""


def list_key(before: str, line: str) -> str:
    """Return the YAML key whose list the item that begins in `line` belongs to; empty where it is no item."""
    item = _ITEM.match(line)
    if item is None:
        return ""
    for above in reversed(before[: len(before) - len(line)].splitlines()):
        listed = _LISTED.match(above)
        if listed and len(listed.group(1)) <= len(item.group(1)):
            return listed.group(2)
    return ""


def json_key(text: str) -> str:
    """Return the last member name before the end of `text`; a value in an array counts to the array's name."""
    colon = len(text)
    while (colon := text.rfind(":", 0, colon)) > 0:
        head = text[:colon].rstrip()
        if head.endswith('"') and (start := head.rfind('"', 0, -1)) >= 0:
            return head[start + 1 : -1][:80]
    return ""


def markup_key(text: str) -> str:
    """Return the attribute, plist key, named element (`string/api_host`) or element around the end of `text`.

    A `value` is called by the name that stands in front of it, in the same tag or in an element of its own.
    """
    tag_at = text.rfind("<")
    tag = text[tag_at + 1 :] if tag_at >= 0 else ""
    if ">" not in tag:
        match = _ATTRIBUTE.search(tag[-_LINE:])
        named = _NAMING.search(tag[-_LINE:]) if match and match.group(1).lower() == "value" else None
        return (named or match).group(1) if match else ""
    opening = tag.partition(">")[0]
    name = opening.split(None, 1)[0] if opening.strip() else ""
    if name == "key":
        return _dictionary_key(text[:tag_at]) or name
    if name == "string" and (close := text.rfind("</key>", 0, tag_at)) >= 0:
        return text[text.rfind(">", 0, close) + 1 : close][:80]
    if name.lower() == "value" and (named := _NAMED.search(text[max(0, tag_at - _LINE) : tag_at])):
        return named.group(1)
    match = _NAMING.search(opening[:_LINE])
    return f"{name}/{match.group(1)}"[:120] if match else name[:80].strip("/")


def _dictionary_key(text: str) -> str:
    """Return the plist key whose dictionary is open at the end of `text`: `NSExceptionDomains` over a host."""
    inner = 0
    tokens = list(_NESTING.finditer(text))
    for index in range(len(tokens) - 1, 0, -1):
        if tokens[index].group(2) is not None:
            continue
        inner += 1 if tokens[index].group(1) else -1
        if inner < 0:
            return tokens[index - 1].group(2) or ""
    return ""


def code_name(line: str) -> str:
    """Return the variable, property or function that a quoted literal at the end of `line` is given to."""
    match = _CALL.search(line[-_LINE:])
    return match.group(1) if match else ""
