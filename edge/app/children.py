"""Child processes of the demo: their lines as they come, which of them died, and none left behind.

Each runs in a session of its own (Ctrl-C in the terminal reaches only the demo, which stops them in order), tethered
to this process (edge.app.tether), and its whole process group is ended in the end.
"""

import os
import queue
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

LAST_LINES = 20


@dataclass(frozen=True, slots=True)
class Said:
    """A line of one child; None: it has closed its output, which is the end of it."""

    child: str
    line: str | None


class Child:
    """One running module; its lines go to `said`, the last of them stay in `last_lines`."""

    def __init__(
        self, name: str, module: Sequence[str], said: "queue.Queue[Said]", environment: Mapping[str, str]
    ) -> None:
        self.name = name
        self.last_lines: deque[str] = deque(maxlen=LAST_LINES)
        self._said = said
        self._process = subprocess.Popen(
            [sys.executable, "-m", "edge.app.tether", str(os.getpid()), *module],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **environment},
            text=True,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, name=f"{name}-output", daemon=True)
        self._reader.start()

    def stop(self, within_s: float) -> int | None:
        """Ask it to stop and wait so long for it; its exit code, None when it had to be killed."""
        if self._process.poll() is None:
            self._process.terminate()
        return self.wait(within_s)

    def wait(self, within_s: float) -> int | None:
        """Its exit code once it has ended, None when it did not within so many seconds."""
        try:
            return self._process.wait(within_s)
        except subprocess.TimeoutExpired:
            return None

    def end(self) -> None:
        """Kill what is left of it and of everything it started. May be called twice."""
        # ESRCH: the group is empty already.
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        # A grandchild that left the group could hold the pipe open: its lines are not worth waiting for.
        self._reader.join(1.0)
        if not self._reader.is_alive() and self._process.stdout is not None:
            self._process.stdout.close()

    def _read(self) -> None:
        if self._process.stdout is not None:
            for line in self._process.stdout:
                self.last_lines.append(line.rstrip("\n"))
                self._said.put(Said(self.name, line.rstrip("\n")))
        self._said.put(Said(self.name, None))
