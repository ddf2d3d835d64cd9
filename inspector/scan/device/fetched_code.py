"""Does a script run or install what it has just fetched? Looks at the commands behind a download, on later lines too.

On the line itself any command that makes executable, runs or unpacks counts. On later lines it has to name the file:
the last part of the URL, or what `-O`, `-o`, `-r`, `-l` or `>` gave as its name.
Limits: `REACH` bytes behind the download are read; a variable is followed where a URL is all that it is given.
"""

import re
from typing import Final

REACH: Final = 1000
"""Bytes behind a download that are looked at: some twenty lines."""
_SHELLS: Final = rb"(?:(?:/usr)?/bin/)?(?:(?:ba|a|da|z)?sh|source|\.|insmod|python\d?|perl|php)"
_INSTALLERS: Final = (
    rb"(?:/[\w/]{1,40}/)?(?:sysupgrade|flashcp|nandwrite|mtd(?:_write)?|opkg|ipkg|dpkg|rpm|apk\s{1,4}add|pm\s{1,4}install"
    rb"|fw_?(?:update|upgrade|flash))"
)
_FLASH: Final = rb"of=/dev/(?:mtd|mmcblk|nand|ubi)"
_OVER_ALL: Final = rb"-C[ \t]{0,2}/(?![\w.])"
"""Unpacked over the whole system."""
_MADE_EXECUTABLE: Final = rb"chmod\s{1,4}(?:[ugoa]{0,4}[+=][rwst]{0,3}x|[0-7]?7[0-7]{2})"
_ANY: Final = re.compile(
    rb"(?:;|&&)\s{0,4}(?:" + _MADE_EXECUTABLE + rb"|(?:ba|a)?sh\s|insmod\s|tar\s|unzip\s|mtd\s)"
    rb"|\|\s{0,4}tar\s[^\r\n;|]{0,80}" + _OVER_ALL
)
_GIVEN_NAME: Final = re.compile(
    rb"(?:\s-(?:O|o|r|l)|--output(?:-document)?)[\s=]{0,2}[\"']?([^\s\"';|&>]{1,120})|>\s{0,2}[\"']?([^\s\"';|&>]{1,120})"
)
_BASE_NAME: Final = re.compile(rb"://[^/\s?#]{1,253}(?:/[^/\s?#\"']{0,120}){0,12}/([^/\s?#\"';|&]{1,80})")
_LINE: Final = re.compile(rb"[^\r\n\x00]*")
ASSIGNED: Final = rb"\s{0,16}(?:(?:export|local|readonly)\s{1,4})?"
"""What stands before the name of a variable that a line of a script gives a value to."""
_GIVEN: Final = re.compile(ASSIGNED + rb"([A-Za-z_]\w{0,30})=[\"']?([^\s\"']+)")
_FETCHES: Final = re.compile(rb"(?<![\w-])(?:curl|wget)\s[^\r\n;&]{1,400}")
PIPED: Final = rb"\|\s{0,4}(?:sudo\s)?(?:/bin/)?(?:ba|a|da|z)?sh\b"
"""What hands a command's output to a shell."""
_PIPED: Final = re.compile(PIPED)


def runs_fetched(text: bytes, start: int, end: int) -> bool:
    """Tell whether what the download at `text[start:end]` fetched is run, or made executable, behind it.

    `text` goes on behind the download's own line for at most `REACH` bytes and ends where the string does.
    """
    line = _LINE.match(text, start)
    rest = text[end : line.end() if line else end]
    if _ANY.search(rest):
        return True
    command = text[start : end + len(rest)].partition(b";")[0].partition(b"&&")[0]
    behind = text[end : end + REACH].partition(b"\0")[0]
    return any(_is_run(name, behind) for name in _names(command))


def runs_assigned(text: bytes, start: int, end: int) -> bool:
    """Tell whether the URL that `text[start:end]` gives to a variable is fetched through it, and run."""
    given = _GIVEN.match(text[start:end])
    if given is None:
        return False
    name, url = given.groups()
    used = re.compile(rb"\$(?:\{" + name + rb"\}|" + name + rb"(?![A-Za-z0-9_]))")
    behind = used.sub(lambda _: url, text[end : end + REACH].partition(b"\0")[0])
    for command in _FETCHES.finditer(behind):
        line = command.group()
        if url in line and (_PIPED.search(line) or runs_fetched(behind, *command.span())):
            return True
    return False


def _names(command: bytes) -> set[bytes]:
    """Return the names under which the file may be used later, without folders; `-` is the standard output."""
    given = {group for match in _GIVEN_NAME.finditer(command) for group in match.groups() if group}
    names = {name.rpartition(b"/")[2] for name in given} or set(_BASE_NAME.findall(command))
    return {name for name in names if name.strip(b"-.$&1234567890") or name.isalnum()}


def _is_run(name: bytes, behind: bytes) -> bool:
    if name not in behind:
        return False
    word = rb"(?<![\w.-])" + re.escape(name) + rb"(?![\w.-])"
    begin = rb"(?:^|[\r\n;&|`(]|\bthen\s|\bdo\s)[ \t]{0,16}(?:(?:sudo|nohup|exec|busybox)[ \t]{1,4}){0,2}"
    argument = rb"[ \t]{1,4}(?:[^\r\n;|&]{0,120}[\s\"'/])?[\"']?"
    return any(
        re.search(pattern + word, behind)
        for pattern in (
            _MADE_EXECUTABLE + argument,
            begin + _SHELLS + argument,
            begin + rb"[\"']?[\w.$/{}-]{0,80}/",
            begin + _INSTALLERS + argument,
            begin + rb"dd[ \t](?=[^\r\n;|&]{0,160}" + _FLASH + rb")[^\r\n;|&]{0,80}if=[\"']?[\w.$/{}-]{0,80}",
            begin + rb"tar(?=[ \t][^\r\n;|&]{0,160}" + _OVER_ALL + rb")" + argument,
        )
    )
