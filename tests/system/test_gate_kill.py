"""kill -9 of the whole gate and of the sync at any moment: who was announced is written, and once at the county."""

import re
from pathlib import Path

import pytest

from edge.adapters.device_key import FILE_NAME, DeviceKey
from edge.adapters.store_sqlite import SqliteStore
from edge.core.record import fingerprint
from tests.county.server import CountyProcess
from tests.fakes.signing import SIGNER
from tests.system.nursery import Nursery
from tests.system.test_sync_kill import any_moment, kept_by

pytestmark = pytest.mark.system
KILLS = 50
PERSON = re.compile(r"#(\d{4,})  ")


def people_in(lines: list[str]) -> list[int]:
    return [int(found[1]) for line in lines if (found := PERSON.match(line))]


def until_somebody_came(gate: Nursery) -> list[str]:
    """The gate's lines up to the first person's."""
    lines = [gate.line()]
    while not people_in(lines):
        lines.append(gate.line())
    return lines


def test_fifty_kills_of_gate_or_sync_lose_nobody_and_count_nobody_twice(tmp_path: Path) -> None:
    path = tmp_path / "records.sqlite"
    county = CountyProcess(tmp_path)
    token = county.token_of("G1", DeviceKey(path.with_name(FILE_NAME)).public_key)
    county.start()
    announced: list[int] = []
    try:
        with (
            Nursery("tests.system.children", "gate", str(path)) as gate,
            Nursery("tests.system.children", "sync", str(path), county.base_url, token) as sync,
        ):
            gate.start()
            sync.start()
            for n in range(KILLS):
                # Every second gate is killed at work, the others perhaps before: while they open their parts.
                lines = until_somebody_came(gate) if n % 4 == 0 else []
                any_moment(0.9)
                if n % 2:
                    sync.kill()
                    sync.start()
                    continue
                announced += people_in(lines + gate.kill())
                gate.start()
            announced += people_in(gate.kill())
            sync.kill()
            sync.start()
            while sync.line() != "waiting 0":
                pass
            sync.kill()
        store = SqliteStore(path, "G1", "0.1.0", "none", SIGNER)
        written, acknowledged, set_aside = store.counts()
        kept = kept_by(county)
        people = len(store.recall({"passage"}))
        store.close()
    finally:
        county.stop()
    assert len(announced) >= KILLS // 4, "people passed between the kills"
    assert len(set(announced)) == len(announced)
    assert max(announced) <= written
    assert len(announced) <= people <= len(announced) + KILLS, "at most one was written and not yet told of at a kill"
    assert (acknowledged, set_aside) == (written, 0)
    assert [seq for seq, _, _ in kept] == list(range(1, written + 1))
    assert len({uuid for _, uuid, _ in kept}) == written


def test_what_the_county_keeps_is_what_the_gate_wrote(tmp_path: Path) -> None:
    path = tmp_path / "records.sqlite"
    county = CountyProcess(tmp_path)
    token = county.token_of("G1", DeviceKey(path.with_name(FILE_NAME)).public_key)
    with Nursery("tests.system.children", "gate", str(path)) as gate:
        gate.start()
        people = 0
        while people < 5:
            people += len(people_in([gate.line()]))
        gate.kill()
    store = SqliteStore(path, "G1", "0.1.0", "none", SIGNER)
    wrote = [(record.seq, record.uuid, fingerprint(body)) for record, body in store.unsent(10_000)]
    store.close()
    county.start()
    try:
        with Nursery("tests.system.children", "sync", str(path), county.base_url, token) as sync:
            sync.start()
            while sync.line() != "waiting 0":
                pass
            sync.kill()
        assert kept_by(county) == wrote
    finally:
        county.stop()
