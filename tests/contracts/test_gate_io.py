"""What every gate keeps: shut unless a pass or an exit has just been shown, never open longer than its pulse.

The same suite runs on real lines in the guest (tests/rig/guest_lines.py).
"""

from collections.abc import Callable
from typing import Protocol

import pytest
from gpiozero.pins.mock import MockFactory
from hypothesis import given
from hypothesis import strategies as st

from edge.adapters.gate_gpio import Contact, GpioGate, Line, Pull, Wiring
from edge.core.errors import GateIOError
from edge.core.signals import EXIT, SIGNALS, Signal, signal_for
from edge.ports import GateIO
from tests.fakes.contact_pin import ContactPin
from tests.fakes.fake_gate_io import FakeGateIO
from tests.fakes.fake_time import FakeTime

PULSE_S = 1.0
DEBOUNCE_S = 0.02
TURN_WITHIN_S = 3.0
PASS, FEVER = signal_for("pass"), signal_for("fever")
OPENING = {"pass", "exit"}
OTHERS = sorted(set(SIGNALS) - OPENING)
ANY = st.sampled_from([*SIGNALS.values(), Signal("red", open_gate=True), Signal("green", "short", True, "slow")])


class Bench(Protocol):
    """A gate with its outside: what a person in front of it would see and do, in a time that the test moves."""

    @property
    def gate(self) -> GateIO: ...
    @property
    def lamp(self) -> str: ...
    @property
    def relay_open(self) -> bool: ...
    def advance(self, seconds: float) -> None: ...
    def turn(self) -> None: ...
    def press(self) -> None: ...
    def fire(self, active: bool) -> None: ...
    def tamper(self, active: bool) -> None: ...


class FakeBench:
    def __init__(self) -> None:
        self.gate = FakeGateIO(PULSE_S, TURN_WITHIN_S)
        self.advance = self.gate.advance
        self.turn, self.press = self.gate.turn, self.gate.press
        self.fire, self.tamper = self.gate.fire, self.gate.tamper

    @property
    def lamp(self) -> str:
        return self.gate.lamp

    @property
    def relay_open(self) -> bool:
        return self.gate.relay_open


class GpioBench:
    """A GpioGate on mock pins; with `low` every line is on, and every contact pulled, the other way round."""

    def __init__(self, low: bool = False) -> None:
        self.time = FakeTime()
        self.factory = MockFactory(pin_class=ContactPin)
        pull: Pull = "down" if low else "up"
        red, amber, green, buzzer, relay = (Line(bcm, not low) for bcm in (17, 27, 22, 23, 24))
        passed, out = Contact(5, low, pull), Contact(6, low, pull)
        fire, tamper = Contact(13, not low, pull), Contact(19, not low, pull)
        self.contacts = {"passed": passed, "exit": out, "fire": fire, "tamper": tamper}
        self.wiring = Wiring(
            *(red, amber, green, buzzer, relay, PULSE_S),
            *(passed, out, fire, tamper),
            debounce_s=DEBOUNCE_S,
            turn_within_s=TURN_WITHIN_S,
        )
        for name in self.contacts:
            self._connect(name, active=False)
        self.gate = GpioGate(self.wiring, self.factory, self.time.later, lambda: self.time.now_s)
        self.advance = self.time.advance

    def turn(self) -> None:
        self._push("passed")

    def press(self) -> None:
        self._push("exit")

    def fire(self, active: bool) -> None:
        self._connect("fire", active)
        self.time.advance(DEBOUNCE_S)

    def tamper(self, active: bool) -> None:
        self._connect("tamper", active)
        self.time.advance(DEBOUNCE_S)

    def _push(self, name: str) -> None:
        for active in (True, False):
            self._connect(name, active)
            self.time.advance(DEBOUNCE_S)

    def _connect(self, name: str, active: bool) -> None:
        """An open contact leaves its wire to the pull."""
        contact = self.contacts[name]
        level = active == contact.active_high
        self.factory.pin(contact.bcm).connect(None if level == (contact.pull == "up") else level)

    def is_on(self, name: str) -> bool:
        """Whether the pin drives its line to the level at which it is on."""
        line: Line = getattr(self.wiring, name)
        pin = self.factory.pin(line.bcm)
        return bool(pin.function == "output" and pin.state == line.active_high)

    @property
    def lamp(self) -> str:
        return next((name for name in ("red", "amber", "green") if self.is_on(name)), "off")

    @property
    def relay_open(self) -> bool:
        return self.is_on("relay")


BENCHES: list[Callable[[], Bench]] = [FakeBench, GpioBench, lambda: GpioBench(low=True)]


@pytest.fixture(params=BENCHES, ids=["fake", "gpio", "gpio-low"])
def bench(request: pytest.FixtureRequest) -> Bench:
    make: Callable[[], Bench] = request.param
    return make()


