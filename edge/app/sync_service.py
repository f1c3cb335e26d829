"""`foregate sync`: the sync loop with its file, its county and its words."""

import threading
from collections.abc import Callable
from contextlib import ExitStack

from edge.app import bootstrap
from edge.app.config import Config
from edge.app.sync_loop import SyncEvent, run_sync


def sync(config: Config, stop: threading.Event, announce: Callable[[str], None]) -> int:
    """Send until `stop` is set; 0. ConfigError, UplinkError or StoreError: it cannot begin."""
    with ExitStack() as opened:
        uplink = bootstrap.open_uplink(config)
        opened.callback(uplink.close)
        store = bootstrap.open_store(config)
        opened.callback(store.close)
        clock = bootstrap.open_clock()
        county = config.county
        every_s = county.every_s if county is not None else 2.0
        run_sync(store, uplink, clock.now_s, stop, Words(announce), every_s)
    return 0


class Words:
    """One line whenever the sync's state has changed: all is there, something is wrong, or it is right again."""

    def __init__(self, announce: Callable[[str], None]) -> None:
        self._announce = announce
        self._told: tuple[bool, int, str] | None = None

    def __call__(self, event: SyncEvent) -> None:
        failure = "" if event.failure is None else str(event.failure)
        state = (event.waiting > 0, event.set_aside, failure)
        if state == self._told:
            return
        self._told = state
        counts = f"已送达 {event.acknowledged}，待送 {event.waiting}，被拒 {event.set_aside}"
        counts_en = f"acknowledged {event.acknowledged}, waiting {event.waiting}, set aside {event.set_aside}"
        self._announce(f"{counts} / {counts_en}" + (f"  {failure}" if failure else ""))
