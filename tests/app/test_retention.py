"""The sync erases what has had its time: at once, then now and again, whatever the file does."""

import threading

from edge.app.retention import erase_old, retention
from edge.core.cases import fold, held_people
from edge.core.errors import StoreError
from edge.core.retention import DAY_MS
from tests.fakes.clock import FakeClock
from tests.fakes.passages import case_step, passage, stamp
from tests.fakes.store import FakeStore

PATIENCE_S = 20.0
DAY_S = DAY_MS / 1000


def kept(days: int, synchronised: bool = True) -> tuple[FakeStore, FakeClock]:
    """Three records the county has, one of them of an open case, and the time so many days after them."""
    store = FakeStore()
    for content in (passage(0), case_step(5), passage(1)):
        store.acknowledge(store.append(content, stamp()).uuid)
    return store, FakeClock(0.0, stamp().utc_ms + days * DAY_MS, synchronised)


def test_after_its_days_everything_goes_but_an_open_case() -> None:
    store, clock = kept(31)
    assert erase_old(store, clock, 30) == 2
    assert [record.seq for record in store.recall({"passage", "case"})] == [2]


def a_case_that_is_over(store: FakeStore, clock: FakeClock) -> list[str]:
    """Observed for 14 days, released, closed; the uuids of its steps, all acknowledged."""
    uuids = []
    for step in ("alarm", "contact", "observation", "informed", "released", "closed"):
        clock.advance(14 * DAY_S if step == "released" else 60.0)
        reading = {"contact_c": 38.5} if step == "contact" else {"note": "mother"}
        content = case_step(7, step=step, person_id="p-7", by=None if step == "alarm" else "medic", **reading)
        uuids.append(store.append(content, clock.stamp()).uuid)
        store.acknowledge(uuids[-1])
    return uuids


def held(store: FakeStore) -> frozenset[str]:
    """Whom a gate that starts now keeps out."""
    return held_people(fold(store.recall({"case"})))


def test_a_case_that_is_over_goes_whole_and_holds_nobody_while_its_days_run_out() -> None:
    store, clock = FakeStore(), FakeClock()
    a_case_that_is_over(store, clock)
    erased = []
    for day in range(15, 46):
        clock.advance(DAY_S)
        erased.append(erase_old(store, clock, 30))
        assert held(store) == frozenset(), f"on day {day}"
    assert (sum(erased), erased.count(6)) == (6, 1)


def test_a_case_of_which_the_county_lacks_a_step_stays_whole() -> None:
    store, clock = FakeStore(), FakeClock()
    uuids = a_case_that_is_over(store, clock)
    store.acknowledged.remove(uuids[0])
    store.set_aside(uuids[0], "refused")
    clock.advance(60 * DAY_S)
    assert erase_old(store, clock, 30) == 0
    assert held(store) == frozenset()


def test_before_its_days_or_by_a_clock_that_is_not_set_nothing_goes() -> None:
    assert erase_old(*kept(29), 30) == 0
    assert erase_old(*kept(31, synchronised=False), 30) == 0


def test_it_runs_at_once_and_again_and_outlives_a_fault_which_it_tells_once() -> None:
    store, clock = kept(31)
    store.fault = StoreError("磁盘已满；请腾出空间", "the disk is full")
    said: list[str] = []
    told = threading.Event()

    def announce(line: str) -> None:
        said.append(line)
        store.fault = None
        if len(said) > 1:
            told.set()

    with retention(store, clock, 30, announce, every_s=0.01):
        assert told.wait(PATIENCE_S)
    assert "the disk is full" in said[0]
    assert said[1].endswith("the personal data of 2 old records was erased")
    assert len(said) == 2
