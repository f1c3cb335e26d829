"""kill -9 at any moment, of the process that writes records and of the sync: none is lost, none is there twice.

What a kill cannot show, a power cut can: that a commit waits for the medium. tests/adapters/test_store_sqlite.py
checks the setting; the cut itself needs the guest.
"""

import random
import time
from pathlib import Path

import pytest
import requests

from edge.adapters.store_sqlite import SqliteStore
from edge.core.record import fingerprint
from tests.county.server import CountyProcess
from tests.fakes.http_county import TOKEN, HttpCounty
from tests.fakes.passages import passage, stamp
from tests.fakes.signing import SIGNER
from tests.system.children import BATCH
from tests.system.nursery import Nursery

pytestmark = pytest.mark.system
KILLS = 50


def any_moment(longest_s: float) -> None:
    """Let a child run for a while: the one sleep that is the test itself."""
    time.sleep(random.uniform(0.0, longest_s))


def opened(path: Path) -> SqliteStore:
    return SqliteStore(path, "G1", "0.1.0", "none", SIGNER)


def test_a_process_that_is_killed_while_it_writes_loses_no_record_it_has_told_of(tmp_path: Path) -> None:
    path = tmp_path / "records.sqlite"
    told: list[tuple[int, str]] = []
    with Nursery("tests.system.children", "append", str(path)) as nursery:
        for n in range(KILLS):
            nursery.start()
            # Every second one is killed at work, the others perhaps before: while they open the file.
            lines = [nursery.line()] if n % 2 else []
            any_moment(0.08)
            for line in lines + nursery.kill():
                _, seq, uuid = line.split()
                told.append((int(seq), uuid))
    store = opened(path)
    kept = [(record.seq, record.uuid) for record, _ in store.unsent(1_000_000)]
    written, _, set_aside = store.counts()
    store.close()
    assert len(told) >= KILLS // 2
    assert set(told) <= set(kept)
    assert len(kept) <= len(told) + KILLS, "a kill leaves at most one record that is written and not yet told of"
    assert [seq for seq, _ in kept] == list(range(1, written + 1))
    assert len({uuid for _, uuid in kept}) == written
    assert set_aside == 0


def test_a_sync_that_is_killed_again_and_again_brings_every_record_once(tmp_path: Path) -> None:
    path = tmp_path / "records.sqlite"
    gate = opened(path)
    records = [gate.append(passage(n), stamp(n)) for n in range(300)]
    with HttpCounty() as county, Nursery("tests.system.children", "sync", str(path), county.url, TOKEN) as nursery:
        for n in range(KILLS):
            # The gate goes on writing whatever happens to the sync.
            records.append(gate.append(passage(300 + n), stamp(300 + n)))
            nursery.start()
            if n % 2:
                nursery.line()
                nursery.line()  # a second line: one batch more is there
            any_moment(0.08)
            nursery.kill()
        reached_before_the_end = len(county.kept)
        nursery.start()
        while nursery.line() != "waiting 0":
            pass
        nursery.kill()
        assert reached_before_the_end >= KILLS // 2
        assert gate.counts() == (350, 350, 0)
        assert set(county.kept) == {record.uuid for record in records}
        assert len(county.kept) == 350
        # A kill between the county's answer and the note of it in the file costs one more offer of a batch.
        assert sum(county.offered.values()) <= 350 + (KILLS + 1) * BATCH
    gate.close()


def kept_by(county: CountyProcess) -> list[tuple[int, str, str]]:
    """What the county lists of the gate's records: (seq, uuid, sha256)."""
    rows: list[tuple[int, str, str]] = []
    more = True
    while more:
        answer = requests.get(
            f"{county.base_url}/api/v1/records",
            params={"since_seq": rows[-1][0] if rows else 0},
            headers={"Authorization": f"Bearer {county.token_of('G1')}"},
            timeout=30,
        )
        assert answer.status_code == 200, answer.text
        page = answer.json()
        rows += [(row["seq"], row["uuid"], row["sha256"]) for row in page["records"]]
        more = page["more"]
    return rows


def test_the_real_county_gets_every_record_once_though_both_it_and_the_sync_are_killed(tmp_path: Path) -> None:
    path = tmp_path / "records.sqlite"
    gate = opened(path)
    for n in range(500):
        gate.append(passage(n), stamp(n))
    bodies = [(record.seq, record.uuid, fingerprint(body)) for record, body in gate.unsent(500)]
    county = CountyProcess(tmp_path)
    token = county.token_of("G1")
    county.start()
    try:
        with Nursery("tests.system.children", "sync", str(path), county.base_url, token) as nursery:
            nursery.start()
            for left in (450, 300, 150):
                while int(nursery.line().removeprefix("waiting ")) > left:
                    pass
                # Once both at the same moment, once the county alone, once the sync alone.
                if left != 150:
                    county.kill()
                if left != 300:
                    nursery.kill()
                    nursery.start()
                if left != 150:
                    county.start()
            while nursery.line() != "waiting 0":
                pass
            nursery.kill()
        assert gate.counts() == (500, 500, 0)
        assert kept_by(county) == bodies
    finally:
        county.stop()
        gate.close()