def is_open(bench: Bench) -> bool:
    return bench.relay_open


def told(bench: Bench) -> list[tuple[str, bool]]:
    return [(one.kind, one.active) for one in bench.gate.inputs()]


def test_starts_dark_and_shut_and_has_nothing_to_tell(bench: Bench) -> None:
    assert (bench.lamp, is_open(bench), bench.gate.inputs()) == ("off", False, ())


@pytest.mark.parametrize("name", SIGNALS)
def test_shows_the_lamp_of_the_signal_and_opens_for_a_pass_or_an_exit_alone(bench: Bench, name: str) -> None:
    bench.gate.show(SIGNALS[name])
    assert bench.lamp == SIGNALS[name].lamp
    assert is_open(bench) == (name in OPENING)


def test_pulse_ends_by_itself_and_the_lamp_stays(bench: Bench) -> None:
    bench.gate.show(PASS)
    bench.advance(PULSE_S - 0.01)
    assert is_open(bench)
    bench.advance(0.02)
    assert (bench.lamp, is_open(bench)) == ("green", False)


def test_second_pass_during_a_pulse_does_not_lengthen_it_but_gets_its_own_after_a_gap(bench: Bench) -> None:
    bench.gate.show(PASS)
    bench.advance(PULSE_S * 0.6)
    bench.gate.show(PASS)
    bench.advance(PULSE_S * 0.5)
    assert not is_open(bench)
    bench.advance(0.2)
    assert is_open(bench)
    bench.advance(PULSE_S)
    assert not is_open(bench)
    bench.advance(PULSE_S)
    assert not is_open(bench)


def test_who_waits_for_a_pulse_of_their_own_loses_it_with_the_next_signal(bench: Bench) -> None:
    bench.gate.show(PASS)
    bench.gate.show(PASS)
    bench.gate.show(FEVER)
    bench.advance(PULSE_S * 3)
    assert not is_open(bench)


def test_passes_without_end_do_not_add_up(bench: Bench) -> None:
    for _ in range(20):
        bench.gate.show(PASS)
    bench.advance(PULSE_S * 3 + 0.5)
    assert not is_open(bench)
    bench.advance(PULSE_S)
    assert not is_open(bench)


def test_a_pass_after_a_pulse_opens_again_for_a_whole_pulse(bench: Bench) -> None:
    bench.gate.show(PASS)
    bench.advance(PULSE_S * 2)
    bench.gate.show(PASS)
    bench.advance(PULSE_S * 0.9)
    assert is_open(bench)


@pytest.mark.parametrize("name", OTHERS)
def test_any_other_signal_shuts_at_once(bench: Bench, name: str) -> None:
    bench.gate.show(PASS)
    bench.gate.show(SIGNALS[name])
    assert not is_open(bench)


def test_who_has_gone_through_shuts_the_gate_behind_them(bench: Bench) -> None:
    bench.gate.show(PASS)
    bench.advance(0.3)
    bench.turn()
    assert not is_open(bench)
    (passed,) = bench.gate.inputs()
    assert (passed.kind, passed.opened_by) == ("passed", "pass")
    assert passed.since_open_s == pytest.approx(0.3, abs=DEBOUNCE_S * 1.01)
    assert bench.gate.inputs() == ()


def test_whoever_follows_is_told_as_a_tailgater(bench: Bench) -> None:
    bench.gate.show(EXIT)
    bench.turn()
    bench.turn()
    passed, tailgate = bench.gate.inputs()
    assert (passed.kind, passed.opened_by) == ("passed", "exit")
    assert (tailgate.kind, tailgate.opened_by) == ("tailgate", "exit")


def test_a_turn_that_nobody_was_let_in_for_is_told_as_forced_and_opens_nothing(bench: Bench) -> None:
    bench.turn()
    (forced,) = bench.gate.inputs()
    assert (forced.kind, forced.active, forced.opened_by) == ("forced", True, None)
    assert not is_open(bench)


def test_a_turnstile_waits_for_its_person_longer_than_the_pulse(bench: Bench) -> None:
    bench.gate.show(PASS)
    bench.advance(TURN_WITHIN_S - 0.1)
    bench.turn()
    bench.advance(TURN_WITHIN_S)
    bench.turn()
    assert [one.kind for one in bench.gate.inputs()] == ["passed", "forced"]


def test_who_was_slow_shuts_the_gate_behind_them_too(bench: Bench) -> None:
    bench.gate.show(PASS)
    bench.advance(PULSE_S + 0.5)
    bench.gate.show(PASS)
    bench.turn()
    assert not is_open(bench)
    bench.turn()
    assert [one.kind for one in bench.gate.inputs()] == ["passed", "passed"]


def test_the_next_one_gets_their_pulse_when_the_first_has_gone_through(bench: Bench) -> None:
    bench.gate.show(PASS)
    bench.gate.show(PASS)
    bench.turn()
    assert not is_open(bench)
    bench.advance(0.25)
    assert is_open(bench)


