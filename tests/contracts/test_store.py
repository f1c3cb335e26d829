"""What every Store promises, on the fake and on SQLite."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from edge.adapters.store_sqlite import SqliteStore
from edge.app.late_store import LateStore
from edge.core.chain import Head
from edge.core.contents import KINDS
from edge.core.errors import RecordError, StoreError
from edge.core.record import NOTHING_BEFORE, Record, Stamp, canonical_bytes, fingerprint, is_signed, parse, split
from edge.ports import Store
from tests.fakes.clock import BOOT_ID
from tests.fakes.passages import everything, passage, stamp
from tests.fakes.signing import SIGNER
from tests.fakes.store import FakeStore


@pytest.fixture(params=["fake", "sqlite", "late"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    def on_disk() -> SqliteStore:
        return SqliteStore(tmp_path / "records.sqlite", "gate-1", "0.1.0", "none", SIGNER)

    made: dict[str, Callable[[], Store]] = {
        "fake": lambda: FakeStore("gate-1"),
        "sqlite": on_disk,
        "late": lambda: LateStore(on_disk),
    }
    opened = made[request.param]()
    yield opened
    opened.close()


def test_an_empty_store_has_nothing(store: Store) -> None:
    assert store.counts() == (0, 0, 0)
    assert store.unsent(10) == []


def test_records_are_numbered_from_one_without_gaps(store: Store) -> None:
    records = [store.append(passage(n), stamp(n)) for n in range(20)]
    assert [record.seq for record in records] == list(range(1, 21))
    assert {record.gate_id for record in records} == {"gate-1"}
    assert len({UUID(record.uuid) for record in records}) == 20


def test_what_was_written_comes_back_oldest_first_with_its_canonical_bytes(store: Store) -> None:
    records = [store.append(passage(n), stamp(n)) for n in range(5)]
    assert store.unsent(100) == [(record, canonical_bytes(record)) for record in records]
    assert [record for record, _ in store.unsent(2)] == records[:2]
    assert [(record.content, record.decided) for record in records] == [(passage(n), stamp(n)) for n in range(5)]


def test_append_returns_what_the_bytes_say_not_what_was_rounded_away(store: Store) -> None:
    record = store.append(passage(forehead_c=36.123456), stamp())
    assert record.content == passage(forehead_c=36.123)
    assert parse(store.unsent(1)[0][1]) == record


def test_a_whole_number_is_stored_as_the_county_reads_it(store: Store) -> None:
    record = store.append(passage(reference_c=37), stamp())
    assert parse(store.unsent(1)[0][1]) == record


@pytest.mark.parametrize("forehead_c", [float("nan"), float("inf"), 1e9])
def test_what_the_county_would_refuse_for_ever_is_not_written(store: Store, forehead_c: float) -> None:
    with pytest.raises(RecordError):
        store.append(passage(forehead_c=forehead_c), stamp())
    assert store.counts() == (0, 0, 0)
    assert store.append(passage(), stamp()).seq == 1


def test_what_contradicts_itself_is_not_written(store: Store) -> None:
    with pytest.raises(RecordError):
        store.append(replace(passage(), reasons=("not_approved",)), stamp())
    assert store.counts() == (0, 0, 0)


def written_of_all_kinds(store: Store) -> dict[str, list[Record]]:
    """Two of every kind, one after another, a second apart."""
    written: dict[str, list[Record]] = {kind: [] for kind in KINDS}
    for n in range(2):
        for place, (kind, content) in enumerate(everything(n).items()):
            written[kind].append(store.append(content, stamp(len(KINDS) * n + place)))
    return written


def test_records_are_recalled_by_their_kind_in_the_order_they_were_written(store: Store) -> None:
    written = written_of_all_kinds(store)
    for kind in KINDS:
        assert store.recall([kind]) == written[kind]
    assert store.recall(("override", "case")) == sorted(written["case"] + written["override"], key=lambda r: r.seq)
    assert store.recall(KINDS) == [record for record, _ in store.unsent(100)]


def test_records_are_recalled_since_a_moment_that_belongs_to_them(store: Store) -> None:
    written = written_of_all_kinds(store)
    later = written["case"][1]
    assert store.recall(KINDS, later.decided.utc_ms) == [later, written["event"][1]]
    assert store.recall({"passage"}, later.decided.utc_ms) == []


def test_a_clock_that_was_set_back_changes_nothing_about_the_order(store: Store) -> None:
    records = [store.append(passage(n), stamp(n)) for n in (5, 1, 3)]
    assert store.recall(["passage"]) == records
    assert store.recall(["passage"], stamp(2).utc_ms) == [records[0], records[2]]


def test_what_was_answered_is_recalled_all_the_same(store: Store) -> None:
    records = [store.append(passage(n), stamp(n)) for n in range(3)]
    store.acknowledge(records[0].uuid)
    store.set_aside(records[1].uuid, "refused")
    assert store.recall(["passage"]) == records


def test_nothing_is_recalled_of_no_kind_or_of_one_that_is_none(store: Store) -> None:
    written_of_all_kinds(store)
    assert store.recall([]) == []
    assert store.recall(["Passage", "*", "passage' OR 1"]) == []


def test_acknowledged_records_are_kept_but_no_longer_sent(store: Store) -> None:
    first, second = store.append(passage(), stamp()), store.append(passage(1), stamp(1))
    store.acknowledge(first.uuid)
    store.acknowledge(first.uuid)
    assert [record for record, _ in store.unsent(10)] == [second]
    assert store.counts() == (2, 1, 0)
    assert store.append(passage(2), stamp(2)).seq == 3


def test_a_record_that_is_set_aside_is_kept_and_no_longer_sent(store: Store) -> None:
    first, second = store.append(passage(), stamp()), store.append(passage(1), stamp(1))
    store.set_aside(first.uuid, "refused")
    store.set_aside(first.uuid, "refused again")
    assert [record for record, _ in store.unsent(10)] == [second]
    assert store.counts() == (2, 0, 1)


def test_an_acknowledgement_is_the_last_word(store: Store) -> None:
    record = store.append(passage(), stamp())
    store.set_aside(record.uuid, "refused")
    store.acknowledge(record.uuid)
    assert store.counts() == (1, 1, 0)
    store.set_aside(record.uuid, "refused")
    assert store.counts() == (1, 1, 0)
    assert store.unsent(10) == []


def test_the_newest_may_go_first(store: Store) -> None:
    records = [store.append(passage(n), stamp(n)) for n in range(5)]
    store.acknowledge(records[3].uuid)
    assert [record.seq for record, _ in store.unsent(3, newest=True)] == [5, 3, 2]


def test_a_batch_is_settled_at_once_or_not_at_all(store: Store) -> None:
    records = [store.append(passage(n), stamp(n)) for n in range(5)]
    store.settle([record.uuid for record in records[:3]], {records[3].uuid: "refused"})
    assert store.counts() == (5, 3, 1)
    with pytest.raises(StoreError):
        store.settle([records[4].uuid, "3a9d4a52-6b4e-4c57-9d0b-0e8f3ad1c001"], {})
    assert store.counts() == (5, 3, 1)


def test_what_the_county_has_lost_is_offered_again_unless_it_was_refused_or_erased(store: Store) -> None:
    records = [store.append(passage(n), stamp(n)) for n in range(10)]
    store.settle([record.uuid for record in records[:8]], {records[8].uuid: "refused"})
    assert store.erase_before(stamp(2).utc_ms) == 2
    assert store.offer_missing(1, 4) == 2
    assert store.offer_missing(1, 4) == 0
    assert [record.seq for record, _ in store.unsent(10)] == [3, 4, 10]
    assert store.offer_missing(7, 2**53) == 2
    assert store.counts() == (10, 4, 1)
    store.acknowledge(records[2].uuid)
    assert store.counts() == (10, 5, 1)


def test_an_unknown_record_cannot_be_settled(store: Store) -> None:
    store.append(passage(), stamp())
    with pytest.raises(StoreError):
        store.acknowledge("7f3c7b0e-0000-4000-8000-000000000000")
    with pytest.raises(StoreError):
        store.set_aside("7f3c7b0e-0000-4000-8000-000000000000", "refused")
    assert store.counts() == (1, 0, 0)


def test_a_closed_store_says_so(store: Store) -> None:
    store.close()
    store.close()
    with pytest.raises(StoreError) as caught:
        store.append(passage(), stamp())
    assert caught.value.zh
    assert caught.value.en
    with pytest.raises(StoreError):
        store.counts()
    with pytest.raises(StoreError):
        store.recall(KINDS)


def test_each_record_follows_the_one_before_and_the_head_is_the_last(store: Store) -> None:
    assert (store.head(), store.last_decided()) == (None, None)
    before = NOTHING_BEFORE
    for n in range(5):
        record = store.append(passage(n), stamp(n))
        assert record.previous_sha256 == before
        before = fingerprint(canonical_bytes(record))
        assert store.head() == Head(n + 1, before, record.signature)
        assert store.last_decided() == stamp(n)


def test_every_record_is_signed_with_the_gate_s_key_and_salted_anew(store: Store) -> None:
    records = [store.append(passage(), stamp()) for _ in range(5)]
    assert all(is_signed(split(canonical_bytes(record)), SIGNER.verify) for record in records)
    assert len({record.salt for record in records}) == 5


def test_what_has_had_its_time_is_erased_once_the_county_has_it_and_the_rest_stays(store: Store) -> None:
    records = [store.append(passage(n), stamp(n)) for n in range(6)]
    for n in (0, 1, 2, 4):
        store.acknowledge(records[n].uuid)
    head = store.head()
    assert store.erased(0, 2**53) == 0
    assert store.erase_before(stamp(3).utc_ms, {records[1].uuid}) == 2
    assert store.recall(["passage"]) == [records[n] for n in (1, 3, 4, 5)]
    assert [record for record, _ in store.unsent(10)] == [records[3], records[5]]
    assert (store.counts(), store.head()) == ((6, 4, 0), head)
    assert store.erased(stamp(0).utc_ms, stamp(2).utc_ms) == 1
    assert store.erased(0, 2**53) == 2
    assert store.erase_before(stamp(3).utc_ms, {records[1].uuid}) == 0
    assert store.append(passage(9), stamp(9)).seq == 7


def test_what_belongs_together_is_erased_all_at_once_or_not_at_all(store: Store) -> None:
    records = [store.append(passage(n), stamp(n)) for n in range(120)]
    uuids = [record.uuid for record in records]
    store.settle([uuid for n, uuid in enumerate(uuids) if n != 4], {})
    unanswered, young, needed, whole = [uuids[3:6], uuids[40:116:5], uuids[20:22], uuids[30:33]]
    gone = store.erase_before(stamp(100).utc_ms, {uuids[20]}, [unanswered, young, needed, whole])
    left = {record.uuid for record in store.recall(["passage"])}
    assert left >= {*unanswered, *young, *needed, *uuids[100:]}
    assert left.isdisjoint(whole)
    assert gone == 120 - len(left) == store.erased(0, 2**53)


def test_what_an_unset_clock_dated_goes_with_the_records_around_it(store: Store) -> None:
    unset = Stamp(1, 5.0, BOOT_ID, False)
    stamps = [unset, stamp(1), unset, stamp(5), unset]
    for n, at in enumerate(stamps):
        store.acknowledge(store.append(passage(n), at).uuid)
    assert store.erase_before(stamp(5).utc_ms) == 2
    assert [record.seq for record in store.recall(["passage"])] == [3, 4, 5]


class TwoStores(RuleBasedStateMachine):
    """Whatever is done in whatever order, and however often the file is opened anew, SQLite says what the fake says."""

    uuids: Bundle[tuple[str, str]] = Bundle("uuids")

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.fake = FakeStore("gate-1")
        self.open()

    def open(self) -> None:
        self.real = SqliteStore(Path(self.folder.name) / "records.sqlite", "gate-1", "0.1.0", "none", SIGNER)

    @rule(target=uuids, n=st.integers(0, 1000), kind=st.sampled_from(list(KINDS)))
    def append(self, n: int, kind: str) -> tuple[str, str]:
        content = everything(n)[kind]
        ours, theirs = self.fake.append(content, stamp(n)), self.real.append(content, stamp(n))
        assert (ours.seq, ours.content, ours.decided) == (theirs.seq, theirs.content, theirs.decided)
        return ours.uuid, theirs.uuid

    @rule(pair=uuids)
    def acknowledge(self, pair: tuple[str, str]) -> None:
        self.fake.acknowledge(pair[0])
        self.real.acknowledge(pair[1])

    @rule(pair=uuids)
    def set_aside(self, pair: tuple[str, str]) -> None:
        self.fake.set_aside(pair[0], "refused")
        self.real.set_aside(pair[1], "refused")

    @rule(n=st.integers(0, 1000))
    def erase(self, n: int) -> None:
        limit_ms = stamp(n).utc_ms
        assert self.real.erase_before(limit_ms) == self.fake.erase_before(limit_ms)

    @rule()
    def close_and_open(self) -> None:
        self.real.close()
        self.open()

    @rule(limit=st.integers(1, 5))
    def look(self, limit: int) -> None:
        assert [r.seq for r, _ in self.real.unsent(limit)] == [r.seq for r, _ in self.fake.unsent(limit)]

    @rule(kinds=st.sets(st.sampled_from(list(KINDS))), n=st.integers(0, 1000))
    def recall(self, kinds: set[str], n: int) -> None:
        ours, theirs = (one.recall(kinds, stamp(n).utc_ms) for one in (self.fake, self.real))
        assert [(r.seq, r.content, r.decided) for r in ours] == [(r.seq, r.content, r.decided) for r in theirs]

    @invariant()
    def counts_agree(self) -> None:
        assert self.real.counts() == self.fake.counts()

    def teardown(self) -> None:
        self.real.close()
        self.folder.cleanup()


TestTwoStores = TwoStores.TestCase
TestTwoStores.settings = settings(max_examples=20, stateful_step_count=20, deadline=None)
