"""Settings changed at the page: by the configuration's own rules, with every comment kept, and the way back."""

import os
from pathlib import Path
from typing import Any

import pytest

from edge.app.config_file import load
from edge.app.tech_keys import CHANGEABLE
from edge.core.texts import Text
from tests.fakes.tech import CONFIG, TechDesk


@pytest.fixture
def desk(tmp_path: Path) -> TechDesk:
    opened = TechDesk(tmp_path)
    opened.signs_in()
    return opened


def saves(desk: TechDesk, **changes: str) -> dict[str, Any]:
    base = desk.told("settings")["base"]
    return desk.told("settings_save", changes={key.replace("__", "."): v for key, v in changes.items()}, base=base)


def shown(desk: TechDesk, key: str) -> dict[str, Any]:
    return next(one for one in desk.told("settings")["settings"] if one["key"] == key)


def test_a_change_is_shown_first_and_then_written_with_every_comment(desk: TechDesk) -> None:
    changes = {"policy.fever_forehead_c": "36.4", "screen.people": "nobody"}
    checked = desk.told("settings_check", changes=changes)
    assert checked["ok"]
    assert "-fever_forehead_c = 36.2  # 冬天 / in winter" in checked["diff"]
    assert "+fever_forehead_c = 36.4  # 冬天 / in winter" in checked["diff"]
    assert desk.file.read_text(encoding="utf-8") == CONFIG
    assert not desk.told("state")["restart_needed"]
    assert saves(desk, policy__fever_forehead_c="36.4", screen__people="nobody")["ok"]
    assert desk.file.read_text(encoding="utf-8").startswith(CONFIG.replace("36.2", "36.4").rstrip())
    config = load(desk.file)
    assert (config.policy.fever_forehead_c, config.screen.people) == (36.4, "nobody")
    assert desk.told("state")["restart_needed"]
    assert "policy.fever_forehead_c" in desk.said[-1]
    assert "(ma)" in desk.said[-1]


def test_every_key_can_be_set_to_what_it_is_and_taken_back(desk: TechDesk) -> None:
    """What the page shows of a key is what may be typed for it."""
    found = desk.told("settings")["settings"]
    assert [one["key"] for one in found] == [f"{section}.{key}" for section, keys in CHANGEABLE.items() for key in keys]
    for one in found:
        value = one["value"]
        if value is None or one["key"].startswith("voice."):
            continue
        typed = str(value).lower() if isinstance(value, bool) else str(value)
        checked = desk.told("settings_check", changes={one["key"]: typed})
        assert checked["ok"], (one["key"], typed, checked["problems"])


@pytest.mark.parametrize(
    ("key", "typed", "said"),
    [
        ("policy.fever_forehead_c", "99", "out of range"),
        ("policy.fever_forehead_c", "36,4", "number"),
        ("policy.fever_forehead_c", "nan", "out of range"),
        ("policy.usable_frames", "2.5", "whole number"),
        ("camera.rotation_deg", "45", "90"),
        ("reference.region", "[1, 2]", "four numbers"),
        ("reference.region", "[100, 0, 900, 50]", "outside the frame"),
        ("calibration.expired", "perhaps", "mark"),
        ("gate.name", "x" * 61, "60"),
    ],
)
def test_what_the_configuration_refuses_is_refused_here_in_both_languages(
    desk: TechDesk, key: str, typed: str, said: str
) -> None:
    checked = saves(desk, **{key: typed})
    assert not checked["ok"]
    [problem] = checked["problems"]
    assert problem["key"] == key
    assert said in problem["text"]["en"]
    assert problem["text"]["zh"] != problem["text"]["en"]
    assert desk.file.read_text(encoding="utf-8") == CONFIG


@pytest.mark.parametrize("key", ["county.url", "store.path", "pins.relay", "screen.host", "nothing", "policy", ".", ""])
def test_what_is_not_the_technicians_to_change_stays(desk: TechDesk, key: str) -> None:
    checked = saves(desk, **{key: "1"})
    assert [problem["key"] for problem in checked["problems"]] == [key]
    assert desk.file.read_text(encoding="utf-8") == CONFIG


def test_what_somebody_else_decides_is_shown_with_who_and_stays(tmp_path: Path) -> None:
    desk = TechDesk(tmp_path, pinned={"policy.hold_s": Text("由县里决定", "decided by the county")})
    desk.signs_in()
    assert shown(desk, "policy.hold_s")["pinned"]["en"] == "decided by the county"
    assert saves(desk, policy__hold_s="5")["problems"][0]["text"]["zh"] == "由县里决定"


