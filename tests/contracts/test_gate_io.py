"""What every gate keeps: shut unless a pass has just been shown, and never open longer than its pulse."""

from collections.abc import Callable
from typing import Protocol

import pytest
from gpiozero.pins.mock import MockFactory
from hypothesis import given
from hypothesis import strategies as st

from edge.adapters.gate_gpio import GpioGate, Line, Wiring
from edge.core.errors import GateIOError
from edge.core.signals import FAULT, IDLE, Signal, signal_for
from edge.ports import GateIO
from tests.fakes.fake_gate_io import FakeGateIO
from tests.fakes.fake_time import FakeTime

PULSE_S = 1.0
PASS, FEVER, NOT_MEASURED = signal_for("pass"), signal_for("fever"), signal_for("not_measured")
SIGNALS = st.sampled_from([IDLE, FAULT, PASS, FEVER, NOT_MEASURED, Signal("red", open_gate=True)])


class Bench(Protocol):
    """A gate with its outside: what a person in front of it would see, in a time that the test moves."""

    @property
    def gate(self) -> GateIO: ...
    @property
    def lamp(self) -> str: ...
    @property
    def relay_open(self) -> bool: ...
    def advance(self, seconds: float) -> None: ...


class FakeBench:
    def __init__(self) -> None:
        self.gate = FakeGateIO(PULSE_S)
        self.advance = self.gate.advance

    @property
    def lamp(self) -> str:
        return self.gate.lamp

    @property
    def relay_open(self) -> bool:
        return self.gate.relay_open


class GpioBench:
    """A GpioGate on mock pins; the relay and the red lamp are on at their low level when `low` is given."""

    def __init__(self, low: bool = False) -> None:
        self.time = FakeTime()
        self.factory = MockFactory()
        self.wiring = Wiring(Line(17, not low), Line(27), Line(22), Line(23), Line(24, not low), PULSE_S)
        self.gate = GpioGate(self.wiring, self.factory, self.time.later)
        self.advance = self.time.advance
        self._pins = {name: self.factory.pin(line.bcm) for name, line in self._lines()}

    def _lines(self) -> list[tuple[str, Line]]:
        return [(name, getattr(self.wiring, name)) for name in ("red", "amber", "green", "buzzer", "relay")]

    def is_on(self, name: str) -> bool:
        """Whether the pin drives its line to the level at which it is on."""
        pin, line = self._pins[name], dict(self._lines())[name]
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


def test_starts_dark_and_shut(bench: Bench) -> None:
    assert (bench.lamp, bench.relay_open) == ("off", False)


@pytest.mark.parametrize("signal", [IDLE, FAULT, PASS, FEVER, NOT_MEASURED])
def test_shows_the_lamp_of_the_signal_and_opens_for_a_pass_alone(bench: Bench, signal: Signal) -> None:
    bench.gate.show(signal)
    assert bench.lamp == signal.lamp
    assert bench.relay_open == (signal == PASS)


def test_pulse_ends_by_itself_and_the_lamp_stays(bench: Bench) -> None:
    bench.gate.show(PASS)
    bench.advance(PULSE_S - 0.01)
    assert bench.relay_open
    bench.advance(0.02)
    assert (bench.lamp, bench.relay_open) == ("green", False)


def test_second_pass_during_a_pulse_does_not_lengthen_it(bench: Bench) -> None:
    bench.gate.show(PASS)
    bench.advance(PULSE_S * 0.6)
    bench.gate.show(PASS)
    bench.advance(PULSE_S * 0.5)
    assert not bench.relay_open


def test_a_pass_after_a_pulse_opens_again_for_a_whole_pulse(bench: Bench) -> None:
    bench.gate.show(PASS)
    bench.advance(PULSE_S * 2)
    bench.gate.show(PASS)
    bench.advance(PULSE_S * 0.9)
    assert bench.relay_open


@pytest.mark.parametrize("signal", [IDLE, FAULT, FEVER, NOT_MEASURED])
def test_any_other_signal_shuts_at_once(bench: Bench, signal: Signal) -> None:
    bench.gate.show(PASS)
    bench.gate.show(signal)
    assert not bench.relay_open


def test_close_leaves_all_off_twice_over_and_takes_no_more_signals(bench: Bench) -> None:
    bench.gate.show(PASS)
    bench.gate.close()
    bench.gate.close()
    assert (bench.lamp, bench.relay_open) == ("off", False)
    with pytest.raises(GateIOError):
        bench.gate.show(PASS)
    bench.advance(PULSE_S * 3)
    assert (bench.lamp, bench.relay_open) == ("off", False)


@pytest.mark.parametrize("make", BENCHES, ids=["fake", "gpio", "gpio-low"])
@given(steps=st.lists(st.tuples(SIGNALS, st.integers(0, 15)), max_size=25))
def test_no_sequence_of_signals_holds_the_gate_open_longer_than_its_pulse(
    make: Callable[[], Bench], steps: list[tuple[Signal, int]]
) -> None:
    """In steps of a tenth of a second; also: it is never open under any lamp but green."""
    bench = make()
    open_for = 0
    for signal, tenths in steps:
        bench.gate.show(signal)
        if not bench.relay_open:
            open_for = 0
        for _ in range(tenths):
            bench.advance(0.1)
            open_for = open_for + 1 if bench.relay_open else 0
            assert open_for * 0.1 < PULSE_S
            assert not bench.relay_open or bench.lamp == "green"
