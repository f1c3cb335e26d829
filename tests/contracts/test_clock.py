"""What every Clock promises, on the fake and on the board's own."""

import time
from dataclasses import replace
from pathlib import Path

import pytest

from edge.adapters import clock_system
from edge.adapters.clock_system import STA_UNSYNC, TIME_ERROR, KernelClock, SystemClock, kernel_clock
from edge.core.errors import ConfigError
from edge.core.record import Record, parse
from edge.ports import Clock
from tests.fakes.clock import FakeClock
from tests.fakes.passages import passage
from tests.fakes.signing import bytes_of


@pytest.fixture(params=["fake", "system"])
def clock(request: pytest.FixtureRequest) -> Clock:
    return FakeClock() if request.param == "fake" else SystemClock()


def test_time_never_runs_backwards(clock: Clock) -> None:
    times = [reading for _ in range(100) for reading in (clock.now_s(), clock.stamp().monotonic_s)]
    assert times == sorted(times)
    assert times[0] >= 0


def test_a_stamp_can_be_written_into_a_record(clock: Clock) -> None:
    uuid = "3a9d4a52-6b4e-4c57-9d0b-0e8f3ad1c001"
    record = Record(uuid, "gate-1", 1, clock.stamp(), passage(), "0.1.0", "none")
    read = parse(bytes_of(record))
    rounded = replace(record.decided, monotonic_s=round(record.decided.monotonic_s, 3))
    assert read.decided == rounded


def test_all_stamps_are_of_one_boot(clock: Clock) -> None:
    assert clock.stamp().boot_id == clock.stamp().boot_id


def test_the_boards_clock_is_the_kernels() -> None:
    clock = SystemClock()
    before = time.time_ns() // 1_000_000, time.clock_gettime(time.CLOCK_MONOTONIC)
    stamp = clock.stamp()
    after = time.time_ns() // 1_000_000, time.clock_gettime(time.CLOCK_MONOTONIC)
    assert before[0] <= stamp.utc_ms <= after[0]
    assert before[1] <= stamp.monotonic_s <= after[1]
    assert before[1] <= clock.now_s()
    assert stamp.boot_id == Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def test_the_kernels_words_are_read_from_their_right_places() -> None:
    kernel = kernel_clock()
    if kernel is None:
        pytest.skip("adjtimex is forbidden here")
    # Fields before and after the status: had the structure another shape, they would make no sense.
    assert abs(kernel.utc_s - time.time()) < 2
    assert 9_000 <= kernel.tick_us <= 11_000
    assert 0 <= kernel.state <= TIME_ERROR
    assert (kernel.state == TIME_ERROR) >= bool(kernel.status & STA_UNSYNC)
    assert SystemClock().stamp().synchronised == kernel.synchronised


@pytest.mark.parametrize(
    ("state", "status", "synchronised"),
    [
        (0, 0x0000, True),
        (0, 0x2001, True),  # STA_PLL | STA_NANO: ntpd
        (0, 0x2000, True),  # STA_NANO: timesyncd
        (1, 0x0011, True),  # a leap second will be inserted
        (TIME_ERROR, STA_UNSYNC, False),  # after power-on
        (TIME_ERROR, 0x2041, False),
        (TIME_ERROR, 0x1000, False),  # STA_CLOCKERR
        (0, STA_UNSYNC, False),
    ],
)
def test_the_kernel_says_whether_a_time_service_keeps_the_clock(state: int, status: int, synchronised: bool) -> None:
    assert KernelClock(state, status, 1_767_600_000, 10_000).synchronised is synchronised


def test_a_kernel_that_does_not_tell_is_not_synchronised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock_system, "kernel_clock", lambda: None)
    assert not SystemClock().stamp().synchronised


def test_a_board_without_proc_is_told_what_is_needed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(clock_system, "BOOT_ID_FILE", tmp_path / "boot_id")
    with pytest.raises(ConfigError) as caught:
        SystemClock()
    assert "/proc" in caught.value.en
    assert "/proc" in caught.value.zh