def test_text_needs_no_quotes_and_cannot_break_out_of_its_line(desk: TechDesk) -> None:
    assert saves(desk, gate__name='东"门\\ # x')["ok"]
    assert load(desk.file).gate.name == '东"门\\ # x'
    assert desk.ask("settings_save", changes={"gate.name": 'x"\n[county]'}, base="").status == 409


def test_an_empty_value_is_the_default_again(desk: TechDesk) -> None:
    assert shown(desk, "policy.fever_forehead_c")["given"]
    assert saves(desk, policy__fever_forehead_c="")["ok"]
    found = shown(desk, "policy.fever_forehead_c")
    assert (found["given"], found["value"]) == (False, found["default"])


def test_who_changed_it_meanwhile_is_not_overwritten(desk: TechDesk) -> None:
    base = desk.told("settings")["base"]
    desk.file.write_text(CONFIG + "\n# by hand\n", encoding="utf-8")
    answer = desk.ask("settings_save", changes={"policy.hold_s": "5"}, base=base)
    assert answer.status == 409
    assert "changed meanwhile" in answer.told["en"]
    assert desk.file.read_text(encoding="utf-8").endswith("# by hand\n")


def test_there_is_a_way_back_and_it_can_be_gone_back_on(desk: TechDesk) -> None:
    saves(desk, policy__fever_forehead_c="36.4")
    [version] = desk.told("settings")["versions"]
    assert version["by"] == "ma"
    former = desk.told("settings_former", version=version["id"])
    assert "+fever_forehead_c = 36.2  # 冬天 / in winter" in former["diff"]
    assert desk.told("settings_restore", version=version["id"], base=desk.told("settings")["base"])["ok"]
    assert desk.file.read_text(encoding="utf-8") == CONFIG
    assert len(desk.told("settings")["versions"]) == 2


def test_changes_of_one_second_stand_in_their_order(desk: TechDesk) -> None:
    alarms = ["36.3", "36.4", "36.5", "36.6", "36.7"]
    for alarm in alarms:
        saves(desk, policy__fever_forehead_c=alarm)
    versions = desk.told("settings")["versions"]
    told = [desk.told("settings_former", version=one["id"])["diff"] for one in versions]
    former = ["36.6", "36.5", "36.4", "36.3", "36.2"]
    assert all(
        any(f"= {alarm}" in line for line in diff if line[0] == "+") for alarm, diff in zip(former, told, strict=True)
    )


@pytest.mark.parametrize("version", ["../../gate", "20260105T080000000000Z-00000000", "", "x" * 300, "..\\x"])
def test_a_version_that_there_is_not_is_refused(desk: TechDesk, version: str) -> None:
    assert desk.ask("settings_former", version=version).status == 409
    base = desk.told("settings")["base"]
    assert desk.ask("settings_restore", version=version, base=base).status == 409


def test_the_files_mode_is_kept_and_a_version_is_the_owners_alone(desk: TechDesk) -> None:
    desk.file.chmod(0o640)
    saves(desk, policy__hold_s="5")
    assert desk.file.stat().st_mode & 0o777 == 0o640
    [kept] = desk.file.with_name("settings.d").glob("*.toml")
    assert kept.stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_file_that_cannot_be_written_says_so_and_nothing_is_changed(desk: TechDesk) -> None:
    folder = desk.file.parent
    desk.file.with_name("settings.d").mkdir()
    folder.chmod(0o500)
    try:
        answer = desk.ask("settings_save", changes={"policy.hold_s": "5"}, base=desk.told("settings")["base"])
    finally:
        folder.chmod(0o700)
    assert answer.status == 409
    assert "nothing was changed" in answer.told["en"]
    assert desk.file.read_text(encoding="utf-8") == CONFIG
    assert list(folder.glob(".*")) == []


def test_a_file_that_was_damaged_by_hand_can_be_read_and_mended_by_going_back(desk: TechDesk) -> None:
    saves(desk, policy__hold_s="5")
    desk.file.write_text(CONFIG.replace("36.2", '"warm"'), encoding="utf-8")
    assert shown(desk, "policy.fever_forehead_c")["value"] == "warm"
    [version] = desk.told("settings")["versions"]
    base = desk.told("settings")["base"]
    assert desk.told("settings_restore", version=version["id"], base=base)["ok"]
    assert desk.file.read_text(encoding="utf-8") == CONFIG
