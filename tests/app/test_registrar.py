"""Nobody is forgotten while the disk takes no records, and nobody is written twice when it does again."""

import json

from edge.app.registrar import RETRY_S, Registrar
from edge.core.contents import Passage
from edge.core.errors import StoreError
from tests.fakes.passages import MEASURED, passage, stamp
from tests.fakes.store import FakeStore

FULL = StoreError("磁盘已满；请腾出空间", "disk full; free some space")


def written(store: FakeStore) -> list[float]:
    return [
        record.content.measurement.t_first_s
        for record, _ in store.unsent(1000)
        if isinstance(record.content, Passage) and record.content.measurement is not None
    ]


def test_a_person_is_on_disk_when_write_returns() -> None:
    store, said = FakeStore(), list[str]()
    record = Registrar(store, said.append).write(passage(1), stamp(1), 10.0)
    assert record is not None
    assert record.seq == 1
    assert written(store) == [101.0]
    assert said == []


def test_a_full_disk_keeps_people_in_their_order_and_says_so_once() -> None:
    store, said = FakeStore(), list[str]()
    registrar = Registrar(store, said.append)
    store.fault = FULL
    for n in range(5):
        assert registrar.write(passage(n), stamp(n), 10.0 + n * 0.3) is None
    assert registrar.failing
    assert said == [str(FULL)]
    store.fault = None
    registrar.retry(20.0)
    assert written(store) == [100.0 + n for n in range(5)]
    assert len(said) == 2, "the fault once, and its end"
    assert registrar.write(passage(5), stamp(5), 21.0) is not None


def test_who_comes_just_after_the_fault_waits_behind_the_others() -> None:
    store = FakeStore()
    registrar = Registrar(store, lambda line: None)
    store.fault = FULL
    registrar.write(passage(0), stamp(0), 10.0)
    store.fault = None
    assert registrar.write(passage(1), stamp(1), 10.1) is None
    record = registrar.write(passage(2), stamp(2), 10.0 + RETRY_S)
    assert record is not None
    assert record.seq == 3
    assert written(store) == [100.0, 101.0, 102.0]


def test_what_the_disk_never_took_is_handed_back_at_the_end() -> None:
    store = FakeStore()
    registrar = Registrar(store, lambda line: None)
    store.fault = FULL
    registrar.write(passage(0), stamp(0), 10.0)
    (line,) = registrar.close()
    assert json.loads(line)["passage"]["measurement"]["forehead_c"] == MEASURED.forehead_c
    store.fault = None
    assert registrar.close() == ()
    assert written(store) == [100.0]


def test_a_passage_that_can_never_be_written_is_told_and_stands_in_nobodys_way() -> None:
    store, said = FakeStore(), list[str]()
    registrar = Registrar(store, said.append)
    assert registrar.write(passage(0, frames=0), stamp(0), 10.0) is None
    assert registrar.write(passage(1), stamp(1), 10.1) is not None
    assert '"frames": 0' in said[0]
    assert written(store) == [101.0]
