import pytest

from inspector.formats.reader import BufferReader
from inspector.scan.excerpts import excerpt_at

HOST = b"mqtt.tuyacn.com"


def around(before: bytes, after: bytes, decoding: str = "") -> tuple[str, str]:
    content = before + HOST + after
    return excerpt_at(BufferReader(content), len(before), len(before) + len(HOST), decoding)


@pytest.mark.parametrize("codec", ["gbk", "gb18030", "gb2312"])
def test_text_that_is_plainly_gbk_reads_as_it_was_written(codec):
    text, decoding = around("连接服务器 ".encode(codec), " 失败，请检查网络".encode(codec))
    assert text == "连接服务器 mqtt.tuyacn.com 失败，请检查网络"
    assert decoding == "gb18030"


def test_gbk_that_is_cut_inside_a_character_is_still_gbk():
    for shift in (0, 1):
        text, decoding = around(
            b"a" * shift + "设备登录成功正在连接服务器设备登录成功正在连接服务器".encode("gbk"), b"\n"
        )
        assert "正在连接服务器mqtt.tuyacn.com" in text
        assert "\ufffd" not in text
        assert decoding == "gb18030"


@pytest.mark.parametrize(
    "other",
    [
        "네트워크 연결에 실패했습니다 ".encode("euc-kr"),
        "接続できません ".encode("euc-jp"),
        "接続できません ".encode("shift-jis"),
        "Сервер недоступен ".encode("koi8-r"),
        "Сервер недоступен ".encode("cp1251"),
        "Ger\u00e4t f\u00fcr \u00dcbertragung ".encode("latin-1"),
        b"\xd5\xe2\x01\xca\xc7\xb5\xc4 ",
        b"\xb5\xc4 ",
        "Zařízení ".encode("cp1250"),
    ],
    ids=["euc-kr", "euc-jp", "shift-jis", "koi8-r", "cp1251", "latin-1", "binary", "one pair", "cp1250"],
)
def test_other_bytes_are_not_shown_as_chinese(other):
    text, decoding = around(other, b" x\n")
    assert not any("\u4e00" <= char <= "\u9fff" for char in text)
    assert decoding == ""
    assert HOST.decode() in text


def test_utf8_stays_what_it_is_and_a_cut_character_leaves_no_mark():
    assert around("连接 ".encode(), b"\n") == ("连接 mqtt.tuyacn.com", "")
    assert around("连".encode() * 30, b"\n")[0].startswith("连")
    assert around("连接 ".encode("utf-16le"), b"", "base64")[1] == "base64"
