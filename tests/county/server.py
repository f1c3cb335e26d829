"""The county's real server as a process, for tests of anything that talks to it.

    with running_county(tmp_path) as (base_url, token_of):
        requests.post(f"{base_url}/api/v1/records", data=b"\n".join(bodies),
                      headers={"Authorization": f"Bearer {token_of('G1')}", "Content-Type": "application/x-ndjson"})

CountyProcess does the same step by step: it can be killed, and started again on the same data.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.fakes.signing import SIGNER

ROOT = Path(__file__).parents[2]
READY = "county ready: "
PATIENCE_S = 60


class CountyProcess:
    """`foregate-county` on a data folder below tmp_path; log: what the server wrote to stderr."""

    def __init__(self, tmp_path: Path) -> None:
        self.data = tmp_path / "county"
        self.log = tmp_path / "county.log"
        self.base_url = ""
        self._process: subprocess.Popen[str] | None = None
        self._port = 0
        self._tokens: dict[str, str] = {}
        self.command("migrate")

    def command(self, *arguments: str) -> str:
        """Run one command to its end; its output. CalledProcessError when it fails."""
        done = subprocess.run(
            self._line(*arguments),
            env=self._environment(),
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
            timeout=PATIENCE_S,
            check=True,
        )
        return done.stdout.strip()

    def token_of(self, gate_id: str, public_key: str = SIGNER.public_key) -> str:
        """The token of a gate, which is registered with this key when it is first asked for."""
        if gate_id not in self._tokens:
            names = ("--name", gate_id, "--school", "第一小学")
            self._tokens[gate_id] = self.command("add-gate", gate_id, *names, "--public-key", public_key)
        return self._tokens[gate_id]

    def start(self, *options: str) -> None:
        """Serve, with these further options; returns when it answers at base_url (no slash at its end).

        The same port every time.
        """
        with self.log.open("a") as log:
            process = subprocess.Popen(
                self._line("serve", "--bind", f"127.0.0.1:{self._port}", *options),
                env=self._environment(),
                cwd=ROOT,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                # Its own group, so that kill() reaches gunicorn's worker too.
                start_new_session=True,
            )
        assert process.stdout is not None
        line = process.stdout.readline()
        process.stdout.close()
        self._process = process
        if READY not in line:
            self.kill()
            raise RuntimeError(f"the county did not start: {line!r}\n{self.log.read_text()}")
        self.base_url = line.partition(READY)[2].strip().rstrip("/")
        self._port = int(self.base_url.rpartition(":")[2])

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Ask the server to stop with this signal; the exit code (0 when nothing was running)."""
        if self._process is None:
            return 0
        self._process.send_signal(number)
        code = self._process.wait(PATIENCE_S)
        self._process = None
        return code

    def kill(self) -> None:
        """SIGKILL for the server and its worker: what a power cut leaves of processes."""
        if self._process is None:
            return
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(PATIENCE_S)
        self._process = None

    def _line(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "county.manage", *arguments]

    def _environment(self) -> dict[str, str]:
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("FOREGATE_", "DJANGO_"))}
        return {**clean, "FOREGATE_COUNTY_DATA": str(self.data), "PYTHONUTF8": "1"}


@contextmanager
def running_county(tmp_path: Path) -> Iterator[tuple[str, Callable[[str], str]]]:
    """A fresh county on a free port: (base_url without a slash at its end, token_of(gate_id))."""
    county = CountyProcess(tmp_path)
    county.start()
    try:
        yield county.base_url, county.token_of
    finally:
        county.stop()
