"""Findings and coverage sections in one line, for the tests of the profile stage."""

from inspector.classify.engine import finding_id
from inspector.model.finding import Endpoint, Evidence, Finding
from inspector.model.knowledge import Category, Confidence, Limb, Signature, Vendor
from inspector.model.observation import Context, Kind, Location, Observable, Presence, Sighting

DATA, ADMIN = Limb.DATA_TRANSFER, Limb.REMOTE_ADMINISTRATION


def category(sensitivity="medium", name="analytics"):
    return Category(name, name.capitalize(), sensitivity, "")


def sighted(value, kind=Kind.HOSTNAME, context=Context.CODE, presence=Presence.REFERENCED, path="a.apk!dex", offset=0):
    return Sighting(Observable(kind, value), Location(path, offset), context, presence)


def endpoint(value="api.example.org", hosting="", operator=""):
    return Endpoint(value, "hostname", None, hosting, operator)


def finding(
    limbs=(DATA,),
    domicile="CN",
    presence=Presence.REFERENCED,
    confidence=Confidence.HIGH,
    endpoints=(),
    disputed="",
    vendor="acme",
    subject="acme/cloud",
    seen_at=(),
    operator_country="",
    kind="service",
    category_name="analytics",
):
    signature = Signature(subject, subject.title(), kind, category_name, tuple(limbs), vendor, "", ())
    owner = Vendor(vendor, vendor.title(), vendor.title(), domicile, disputed=disputed)
    countries = {domicile, operator_country, *(e.hosting for e in endpoints)} - {""}
    return Finding(
        id=finding_id(signature, limbs),
        subject=signature,
        kind=kind,
        vendor=owner,
        limbs=tuple(limbs),
        presence=presence,
        confidence=confidence,
        evidence=tuple(Evidence(s, f"{subject}:x", confidence) for s in seen_at),
        endpoints=tuple(endpoints),
        jurisdictions=tuple(sorted(countries)),
    )


def coverage(score=1.0, gaps=(), limits_hit=(), size=100):
    return {"score": score, "gaps": list(gaps), "limits_hit": list(limits_hit), "partition": {"scanned": size}}


def gap(reason, length=100, detail="something"):
    return {"location": {"path": "x", "offset": 0}, "length": length, "reason": reason, "detail": detail, "remedy": ""}
