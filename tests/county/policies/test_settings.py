"""Settings of a school's gates: who changes them, what a gate gets, what the pages tell of it."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from county.policies.changing import change_settings, settings_of
from county.policies.models import SettingChange
from county.rosters.signing import make_key
from edge.adapters.roster_file.commanded_file import verified_settings
from edge.core.commanded import KEYS, Commanded
from edge.core.errors import ConfigError
from edge.core.wire import to_plain
from tests.core.test_health import WELL
from tests.county.gate_client import Answer, GateClient, register
from tests.county.reading_pages import table
from tests.county.rosters.helpers import SCHOOL, run

ALARM = "policy.fever_forehead_c"


def command(by: str = "王医生", **edits: object) -> None:
    change_settings(SCHOOL, by, timezone.now(), {key.replace("__", "."): value for key, value in edits.items()})


def taken(answer: Answer, data: Path, school: str = SCHOOL) -> Commanded:
    """The settings in an answer, verified as a gate does."""
    assert answer.status_code == 200, answer.content
    return verified_settings(answer.content, (make_key(data).public_key(),), school)


def ask(gate: GateClient, version: int = 0) -> Answer:
    return gate.get("settings", version=str(version))


def test_a_gate_gets_its_school_s_settings_signed_and_only_when_they_are_newer(data: Path, gate: GateClient) -> None:
    make_key(data)
    assert (ask(gate).status_code, ask(gate).content) == (204, b"")
    command(policy__fever_forehead_c=36.2, entry__rules__too_late="off")
    answer = ask(gate)
    got = taken(answer, data)
    assert (got.version, got.settings) == (1, {ALARM: 36.2, "entry.rules.too_late": "off"})
    assert answer["Cache-Control"] == "no-store"
    assert ask(gate, 1).status_code == 204
    command(policy__fever_forehead_c=None)
    assert taken(ask(gate, 1), data).settings == {"entry.rules.too_late": "off"}
    other = GateClient(register("G9", school="第二小学"))
    assert ask(other).status_code == 204


def test_a_gate_that_has_newer_ones_is_told_so_and_how_to_mend_it(data: Path, gate: GateClient) -> None:
    make_key(data)
    answer = ask(gate, 7)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "settings_behind")
    assert "--raise-version 8" in answer.json()["error"]["en"]
    run("gate_settings", SCHOOL, "--raise-version", "8")
    assert taken(ask(gate, 7), data).version == 8


def test_without_a_token_or_a_key_nothing_comes_down(data: Path, gate: GateClient) -> None:
    command(policy__fever_forehead_c=36.2)
    answer = ask(gate)
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "no_roster_key")
    gate.headers = {"Authorization": "Bearer x"}
    assert ask(gate).status_code == 401
    assert ask(GateClient(register("G2")), -1).status_code == 400


def test_only_real_changes_make_a_version_and_each_is_noted(database: Path) -> None:
    command(policy__fever_forehead_c=36.2)
    command(policy__fever_forehead_c=36.2)
    command(by="李医生", policy__fever_forehead_c=36.0, entry__crowd_people=12)
    command(by="李医生", policy__fever_forehead_c=None)
    noted = [(one.version, one.by, one.key, one.before, one.after) for one in SettingChange.objects.order_by("pk")]
    assert noted == [
        (1, "王医生", ALARM, None, "36.2 °C"),
        (2, "李医生", "entry.crowd_people", None, "12"),
        (2, "李医生", ALARM, "36.2 °C", "36 °C"),
        (3, "李医生", ALARM, "36 °C", None),
    ]


@pytest.mark.parametrize(
    ("edits", "told"),
    [
        ({"policy__fever_forehead_c": 33.9}, "34 … 40"),
        ({"policy__fever_forehead_c": "warm"}, "34 … 40"),
        ({"policy__fever_forehead_c": float("nan")}, "34 … 40"),
        ({"entry__rules__no_badge": "off"}, "override | hard"),
        ({"pins__relay_pulse_s": 5.0}, "no setting pins.relay_pulse_s"),
        ({"pins__relay_pulse_s": None}, "no setting pins.relay_pulse_s"),
        ({"policy__fever_forehead_c": 35.0, "policy__too_cold_c": 36.0}, "is above"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(database: Path, edits: dict[str, Any], told: str) -> None:
    command(entry__crowd_people=12)
    with pytest.raises(ConfigError) as refused:
        command(**edits)
    assert told in refused.value.en
    found = settings_of(SCHOOL)
    assert found is not None
    assert (found.version, found.settings) == (1, {"entry.crowd_people": 12})


def test_the_command_shows_sets_and_takes_back(data: Path, gate: GateClient) -> None:
    assert "版本 1" in run("gate_settings", SCHOOL, "--set", f"{ALARM}=36.2", "--set", "entry.rules.too_late=off")
    told = run("gate_settings", SCHOOL, "--unset", "entry.rules.too_late", "--by", "李医生")
    assert f"{ALARM} = 36.2 °C  额温报警值 / Forehead alarm" in told
    assert "too_late = " not in told
    assert SettingChange.objects.filter(by="李医生").count() == 1
    for wrong in (("--set", "x=1"), ("--set", "novalue"), ("--raise-version", "1")):
        with pytest.raises(ConfigError):
            run("gate_settings", SCHOOL, *wrong)
    with pytest.raises(ConfigError, match="no gate"):
        run("gate_settings", "没有的学校")


def form(browser: Client, **typed: str) -> Answer:
    return browser.post(f"/settings/{SCHOOL}", {key.replace("__", "."): value for key, value in typed.items()})


def test_an_officer_sets_and_clears_on_the_page_and_sees_which_gates_go_by_it(
    gate: GateClient, as_role: Callable[[str], Client]
) -> None:
    officer = as_role("officer")
    assert form(officer, policy__fever_forehead_c="36.2", entry__rules__too_late="off").status_code == 302
    page = officer.get(f"/settings/{SCHOOL}")
    assert 'name="policy.fever_forehead_c" value="36.2"' in page.content.decode()
    assert "尚未生效" in page.content.decode()
    health = to_plain(replace(WELL, settings_version=1))
    assert gate.post("status", json.dumps({"head": None, "health": health}).encode()).status_code == 200
    assert "尚未生效" not in officer.get(f"/settings/{SCHOOL}").content.decode()
    assert table(officer.get("/settings"))[0][1:] == ["1", "2", "1 / 1"]
    # What the form no longer holds is as the gate was configured.
    assert form(officer, entry__rules__too_late="off").status_code == 302
    found = settings_of(SCHOOL)
    assert found is not None
    assert (found.version, found.settings) == (2, {"entry.rules.too_late": "off"})
    assert table(officer.get("/settings"))[0][3] == "0 / 1"


def test_a_wrong_value_is_told_above_the_form_which_keeps_what_was_typed(
    gate: GateClient, as_role: Callable[[str], Client]
) -> None:
    answer = form(as_role("officer"), policy__fever_forehead_c="97", entry__crowd_people="12")
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "34 … 40 °C" in page
    assert 'name="policy.fever_forehead_c" value="97"' in page
    assert settings_of(SCHOOL) is None


@pytest.mark.parametrize(("role", "sees"), [("technician", 200), ("auditor", 200), ("school", 403)])
def test_others_look_or_do_not_and_change_nothing(
    gate: GateClient, as_role: Callable[[str], Client], role: str, sees: int
) -> None:
    browser = as_role(role)
    assert browser.get("/settings").status_code == sees
    assert browser.get(f"/settings/{SCHOOL}").status_code == sees
    assert form(browser, policy__fever_forehead_c="36.2").status_code == 403
    assert settings_of(SCHOOL) is None


def test_a_school_without_gates_has_no_page(database: Path, as_role: Callable[[str], Client]) -> None:
    assert as_role("officer").get("/settings/没有的学校").status_code == 404


def test_every_key_stands_in_the_form_with_what_it_may_hold(gate: GateClient, as_role: Callable[[str], Client]) -> None:
    page = as_role("officer").get(f"/settings/{SCHOOL}").content.decode()
    for name, key in KEYS.items():
        assert f'name="{name}"' in page
        assert key.text.zh in page
