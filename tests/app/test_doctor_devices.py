"""What the doctor says of badge readers, by what is plugged in."""

from pathlib import Path

import pytest

from edge.adapters.badge_evdev import EvdevKeyboards
from edge.app import doctor_devices
from edge.app.config import Config
from edge.app.config_file import load


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with one card reader."""
    about = tmp_path / "sys/event3/device"
    for file, text in (
        ("name", "SYC USB Reader"),
        ("id/vendor", "ffff"),
        ("id/product", "0035"),
        ("capabilities/key", f"{sum(1 << code for code in range(1, 30)):x}"),
    ):
        (about / file).parent.mkdir(parents=True, exist_ok=True)
        (about / file).write_text(text + "\n")
    (tmp_path / "dev").mkdir()
    (tmp_path / "dev/event3").touch()
    monkeypatch.setattr(doctor_devices, "EvdevKeyboards", lambda: EvdevKeyboards(tmp_path / "sys", tmp_path / "dev"))
    return tmp_path


def gate(*matches: str) -> Config:
    listed = ", ".join(f"{{ name = 'r{number}', match = '{match}' }}" for number, match in enumerate(matches))
    return load(None, [f"readers=[{listed}]"])


def test_without_readers_nothing_is_asked_of_the_machine() -> None:
    assert doctor_devices.readers(load())[0] == "ok"


def test_readers_that_are_there_are_named(machine: Path) -> None:
    assert doctor_devices.readers(gate("usb:ffff:0035")) == ("ok", "r0", "r0")


def test_a_missing_reader_is_named_with_what_is_there_instead(machine: Path) -> None:
    level, zh, en = doctor_devices.readers(gate("usb:ffff:0035", "usb:1234:5678"))
    assert level == "wrong"
    assert 'r1 not found; check the USB cable and match. Plugged in: match = "usb:ffff:0035" (SYC USB Reader)' in en
    assert "找不到 r1" in zh


def test_nothing_plugged_in_is_said(machine: Path) -> None:
    (machine / "dev/event3").unlink()
    assert "Nothing that types is plugged in" in doctor_devices.readers(gate("usb:ffff:0035"))[2]


def test_a_reader_without_permission_says_which_group(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The tests may run as root, who may do everything.
    monkeypatch.setattr("os.access", lambda path, mode: False)
    level, zh, en = doctor_devices.readers(gate("usb:ffff:0035"))
    assert level == "wrong"
    assert f"belongs to the group {(machine / 'dev/event3').group()}" in en
    assert "usermod" in zh


def test_the_voice_needs_a_player(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name: None)
    assert doctor_devices.voice(load())[0] == "ok"
    assert doctor_devices.voice(load(None, ["voice.mute=true"]))[0] == "ok"
    level, zh, en = doctor_devices.voice(load(None, ["voice.language=both"]))
    assert level == "wrong"
    assert "apt install alsa-utils" in zh
    assert "apt install alsa-utils" in en
    monkeypatch.setattr("shutil.which", lambda name: f"/usr/bin/{name}")
    assert doctor_devices.voice(load(None, ["voice.device=hw:1"]))[2] == "aplay -D hw:1, zh"
