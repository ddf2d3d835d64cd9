"""Adapter for the Android update payload."""

from inspector.extract.base import ExtractorInfo, Family, Grade, Magic
from inspector.extract.wrapper import Wrapper
from inspector.formats.mobile import android_payload


class AndroidPayload(Wrapper):
    """Android update payload and its parts."""

    INFO = ExtractorInfo(
        name="android-payload",
        title="Android update payload",
        family=Family.MOBILE,
        grade=Grade.FULL,
        summary="payload.bin of over-the-air updates.",
        references=("AOSP system/update_engine/update_metadata.proto",),
        limitations=("incremental updates need the version they are made against",),
        tested="built sample",
    )
    MAGIC = (Magic(android_payload.MAGIC),)
    parse = staticmethod(android_payload.parse_payload)
