"""Before the school day: is the gate ready, what is kept of the day, what is written down, what the county may hear."""

import json
from contextlib import closing
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from edge.app import bootstrap, cli, daily_check, drift_words, upkeep
from edge.app.config import Config
from edge.app.config_file import load
from edge.app.doctor import Finding
from edge.app.health_file import FILE_NAME, Facts, HealthFile
from edge.app.upkeep import Kept, days_of, file_of, merged, read_kept, write_kept
from edge.core.contents import GateEvent
from edge.core.record import Stamp
from edge.core.upkeep import Day
from tests.fakes.clock import BOOT_ID, FakeClock
from tests.fakes.passages import fever, passage, unmeasured

ZONE = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 3, 2, 12, tzinfo=ZONE)
TODAY = NOON.date()
WELL = [Finding("camera", "ok", "好", "fine"), Finding("county", "warning", "未配置", "not configured")]


@pytest.fixture
def config(tmp_path: Path) -> Config:
    path = tmp_path / "gate.toml"
    path.write_text('[gate]\nid = "gate-1"\ntimezone = "Asia/Shanghai"\n[camera]\nkind = "sim"\n', encoding="utf-8")
    return load(path)


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> FakeClock:
    """06:50 at the school."""
    fake = FakeClock(utc_ms=stamp_at(NOON.replace(hour=6, minute=50)).utc_ms)
    monkeypatch.setattr(bootstrap, "open_clock", lambda: fake)
    return fake


def stamp_at(when: datetime) -> Stamp:
    utc_ms = round(when.timestamp() * 1000)
    return Stamp(utc_ms, utc_ms / 1000, BOOT_ID, True)


def crowd(config: Config, when: datetime, count: int, forehead_c: float, offset_k: float) -> None:
    """So many people pass at that time."""
    with closing(bootstrap.open_store(config)) as store:
        for n in range(count):
            one = passage(n, forehead_c=forehead_c, reference_raw_c=37.0 - offset_k, reference_c=37.0)
            store.append(one, stamp_at(when + timedelta(seconds=5 * n)))


def check(
    config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, findings: list[Finding]
) -> tuple[int, list[str]]:
    monkeypatch.setattr(daily_check, "examine", lambda path, overrides: findings)
    said: list[str] = []
    return daily_check.check(tmp_path / "gate.toml", (), said.append), said


def events(config: Config) -> list[GateEvent]:
    with closing(bootstrap.open_store(config)) as store:
        return [one.content for one in store.recall({"event"}) if isinstance(one.content, GateEvent)]


def test_a_gate_that_is_well_is_ready_and_its_opening_is_kept_and_written(
    config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: FakeClock
) -> None:
    HealthFile(tmp_path / FILE_NAME).tell(Facts((), None, -1.75), clock.stamp())
    crowd(config, NOON - timedelta(days=1), 12, 34.5, -1.5)
    code, said = check(config, tmp_path, monkeypatch, WELL)
    assert code == 0
    assert said[-1] == "就绪 06:50 / ready 06:50"
    assert any("county" in line for line in said)
    kept = read_kept(file_of(config))
    assert kept.days == (Day(TODAY - timedelta(days=1), -1.5, 34.5, 12), Day(TODAY, -1.75, None))
    assert (kept.checked_utc_ms, kept.wrong) == (clock.stamp().utc_ms, ())
    assert events(config) == [GateEvent("opening_check", None, 0, None, "")]


