"""Whoever hangs is killed within the unit's own WatchdogSec, whatever it holds at that moment: run in the guest.

`make rig` runs it from the host (tools/rig.sh). The service is a gate without camera and loop, which does what the
test tells it, at the moment at which it is told (tests/rig/gate_driver.py).
"""

import os
import signal
import unittest

from tests.rig import service
from tests.rig.lines import OFF, Header, level, levels, stays, until

COMMANDS = service.STATE / "commands"
DRIVER = f"""\
ExecStart=
ExecStart={service.PREFIX}/bin/gate-driver /etc/foregate/gate.toml {COMMANDS}
"""
PULSE_S, WATCHDOG_S = 10.0, 5.0
DRIVEN = f"""\
relay_pulse_s = {PULSE_S}
[policy]
hold_s = {PULSE_S}
[store]
path = "{service.STATE}/foregate.sqlite"
"""
SLOW_S = 120.0


def is_open() -> bool:
    return level("relay") == 1


def is_shut() -> bool:
    return level("relay") == 0


class Hanging(Header):
    """Whoever hangs is killed within the unit's own WatchdogSec, whatever it holds at that moment."""

    def setUp(self) -> None:
        super().setUp()
        service.install(DRIVEN, DRIVER)
        self.addCleanup(service.stop)
        self.began_s = service.now_s()
        service.start()
        self.pid = service.pid()

    def tell(self, *commands: str) -> None:
        written = COMMANDS.with_suffix(".new")
        written.write_text("\n".join(commands))
        written.chmod(0o644)
        written.rename(COMMANDS)

    def assert_driven_safe_and_started_again(self) -> None:
        until(lambda: levels() == OFF, "everything is off", WATCHDOG_S)
        until(lambda: "gate shut" in service.journal(self.began_s), "the lines are driven safe", SLOW_S)
        until(lambda: service.shown("ActiveState") == "active" and service.pid() != self.pid, "it is back", SLOW_S)
        assert levels() == OFF

    def test_stopped_in_the_middle_of_a_pulse(self) -> None:
        self.tell("show pass")
        until(is_open, "the relay opens")
        os.kill(self.pid, signal.SIGSTOP)
        took_s = until(is_shut, "the relay shuts", WATCHDOG_S * 2)

        assert took_s < PULSE_S, "the pulse was over anyway"
        assert "Watchdog timeout" in service.journal(self.began_s)
        self.assert_driven_safe_and_started_again()

    def test_busy_for_ever_in_the_middle_of_a_pulse(self) -> None:
        self.tell("show pass", "spin")
        until(is_open, "the relay opens")
        took_s = until(is_shut, "the relay shuts", WATCHDOG_S * 2)

        assert took_s < PULSE_S, "the pulse was over anyway"
        assert "Watchdog timeout" in service.journal(self.began_s)
        self.assert_driven_safe_and_started_again()

    def test_killed_in_the_middle_of_a_pulse(self) -> None:
        self.tell("show pass")
        until(is_open, "the relay opens")
        os.kill(self.pid, signal.SIGKILL)

        self.assert_driven_safe_and_started_again()

    def test_alive_it_is_left_alone(self) -> None:
        stays(lambda: service.pid() == self.pid, "the same process", WATCHDOG_S * 3)


if __name__ == "__main__":
    unittest.main(verbosity=2)
