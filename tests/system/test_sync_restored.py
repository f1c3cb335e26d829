"""The county's disk is restored from yesterday's copy: what came since is sent again by itself."""

import shutil
import threading
import time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from edge.adapters.clock_system import SystemClock
from edge.adapters.store_sqlite import SqliteStore
from edge.adapters.uplink_http import HttpUplink
from edge.app.status_report import StatusReport
from edge.app.sync_loop import SyncEvent, run_sync
from tests.county.server import CountyProcess
from tests.fakes.passages import passage, stamp
from tests.fakes.signing import SIGNER

pytestmark = pytest.mark.system
LONGEST_S = 60.0


def synced(store: SqliteStore, county: CountyProcess, folder: Path) -> SyncEvent:
    """Run the sync until nothing waits and the status was told."""
    clock, stop, events = SystemClock(), threading.Event(), list[SyncEvent]()
    uplink = HttpUplink(county.base_url, county.token_of("G1"))
    zone, facts = ZoneInfo("Asia/Shanghai"), folder / "health.json"
    told: list[str] = []
    status = StatusReport(store, clock, zone, facts, "0.1.0", lambda: ("none", None), lambda now: None, told.append)
    end = threading.Timer(LONGEST_S, stop.set)
    end.start()

    def report(event: SyncEvent) -> None:
        events.append(event)
        if event.sent and event.waiting == 0:
            stop.set()

    run_sync(store, uplink, time.monotonic, stop, report, 0.05, lambda: 0.0, status)
    end.cancel()
    end.join()
    uplink.close()
    assert told == []
    return events[-1]


def test_a_county_restored_from_an_older_copy_gets_again_what_it_lost(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "records.sqlite", "G1", "0.1.0", "none", SIGNER)
    county = CountyProcess(tmp_path)
    county.token_of("G1")
    try:
        for n in range(200):
            store.append(passage(n), stamp(n))
        county.start()
        synced(store, county, tmp_path)
        county.stop()
        shutil.copytree(county.data, tmp_path / "copy")

        for n in range(200, 320):
            store.append(passage(n), stamp(n))
        county.start()
        synced(store, county, tmp_path)
        county.stop()
        assert store.counts() == (320, 320, 0)

        shutil.rmtree(county.data)
        shutil.copytree(tmp_path / "copy", county.data)
        county.start()
        store.append(passage(320), stamp(320))
        event = synced(store, county, tmp_path)
        assert event.again == 120
        assert event.failure is None
        assert store.counts() == (321, 321, 0)
        # What it has now lacks nothing: a further status moves nothing.
        store.append(passage(321), stamp(321))
        assert synced(store, county, tmp_path).again == 0
        assert store.counts() == (322, 322, 0)
    finally:
        county.stop()
        store.close()
