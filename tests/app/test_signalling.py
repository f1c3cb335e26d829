"""Which of several verdicts lamp and screen show, and for how long."""

from dataclasses import replace

from edge.app.signalling import Shown, Signalling
from edge.core.contents import Passage
from edge.core.signals import IDLE, signal_for
from tests.fakes.fake_gate_io import FakeGateIO
from tests.fakes.passages import passage, refused, unmeasured

HOLD_S = 3.0
COME_IN, STAY_OUT = signal_for("pass"), signal_for("refused")
UNMEASURED = signal_for("not_measured")


class Desk:
    """Lamp and screen of a gate, and its clock."""

    def __init__(self) -> None:
        self.gate_io = FakeGateIO()
        self.signalling = Signalling(self.gate_io, None, HOLD_S, lambda line: None)

    def verdict(self, at_s: float, what: Passage, gone: bool = False, undecided: bool = False) -> None:
        self.signalling.verdict(Shown(what, None, "uuid", at_s, has_gone=gone), gone, at_s, undecided)

    def badge_without_a_face(self, at_s: float) -> None:
        nobody = replace(unmeasured(9, "no_face"), measurement=None)
        self.signalling.verdict(Shown(nobody, None, "uuid", at_s), True, at_s)

    def rest(self, at_s: float, undecided: bool = False) -> None:
        self.signalling.rest(at_s, stopped=False, alarm=False, alerts=(), faulty=False, ask=None, undecided=undecided)


def test_the_verdict_of_somebody_who_has_gone_waits_for_the_one_who_was_let_in() -> None:
    desk = Desk()
    desk.verdict(0.0, passage(1))
    desk.verdict(0.5, refused(2, "no_badge"), gone=True)
    assert desk.gate_io.shown == [COME_IN]
    desk.rest(HOLD_S - 0.1)
    assert desk.gate_io.shown == [COME_IN]
    desk.rest(HOLD_S)
    assert desk.gate_io.shown == [COME_IN, STAY_OUT]
    desk.rest(2 * HOLD_S)
    assert desk.gate_io.shown == [COME_IN, STAY_OUT, IDLE]


def test_a_refusal_is_not_told_to_the_next_person_as_theirs() -> None:
    desk = Desk()
    desk.verdict(0.0, passage(1))
    desk.verdict(0.5, refused(2, "no_badge"), gone=True)
    desk.rest(HOLD_S, undecided=True)
    desk.rest(HOLD_S + 1.0)
    assert STAY_OUT not in desk.gate_io.shown


def test_nor_at_once_when_nobody_is_being_let_in() -> None:
    desk = Desk()
    desk.verdict(0.0, refused(2, "no_badge"), gone=True, undecided=True)
    assert desk.gate_io.shown == []
    # Whoever stands there themselves is told, whoever else does.
    desk.verdict(1.0, refused(3, "two_at_once"), undecided=True)
    assert desk.gate_io.shown == [STAY_OUT]


def test_a_refusal_is_over_once_somebody_else_has_had_their_verdict() -> None:
    desk = Desk()
    desk.verdict(0.0, passage(1))
    desk.verdict(0.5, refused(2, "two_at_once"), gone=True)
    desk.verdict(2.0, passage(3))
    for at_s in (2.0 + HOLD_S, 3.0 + HOLD_S):
        desk.rest(at_s)
    assert desk.gate_io.shown == [COME_IN, COME_IN, IDLE]


def test_nor_is_the_verdict_on_a_badge_that_found_nobody() -> None:
    # Behind a morning's unbroken file it would otherwise be told to somebody minutes later.
    desk = Desk()
    desk.verdict(0.0, passage(1))
    desk.badge_without_a_face(0.5)
    desk.rest(HOLD_S, undecided=True)
    desk.rest(HOLD_S + 1.0)
    assert UNMEASURED not in desk.gate_io.shown
    desk.verdict(10.0, passage(2))
    desk.badge_without_a_face(10.5)
    desk.verdict(12.0, passage(3))
    for at_s in (12.0 + HOLD_S, 13.0 + HOLD_S):
        desk.rest(at_s)
    assert UNMEASURED not in desk.gate_io.shown


def test_a_badge_that_found_nobody_is_told_when_nobody_else_would_take_it_for_theirs() -> None:
    desk = Desk()
    desk.verdict(0.0, passage(1))
    desk.badge_without_a_face(0.5)
    desk.rest(HOLD_S)
    assert desk.gate_io.shown == [COME_IN, UNMEASURED]


def test_whoever_left_unmeasured_is_told_whoever_has_come_since() -> None:
    # They may have followed somebody in.
    desk = Desk()
    desk.verdict(0.0, passage(1))
    desk.verdict(0.5, unmeasured(2), gone=True, undecided=True)
    desk.verdict(2.0, passage(3))
    desk.rest(2.0 + HOLD_S, undecided=True)
    assert desk.gate_io.shown == [COME_IN, COME_IN, UNMEASURED]
