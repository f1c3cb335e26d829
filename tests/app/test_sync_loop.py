"""The sync process's loop: what is sent when, what is reported, what stops it."""

import json
import threading
from collections.abc import Collection, Mapping

import pytest

from edge.app.sync_loop import Status, SyncEvent, run_sync
from edge.core.answer import Answer
from edge.core.errors import StoreError
from edge.core.record import Record
from tests.fakes.clock import FakeClock, FakeStop
from tests.fakes.passages import passage, stamp
from tests.fakes.store import FakeStore
from tests.fakes.uplink import FakeUplink, refusal

DISK_FULL = StoreError("磁盘已满；请腾出空间", "the disk is full; free some space")
AWAY = Answer(None, failure="connection refused", connected=False)


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

    def run(self, for_s: float, status: Status = lambda held_back_s: None) -> None:
        stop = FakeStop(self.clock, for_s)
        run_sync(self.store, self.uplink, self.clock.now_s, stop, self.events.append, 5.0, lambda: 0.5, status)
        self.waits_s += stop.waits_s

    @property
    def uuids(self) -> list[str]:
        return [record.uuid for record in self.records]


def a_status(held_back_s: float) -> bytes:
    return json.dumps({"pause_s": held_back_s}).encode()


def test_a_backlog_goes_out_in_batches_from_both_ends_each_record_once_without_a_pause() -> None:
    site = Site(1_700)
    site.run(for_s=5.0)
    assert site.uplink.batches == [
        site.uuids[:500],
        site.uuids[-500:],
        site.uuids[500:1_000],
        site.uuids[1_000:1_200],
    ]
    assert sorted(site.store.acknowledged) == sorted(site.uuids)
    assert site.waits_s == [5.0]
    assert site.events[-1] == SyncEvent(sent=1_700, acknowledged=1_700, set_aside=0, waiting=0)


def test_what_is_written_during_a_backlog_is_with_the_county_two_batches_later() -> None:
    site = Site(5_000)
    written_after: dict[str, int] = {}
    waited: list[int] = []

    def report(event: SyncEvent) -> None:
        batches = len(site.uplink.batches)
        waited.extend(batches - written_after.pop(uuid) for uuid in set(written_after) & set(site.uplink.kept))
        if len(site.records) < 5_010:
            site.write(1)
            written_after[site.uuids[-1]] = batches

    stop = FakeStop(site.clock, 5.0)
    run_sync(site.store, site.uplink, site.clock.now_s, stop, report, 5.0, lambda: 0.5)
    assert len(waited) == 10
    assert max(waited) <= 2
    assert len(site.store.acknowledged) == 5_010


def test_every_change_is_reported_and_nothing_twice() -> None:
    site = Site(3)
    site.run(for_s=60.0)
    assert site.events == [SyncEvent(waiting=3), SyncEvent(3, 3, 0, 0)]


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


def test_a_county_that_is_away_is_asked_ever_more_seldom_and_then_gets_everything() -> None:
    site = Site(5, FakeUplink(*[AWAY] * 8))
    site.run(for_s=10_000.0)
    assert site.waits_s[:8] == pytest.approx([1.5, 2.5, 4.5, 8.5, 16.5, 32.5, 64.5, 128.5])
    assert set(site.waits_s[8:]) == {5.0}
    assert site.uplink.batches == [site.uuids] * 9
    assert site.store.acknowledged == site.uuids
    assert site.events[-1] == SyncEvent(sent=45, acknowledged=5, set_aside=0, waiting=0)


def test_an_answer_that_is_lost_after_the_county_s_commit_costs_another_offer_and_nothing_else() -> None:
    site = Site(700)
    lost: list[list[str]] = []

    class Losing(FakeUplink):
        def send(self, bodies: object) -> Answer:
            answer = super().send(bodies)  # type: ignore[arg-type]  # as the port's
            if len(lost) < 2:
                lost.append(self.batches[-1])
                return Answer(None, failure="reset by peer")
            return answer

    site.uplink = Losing()
    site.run(for_s=60.0)
    assert lost[0] == site.uuids[:500]
    assert set(lost[0]) <= set(site.uplink.kept)
    assert sorted(site.store.acknowledged) == sorted(site.uuids)
    assert site.store.counts() == (700, 700, 0)
    assert site.events[-1].failure is None


