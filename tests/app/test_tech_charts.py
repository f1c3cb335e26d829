"""What the charts show of the records: hours of today, days, calibrations; and nothing that names anybody."""

import json
from contextlib import closing
from pathlib import Path

import pytest

from edge.app import bootstrap
from edge.app.config import Config
from edge.app.config_file import load
from edge.app.tech_charts import BIN_K, LOW_C, charts
from edge.core.contents import Content
from edge.core.record import Stamp
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


def test_days_tell_what_the_crowd_and_the_reference_do(config: Config) -> None:
    day_ms = 24 * HOUR_MS
    write(
        config,
        *((MORNING_MS + n, passage(n, forehead_c=35.5 + n / 10, reference_raw_c=36.5)) for n in range(3)),
        (MORNING_MS + 4, fever(4)),
        (MORNING_MS + day_ms, passage(5, forehead_c=36.0, reference_raw_c=36.25)),
    )
    found = charts(config, MORNING_MS + day_ms)["days"]
    assert found == [
        {"day": "2026-01-05", "count": 3, "median_c": 35.6, "offset_k": 0.5},
        {"day": "2026-01-06", "count": 1, "median_c": 36.0, "offset_k": 0.75},
    ]


def test_nobody_is_named(config: Config) -> None:
    write(config, (MORNING_MS, refused(7, "not_approved")))
    assert "p-7" not in json.dumps(charts(config, MORNING_MS))
