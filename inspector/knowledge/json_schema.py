"""The JSON Schema of signature files, made from the tables that the loader itself goes by.

Limits: what one file cannot show (a path that differs from the id, a pattern that stands twice) is the linter's work.
"""

from typing import Any, Final

from inspector.knowledge.schema import (
    COUNTRY,
    ID,
    INDICATOR_KEYS,
    INDICATOR_KINDS,
    REFERENCE_KEYS,
    REFERENCE_KINDS,
    SENSITIVITIES,
    SIGNATURE_KEYS,
    SUBJECT_KINDS,
    VENDOR_KEYS,
)
from inspector.model.knowledge import Confidence, Limb

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
TEXT: Final[dict[str, Any]] = {"type": "string", "minLength": 1}
PATTERN: Final[dict[str, Any]] = {"type": ["string", "integer"]}
"""AS numbers may stand without quotes; the loader takes every scalar as text."""
EXAMPLES: Final[dict[str, Any]] = {"type": "array", "items": PATTERN, "minItems": 1}
DAY: Final[dict[str, Any]] = {"type": "string", "pattern": r"^\d{4}(-\d{2}(-\d{2})?)?$"}
COUNTRY_CODE: Final[dict[str, Any]] = {"type": "string", "pattern": f"^{COUNTRY.pattern}$"}
TEXTS: Final[dict[str, Any]] = {"type": "array", "items": TEXT}
DESCRIPTIONS: Final = {
    "any": "Patterns; each alone is a hit. How they match depends on `kind`.",
    "caveats": "Sentences that a fair report must add.",
    "confidence": "high: enough alone; medium: needs a second kind of sign; low: only adds to a finding.",
    "disputed": "Why the ownership is contested.",
    "domicile": "Seat of the legal entity and its controlling group, ISO 3166-1 alpha-2.",
    "group": "Controlling group; the vendor itself where absent.",
    "hosting": "Where the service or address is, ISO 3166-1 alpha-2; absent means unknown.",
    "limbs": "What a subject of this kind can do by its nature.",
    "operator": "Who operates the service where that is not the vendor.",
    "since": "Since when under this control.",
}


def signature_schema(categories: list[str]) -> dict[str, Any]:
    """Return the schema of one file: a subject, a vendor (`_vendor.yaml`) or `categories.yaml`."""
    own = _values(categories)
    references = {"type": "array", "items": {"$ref": "#/$defs/reference"}}
    lists = {"references": references, "indicators": {"type": "array", "items": {"$ref": "#/$defs/indicator"}}}
    subject = own | lists | {"kind": {"enum": list(SUBJECT_KINDS)}}
    indicator = own | {
        "kind": {"enum": list(INDICATOR_KINDS)},
        "references": {**TEXTS, "minItems": 1},
        "examples": _object(
            {"match": True, "no_match": True},
            {"match": EXAMPLES, "no_match": EXAMPLES},
        ),
    }
    by_kind = [
        _object(REFERENCE_KEYS[kind], own | {"kind": {"const": kind}, "name": TEXT, "id": TEXT})
        for kind in REFERENCE_KINDS
    ]
    return {
        "$schema": DIALECT,
        "title": "Signature file of inspector, schema 1",
        "oneOf": [{"$ref": f"#/$defs/{name}"} for name in ("subject", "vendor", "categories")],
        "$defs": {
            "subject": _object(SIGNATURE_KEYS, subject | {"id": _pattern(f"^{ID.pattern}/{ID.pattern}$")}),
            "vendor": _object(VENDOR_KEYS, own | lists),
            "indicator": _object(INDICATOR_KEYS, indicator),
            "reference": {"oneOf": by_kind},
            "categories": _categories(),
        },
    }


def _values(categories: list[str]) -> dict[str, dict[str, Any]]:
    return {
        "schema": {"const": 1},
        "id": _pattern(f"^{ID.pattern}$"),
        "names": TEXTS,
        "domicile": COUNTRY_CODE,
        "hosting": COUNTRY_CODE,
        "category": {"enum": sorted(categories)},
        "limbs": {"type": "array", "items": {"enum": list(Limb)}, "uniqueItems": True},
        "caveats": TEXTS,
        "confidence": {"enum": list(Confidence)},
        "any": EXAMPLES,
        "read": DAY,
        "date": DAY,
    }


def _object(keys: dict[str, bool], values: dict[str, dict[str, Any]]) -> dict[str, Any]:
    properties = {}
    for key in keys:
        value = values.get(key, TEXT)
        properties[key] = {**value, "description": DESCRIPTIONS[key]} if key in DESCRIPTIONS else value
    return {
        "type": "object",
        "properties": properties,
        "required": [key for key, required in keys.items() if required],
        "additionalProperties": False,
    }


def _categories() -> dict[str, Any]:
    one = _object(
        {"title": True, "sensitivity": True, "description": True}, {"sensitivity": {"enum": list(SENSITIVITIES)}}
    )
    table = {"type": "object", "additionalProperties": one}
    return _object({"schema": True, "categories": True}, {"schema": {"const": 1}, "categories": table})


def _pattern(pattern: str) -> dict[str, Any]:
    return {"type": "string", "pattern": pattern}
