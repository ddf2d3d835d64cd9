"""The text around a hit, as a reader of the report wants to see it.

Text is read as UTF-8, or as GBK where it plainly is that: its bytes are pairs, characters of GB 2312, and most of these
are such that every Chinese text has. Korean, Japanese and Cyrillic text can be paired likewise; it is not shown as
Chinese.
"""

import re
from typing import Final

from inspector.formats.reader import Reader
from inspector.model.observation import GBK

AROUND: Final = 40
LONGEST: Final = 120
_LINES: Final = bytes(10 if code in (0, 13) else code for code in range(256))
_CUT: Final = re.compile(rb"[\x80-\xbf]{1,3}")
"""The rest of a character of UTF-8 that began before the excerpt."""
_GBK: Final = re.compile(rb"(?:[\x20-\x7e\t]|[\xa1-\xa3\xb0-\xf7][\xa1-\xfe])*")
"""ASCII, signs, and the characters of GB 2312; its rows of kana, Greek and Cyrillic are left out."""
_USUAL: Final = frozenset(
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经"
    "十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形"
    "相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想已通并提直题党程展五"
    "果料象员革位入常文总次品式活设及管特件长求老头基资边流路级少图山统接知较将组见计别她手角期根论运农指几九区强放决西被干做必战先回"
    "则任取据处理世车网络连登录密码户服务器备版号址名口输请确认成功失败错误升级更新下载上传返回设置保存取消语言时间系统信息状态启关闭"
    "打选择添加删除修改查询测试默认类型端音视频像摄像头云台账验证注册退用户帮助官站访问客热线支持版权公司科技有限深圳市北京州海"
    "无法找到检固件固控制台调试参数值配路由域协议断超重试获取发送收据卡存储格式化标识符串空已未正否请稍候等待完"
)
"""Characters that are frequent in any Chinese text, and in that of devices."""


def excerpt_at(data: Reader, start: int, end: int, decoding: str = "") -> tuple[str, str]:
    """Return at most `LONGEST` characters around `[start, end)`, and how they were decoded.

    They are its own line or string, undecodable bytes replaced. The decoding is the one given, or GBK where none is and
    the text around plain bytes is that.
    """
    wide = decoding.startswith("utf-16")
    margin = AROUND * (2 if wide else 1)
    low = max(0, start - margin)
    low += (start - low) % 2 if wide else 0
    piece = data.read_upto(low, min(end, start + LONGEST * 2) + margin - low)
    if wide:
        text = piece[: len(piece) & ~1].decode(decoding, "replace")
        inside = (start - low) // 2
        return _own_line(text[:inside], text[inside:]), decoding
    head, tail = piece[: start - low], piece[start - low :]
    head = head[head.translate(_LINES).rfind(b"\n") + 1 :]
    stop = tail.translate(_LINES).find(b"\n", min(end - start, len(tail)))
    tail = tail if stop < 0 else tail[:stop]
    whole = head + tail
    if decoding == GBK:
        return whole.decode(GBK, "replace")[:LONGEST], GBK
    try:
        return whole.decode()[:LONGEST], decoding
    except UnicodeDecodeError:
        cut = low > 0 and len(head) == start - low
        found = None if decoding else _chinese(whole, cut=cut)
        return (found, GBK) if found else (_replaced(whole, cut=cut)[:LONGEST], decoding)


def _replaced(raw: bytes, *, cut: bool) -> str:
    """Return the text of bytes, those that are none replaced; `cut` says that it may begin inside a character."""
    inside = _CUT.match(raw) if cut else None
    return raw[inside.end() if inside else 0 :].decode("utf-8", "replace")


def _chinese(raw: bytes, *, cut: bool) -> str:
    """Return text that is plainly GBK, or nothing."""
    for skipped in (0, 1) if cut else (0,):
        if (text := _gbk(raw[skipped:])) is not None:
            return text[:LONGEST]
    return ""


def _gbk(raw: bytes) -> str | None:
    """Return the text of bytes that are plainly GBK; the last byte may be the half of a character."""
    whole = _GBK.match(raw)
    if whole is None or len(raw) - whole.end() > 1:
        return None
    text = whole.group().decode(GBK, "replace")
    chinese = [char for char in text if "\u4e00" <= char <= "\u9fff"]
    usual = sum(char in _USUAL for char in chinese)
    enough = len(chinese) if len(chinese) < 4 else 0.6 * len(chinese)
    return text if len(chinese) > 1 and usual >= enough and "\ufffd" not in text else None


def _own_line(head: str, tail: str) -> str:
    for mark in "\x00\n\r":
        head = head.rpartition(mark)[2]
        tail = tail.partition(mark)[0]
    return (head + tail)[:LONGEST]
