"""Which methods load the texts that an app keeps in its resources: `getString(R.string.api_url)`.

Compilers write the identifier into the code, or read it from a field of the class `R$string`; the resource table, which
another file of the app holds, says which identifiers are worth the search.
"""

from collections.abc import Iterator
from typing import Final

from inspector.formats.program.dex_code import DexCode
from inspector.model.artifact import Artifact

MOST_LOADS: Final = 4_000
CLASS_END: Final = b"/R$%s;"


def resource_loads(artifact: Artifact, code: DexCode) -> Iterator[str]:
    """Yield `string/name method` for each method that loads a resource of the app, sorted."""
    if not artifact.resources:
        return
    found: set[tuple[str, int]] = set()
    names = dict(artifact.resources)
    for use in code.constant_loads(names):
        found.add((names[use.index], use.method))
    for kind in sorted({name.partition("/")[0] for name in names.values()}):
        # Resource names keep their dots, the fields of R have underscores instead.
        plain = {
            name.partition("/")[2].replace(".", "_"): name for name in names.values() if name.startswith(f"{kind}/")
        }
        fields = code.fields_of(plain, CLASS_END % kind.encode("utf-8", "replace"))
        for use in code.field_reads(fields):
            found.add((plain[fields[use.index]], use.method))
    loads = sorted({f"{name} {code.dex.method(method)}" for name, method in found})
    yield from loads[:MOST_LOADS]
