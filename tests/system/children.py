"""What is killed: a process that writes records, a whole gate, and the sync process, each for ever.

python -m tests.system.children append FILE
python -m tests.system.children gate FILE
python -m tests.system.children sync FILE URL TOKEN
"""

import itertools
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from edge.adapters.camera_sim import SimCamera, SimSettings
from edge.adapters.store_sqlite import SqliteStore
from edge.adapters.uplink_http import HttpUplink
from edge.app import bootstrap
from edge.app.config import Config
from edge.app.gate_loop import run_gate
from edge.app.sync_loop import run_sync
from edge.core import outbox
from tests.fakes.passages import passage, stamp
from tests.fakes.signing import SIGNER
from tests.system.nursery import say, serve

BATCH = 7


def append(file: str) -> None:
    """Says `wrote SEQ UUID` after each record."""
    store = SqliteStore(Path(file), "G1", "0.1.0", "none", SIGNER)
    for n in itertools.count():
        record = store.append(passage(n), stamp(n))
        say(f"wrote {record.seq} {record.uuid}")


def gate(file: str) -> None:
    """The gate's own loop with all its parts, before a crowd that comes as fast as the processor allows.

    Says what the gate announces: one line for each person, `#SEQ ...` once their record is written.
    """
    config = Config.model_validate(
        {
            "gate": {"id": "G1"},
            # Its frames have a clock of their own, as a recording's have.
            "camera": {"kind": "replay", "path": "simulated crowd"},
            "store": {"path": file},
            "screen": {"port": 0},
        }
    )
    seed = time.monotonic_ns() % 2**32
    crowd = SimCamera(SimSettings(seed=seed, people_every_s=1.6, fever_fraction=0.2))
    bootstrap.open_camera = lambda config, clock: crowd
    run_gate(config, threading.Event(), say_lines)


def say_lines(text: str) -> None:
    for line in text.splitlines():
        say(line)


def sync(file: str, url: str, token: str) -> None:
    """Says `waiting N` whenever that has changed. In small batches, so that a kill finds one under way."""
    outbox.BATCH_RECORDS = BATCH
    store = SqliteStore(Path(file), "G1", "0.1.0", "none", SIGNER)
    uplink = HttpUplink(url, token)
    run_sync(
        store,
        uplink,
        time.monotonic,
        threading.Event(),
        lambda event: say(f"waiting {event.waiting}"),
        every_s=0.05,
        # The shortest pauses that the outbox knows.
        uniform=lambda: 0.0,
    )


CHILDREN: dict[str, Callable[..., None]] = {"append": append, "gate": gate, "sync": sync}

if __name__ == "__main__":
    serve(lambda: CHILDREN[sys.argv[1]](*sys.argv[2:]))
