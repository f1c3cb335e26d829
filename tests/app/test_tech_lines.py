"""Maintenance: nobody is let in, lines are tried one by one, and a fire ends it."""

from pathlib import Path

import pytest

from edge.app.tech_lines import OUTPUTS, SILENT_S, TEST_S
from edge.core.signals import EXIT, FAULT, Signal, signal_for
from tests.fakes.tech import TechDesk


@pytest.fixture
def desk(tmp_path: Path) -> TechDesk:
    opened = TechDesk(tmp_path)
    opened.signs_in()
    return opened


def begins(desk: TechDesk) -> None:
    assert desk.told("maintenance", on=True)["maintenance"] == "ma"
    assert desk.turn()


def tries(desk: TechDesk, name: str) -> str:
    ticket = desk.told("state")["ticket"]
    return str(desk.while_the_gate_turns(lambda: desk.told("try_output", name=name, ticket=ticket))["code"])


@pytest.mark.parametrize("name", OUTPUTS)
def test_each_output_is_shown_for_a_while_and_then_the_gate_is_shut(desk: TechDesk, name: str) -> None:
    begins(desk)
    assert tries(desk, name) == "tried"
    assert desk.gate_io.shown == [OUTPUTS[name]]
    assert desk.gate_io.relay_open == (name == "relay")
    desk.lines.show(Signal("off"))  # what the gate says meanwhile waits
    assert desk.gate_io.shown == [OUTPUTS[name]]
    desk.clock.advance(TEST_S + 0.1)
    desk.turn()
    assert desk.gate_io.shown[-1] == FAULT
    assert any(name in line and "(ma)" in line for line in desk.said)


def test_a_ticket_opens_the_gate_once(desk: TechDesk) -> None:
    begins(desk)
    ticket = desk.told("state")["ticket"]
    first = desk.while_the_gate_turns(lambda: desk.told("try_output", name="relay", ticket=ticket))
    again = desk.while_the_gate_turns(lambda: desk.told("try_output", name="relay", ticket=ticket))
    assert (first["ok"], again["ok"], again["code"]) == (True, False, "once_only")
    assert desk.gate_io.shown.count(EXIT) == 1


@pytest.mark.parametrize("ticket", ["", "made up", "\ud800", "x" * 5000])
def test_a_ticket_that_was_never_given_opens_nothing_and_the_true_one_is_void(desk: TechDesk, ticket: str) -> None:
    begins(desk)
    true = desk.told("state")["ticket"]
    assert desk.told("try_output", name="relay", ticket=ticket)["code"] == "once_only"
    assert desk.told("try_output", name="relay", ticket=true)["code"] == "once_only"
    assert desk.gate_io.shown == []


def test_nothing_is_tried_while_the_gate_works(desk: TechDesk) -> None:
    assert tries(desk, "relay") == "not_in_maintenance"
    assert desk.told("listen", name="exit")["code"] == "not_in_maintenance"
    assert desk.gate_io.shown == []


def test_what_the_gate_wants_to_open_stays_shut(desk: TechDesk) -> None:
    begins(desk)
    desk.lines.show(signal_for("pass"))
    assert not desk.gate_io.relay_open
    desk.told("maintenance", on=False)
    desk.turn()
    desk.lines.show(signal_for("pass"))
    assert desk.gate_io.relay_open


def test_an_input_that_is_listened_to_is_heard_and_does_nothing_else(desk: TechDesk) -> None:
    begins(desk)
    assert desk.told("listen", name="exit")["ok"]
    desk.gate_io.press()
    assert desk.lines.inputs() == ()
    heard = desk.told("state")["heard"]
    assert [(one["name"], one["active"]) for one in heard] == [("exit", True), ("exit", False)]
    desk.told("listen", name="tamper")
    assert desk.told("state")["heard"] == []
    desk.gate_io.press()
    assert [one.kind for one in desk.lines.inputs()] == ["exit", "exit"]


def test_a_fire_ends_it_unless_the_fire_contact_is_being_tried(desk: TechDesk) -> None:
    begins(desk)
    desk.told("listen", name="fire")
    desk.gate_io.fire(True)
    assert desk.lines.inputs() == ()
    assert desk.turn()
    desk.told("listen", name="exit")
    desk.gate_io.fire(True)
    assert [one.kind for one in desk.lines.inputs()] == ["fire"]
    assert not desk.turn()


def test_it_ends_when_nobody_is_there_any_more(desk: TechDesk) -> None:
    begins(desk)
    desk.clock.advance(SILENT_S - 1)
    desk.told("state")
    desk.clock.advance(SILENT_S - 1)
    assert desk.turn()
    desk.clock.advance(2)
    assert not desk.turn()
    assert "maintenance is over: ma" in desk.said[-1]


def test_somebody_elses_page_does_not_make_it_last(desk: TechDesk) -> None:
    begins(desk)
    desk.technicians.add("liu", "technician", "508213")
    desk.signs_in("liu")
    desk.clock.advance(SILENT_S + 1)
    desk.told("state")
    assert not desk.turn()


def test_a_line_that_is_lost_is_told(desk: TechDesk) -> None:
    begins(desk)
    desk.gate_io.broken = True
    assert tries(desk, "red") == "lines_lost"


def test_a_loop_that_stands_still_is_told_and_does_it_no_more_later(
    desk: TechDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.app.tech_lines.LATE_S", 0.05)
    begins(desk)
    assert desk.told("try_output", name="relay", ticket=desk.told("state")["ticket"])["code"] == "late"
    desk.turn()
    assert desk.gate_io.shown == []


def test_signing_out_ends_ones_own_maintenance_and_nobody_elses(desk: TechDesk) -> None:
    begins(desk)
    own, desk.session = desk.session, None
    desk.told("sign_out")
    assert desk.turn()
    desk.session = own
    desk.told("sign_out")
    assert not desk.turn()
