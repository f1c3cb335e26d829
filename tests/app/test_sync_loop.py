"""The sync process's loop: what is sent when, what is reported, what stops it."""

import threading

import pytest

from edge.app import sync_loop
from edge.app.sync_loop import SyncEvent, run_sync
from edge.core.errors import StoreError
from edge.core.outbox import PATIENCE, Answer
from edge.core.record import Record
from tests.fakes.clock import FakeClock, FakeStop
from tests.fakes.passages import passage, stamp
from tests.fakes.store import FakeStore
from tests.fakes.uplink import FakeUplink, refusal

DISK_FULL = StoreError("磁盘已满；请腾出空间", "the disk is full; free some space")


class Site:
    """A gate's records, a county, and the loop between them on a fake clock."""

    def __init__(self, records: int, uplink: FakeUplink | None = None) -> None:
        self.store = FakeStore()
        self.uplink = FakeUplink() if uplink is None else uplink
        self.clock = FakeClock()
        self.events: list[SyncEvent] = []
        self.waits_s: list[float] = []
        self.records: list[Record] = []
        self.write(records)

    def write(self, records: int) -> None:
        for _ in range(records):
            self.records.append(self.store.append(passage(len(self.records)), stamp(len(self.records))))

    def run(self, for_s: float) -> None:
        stop = FakeStop(self.clock, for_s)
        run_sync(self.store, self.uplink, self.clock.now_s, stop, self.events.append, 5.0, lambda: 0.5)
        self.waits_s += stop.waits_s

    @property
    def uuids(self) -> list[str]:
        return [record.uuid for record in self.records]


def test_a_backlog_of_any_length_goes_out_oldest_first_each_once_without_a_pause() -> None:
    site = Site(350)
    site.run(for_s=5.0)
    assert site.uplink.offered == site.uuids
    assert site.store.acknowledged == site.uuids
    assert site.waits_s == [5.0]
    assert site.events[-1] == SyncEvent(sent=350, acknowledged=350, set_aside=0, waiting=0)


def test_every_change_is_reported_and_nothing_twice() -> None:
    site = Site(3)
    site.run(for_s=60.0)
    assert site.events == [SyncEvent(n, n, 0, 3 - n) for n in range(4)]


def test_new_records_are_found_while_it_waits() -> None:
    site = Site(0)

    class Writing(FakeStop):
        def wait(self, timeout: float | None = None) -> bool:
            if len(self.waits_s) < 4:
                site.write(2)
            return super().wait(timeout)

    run_sync(site.store, site.uplink, site.clock.now_s, Writing(site.clock, 30.0), site.events.append, every_s=5.0)
    assert site.store.acknowledged == site.uuids
    assert len(site.uuids) == 8


def test_a_county_that_is_away_is_asked_ever_more_seldom_and_then_gets_everything_in_order() -> None:
    away = Answer(None, failure="connection refused", connected=False)
    site = Site(5, FakeUplink(*[away] * 8))
    site.run(for_s=10_000.0)
    assert site.waits_s[:8] == pytest.approx([1.5, 2.5, 4.5, 8.5, 16.5, 32.5, 64.5, 128.5])
    assert set(site.waits_s[8:]) == {5.0}
    assert site.uplink.offered == [site.uuids[0]] * 8 + site.uuids
    assert [event.failure is None for event in site.events] == [True] + [False] * 8 + [True] * 5
    assert site.events[-1] == SyncEvent(sent=13, acknowledged=5, set_aside=0, waiting=0)


def test_a_poison_record_is_set_aside_and_reported_and_the_rest_goes_through() -> None:
    site = Site(6)
    poison = site.uuids[0], site.uuids[3]
    site.uplink = FakeUplink(spoil=lambda uuid: refusal(400, "not_a_record") if uuid in poison else None)
    site.run(for_s=5.0)
    assert list(site.uplink.kept) == [uuid for uuid in site.uuids if uuid not in poison]
    assert list(site.store.set_asides) == list(poison)
    assert "because of not_a_record" in site.store.set_asides[poison[0]]
    assert "原因 not_a_record" in site.store.set_asides[poison[0]]
    assert len(site.uplink.offered) == 6, "nothing is offered again that was refused"
    told = site.events[1]
    assert (told.set_aside, told.waiting) == (1, 5)
    assert told.failure is not None
    assert "it is kept here" in told.failure.en
    assert site.events[-1] == SyncEvent(sent=6, acknowledged=4, set_aside=2, waiting=0)


def test_a_record_that_breaks_the_county_without_being_refused_does_not_hold_up_the_rest() -> None:
    site = Site(250)
    site.uplink = FakeUplink(spoil=lambda uuid: Answer(500) if uuid == site.uuids[0] else None)
    site.run(for_s=200.0)
    assert site.store.acknowledged == site.uuids[1:]
    assert site.store.counts() == (250, 249, 0)
    assert site.uplink.offered[:PATIENCE] == site.uuids[:1] * PATIENCE
    assert site.uplink.offered[-1] == site.uuids[0], "it is still offered"
    assert site.events[-1].failure is not None
    site.uplink = FakeUplink()
    site.run(for_s=10.0)
    assert site.store.acknowledged == [*site.uuids[1:], site.uuids[0]], "a repaired county gets it"


