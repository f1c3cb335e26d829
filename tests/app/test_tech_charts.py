"""What the charts show of the records: hours of today, days, calibrations; and nothing that names anybody."""

import json
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import pytest

from edge.app import bootstrap
from edge.app.config import Config
from edge.app.config_file import load
from edge.app.tech_charts import BIN_K, LOW_C, charts
from edge.app.upkeep import Kept, file_of, write_kept
from edge.core.contents import Content
from edge.core.record import Stamp
from edge.core.upkeep import Day
from tests.fakes.clock import BOOT_ID
from tests.fakes.passages import fever, passage, refused, unmeasured
from tests.fakes.tech import CONFIG

HOUR_MS = 3_600_000
# 2026-01-05, 08:00 in Shanghai.
MORNING_MS = 1_767_571_200_000


@pytest.fixture
def config(tmp_path: Path) -> Config:
    file = tmp_path / "gate.toml"
    file.write_text(CONFIG, encoding="utf-8")
    return load(file)


def write(config: Config, *people: tuple[int, Content]) -> None:
    with closing(bootstrap.open_store(config)) as store:
        for at_ms, content in people:
            store.append(content, Stamp(at_ms, at_ms / 1000, BOOT_ID, True))


def test_a_gate_without_people_has_empty_charts(config: Config) -> None:
    found = charts(config, MORNING_MS)
    assert (found["day"], found["hours"], found["days"], found["calibrations"]) == ("2026-01-05", [], [], [])
    assert (found["check"], found["outlook"]["leaves_on"]) == (None, None)
    assert found["threshold_c"] == 36.2


def test_todays_readings_stand_in_their_hour_and_their_bin(config: Config) -> None:
    write(
        config,
        (MORNING_MS - 24 * HOUR_MS, passage(0, forehead_c=35.0)),
        (MORNING_MS, passage(1, forehead_c=36.0)),
        (MORNING_MS + 1, fever(2, forehead_c=37.0)),
        (MORNING_MS + 2, unmeasured(3)),
        (MORNING_MS + 3, unmeasured(4, "too_cold", forehead_c=20.0)),
        (MORNING_MS + HOUR_MS, refused(5, "not_approved")),
    )
    eight, nine = charts(config, MORNING_MS + 2 * HOUR_MS)["hours"]
    assert (eight["hour"], eight["count"], eight["median_c"]) == (8, 3, 36.0)
    counts = dict(enumerate(eight["counts"]))
    filled = {round(LOW_C + place * BIN_K, 2): count for place, count in counts.items() if count}
    # What is colder than the chart stands at its edge, and is not lost.
    assert filled == {LOW_C: 1, 36.0: 1, 37.0: 1}
    assert (nine["hour"], nine["count"]) == (9, 1)


def test_days_are_those_that_the_daily_check_kept_and_what_has_passed_since(config: Config) -> None:
    kept = Kept((Day(date(2025, 12, 30), 0.25, 35.9, 400), Day(date(2026, 1, 5), 0.75, None)), MORNING_MS, ("clock",))
    write_kept(file_of(config), kept)
    people = (passage(n, forehead_c=35.5 + n / 100, reference_raw_c=36.5) for n in range(21))
    write(config, *((MORNING_MS + n, one) for n, one in enumerate(people)))
    found = charts(config, MORNING_MS + HOUR_MS)
    assert found["days"] == [
        {"day": "2025-12-30", "people": 400, "crowd_c": 35.9, "offset_k": 0.25},
        # The offset of the opening stays the day's.
        {"day": "2026-01-05", "people": 21, "crowd_c": 35.6, "offset_k": 0.75},
    ]
    assert found["check"] == {"day": "2026-01-05", "time": "08:00", "wrong": ["clock"]}


def test_a_drift_is_told_with_the_day_on_which_it_has_gone_too_far(config: Config) -> None:
    first = date(2025, 12, 20)
    days = tuple(Day(first + timedelta(days=n), 0.05 * n, 35.5 + 0.05 * n, 300) for n in range(17))
    write_kept(file_of(config), Kept(days))
    found = charts(config, MORNING_MS)["outlook"]
    assert found["cause"]["en"].startswith("the reference drifts")
    assert found["offset"]["per_day_k"] == pytest.approx(0.05)
    assert found["moved_k"] == pytest.approx(0.8)
    assert found["warns"]
    assert date.fromisoformat(found["leaves_on"]) < date(2026, 1, 5)


def test_nobody_is_named(config: Config) -> None:
    write(config, (MORNING_MS, refused(7, "not_approved")))
    assert "p-7" not in json.dumps(charts(config, MORNING_MS))
