"""The document that a scan writes is the one that the model reads."""

import json
from pathlib import Path

import pytest

from inspector.model.profile import ExposureProfile

SAMPLES = sorted((Path(__file__).parents[2] / "samples").glob("*/*.bin"))


def declared(model, value, where="profile"):
    """Return keys of the document that the model does not declare."""
    extra = []
    if hasattr(type(model), "model_fields"):
        extra += [f"{where}.{key}" for key in model.model_extra or {}]
        for name in type(model).model_fields:
            extra += declared(getattr(model, name), None, f"{where}.{name}")
    elif isinstance(model, tuple):
        for item in model[:20]:
            extra += declared(item, None, where)
    return extra


@pytest.mark.parametrize("path", SAMPLES, ids=lambda p: p.stem)
def test_the_document_validates_and_goes_round(path, inspect_path):
    document = inspect_path(path)
    profile = ExposureProfile.model_validate(document)
    assert declared(profile, document) == []
    again = json.loads(profile.model_dump_json(by_alias=True))
    assert ExposureProfile.model_validate(again) == profile


@pytest.mark.parametrize("path", SAMPLES, ids=lambda p: p.stem)
def test_the_partition_sums_to_the_size(path, inspect_path):
    document = inspect_path(path)
    assert sum(document["coverage"]["partition"].values()) == document["artifact"]["size"]


def test_every_field_of_the_schema_says_what_it_holds():
    schema = ExposureProfile.model_json_schema(by_alias=True)
    models = {"profile": schema} | schema["$defs"]
    for name, model in models.items():
        for field, described in model["properties"].items():
            words = described.get("description") or schema["$defs"][described["$ref"].rpartition("/")[2]]["description"]
            assert words.endswith((".", "…")), f"{name}.{field}"
