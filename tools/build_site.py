"""Make the documentation site out of docs/: `python tools/build_site.py [FOLDER]` (or `make site`).

Static HTML that works from a disk: one style sheet, no scripts, nothing from the network. The navigation is the tree of
`docs/`: its own pages in the order of `index.md`, then one group for each folder.
"""

import re
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).parents[1]
STYLE = Path(__file__).with_name("site.css")
GROUPS = {"guides": "Guides", "reference": "Reference"}
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} – inspector</title>
<link rel="stylesheet" href="{up}style.css">
</head>
<body>
<a class="skip" href="#content">Skip to the text</a>
<nav aria-label="Pages">{navigation}</nav>
<main id="content">
{body}</main>
</body>
</html>
"""


@dataclass(frozen=True)
class Page:
    """One page; `name` is its path below `docs/` with the suffix `.html`."""

    name: str
    title: str
    tokens: list[Token]


def slug(heading: str) -> str:
    """Return the id of a heading, as the forges make it."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def build(docs: Path, folder: Path) -> int:
    """Write the site into `folder`, which is made where it is missing; return the number of pages."""
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    pages = [_read(parser, path, docs) for path in _ordered(docs)]
    for page in pages:
        up = "../" * page.name.count("/")
        _prepare(page.tokens, page.name, docs)
        body = parser.renderer.render(page.tokens, parser.options, {})
        body = body.replace("<table>", '<div class="wide" tabindex="0"><table>').replace("</table>", "</table></div>")
        text = PAGE.format(title=escape(page.title), up=up, navigation=_navigation(pages, page, up), body=body)
        target = folder / page.name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    for path in sorted(docs.rglob("*")):
        if path.is_file() and path.suffix != ".md":
            target = folder / path.relative_to(docs)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
    shutil.copyfile(STYLE, folder / "style.css")
    return len(pages)


def _ordered(docs: Path) -> list[Path]:
    """Return index.md, the pages it names in its order, the others of its folder, then each folder by name."""
    index = docs / "index.md"
    named = [docs / link for link in re.findall(r"\]\(([\w./-]+\.md)\)", index.read_text(encoding="utf-8"))]
    own = [index, *(path for path in named if path.parent == docs), *sorted(docs.glob("*.md"))]
    deeper = sorted(path for path in docs.rglob("*.md") if path.parent != docs)
    return list(dict.fromkeys([*own, *deeper]))


def _read(parser: MarkdownIt, path: Path, docs: Path) -> Page:
    tokens = parser.parse(re.sub(r"^<!--.*?-->\s*", "", path.read_text(encoding="utf-8"), flags=re.DOTALL))
    titles = [tokens[at + 1] for at, token in enumerate(tokens) if token.type == "heading_open" and token.tag == "h1"]
    title = _text(titles[0]) if titles else path.stem
    return Page(path.relative_to(docs).with_suffix(".html").as_posix(), title, tokens)


def _text(inline: Token) -> str:
    return "".join(child.content for child in inline.children or ())


def _prepare(tokens: Sequence[Token], name: str, docs: Path) -> None:
    """Give headings their ids, and let links lead to pages of the site; what lies outside becomes plain text."""
    for at, token in enumerate(tokens):
        if token.type == "heading_open":
            token.attrSet("id", slug(_text(tokens[at + 1])))
        open_links: list[bool] = []
        for child in token.children or ():
            if child.type == "link_open":
                target = _target(str(child.attrGet("href")), name, docs)
                open_links.append(target is not None)
                child.tag = "a" if target is not None else "span"
                child.attrs = {"href": target} if target is not None else {}
            elif child.type == "link_close":
                child.tag = "a" if open_links.pop() else "span"


def _target(link: str, name: str, docs: Path) -> str | None:
    """Return where a link of the page leads within the site, or None where the site does not hold its target."""
    parts = urlsplit(link)
    if parts.scheme or not parts.path:
        return link
    inside = (docs / name).parent.joinpath(parts.path).resolve()
    if not inside.is_relative_to(docs.resolve()) or not inside.is_file():
        return None
    return re.sub(r"\.md$", ".html", parts.path) + (f"#{parts.fragment}" if parts.fragment else "")


def _navigation(pages: Sequence[Page], here: Page, up: str) -> str:
    groups: dict[str, list[str]] = {}
    for page in pages:
        folder = page.name.rpartition("/")[0]
        current = ' aria-current="page"' if page is here else ""
        entry = f'<li><a href="{up}{page.name}"{current}>{escape(page.title)}</a></li>'
        groups.setdefault(folder, []).append(entry)
    text = []
    for folder, entries in groups.items():
        title = f"<p>{escape(GROUPS.get(folder, folder.capitalize()))}</p>" if folder else ""
        text.append(f"{title}<ul>{''.join(entries)}</ul>")
    return "".join(text)


def main() -> None:
    """Build into the folder that is named, or into `site/`."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "site"
    count = build(ROOT / "docs", folder)
    print(f"{count} pages: {folder / 'index.html'}")


if __name__ == "__main__":
    main()
