"""What only all parts of an Android app tell together: what is not there, and which parts do not fit the others.

Facts taken, each with an app's chain of members as subject: `part:package`, `part:version-code`, `part:split` of every
manifest, `app:signer`, `app:splits-required`, `app:declares` with a class that the manifest promises (of the
application itself behind `application `), `app:classes` with the checksums of the classes that a DEX defines.
"""

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple
from zlib import crc32

from inspector.scan.android.merge import SET_MARK, Facts, app_set

APPLICATION: Final = "application "


class Missing(NamedTuple):
    """A gap: something that belongs to an app and was not among what was inspected."""

    path: str
    reason: str
    """`packed` for code that is nowhere, `missing` for parts that are elsewhere."""
    detail: str


def class_checksums(descriptors: Iterable[bytes]) -> str:
    """Return the value of a fact `app:classes`: four bytes for each class, as characters up to U+00FF."""
    return array("I", map(crc32, descriptors)).tobytes().decode("latin-1")


class _App:
    """What is known of one package: an app, or one part of it."""

    def __init__(self) -> None:
        self.facts: dict[str, set[str]] = defaultdict(set)
        self.declared: list[str] = []
        self.has_code = False

    def one(self, kind: str) -> str:
        """Return the least of the values of a kind, or nothing."""
        return min(self.facts[kind], default="")

    @property
    def split(self) -> str:
        return self.one("part:split")


def _gathered(facts: Facts) -> tuple[dict[str, _App], set[int]]:
    """Return the packages by chain, and the checksums of all classes in the artifact."""
    apps: dict[str, _App] = defaultdict(_App)
    classes: set[int] = set()
    for kind, chain, value in facts:
        if kind == "app:declares":
            apps[chain].declared.append(value)
        elif kind == "app:classes":
            apps[chain].has_code = True
            classes.update(array("I", value.encode("latin-1")))
        elif kind.startswith("part:") or kind in ("app:signer", "app:splits-required"):
            apps[chain].facts[kind].add(value)
    return {chain: app for chain, app in sorted(apps.items()) if chain}, classes


def missing(facts: Facts) -> list[Missing]:
    """Return what is not there of the apps in an artifact: further parts, a base, the code of declared classes.

    Code counts as there wherever in the artifact it lies: that of a preinstalled app may stand beside it (ODEX, VDEX),
    that of a split in another part. A few declared classes without code are left over from a build; a whole app of
    them, or an application class, is a loader's.
    """
    apps, classes = _gathered(facts)
    found: list[Missing] = []
    for chain, app in apps.items():
        found += _absent_parts(chain, app, apps)
        found += _absent_code(chain, app, classes)
    return found


def _absent_parts(chain: str, app: _App, apps: dict[str, _App]) -> Iterator[Missing]:
    beside = [
        other
        for path, other in apps.items()
        if path != chain and _home(path) == _home(chain) and other.one("part:package") == app.one("part:package")
    ]
    if app.split and not any(not other.split for other in beside):
        yield Missing(chain, "missing", f"the base of this app: here is only its part {app.split!r}")
    elif app.facts["app:splits-required"] and not any(other.split for other in beside):
        yield Missing(chain, "missing", "parts of this app: its manifest says that it needs further packages")


def _home(chain: str) -> str:
    """Return what the packages of one app have in common: the chain of their set, or of the folder they lie in."""
    if _is_part(chain):
        return app_set(chain)
    file = chain.rpartition("!")[0]
    return file[: max(file.rfind("/"), file.rfind("!")) + 1]


def _is_part(chain: str) -> bool:
    """Tell whether a package is directly in a set, not inside one of its parts."""
    return SET_MARK in chain and chain.count("!") == app_set(chain).count("!") + 2


def _absent_code(chain: str, app: _App, classes: set[int]) -> Iterator[Missing]:
    absent = [name for name in dict.fromkeys(app.declared) if crc32(_descriptor(name)) not in classes]
    own = [name for name in absent if name.startswith(APPLICATION)]
    total = len(set(app.declared))
    if not absent or (not own and 2 * len(absent) < total):
        return
    first = (own or absent)[0].removeprefix(APPLICATION)
    counted = f"{len(absent)} of {total} classes that the manifest declares are in no code here (first: {first})"
    if app.has_code:
        yield Missing(chain, "packed", f"{counted}: they are unpacked or loaded at run time, or left out")
    else:
        yield Missing(chain, "missing", f"{counted}: this package has no code of its own")


def _descriptor(declared: str) -> bytes:
    return b"L%s;" % declared.removeprefix(APPLICATION).replace(".", "/").encode("utf-8", "surrogatepass")


def disagreements(facts: Facts) -> list[tuple[str, str]]:
    """Return (path, note) for parts of a set that Android would not install together with its base."""
    apps, _ = _gathered(facts)
    sets: dict[str, dict[str, _App]] = defaultdict(dict)
    for chain, app in apps.items():
        if _is_part(chain) and app.one("part:package"):
            sets[app_set(chain)][chain] = app
    found: list[tuple[str, str]] = []
    for members in sets.values():
        bases = [app for app in members.values() if not app.split]
        if bases:
            for chain, app in members.items():
                found += [(chain, note) for note in _differences(app, bases[0])]
    return found


def _differences(part: _App, base: _App) -> Iterator[str]:
    for kind, words in (("part:package", "package"), ("part:version-code", "version code")):
        mine, theirs = part.one(kind), base.one(kind)
        if mine != theirs:
            yield f"{words} {mine or 'missing'}, that of the base is {theirs or 'missing'}"
    mine_, theirs_ = part.facts["app:signer"], base.facts["app:signer"]
    if mine_ != theirs_:
        yield f"signed by {_signers(mine_)}, the base by {_signers(theirs_)}"


def _signers(fingerprints: set[str]) -> str:
    return ", ".join(f"{one[:16]}…" for one in sorted(fingerprints)) or "nobody"


def part_facts(facts: Facts) -> dict[str, dict[str, str]]:
    """Return chain of a package → what its own manifest and signature say: `split`, `version_code`, `signer`."""
    apps, _ = _gathered(facts)
    told = {}
    for chain, app in apps.items():
        values = {"split": app.split, "version_code": app.one("part:version-code"), "signer": app.one("app:signer")}
        told[chain] = {key: value for key, value in values.items() if value}
    return told
