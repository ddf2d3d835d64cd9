"""The second reader names the method and the calls, and never raises."""

import sys
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.second_look import second_look


def test_lief_lists_the_calls_of_a_program():
    program = Path(sys.executable).resolve().read_bytes()
    if program[:4] != b"\x7fELF":
        pytest.skip("the interpreter is no ELF program")
    lines = second_look(program, "x", ())
    assert lines[0].startswith("LIEF: ELF program")
    assert any("libc.so" in line for line in lines)


def test_other_data_has_no_second_reader():
    assert second_look(b"plain text", "text", ()) == []


@pytest.mark.realworld
def test_androguard_shows_the_instruction_that_loads_the_constant():
    from tools.fetch import FetchError, fetch, sources

    try:
        app: Path = fetch(sources("yosemite")[0])
    except FetchError as error:
        pytest.skip(str(error))
    dex = zipfile.ZipFile(app).read("classes2.dex")
    lines = second_look(dex, "https://debugtbs.qq.com", ["com.tencent.smtt.sdk.WebView.showDebugView"])
    assert any("const-string" in line and "debugtbs.qq.com" in line for line in lines)


@settings(max_examples=30, deadline=None)
@given(st.sampled_from([b"dex\n035\0", b"\x7fELF", b"MZ", b""]), st.binary(max_size=400))
def test_any_bytes_give_lines_and_no_exception(head, rest):
    assert isinstance(second_look(head + rest, "value", ("a.B.c",)), list)
