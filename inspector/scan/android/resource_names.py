"""Which resource holds a constant of a resource table: what stands around a hit in resources.arsc."""

from collections.abc import Iterable

from inspector.errors import FormatError
from inspector.formats.mobile.arsc import parse_arsc
from inspector.formats.reader import Reader
from inspector.model.artifact import Artifact
from inspector.model.observation import Context, Presence
from inspector.scan.base import Place, Placer


class ResourceNames(Placer):
    """Names the resource (`string/api_url`) whose value a hit stands in; code asks for it by that name."""

    FORMATS = ("arsc",)

    def places(
        self,
        artifact: Artifact,  # noqa: ARG002
        data: Reader,
        hits: Iterable[tuple[int, int]],
    ) -> list[Place]:
        """Return `configured` with the resource's name as key, `string` for text that is no value of a resource."""
        wanted = list(hits)
        try:
            table = parse_arsc(data)
        except FormatError:
            return [Place()] * len(wanted)
        indices = [table.strings.index_at(start) for start, _ in wanted]
        names = table.names_of(frozenset(indices) - {-1})
        return [
            Place(Context.CONFIG, Presence.CONFIGURED, names[index]) if index in names else Place() for index in indices
        ]
