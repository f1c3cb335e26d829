"""Child processes: their lines, their end, and none left behind whatever happens to their parent."""

import os
import queue
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from edge.app.children import Child, Said

pytestmark = pytest.mark.system

WITHIN_S = 60.0
# Prints its process id, then waits for ever.
WAITS = "import os, signal\nprint(os.getpid())\nsignal.pause()\n"
DEAF = "import os, signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint(os.getpid())\nsignal.pause()\n"
HAS_A_CHILD = "import subprocess, sys\nsubprocess.run([sys.executable, '-m', 'deaf'])\n"


@pytest.fixture
def modules(tmp_path: Path) -> dict[str, str]:
    """An environment in which the modules of this test can be run."""
    for name, text in {"waits": WAITS, "deaf": DEAF, "has_a_child": HAS_A_CHILD}.items():
        (tmp_path / f"{name}.py").write_text(text)
    (tmp_path / "talks.py").write_text("import sys\nprint('一')\nprint('two', file=sys.stderr)\nsys.exit(3)\n")
    return {"PYTHONPATH": os.pathsep.join([str(tmp_path), str(Path(__file__).parents[2])])}


@contextmanager
def child(module: str, environment: dict[str, str]) -> "Iterator[tuple[Child, queue.Queue[Said]]]":
    said: queue.Queue[Said] = queue.Queue()
    one = Child(module, [module], said, environment)
    try:
        yield one, said
    finally:
        one.end()


def ended(pid: int) -> bool:
    """Whether this process ends within a minute."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([descriptor], [], [], WITHIN_S)[0])
    finally:
        os.close(descriptor)


def test_lines_come_in_order_and_the_end_is_told(modules: dict[str, str]) -> None:
    with child("talks", modules) as (one, said):
        got = [said.get(timeout=WITHIN_S) for _ in range(3)]
        assert got == [Said("talks", "一"), Said("talks", "two"), Said("talks", None)]
        assert one.wait(WITHIN_S) == 3
        assert list(one.last_lines) == ["一", "two"]


def test_stop_asks_politely(modules: dict[str, str]) -> None:
    with child("waits", modules) as (one, said):
        said.get(timeout=WITHIN_S)
        assert one.stop(WITHIN_S) == -signal.SIGTERM


@pytest.mark.parametrize("module", ["deaf", "has_a_child"])
def test_end_kills_the_deaf_and_what_they_started(module: str, modules: dict[str, str]) -> None:
    with child(module, modules) as (one, said):
        pid = int(said.get(timeout=WITHIN_S).line or "")
        assert module == "has_a_child" or one.stop(0.0) is None
        one.end()
        assert ended(pid)


def test_child_does_not_outlive_a_parent_that_was_killed(modules: dict[str, str]) -> None:
    script = (
        "import queue, sys, signal\nfrom edge.app.children import Child\nsaid = queue.Queue()\n"
        "one = Child('waits', ['waits'], said, {})\nprint(said.get().line, flush=True)\nsignal.pause()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, env={**os.environ, **modules}
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        parent.kill()
        parent.wait(WITHIN_S)
    assert ended(pid)


def test_child_whose_parent_is_gone_already_does_not_start(modules: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "edge.app.tether", "1", "talks"],
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
        env={**os.environ, **modules},
        check=False,
    )
    assert done.returncode == 1
    assert done.stdout == ""
