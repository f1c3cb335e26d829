"""What the county is told of a gate: by its file of facts, its records, its calibration."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from edge.app.health_file import LEAST_BETWEEN_S, TOO_OLD_S, WRITE_EVERY_S, Facts, HealthFile, read_facts
from edge.app.status_report import READINGS_EVERY_S, StatusReport
from edge.core.errors import StoreError
from edge.core.health import of_plain
from edge.core.upkeep import Outlook
from tests.fakes.clock import FakeClock
from tests.fakes.passages import passage, unmeasured
from tests.fakes.store import FakeStore

WELL = Facts((), 12)


class Site:
    def __init__(self, folder: Path) -> None:
        self.clock, self.store, self.path = FakeClock(), FakeStore(), folder / "health.json"
        self.gate = HealthFile(self.path)
        self.said: list[str] = []
        self.outlook: Outlook | None = None
        self.report = StatusReport(
            self.store,
            self.clock,
            ZoneInfo("Asia/Shanghai"),
            self.path,
            "0.1.0",
            lambda: ("2026-01-05.a", 1_800_000_000_000),
            lambda now: self.outlook,
            self.said.append,
        )

    def tell(self, facts: Facts) -> None:
        self.gate.tell(facts, self.clock.stamp())

    def status(self, held_back_s: float = 0.0) -> Any:
        body = self.report(held_back_s)
        assert body is not None
        plain = json.loads(body)
        assert set(plain) == {"head", "health"}
        return plain["head"], of_plain(plain["health"])


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def test_a_gate_that_is_well_says_so_with_the_head_of_its_chain(site: Site) -> None:
    site.tell(WELL)
    for n in range(12):
        site.store.append(passage(n, forehead_c=36.0 + n / 10), site.clock.stamp())
    site.store.append(unmeasured(12), site.clock.stamp())
    site.store.settle([record.uuid for record, _ in site.store.unsent(3)], {})
    head, health = site.status(held_back_s=2.5)
    assert head == {name: getattr(site.store.head(), name) for name in ("seq", "sha256", "signature")}
    assert (health.camera, health.reference, health.roster_version) == ("ok", "ok", 12)
    assert (health.written, health.acknowledged, health.set_aside, health.pause_s) == (13, 3, 0, 2.5)
    assert (health.readings, health.median_forehead_c) == (12, 36.55)
    assert (health.calibration_version, health.calibration_expires_utc_ms) == ("2026-01-05.a", 1_800_000_000_000)
    assert 0 < health.disk_free_fraction < 1
    assert health.clock_ok


def test_a_gate_with_nothing_written_has_no_head(site: Site) -> None:
    head, health = site.status()
    assert head is None
    assert (health.readings, health.median_forehead_c) == (0, None)


def test_a_median_of_few_readings_is_not_told_and_yesterday_s_do_not_count(site: Site) -> None:
    for n in range(20):
        site.store.append(passage(n), site.clock.stamp())
    site.clock.advance(86_400.0)
    for n in range(9):
        site.store.append(passage(n), site.clock.stamp())
    _, health = site.status()
    assert (health.readings, health.median_forehead_c) == (9, None)
    site.store.append(passage(9), site.clock.stamp())
    assert site.status()[1].readings == 9
    site.clock.advance(READINGS_EVERY_S)
    assert site.status()[1].readings == 10


def test_faults_are_told_by_their_part(site: Site) -> None:
    site.tell(Facts(("camera", "roster_old"), None))
    _, health = site.status()
    assert (health.camera, health.reference, health.roster_version) == ("camera", "ok", None)
    site.clock.advance(LEAST_BETWEEN_S)
    site.tell(Facts(("reference",), 13, settings_version=4))
    _, health = site.status()
    assert health.settings_version == 4
    assert (health.camera, health.reference, health.roster_version) == ("ok", "reference", 13)


def test_a_gate_that_is_silent_is_not_taken_for_a_well_one(site: Site) -> None:
    assert site.status()[1].camera == "gate_silent"
    site.tell(WELL)
    assert site.status()[1].camera == "ok"
    site.clock.advance(TOO_OLD_S + 1.0)
    _, health = site.status()
    assert (health.camera, health.reference) == ("gate_silent", "gate_silent")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"\xff",
        b"[" * 4_096,
        b'{"boot_id": 1}',
        b'{"faults": "camera", "roster_version": 1, "boot_id": "%s", "monotonic_s": 1000.0}',
        b'{"faults": [], "roster_version": true, "boot_id": "%s", "monotonic_s": 1000.0}',
        b'{"faults": [], "roster_version": 1, "boot_id": "%s", "monotonic_s": "1000"}',
        b'{"faults": [], "roster_version": 1, "boot_id": "%s", "monotonic_s": 2000.0}',
    ],
)
def test_a_file_that_says_nothing_is_no_fact(site: Site, content: bytes) -> None:
    now = site.clock.stamp()
    site.path.write_bytes(content.replace(b"%s", now.boot_id.encode()))
    assert read_facts(site.path, now) is None


def test_facts_of_an_earlier_boot_do_not_count(site: Site) -> None:
    site.tell(WELL)
    now = site.clock.stamp()
    assert read_facts(site.path, now) == WELL
    assert read_facts(site.path, replace(now, boot_id="0b00b00b-0000-4000-8000-000000000002")) is None


def test_the_file_is_written_once_a_minute_and_soon_after_a_change(site: Site) -> None:
    written: list[float] = []
    for second in range(200):
        site.path.unlink(missing_ok=True)
        site.tell(Facts(("camera",), 12) if 70 <= second < 72 else WELL)
        if site.path.exists():
            written.append(second)
        site.clock.advance(1.0)
    assert written == [0, WRITE_EVERY_S, 70, 75, 135, 195]


def test_a_folder_that_takes_nothing_is_logged_once_and_stops_nobody(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    gate, clock = HealthFile(tmp_path / "missing" / "health.json"), FakeClock()
    for _ in range(3):
        gate.tell(WELL, clock.stamp())
        clock.advance(WRITE_EVERY_S)
    assert len(caplog.records) == 1


def test_a_file_of_records_that_cannot_be_read_is_told_once_and_no_status_is_made_up(site: Site) -> None:
    site.store.fault = StoreError("磁盘已满；请腾出空间", "the disk is full; free some space")
    assert site.report(0.0) is None
    assert site.report(0.0) is None
    assert len(site.said) == 1
    assert "free some space" in site.said[0]
    site.store.fault = None
    assert site.report(0.0) is not None


def test_a_drift_is_told_with_the_day_on_which_it_is_too_much(site: Site) -> None:
    assert site.status()[1].drift_k is None
    site.outlook = Outlook(date(2026, 1, 2), None, None, "reference", 0.125, 0.15, date(2026, 1, 12), 0.75)
    site.clock.advance(READINGS_EVERY_S)
    _, health = site.status()
    # Midnight in Shanghai is 16:00 UTC of the day before.
    leaves_ms = round(datetime(2026, 1, 11, 16, tzinfo=UTC).timestamp() * 1000)
    assert (health.drift_k, health.drift_leaves_utc_ms, health.offset_stepped_k) == (0.125, leaves_ms, 0.75)


def test_of_too_few_days_no_drift_is_told(site: Site) -> None:
    site.outlook = Outlook(date(2026, 1, 2), None, None, "too_few_days", 0.0, 0.15, None)
    _, health = site.status()
    assert (health.drift_k, health.drift_leaves_utc_ms, health.offset_stepped_k) == (None, None, None)


def test_the_offset_never_stands_still_and_is_no_reason_to_write(site: Site) -> None:
    site.tell(replace(WELL, offset_k=-1.5))
    site.clock.advance(LEAST_BETWEEN_S)
    site.tell(replace(WELL, offset_k=-1.25))
    told = read_facts(site.path, site.clock.stamp())
    assert told is not None
    assert told.offset_k == -1.5
    site.clock.advance(WRITE_EVERY_S)
    site.tell(replace(WELL, offset_k=-1.25))
    told = read_facts(site.path, site.clock.stamp())
    assert told is not None
    assert told.offset_k == -1.25
