from inspector.model.profile import Rejections
from inspector.profile.rejections import COUNTED_PER_REASON, LISTED_PER_REASON, LONGEST_VALUE, Refusals


def test_a_text_is_listed_once_for_each_reason_at_its_first_place():
    refused = [
        ("z.so", "file-name", "fw!b", 1),
        ("a.so", "file-name", "fw!b", 9),
        ("a.so", "file-name", "fw!a", 30),
        ("a.so", "file-name", "fw!a", 7),
        ("a.so", "class-name", "fw!c", 2),
    ]
    found = Refusals(refused).document({"file-name": "a file"})
    assert found == Refusals(reversed(refused)).document({"file-name": "a file"})
    assert [(one["reason"], one["value"], *one["location"].values()) for one in found["listed"]] == [
        ("class-name", "a.so", "fw!c", 2),
        ("file-name", "a.so", "fw!a", 7),
        ("file-name", "z.so", "fw!b", 1),
    ]
    assert found["reasons"] == [
        {"reason": "class-name", "meaning": "", "different": 1},
        {"reason": "file-name", "meaning": "a file", "different": 2},
    ]
    assert Rejections.model_validate(found).model_dump(mode="json") == found


def test_one_reason_does_not_crowd_out_the_others_and_long_texts_are_cut():
    many = [(f"{n:06}.so", "file-name", "fw", n) for n in range(LISTED_PER_REASON + 5)]
    found = Refusals([*many, ("x" * 9999, "sentence", "fw", 0)]).document({})
    assert [one["different"] for one in found["reasons"]] == [LISTED_PER_REASON + 5, 1]
    assert len(found["listed"]) == LISTED_PER_REASON + 1
    assert len(found["listed"][-1]["value"]) == LONGEST_VALUE


def test_a_scan_lists_what_it_refused_only_where_it_is_asked(inspect_bytes):
    content = b"\0\0".join([b"http://api.tuyacn.com/v1", b"libfoo.so", b"http://u:hunter2@localhost/"]) + b"\0" * 64
    found = inspect_bytes(content, show_rejected=True)
    listed = {(one["value"], one["reason"], one["location"]["offset"]) for one in found["rejections"]["listed"]}
    assert ("libfoo.so", "file-name", content.index(b"libfoo")) in listed
    assert sum(one["different"] for one in found["rejections"]["reasons"]) == len(listed)
    assert all(one["meaning"] for one in found["rejections"]["reasons"])
    assert "hunter2" not in str(found)
    assert "rejections" not in inspect_bytes(content)


def test_no_more_is_kept_than_is_listed_and_merging_keeps_the_same():
    texts = [(f"{n * 7919 % 200_003:06}.so", "file-name", "fw", n) for n in range(120_000)]
    whole = Refusals(texts)
    merged = Refusals()
    for start in range(0, len(texts), 9_000):
        merged.merge(Refusals(texts[start : start + 9_000]))
    found = whole.document({})
    assert found == merged.document({})
    assert [one["different"] for one in found["reasons"]] == [COUNTED_PER_REASON]
    assert [one["value"] for one in found["listed"]] == sorted(text for text, *_ in texts)[:LISTED_PER_REASON]
    assert sum(map(len, whole._places.values())) <= 2 * LISTED_PER_REASON
