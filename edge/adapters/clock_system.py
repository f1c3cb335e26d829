"""The board's own clocks, and whether any time service keeps them right."""

import ctypes
import time
from dataclasses import dataclass
from pathlib import Path

from edge.core.errors import ConfigError
from edge.core.record import Stamp

BOOT_ID_FILE = Path("/proc/sys/kernel/random/boot_id")
# <sys/timex.h>
STA_UNSYNC = 0x0040
TIME_ERROR = 5


@dataclass(frozen=True, slots=True)
class KernelClock:
    """What the kernel says of its wall clock: adjtimex's return value and status bits, the time in whole seconds
    since 1970 UTC, and the length of a tick in microseconds (9,000 to 11,000 at 100 Hz)."""

    state: int
    status: int
    utc_s: int
    tick_us: int

    @property
    def synchronised(self) -> bool:
        """Whether a time service says so: adjtimex(2), TIME_ERROR and STA_UNSYNC.

        ntpd and systemd-timesyncd clear STA_UNSYNC; chronyd does when `rtcsync` is set, as Debian sets it
        (chrony's sys_timex.c, set_sync_status). The kernel sets it again when no service has spoken for hours.
        """
        return self.state != TIME_ERROR and not self.status & STA_UNSYNC


class SystemClock:
    """CLOCK_MONOTONIC, the wall clock and the boot they belong to; see `edge.ports.Clock`.

    CLOCK_MONOTONIC is also what Video4Linux stamps frames with; it stands still while a board is suspended, which
    a gate never is. ConfigError: this is no Linux with /proc.
    """

    def __init__(self) -> None:
        try:
            self._boot_id = BOOT_ID_FILE.read_text(encoding="ascii").strip()
        except OSError as error:
            raise ConfigError(
                f"无法读取 {BOOT_ID_FILE}（{error.strerror}）；闸机需要 Linux，并挂载 /proc",
                f"cannot read {BOOT_ID_FILE} ({error.strerror}); the gate needs Linux with /proc mounted",
            ) from error

    def now_s(self) -> float:
        """Seconds since boot, never backwards."""
        return time.clock_gettime(time.CLOCK_MONOTONIC)

    def stamp(self) -> Stamp:
        """This moment on all clocks; not `synchronised` when the kernel does not tell."""
        kernel = kernel_clock()
        return Stamp(
            utc_ms=time.time_ns() // 1_000_000,
            monotonic_s=self.now_s(),
            boot_id=self._boot_id,
            synchronised=kernel is not None and kernel.synchronised,
        )


class Timex(ctypes.Structure):
    """struct timex of adjtimex(2)."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("constant", ctypes.c_long),
        ("precision", ctypes.c_long),
        ("tolerance", ctypes.c_long),
        ("time_s", ctypes.c_long),
        ("time_fraction", ctypes.c_long),
        ("tick", ctypes.c_long),
        # The PPS fields, tai and the kernel's reserve: at most 8 longs, 14 ints and padding.
        ("rest", ctypes.c_byte * 160),
    )


def kernel_clock() -> KernelClock | None:
    """Read the kernel's clock state (nothing is set); None where the call is forbidden.

    A seccomp filter may forbid it: systemd's ProtectClock=yes does, even for reading.
    """
    timex = Timex(modes=0)
    state = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.byref(timex))
    if state < 0:
        return None
    return KernelClock(state, timex.status, timex.time_s, timex.tick)
