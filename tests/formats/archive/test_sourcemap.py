"""Source maps: of terser and esbuild, and by hand."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.errors import LimitReached, Malformed, NotThisFormat
from inspector.extract.archive.sourcemap import SourceMap
from inspector.formats.reader import BufferReader
from tests.formats.promise import every_flip, every_prefix, files, keeps_its_promise, unpack

OF_TERSER = (
    b'{"version":3,"names":["name","console","log","camera","id","region"],"sourceRoot":"https://src.examp'
    b'le.cn/","sources":["src/main.js","src/net/config.js"],"sourcesContent":["// The cloud of the device.'
    b'\\nimport { name } from \\"./net/config.js\\";\\nconsole.log(name, camera.id);\\n","export const name = \\'
    b'"https://cloud.example.cn/v1\\";\\n/* see https://docs.example.cn/ */\\nexport const region = { id: 1 }'
    b';\\n"],"mappings":"OACSA,SAAY,kBACrBC,QAAQC,IAAIF,KAAMG,OAAOC,WCFlB,MAAMJ,KAAO,qCAEb,MAAMK,OAAS,CAAED'
    b',GAAI","ignoreList":[]}'
)
"""`terser --module --source-map includeSources,root=…` of terser 5.51.4."""
OF_ESBUILD = (
    b'{\n  "version": 3,\n  "sources": ["../src/net/config.js", "../src/main.js"],\n  "sourcesContent": ["exp'
    b'ort const name = \\"https://cloud.example.cn/v1\\";\\n/* see https://docs.example.cn/ */\\nexport const '
    b'region = { id: 1 };\\n", "// The cloud of the device.\\nimport { name } from \\"./net/config.js\\";\\ncon'
    b'sole.log(name, camera.id);\\n"],\n  "mappings": ";;;;;;;;;;;;;;;;;;;AAAA,MAAa;AAAb;AAAA;AAAO,MAAM,OAAO'
    b';AAAA;AAAA;;;ACApB;AAAA;AACA;AACA,cAAQ,IAAI,MAAM,OAAO,EAAE;AAAA;AAAA;",\n  "names": []\n}\n'
)
"""`esbuild --bundle --sourcemap` of esbuild 0.28.2."""
MAIN = b'// The cloud of the device.\nimport { name } from "./net/config.js";\nconsole.log(name, camera.id);\n'
CONFIG = (
    b'export const name = "https://cloud.example.cn/v1";\n/* see https://docs.example.cn/ */\n'
    b"export const region = { id: 1 };\n"
)


def test_output_of_the_bundlers():
    assert files(SourceMap(), OF_TERSER) == {
        "src/main.js": MAIN,
        "src/net/config.js": CONFIG,
        "sources.txt": b"https://src.example.cn/\nsrc/main.js\nsrc/net/config.js",
    }
    assert files(SourceMap(), OF_ESBUILD) == {
        "src/net/config.js": CONFIG,
        "src/main.js": MAIN,
        "sources.txt": b"../src/net/config.js\n../src/main.js",
    }


def test_names_lie_inside_and_apart():
    sources = ["webpack:///../../etc/a.ts?1f", "webpack:///./etc/a.ts", None, "C:\\src\\b.css", "..", 7]
    one = {"version": 3, "sources": sources, "sourcesContent": ["1", "2", "3", "4", "5", "6", "7", None, 8]}
    _, _, members = unpack(SourceMap(), json.dumps(one).encode())
    assert [(m.path, m.format) for m in members][:-1] == [
        ("etc/a.ts", ""),
        ("etc/a.ts~2", "javascript"),
        ("source-2", ""),
        ("src/b.css", ""),
        ("source-4", ""),
        ("source-5", ""),
        ("source-6", ""),
    ]


def test_sections_of_an_index_map_are_read():
    inner = {"version": 3, "sources": ["a.js"], "sourcesContent": ["x = 1"], "mappings": ""}
    index = {"version": 3, "file": "app.js", "sections": [{"offset": {"line": 0, "column": 0}, "map": inner}, 5]}
    found = files(SourceMap(), b")]}'\n" + json.dumps(index).encode())
    assert found == {"a.js": b"x = 1", "sources.txt": b"app.js\na.js"}


@pytest.mark.parametrize(
    "blob",
    [b"", b"{}", b'{"version":3,"sources":["a.js"],"mappings":"AAAA"}', b"[" + OF_TERSER + b"]", OF_TERSER[:-40]],
)
def test_other_texts_are_none(blob):
    with pytest.raises(NotThisFormat):
        SourceMap().measure(BufferReader(blob), 0)


def test_what_does_not_parse_says_so():
    with pytest.raises(Malformed, match="does not parse"):
        SourceMap().unpack(BufferReader(b'{"version":3,"sourcesContent":[}'))
    deep = b'{"version":3,"sourcesContent":' + b"[" * 200_000 + b"]" * 200_000 + b"}"
    with pytest.raises(Malformed, match="does not parse"):
        SourceMap().unpack(BufferReader(deep))


def test_limits():
    _, _, members = unpack(SourceMap(), OF_TERSER)
    with pytest.raises(LimitReached):
        members[0].open(10)
    many = b'{"version":3,"sourcesContent":[' + b'"",' * 140_000 + b'""]}'
    with pytest.raises(LimitReached):
        list(SourceMap().unpack(BufferReader(many)).members)


def test_every_prefix_and_every_flip():
    every_prefix(SourceMap(), OF_ESBUILD)
    every_flip(SourceMap(), OF_TERSER)


@given(st.recursive(st.none() | st.integers() | st.text(), lambda c: st.lists(c) | st.dictionaries(st.text(), c)))
def test_any_values(value):
    for key in ("sources", "sourcesContent", "sections", "file", "sourceRoot"):
        one = {"version": 3, "sourcesContent": ["a"], key: value}
        keeps_its_promise(SourceMap(), json.dumps(one).encode())