def test_poison_records_are_set_aside_and_reported_and_the_rest_goes_through() -> None:
    site = Site(6)
    poison = site.uuids[0], site.uuids[3]
    site.uplink = FakeUplink(refuse=lambda uuid: "broken_chain" if uuid in poison else None)
    site.run(for_s=4.0)
    assert list(site.uplink.kept) == [uuid for uuid in site.uuids if uuid not in poison]
    assert list(site.store.set_asides) == list(poison)
    assert "because of broken_chain" in site.store.set_asides[poison[0]]
    assert "原因 broken_chain" in site.store.set_asides[poison[0]]
    assert len(site.uplink.offered) == 6, "nothing is offered again that was refused"
    told = site.events[1]
    assert (told.set_aside, told.waiting) == (2, 0)
    assert told.failure is not None
    assert "it is kept here" in told.failure.en


def test_a_record_that_breaks_the_county_without_being_refused_does_not_hold_up_the_rest() -> None:
    site = Site(750)
    broken = site.uuids[300]
    site.uplink = FakeUplink(spoil=lambda uuids: Answer(500) if broken in uuids else None)
    site.run(for_s=100.0)
    assert site.store.counts() == (750, 749, 0)
    assert broken not in site.store.acknowledged
    offers = site.uplink.offered.count(broken)
    site.run(for_s=1_000.0)
    assert site.uplink.offered.count(broken) > offers, "it is still offered"
    assert site.uplink.batches[-1] == [broken]
    assert site.events[-1].failure is not None
    site.uplink = FakeUplink()
    site.run(for_s=10.0)
    assert site.store.counts() == (750, 750, 0)


def test_people_who_come_later_do_not_wait_for_a_broken_record() -> None:
    site = Site(1)
    broken = site.uuids[0]
    site.uplink = FakeUplink(spoil=lambda uuids: Answer(500) if broken in uuids else None)
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


def test_a_refused_token_stops_the_pushing_and_says_so() -> None:
    site = Site(5, FakeUplink(*[refusal(401, "bad_token")] * 3))
    site.run(for_s=600.0)
    assert site.waits_s[:3] == [225.0] * 3
    assert site.uplink.batches == [site.uuids] * 3
    assert site.events[-1].failure is not None
    assert "技术人员" in site.events[-1].failure.zh
    assert site.store.counts() == (5, 0, 0)


def test_the_countys_wish_to_be_left_alone_is_followed() -> None:
    site = Site(1, FakeUplink(Answer(503, retry_after_s=120.0)))
    site.run(for_s=200.0)
    assert site.waits_s[0] == 120.0
    assert site.store.acknowledged == site.uuids


def test_a_wall_clock_that_jumps_changes_no_pause() -> None:
    site = Site(2, FakeUplink(AWAY, AWAY, AWAY))

    class Jumping(FakeStop):
        def wait(self, timeout: float | None = None) -> bool:
            site.clock.jump(-40 * 365 * 86_400.0 if len(self.waits_s) % 2 else 40 * 365 * 86_400.0)
            return super().wait(timeout)

    stop = Jumping(site.clock, 60.0)
    run_sync(site.store, site.uplink, site.clock.now_s, stop, site.events.append, 5.0, lambda: 0.5)
    assert stop.waits_s[:3] == pytest.approx([1.5, 2.5, 4.5])
    assert site.store.acknowledged == site.uuids


# --- the status ------------------------------------------------------------------------------------------------------


def test_the_status_goes_first_and_then_every_minute() -> None:
    site = Site(2)
    site.run(for_s=150.0, status=a_status)
    assert len(site.uplink.statuses) == 3
    assert site.events == [SyncEvent(waiting=2), SyncEvent(2, 2, 0, 0)]


