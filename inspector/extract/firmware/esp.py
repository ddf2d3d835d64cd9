"""Espressif images in the pipeline."""

from inspector.extract.base import ExtractorInfo, Family, Grade, Magic
from inspector.extract.wrapper import Wrapper
from inspector.formats.firmware.esp import ENTRY_MAGIC, TABLE_OFFSETS, parse_esp, parse_flash, parse_partitions


class EspImage(Wrapper):
    """Program of an ESP8266 or ESP32, its segments as members."""

    INFO = ExtractorInfo(
        name="esp-image",
        title="Espressif ESP8266/ESP32 image",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Programs and updates of Wi-Fi plugs, bulbs and sensors on Espressif chips.",
        references=("esptool documentation, Firmware Image Format",),
        limitations=(
            "Signatures of secure boot are not verified.",
            "An encrypted flash shows no image.",
        ),
        tested="original packer: esptool; real image: boot loader in esphome_dashboard",
    )
    MAGIC = (Magic(b"\xe9", carve=False), Magic(b"\xea\x04", carve=False))
    parse = staticmethod(parse_esp)


class EspPartitions(Wrapper):
    """Partition table alone; it names, but does not hold, the partitions."""

    INFO = ExtractorInfo(
        name="esp-partitions",
        title="Espressif partition table",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Table of the partitions in the flash of an ESP32.",
        references=("ESP-IDF, Partition Tables",),
        tested="real image: partitions.bin in esphome_dashboard",
    )
    MAGIC = (Magic(ENTRY_MAGIC + b"\0"), Magic(ENTRY_MAGIC + b"\1"))
    parse = staticmethod(parse_partitions)


class EspFlash(Wrapper):
    """Dump of a whole flash from address 0, with boot loader and partitions."""

    INFO = ExtractorInfo(
        name="esp-flash",
        title="Espressif flash dump",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Whole flash of an ESP32, as it is read from a device or written to it.",
        references=("ESP-IDF, Partition Tables",),
        limitations=("An encrypted flash shows no partition table.",),
        tested="original packer: esptool merge-bin",
    )
    MAGIC = tuple(Magic(ENTRY_MAGIC, offset, carve=False) for offset in TABLE_OFFSETS)
    parse = staticmethod(parse_flash)
