"""The gate's pins: tones, polarity, pins that are busy, lines that are lost, and the choice of the pin factory."""

import itertools
import os
import sys
import threading
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any, get_args

import pytest
from gpiozero.exc import GPIOZeroError
from gpiozero.pins.mock import MockFactory, MockPin

from edge.adapters.gate_gpio import Contact, GpioGate, Line, Wiring, by_timer, open_factory
from edge.adapters.gate_gpio.outputs import RHYTHMS_S, TONES_S
from edge.core.errors import GateIOError
from edge.core.signals import IDLE, Buzzer, Rhythm, Signal, signal_for
from tests.fakes.contact_pin import ContactPin
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


@pytest.mark.parametrize("buzzer", ["short", "long", "double", "triple", "alarm"])
def test_tone_has_its_pattern_and_ends(buzzer: Buzzer) -> None:
    time, factory = FakeTime(), MockFactory()
    gate = GpioGate(WIRING, factory, time.later)
    gate.show(Signal("red", buzzer))
    changes = heard(time, factory, 5.0)
    lengths = [round(b[0] - a[0], 2) for a, b in itertools.pairwise(changes)]
    assert changes[0] == (0.0, True)
    assert lengths == [pytest.approx(length, abs=0.011) for length in TONES_S[buzzer]]
    assert changes[-1][1] is False
    assert time.waiting == 0


@pytest.mark.parametrize("rhythm", ["slow", "fast", "wink"])
def test_lamp_keeps_its_rhythm_until_the_next_signal(rhythm: Rhythm) -> None:
    time, factory = FakeTime(), MockFactory()
    gate = GpioGate(WIRING, factory, time.later)
    gate.show(Signal("amber", rhythm=rhythm))
    for length_s, on in zip(RHYTHMS_S[rhythm] * 3, itertools.cycle((True, False)), strict=False):
        assert bool(factory.pin(27).state) is on
        time.advance(length_s - 0.01)
        assert bool(factory.pin(27).state) is on
        time.advance(0.01)
    gate.show(IDLE)
    time.advance(10.0)
    assert not factory.pin(27).state
    assert time.waiting == 0


def test_no_lamp_flashes_three_times_a_second_and_no_two_tones_are_alike() -> None:
    assert all(sum(rhythm_s) > 1 / 3 for rhythm_s in RHYTHMS_S.values() if rhythm_s)
    assert set(RHYTHMS_S) == set(get_args(Rhythm))
    assert set(TONES_S) == set(get_args(Buzzer))
    assert len(set(TONES_S.values())) == len(TONES_S)


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


class Wired:
    """A gate with a turnstile's feedback and a fire contact: pulled up, the first normally open, the second closed."""

    def __init__(self, factory: MockFactory | None = None) -> None:
        self.time = FakeTime()
        self.factory = factory or MockFactory(pin_class=ContactPin)
        self.fire, self.passed = self.factory.pin(13), self.factory.pin(5)
        self.fire.connect(False)
        wiring = replace(WIRING, passed=Contact(5), fire=Contact(13, active_high=True))
        self.gate = GpioGate(wiring, self.factory, self.time.later, lambda: self.time.now_s)

    @property
    def relay_open(self) -> bool:
        return bool(self.factory.pin(24).state)

    def kinds(self) -> list[tuple[str, bool]]:
        return [(one.kind, one.active) for one in self.gate.inputs()]


def test_a_fire_that_burns_when_the_gate_starts_holds_it_open() -> None:
    factory = MockFactory(pin_class=ContactPin)
    factory.pin(13).connect(None)
    gate = GpioGate(replace(WIRING, fire=Contact(13, active_high=True)), factory, FakeTime().later)
    assert factory.pin(24).state
    assert [(one.kind, one.active) for one in gate.inputs()] == [("fire", True)]


def test_a_button_that_is_stuck_when_the_gate_starts_was_not_pressed() -> None:
    factory = MockFactory(pin_class=ContactPin)
    factory.pin(6).connect(False)
    gate = GpioGate(replace(WIRING, exit=Contact(6)), factory, FakeTime().later)
    assert gate.inputs() == ()


def test_a_broken_wire_of_the_fire_contact_is_a_fire_and_one_of_the_feedback_is_nothing() -> None:
    wired = Wired()
    wired.passed.connect(None)
    wired.fire.connect(None)
    wired.time.advance(1.0)
    assert wired.kinds() == [("fire", True)]
    assert wired.relay_open


