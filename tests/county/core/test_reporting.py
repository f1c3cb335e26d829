"""Where every school's report stands: each school once, told by its first version, whatever order reports come in."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from county.core.reporting import (
    Arrived,
    Changed,
    Confirmed,
    countdown_text,
    deadline_of,
    differences,
    states,
    tally,
)

DEADLINE = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
SCHOOLS = ("甲", "乙", "丙", "丁")
MINUTE = timedelta(minutes=1)
MOMENTS = st.integers(-600, 600).map(lambda minutes: DEADLINE + minutes * MINUTE)


@st.composite
def versions(draw: st.DrawFn) -> list[Confirmed]:
    """For some schools one version after the other, shuffled."""
    found = []
    for school in draw(st.lists(st.sampled_from((*SCHOOLS, "别处")), unique=True)):
        moments = sorted(draw(st.lists(MOMENTS, min_size=1, max_size=4)))
        found += [Confirmed(school, number, at) for number, at in enumerate(moments, 1)]
    return draw(st.permutations(found))


@given(versions(), MOMENTS, st.sets(st.sampled_from(SCHOOLS)))
def test_every_school_stands_somewhere_once(reports: list[Confirmed], now: datetime, composed: set[str]) -> None:
    found = states(reports, SCHOOLS, now, DEADLINE, composed)
    assert [one.school for one in found] == list(SCHOOLS)
    for one in found:
        own = sorted((each for each in reports if each.school == one.school), key=lambda each: each.version)
        assert one.versions == len(own)
        assert one.amended == (len(own) > 1)
        assert (one.state in ("on_time", "late")) == bool(own)
        if own:
            assert (one.state == "on_time") == (own[0].at <= DEADLINE)
            assert (one.first_at, one.last_at) == (own[0].at, own[-1].at)
            assert (one.overdue > timedelta()) == (one.state == "late")
        elif now <= DEADLINE:
            assert one.state == "waiting"
            assert one.overdue == timedelta()
        else:
            assert one.state == ("unconfirmed" if one.school in composed else "missing")
            assert one.overdue == now - DEADLINE
    counts = tally(found)
    assert sum(counts[state] for state in ("waiting", "on_time", "late", "unconfirmed", "missing")) == len(SCHOOLS)


@given(versions(), MOMENTS, MOMENTS)
def test_time_alone_moves_a_school_only_from_waiting_on(reports: list[Confirmed], a: datetime, b: datetime) -> None:
    before, after = (states(reports, SCHOOLS, now, DEADLINE) for now in sorted((a, b)))
    for old, new in zip(before, after, strict=True):
        assert old.state == new.state or (old.state, new.state) == ("waiting", "missing")


@given(versions(), MOMENTS)
def test_an_amendment_makes_nothing_timely_and_nothing_late(reports: list[Confirmed], now: datetime) -> None:
    before = states(reports, SCHOOLS, now, DEADLINE)
    more = [*reports, *(Confirmed(one.school, one.versions + 1, DEADLINE) for one in before if one.versions)]
    for old, new in zip(before, states(more, SCHOOLS, now, DEADLINE), strict=True):
        assert old.state == new.state
        assert new.amended == bool(old.versions)


def test_what_arrived_afterwards_needs_an_amendment() -> None:
    (one,) = states([Confirmed("甲", 1, DEADLINE)], ["甲"], DEADLINE, DEADLINE, arrived={"甲": Arrived(late=1)})
    assert (one.state, one.arrived.due) == ("on_time", True)
    assert not Arrived().due
    assert Arrived(since=2).due


def test_the_deadline_is_a_minute_of_the_local_day() -> None:
    assert deadline_of(datetime(2026, 3, 2, tzinfo=UTC).date(), 570, ZoneInfo("Asia/Shanghai")) == DEADLINE


def test_the_countdown_counts_down_and_then_up() -> None:
    assert countdown_text(timedelta(hours=1, minutes=59, seconds=59)).en == "1 h 59 min left"
    assert countdown_text(timedelta()).zh == "还剩 0 分钟"
    assert countdown_text(-timedelta(minutes=5)).zh == "已超时 5 分钟"
    assert countdown_text(-timedelta(days=2, hours=3)).en == "2 d 3 h overdue"


FIGURES = st.dictionaries(
    st.sampled_from("abcd"), st.integers(0, 3) | st.dictionaries(st.sampled_from("xy"), st.integers(0, 3), min_size=1)
)


@given(FIGURES, FIGURES)
def test_differences_are_all_there_is_between_two_versions(before: dict[str, Any], after: dict[str, Any]) -> None:
    found = differences(before, after)
    assert (found == ()) == (before == after)
    assert {one.what.split(".")[0] for one in found} == {
        name for name in before.keys() | after.keys() if before.get(name) != after.get(name)
    }
    assert differences(after, before) == tuple(Changed(one.what, one.after, one.before) for one in found)
