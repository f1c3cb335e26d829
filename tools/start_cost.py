"""What a gate needs until it is ready and until it decides, and what gate and sync hold in memory:
`python -m tools.start_cost`.

The processes are those that systemd starts, with a simulated camera; ready is what they tell systemd (READY=1).
Processor time is utime + stime of /proc/PID/stat at that moment, memory VmRSS of /proc/PID/status after ten seconds of
people. The county is one that does not answer. The first frame that is decided on is the first whose reference is
trusted; the time to it is that of the frames' own clock and of the processor that the last of them takes, counted from
the first frame of a camera that has settled and of whose reference nothing is known. Exit code 1: a limit is not kept.
"""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from edge.adapters.camera_sim import SimCamera, SimSettings
from edge.app import bootstrap
from edge.app.settings import pipeline_settings
from edge.core import pipeline
from edge.core.frame import Frame
from tools.cost_stages import config as stage_config

READY_WITHIN_CPU_S, DECIDED_WITHIN_S, MEMORY_BELOW_MB = 2.0, 2.0, 250.0
PATIENCE_S, PEOPLE_S = 120.0, 10.0
CONFIG = """\
[gate]
id = "start"
[camera]
kind = "sim"
[screen]
port = 0
[county]
url = "http://127.0.0.1:9"
token_file = "token"
"""


def main() -> int:
    """Start both, look, stop them; 0 when the limits are kept."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as running:
        config, address = Path(folder) / "gate.toml", str(Path(folder) / "notify")
        config.write_text(CONFIG, encoding="utf-8")
        token = Path(folder) / "token"
        token.touch(0o600)
        token.write_text("start-cost-token-0123456789\n", encoding="utf-8")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.bind(address)
            notify.settimeout(PATIENCE_S)
            gate = running.enter_context(_started("run", config, {"NOTIFY_SOCKET": address}))
            while b"READY=1" not in notify.recv(4096):
                pass
            cpu_s = _cpu_s(gate)
        sync = running.enter_context(_started("sync", config, {}))
        time.sleep(PEOPLE_S)
        memory_mb = {"gate": _memory_mb(gate), "sync": _memory_mb(sync)}
    decided_s = first_decided_s()
    total_mb = sum(memory_mb.values())
    _say(f"到就绪 / until ready: {cpu_s:.2f} s 处理器时间 / of processor time（≤ {READY_WITHIN_CPU_S:.0f} s）")
    _say(f"相机出画面到可判定 / first frame to the first decided: {decided_s:.2f} s（≤ {DECIDED_WITHIN_S:.0f} s）")
    told = " + ".join(f"{name} {mb:.0f} MB" for name, mb in memory_mb.items())
    _say(f"内存 / memory: {told} = {total_mb:.0f} MB（≤ {MEMORY_BELOW_MB:.0f} MB）")
    kept = (cpu_s <= READY_WITHIN_CPU_S, decided_s <= DECIDED_WITHIN_S, total_mb <= MEMORY_BELOW_MB)
    return 0 if all(kept) else 1


def first_decided_s() -> float:
    """From a camera's first frame to the first that is decided on."""
    source = SimCamera(SimSettings(seed=5))
    with TemporaryDirectory() as folder:
        settings = pipeline_settings(stage_config(Path(folder)), source.info)
        # As a process does it: everything for the first time.
        detector, state = bootstrap.open_detector(), pipeline.start(settings)
        first_s: float | None = None
        while True:
            frame = source.read(1.0)
            assert isinstance(frame, Frame)
            first_s = frame.t_s if first_s is None else first_s
            began_s = time.thread_time()
            picture = pipeline.picture(frame, settings)
            boxes = () if picture is None else detector.detect(picture)
            state, outputs = pipeline.step(state, frame, boxes, frame.t_s)
            if outputs.frame.status == "ok":
                return frame.t_s - first_s + time.thread_time() - began_s


@contextmanager
def _started(command: str, config: Path, more: dict[str, str]) -> Iterator[int]:
    """Its process id; stopped at the end, whatever happens."""
    words = [sys.executable, "-m", "edge.app.cli", command, "--config", str(config)]
    log = config.with_name(f"{command}.log")
    with log.open("wb") as out:
        process = subprocess.Popen(words, env={**os.environ, **more}, stdout=out, stderr=out)
    try:
        yield process.pid
        if process.poll() is not None:
            sys.stdout.write(log.read_text(encoding="utf-8"))
    finally:
        process.terminate()
        process.wait(PATIENCE_S)


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _memory_mb(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) / 1024


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    sys.exit(main())
