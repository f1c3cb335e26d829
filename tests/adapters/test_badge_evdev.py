"""The readers of a gate: found by name, held alone, patient with whatever they do."""

import errno
import importlib
import os
import struct
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest

from edge.adapters.badge_evdev import EvdevBadges, EvdevKeyboards, ReaderSettings, keyboards
from edge.adapters.badge_evdev.decoding import PAUSE_S, STUCK_KEYS
from edge.adapters.badge_evdev.devices import Lost, Node, is_called
from edge.adapters.badge_evdev.pump import PumpError
from edge.adapters.badge_evdev.readers import MAX_DEVICES, MAX_WAITING
from edge.core.errors import ReaderError
from tests.fakes.badges import PipeKeyboards, node, typed

T = TypeVar("T")
CARD = ReaderSettings("card", "usb:ffff:0035")
Open = Callable[..., EvdevBadges]


@pytest.fixture
def machine() -> PipeKeyboards:
    made = PipeKeyboards()
    made.plug(node(3))
    return made


class Clock:
    """The monotonic clock, which a test may set forward."""

    def __init__(self) -> None:
        self.ahead_s = 0.0

    def now_s(self) -> float:
        return time.monotonic() + self.ahead_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def open_readers(machine: PipeKeyboards, clock: Clock) -> Iterator[Open]:
    opened: list[EvdevBadges] = []

    def make(*readers: ReaderSettings) -> EvdevBadges:
        opened.append(EvdevBadges(readers or [CARD], machine, clock.now_s, look_again_s=0.01))
        return opened[-1]

    yield make
    for badges in opened:
        badges.close()


def until(look: Callable[[], T], wanted: Callable[[T], bool]) -> T:
    end_s = time.monotonic() + 30
    while not wanted(found := look()):
        assert time.monotonic() < end_s, f"never; at last: {found}"
        time.sleep(0.001)
    return found


def type_on(machine: PipeKeyboards, text: str, name: str = "event3") -> None:
    machine.keys[name].press(typed(text, time.monotonic() + 2 * PAUSE_S))


def next_badges(badges: EvdevBadges) -> list[str]:
    return [scan.badge for scan in until(badges.scans, lambda scans: len(scans) > 0)]


def told(caplog: pytest.LogCaptureFixture, words: str) -> Callable[[], int]:
    return lambda: sum(words in message for message in caplog.messages)


def test_garbage_is_told_without_its_text_and_is_no_scan(
    machine: PipeKeyboards, open_readers: Open, caplog: pytest.LogCaptureFixture
) -> None:
    badges = open_readers()
    type_on(machine, "secret;number\n")
    until(told(caplog, "is no badge number"), lambda count: count == 1)
    type_on(machine, "GOOD\n")
    assert next_badges(badges) == ["GOOD"]
    assert "secret" not in caplog.text.lower()
    assert "good" not in caplog.text.lower()


def test_endless_garbage_is_told_rarely(
    machine: PipeKeyboards, open_readers: Open, caplog: pytest.LogCaptureFixture
) -> None:
    badges = open_readers()
    type_on(machine, ";\n" * 200 + "GOOD\n")
    assert next_badges(badges) == ["GOOD"]
    assert told(caplog, "is no badge number")() == 1


def test_a_flood_of_badges_nobody_asks_for_is_bounded_and_told(
    machine: PipeKeyboards, open_readers: Open, caplog: pytest.LogCaptureFixture
) -> None:
    badges = open_readers()
    type_on(machine, "".join(f"{number}\n" for number in range(MAX_WAITING + 50)))
    until(told(caplog, "comes too fast"), lambda count: count == 1)
    assert [scan.badge for scan in badges.scans()] == [str(number) for number in range(MAX_WAITING)]


def test_a_reader_that_never_ends_is_a_fault_until_it_does(machine: PipeKeyboards, open_readers: Open) -> None:
    badges = open_readers()
    type_on(machine, "1" * STUCK_KEYS)
    until(badges.faults, lambda names: names == ("card",))
    type_on(machine, "\n22\n")
    assert next_badges(badges) == ["22"]
    until(badges.faults, lambda names: names == ())


