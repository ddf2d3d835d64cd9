"""Every case of the list of attacks and faults stands here with what holds it, so that none can get lost."""

import ast
from pathlib import Path

import pytest

from inspector.extract.budget import Limits
from inspector.selftest import ATTACKS

TESTS = Path(__file__).parents[1]

REPLAYED = {
    1: ("A1-traversal",),
    2: ("A2-ar",),
    3: ("A3-cpio",),
    4: ("A4-through-link",),
    5: ("A5-hardlink",),
    6: ("A6-nodes",),
    7: ("A7-squashfs",),
    8: ("A8-squashfs-link",),
    9: ("A9-planted",),
    10: ("A10-modes",),
    11: ("A11-bomb",),
    12: ("A12-overlap",),
    13: ("A13-quoting",),
    14: ("A14-nest",),
    15: ("A15-deep",),
    16: ("A16-self",),
    17: ("A17-entries",),
    18: ("A18-claims-less",),
    19: ("A19-claims-more",),
    20: ("A20-method",),
    21: ("A21-two-methods",),
    22: ("A22-fake-encryption",),
    23: ("A23-checksum",),
    24: ("A24-two-dex",),
    25: ("A25-file-and-folder",),
    26: ("A26-two-ends",),
    27: ("A27-prefix",),
    28: ("A28-manifest-magic",),
    29: ("A29-manifest-count",),
    30: ("A30-resources",),
    31: ("A31-dex",),
    32: ("A32-empty", "A32-one-byte", "A32-truncated", "A32-random"),
    33: ("A33-set",),
    34: ("A34-ipa",),
    35: ("A35-macho", "A35-elf"),
    36: ("A36-certificate",),
    37: ("A37-entities",),
    38: ("A38-yaml",),
    39: ("A39-json",),
    40: ("A40-labels",),
    41: ("A41-dots", "A41-pack"),
    48: ("A48-names",),
    49: ("A49-look-alike",),
    50: ("A50-markup",),
    51: ("A51-lines",),
    52: ("A52-metadata",),
}
"""Number of the attack → its rows in the self-test; `tests/hostile/test_attacks.py` makes a test of each."""

FAULTS = {
    "F1 out of memory": (
        "hostile/test_isolation.py::test_memory_over_the_group_is_counted_and_the_largest_process_blamed",
        "hostile/test_isolation.py::test_an_allocation_past_the_hard_limit_is_out_of_memory",
    ),
    "F2 a killed child": (
        "hostile/test_isolation.py::test_a_crash_names_its_signal_and_where_it_was",
        "hostile/test_runs.py::test_a_killed_child_costs_its_artifact_alone",
    ),
    "F3 a hang": ("hostile/test_isolation.py::test_a_hang_ends_at_the_limit_with_all_its_descendants",),
    "F6 interruption": (
        "hostile/test_runs.py::test_an_interrupted_run_says_so_and_the_next_one_goes_on",
        "hostile/test_runs.py::test_killing_the_parent_leaves_no_process_and_the_next_run_goes_on",
    ),
    "F8 a poisoned file": ("hostile/test_runs.py::test_a_poisoned_file_is_tried_a_few_times_and_no_more",),
    "F9 a full disk": (
        "hostile/test_runs.py::test_a_full_disk_leaves_no_half_file_and_names_the_path",
        "hostile/test_runs.py::test_a_really_full_disk_ends_the_run_and_the_next_one_goes_on",
        "hostile/test_external.py::test_a_disk_without_room_is_told",
    ),
    "F15 many files, deep folders": (
        "hostile/test_runs.py::test_a_large_folder_is_listed_without_being_held",
        "hostile/test_runs.py::test_folders_nested_deeper_than_the_stack_are_listed",
    ),
    "F16 unreadable, vanished, changing": (
        "hostile/test_runs.py::test_a_missing_and_an_unreadable_path_do_not_stop_the_others",
        "hostile/test_runs.py::test_a_file_that_vanishes_before_its_turn_is_named",
        "hostile/test_runs.py::test_a_file_that_keeps_changing_is_failed_not_guessed",
    ),
    "F17 odd names": ("hostile/test_runs.py::test_odd_file_names_are_inspected_and_their_profiles_readable",),
}


def test_every_attack_has_its_rows_and_every_row_is_replayed():
    assert set(REPLAYED) == {*range(1, 42), *range(48, 53)}
    numbered = {attack.id for attack in ATTACKS if attack.id.startswith("A")}
    assert numbered == {row for rows in REPLAYED.values() for row in rows}
    assert all(row.startswith(f"A{number}-") for number, rows in REPLAYED.items() for row in rows)


@pytest.mark.parametrize("limit", Limits._fields)
def test_every_limit_has_a_row_just_under_and_just_over_it(limit):
    assert {f"L-{limit}-under", f"L-{limit}-over"} <= {attack.id for attack in ATTACKS}


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_has_its_tests(fault):
    for place in FAULTS[fault]:
        name, _, function = place.partition("::")
        tree = ast.parse((TESTS / name).read_text(encoding="utf-8"))
        assert function in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, place
