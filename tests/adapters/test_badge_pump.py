"""The pump behind every reader: nothing is lost while nobody looks, and nothing of it stays behind."""

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.adapters.badge_evdev.pump import Pump, PumpError

EVENT = b"0123456789abcdefghijklmn"


class Device:
    """A pipe in place of a device, with a pump at its end."""

    def __init__(self) -> None:
        self.fd, self.far_end = os.pipe()
        self.pump = Pump(self.fd)

    def tell(self, raw: bytes) -> None:
        os.write(self.far_end, raw)

    def unplug(self) -> None:
        os.close(self.far_end)
        self.far_end = -1

    def waited(self) -> None:
        """Until there is something to be read."""
        assert select.select([self.pump], [], [], 30)[0]

    def close(self) -> None:
        self.pump.close()
        os.close(self.fd)
        if self.far_end >= 0:
            self.unplug()


@pytest.fixture
def device() -> Iterator[Device]:
    made = Device()
    yield made
    made.close()


def test_nothing_there_is_nothing(device: Device) -> None:
    assert device.pump.read(1000) == b""


def test_what_came_is_kept_in_its_order_and_given_in_portions(device: Device) -> None:
    sent = b"".join(bytes([number]) * 24 for number in range(200))
    device.tell(sent)
    got = b""
    while len(got) < len(sent):
        device.waited()
        part = device.pump.read(240)
        assert 0 < len(part) <= 240
        got += part
    assert got == sent


def test_more_than_a_thousand_events_wait_for_somebody_who_is_busy(device: Device) -> None:
    # The far end blocks when nobody takes them away: a pipe holds 64 KiB itself, the pump's another 64.
    for _ in range(1000):
        device.tell(EVENT * 4)
    got = b""
    while len(got) < 4000 * len(EVENT):
        device.waited()
        got += device.pump.read(10**6)
    assert got == EVENT * 4000


def test_what_was_told_last_comes_before_the_end(device: Device) -> None:
    device.tell(EVENT)
    device.unplug()
    device.waited()
    assert device.pump.read(1000) == EVENT
    device.waited()
    for _ in range(2):
        with pytest.raises(OSError, match="No such device"):
            device.pump.read(1000)


def test_a_pump_that_may_not_run_is_no_unplugged_device(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # As setpriv ends where a filter of system calls forbids what it asks of the kernel.
    setpriv = tmp_path / "setpriv"
    setpriv.write_text("#!/bin/sh\nexit 127\n", encoding="utf-8")
    setpriv.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    device = Device()
    try:
        device.waited()
        with pytest.raises(PumpError):
            device.pump.read(1000)
    finally:
        device.close()


@pytest.mark.parametrize("runs", [True, False], ids=["while it pumps", "before it pumps"])
def test_it_ends_with_the_gate_even_when_that_is_killed_and_the_device_stays(runs: bool) -> None:
    """Else it would keep the device from the gate that is started next, until somebody presents a badge."""
    near_end, far_end = os.pipe()
    os.write(far_end, b".")
    code = (
        "import os, signal, sys\n"
        "from edge.adapters.badge_evdev.pump import Pump\n"
        f"pump = Pump({near_end})\n"
        f"while {runs} and not pump.read(1): pass\n"
        "print(pump._process.pid, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, stdout=subprocess.PIPE, pass_fds=[near_end], timeout=60, check=False)
    assert done.returncode == -signal.SIGKILL
    end_s = time.monotonic() + 30
    while state(int(done.stdout)) not in ("gone", "Z", "X"):
        assert time.monotonic() < end_s, "the pump outlives its gate"
        time.sleep(0.001)
    os.close(near_end)
    os.close(far_end)


def state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return "gone"
