"""Is a URL that speaks of updates one that a device asks, or a page about the product for its readers?

Homepages of firmware projects, their repositories, issues and manuals hold the same words as the place that the
firmware comes from.
"""

import re
from typing import Final

_UPDATES: Final = re.compile(rb"[/._-](?:f?ota|fwup)[/._0-9-]|\bf?ota\d?[.-]|firmware|upgrade|upd(?:ate)?[./_?-]")
_PAGE: Final = re.compile(
    # Code hosts serve files below these words only; without one of them the page is the project's.
    rb"https?://(?:www\.)?(?:github\.com|gitlab\.com|gitee\.com|bitbucket\.org|codeberg\.org)/"
    rb"(?!.{0,200}?/(?:releases|raw|archive|downloads?|-/packages|latest)(?:/|$))"
    rb"|https?://(?:docs?|wiki|forum)\.[^/]{1,200}/(?!.{0,280}\.(?:bin|img|zip|json|xml|gz|ota|hex|apk)$)"
    rb"|https?://[^/]{1,200}/(?:.{0,200}/)?(?:documentation|wiki|forum|blog)/"
)
_HOMEPAGE: Final = re.compile(rb"\s{0,8}\"?(?:homepage|home-page|vcs-\w{1,12})\"?\s{0,4}:\s", re.IGNORECASE)
"""Fields of packages (Debian, Python, npm) that name the project's page."""


def is_asked(text: bytes, start: int, end: int) -> bool:
    """Tell whether the URL at `text[start:end]` may be where updates come from, by itself and by its line's head."""
    address = text[start:end].partition(b"#")[0].lower()
    if not _UPDATES.search(address) or _PAGE.match(address):
        return False
    return _HOMEPAGE.match(text[:start]) is None or re.fullmatch(rb"https?://[^/]{1,253}/?", address) is None
