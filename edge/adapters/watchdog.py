"""systemd as the one who restarts a gate that hangs: sd_notify(3), spoken by hand.

The unit (systemd/foregate-gate.service) says how long the gate may be silent; without systemd nobody listens, and
nothing is sent.
"""

import logging
import os
import socket
import time
from collections.abc import Callable, Mapping

log = logging.getLogger(__name__)


class SystemdWatchdog:
    """See `edge.ports.Watchdog`. Speaks to the socket that NOTIFY_SOCKET names, from the process it was given to.

    `alive` speaks at most four times in the time the unit allows (WATCHDOG_USEC), never when no watchdog is set.
    """

    def __init__(
        self, environment: Mapping[str, str] = os.environ, now_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._now_s = now_s
        self._spoken_s = float("-inf")
        self._deaf = False
        named = environment.get("NOTIFY_SOCKET", "")
        # sd_notify(3): an absolute path, or a name in the abstract namespace written with an "@".
        self._address = {"/": named, "@": "\0" + named[1:]}.get(named[:1])
        self._every_s = _allowed_s(environment) / 4

    def ready(self) -> None:
        """The gate works: what waits for it may start."""
        self._tell("READY=1")

    def alive(self) -> None:
        if self._every_s == float("inf"):
            return
        now_s = self._now_s()
        if now_s - self._spoken_s >= self._every_s and self._tell("WATCHDOG=1"):
            self._spoken_s = now_s

    def stopping(self) -> None:
        """The gate stops as asked: silence from now on is no hang, and the unit's time to stop begins."""
        self._tell("STOPPING=1")

    def _tell(self, state: str) -> bool:
        """Whether systemd was told; a refusal is logged once, and tried again with the next word."""
        if self._address is None:
            return True
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as speaking:
                # A systemd that is busy must not hold up the gate.
                speaking.setblocking(False)
                speaking.sendto(state.encode("ascii"), self._address)
        except OSError as error:
            if not self._deaf:
                log.warning("systemd does not hear %s (%s)", state, error.strerror)
            self._deaf = True
            return False
        self._deaf = False
        return True


def _allowed_s(environment: Mapping[str, str]) -> float:
    """How long the unit lets this process be silent; infinite when it does not watch it: sd_watchdog_enabled(3)."""
    if environment.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return float("inf")
    allowed_us = environment.get("WATCHDOG_USEC", "")
    return int(allowed_us) / 1e6 if allowed_us.isascii() and allowed_us.isdigit() else float("inf")
