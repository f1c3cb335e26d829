"""The procedure behind the technician's page: from end to end, left and gone on with, and used by the gate at once."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from edge.app import bootstrap
from edge.app.calibrated import Calibrated
from edge.core.profile import Profile
from tests.fakes.tech import CONFIG, TechDesk

WAIT_S = 120.0
ANSWERS = {"technician": "马师傅", "source_serial": "BB-0042", "source_date": "2026-01-02",
           "low": "33", "high": "40", "verify": "37"}  # fmt: skip


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[TechDesk]:
    opened = TechDesk(tmp_path, CONFIG.replace("[policy]", "settling_s = 1.0\n[policy]"))
    opened.signs_in()
    yield opened
    opened.bench.calibration.stop()


def begins(desk: TechDesk, again: bool = False) -> None:
    assert desk.told("calibration_start", again=again, valid_days=90)["running"]
    assert desk.lines.by == "ma"


def goes_on(desk: TechDesk, until: Callable[[dict[str, Any]], bool], answered: str = "") -> dict[str, Any]:
    """Answer each prompt as a technician does, until this is on the page; answered: what was answered before."""
    limit_s = time.monotonic() + WAIT_S
    while time.monotonic() < limit_s:
        view = desk.told("calibration")
        if until(view):
            return view
        asked = view.get("prompt")
        if asked and asked["kind"] not in ("wait", "over") and asked["code"] != answered:
            text = "y" if asked["line"] else ANSWERS.get(asked["code"], "")
            assert desk.told("calibration_type", code=asked["code"], text=text)["ok"]
            answered = asked["code"]
        time.sleep(0.01)
    raise AssertionError(view)


def is_at(stage: str) -> Callable[[dict[str, Any]], bool]:
    return lambda view: view.get("stage") == stage


def test_from_end_to_end_it_makes_a_profile_that_counts_at_once(tmp_path: Path) -> None:
    desk = TechDesk(tmp_path)
    versions: list[str] = []
    calibrated = Calibrated(desk.config, "missing", 37.0, lambda line: None, versions.append)
    desk.bench.calibration._signed = calibrated.renew
    desk.signs_in()
    begins(desk)
    result = goes_on(desk, is_at("acceptance"))["result"]
    assert {one["name"]["en"] for one in result["items"]}
    # What it radiates is a little less than what its display says.
    assert [one["true_c"] for one in result["residuals"]] == pytest.approx([33, 40, 37], abs=0.5)
    done = goes_on(desk, lambda view: view.get("prompt", {}).get("kind") == "over")
    made = bootstrap.open_profile(desk.config)
    assert isinstance(made, Profile)
    assert made.id == done["profile_id"]
    assert made.plain["answers"]["technician"] == "马师傅"
    assert (made.expires_utc_ms - made.made_utc_ms) / 86_400_000 == 90
    assert not desk.bench.calibration.unfinished
    calibrated._judge(made.made_utc_ms)
    assert versions[-1] == made.id
    for name, begin in (("certificate.pdf", b"%PDF"), ("certificate.html", b"<!DOCTYPE html>")):
        file = desk.work.file(desk.session, name)
        assert file is not None
        assert file.body[: len(begin)].lower() == begin.lower()
        assert file.name.startswith(made.id)


def test_it_is_left_and_gone_on_with_where_it_was(desk: TechDesk) -> None:
    begins(desk)
    goes_on(desk, is_at("high"))
    assert not desk.told("calibration_stop")["running"]
    assert desk.told("calibration")["unfinished"]
    begins(desk)
    view = goes_on(desk, lambda view: "stage" in view)
    assert view["stage"] == "high"
    assert [point["name"] for point in view["points"]] == ["low"]
    desk.told("calibration_stop")
    begins(desk, again=True)
    assert goes_on(desk, lambda view: "stage" in view)["points"] == []


def test_a_fire_or_nobody_there_has_it_left(desk: TechDesk) -> None:
    begins(desk)
    goes_on(desk, is_at("about"))
    desk.lines.end("test")
    assert not desk.turn()
    desk.bench.calibration.leave()
    goes_on(desk, lambda view: not view["running"])
    assert desk.bench.calibration.unfinished


def test_what_is_typed_at_a_prompt_that_is_gone_is_nothing(desk: TechDesk) -> None:
    begins(desk)
    goes_on(desk, is_at("about"))
    assert desk.told("calibration_type", code="technician", text="马师傅")["ok"]
    assert desk.told("calibration_type", code="technician", text="again")["ok"]
    view = goes_on(desk, lambda view: view["prompt"]["code"] == "source_serial")
    assert view["prompt"]["kind"] == "type"


def test_an_answer_that_is_none_is_told_in_both_languages(desk: TechDesk) -> None:
    begins(desk)
    goes_on(desk, lambda view: view.get("prompt", {}).get("code") == "low")
    desk.told("calibration_type", code="low", text="91.4")
    view = goes_on(desk, lambda view: bool(view["notes"]) and view["notes"][-1]["code"] == "wrong_unit", "low")
    assert "33.00" in view["notes"][-1]["text"]["zh"]
    assert view["prompt"]["code"] == "low"


def test_a_second_one_does_not_begin_beside_it_and_days_have_a_range(desk: TechDesk) -> None:
    begins(desk)
    running = desk.bench.calibration._thread
    begins(desk)
    assert desk.bench.calibration._thread is running
    assert desk.ask("calibration_start", again=False, valid_days=0.5).status == 409
    assert desk.ask("calibration_start", again=False, valid_days=10_000).status == 409
    assert desk.ask("calibration_type", code="x", text="y" * 201).told["ok"] is False
