"""Zigbee and Matter updates in the pipeline."""

from inspector.extract.base import ExtractorInfo, Family, Grade, Magic
from inspector.extract.wrapper import Wrapper
from inspector.formats.firmware.iotota import MATTER_MAGIC, ZIGBEE_MAGIC, parse_matter, parse_zigbee


class ZigbeeOta(Wrapper):
    """Sub-elements of a Zigbee OTA file."""

    INFO = ExtractorInfo(
        name="zigbee-ota",
        title="Zigbee OTA image",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Over-the-air updates of Zigbee lamps, plugs and sensors.",
        references=("Zigbee Cluster Library 11.4, OTA File Format",),
        limitations=("Signatures are not verified; a payload that the vendor encrypted is handed over as it is.",),
        tested="original packer: zigpy OTAImage",
    )
    MAGIC = (Magic(ZIGBEE_MAGIC.to_bytes(4, "little")),)
    parse = staticmethod(parse_zigbee)


class MatterOta(Wrapper):
    """Payload of a Matter OTA file, its digest checked."""

    INFO = ExtractorInfo(
        name="matter-ota",
        title="Matter OTA image",
        family=Family.FIRMWARE,
        grade=Grade.FULL,
        summary="Over-the-air updates of Matter devices.",
        references=("Matter Core Specification 11.20.2.4",),
        tested="real image: input of the binwalk test suite",
    )
    MAGIC = (Magic(MATTER_MAGIC.to_bytes(4, "little")),)
    parse = staticmethod(parse_matter)
