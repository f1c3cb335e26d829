"""The gate's pins: tones, polarity, pins that are busy, lines that are lost, and the choice of the pin factory."""

import itertools
import os
import sys
import threading
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from gpiozero.exc import GPIOZeroError
from gpiozero.pins.mock import MockFactory, MockPin

from edge.adapters.gate_gpio import PATTERNS_S, GpioGate, Line, Wiring, by_timer, open_factory
from edge.core.errors import GateIOError
from edge.core.signals import IDLE, Buzzer, Signal, signal_for
from tests.fakes.fake_time import FakeTime

WIRING = Wiring(Line(17), Line(27), Line(22), Line(23), Line(24), relay_pulse_s=1.0)


def heard(time: FakeTime, factory: MockFactory, seconds: float) -> list[tuple[float, bool]]:
    """The buzzer's changes over this time: (when in s, on)."""
    pin = factory.pin(23)
    changes = [(time.now_s, bool(pin.state))]
    start_s = time.now_s
    while time.now_s - start_s < seconds:
        time.advance(0.01)
        if changes[-1][1] != pin.state:
            changes.append((round(time.now_s - start_s, 2), bool(pin.state)))
    return changes


@pytest.mark.parametrize("buzzer", ["short", "double", "alarm"])
def test_tone_has_its_pattern_and_ends(buzzer: Buzzer) -> None:
    time, factory = FakeTime(), MockFactory()
    gate = GpioGate(WIRING, factory, time.later)
    gate.show(Signal("red", buzzer))
    changes = heard(time, factory, 5.0)
    lengths = [round(b[0] - a[0], 2) for a, b in itertools.pairwise(changes)]
    assert changes[0] == (0.0, True)
    assert lengths == [pytest.approx(length, abs=0.011) for length in PATTERNS_S[buzzer]]
    assert changes[-1][1] is False
    assert time.waiting == 0


def test_next_signal_ends_the_tone_before_it() -> None:
    time, factory = FakeTime(), MockFactory()
    gate = GpioGate(WIRING, factory, time.later)
    gate.show(signal_for("fever"))
    gate.show(IDLE)
    assert heard(time, factory, 3.0) == [(0.0, False)]


def test_busy_pin_is_named_and_nothing_stays_claimed() -> None:
    factory = MockFactory()
    first = GpioGate(WIRING, factory, FakeTime().later)
    with pytest.raises(GateIOError, match=r"BCM 24 for relay .* change pins.relay"):
        GpioGate(WIRING, factory, FakeTime().later)
    first.close()


def test_impossible_pin_is_named() -> None:
    wiring = Wiring(Line(17), Line(27), Line(22), Line(99), Line(24))
    with pytest.raises(GateIOError, match="BCM 99 for buzzer"):
        GpioGate(wiring, MockFactory(), FakeTime().later)


def test_low_active_relay_rests_at_its_high_level() -> None:
    factory = MockFactory()
    wiring = Wiring(Line(17), Line(27), Line(22), Line(23), Line(24, active_high=False))
    gate = GpioGate(wiring, factory, FakeTime().later)
    assert factory.pin(24).state
    gate.show(signal_for("pass"))
    assert not factory.pin(24).state


class FailingPin(MockPin):  # type: ignore[misc]  # gpiozero has no types
    """A pin that stops obeying once its number is in `lost`."""

    lost: frozenset[int] = frozenset()

    def _set_state(self, value: Any) -> None:
        if self.info.name in {f"GPIO{number}" for number in FailingPin.lost}:
            raise GPIOZeroError("no such line")
        super()._set_state(value)


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> MockFactory:
    monkeypatch.setattr(FailingPin, "lost", frozenset())
    return MockFactory(pin_class=FailingPin)


def test_lost_line_shuts_the_gate_and_is_reported(failing: MockFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = GpioGate(WIRING, failing, FakeTime().later)
    gate.show(signal_for("pass"))
    monkeypatch.setattr(FailingPin, "lost", frozenset({22}))
    with pytest.raises(GateIOError, match="check wiring"):
        gate.show(signal_for("pass"))
    assert not failing.pin(24).state


def test_lost_relay_is_reported_by_the_signal_after_its_pulse(
    failing: MockFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    time = FakeTime()
    gate = GpioGate(WIRING, failing, time.later)
    gate.show(signal_for("pass"))
    monkeypatch.setattr(FailingPin, "lost", frozenset({24}))
    time.advance(2.0)
    # The other lines went dark at once, although nobody called.
    assert not failing.pin(22).state
    monkeypatch.setattr(FailingPin, "lost", frozenset())
    with pytest.raises(GateIOError, match="no such line"):
        gate.show(signal_for("pass"))
    assert not failing.pin(24).state
    gate.show(signal_for("pass"))
    assert failing.pin(24).state


def test_a_relay_that_nobody_could_shut_is_never_opened() -> None:
    def no_thread(delay_s: float, action: object) -> Any:
        raise RuntimeError("can't start new thread")

    factory = MockFactory()
    gate = GpioGate(WIRING, factory, no_thread)
    with pytest.raises(GateIOError, match="new thread"):
        gate.show(signal_for("pass"))
    assert [state.state for state in factory.pin(24).states] == [False]


def test_timer_runs_its_action_and_can_be_prevented() -> None:
    ran, never = threading.Event(), threading.Event()
    cancel = by_timer(3600.0, never.set)
    cancel()
    by_timer(0.0, ran.set)
    assert ran.wait(10)
    assert not never.is_set()


def test_mock_factory_gives_mock_pins() -> None:
    assert isinstance(open_factory("mock"), MockFactory)


def test_no_silent_fallback_without_lgpio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "lgpio", None)
    monkeypatch.delitem(sys.modules, "gpiozero.pins.lgpio", raising=False)
    # Set, then removed: so that what the factory writes there is undone too.
    monkeypatch.setenv("LG_WD", "")
    monkeypatch.delenv("LG_WD")
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "mock")
    with pytest.raises(GateIOError, match="apt install python3-lgpio"):
        open_factory("lgpio", tmp_path)
    assert os.environ["LG_WD"] == str(tmp_path)
    assert os.environ["GPIOZERO_PIN_FACTORY"] == "lgpio"


def test_chip_that_cannot_be_opened_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class LgpioError(Exception):
        pass

    def no_chip() -> None:
        raise LgpioError("can not open gpiochip")

    module = ModuleType("gpiozero.pins.lgpio")
    monkeypatch.setattr(module, "LGPIOFactory", no_chip, raising=False)
    monkeypatch.setitem(sys.modules, "gpiozero.pins.lgpio", module)
    monkeypatch.setenv("LG_WD", str(tmp_path))
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "mock")
    with pytest.raises(GateIOError, match=r"can not open gpiochip.* group gpio"):
        open_factory("lgpio", tmp_path)
