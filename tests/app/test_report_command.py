"""`foregate report`: the day's records and the roster in force, for people and for programs."""

import json
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from edge.app import cli
from edge.app.bootstrap import open_store
from edge.app.config_file import load
from edge.core.contents import CaseStep, Content, Passage
from edge.core.record import Stamp
from tests.fakes.clock import BOOT_ID
from tests.fakes.passages import case_step, fever, gate_event, passage, refused
from tests.fakes.rosters import a_person, a_roster, key_file

# 2026-03-02 in Shanghai begins at 16:00 UTC of the day before.
MIDNIGHT_MS = 1_772_380_800_000
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS

CONFIG = """
[gate]
id = "gate-1"
timezone = "Asia/Shanghai"
[roster]
school = "第一小学"
key_file = "roster.pub"
path = "roster"
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    key_file(tmp_path)
    (tmp_path / "roster").write_bytes(a_roster(7, [a_person(n) for n in range(1, 6)]))
    path = tmp_path / "gate.toml"
    path.write_text(CONFIG)
    return path


def write(path: Path, *records: tuple[Content, int]) -> None:
    """Each content at its utc_ms."""
    with closing(open_store(load(path))) as store:
        for content, utc_ms in records:
            store.append(content, Stamp(utc_ms, utc_ms / 1000, BOOT_ID, True))


def of(n: int, content: Passage) -> Passage:
    return replace(content, identified="known", person_id=f"P{n:06d}", means="card", roster_version=7)


def alarm(n: int) -> CaseStep:
    return case_step(n, person_id=f"P{n:06d}", passage_uuid=str(UUID(int=n)))


def report(path: Path, capsys: pytest.CaptureFixture[str], *options: str) -> str:
    assert cli.main(["report", "--config", str(path), "--day", "2026-03-02", *options]) == 0
    return capsys.readouterr().out


def test_the_day_adds_up_and_begins_at_the_schools_midnight(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(
        path,
        (of(1, passage(1)), MIDNIGHT_MS - 1),
        (alarm(5), MIDNIGHT_MS - DAY_MS),
        (of(2, passage(2)), MIDNIGHT_MS),
        (of(3, refused(3)), MIDNIGHT_MS + 7 * HOUR_MS),
        (of(4, fever(4)), MIDNIGHT_MS + 8 * HOUR_MS),
        (alarm(4), MIDNIGHT_MS + 8 * HOUR_MS),
        (gate_event(), MIDNIGHT_MS + 9 * HOUR_MS),
        (of(1, passage(6)), MIDNIGHT_MS + DAY_MS),
    )
    told = json.loads(report(path, capsys, "--json"))
    assert (told["date"], told["gate_id"], told["roster_version"]) == ("2026-03-02", "gate-1", 7)
    assert told["whole"] == {
        "class_id": None,
        "people": 5,
        "passed": 1,
        "refused": 1,
        "in_observation": 2,
        "absent": 1,
    }
    assert told["verdicts"] == {"pass": 1, "fever": 1, "refused": 1, "not_measured": 0}
    assert told["refused_for"] == {"not_approved": 1}
    assert [(case["person_id"], case["age_s"]) for case in told["open_cases"]] == [
        ("P000005", 2 * DAY_MS / 1000),
        ("P000004", 16 * 3600),
    ]


def test_people_read_it_in_both_languages(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(
        path,
        (of(2, passage(2)), MIDNIGHT_MS + HOUR_MS),
        (of(3, refused(3, "a_code_of_newer_software")), MIDNIGHT_MS + HOUR_MS),
        (alarm(4), MIDNIGHT_MS + HOUR_MS),
        (replace(alarm(4), step="contact", by="wang", contact_c=38.4), MIDNIGHT_MS + 2 * HOUR_MS),
        (of(9, passage(9)), MIDNIGHT_MS + HOUR_MS),
    )
    text = report(path, capsys)
    assert "全体 / everybody: 5 = 已入 / in 1 + 未放行 / refused 1 + 观察 / in observation 1 + 未到 / absent 2" in text
    assert "C1: 5 =" in text
    assert "refused: a_code_of_newer_software: 1" in text
    assert "ids that are not on the roster: P000009" in text
    assert "23.0 h  P000004  发热 / fever  待处理 / open  38.4 °C" in text
    assert "接触式测温 / contact readings: 1" in text
    assert "零报告" not in text


def test_a_day_without_anything_is_reported_as_zero(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = report(path, capsys)
    assert "zero report" in text
    assert "5 = 已入 / in 0 + 未放行 / refused 0 + 观察 / in observation 0 + 未到 / absent 5" in text


def test_a_case_that_was_closed_before_the_day_is_not_on_it_and_one_of_the_next_day_neither(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    steps = [alarm(1), *(replace(alarm(1), step=name, by="wang", contact_c=None) for name in ("released", "closed"))]
    steps.insert(1, replace(alarm(1), step="contact", by="wang", contact_c=36.5))
    write(path, *((step, MIDNIGHT_MS - HOUR_MS) for step in steps), (alarm(2), MIDNIGHT_MS + DAY_MS))
    told = json.loads(report(path, capsys, "--json"))
    assert told["open_cases"] == []
    assert told["whole"]["absent"] == 5


def test_who_came_before_the_clock_was_set_came_that_day(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with closing(open_store(load(path))) as store:
        store.append(of(1, passage(1)), Stamp(MIDNIGHT_MS - 5 * HOUR_MS, 60.0, BOOT_ID, False))
        store.append(of(2, passage(2)), Stamp(MIDNIGHT_MS + 7 * HOUR_MS, 120.0, BOOT_ID, True))
    told = json.loads(report(path, capsys, "--json"))
    assert (told["whole"]["passed"], told["clock_unknown"]) == (2, 1)
    assert "before the clock was set: 1" in report(path, capsys)


def test_without_a_roster_visits_are_counted_and_people_are_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "gate.toml"
    path.write_text('[gate]\nid = "gate-1"\n')
    write(path, (passage(1), MIDNIGHT_MS), (fever(2), MIDNIGHT_MS))
    text = report(path, capsys)
    assert "no roster" in text
    assert "通行 / visits: 2" in text
    assert json.loads(report(path, capsys, "--json"))["whole"]["people"] == 0


def test_a_roster_that_cannot_be_read_does_not_break_what_a_program_reads(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (path.parent / "roster").write_bytes(b"nonsense")
    told = json.loads(report(path, capsys, "--json"))
    assert told["roster_version"] is None


@pytest.mark.parametrize("day", ["yesterday", "2026-02-30", "0001-01-01", "9999-12-31", ""])
def test_what_is_no_date_is_refused(path: Path, day: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["report", "--config", str(path), "--day", day]) == 2
    assert "is no date" in capsys.readouterr().err


def test_without_a_day_it_is_today(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["report", "--config", str(path)]) == 0
    assert "report of the day  20" in capsys.readouterr().out
