"""Endpoints that share what is known of their place, said once for all of them instead of once for each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from inspector.model.finding import foremost
from inspector.model.knowledge import PRC


@dataclass(frozen=True, slots=True)
class EndpointGroup:
    """Endpoints of one kind with one place and one operator; an empty place or operator is unknown."""

    kind: str
    hosting: str
    operator: str
    endpoints: tuple[dict[str, Any], ...]

    @property
    def values(self) -> list[str]:
        """Return the values, each with its port where one is known."""
        return [f"{one['value']}:{one['port']}" if one["port"] else str(one["value"]) for one in self.endpoints]


def grouped(endpoints: Sequence[dict[str, Any]]) -> list[EndpointGroup]:
    """Return the groups in the order of their first endpoint: in the PRC, elsewhere, of unknown place."""
    met: dict[tuple[bool, str, str], list[dict[str, Any]]] = {}
    for one in endpoints:
        met.setdefault((one["kind"] == "ip-address", one["hosting"], one["operator"]), []).append(one)
    groups = [EndpointGroup(of[0]["kind"], of[0]["hosting"], of[0]["operator"], tuple(of)) for of in met.values()]
    return sorted(groups, key=lambda group: (group.hosting not in PRC, not group.hosting))


def named_alone(finding: Mapping[str, Any]) -> dict[str, Any]:
    """Return the endpoint to name alone, as the verdict's reasons do."""
    endpoints: list[dict[str, Any]] = finding["endpoints"]
    places = [(one["value"], one["hosting"]) for one in endpoints]
    return endpoints[foremost(places, (item["observable"]["value"] for item in finding["evidence"]))]
