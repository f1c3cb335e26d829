"""What the gate could not see is written down too."""

from dataclasses import replace
from typing import Any

import pytest

from edge.app.downtime import Downtime
from edge.app.entrance import Entrance
from edge.app.registrar import Registrar
from edge.core.contents import GateEvent
from edge.core.errors import StoreError
from edge.core.frame import NoFrame
from edge.core.record import Stamp
from tests.app.gate_bench import CONFIG, Bench, nobody, standing
from tests.fakes.clock import FakeClock
from tests.fakes.passages import passage
from tests.fakes.store import FakeStore

GONE = NoFrame("not_connected")
OTHER_BOOT = "1" * 32


def events(store: FakeStore) -> list[GateEvent]:
    return [one.content for one in store.recall({"event"}) if isinstance(one.content, GateEvent)]


def test_a_camera_that_comes_back_leaves_a_record_of_how_long_and_how_many() -> None:
    bench = Bench()
    bench.at = {k: bench.present(badge) for k, badge in ((40, "A1"), (50, "A1"), (60, "B2"))}
    bench.play((8, nobody), (3, standing(35.0)), (70, GONE), (5, nobody))
    (event,) = events(bench.store)
    assert (event.code, event.by) == ("camera_away", None)
    assert event.count == 3, "one stood there, two held out badges"
    assert event.duration_s == pytest.approx(8.0, abs=0.3)


def test_a_camera_that_is_away_for_a_moment_leaves_none() -> None:
    bench = Bench()
    bench.play((8, nobody), (2, GONE), (8, nobody))
    assert events(bench.store) == []


def test_each_time_it_is_away_is_a_record_of_its_own_and_the_last_one_ends_with_the_gate() -> None:
    bench = Bench()
    bench.play((8, nobody), (40, GONE), (8, nobody), (40, GONE))
    assert [(one.code, one.count) for one in events(bench.store)] == [("camera_away", 0)] * 2


def started(store: FakeStore, clock: FakeClock) -> GateEvent:
    registrar = Registrar(store, lambda line: None)
    Downtime(Entrance(CONFIG, store, registrar, clock, lambda line: None), store, clock).started()
    store.fault = None
    registrar.retry(float("inf"))
    return events(store)[-1]


def stamp_before(clock: FakeClock, seconds: float, **changes: Any) -> Stamp:
    now = clock.stamp()
    return replace(now, utc_ms=now.utc_ms - round(seconds * 1000), monotonic_s=now.monotonic_s - seconds, **changes)


def test_a_start_tells_how_long_ago_the_last_record_was_where_clocks_can() -> None:
    clock, store = FakeClock(), FakeStore()
    assert started(store, clock) == GateEvent("started", None, None, None, "")
    store.append(passage(), stamp_before(clock, 90.0))
    assert started(store, clock).duration_s == 90.0
    store.append(passage(), stamp_before(clock, 600.0, boot_id=OTHER_BOOT))
    assert started(store, clock).duration_s == 600.0
    store.append(passage(), stamp_before(clock, 600.0, boot_id=OTHER_BOOT, synchronised=False))
    assert started(store, clock).duration_s is None


def test_a_start_with_a_disk_in_trouble_is_written_later() -> None:
    clock, store = FakeClock(), FakeStore()
    store.append(passage(), stamp_before(clock, 90.0))
    store.fault = StoreError("磁盘已满；请腾出空间", "the disk is full")
    assert started(store, clock) == GateEvent("started", None, None, None, "")
