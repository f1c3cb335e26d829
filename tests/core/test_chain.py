"""The chain: whole as it was written, broken wherever a row is not what it was."""

from dataclasses import replace

import pytest

from edge.core.chain import BREAKS, Break, Head, Row, breaks, is_fingerprint
from edge.core.contents import kind_of
from edge.core.record import NOTHING_BEFORE, Record, canonical_bytes, sha256, split
from tests.fakes.passages import everything, stamp
from tests.fakes.signing import SIGNER, FakeSigner, written


def chained(number: int, gate_id: str = "gate-1", signer: FakeSigner = SIGNER) -> list[Row]:
    rows: list[Row] = []
    before = NOTHING_BEFORE
    for n in range(number):
        content = list(everything(n).values())[n % 4]
        uuid = f"00000000-0000-4000-8000-{n:012d}"
        record = written(Record(uuid, gate_id, n + 1, stamp(n), content, "0.1.0", "none", before), signer)
        parts = split(canonical_bytes(record))
        before = sha256(parts.link)
        kind, utc_ms = kind_of(content), stamp(n).utc_ms
        rows.append(
            Row(n + 1, uuid, kind, utc_ms, parts.link, parts.sealed, parts.signature, before, "acknowledged", "")
        )
    return rows


ROWS = chained(6)


def found(rows: list[Row], *heads: Head, gate_id: str | None = None) -> list[tuple[int, str]]:
    return [(one.seq, one.code) for one in breaks(rows, SIGNER.verify, heads, gate_id)]


def head_of(row: Row) -> Head:
    return Head(row.seq, row.sha256, row.signature)


@pytest.mark.parametrize("length", range(7))
def test_what_was_written_is_whole_with_every_head_it_ever_had(length: int) -> None:
    assert found(ROWS[:length], *(head_of(row) for row in ROWS[:length]), gate_id="gate-1") == []


def at(place: int, **changes: object) -> list[Row]:
    return [replace(row, **changes) if n == place else row for n, row in enumerate(ROWS)]  # type: ignore[arg-type]  # of its fields


OTHER = chained(6, signer=FakeSigner(2))


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (ROWS[1:], [(1, "hole")]),
        ([*ROWS[:2], *ROWS[4:]], [(3, "hole")]),
        (at(2, sealed=ROWS[2].sealed + b" "), [(3, "content")]),  # type: ignore[operator]  # it is there
        (at(2, sealed=None), []),
        (at(2, sealed=None, state="waiting"), [(3, "erased")]),
        (at(2, sealed=None, state="set_aside"), [(3, "erased")]),
        (at(2, signature=ROWS[1].signature), [(3, "signature")]),
        (at(2, signature="x"), [(3, "signature")]),
        (at(2, link=b"{}"), [(3, "no_link"), (3, "signature"), (4, "not_after")]),
        (at(2, uuid=ROWS[1].uuid), [(3, "columns")]),
        (at(2, kind="event"), [(3, "columns")]),
        (at(2, utc_ms=0), [(3, "columns")]),
        (at(2, sha256="0" * 64), [(3, "columns")]),
        (at(2, state="lost"), [(3, "state")]),
        (at(2, why="nobody was told"), [(3, "state")]),
        (at(2, state="set_aside", why="refused"), []),
        (OTHER, [(n, "signature") for n in range(1, 7)]),
        (
            [*ROWS[:2], replace(ROWS[3], seq=3), replace(ROWS[2], seq=4), *ROWS[4:]],
            [(3, "not_after"), (3, "columns"), (4, "not_after"), (4, "columns"), (5, "not_after")],
        ),
    ],
)
def test_what_is_not_as_it_was_written_is_found_where_it_is(rows: list[Row], told: list[tuple[int, str]]) -> None:
    assert found(rows) == told


def test_rows_of_another_gate_are_not_this_gate_s() -> None:
    assert found(ROWS, gate_id="gate-2") == [(n, "other_gate") for n in range(1, 7)]
    mixed = [*ROWS[:3], *chained(6, "gate-2")[3:]]
    assert found(mixed) == [(4, "other_gate"), (4, "not_after"), (5, "other_gate"), (6, "other_gate")]


@pytest.mark.parametrize("left", range(6))
def test_an_end_that_is_missing_shows_by_a_head_only(left: int) -> None:
    assert found(ROWS[:left]) == []
    assert found(ROWS[:left], head_of(ROWS[5])) == [(6, "cut_off")]


def test_another_history_with_the_same_key_shows_by_a_head_only() -> None:
    assert found(ROWS, head_of(ROWS[5]), Head(3, "a" * 64, "")) == [(3, "other_head")]


def test_every_break_has_its_words() -> None:
    assert all(Break(1, code).why.zh and Break(1, code).why.en for code in BREAKS)


def test_what_can_be_a_fingerprint() -> None:
    assert is_fingerprint(sha256(b""))
    assert not any(is_fingerprint(text) for text in ("", "a" * 63, "a" * 65, "A" * 64, "g" * 64, "a" * 64 + "\n"))
