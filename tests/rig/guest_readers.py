"""Badge readers on real kernel devices, python-evdev and udev: run in the guest, which simulates two USB scanners.

`make rig` runs it from the host (tools/rig.sh). Keyboards that the guest does not have are made here, through uinput.
"""

import logging
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import unittest
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import evdev
from evdev import UInput, ecodes

from edge.adapters.badge_evdev import EvdevBadges, EvdevKeyboards, ReaderSettings, called, keyboards
from edge.adapters.badge_evdev.decoding import FORGET_S, PAUSE_S, Badge, Decoder, Garbage
from edge.adapters.badge_evdev.devices import Lost, Node
from edge.core.errors import ReaderError
from edge.core.identity import Scan

T = TypeVar("T")
CARD = ReaderSettings("card", "usb:ffff:0035")
CODE = ReaderSettings("qr", "name:Newtologic*2D*", means="code", direction="out")
RULE = Path("/src/project/systemd/99-foregate-readers.rules")
WITHIN_S = 30.0


def scan(reader: str, text: str) -> None:
    """What makes up to 64 events (ten digits make 44) reaches us even while the emulated processor stands still."""
    subprocess.run(["rig-scanner", "type", reader, text], check=True)


def plug(verb: str, reader: str) -> None:
    subprocess.run(["systemctl", "start" if verb == "in" else "stop", f"rig-scanner@{reader}"], check=True)


def until(look: Callable[[], T], wanted: Callable[[T], bool]) -> T:
    end_s = time.monotonic() + WITHIN_S
    while not wanted(found := look()):
        assert time.monotonic() < end_s, f"not within {WITHIN_S} s; at last: {found}"
        time.sleep(0.01)
    return found


def node_of(match: str) -> Node:
    (node,) = until(lambda: called(match, keyboards()), lambda nodes: len(nodes) == 1)
    return node


class Typist:
    """A keyboard of our own, plugged in until it is closed."""

    def __init__(self, name: str, product: int) -> None:
        keys: dict[int, Sequence[int]] = {ecodes.EV_KEY: list(range(1, 120))}
        self._device = UInput(keys, name=name, vendor=0x1234, product=product, bustype=ecodes.BUS_USB)
        self.match = f"usb:1234:{product:04x}"
        node_of(self.match)

    def press(self, *codes: int) -> None:
        for code in codes:
            for value in (1, 0):
                self._device.write(ecodes.EV_KEY, code, value)
                self._device.syn()

    def close(self) -> None:
        self._device.close()


