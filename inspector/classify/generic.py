"""Rules below the signatures: what a value says by itself where nobody is known to stand behind it.

They are weaker than any signature and marked so: the operator stays unknown. Of an address the place of registration
is claimed; of a name only its zone, since a name under `.cn` may be served from anywhere. A certificate made out to
somebody in the PRC, and a number under which the PRC registers web sites (ICP), are hints only: they never make a
finding by themselves.
"""

import re
from typing import Final

from inspector.classify.index import Hit
from inspector.model.address import AddressFacts
from inspector.model.knowledge import PRC, Confidence, Indicator, Limb, Signature
from inspector.model.observation import Kind, Observable

_ZONES: Final = {
    "cn": "CN",
    "xn--fiqs8s": "CN",  # 中国
    "xn--fiqz9s": "CN",  # 中國
    "hk": "HK",
    "xn--j6w193g": "HK",  # 香港
    "mo": "MO",
    "xn--mix891f": "MO",  # 澳門
}
_RESOURCES: Final = frozenset(
    {
        "i18n",
        "labels",
        "lang",
        "language",
        "locale",
        "messages",
        "resources",
        "strings",
        "text",
        "texts",
        "translations",
    }
)
_LANGUAGE: Final = re.compile(r"(?:zh|yue|en)(?:-[a-z]{2,4})*|cn|hk|mo|tw")
_REVERSED: Final = frozenset({"com", "net", "org"})
UNKNOWN_VENDOR: Final = "unknown"


ICP_NUMBERS: Final = ("ICP备[0-9]{6,10}号", r"ICP\xb1\xb8[0-9]{6,10}\xba\xc5")
"""Patterns for the scanners: the number in UTF-8 and in the GBK family; the province before it is left out."""
_ICP: Final = re.compile("ICP备[0-9]{6,10}号")
_SEAT: Final = re.compile(r"sha256:[0-9a-f]{64} (?:(?! issued by ).)*\bC=(CN|HK|MO)(?=,|$| issued by )")


def _signature(
    slug: str, name: str, summary: str, country: str, hosting: str = "", confidence: Confidence = Confidence.HIGH
) -> tuple[Signature, Indicator]:
    indicator = Indicator(
        id=country.lower(),
        kind="country",
        patterns=(country,),
        confidence=confidence,
        references=(),
        match=(),
        no_match=(),
        hosting=hosting,
    )
    signature = Signature(
        id=f"generic/{slug}-{country.lower()}",
        name=name,
        kind="service",
        category="network-operator",
        limbs=(Limb.DATA_TRANSFER,),
        vendor=UNKNOWN_VENDOR,
        summary=summary,
        indicators=(indicator,),
        caveats=("Who operates this is not known to the product; ask the vendor.",),
        origin="generic rule",
    )
    return signature, indicator


_NAMES: Final = {
    country: _signature(
        "domain-name",
        f"Host names under .{country.lower()}",
        "Host names in a top-level domain of the People's Republic of China, Hong Kong or Macao.",
        country,
    )
    for country in sorted(PRC)
}
_ADDRESSES: Final = {
    country: _signature(
        "address",
        f"Addresses registered in {country}",
        "Addresses in a block that is registered in the People's Republic of China, Hong Kong or Macao.",
        country,
        hosting=country,
    )
    for country in sorted(PRC)
}
_CERTIFICATES: Final = {
    country: _signature(
        "certificate",
        f"Certificates made out to {country}",
        "A certificate that the maker put in, whose subject has its seat in the People's Republic of China, Hong Kong "
        "or Macao.",
        country,
        confidence=Confidence.MEDIUM,
    )
    for country in sorted(PRC)
}
_REGISTRATION: Final = _signature(
    "web-registration",
    "Web sites registered in the PRC (ICP number)",
    "A number under which the People's Republic of China registers a web site that is hosted there.",
    "CN",
    confidence=Confidence.MEDIUM,
)


def is_debris(name: str) -> bool:
    """Tell whether a name under these zones is rather a file, a language tag or a reversed package than a host.

    `grep.mo` is a catalogue of gettext, `zh-hant.hk` and `strings.cn` are parts of a translation, `a.cn` is what is
    left of a member access, `com.maker.cn` is a package; placeholders with `example` are none of anybody's hosts.
    A signature that names such a host is not touched by this.
    """
    *labels, zone = name.split(".")
    if "example" in labels or (len(labels) > 1 and labels[0] in _REVERSED):
        return True
    if len(labels) > 1:
        return False
    only = labels[0] if labels else ""
    return zone == "mo" or len(only) < 2 or only in _RESOURCES or _LANGUAGE.fullmatch(only) is not None


def generic_hits(observable: Observable, facts: AddressFacts | None) -> list[Hit]:
    """Return the generic rule that an unowned name, address, certificate or number meets, or nothing."""
    if observable.kind is Kind.HOSTNAME:
        country = _ZONES.get(observable.value.rpartition(".")[2], "")
        if country and not is_debris(observable.value):
            return [Hit(*_NAMES[country], "." + country.lower())]
    if observable.kind is Kind.IP_ADDRESS and facts is not None:
        country = facts.registered if facts.registered in PRC else facts.operator_country
        if country in PRC:
            return [Hit(*_ADDRESSES[country], country)]
    if observable.kind is Kind.CERTIFICATE and (seat := _SEAT.match(observable.value)):
        return [Hit(*_CERTIFICATES[seat.group(1)], f"C={seat.group(1)}")]
    if observable.kind is Kind.STRING and _ICP.fullmatch(observable.value):
        return [Hit(*_REGISTRATION, "ICP")]
    return []
