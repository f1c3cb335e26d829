"""Who may ask what of the technician's desk, and what is answered to everybody else."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.app.tech_sessions import MOST_SESSIONS, SIGN_IN_S, WRONG_PINS, WRONG_WITHIN_S
from edge.core.frame import Frame
from edge.core.tech import Look
from tests.fakes.tech import PIN, TechDesk

COMMANDS: dict[str, dict[str, Any]] = {
    "state": {},
    "maintenance": {"on": False},
    "try_output": {"name": "relay", "ticket": "x"},
    "listen": {"name": "exit"},
    "drawn": {"box": [1, 2, 3, 4]},
    "restart": {"ticket": "x"},
    "clip": {},
    "clip_begin": {"seconds": 1, "agreed": True},
    "clip_forget": {},
    "log": {},
    "charts": {},
    "doctor": {},
    "settings": {},
    "settings_check": {"changes": {}},
    "settings_save": {"changes": {}, "base": ""},
    "settings_former": {"version": ""},
    "settings_restore": {"version": "", "base": ""},
    "calibration": {},
    "calibration_start": {"again": False, "valid_days": 180},
    "calibration_type": {"code": "", "text": ""},
    "calibration_stop": {},
}


@pytest.fixture
def desk(tmp_path: Path) -> TechDesk:
    return TechDesk(tmp_path)


def test_every_command_is_tried_here(desk: TechDesk) -> None:
    assert set(desk.work._tasks) == set(COMMANDS)


@pytest.mark.parametrize("do", COMMANDS)
@pytest.mark.parametrize("session", [None, "", "made-up", "\ud800"])
def test_nothing_is_answered_or_done_before_a_sign_in(desk: TechDesk, do: str, session: str | None) -> None:
    desk.session = session
    answer = desk.ask(do, **COMMANDS[do])
    assert (answer.status, answer.told) == (401, {"ok": False, "code": "sign_in_first"})
    assert desk.said == []
    assert desk.work.frame(session, 0) is None
    assert desk.work.file(session, "support.zip") is None


@pytest.mark.parametrize("do", COMMANDS)
def test_a_field_too_many_too_few_or_of_another_type_is_not_understood(desk: TechDesk, do: str) -> None:
    desk.signs_in()
    said = list(desk.said)
    asked = COMMANDS[do]
    wrong = [asked | {"more": 1}]
    wrong += [{name: value for name, value in asked.items() if name != left} for left in asked]
    wrong += [asked | {name: None} for name in asked]
    wrong += [asked | {name: 1} for name, value in asked.items() if isinstance(value, bool)]
    wrong += [asked | {name: True} for name, value in asked.items() if isinstance(value, int | list | dict | str)
              and not isinstance(value, bool)]  # fmt: skip
    for fields in wrong:
        assert desk.ask(do, **fields).status == 400, fields
    assert desk.said == said


@given(st.binary(max_size=300) | st.recursive(st.none() | st.text(max_size=9) | st.floats(), st.lists, max_leaves=9)
       .map(lambda value: json.dumps({"do": value, "who": value}).encode()))  # fmt: skip
def test_whatever_arrives_is_answered(body: bytes) -> None:
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        desk = TechDesk(Path(folder))
        assert desk.work.ask(body, None).status in (400, 401, 403)


def test_a_wrong_pin_and_a_guard_are_refused_and_too_many_tries_wait(desk: TechDesk) -> None:
    assert desk.ask("sign_in", who="ma", pin="000000").status == 403
    assert desk.told("sign_in", who="nobody", pin=PIN)["code"] == "wrong_pin"
    for _ in range(WRONG_PINS - 2):
        desk.told("sign_in", who="ma", pin="1")
    assert desk.told("sign_in", who="ma", pin=PIN)["code"] == "too_many_tries"
    desk.clock.advance(WRONG_WITHIN_S + 1)
    desk.signs_in()
    assert "508213" not in "".join(desk.said)


def test_a_session_ends_by_itself_and_polls_do_not_make_it_last(desk: TechDesk) -> None:
    desk.signs_in()
    desk.clock.advance(SIGN_IN_S - 1)
    assert desk.ask("state").status == 200
    desk.clock.advance(2)
    answer = desk.ask("state")
    assert (answer.status, answer.ended) == (401, True)
    desk.signs_in()
    desk.clock.advance(SIGN_IN_S - 1)
    assert desk.ask("settings").status == 200
    desk.clock.advance(2)
    assert desk.ask("state").status == 200


def test_who_was_taken_off_the_list_is_nobody(desk: TechDesk) -> None:
    desk.signs_in()
    desk.technicians.remove("ma")
    assert desk.ask("state").status == 401


def test_the_oldest_session_goes_when_there_are_too_many(desk: TechDesk) -> None:
    sessions = []
    for _ in range(MOST_SESSIONS + 1):
        desk.signs_in()
        sessions.append(desk.session)
    desk.session = sessions[0]
    assert desk.ask("state").status == 401
    desk.session = sessions[1]
    assert desk.ask("state").status == 200


def test_a_sign_out_ends_this_session(desk: TechDesk) -> None:
    desk.signs_in()
    answer = desk.ask("sign_out")
    assert answer.ended
    assert desk.ask("state").status == 401


def test_a_box_drawn_upright_is_written_as_the_sensor_stores_it(desk: TechDesk) -> None:
    desk.signs_in()
    # The stored frame is 160 x 120 and turned by 90 degrees: upright it is 120 wide, 160 high.
    assert desk.told("drawn", box=[10, 20, 40, 60]) == {"ok": True, "region": "[20, 80, 60, 110]", "face_px": "30"}
    assert desk.told("drawn", box=[40, 60, 10, 20])["region"] == "[20, 80, 60, 110]"
    assert desk.told("drawn", box=[-50, -50, 500, 500])["region"] == "[0, 0, 160, 120]"


@pytest.mark.parametrize("box", [[], [1, 2, 3], [1, 2, 3, "4"], [1, 2, 3, True], [1, 2, 3, 1e9], [1, 2, 3, 10**30]])
def test_what_is_no_box_is_refused(desk: TechDesk, box: list[Any]) -> None:
    desk.signs_in()
    answer = desk.ask("drawn", box=box)
    assert answer.status == 409
    assert answer.told["zh"]
    assert answer.told["en"]


def test_a_restart_takes_a_ticket_and_somebody_who_starts_it_again(desk: TechDesk) -> None:
    desk.signs_in()
    ticket = desk.told("state")["ticket"]
    assert desk.told("restart", ticket=ticket)["code"] == "restarting"
    assert desk.told("restart", ticket=ticket)["code"] == "once_only"
    assert desk.restarted == 1
    assert "ma" in desk.said[-1]


def test_the_newest_look_is_given_and_nothing_is_kept_for_nobody(desk: TechDesk) -> None:
    assert not desk.picture.wanted
    desk.signs_in()
    frame = Frame(np.zeros((120, 160), dtype=np.uint16), 1, 1.0)
    desk.picture.saw(Look(frame, 90, None, "ok"))
    assert desk.work.frame(desk.session, 0) is not None
    assert desk.bench.picture.wanted
    desk.clock.advance(6)
    assert not desk.picture.wanted


def test_a_file_that_there_is_not_is_none(desk: TechDesk) -> None:
    desk.signs_in()
    for name in ("../gate.toml", "", "gate.toml", "certificate.pdf", "clip.npz"):
        assert desk.work.file(desk.session, name) is None