class Guest(unittest.TestCase):
    def setUp(self) -> None:
        for reader in ("card", "qr"):
            plug("in", reader)
        for settings in (CARD, CODE):
            node_of(settings.match)

    def open(self, *readers: ReaderSettings) -> EvdevBadges:
        badges = EvdevBadges(readers or (CARD, CODE), EvdevKeyboards(), time.monotonic)
        self.addCleanup(badges.close)
        until(badges.faults, lambda names: not names)
        # What is typed in the first moment might have lost its beginning.
        time.sleep(2 * PAUSE_S)
        return badges

    def badges(self, readers: EvdevBadges, count: int) -> list[Scan]:
        scans: list[Scan] = []

        def look() -> list[Scan]:
            scans.extend(readers.scans())
            return scans

        until(look, lambda found: len(found) >= count)
        return scans

    def typist(self, product: int = 1) -> Typist:
        typist = Typist("Rig Typist", product)
        self.addCleanup(typist.close)
        return typist

    def test_a_card_and_a_code_are_read_each_at_its_reader(self) -> None:
        readers = self.open()
        before_s = time.monotonic()
        scan("card", "0004123456")
        (card,) = self.badges(readers, 1)
        scan("qr", "V-12.b_7")
        (code,) = self.badges(readers, 1)

        assert (card.badge, card.means, card.reader, card.direction) == ("0004123456", "card", "card", "in")
        assert (code.badge, code.means, code.reader, code.direction) == ("V-12.B_7", "code", "qr", "out")
        # The kernel's own times, on the gate's clock.
        assert before_s < card.t_s < code.t_s <= time.monotonic()

    def test_badges_come_whole_and_in_order(self) -> None:
        """Both readers at once, as fast as they type; one whose keys the kernel lost is presented again, as at a gate.

        The emulated processor may stand still for longer than the kernel can keep keys.
        """
        readers = self.open()
        for number in range(20):
            wanted = {f"{number:010d}": "card", f"{'X' * 54}{number:010d}": "qr"}
            read: list[Scan] = []
            for _ in range(5):
                missing = set(wanted) - {one.badge for one in read}
                for badge in missing:
                    scan(wanted[badge], badge)
                read += self.within(readers, len(missing), 3.0)
                if len(read) == len(wanted):
                    break
            assert {one.badge: one.reader for one in read} == wanted
            assert len(read) == len(wanted)

    def within(self, readers: EvdevBadges, count: int, limit_s: float) -> list[Scan]:
        scans: list[Scan] = []
        end_s = time.monotonic() + limit_s
        while len(scans) < count and time.monotonic() < end_s:
            time.sleep(0.01)
            scans += readers.scans()
        return scans

    def test_badges_wait_however_long_nobody_asks(self) -> None:
        readers = self.open(CARD)
        cards = [f"{number:04d}" for number in range(10)]
        with self.assertNoLogs("edge.adapters.badge_evdev", logging.WARNING):
            for card in cards:
                scan("card", card)
            time.sleep(3)
        assert [one.badge for one in readers.scans()] == cards

    def test_nobody_else_hears_what_is_typed(self) -> None:
        bystander = evdev.InputDevice(str(node_of(CARD.match).path))
        self.addCleanup(bystander.close)
        readers = self.open()
        scan("card", "0004123456")
        self.badges(readers, 1)

        assert not self._heard(bystander)
        readers.close()
        scan("card", "1")
        until(lambda: self._heard(bystander), bool)

    def _heard(self, device: Any) -> bool:
        try:
            return bool(list(device.read()))
        except BlockingIOError:
            return False

    def test_unplugged_and_plugged_in_again(self) -> None:
        readers = self.open()
        for _ in range(3):
            plug("out", "card")
            until(readers.faults, lambda names: names == ("card",))
            scan("qr", "1234567890")
            assert [one.badge for one in self.badges(readers, 1)] == ["1234567890"]
            plug("in", "card")
            until(readers.faults, lambda names: names == ())
            time.sleep(2 * PAUSE_S)
            scan("card", "42")
            assert [one.badge for one in self.badges(readers, 1)] == ["42"]

    def test_one_that_is_not_there_at_the_start_is_waited_for(self) -> None:
        plug("out", "qr")
        until(lambda: called(CODE.match, keyboards()), lambda nodes: not nodes)
        readers = EvdevBadges([CARD, CODE], EvdevKeyboards(), time.monotonic)
        self.addCleanup(readers.close)
        assert readers.faults() == ("qr",)
        plug("in", "qr")
        until(readers.faults, lambda names: names == ())

    def test_garbage_is_none_and_the_next_badge_is_whole(self) -> None:
        readers = self.open()
        with self.assertLogs("edge.adapters.badge_evdev", logging.WARNING) as logged:
            for garbage in ("https://example.org/?id=0004123456", "9" * 3000, "a b", ";"):
                scan("qr", garbage)
            scan("qr", "1234567890")
            assert [one.badge for one in self.badges(readers, 1)] == ["1234567890"]
        assert "is no badge number" in logged.output[0]
        assert "0004123456" not in "".join(logged.output)

    def test_half_a_badge_before_the_plug_is_pulled_is_none_with_the_rest_after_it(self) -> None:
        typist = self.typist()
        readers = self.open(ReaderSettings("own", typist.match))
        typist.press(ecodes.KEY_1, ecodes.KEY_2)
        typist.close()
        until(readers.faults, lambda names: names == ("own",))
        again = self.typist()
        again.press(ecodes.KEY_3, ecodes.KEY_4)
        until(readers.faults, lambda names: names == ())
        again.press(ecodes.KEY_5, ecodes.KEY_ENTER)
        time.sleep(2 * PAUSE_S)
        again.press(ecodes.KEY_6, ecodes.KEY_ENTER)
        assert [one.badge for one in self.badges(readers, 1)] == ["6"]

    def test_control_keys_and_endless_typing(self) -> None:
        typist = self.typist()
        readers = self.open(ReaderSettings("own", typist.match))
        typist.press(ecodes.KEY_1, ecodes.KEY_F8, ecodes.KEY_2, ecodes.KEY_ENTER, ecodes.KEY_3, ecodes.KEY_ENTER)
        assert [one.badge for one in self.badges(readers, 1)] == ["3"]
        end_s = time.monotonic() + WITHIN_S
        while readers.faults() != ("own",):
            assert time.monotonic() < end_s, "typing without an end was not seen"
            typist.press(ecodes.KEY_1)
        typist.press(ecodes.KEY_ENTER)
        until(readers.faults, lambda names: names == ())
        assert readers.scans() == ()

    def test_the_kernel_tells_when_it_drops_keys_and_such_a_badge_is_none(self) -> None:
        typist = self.typist()
        keys = EvdevKeyboards().take(node_of(typist.match))
        self.addCleanup(keys.close)
        # The pump is the only child of ours.
        (pump,) = map(int, Path(f"/proc/self/task/{threading.get_native_id()}/children").read_text().split())
        os.kill(pump, signal.SIGSTOP)
        typist.press(*[ecodes.KEY_1] * 200, ecodes.KEY_ENTER)
        os.kill(pump, signal.SIGCONT)
        heard, lost = Decoder(time.monotonic() - 1), 0
        outcomes: list[Badge | Garbage] = []
        for event in until(keys.read, bool):
            if isinstance(event, Lost):
                lost += 1
                heard.lost(event.held, event.t_s)
            else:
                outcomes += heard.key(event.code, event.value, event.t_s)
        outcomes += heard.idle(time.monotonic() + FORGET_S)
        assert lost > 0
        assert outcomes
        assert all(outcome == Garbage("keys_lost") for outcome in outcomes), outcomes

    def test_layouts_as_the_kernel_sends_them(self) -> None:
        typist = self.typist()
        readers = self.open(ReaderSettings("own", typist.match, layout="fr", ends_with="tab"))
        typist.press(ecodes.KEY_Q, ecodes.KEY_6, ecodes.KEY_KP1, ecodes.KEY_TAB)
        assert [one.badge for one in self.badges(readers, 1)] == ["A-1"]

    def test_another_keyboard_stays_everybody_s(self) -> None:
        typist = self.typist()
        self.open()
        own = evdev.InputDevice(str(node_of(typist.match).path))
        self.addCleanup(own.close)
        typist.press(ecodes.KEY_1)
        until(lambda: self._heard(own), bool)

    def test_one_that_another_program_holds(self) -> None:
        holder = evdev.InputDevice(str(node_of(CARD.match).path))
        holder.grab()
        readers = EvdevBadges([CARD], EvdevKeyboards(), time.monotonic)
        self.addCleanup(readers.close)
        assert readers.faults() == ("card",)
        holder.close()
        until(readers.faults, lambda names: names == ())

    def test_a_gate_that_was_killed_lets_go_at_once(self) -> None:
        asked = (
            "import os, signal, time\n"
            "from edge.adapters.badge_evdev import EvdevBadges, EvdevKeyboards, ReaderSettings\n"
            "readers = EvdevBadges([ReaderSettings('card', 'usb:ffff:0035')], EvdevKeyboards(), time.monotonic)\n"
            "print(readers.faults(), flush=True)\n"
            "os.kill(os.getpid(), signal.SIGKILL)\n"
        )
        done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, timeout=120, check=False)
        assert (done.returncode, done.stdout) == (-9, "()\n"), done.stderr
        readers = self.open(CARD)
        scan("card", "42")
        assert [one.badge for one in self.badges(readers, 1)] == ["42"]

    def test_without_permission_the_group_is_named(self) -> None:
        asked = (
            "import time\n"
            "from edge.adapters.badge_evdev import EvdevBadges, EvdevKeyboards, ReaderSettings\n"
            "EvdevBadges([ReaderSettings('card', 'usb:ffff:0035')], EvdevKeyboards(), time.monotonic)\n"
        )
        command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", sys.executable, "-c", asked]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        assert ReaderError.__name__ in done.stderr, done.stderr
        assert "belongs to the group input" in done.stderr
        assert "usermod -aG input" in done.stderr

    def test_a_member_of_the_group_may_read(self) -> None:
        asked = (
            "import time\n"
            "from edge.adapters.badge_evdev import EvdevBadges, EvdevKeyboards, ReaderSettings\n"
            "readers = EvdevBadges([ReaderSettings('card', 'usb:ffff:0035')], EvdevKeyboards(), time.monotonic)\n"
            "print(readers.faults())\n"
            "readers.close()\n"
        )
        command = ["setpriv", "--reuid=65534", "--regid=65534", "--groups=input", sys.executable, "-c", asked]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        assert done.stdout == "()\n", done.stderr

    def test_the_desktop_is_told_to_leave_readers_alone(self) -> None:
        installed = Path("/etc/udev/rules.d") / RULE.name
        shutil.copy(RULE, installed)
        self.addCleanup(subprocess.run, ["udevadm", "control", "--reload"], check=True)
        self.addCleanup(installed.unlink)
        subprocess.run(["udevadm", "control", "--reload"], check=True)
        typist = self.typist()
        for settings, ignored in ((CARD, True), (CODE, True), (ReaderSettings("own", typist.match), False)):
            node = node_of(settings.match)
            subprocess.run(["udevadm", "trigger", "--settle", "--action=change", str(node.path)], check=True)
            said = subprocess.run(
                ["udevadm", "info", "--query=property", str(node.path)], capture_output=True, text=True, check=True
            ).stdout.splitlines()
            assert ("LIBINPUT_IGNORE_DEVICE=1" in said) == ignored, said
            tags = next((line for line in said if line.startswith("CURRENT_TAGS=")), "")
            assert not ignored or "power-switch" not in tags, said


if __name__ == "__main__":
    unittest.main(verbosity=2)
