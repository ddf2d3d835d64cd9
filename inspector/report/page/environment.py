"""The gate for HTML: one Jinja environment, autoescape always on, and a policy that lets only the page's code run.

The policy names the page's style sheet and script by hash and allows nothing else but inline pictures: text from an
artifact that slipped through escaping could neither run nor fetch anything. Links, attributes and scripts never hold
such text; tables reach the script as JSON with `<`, `>` and `&` written as escapes.
"""

import base64
import hashlib
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from inspector.report.countries import country_name
from inspector.report.language import Words

INVISIBLE = {code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0))}
INVISIBLE |= {
    code: f"\\u{code:04x}" for code in (*range(0x200B, 0x2010), *range(0x2028, 0x202F), *range(0x2060, 0x2070), 0xFEFF)
}
INVISIBLE |= {code: f"\\u{code:04x}" for code in (*range(0xD800, 0xE000), 0x061C)}


def visible(text: object, most: int = 4000) -> str:
    r"""Return the text with control, bidi and zero-width characters written out as `\x1b`, cut to `most` characters."""
    shown = str(text).translate(INVISIBLE)
    return shown if len(shown) <= most else shown[: most - 1] + "…"


@cache
def environment() -> Environment:
    """Return the environment; templates come from the package."""
    made = Environment(
        loader=PackageLoader("inspector.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.finalize = _finalize
    made.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "separators": (",", ":")}
    return made


def _finalize(value: object) -> object:
    """Every value that a template writes passes here: text that is not markup of ours becomes visible characters."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def page(template: str, words: Words, **values: Any) -> str:
    """Return a whole page; `words`, `country` and `policy` are there for every template."""
    style, script = _asset("style.css"), _asset("page.js")
    policy = (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    return (
        environment()
        .get_template(template)
        .render(
            t=words,
            country=lambda code: country_name(code, words.language),
            policy=policy,
            style=Markup(style),  # noqa: S704 - our own file
            script=Markup(script),  # noqa: S704 - our own file
            **values,
        )
    )


@cache
def _asset(name: str) -> str:
    return (files("inspector.report") / "templates" / name).read_text(encoding="utf-8")


@cache
def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
