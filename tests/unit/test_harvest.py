"""What a harvest keeps of many sightings."""

import pytest

from inspector.harvest import KEPT_PER_APP, KEPT_PER_OBSERVABLE, Harvest, Options, app_of
from inspector.isolate.marks import Marks
from inspector.model.observation import Kind, Location, Observable, Sighting

HOST = Observable(Kind.HOSTNAME, "api.example.org")


def sighting(path, offset=0):
    return Sighting(HOST, Location(path, offset))


@pytest.mark.parametrize(
    ("path", "app"),
    [
        ("fw!squashfs!/etc/passwd", ""),
        ("a.apk!apk!classes.dex", "a.apk!apk"),
        ("fw!squashfs!/a.apk!apk!assets/b.apk!apk!x", "fw!squashfs!/a.apk!apk!assets/b.apk!apk"),
        ("fw!apk@0x40!classes.dex", "fw!apk@0x40"),
        ("fw!squashfs!/apk!x", ""),
        ("fw!squashfs!/a.apk", ""),
    ],
)
def test_the_app_of_a_place(path, app):
    assert app_of(path) == app


@pytest.fixture
def harvest(toolbox):
    return lambda: Harvest(toolbox, Marks(), frozenset(), Options())


def filled(harvest, sightings):
    for item in sightings:
        harvest._keep(item)
    return harvest


def test_a_common_host_is_kept_in_every_app_of_an_image(harvest):
    many = [sighting(f"fw!sq!/{app}.apk!apk!dex", n) for app in range(40) for n in range(9)]
    kept = filled(harvest(), many).sightings[HOST]
    per_app = {app: sum(s.location.path.startswith(f"fw!sq!/{app}.apk!") for s in kept) for app in range(40)}
    assert min(per_app.values()) == KEPT_PER_APP
    assert len(kept) <= KEPT_PER_OBSERVABLE + 40 * KEPT_PER_APP


def test_outside_apps_the_cap_holds_and_the_count_is_true(harvest):
    full = filled(harvest(), [sighting("fw!sq!/bin/x", n) for n in range(500)])
    assert (len(full.sightings[HOST]), full.counts[HOST]) == (KEPT_PER_OBSERVABLE, 500)


def test_merging_in_order_keeps_what_one_pass_keeps(harvest):
    many = [sighting(f"fw!sq!/{n % 30}.apk!apk!dex" if n % 3 else "fw!sq!/bin/x", n) for n in range(700)]
    whole = filled(harvest(), many)
    merged = harvest()
    for start in range(0, 700, 100):
        merged.merge(filled(harvest(), many[start : start + 100]))
    assert merged.sightings == whole.sightings
    assert merged.counts == whole.counts


def test_a_flood_of_names_leaves_room_for_those_with_an_owner(harvest, monkeypatch):
    monkeypatch.setattr("inspector.harvest.MOST_OBSERVABLES", 10)
    names = [*(f"h{number}.example.net" for number in range(20)), "mqtt.tuyacn.com"]
    found = (Sighting(Observable(Kind.HOSTNAME, name), Location("fw")) for name in names)
    kept = filled(harvest(), found)
    assert [observable.value for observable in kept.sightings] == [*names[:10], "mqtt.tuyacn.com"]
    assert kept.limits_hit == {"observables"}