def test_people_who_come_later_do_not_wait_for_a_broken_record() -> None:
    site = Site(1)
    site.uplink = FakeUplink(spoil=lambda uuid: Answer(500) if uuid == site.uuids[0] else None)
    written_at_s: dict[str, float] = {}
    delays_s: list[float] = []

    class Writing(FakeStop):
        def wait(self, timeout: float | None = None) -> bool:
            if site.clock.now_s() > 1_040.0:
                site.write(1)
                written_at_s[site.uuids[-1]] = site.clock.now_s()
            return super().wait(timeout)

    def report(event: SyncEvent) -> None:
        for uuid in set(site.store.acknowledged) & set(written_at_s):
            delays_s.append(site.clock.now_s() - written_at_s.pop(uuid))

    run_sync(site.store, site.uplink, site.clock.now_s, Writing(site.clock, 1000.0), report, 5.0, lambda: 0.5)
    assert len(delays_s) > 100
    assert max(delays_s) <= 5.0


def test_more_broken_records_than_a_batch_do_not_hold_up_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sync_loop, "BATCH", 3)
    site = Site(12)
    broken = set(site.uuids[:8])
    site.uplink = FakeUplink(spoil=lambda uuid: Answer(500) if uuid in broken else None)
    site.run(for_s=10_000.0)
    assert site.store.acknowledged == site.uuids[8:]


def test_a_refused_token_stops_the_pushing_and_says_so() -> None:
    site = Site(5, FakeUplink(*[refusal(401, "bad_token")] * 3))
    site.run(for_s=600.0)
    assert site.waits_s[:3] == [225.0] * 3
    assert site.uplink.offered == site.uuids[:1] * 3
    assert site.events[-1].failure is not None
    assert "技术人员" in site.events[-1].failure.zh
    assert site.store.counts() == (5, 0, 0)


def test_the_countys_wish_to_be_left_alone_is_followed() -> None:
    site = Site(1, FakeUplink(Answer(503, retry_after_s=120.0)))
    site.run(for_s=200.0)
    assert site.waits_s[0] == 120.0
    assert site.store.acknowledged == site.uuids


def test_a_file_that_cannot_be_used_is_reported_and_tried_again_until_it_can() -> None:
    site = Site(2)
    site.store.fault = DISK_FULL
    site.run(for_s=30.0)
    assert site.uplink.offered == []
    assert len(site.events) == 1
    assert site.events[0].failure is not None
    assert (site.events[0].failure.zh, site.events[0].failure.en) == (DISK_FULL.zh, DISK_FULL.en)
    assert site.waits_s == pytest.approx([1.5, 2.5, 4.5, 8.5, 16.5])
    site.store.fault = None
    site.run(for_s=30.0)
    assert site.store.acknowledged == site.uuids
    assert site.events[-1].failure is None


def test_an_acknowledgement_that_cannot_be_written_down_is_asked_for_again() -> None:
    class FullForAnswers(FakeStore):
        full = True

        def acknowledge(self, uuid: str) -> None:
            if self.full:
                raise DISK_FULL
            super().acknowledge(uuid)

    site = Site(0)
    site.store = store = FullForAnswers()
    site.write(3)
    site.run(for_s=10.0)
    assert list(site.uplink.kept) == site.uuids[:1], "the county has it, the file does not know"
    assert site.events[-1].failure is not None
    assert site.events[-1].waiting == 3
    store.full = False
    site.run(for_s=10.0)
    assert list(site.uplink.kept) == site.uuids
    assert store.acknowledged == site.uuids
    assert site.events[-1] == SyncEvent(sent=3, acknowledged=3, set_aside=0, waiting=0)


def test_a_file_that_recovers_with_nothing_to_send_is_no_longer_a_failure() -> None:
    site = Site(0)

    class Repairing(FakeStop):
        def wait(self, timeout: float | None = None) -> bool:
            site.store.fault = None
            return super().wait(timeout)

    site.store.fault = DISK_FULL
    run_sync(site.store, site.uplink, site.clock.now_s, Repairing(site.clock, 20.0), site.events.append, 5.0)
    assert [event.failure is None for event in site.events] == [False, True]


def test_it_stops_between_two_records_and_writes_down_what_was_answered() -> None:
    site = Site(10)
    stop = threading.Event()

    def report(event: SyncEvent) -> None:
        if event.acknowledged == 4:
            stop.set()

    run_sync(site.store, site.uplink, site.clock.now_s, stop, report)
    assert site.uplink.offered == site.uuids[:4]
    assert site.store.acknowledged == site.uuids[:4]


def test_it_does_nothing_when_it_is_stopped_before_it_starts() -> None:
    site = Site(1)
    stop = threading.Event()
    stop.set()
    run_sync(site.store, site.uplink, site.clock.now_s, stop, site.events.append)
    assert site.uplink.offered == []
    assert site.events == []


def test_a_real_wait_ends_at_once_when_it_is_stopped() -> None:
    site, stop = Site(1), threading.Event()
    asleep = threading.Event()

    def report(event: SyncEvent) -> None:
        if event.waiting == 0:
            asleep.set()

    thread = threading.Thread(
        target=run_sync, args=(site.store, site.uplink, site.clock.now_s, stop, report), kwargs={"every_s": 3600.0}
    )
    thread.start()
    assert asleep.wait(30)
    stop.set()
    thread.join(30)
    assert not thread.is_alive()