def test_what_bounces_is_told_once() -> None:
    wired = Wired()
    wired.gate.show(signal_for("pass"))
    for _ in range(4):
        for level in (False, None):
            wired.passed.connect(level)
            wired.time.advance(0.003)
    wired.passed.connect(False)
    wired.time.advance(1.0)
    assert wired.kinds() == [("passed", True)]


def test_a_spike_is_nothing() -> None:
    wired = Wired()
    wired.fire.connect(None)
    wired.time.advance(0.005)
    wired.fire.connect(False)
    wired.time.advance(1.0)
    assert wired.kinds() == []
    assert not wired.relay_open


@pytest.mark.parametrize(("line", "told"), [("fire", [("fire", True)]), ("passed", [])])
def test_a_loose_wire_that_never_rests_is_on_the_safe_side(line: str, told: list[tuple[str, bool]]) -> None:
    wired = Wired()
    for _ in range(60):
        for level in (None, False):
            getattr(wired, line).connect(level)
            wired.time.advance(0.006)
    assert wired.kinds() == told


def test_an_edge_that_the_library_lost_is_found_by_looking() -> None:
    wired = Wired()
    hook, wired.fire.when_changed = wired.fire.when_changed, None
    wired.fire.connect(None)
    wired.fire.when_changed = hook
    assert wired.kinds() == []
    wired.time.advance(1.0)
    assert wired.kinds() == [("fire", True)]


def test_a_contact_that_cannot_be_read_any_more_is_reported_by_the_next_signal() -> None:
    class LostPin(ContactPin):
        lost = False

        def _get_state(self) -> Any:
            if LostPin.lost and self.info.name == "GPIO5":
                raise GPIOZeroError("no such line")
            return super()._get_state()

    wired = Wired(MockFactory(pin_class=LostPin))
    wired.gate.show(signal_for("pass"))
    LostPin.lost = True
    assert wired.gate.inputs() == ()
    assert not wired.relay_open
    with pytest.raises(GateIOError, match="no such line"):
        wired.gate.show(signal_for("pass"))


def test_a_lamp_that_is_lost_in_a_fire_does_not_shut_the_gate(
    failing: MockFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing.pin(13).drive_high()
    gate = GpioGate(replace(WIRING, fire=Contact(13, active_high=True)), failing, FakeTime().later)
    assert failing.pin(24).state
    monkeypatch.setattr(FailingPin, "lost", frozenset({22}))
    with pytest.raises(GateIOError):
        gate.show(signal_for("pass"))
    assert failing.pin(24).state


def test_a_busy_contact_is_named_and_nothing_stays_claimed() -> None:
    factory = MockFactory()
    with pytest.raises(GateIOError, match=r"BCM 24 for fire .* change pins.fire"):
        GpioGate(replace(WIRING, fire=Contact(24)), factory, FakeTime().later)
    GpioGate(WIRING, factory, FakeTime().later).close()


def test_after_close_nothing_that_happens_outside_moves_anything() -> None:
    wired = Wired()
    wired.gate.show(signal_for("pass"))
    wired.gate.close()
    wired.fire.connect(None)
    wired.time.advance(5.0)
    assert not wired.relay_open
    assert wired.kinds() == []


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


class LgpioError(Exception):
    pass


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (LgpioError("can not open gpiochip"), r"can not open gpiochip.* group gpio"),
        (FileNotFoundError(2, "No such file", ".lgd-nfy-3"), r"may write to it.* LG_WD"),
    ],
)
def test_chip_that_cannot_be_opened_is_told(
    fault: Exception, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_chip() -> None:
        raise fault

    module = ModuleType("gpiozero.pins.lgpio")
    monkeypatch.setattr(module, "LGPIOFactory", no_chip, raising=False)
    monkeypatch.setitem(sys.modules, "gpiozero.pins.lgpio", module)
    monkeypatch.setenv("LG_WD", str(tmp_path))
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "mock")
    with pytest.raises(GateIOError, match=said):
        open_factory("lgpio", tmp_path)


def test_pins_without_a_wire_do_not_remember_for_ever() -> None:
    pin = open_factory("mock").pin(17)
    pin.function = "output"
    for k in range(1000):
        pin.state = k % 2
    assert len(pin.states) <= 64
    assert pin.states[-1].state == 1
