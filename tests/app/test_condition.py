"""What the guard's screen is told of the gate itself."""

import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from edge.app.condition import LOOK_EVERY_S, Condition
from edge.app.config import Config
from edge.app.upkeep import Kept, file_of, write_kept
from edge.core.record import Stamp

# 06:50 in Shanghai is the day before in UTC.
OPENING_MS = round(datetime(2026, 1, 4, 22, 50, tzinfo=UTC).timestamp() * 1000)
HOUR_MS = 3_600_000
NOW = Stamp(OPENING_MS + HOUR_MS, 100.0, "boot", synchronised=True)


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config.model_validate({
        "gate": {"id": "gate-1", "timezone": "Asia/Shanghai"},
        "camera": {"kind": "sim"},
        "store": {"path": str(tmp_path / "foregate.db")},
    })  # fmt: skip


def later(hours: float) -> Stamp:
    return replace(NOW, utc_ms=NOW.utc_ms + round(hours * HOUR_MS), monotonic_s=NOW.monotonic_s + hours * 3600)


def test_the_check_at_opening_is_told_for_its_own_day(config: Config) -> None:
    condition = Condition(config, None)
    assert condition.view(NOW).checked_utc_ms is None
    write_kept(file_of(config), Kept(checked_utc_ms=OPENING_MS))
    seen = condition.view(later(1))
    assert (seen.checked_utc_ms, seen.check_wrong) == (OPENING_MS, 0)
    # 23:59 in Shanghai, and a minute later.
    assert condition.view(later(16.1)).checked_utc_ms == OPENING_MS
    assert condition.view(later(16.2)).checked_utc_ms is None


def test_what_it_found_wrong_is_counted_and_a_new_check_is_seen(config: Config) -> None:
    condition = Condition(config, None)
    write_kept(file_of(config), Kept(checked_utc_ms=OPENING_MS, wrong=("picture", "clock")))
    assert condition.view(NOW).check_wrong == 2
    write_kept(file_of(config), Kept(checked_utc_ms=OPENING_MS + HOUR_MS))
    # Two checks within one tick of the file system's clock.
    os.utime(file_of(config), ns=(1, 1))
    soon = replace(NOW, monotonic_s=NOW.monotonic_s + LOOK_EVERY_S)
    assert condition.view(soon).check_wrong == 0


def test_a_clock_that_is_not_set_tells_no_day(config: Config) -> None:
    write_kept(file_of(config), Kept(checked_utc_ms=OPENING_MS))
    assert Condition(config, None).view(replace(NOW, synchronised=False)).checked_utc_ms is None


FAR_AWAY = b'{"days": [], "wrong": [], "checked_utc_ms": 9007199254740991}'


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"days": 3}', FAR_AWAY])
def test_a_file_that_cannot_be_read_is_no_check(config: Config, content: bytes) -> None:
    file_of(config).write_bytes(content)
    assert Condition(config, None).view(NOW).checked_utc_ms is None
