import sqlite3
from contextlib import closing
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.errors import FormatError, NotThisFormat
from inspector.formats.data.sqlite import MAGIC, Database, column_names
from inspector.formats.reader import BufferReader
from inspector.model.artifact import Artifact
from inspector.model.observation import Context, Presence
from inspector.scan import SCANNERS, scan_leaf
from inspector.scan.base import ScanNotes


def build(*statements, rows=(), page_size=4096, encoding="UTF-8") -> bytes:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(f"pragma page_size={page_size}")
        connection.execute(f"pragma encoding='{encoding}'")
        for statement in statements:
            connection.execute(statement)
        for statement, values in rows:
            connection.executemany(statement, values)
        connection.commit()
        return connection.serialize()


def values(blob):
    database = Database(BufferReader(blob))
    return [(v.table, v.column, blob[v.start : v.end].decode(database.encoding)) for v in database.values()]


SETTINGS = "create table settings (id integer primary key, name text, value text, spare text, check (id > 0))"
INSERT = "insert into settings (name, value, spare) values (?, ?, ?)"


def endpoints(blob):
    """Return every endpoint in the leaf with (key, context, presence, decoding)."""
    leaf = Artifact("fw", "sqlite", "x.db", "fw", "/data/x.db")
    found = scan_leaf(leaf, BufferReader(blob), SCANNERS, ScanNotes())
    return {s.observable.value: (s.key, s.context, s.presence, s.decoding) for s in found}


@pytest.mark.parametrize("page_size", [512, 4096, 65536])
def test_every_text_of_every_row_with_its_column(page_size):
    rows = [(f"name {n}", f"value {n}" * (n % 9), None if n % 3 else "x") for n in range(2000)]
    found = [v for v in values(build(SETTINGS, rows=[(INSERT, rows)], page_size=page_size)) if v[0] == "settings"]
    assert found == [
        ("settings", column, text)
        for row in rows
        for column, text in zip(("name", "value", "spare"), row, strict=True)
        if text
    ]


@pytest.mark.parametrize(
    ("sql", "names"),
    [
        ("create table a(b, c text)", ("b", "c")),
        ('CREATE TABLE "a(" ("b, c" text, [d e] varchar(10, 2), `f` int default (1, 2))', ("b, c", "d e", "f")),
        ("create table a(b -- c, d\n, e /* f, */, unique(b, e))", ("b", "e")),
        ("create table a(b text check (b <> ','), constraint x check (b), c)", ("b",)),
        ("create virtual table a using fts4", ()),
    ],
)
def test_columns_of_a_statement(sql, names):
    assert column_names(sql) == names


@pytest.mark.parametrize(("encoding", "decoding"), [("UTF-8", ""), ("UTF-16le", "utf-16le"), ("UTF-16be", "utf-16be")])
def test_values_that_stand_end_to_end_do_not_run_together(encoding, decoding):
    row = ("Endpoint", "m.tuyacn.com", "xyz")
    found = endpoints(
        build(SETTINGS, rows=[(INSERT, [row, ("a", "https://b.tuyacn.com/v1", "cd")])], encoding=encoding)
    )
    place = ("settings.value", Context.CONFIG, Presence.CONFIGURED, decoding)
    assert found == {"m.tuyacn.com": place, "b.tuyacn.com": place, "https://b.tuyacn.com/v1": place}


def test_the_length_of_the_next_row_is_no_part_of_a_host():
    # The row behind this one begins with its length: 0x61, the letter `a`.
    rows = [("n" * 68, "q", "22 characters of spare"), ("n", "q", "m.tuyacn.com")]
    blob = build(SETTINGS, rows=[(INSERT, rows)])
    assert b"m.tuyacn.coma" in blob
    assert endpoints(blob)["m.tuyacn.com"][0] == "settings.spare"


def test_deleted_rows_and_long_values_are_still_found():
    long = "x " * 9000 + "https://a.tuyacn.com/v1"
    blob = build(SETTINGS, rows=[(INSERT, [("n", "v", long), (None, "b.tuyacn.com", None)])])
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.deserialize(blob)
        connection.execute("pragma secure_delete=off")
        connection.execute("delete from settings where name is null")
        connection.commit()
        blob = connection.serialize()
    found = endpoints(blob)
    assert {"a.tuyacn.com", "b.tuyacn.com"} <= set(found)
    assert found["b.tuyacn.com"][0] == ""


def test_any_bytes_are_values_or_a_format_error():
    blob = bytearray(
        build(SETTINGS, rows=[(INSERT, [("n", "m.tuyacn.com", "s" * n) for n in range(99)])], page_size=512)
    )
    random = Random(5)
    for _ in range(600):
        damaged = bytearray(blob)
        for _ in range(random.randint(1, 4)):
            damaged[random.randrange(len(blob))] = random.choice((0, 1, 5, 13, 0x7F, 0x80, 0xFF))
        keeps_its_promise(bytes(damaged))
    for end in range(0, len(blob), 61):
        keeps_its_promise(blob[:end])


@given(st.binary(max_size=2000))
def test_any_page_behind_a_good_header(page):
    keeps_its_promise(MAGIC + b"\x02\x00" + bytes(38) + b"\0\0\0\x01" + bytes(40) + page)


def keeps_its_promise(blob):
    try:
        found = list(Database(BufferReader(blob)).values())
    except FormatError:
        return
    assert all(0 <= value.start < value.end <= len(blob) for value in found)


def test_something_else_is_not_this_format():
    with pytest.raises(NotThisFormat):
        Database(BufferReader(b"SQLite format 2"))
