"""What systemd hears of the gate: sd_notify(3) on a socket of the test's own."""

import logging
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.adapters.watchdog import SystemdWatchdog


class Listener:
    """systemd's end of the socket."""

    def __init__(self, address: str) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(address)
        self.socket.setblocking(False)

    def heard(self) -> list[str]:
        words = []
        while True:
            try:
                words.append(self.socket.recv(100).decode())
            except BlockingIOError:
                return words


@pytest.fixture
def listener(tmp_path: Path) -> Iterator[Listener]:
    systemd = Listener(str(tmp_path / "notify"))
    yield systemd
    systemd.socket.close()


class Time:
    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def test_systemd_hears_that_it_is_ready_alive_and_stopping(listener: Listener, tmp_path: Path) -> None:
    watchdog = SystemdWatchdog({"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "4000000"}, Time())
    watchdog.ready()
    watchdog.alive()
    watchdog.stopping()
    assert listener.heard() == ["READY=1", "WATCHDOG=1", "STOPPING=1"]


def test_it_speaks_four_times_in_the_time_that_is_allowed(listener: Listener, tmp_path: Path) -> None:
    now_s = Time()
    watchdog = SystemdWatchdog({"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "4000000"}, now_s)
    for _ in range(33):
        watchdog.alive()
        now_s.now_s += 0.125
    assert listener.heard() == ["WATCHDOG=1"] * 5


def test_abstract_sockets_are_spoken_to() -> None:
    name = f"foregate-test-{os.getpid()}"
    systemd = Listener(f"\0{name}")
    SystemdWatchdog({"NOTIFY_SOCKET": f"@{name}"}).ready()
    assert systemd.heard() == ["READY=1"]
    systemd.socket.close()


@pytest.mark.parametrize("more", [{}, {"WATCHDOG_USEC": "soon"}, {"WATCHDOG_USEC": "1000000", "WATCHDOG_PID": "1"}])
def test_where_nobody_watches_it_says_that_it_is_ready_and_no_more(
    listener: Listener, tmp_path: Path, more: dict[str, str]
) -> None:
    now_s = Time()
    watchdog = SystemdWatchdog({"NOTIFY_SOCKET": str(tmp_path / "notify"), **more}, now_s)
    watchdog.ready()
    for _ in range(10):
        watchdog.alive()
        now_s.now_s += 60.0
    assert listener.heard() == ["READY=1"]


@pytest.mark.parametrize("environment", [{}, {"NOTIFY_SOCKET": ""}, {"NOTIFY_SOCKET": "vsock:2:1234"}])
def test_without_systemd_it_does_nothing(environment: dict[str, str]) -> None:
    watchdog = SystemdWatchdog(environment)
    watchdog.ready()
    watchdog.alive()
    watchdog.stopping()


def test_a_systemd_that_does_not_hear_is_logged_once_and_stops_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    watchdog = SystemdWatchdog({"NOTIFY_SOCKET": str(tmp_path / "nobody"), "WATCHDOG_USEC": "4000000"}, Time())
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            watchdog.alive()
    assert len(caplog.records) == 1
    systemd = Listener(str(tmp_path / "nobody"))
    watchdog.alive()
    assert systemd.heard() == ["WATCHDOG=1"]
    systemd.socket.close()


def test_a_systemd_that_is_busy_does_not_hold_up_the_gate(listener: Listener, tmp_path: Path) -> None:
    watchdog = SystemdWatchdog({"NOTIFY_SOCKET": str(tmp_path / "notify")})
    for _ in range(2000):
        watchdog.ready()
    assert 0 < len(listener.heard()) < 2000
