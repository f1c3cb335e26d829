"""The rows of docs/fail-safe.md on the gate as systemd runs it, seen on the wires: run in the guest.

`make rig` runs it from the host (tools/rig.sh). gpio-sim lets a line fall when its program is killed; a real Pi may
not: what is shown of a kill here is that systemd has the lines driven off (guest_lines.py shows that they really are),
and starts the gate again.
"""

import os
import shutil
import signal
import subprocess
import unittest
from dataclasses import asdict
from pathlib import Path

from edge.adapters.device_key import DeviceKey
from edge.adapters.profile_file import install
from edge.core.radiometry import Budget
from tests.rig import scenes, service
from tests.rig.clock import say_that_the_clock_is_set
from tests.rig.lines import OFF, Header, contact, level, levels, stays, until

PULSE_S = 4.0
GATE = f"relay_pulse_s = {PULSE_S}\n{scenes.CAMERA}"
# A frame is judged in a second or two here, and now and then the machine has something else to do.
SLOW_S = 60.0
SHUT_S = 15.0
# A calibration that changes nothing, of a sensor whose number was typed, and over since 2020.
EXPIRED = {
    "gate_id": "rig",
    "made_utc_ms": 1_560_000_000_000,
    "expires_utc_ms": 1_580_000_000_000,
    "sensor": {"serial": "rig", "typed": True},
    "reference_c": 37.0,
    "correction": {"gain": 1.0, "offset_k": 0.0, "surface": None, "bad_pixels": []},
    "budget": {name: value for name, value in asdict(Budget()).items() if name not in ("offset_k", "noise_k")},
}


def is_open() -> bool:
    return level("relay") == 1


def is_shut() -> bool:
    return level("relay") == 0


class Whole(Header):
    """The whole gate: camera, detector, verdict, record, lines."""

    def setUp(self) -> None:
        super().setUp()
        scenes.camera("run")
        scenes.show("empty")
        self.addCleanup(scenes.camera, "run")
        self.began_s = service.now_s()
        service.install(GATE, "WatchdogSec=30\n")
        self.addCleanup(service.stop)

    def start(self) -> None:
        service.start()
        self.pid = service.pid()

    def heard(self, words: str, within_s: float = SLOW_S) -> None:
        until(lambda: words in service.journal(self.began_s), f"{words!r} in the journal", within_s)

    def let_somebody_in(self) -> None:
        scenes.show("healthy")
        until(is_open, "the relay opens for somebody healthy", SLOW_S)

    def assert_shut(self, for_s: float) -> None:
        stays(is_shut, "the relay stays shut", for_s)

    def test_somebody_healthy_is_let_in_and_somebody_with_a_fever_is_not(self) -> None:
        self.start()
        assert levels() == OFF
        self.let_somebody_in()
        assert level("green") == 1
        until(is_shut, "the pulse ends", PULSE_S + SHUT_S)
        scenes.show("empty")
        until(lambda: levels() == OFF, "nobody is there", SLOW_S)

        scenes.show("fever")
        until(lambda: level("red") == 1, "red for a fever", SLOW_S)
        self.assert_shut(20.0)

    def test_the_camera_freezes(self) -> None:
        self.start()
        self.let_somebody_in()
        for how in ("freeze", "still"):
            with self.subTest(how):
                scenes.camera(how)
                until(is_shut, "the pulse ends", PULSE_S + SHUT_S)
                until(lambda: level("amber") == 1, "amber", SLOW_S)
                self.assert_shut(15.0)
                assert level("green") == 0
                scenes.camera("run")
                self.let_somebody_in()

    def test_the_reference_is_gone(self) -> None:
        self.start()
        scenes.camera("synth")
        self.heard("Reference not usable")
        until(lambda: level("amber") == 1, "amber", SLOW_S)

        self.assert_shut(20.0)

    def test_the_disk_is_full(self) -> None:
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(service.STATE)], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", str(service.STATE)], check=True)
        self.addCleanup(service.stop)
        self.start()
        with (service.STATE / "filler").open("wb", buffering=0) as filler, self.assertRaises(OSError):  # noqa: PT027
            while True:
                filler.write(bytes(4096))
        scenes.show("healthy")
        self.heard("Records cannot be written")
        until(lambda: level("amber") == 1, "amber", SLOW_S)
        self.assert_shut(20.0)

        (service.STATE / "filler").unlink()
        until(is_open, "the relay opens once there is room", SLOW_S * 2)

    def test_the_calibration_has_expired_then_somebody_alters_it(self) -> None:
        say_that_the_clock_is_set()
        file = service.STATE / "calibration.json"
        # Signed by the gate's own key, which it makes at its first start.
        self.start()
        service.stop()
        install(file, EXPIRED, DeviceKey(service.STATE / "device.key").sign)
        for path in (file, *file.with_name("calibration.d").glob("*"), file.with_name("calibration.d")):
            shutil.chown(path, "foregate", "foregate")

        for words in ("+expired", "the profile was altered"):
            with self.subTest(words):
                self.began_s = service.now_s()
                self.start()
                self.heard(words)
                self.let_somebody_in()
                assert level("green") == 1
                until(is_shut, "the pulse ends", PULSE_S + SHUT_S)
                scenes.show("fever")
                until(lambda: level("red") == 1, "red for a fever", SLOW_S)
                self.assert_shut(10.0)
                service.stop()
                scenes.show("empty")
                file.write_text(file.read_text().replace('"gain": 1.0', '"gain": 1.1'))

    def test_the_fire_alarm_holds_it_open_beside_a_fever_until_it_is_over(self) -> None:
        self.start()
        contact("fire", active=True)
        until(is_open, "the relay opens", SHUT_S)
        scenes.show("fever")
        self.heard("Fever")
        stays(is_open, "held open", 10.0)
        contact("fire", active=False)
        until(is_shut, "the relay shuts", SHUT_S)

        self.assert_shut(10.0)

    def test_it_is_stopped_as_asked_while_somebody_is_let_in(self) -> None:
        self.start()
        self.let_somebody_in()
        service.stop()

        assert levels() == OFF
        assert service.shown("Result") == "success"
        assert "gate shut" in service.journal(self.began_s)

    def test_it_hangs_while_somebody_is_let_in(self) -> None:
        self.start()
        self.let_somebody_in()
        os.kill(self.pid, signal.SIGSTOP)
        scenes.show("empty")

        until(lambda: levels() == OFF, "everything is off", 60.0)
        self.heard("gate shut")
        until(lambda: service.pid() not in (0, self.pid), "it is started again", SLOW_S)
        self.assert_shut(20.0)

    def test_it_is_killed_while_somebody_is_let_in(self) -> None:
        self.start()
        self.let_somebody_in()
        scenes.show("empty")
        os.kill(self.pid, signal.SIGKILL)

        until(lambda: levels() == OFF, "everything is off", SHUT_S)
        self.heard("gate shut")
        until(lambda: service.pid() not in (0, self.pid), "it is started again", SLOW_S)
        self.assert_shut(20.0)

    def test_without_its_pins_it_does_not_start_and_says_why(self) -> None:
        chip = Path("/dev/gpiochip0")
        chip.chmod(0o000)
        self.addCleanup(chip.chmod, 0o660)
        failed = subprocess.run(["systemctl", "start", service.UNIT], capture_output=True, check=False)

        assert failed.returncode != 0
        assert levels() == OFF
        self.heard("cannot open the GPIO chip")


if __name__ == "__main__":
    unittest.main(verbosity=2)
