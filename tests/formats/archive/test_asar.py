import json
from base64 import b85decode
from struct import pack
from zlib import decompress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.errors import Malformed, NotThisFormat
from inspector.extract.archive.asar import Asar
from inspector.formats.layout import MemberKind
from inspector.formats.reader import BufferReader
from tests.formats.promise import every_flip, every_prefix, files, keeps_its_promise, unpack

ORIGINAL = decompress(
    b85decode(
        b"c-p0sO^X{b42I{hP*{5CZ}6#wkoZIX%B{EF_gH$6WjUE<G81;Dux-eHuP5Dha|>w<2H6sR^~mo-(=;C*n&y4o@9I8^(sn$G^-"
        b"=KtF#Vi^vHitjEf-=aW#mb$g%k_X_7iWO+dn1PZH5|e_ci(S<+HY~R%~(H)-"
        b"#(V2|&kCNRfhwB^96$qbn(D&>k5SgM*l&0YZp2MwNW9It6R%OQ{=Z_jGOpR0Jd8^{zJh^?reGr_)00vF(@N$2VY5|4Zy-us%}`9KfXz39@Ia"
        b"b0{vB6cp%$0i&dpeUeC8dKW=S0CX{fze;?!z?t}fw8ITo=%IhZR^|d5)GgddJ}XnjNIK(H@sy1WUMKbmOH|r;YgO<blfqCKVk}v5U`C|^%B$"
        b"RW3!J&fXPQa=89n2K%hX=Xz+Rf&!YwoKo{G}a$vS2g3}YaW1}u9MB72sWlJwRPCgTC?J(Oswca=>*>AKtR7C6tKYx~`++vl)0{@4Gfc{Mcj<"
        b"IwT48#W)scA5_3dbOf%_>q_Vg8M^FQNI$O9*?5OJ<p#nPLD4)uiun%Q-S"
    )
)
"""`asar pack` of @electron/asar 3.4.1: a program, a text, 50 bytes in a folder, a link, an empty file."""


def build(tree: dict, content: bytes) -> bytes:
    text = json.dumps(tree, separators=(",", ":")).encode()
    padded = text + bytes(-len(text) % 4)
    return pack("<4I", 4, len(padded) + 8, len(padded) + 4, len(text)) + padded + content


def test_output_of_the_original_packer():
    assert files(Asar(), ORIGINAL + b"behind") == {
        "main.js": b'console.log("https://cloud.example.cn/")\n',
        "package.json": b'{"name":"a"}\n',
        "src/data.bin": b"x" * 50,
        "empty": b"",
    }
    span, _, members = unpack(Asar(), ORIGINAL + b"behind")
    assert len(span) == len(ORIGINAL)
    assert [(m.path, m.target) for m in members if m.kind is MemberKind.SYMLINK] == [("src/link.js", "main.js")]
    every_prefix(Asar(), ORIGINAL)
    every_flip(Asar(), ORIGINAL)


def test_file_beside_the_archive_is_named():
    blob = build({"files": {"big.node": {"size": 7, "unpacked": True}, "a": {"size": 1, "offset": "0"}}}, b"a")
    by_path = {m.path: m for m in unpack(Asar(), blob)[2]}
    assert by_path["big.node"].open is None
    assert by_path["big.node"].notes == ("kept beside the archive",)


@pytest.mark.parametrize(
    "entry", [{"size": 9, "offset": "0"}, {"size": 1, "offset": "99"}, {"size": 2**70, "offset": "0"}]
)
def test_files_behind_the_end(entry):
    blob = build({"files": {"a": entry}}, b"a")
    try:
        (member,) = unpack(Asar(), blob)[2]
    except Malformed:
        return
    assert member.size < 10


def test_deep_and_odd_lists():
    with pytest.raises((NotThisFormat, Malformed)):
        unpack(Asar(), build({"files": {}}, b"").replace(b'{"files":{}}', b'{"files":[[[['))
    deep: dict = {"size": 1, "offset": "0"}
    for _ in range(200):
        deep = {"files": {"d": deep}}
    assert files(Asar(), build(deep, b"x"))["d/" * 199 + "d"] == b"x"
    text = b'{"files":' * 50_000 + b"1" + b"}" * 50_000
    with pytest.raises(Malformed):
        unpack(Asar(), pack("<4I", 4, len(text) + 8, len(text) + 4, len(text)) + text + b"    ")
    for odd in ({"files": {"a": 5, "b": {"offset": True, "size": [1]}, "c": {"files": 3}}}, {"files": 7}):
        keeps_its_promise(Asar(), build(odd, b"abc"))


@given(st.binary(max_size=300))
def test_any_bytes(raw):
    keeps_its_promise(Asar(), pack("<4I", 4, 300, 290, 280) + b'{"files":' + raw)
    with pytest.raises(NotThisFormat):
        Asar().measure(BufferReader(b"\0" * 20 + raw), 0)
