"""Keeps what a device tells until the gate has time for it.

The kernel keeps 64 events of a keyboard: eight characters, which the fastest readers type in 10 ms. A thread of a gate
that is busy with a picture comes later than that, `cat` does not: it carries every event into a pipe, which holds
2,730 of them.
"""

import errno
import os
import subprocess

# What setpriv ends with when it may not do as it is told, and a shell when there is no such program.
_NOT_STARTED = 127


class PumpError(OSError):
    """The pump may not run here; the device may be as it should."""


class Pump:
    """Empties this open device into a pipe. Takes nothing over: who opened the device closes it, after the pump.

    OSError: it cannot be started.
    """

    def __init__(self, device_fd: int) -> None:
        os.set_blocking(device_fd, True)
        # It holds the device too: left behind by a gate that was killed, it would keep it from the next one. A gate
        # that was killed before the signal was arranged is no parent any more.
        command = ["setpriv", "--pdeathsig", "KILL", "sh", "-c", '[ "$PPID" = "$0" ] && exec cat', str(os.getpid())]
        self._process = subprocess.Popen(command, stdin=device_fd, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        assert self._process.stdout is not None
        self._pipe = self._process.stdout
        os.set_blocking(self.fileno(), False)

    def fileno(self) -> int:
        return self._pipe.fileno()

    def read(self, most_bytes: int) -> bytes:
        """What came since the last call, possibly nothing. Returns at once.

        OSError: the device is gone; PumpError: nothing was ever read from it.
        """
        parts: list[bytes] = []
        while (room := most_bytes - sum(map(len, parts))) > 0:
            try:
                part = os.read(self.fileno(), room)
            except BlockingIOError:
                break
            if not part and not parts:
                if self._process.wait() == _NOT_STARTED:
                    raise PumpError(errno.EPERM, os.strerror(errno.EPERM))
                raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))
            if not part:
                break
            parts.append(part)
        return b"".join(parts)

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        self._pipe.close()
