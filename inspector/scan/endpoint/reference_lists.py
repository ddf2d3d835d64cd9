"""Lists of names that software carries as reference data: a public suffix list names every cloud and talks to none.

HTTP libraries pack the list into an app (OkHttp's `publicsuffixes`), browsers and curl into firmware. A leaf whose
names are mostly rules of the list is such a list; its names stay listed, with documentation as their context.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from inspector.model.observation import Context, Kind, Sighting
from inspector.scan.endpoint.hosts import suffix_list

LEAST_NAMES: Final = 60
SHARE: Final = 0.5
KEY: Final = "public suffix list"


def mark_reference_lists(sightings: Sequence[Sighting]) -> Sequence[Sighting]:
    """Return the sightings of one leaf, as documentation where the leaf is a public suffix list."""
    names = {s.observable.value for s in sightings if s.observable.kind is Kind.HOSTNAME}
    if len(names) < LEAST_NAMES:
        return sightings
    # Registries' own suffixes are no host names; what is left of such a list are the companies' rules.
    if len(names & suffix_list().private) < SHARE * len(names):
        return sightings
    return [replace(s, context=Context.DOCUMENTATION, key=KEY) for s in sightings]