def test_it_is_the_first_thing_after_every_silence_and_no_record_goes_before_it() -> None:
    site = Site(2)
    site.uplink.status_answers = [AWAY, AWAY]
    site.run(for_s=3.0, status=a_status)
    assert site.uplink.batches == []
    assert site.events[-1].failure is not None
    assert "connection refused" in site.events[-1].failure.en
    site.run(for_s=30.0, status=a_status)
    assert site.uplink.batches == [site.uuids]
    site = Site(2, FakeUplink(AWAY))
    site.run(for_s=30.0, status=a_status)
    assert len(site.uplink.batches) == 2
    assert [json.loads(body)["pause_s"] for body in site.uplink.statuses] == [0.0, 1.5]


def test_a_county_that_knows_no_status_gets_records_all_the_same() -> None:
    site = Site(2)
    site.uplink.status_answers = [Answer(404, b"<html>"), refusal(400, "not_a_status")]
    site.run(for_s=70.0, status=a_status)
    assert site.store.acknowledged == site.uuids
    assert any(event.failure is not None and "check the address" in event.failure.en for event in site.events)
    assert any(event.failure is not None and "records are sent as ever" in event.failure.en for event in site.events)


def test_a_county_that_was_restored_from_a_backup_gets_again_what_it_lost() -> None:
    site = Site(900)
    site.run(for_s=10.0, status=a_status)
    assert len(site.uplink.kept) == 900
    # Its disk of yesterday has the first 600, without three that arrived later.
    restored = FakeUplink()
    restored.kept = {uuid: site.uplink.kept[uuid] for uuid in site.uuids[:600] if uuid not in site.uuids[100:103]}
    restored.lacking = [[101, 103], [601, 900]]
    site.uplink = restored
    site.run(for_s=20.0, status=a_status)
    assert restored.kept.keys() == set(site.uuids)
    assert sorted(restored.offered) == sorted(site.uuids[100:103] + site.uuids[600:])
    assert site.events[-1].again == 303
    assert site.store.counts() == (900, 900, 0)


def test_a_county_that_loses_the_same_records_again_and_again_gets_them_ever_more_seldom() -> None:
    site = Site(10)
    site.uplink.lacking = [[1, 10]]
    site.run(for_s=4 * 3_600.0, status=a_status)
    assert 6 <= len(site.uplink.batches) <= 11
    assert site.store.counts() == (10, 10, 0)


@pytest.mark.parametrize(
    "ranges", ["x", [[1]], [[0, 5]], [[5, 1]], [[1, 2.0]], [[1, True]], [[1, 2**54]], [[1, 2]] * 101]
)
def test_ranges_that_are_none_move_nothing(ranges: object) -> None:
    site = Site(5)
    site.run(for_s=5.0)
    site.uplink.status_answers = [Answer(200, json.dumps({"head": None, "missing": ranges}).encode())]
    site.run(for_s=5.0, status=a_status)
    assert site.store.counts() == (5, 5, 0)
    assert len(site.uplink.batches) == 1


# --- the file --------------------------------------------------------------------------------------------------------


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

        def settle(self, acknowledged: Collection[str], set_aside: Mapping[str, str]) -> None:
            if self.full:
                raise DISK_FULL
            super().settle(acknowledged, set_aside)

    site = Site(0)
    site.store = store = FullForAnswers()
    site.write(3)
    site.run(for_s=10.0)
    assert list(site.uplink.kept) == site.uuids, "the county has them, the file does not know"
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


def test_it_stops_between_two_batches_and_writes_down_what_was_answered() -> None:
    site = Site(1_200)
    stop = threading.Event()

    def report(event: SyncEvent) -> None:
        if event.acknowledged == 500:
            stop.set()

    run_sync(site.store, site.uplink, site.clock.now_s, stop, report)
    assert site.uplink.batches == [site.uuids[:500]]
    assert site.store.acknowledged == site.uuids[:500]


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