def test_what_is_wrong_is_named_to_people_in_the_records_and_in_the_exit_code(
    config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, said = check(config, tmp_path, monkeypatch, [*WELL, Finding("reference", "wrong", "看不到", "not seen")])
    assert code == 1
    assert said[-1] == "未就绪 06:50 / NOT READY 06:50: reference"
    assert events(config) == [GateEvent("opening_check", None, 1, None, "reference")]
    assert read_kept(file_of(config)).wrong == ("reference",)


def test_without_a_clock_nothing_is_dated_and_it_says_so(
    config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: FakeClock
) -> None:
    clock.synchronised = False
    code, said = check(config, tmp_path, monkeypatch, WELL)
    assert code == 0
    assert any("未校准" in line for line in said)
    assert not file_of(config).exists()
    assert len(events(config)) == 1


def test_the_opening_stays_the_day_s_offset_when_people_have_passed(
    config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: FakeClock
) -> None:
    HealthFile(tmp_path / FILE_NAME).tell(Facts((), None, -1.75), clock.stamp())
    check(config, tmp_path, monkeypatch, WELL)
    crowd(config, NOON, 12, 34.5, -1.25)
    clock.advance(86_400.0)
    check(config, tmp_path, monkeypatch, WELL)
    days = {one.day: one for one in read_kept(file_of(config)).days}
    assert days[TODAY] == Day(TODAY, -1.75, 34.5, 12)


def test_who_has_a_fever_or_was_not_measured_is_not_the_crowd(config: Config) -> None:
    crowd(config, NOON, 10, 34.5, -1.5)
    with closing(bootstrap.open_store(config)) as store:
        store.append(fever(1), stamp_at(NOON))
        store.append(unmeasured(2), stamp_at(NOON))
        found = days_of(store.recall({"passage"}), ZONE)
    assert found == [Day(TODAY, -1.5, 34.5, 10)]


def test_of_few_people_there_is_an_offset_and_no_crowd(config: Config) -> None:
    crowd(config, NOON, 9, 34.5, -1.5)
    with closing(bootstrap.open_store(config)) as store:
        assert days_of(store.recall({"passage"}), ZONE) == [Day(TODAY, -1.5, None, 9)]


def test_days_whose_records_are_gone_are_kept() -> None:
    old = Day(date(2026, 1, 5), -1.0, 34.4, 300)
    assert merged([old], [Day(TODAY, -1.5, 34.5, 12)], None) == (old, Day(TODAY, -1.5, 34.5, 12))


@pytest.mark.parametrize("body", [b"", b"[]", b'{"days": [{}]}', b'{"days": [], "checked_utc_ms": "x", "wrong": []}'])
def test_a_damaged_file_is_told_and_begun_anew(config: Config, body: bytes) -> None:
    file_of(config).write_bytes(body)
    said: list[str] = []
    assert read_kept(file_of(config), said.append) == Kept()
    assert "upkeep.json" in said[0]


def drifting(config: Config, per_day_k: float) -> None:
    days = [Day(TODAY - timedelta(days=28 - n), per_day_k * n, 34.5 + per_day_k * n, 300) for n in range(29)]
    write_kept(file_of(config), Kept(tuple(days), 0, ()))


def test_a_drift_is_shown_day_by_day_with_its_end(config: Config, capsys: pytest.CaptureFixture[str]) -> None:
    drifting(config, 0.005)
    assert cli.main(["calibrate", "drift", "--config", str(config.store.path.with_name("gate.toml"))]) == 0
    told = capsys.readouterr().out
    assert told.count("零点 / offset") == 28
    assert "参考黑体在漂移" in told
    # Without a calibration 0.17 K are allowed: 0.005 K a day reach them on the 35th day.
    assert (TODAY + timedelta(days=7)).isoformat() in told
    level, zh, en = drift_words.finding(config)
    assert level == "warning"
    assert "2026-03-09" in zh
    assert "2026-03-09" in en
    found = upkeep.outlook_now(config, TODAY)
    assert found is not None
    assert found.leaves_on == TODAY + timedelta(days=7)


def test_a_steady_gate_and_one_without_a_check_are_no_warning(config: Config) -> None:
    assert drift_words.finding(config)[0] == "ok"
    assert upkeep.outlook_now(config, TODAY) is None
    drifting(config, 0.0)
    assert drift_words.finding(config) == ("ok", "稳定", "steady")


def test_an_offset_that_has_jumped_is_a_warning(config: Config) -> None:
    drifting(config, 0.0)
    kept = read_kept(file_of(config))
    write_kept(file_of(config), replace(kept, days=(*kept.days[:-1], Day(TODAY, 0.8, None))))
    level, zh, _ = drift_words.finding(config)
    assert level == "warning"
    assert "+0.80 K" in zh


def test_the_file_is_plain_and_has_its_years_and_not_more(config: Config) -> None:
    days = tuple(Day(TODAY - timedelta(days=500 - n), 0.0, None) for n in range(500))
    write_kept(file_of(config), Kept(days, 5, ("camera",)))
    kept = read_kept(file_of(config))
    assert kept == Kept(days[-upkeep.MOST_DAYS :], 5, ("camera",))
    assert json.loads(file_of(config).read_text())["checked_utc_ms"] == 5
