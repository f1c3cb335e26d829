"""Who may come in, with a real card reader, camera and relay as the kernel has them: run in the guest.

`make rig` runs it from the host (tools/rig.sh). The gate runs as its unit. Cards are typed by the guest's USB scanner,
the camera plays simulated people as slowly as the emulated processor needs, the relay's wire is read from outside.
"""

import json
import subprocess
import time
import unittest
from dataclasses import replace
from pathlib import Path

from websockets.sync.client import connect
from websockets.typing import Origin

from edge.core.roster import EntryWindow, Person, compose
from tests.fakes.rosters import public_line, signed
from tests.rig import scenes, service
from tests.rig.clock import say_that_the_clock_is_set
from tests.rig.lines import OFF, Header, level, levels, until

PULSE_S = 4.0
# The guest's processor is emulated, and may have to share the real one.
SLOW_S = 300.0
SCREEN = "127.0.0.1:8601"
LOOK_S = 0.1
EMPTY_FRAMES = 4
ISSUED_UTC_MS = 1_767_600_000_000
SCHOOL = "测试学校"
NEVER = EntryWindow("C-NEVER", "夜班", 0, 0)
PUPIL = Person("P0", "学生", "pupil", None, ("0000000000",), True, None, True)

GATE = f"""relay_pulse_s = {PULSE_S}
{scenes.CAMERA}
[entry]
badge_window_s = 60
crowd_people = 5
[roster]
path = "/var/lib/foregate/foregate.roster"
key_file = "/etc/foregate/county.pub"
school = "{SCHOOL}"
max_age_h = 8760
[[readers]]
name = "card"
match = "usb:ffff:0035"
means = "card"
"""


def badge(n: int) -> str:
    return f"00041234{n:02d}"


def a_pupil(n: int, **changes: object) -> Person:
    return replace(PUPIL, person_id=f"P{n}", name=f"学生{n}", badges=(badge(n),), **changes)  # type: ignore[arg-type]  # fields of Person


PEOPLE = {
    1: a_pupil(1),
    2: a_pupil(2, approved=False),
    3: a_pupil(3, observation_until="9999-12-31"),
    4: a_pupil(4, health_record=False),
    5: a_pupil(5, class_id="C-NEVER"),
    6: a_pupil(6),
    **{n: a_pupil(n) for n in range(11, 17)},
}
OUTSIDER = 99


def until_nobody_is_seen() -> None:
    """Until the gate itself has judged so many pictures without a face: whoever stood there has gone for it, too.

    Its camera shows the empty scene long before: the gate is slow here, and a badge that comes before it has seen
    them leave is theirs.
    """
    empty, end_s = 0, time.monotonic() + SLOW_S
    with connect(f"ws://{SCREEN}/live", origin=Origin(f"http://{SCREEN}"), max_size=None) as screen:
        while empty < EMPTY_FRAMES:
            assert time.monotonic() < end_s, "the gate sees somebody all the time"
            told = screen.recv(timeout=SLOW_S)
            if isinstance(told, bytes):
                text = told[4 : 4 + int.from_bytes(told[:4], "little")]
                state = json.loads(text)["state"]
                empty = empty + 1 if state["status"] == "ok" and not state["faces"] else 0


class Entry(Header):
    """One gate, one day: who comes, and what the relay's wire does."""

    def setUp(self) -> None:
        super().setUp()
        say_that_the_clock_is_set()
        scenes.camera("run")
        scenes.show("empty")
        self.addCleanup(scenes.camera, "run")
        service.install(GATE, "WatchdogSec=300\n")
        self.addCleanup(service.stop)
        header, body = compose(SCHOOL, 1, ISSUED_UTC_MS, [NEVER], PEOPLE.values())
        (service.SETTINGS / "county.pub").write_text(public_line() + "\n")
        Path("/var/lib/foregate").mkdir(exist_ok=True)
        Path("/var/lib/foregate/foregate.roster").write_bytes(signed(header, body))
        subprocess.run(["systemctl", "start", "rig-scanner@card"], check=True)
        service.start()

    def card(self, n: int) -> None:
        subprocess.run(["rig-scanner", "type", "card", badge(n)], check=True)

    def comes(self, n: int | None, scene: str, words: str) -> float:
        """Somebody holds their card to the reader and stands there until these words are said; then nobody is there.

        For how long the relay was open, in s.
        """
        began_s = service.now_s()
        if n is not None:
            self.card(n)
        scenes.show(scene)
        opened_s, end_s = 0.0, time.monotonic() + SLOW_S
        before = time.monotonic()
        while words not in service.journal(began_s):
            assert time.monotonic() < end_s, f"{words!r} is not in:\n{service.journal(began_s)}"
            opened_s, before = self._watched(opened_s, before, 0.5)
        opened_s, before = self._watched(opened_s, before, PULSE_S + 2.0)
        scenes.show("empty")
        while levels() != OFF:
            assert time.monotonic() < end_s + SLOW_S, levels()
            opened_s, before = self._watched(opened_s, before, 0.5)
        until_nobody_is_seen()
        return opened_s

    def _watched(self, opened_s: float, before: float, for_s: float) -> tuple[float, float]:
        """Add how long the relay's wire was high, looking at it again and again."""
        end_s = time.monotonic() + for_s
        while (now_s := time.monotonic()) < end_s:
            if level("relay"):
                opened_s += now_s - before
            before = now_s
            time.sleep(LOOK_S)
        return opened_s, before

    def test_the_approved_come_in_and_the_other_nine_kinds_do_not(self) -> None:
        opened_s = self.comes(1, "healthy", "Forehead below the alarm")
        assert 0.8 * PULSE_S < opened_s < 1.5 * PULSE_S, opened_s

        for kind, n, scene, words in (
            ("already in", 1, "healthy", "This badge is already in"),
            ("outsider", OUTSIDER, "healthy", "Badge not on the list"),
            ("not approved", 2, "healthy", "Return not approved"),
            ("under observation", 3, "healthy", "Under medical observation"),
            ("no health record", 4, "healthy", "14-day health record missing"),
            ("too late for the class", 5, "healthy", "Too late for this class"),
            ("fever", 6, "fever", "confirm with a contact thermometer"),
            ("not measured", 11, "empty", "Nobody seen"),
        ):
            with self.subTest(kind):
                assert self.comes(n, scene, words) == 0.0

    def test_well_above_the_recent_crowd_is_suspected_and_stays_out(self) -> None:
        for n in range(11, 16):
            assert self.comes(n, "cool", "Forehead below the alarm") > 0.0
        assert self.comes(16, "warm", "Well above the recent crowd") == 0.0

    def test_a_fever_is_alarmed_by_lamp_and_buzzer(self) -> None:
        self.card(6)
        scenes.show("fever")
        until(lambda: level("red") == 1, "red for a fever", SLOW_S)
        until(lambda: level("buzzer") == 1, "the alarm sounds", SLOW_S)


if __name__ == "__main__":
    unittest.main(verbosity=2)
