"""CycloneDX 1.6: what is built in as components, what it talks to as services with provider and direction of data.

Format: CycloneDX 1.6 JSON (ECMA-424), written by cyclonedx-python-lib.
Limits: the bill names what the signatures know; it is no full inventory of the artifact's parts.
"""

import re
import uuid
from typing import TYPE_CHECKING, Any, Final

from inspector.report.page.environment import visible
from inspector.report.presentation import Presentation

if TYPE_CHECKING:
    from cyclonedx.model.component import Component
    from cyclonedx.model.contact import OrganizationalEntity
    from cyclonedx.model.service import Service

_SPACE: Final = uuid.UUID("6f1d9f0e-6d43-5c0b-9d6b-2f0f5d1c6a10")
BUILT_IN: Final = frozenset({"sdk", "component", "packer"})
_HOST: Final = re.compile(r"[A-Za-z0-9._-]{1,253}|[0-9A-Fa-f:.]{2,45}")


def render(document: dict[str, Any], how: Presentation) -> str:  # noqa: ARG001 - the reporters' signature
    """Return the bill; without a time of its own, so that the same profile gives the same bytes."""
    from cyclonedx.model.bom import Bom
    from cyclonedx.model.component import Component, ComponentType
    from cyclonedx.output import make_outputter
    from cyclonedx.schema import OutputFormat, SchemaVersion

    tool = Component(type=ComponentType.APPLICATION, name=document["tool"]["name"], version=document["tool"]["version"])
    bom = Bom(serial_number=uuid.uuid5(_SPACE, document["artifact"]["sha256"] + document["knowledge"]["sha256"]))
    bom.metadata.timestamp = None  # type: ignore[assignment]
    bom.metadata.tools.components.add(tool)
    bom.metadata.component = root = _root(document)
    parts = [_component(f) for f in document["findings"] if f["subject"]["kind"] in BUILT_IN]
    bom.components.update(parts)
    bom.services.update(_service(f) for f in document["findings"] if f["endpoints"])
    bom.register_dependency(root, parts)
    text: str = make_outputter(bom, OutputFormat.JSON, SchemaVersion.V1_6).output_as_string(indent=2)
    return text + "\n"


def _root(document: dict[str, Any]) -> "Component":
    from cyclonedx.model import HashAlgorithm, HashType
    from cyclonedx.model.component import Component, ComponentType

    artifact = document["artifact"]
    app = artifact["kind"] == "binary" or artifact["kind"].endswith("-app")
    return Component(
        type=ComponentType.APPLICATION if app else ComponentType.FIRMWARE,
        name=visible(artifact["name"]),
        version=visible(artifact["identity"].get("version_name", "")) or None,
        bom_ref="artifact",
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=digest)] if (digest := _digest(artifact["sha256"])) else [],
    )


def _component(finding: dict[str, Any]) -> "Component":
    from cyclonedx.model.component import Component, ComponentType

    subject = finding["subject"]
    return Component(
        type=ComponentType.LIBRARY,
        name=visible(subject["name"]),
        bom_ref=f"component:{visible(finding['id'])}",
        description=visible(subject["summary"]) or None,
        supplier=_provider(finding["vendor"]),
        properties=_properties(finding),
    )


def _service(finding: dict[str, Any]) -> "Service":
    from cyclonedx.model import DataClassification, DataFlow, XsUri
    from cyclonedx.model.service import Service

    remote = "remote-administration" in finding["limbs"]
    flow = DataFlow.BI_DIRECTIONAL if remote else DataFlow.OUTBOUND if finding["limbs"] else DataFlow.UNKNOWN
    values = [e["value"] for e in finding["endpoints"] if _HOST.fullmatch(e["value"])]
    return Service(
        name=visible(finding["subject"]["name"]),
        bom_ref=f"service:{visible(finding['id'])}",
        provider=_provider(finding["vendor"]),
        description=visible(finding["subject"]["summary"]) or None,
        endpoints=[XsUri(f"//[{value}]" if ":" in value else f"//{value}") for value in values],
        x_trust_boundary=True,
        data=[DataClassification(flow=flow, classification=visible(finding["subject"]["category"]))],
        properties=_properties(finding),
    )


def _provider(vendor: dict[str, Any]) -> "OrganizationalEntity":
    from cyclonedx.model.contact import OrganizationalEntity, PostalAddress

    domicile = vendor["domicile"]
    address = PostalAddress(country=visible(domicile)) if domicile else None
    return OrganizationalEntity(name=visible(vendor["legal_entity"] or vendor["name"]), address=address)


def _properties(finding: dict[str, Any]) -> list[Any]:
    from cyclonedx.model import Property

    hosting = sorted({e["hosting"] or "unknown" for e in finding["endpoints"]})
    pairs = {
        "finding": finding["id"],
        "severity": finding["severity"],
        "confidence": finding["confidence"],
        "presence": finding["presence"],
        "limbs": ",".join(finding["limbs"]),
        "vendor-domicile": finding["vendor"]["domicile"],
        "endpoint-hosting": ",".join(hosting),
    }
    return [Property(name=f"inspector:{key}", value=visible(value)) for key, value in pairs.items() if value]


def _digest(text: str) -> str:
    """Return a SHA-256 where it is one; a forged profile may hold anything, and the schema takes hex only."""
    return text if re.fullmatch(r"[0-9a-fA-F]{64}", text) else ""
