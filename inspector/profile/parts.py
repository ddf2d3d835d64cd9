"""The files of a set that is judged as one product: base and splits of an Android app, what lies beside them."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from inspector.model.ledger import TreeNode

SET_FORMAT: Final = "app-set"
BESIDE: Final = (".apk", ".obb", ".hap", ".hsp")


def parts_document(
    root_format: str, tree: Iterable[TreeNode], told: Mapping[str, Mapping[str, str]]
) -> list[dict[str, Any]]:
    """Return the `artifact.parts` section, in the order of the walk; empty for anything but a set.

    `told` says of a package's chain what it says of itself: `split`, `version_code`, `signer`.
    """
    if root_format != SET_FORMAT:
        return []
    found = []
    for node in tree:
        steps = node.path.split("!")
        if len(steps) == 3 and steps[1].partition("@")[0] == SET_FORMAT and steps[2].lower().endswith(BESIDE):
            own = next((told[chain] for chain in told if chain.startswith(f"{node.path}!{node.format}")), {})
            described = {"name": steps[2], "sha256": node.sha256, "size": node.size, "format": node.format}
            found.append({**described, **own})
    return found
