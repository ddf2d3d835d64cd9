"""The report's own words in English and Czech, and the profile's fixed sentences in Czech.

Terms of the warning of 3 September 2025 follow its Czech wording. What comes from the knowledge (summaries, caveats) is
in Czech where it is one of the sentences that many entries share. A sentence that the phrase table does not know stays
English, and the page marks it as that.
"""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

LONGEST_PHRASE: Final = 600
"""Longer sentences are not matched: a profile from elsewhere may hold anything."""


class Words:
    """The words of one language. Unknown keys raise `KeyError`: a missing translation is a bug, not a blank."""

    def __init__(
        self, language: str, entries: Mapping[str, str], phrases: tuple[tuple[re.Pattern[str], str], ...]
    ) -> None:
        self.language = language
        self._entries = entries
        self._phrases = phrases

    def __call__(self, key: str, /, **values: object) -> str:
        """Return the text of a dotted key with `{name}` filled in; the values are not parsed further."""
        text = self._entries[key]
        return re.sub(r"\{(\w+)\}", lambda found: str(values[found[1]]), text) if values else text

    def has(self, key: str) -> bool:
        """Tell whether the key exists; words for open lists (formats, kinds) fall back to the raw value."""
        return key in self._entries

    def term(self, group: str, value: str) -> str:
        """Return the word for one value of an open list, or the value itself."""
        return self._entries.get(f"{group}.{value}", value)

    def number(self, value: int) -> str:
        """Return the number with the language's thousands separator (a narrow no-break space in Czech)."""
        return f"{value:,}" if self.language == "en" else f"{value:,}".replace(",", "\u202f")

    def percent(self, share: float) -> str:
        """Return a share of 1 as per cent, rounded down as in the verdict: what is short of all never reads 100 %."""
        shown = int(share * 1000) / 10
        text = f"{shown:.1f}".removesuffix(".0")
        return f"{text}%" if self.language == "en" else f"{text.replace('.', ',')} %"

    def count(self, key: str, number: int, **values: object) -> str:
        """Return `key` in the plural form of the number: one, few (2 to 4, Czech) or many; `{n}` is the number."""
        few = 2 <= number <= 4 and self.language == "cs"
        form = "one" if number == 1 else "few" if few else "many"
        return self(f"{key}.{form}", n=self.number(number), **values)

    def sentence(self, english: str) -> tuple[str, str]:
        """Return a sentence of the profile and the language that it is now in."""
        if self.language == "en" or len(english) > LONGEST_PHRASE:
            return english, "en"
        for pattern, text in self._phrases:
            found = pattern.fullmatch(english)
            if found:
                return self._filled(text, found.groupdict()), self.language
        return english, "en"

    def _filled(self, text: str, groups: Mapping[str, str | None]) -> str:
        values = {name: self._translated(name.rstrip("2"), value or "") for name, value in groups.items()}
        return re.sub(r"\{(\w+)\}", lambda found: values[found[1]], text)

    def _translated(self, name: str, value: str) -> str:
        if name == "rest":
            return self.sentence(value)[0]
        if name in ("rating", "presence", "what"):
            return self.term(name, value)
        if name == "limbs":
            return self("and").join(self.term("limb", limb.replace(" ", "-")) for limb in value.split(" and "))
        if name == "subject":
            called, _, whose = value.partition(" (")
            value = f"{self.sentence(called)[0]} ({whose}" if whose else value
        for old, new in _IN_GROUP.get(name, ()):
            value = re.sub(old, new, value)
        return value


_IN_GROUP: Final = {
    "subject": ((r"\(an unknown operator\b", "(neznámý provozovatel"),),
    "percent": ((r"\.", ","), ("%", " %")),
    "size": ((",", "\u202f"),),
    "vendors": (
        ("an unknown operator", "neznámý provozovatel"),
        (r"(\d+) more$", r"další (\1)"),
        (r", endpoint (?:hosted|registered|hosted or registered) in ([A-Z]{2})\)", r", koncový bod v \1)"),
        (" and ", " a "),
    ),
    "where": (
        (r" registered in ([A-Z]{2})\b", r" (registrace \1)"),
        (r" in ([A-Z]{2})\b", r" (\1)"),
        (", operator ", ", provozovatel "),
    ),
}
"""What is put into Czech inside a group of a phrase, by the group's name."""


@cache
def words(language: str) -> Words:
    """Return the words of a language in `presentation.LANGUAGES`."""
    folder = files("inspector.report") / "locale"
    table = tomllib.loads((folder / f"{language}.toml").read_text(encoding="utf-8"))
    phrases = tuple((re.compile(entry["english"]), entry["text"]) for entry in table.pop("phrase", []))
    return Words(language, dict(_flat(table, "")), phrases)


def _flat(table: Mapping[str, Any], prefix: str) -> list[tuple[str, str]]:
    found = []
    for key, value in table.items():
        if isinstance(value, str):
            found.append((prefix + key, value))
        else:
            found += _flat(value, f"{prefix}{key}.")
    return found
