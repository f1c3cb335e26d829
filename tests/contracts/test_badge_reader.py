"""What every set of badge readers promises: each badge once, in order, and which readers are not there."""

import time
from collections.abc import Callable, Iterator
from typing import Protocol, TypeVar

import pytest

from edge.adapters.badge_evdev import EvdevBadges, ReaderSettings
from edge.adapters.badge_evdev.decoding import PAUSE_S
from edge.core.identity import Scan
from edge.ports import BadgeReader
from tests.fakes.badges import FakeBadges, PipeKeyboards, node, typed

T = TypeVar("T")
IN = ReaderSettings("入口", "usb:ffff:0035")
OUT = ReaderSettings("exit-qr", "usb:1eab:1d06", means="code", direction="out")
NODES = {"入口": node(3), "exit-qr": node(4, "2D Barcode Scanner", "1eab", "1d06")}


class Bench(Protocol):
    """Readers with the people in front of them."""

    @property
    def badges(self) -> BadgeReader: ...
    def present(self, reader: str, badge: str) -> None: ...
    def unplug(self, reader: str) -> None: ...
    def plug(self, reader: str) -> None: ...


class FakeBench:
    def __init__(self) -> None:
        self.badges = FakeBadges()

    def present(self, reader: str, badge: str) -> None:
        one = IN if reader == IN.name else OUT
        self.badges.present(Scan(badge, time.monotonic(), one.means, one.name, one.direction))

    def unplug(self, reader: str) -> None:
        self.badges.missing = (*self.badges.missing, reader)

    def plug(self, reader: str) -> None:
        self.badges.missing = tuple(name for name in self.badges.missing if name != reader)


class EvdevBench:
    def __init__(self) -> None:
        self.keyboards = PipeKeyboards()
        for reader in NODES:
            self.plug(reader)
        self.badges = EvdevBadges([IN, OUT], self.keyboards, time.monotonic, look_again_s=0.01)

    def present(self, reader: str, badge: str) -> None:
        # As long after the device was opened as a person needs to come to it.
        self.keyboards.keys[NODES[reader].path.name].press(typed(badge + "\n", time.monotonic() + 2 * PAUSE_S))

    def unplug(self, reader: str) -> None:
        self.keyboards.unplug(NODES[reader].path.name)

    def plug(self, reader: str) -> None:
        self.keyboards.plug(NODES[reader])


@pytest.fixture(params=[FakeBench, EvdevBench], ids=["fake", "evdev"])
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    made: Bench = request.param()
    yield made
    made.badges.close()


def until(look: Callable[[], T], wanted: Callable[[T], bool]) -> T:
    end_s = time.monotonic() + 30
    while not wanted(found := look()):
        assert time.monotonic() < end_s, f"never; at last: {found}"
        time.sleep(0.001)
    return found


def collected(badges: BadgeReader, count: int) -> list[Scan]:
    scans: list[Scan] = []

    def look() -> int:
        scans.extend(badges.scans())
        return len(scans)

    until(look, lambda found: found >= count)
    return scans


def test_nothing_presented_is_nothing(bench: Bench) -> None:
    assert bench.badges.scans() == ()
    assert bench.badges.faults() == ()


def test_a_badge_comes_once_with_its_reader_s_name_means_and_direction(bench: Bench) -> None:
    bench.present("入口", "0004123456")
    (scan,) = collected(bench.badges, 1)
    assert (scan.badge, scan.means, scan.reader, scan.direction) == ("0004123456", "card", "入口", "in")
    bench.present("exit-qr", "AB-12.C_9")
    (scan,) = collected(bench.badges, 1)
    assert (scan.badge, scan.means, scan.reader, scan.direction) == ("AB-12.C_9", "code", "exit-qr", "out")
    assert bench.badges.scans() == ()


def test_badges_of_one_reader_keep_their_order(bench: Bench) -> None:
    numbers = [f"N{number}" for number in range(20)]
    for number in numbers:
        bench.present("入口", number)
    assert [scan.badge for scan in collected(bench.badges, 20)] == numbers


def test_an_unplugged_reader_is_told_and_comes_back_by_itself(bench: Bench) -> None:
    bench.unplug("入口")
    until(bench.badges.faults, lambda names: names == ("入口",))
    bench.present("exit-qr", "STILL-THERE")
    assert collected(bench.badges, 1)[0].badge == "STILL-THERE"
    bench.plug("入口")
    until(bench.badges.faults, lambda names: names == ())
    bench.present("入口", "AGAIN")
    assert collected(bench.badges, 1)[0].badge == "AGAIN"


def test_close_may_be_called_twice(bench: Bench) -> None:
    bench.badges.close()
    bench.badges.close()
