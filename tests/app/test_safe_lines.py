"""After any end of the gate its lines are off, and who cannot be switched off is told with what to do."""

from pathlib import Path
from typing import Any

import pytest
from gpiozero import DigitalOutputDevice
from gpiozero.exc import GPIOZeroError
from gpiozero.pins.mock import MockFactory, MockPin

from edge.adapters import gate_gpio
from edge.adapters.gate_gpio import Line, Wiring, make_safe
from edge.app import cli
from edge.app.config_file import load
from edge.app.safe_lines import lines_of, safe_lines
from edge.core.errors import ConfigError, GateIOError

OUTPUTS = {"red": 17, "amber": 27, "green": 22, "buzzer": 23, "relay": 24}
WIRING = Wiring(Line(17), Line(27), Line(22), Line(23), Line(24, active_high=False))


class LeftPin(MockPin):  # type: ignore[misc]  # gpiozero has no types
    """A pin that a killed program left high, and that keeps its level when it becomes an input."""

    driven: list[tuple[str, bool]]

    def _set_function(self, value: Any) -> None:
        self._function = value

    def _set_state(self, value: Any) -> None:
        super()._set_state(value)
        LeftPin.driven.append((self.info.name, bool(value)))


class StuckPin(LeftPin):
    """One that a short circuit holds high."""

    def _get_state(self) -> Any:
        return True


@pytest.fixture(autouse=True)
def driven(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, bool]]:
    levels: list[tuple[str, bool]] = []
    monkeypatch.setattr(LeftPin, "driven", levels, raising=False)
    return levels


def test_every_line_is_driven_off_and_held_a_moment_and_let_go_the_relay_first(driven: list[tuple[str, bool]]) -> None:
    factory = MockFactory(pin_class=LeftPin)
    pins = {name: factory.pin(bcm) for name, bcm in OUTPUTS.items()}
    held: list[set[str]] = []

    def rest(seconds: float) -> None:
        assert seconds > 0.02
        held.append({name for name, pin in pins.items() if pin.function == "output"})

    assert make_safe(WIRING, factory, rest) == []
    assert held == [set(OUTPUTS)]
    assert driven[0] == ("GPIO24", True)
    assert dict(driven) == {"GPIO24": True, "GPIO17": False, "GPIO27": False, "GPIO22": False, "GPIO23": False}
    assert {pin.function for pin in pins.values()} == {"input"}


def test_a_busy_line_is_told_and_the_others_are_made_safe_all_the_same(driven: list[tuple[str, bool]]) -> None:
    factory = MockFactory(pin_class=LeftPin)
    holder = DigitalOutputDevice(24, pin_factory=factory)
    driven.clear()
    (failed,) = make_safe(WIRING, factory)
    assert "relay (BCM 24) cannot be switched off" in failed.en
    assert "stop the program that holds it" in failed.en
    assert "请停止占用它的程序" in failed.zh
    assert {name for name, _ in driven} == {"GPIO17", "GPIO27", "GPIO22", "GPIO23"}
    holder.close()


def test_a_line_that_does_not_follow_is_told() -> None:
    failed = make_safe(WIRING, MockFactory(pin_class=StuckPin))
    assert [error.en.split()[0] for error in failed] == ["red", "amber", "green", "buzzer"]
    assert all("short circuit" in error.en for error in failed)


def test_the_command_tells_by_its_exit_code(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    config = load(None, ["camera.kind=sim"])
    monkeypatch.setattr(gate_gpio, "open_factory", lambda kind: MockFactory())
    assert safe_lines(config, said.append) == 0
    assert "nothing to do" in said[-1]
    assert safe_lines(load(), said.append) == 0
    assert "gate shut" in said[-1]
    monkeypatch.setattr(gate_gpio, "open_factory", lambda kind: MockFactory(pin_class=StuckPin))
    assert safe_lines(config, said.append) == 1
    assert "cut the gate's power" in said[-1]


def test_without_pins_the_command_fails_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def no_chip(kind: str) -> Any:
        raise GateIOError("没有引脚", "no pins here") from GPIOZeroError()

    monkeypatch.setattr(gate_gpio, "open_factory", no_chip)
    path = tmp_path / "gate.toml"
    path.write_text("", encoding="utf-8")
    assert cli.main(["safe-lines", "--config", str(path)]) == 1
    assert "no pins here" in capsys.readouterr().err


@pytest.mark.parametrize("mistake", ["[gate]\nid = ''\n", "[policy]\nnonsense = 1\n", "[camera]\nkind = 'webcam'\n"])
def test_a_mistake_elsewhere_in_the_configuration_leaves_no_relay_on(mistake: str, tmp_path: Path) -> None:
    path = tmp_path / "gate.toml"
    path.write_text(mistake + "[pins]\nrelay = 25\nrelay_active_high = false\n")
    found = lines_of(path, [])
    assert (found.pins.relay, found.pins.relay_active_high) == (25, False)


def test_pins_that_cannot_be_told_are_refused_as_ever_and_a_simulated_gate_has_none(tmp_path: Path) -> None:
    path = tmp_path / "gate.toml"
    for refused in ("[pins]\nrelay = 99\n", "[pins\n", "pins = 3\n"):
        path.write_text(refused)
        with pytest.raises(ConfigError):
            lines_of(path, [])
    path.write_text("[camera]\nkind = 'sim'\n[policy]\nnonsense = 1\n")
    assert lines_of(path, []).pins.factory == "mock"
