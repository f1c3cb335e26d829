"""The end of a demo: every person is looked for in the gate's file, every record before the gate and at the county."""

from contextlib import closing
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.adapters.store_sqlite import SqliteStore
from edge.app.demo_summary import Kept, Truth, match, read_records, summary
from edge.core.contents import Content
from edge.core.errors import StoreError
from edge.core.record import Record, canonical_bytes, fingerprint
from tests.fakes.passages import everything, passage, stamp, unmeasured


def person(t_first_s: float, t_last_s: float, forehead_c: float = 35.0) -> Truth:
    return Truth(f"p{t_first_s:g}", t_first_s, t_last_s, forehead_c)


def kept(seq: int, t_first_s: float, t_last_s: float, forehead_c: float | None = 35.0) -> Kept:
    made = unmeasured(reason="too_far") if forehead_c is None else passage(forehead_c=forehead_c)
    assert made.measurement is not None
    return record_of(seq, replace(made, measurement=replace(made.measurement, t_first_s=t_first_s, t_last_s=t_last_s)))


def record_of(seq: int, content: Content) -> Kept:
    record = Record(str(UUID(int=seq)), "gate-1", seq, stamp(seq), content, "0.1.0", "none")
    return Kept(record, fingerprint(canonical_bytes(record)))


def at_county(records: list[Kept]) -> dict[str, str]:
    return {one.record.uuid: one.sha256 for one in records}


PEOPLE = [person(0, 3, 35.0), person(4, 7, 36.5), person(8, 11, 35.2)]
RECORDS = [kept(1, 0.5, 2.5, 35.1), kept(2, 4.5, 7.2, 36.3), kept(3, 8.1, 10, None)]


def test_everybody_at_the_county_with_the_errors_of_their_readings() -> None:
    told = summary(PEOPLE, RECORDS, at_county(RECORDS), 100.0)
    assert told.nobody_lost
    assert "nobody was lost" in told.text
    assert "mean -0.05 K" in told.text
    assert "SD 0.21 K" in told.text
    assert "worst -0.20 K" in told.text
    counts = [line.split()[-1] for line in told.text.splitlines() if line.startswith("  ")]
    assert counts == ["2", "0", "0", "1"]


@pytest.mark.parametrize(
    ("people", "records", "there", "told"),
    [
        (PEOPLE, RECORDS[:2], RECORDS, "people without a record: p8"),
        (PEOPLE[:2], RECORDS, RECORDS, "records without a person: #3"),
        (PEOPLE, RECORDS, RECORDS[1:], "not at the county: #1"),
    ],
)
def test_whoever_is_missing_is_named(people: list[Truth], records: list[Kept], there: list[Kept], told: str) -> None:
    result = summary(people, records, at_county(there), 100.0)
    assert not result.nobody_lost
    assert told in result.text
    assert "SOMEBODY WAS LOST" in result.text


def test_a_demo_without_people_proves_nothing_and_does_not_say_that_it_does() -> None:
    result = summary([], [], {}, 100.0)
    assert not result.nobody_lost
    assert "nothing is proved" in result.text
    assert "LOST" not in result.text


def test_who_was_still_there_when_the_gate_stopped_is_no_stranger() -> None:
    result = summary(PEOPLE[:2], RECORDS, at_county(RECORDS), 11.0)
    assert result.nobody_lost
    assert "still before the gate at the end: #3" in result.text


def test_a_record_that_the_county_has_with_other_bytes_is_missing() -> None:
    result = summary(PEOPLE, RECORDS, {**at_county(RECORDS), RECORDS[1].record.uuid: "0" * 64}, 100.0)
    assert "not at the county: #2" in result.text


def test_records_of_anything_but_people_stand_for_nobody_and_must_be_at_the_county_too() -> None:
    others = [record_of(4 + n, content) for n, content in enumerate(everything().values()) if n > 0]
    badge = record_of(9, replace(passage(), measurement=None, verdict="refused", reasons=("no_face",)))
    records = [*RECORDS, *others, badge]
    assert summary(PEOPLE, records, at_county(records), 100.0).nobody_lost
    assert "not at the county: #5, #6, #7, #9" in summary(PEOPLE, records, at_county(RECORDS), 100.0).text


def test_one_record_does_not_stand_for_two_people() -> None:
    assert match([person(0, 3), person(2, 6)], [kept(1, 0, 6)]) == {1: 0}


SPANS = st.lists(st.tuples(st.floats(0, 50), st.floats(0.1, 10)), max_size=6)


@given(SPANS, SPANS)
def test_pairs_are_one_to_one_and_were_there_together(
    people: list[tuple[float, float]], records: list[tuple[float, float]]
) -> None:
    truths = [person(start_s, start_s + length_s) for start_s, length_s in people]
    files = [kept(n + 1, start_s, start_s + length_s) for n, (start_s, length_s) in enumerate(records)]
    pairs = match(truths, files)
    assert len(set(pairs.values())) == len(pairs)
    for i, j in pairs.items():
        seen = files[j].seen
        assert seen is not None
        assert min(truths[i].t_last_s, seen.t_last_s) > max(truths[i].t_first_s, seen.t_first_s)


def test_records_are_read_from_the_gate_s_file(tmp_path: Path) -> None:
    with closing(SqliteStore(tmp_path / "r.sqlite", "gate-1", "0.1.0", "none")) as store:
        written = [store.append(passage(n), stamp(n)) for n in range(3)]
        assert [one.record for one in read_records(tmp_path / "r.sqlite")] == written
    with pytest.raises(StoreError, match="cannot read the records"):
        read_records(tmp_path / "none.sqlite")
