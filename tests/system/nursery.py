"""Starts one and the same child process again and again, without paying for its imports every time.

The nursery is a process of its own that has imported everything; it forks a child for each `start`. The child opens
its files and sockets after the fork, as a fresh process does, and can be killed with -9 like any other.
"""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

ROOT = Path(__file__).resolve().parents[2]
# So long may a whole nursery live; after it everything that waits for one of its lines fails.
LONGEST_LIFE_S = 120.0


class Nursery:
    """`with Nursery("tests.system.children", "append", path) as nursery:`, then start, read lines, kill."""

    def __init__(self, module: str, *arguments: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self._end = threading.Timer(LONGEST_LIFE_S, self._kill_all)
        self._pid = 0

    def start(self) -> None:
        """Returns when the child exists; it may not have done anything yet."""
        assert self._process.stdin is not None
        self._process.stdin.write("start\n")
        self._process.stdin.flush()
        self._pid = int(self.line().removeprefix("pid "))

    def line(self) -> str:
        """The next line that the child prints."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the nursery is gone"
        return line.rstrip("\n")

    def kill(self) -> list[str]:
        """Kill the child with -9; the lines it had printed and nobody had read."""
        os.kill(self._pid, signal.SIGKILL)
        lines = []
        while not (line := self.line()).startswith("ended"):
            lines.append(line)
        assert line == f"ended {-signal.SIGKILL}", f"the child was not killed, it ended by itself: {line}"
        return lines

    def _kill_all(self) -> None:
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)

    def __enter__(self) -> "Nursery":
        self._end.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end.cancel()
        self._end.join()
        self._kill_all()
        self._process.communicate()


def serve(child: Callable[[], None]) -> None:
    """The nursery's own side: one child per line on the standard input."""
    for _ in sys.stdin:
        told, telling = os.pipe()
        pid = os.fork()
        if pid == 0:
            try:
                # Its own first line comes after the one that names it.
                os.read(told, 1)
                child()
            finally:
                os._exit(1)
        say(f"pid {pid}")
        os.write(telling, b".")
        os.close(told)
        os.close(telling)
        _, status = os.waitpid(pid, 0)
        say(f"ended {os.waitstatus_to_exitcode(status)}")


def say(line: str) -> None:
    """One line in one write: it is there as a whole or not at all, whenever a kill comes."""
    os.write(1, f"{line}\n".encode())
