"""What is killed: a process that writes records, and the sync process, each for ever.

python -m tests.system.children append FILE
python -m tests.system.children sync FILE URL TOKEN
"""

import itertools
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from edge.adapters.store_sqlite import SqliteStore
from edge.adapters.uplink_http import HttpUplink
from edge.app.sync_loop import run_sync
from tests.fakes.passages import passage, stamp
from tests.system.nursery import say, serve


def append(file: str) -> None:
    """Says `wrote SEQ UUID` after each record."""
    store = SqliteStore(Path(file), "G1", "0.1.0", "none")
    for n in itertools.count():
        record = store.append(passage(n), stamp(n))
        say(f"wrote {record.seq} {record.uuid}")


def sync(file: str, url: str, token: str) -> None:
    """Says `waiting N` whenever that has changed."""
    store = SqliteStore(Path(file), "G1", "0.1.0", "none")
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


CHILDREN: dict[str, Callable[..., None]] = {"append": append, "sync": sync}

if __name__ == "__main__":
    serve(lambda: CHILDREN[sys.argv[1]](*sys.argv[2:]))