def test_a_badge_without_an_end_key_is_given_up_while_nothing_else_comes(
    machine: PipeKeyboards, open_readers: Open, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    badges = open_readers()
    type_on(machine, "1234")
    clock.ahead_s = 60
    until(told(caplog, "has no end"), lambda count: count == 1)
    assert badges.scans() == ()


def test_a_badge_that_ends_with_a_pause_needs_no_further_key(
    machine: PipeKeyboards, open_readers: Open, clock: Clock
) -> None:
    badges = open_readers(ReaderSettings("card", "usb:ffff:0035", ends_with="pause"))
    type_on(machine, "1234")
    clock.ahead_s = 60
    assert next_badges(badges) == ["1234"]


def test_lost_keys_are_told(machine: PipeKeyboards, open_readers: Open, caplog: pytest.LogCaptureFixture) -> None:
    badges = open_readers()
    start_s = time.monotonic() + 2 * PAUSE_S
    machine.keys["event3"].press(
        [*typed("12", start_s), Lost(frozenset(), start_s + 0.1), *typed("3\n", start_s + 0.2)]
    )
    until(told(caplog, "lost keys"), lambda count: count == 1)
    assert badges.scans() == ()


def test_a_reader_that_is_not_there_at_the_start_is_waited_for(machine: PipeKeyboards, open_readers: Open) -> None:
    machine.unplug("event3")
    badges = open_readers()
    assert badges.faults() == ("card",)
    machine.plug(node(7))
    until(badges.faults, lambda names: names == ())
    type_on(machine, "1\n", "event7")
    assert next_badges(badges) == ["1"]


def test_no_other_keyboard_is_touched(machine: PipeKeyboards, open_readers: Open) -> None:
    machine.plug(node(4, "Logitech USB Keyboard", "046d", "c31c"))
    open_readers()
    assert set(machine.keys) == {"event3"}


def test_every_part_of_a_composite_reader_is_held_but_a_pattern_takes_no_dozens(
    machine: PipeKeyboards, open_readers: Open
) -> None:
    for number in range(4, 20):
        machine.plug(node(number))
    badges = open_readers()
    assert len(machine.keys) == MAX_DEVICES
    machine.unplug("event3")
    type_on(machine, "1\n", "event4")
    assert next_badges(badges) == ["1"]
    assert badges.faults() == ()


def test_a_device_that_two_readers_mean_belongs_to_the_first(machine: PipeKeyboards, open_readers: Open) -> None:
    badges = open_readers(CARD, ReaderSettings("second", "name:SYC*"))
    assert badges.faults() == ("second",)
    type_on(machine, "1\n")
    assert until(badges.scans, lambda scans: len(scans) > 0)[0].reader == "card"


def test_one_that_another_program_holds_is_a_fault_until_that_lets_go(
    machine: PipeKeyboards, open_readers: Open, caplog: pytest.LogCaptureFixture
) -> None:
    machine.refused["event3"] = OSError(errno.EBUSY, "Device or resource busy")
    badges = open_readers()
    assert badges.faults() == ("card",)
    assert told(caplog, "held by another program")() == 1
    del machine.refused["event3"]
    until(badges.faults, lambda names: names == ())


def test_one_that_nothing_may_read_is_a_fault_with_its_own_remedy(
    machine: PipeKeyboards, open_readers: Open, caplog: pytest.LogCaptureFixture
) -> None:
    badges = open_readers()
    machine.keys["event3"].ends_with = PumpError(errno.EPERM, "Operation not permitted")
    machine.unplug("event3")
    until(badges.faults, lambda names: names == ("card",))
    assert told(caplog, "setpriv may not run")() == 1


def test_permission_refused_at_the_start_names_reader_node_and_group(
    tmp_path: Path, machine: PipeKeyboards, open_readers: Open
) -> None:
    path = tmp_path / "event3"
    path.touch()
    machine.plug(Node(path, "SYC", "ffff", "0035"))
    machine.refused["event3"] = PermissionError(errno.EACCES, "Permission denied")
    with pytest.raises(ReaderError) as caught:
        open_readers()
    group = path.group()
    assert f"reader card ({path} belongs to the group {group})" in caught.value.en
    assert f"usermod -aG {group}" in caught.value.zh


def test_permission_refused_later_on_is_a_fault_until_it_is_granted(machine: PipeKeyboards, open_readers: Open) -> None:
    """udev hands a node to its group a moment after it appears."""
    badges = open_readers()
    machine.unplug("event3")
    until(badges.faults, lambda names: names == ("card",))
    machine.refused["event5"] = PermissionError(errno.EACCES, "Permission denied")
    machine.plug(node(5))
    assert badges.faults() == ("card",)
    del machine.refused["event5"]
    until(badges.faults, lambda names: names == ())


def test_closing_gives_the_devices_back(machine: PipeKeyboards, open_readers: Open) -> None:
    badges = open_readers()
    badges.close()
    assert machine.keys["event3"].closed
    assert badges.faults() == ("card",)


# --- sysfs and names -----------------------------------------------------------------------------------------------

LONG_BITS = 8 * struct.calcsize("l")


def plug_into(folder: Path, number: int, name: str, codes: list[int]) -> None:
    about = folder / f"sys/event{number}/device"
    (about / "id").mkdir(parents=True)
    (about / "capabilities").mkdir()
    (folder / "dev").mkdir(exist_ok=True)
    (folder / f"dev/event{number}").touch()
    bits = sum(1 << code for code in codes)
    words = []
    while bits:
        words.append(f"{bits & (1 << LONG_BITS) - 1:x}")
        bits >>= LONG_BITS
    for file, text in (
        ("name", name),
        ("id/vendor", "1eab"),
        ("id/product", "1d06"),
        ("capabilities/key", " ".join(reversed(words)) or "0"),
    ):
        (about / file).write_text(text + "\n")


def test_keyboards_are_what_types_digits(tmp_path: Path) -> None:
    plug_into(tmp_path, 10, "Scanner", [*range(1, 60), 300])
    plug_into(tmp_path, 2, "Keypad", [71, 72, 73, 75, 76, 77, 79, 80, 81, 82, 96])
    plug_into(tmp_path, 3, "Power Button", [116])
    plug_into(tmp_path, 4, "Mouse", [272, 273])
    (tmp_path / "sys/event5").mkdir()
    found = keyboards(tmp_path / "sys", tmp_path / "dev")
    assert [(one.path.name, one.name, one.vendor, one.product) for one in found] == [
        ("event2", "Keypad", "1eab", "1d06"),
        ("event10", "Scanner", "1eab", "1d06"),
    ]
    assert keyboards(tmp_path / "nothing", tmp_path) == ()


def test_what_is_known_is_not_asked_again_and_what_comes_anew_is(tmp_path: Path) -> None:
    machine = EvdevKeyboards(tmp_path / "sys", tmp_path / "dev")
    plug_into(tmp_path, 4, "Scanner", list(range(1, 60)))
    assert [one.name for one in machine.there()] == ["Scanner"]
    (tmp_path / "sys/event4/device/name").unlink()
    assert [one.name for one in machine.there()] == ["Scanner"]
    (tmp_path / "sys/event4").rename(tmp_path / "gone")
    assert machine.there() == ()
    plug_into(tmp_path, 4, "Another", list(range(1, 60)))
    assert [one.name for one in machine.there()] == ["Another"]
    # Not all there yet: asked again until it is.
    plug_into(tmp_path, 5, "Late", list(range(1, 60)))
    (tmp_path / "dev/event5").unlink()
    assert [one.name for one in machine.there()] == ["Another"]
    (tmp_path / "dev/event5").touch()
    assert [one.name for one in machine.there()] == ["Another", "Late"]


@pytest.mark.parametrize(
    ("match", "called"),
    [
        ("usb:1eab:1d06", True),
        ("usb:1EAB:1D06", True),
        ("usb:1eab:1d07", False),
        ("name:Newtologic*Scanner", True),
        ("name:Newtologic  2D Barcode Scanner", True),
        ("name:newtologic*", False),
        ("/dev/input/event4", True),
        ("/dev/input/event40", False),
        ("/dev/input/by-path/none", False),
    ],
)
def test_names_of_a_device(match: str, called: bool) -> None:
    assert is_called(match, node(4, "Newtologic  2D Barcode Scanner", "1eab", "1d06")) == called


def test_a_link_that_udev_makes_names_a_device(tmp_path: Path) -> None:
    (tmp_path / "event4").touch()
    (tmp_path / "usb-1.3-event-kbd").symlink_to("event4")
    there = Node(tmp_path / "event4", "Scanner", "1eab", "1d06")
    assert is_called(str(tmp_path / "usb-1.3-event-kbd"), there)


# --- evdev ---------------------------------------------------------------------------------------------------------


class FakeInputDevice:
    """What python-evdev's InputDevice gives, on a plain file: no ioctl works there, so grabbing is up to the test."""

    def __init__(self, path: str) -> None:
        self.fd = os.open(path, os.O_RDONLY)

    def close(self) -> None:
        os.close(self.fd)


def test_without_evdev_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> Any:
        raise ImportError(name)

    monkeypatch.setattr(importlib, "import_module", missing)
    with pytest.raises(ReaderError, match="apt install python3-evdev"):
        EvdevKeyboards()


def test_a_node_that_is_no_input_device_is_given_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    evdev = importlib.import_module("evdev")
    opened: list[FakeInputDevice] = []

    def open_device(path: str) -> FakeInputDevice:
        opened.append(FakeInputDevice(path))
        return opened[-1]

    monkeypatch.setattr(evdev, "InputDevice", open_device)
    (tmp_path / "event0").touch()
    with pytest.raises(OSError) as refused:  # noqa: PT011  # what is refused is told by its number
        EvdevKeyboards().take(Node(tmp_path / "event0", "", "", ""))
    # No terminal, or, under an emulated processor, no such call.
    assert refused.value.errno in (errno.ENOTTY, errno.ENOSYS)
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(opened[0].fd)
