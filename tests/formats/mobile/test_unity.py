from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.errors import Encrypted, FormatError, LimitReached, Malformed, NotThisFormat, Unsupported
from inspector.extract.leaf import leaf_format
from inspector.extract.mobile.frameworks import UnityBundle
from inspector.formats.mobile import unityfs
from inspector.formats.mobile.unity_assets import texts
from inspector.formats.mobile.unityfs import parse_unityfs
from inspector.formats.reader import BufferReader
from inspector.model.artifact import Artifact
from inspector.model.observation import Kind
from inspector.scan import SCANNERS, scan_leaf
from inspector.scan.base import ScanNotes
from tests.builders.frameworks import build_unity_assets, build_unityfs
from tests.formats.promise import every_flip, every_prefix, files, keeps_its_promise, unpack

NOISE = Random(5).randbytes(300_000)
TEXTS = ["https://cfg.planted.cn/list", "mqtt.planted.cn!", "x" * 0x61, "d1.planted-two.cn", "no endpoint"]
ASSETS = build_unity_assets(TEXTS)
FILES = {"CAB-1": ASSETS, "CAB-1.resS": NOISE, "empty": b""}
SMALL = build_unityfs({"a": ASSETS})


@pytest.mark.parametrize("version", [6, 7, 8])
@pytest.mark.parametrize("codec", [0, 1, 2, 3])
@pytest.mark.parametrize(("at_end", "filled"), [(False, False), (True, False), (False, True), (True, True)])
def test_files_of_a_bundle(version, codec, at_end, filled):
    blob = build_unityfs(FILES, version=version, codec=codec, at_end=at_end, filled=filled)
    span, contents, members = unpack(UnityBundle(), b"prefix" + blob + b"suffix", 6)
    assert (len(span), contents.properties["engine"]) == (len(blob), "2022.3.10f1")
    assert files(UnityBundle(), blob) == FILES
    noise = members[1].open(1 << 20)
    assert noise.read_at(0x1FFF0, 64) == NOISE[0x1FFF0:0x20030]
    assert bytes(noise.slice(5, 9).all()) == NOISE[5:9]


def test_a_large_file_is_decoded_where_it_is_read(monkeypatch):
    monkeypatch.setattr(unityfs, "AT_ONCE", 1000)
    assert files(UnityBundle(), build_unityfs(FILES)) == FILES
    noise = unpack(UnityBundle(), build_unityfs(FILES))[2][1].open(1 << 20)
    assert noise.read_at(0x1FFF0, 64) == NOISE[0x1FFF0:0x20030]
    assert bytes(noise.slice(5, 9).all()) == NOISE[5:9]


def test_encrypted_and_unknown_bundles_are_named():
    head = bytearray(SMALL)
    flags = 8 + 4 + len(b"5.x.x\0" + b"2022.3.10f1\0") + 16
    head[flags + 2] |= 0x04
    (member,) = parse_unityfs(BufferReader(bytes(head))).members
    assert isinstance(member.problem, Encrypted)
    for at, value, error in ((11, 99, Unsupported), (flags + 3, 0x03, Unsupported), (flags + 3, 0x44, Unsupported)):
        with pytest.raises(error):
            parse_unityfs(BufferReader(SMALL[:at] + bytes([value]) + SMALL[at + 1 :]))
    with pytest.raises(Malformed):
        parse_unityfs(BufferReader(SMALL[:-1]))
    with pytest.raises(NotThisFormat):
        parse_unityfs(BufferReader(b"UnityFS\0" + bytes(20)))


def test_a_file_past_the_allowance_is_not_decoded():
    blob = build_unityfs({"zeros": bytes(1 << 20)})
    (member,) = parse_unityfs(BufferReader(blob)).members
    with pytest.raises(LimitReached):
        member.open(1 << 19)


def test_a_block_that_claims_too_much_is_refused():
    claims = build_unityfs({"a": b"xy" * 40}, codec=0)
    at = claims.index(b"\0\0\0\x50\0\0\0\x50\0\0")
    blob = claims[:at] + b"\x7f\0\0\0" + claims[at + 4 :]
    for member in parse_unityfs(BufferReader(blob)).members:
        with pytest.raises(FormatError):
            member.open(1 << 40).all()


def test_prefixes_and_damage_give_values_or_typed_errors():
    for sample in (SMALL, build_unityfs({"a": ASSETS}, codec=1, at_end=True)):
        every_prefix(UnityBundle(), sample, 150)
        every_flip(UnityBundle(), sample, 300)


@given(st.binary(max_size=200))
def test_any_bytes(tail):
    keeps_its_promise(UnityBundle(), SMALL[:40] + tail)
    found = list(texts(BufferReader(ASSETS[:80] + tail)))
    assert found == sorted(found)


@pytest.mark.parametrize("version", [17, 21, 22])
def test_texts_of_objects_that_touch_stay_apart(version):
    blob = build_unity_assets(TEXTS, version)
    assert leaf_format(BufferReader(blob), "level0") == "unity-assets"
    assert [blob[text.start : text.end].decode() for text in texts(BufferReader(blob))] == [
        text for text in TEXTS if "." in text or ":" in text
    ]
    found = scan_leaf(Artifact("a", "unity-assets", "level0"), BufferReader(blob), SCANNERS, ScanNotes())
    assert {one.observable.value for one in found if one.observable.kind is Kind.HOSTNAME} == {
        *("cfg.planted.cn", "mqtt.planted.cn", "d1.planted-two.cn"),
    }


def test_other_files_are_no_serialized_ones():
    for blob in (b"\0" * 200, b"\0" * 8 + b"\0\0\0\x11" + bytes(200), NOISE):
        assert leaf_format(BufferReader(blob), "level0") == "data"
