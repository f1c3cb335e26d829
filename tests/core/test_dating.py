"""Dates of a board whose clock is not always set, and an order that no clock changes."""

from dataclasses import replace
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from edge.core.dating import between_s, on_set_clocks, stamps_on_set_clocks
from edge.core.record import Record, Stamp
from tests.fakes.passages import passage

BOOTS = ("a" * 8, "b" * 8, "c" * 8)
stamps = st.builds(Stamp, st.integers(0, 2**53), st.floats(0, 1e6), st.sampled_from(BOOTS), st.booleans())
jumps = st.integers(-(2**52), 2**52)


def records_at(moments: list[Stamp]) -> list[Record]:
    return [Record(str(UUID(int=n)), "g", n + 1, at, passage(n), "1", "c") for n, at in enumerate(moments)]


@given(st.lists(stamps, max_size=12))
def test_order_and_everything_but_the_date_of_an_unset_clock_stay(moments: list[Stamp]) -> None:
    written = records_at(moments)
    dated = on_set_clocks(written)
    assert [replace(d, decided=w.decided) for d, w in zip(dated, written, strict=True)] == written
    for before, after in zip(written, dated, strict=True):
        assert replace(after.decided, utc_ms=before.decided.utc_ms) == before.decided
        if before.decided.synchronised:
            assert after == before
    assert [record.decided for record in dated] == stamps_on_set_clocks(moments)


@given(st.lists(stamps, max_size=12), jumps)
def test_a_jump_of_an_unset_clock_changes_no_order_and_no_date_of_a_boot_that_was_set(
    moments: list[Stamp], jump_ms: int
) -> None:
    jumped = [at if at.synchronised else replace(at, utc_ms=max(0, at.utc_ms + jump_ms)) for at in moments]
    set_boots = {at.boot_id for at in moments if at.synchronised}
    ours, theirs = on_set_clocks(records_at(moments)), on_set_clocks(records_at(jumped))
    assert [record.seq for record in theirs] == [record.seq for record in ours] == list(range(1, len(moments) + 1))
    for one, other in zip(ours, theirs, strict=True):
        if one.decided.boot_id in set_boots:
            assert one == other


@given(st.lists(st.integers(0, 10**6), min_size=2, max_size=10), st.integers(0, 9), st.integers(10**10, 2**52))
def test_one_moment_of_a_set_clock_dates_its_whole_boot(seconds: list[int], which: int, utc_ms: int) -> None:
    seconds.sort()
    which %= len(seconds)
    told = [Stamp(utc_ms if n == which else 5, float(s), BOOTS[0], n == which) for n, s in enumerate(seconds)]
    assert [at.utc_ms - utc_ms for at in stamps_on_set_clocks(told)] == [(s - seconds[which]) * 1000 for s in seconds]


@given(stamps, stamps)
def test_how_long_ago_is_told_only_by_clocks_that_can(one: Stamp, other: Stamp) -> None:
    told = between_s(one, other)
    if one.boot_id == other.boot_id:
        assert told == max(0.0, other.monotonic_s - one.monotonic_s)
    elif one.synchronised and other.synchronised:
        assert told == max(0.0, (other.utc_ms - one.utc_ms) / 1000)
    else:
        assert told is None