def test_the_exit_button_is_told_and_opens_nothing_by_itself(bench: Bench) -> None:
    bench.press()
    assert told(bench) == [("exit", True), ("exit", False)]
    assert not is_open(bench)


def test_an_open_housing_is_told_when_it_opens_and_shuts(bench: Bench) -> None:
    bench.tamper(True)
    bench.tamper(False)
    assert told(bench) == [("tamper", True), ("tamper", False)]


def test_fire_holds_the_gate_open_whatever_is_shown_and_shuts_it_afterwards(bench: Bench) -> None:
    bench.fire(True)
    for name in SIGNALS:
        bench.gate.show(SIGNALS[name])
        bench.advance(PULSE_S * 2)
        assert is_open(bench), name
    bench.turn()
    bench.turn()
    bench.fire(False)
    assert not is_open(bench)
    inputs = bench.gate.inputs()
    assert [(one.kind, one.active) for one in inputs] == [
        ("fire", True),
        ("passed", True),
        ("passed", True),
        ("fire", False),
    ]
    assert inputs[1].opened_by == "fire"
    bench.advance(PULSE_S * 2)
    assert not is_open(bench)


def test_a_pass_shown_during_a_fire_opens_nothing_after_it(bench: Bench) -> None:
    bench.fire(True)
    bench.gate.show(PASS)
    bench.fire(False)
    bench.advance(0.5)
    assert not is_open(bench)


def test_a_pulse_that_ran_when_the_fire_came_is_over_when_it_goes(bench: Bench) -> None:
    bench.gate.show(PASS)
    bench.fire(True)
    bench.fire(False)
    assert not is_open(bench)


def test_closed_in_a_fire_it_lets_go_of_the_relay(bench: Bench) -> None:
    """The fire contact is wired to the gate as well: a service that stops must not keep anything."""
    bench.fire(True)
    bench.gate.close()
    assert not is_open(bench)


def test_inputs_that_nobody_asks_for_are_bounded_and_the_newest_stay(bench: Bench) -> None:
    for _ in range(200):
        bench.press()
    bench.tamper(True)
    inputs = bench.gate.inputs()
    assert len(inputs) == 256
    assert inputs[-1].kind == "tamper"


def test_inputs_tell_when_they_came(bench: Bench) -> None:
    bench.advance(3.0)
    bench.turn()
    bench.advance(1.0)
    bench.tamper(True)
    times_s = [one.t_s for one in bench.gate.inputs()]
    assert times_s == [pytest.approx(3.0, abs=0.05), pytest.approx(4.0, abs=0.1)]


def test_close_leaves_all_off_twice_over_and_takes_no_more_signals(bench: Bench) -> None:
    bench.gate.show(PASS)
    bench.gate.close()
    bench.gate.close()
    assert (bench.lamp, is_open(bench)) == ("off", False)
    with pytest.raises(GateIOError):
        bench.gate.show(PASS)
    bench.advance(PULSE_S * 3)
    assert (bench.lamp, is_open(bench)) == ("off", False)


STEPS = st.lists(st.tuples(ANY, st.integers(0, 15), st.booleans()), max_size=25)


@pytest.mark.parametrize("make", BENCHES, ids=["fake", "gpio", "gpio-low"])
@given(steps=STEPS)
def test_no_sequence_of_signals_and_turns_holds_the_gate_open_longer_than_its_pulse(
    make: Callable[[], Bench], steps: list[tuple[Signal, int, bool]]
) -> None:
    """In steps of a tenth of a second; also: it is never open beside a red or amber lamp."""
    bench = make()
    open_for = 0
    for signal, tenths, turns in steps:
        bench.gate.show(signal)
        if turns:
            bench.turn()
        if not is_open(bench):
            open_for = 0
        for _ in range(tenths):
            bench.advance(0.1)
            open_for = open_for + 1 if is_open(bench) else 0
            # So many glances lie one less tenths of a second apart.
            assert (open_for - 1) * 0.1 < PULSE_S
            assert not is_open(bench) or bench.lamp in ("green", "off")


@pytest.mark.parametrize("make", BENCHES, ids=["fake", "gpio", "gpio-low"])
@given(steps=STEPS)
def test_no_more_people_pass_than_were_let_through(
    make: Callable[[], Bench], steps: list[tuple[Signal, int, bool]]
) -> None:
    bench = make()
    opened = 0
    for signal, tenths, turns in steps:
        bench.gate.show(signal)
        opened += signal in (PASS, EXIT)
        if turns:
            bench.turn()
        bench.advance(tenths * 0.1)
    kinds = [one.kind for one in bench.gate.inputs()]
    assert kinds.count("passed") <= opened
    assert len(kinds) == sum(turns for _, _, turns in steps)
