"""`foregate sync`: the sync loops with their files, their county and their words."""

import threading
from collections.abc import Callable
from contextlib import ExitStack, closing

from edge.app import bootstrap, bootstrap_county
from edge.app.config import Config
from edge.app.county_word import FILE_NAME, HeardUplink
from edge.app.retention import retention
from edge.app.roster_sync import RosterEvent, run_roster_sync
from edge.app.settings_sync import SettingsWords, run_settings_sync
from edge.app.sync_loop import SyncEvent, run_sync

# A download that is under way when the sync stops may end by itself for so long.
LAST_WORDS_S = 2.0


def sync(config: Config, stop: threading.Event, announce: Callable[[str], None]) -> int:
    """Send records, fetch roster and settings until `stop` is set; 0.

    ConfigError, UplinkError, StoreError or RosterError: it cannot begin.
    """
    with ExitStack() as opened:
        clock = bootstrap.open_clock()
        uplink = HeardUplink(bootstrap_county.open_uplink(config), config.store.path.with_name(FILE_NAME), clock.stamp)
        opened.callback(uplink.close)
        store = bootstrap.open_late_store(config)
        opened.callback(store.close)
        opened.enter_context(retention(store, clock, config.records.keep_personal_days, announce))
        fetching = (_fetch_roster(config, stop, announce), _fetch_settings(config, stop, announce))
        county = config.county
        every_s = county.every_s if county is not None else 2.0
        status = bootstrap_county.open_status(config, store, clock, announce)
        run_sync(store, uplink, clock.now_s, stop, Words(announce), every_s, status=status)
        for thread in fetching:
            if thread is not None:
                thread.join(LAST_WORDS_S)
    return 0


def _fetch_roster(config: Config, stop: threading.Event, announce: Callable[[str], None]) -> threading.Thread | None:
    """The thread that fetches rosters; None: no roster is configured."""
    shelf = bootstrap_county.open_roster_shelf(config, announce)
    if config.roster is None or shelf is None:
        return None
    every_s = config.roster.every_s
    feed = bootstrap_county.open_roster_feed(config)

    def fetch() -> None:
        with closing(feed), closing(shelf):
            run_roster_sync(feed, shelf, stop, RosterWords(announce), every_s)

    # A daemon: a county that keeps a download hanging does not keep this process from ending.
    thread = threading.Thread(target=fetch, name="roster", daemon=True)
    thread.start()
    return thread


def _fetch_settings(config: Config, stop: threading.Event, announce: Callable[[str], None]) -> threading.Thread | None:
    """The thread that fetches the county's settings; None: no roster is configured, nobody's signature is known."""
    shelf = bootstrap_county.open_settings(config, "fetched", announce)
    if config.roster is None or shelf is None:
        return None
    every_s = config.roster.every_s
    feed = bootstrap_county.open_roster_feed(config, "settings")

    def fetch() -> None:
        with closing(feed):
            run_settings_sync(feed, shelf, stop, SettingsWords(announce), every_s)

    thread = threading.Thread(target=fetch, name="settings", daemon=True)
    thread.start()
    return thread


class Words:
    """One line whenever the sync's state has changed: all is there, something is wrong, or it is right again."""

    def __init__(self, announce: Callable[[str], None]) -> None:
        self._announce = announce
        self._told: tuple[bool, int, int, str] | None = None

    def __call__(self, event: SyncEvent) -> None:
        failure = "" if event.failure is None else str(event.failure)
        state = (event.waiting > 0, event.set_aside, event.again, failure)
        if state == self._told:
            return
        self._told = state
        counts = f"已送达 {event.acknowledged}，待送 {event.waiting}，被拒 {event.set_aside}"
        counts_en = f"acknowledged {event.acknowledged}, waiting {event.waiting}, set aside {event.set_aside}"
        if event.again:
            counts += f"，县里丢失后重送 {event.again}"
            counts_en += f", lost by the county and sent again {event.again}"
        self._announce(f"{counts} / {counts_en}" + (f"  {failure}" if failure else ""))


class RosterWords:
    """One line whenever another roster is in force, or a newer one cannot be had, or can again."""

    def __init__(self, announce: Callable[[str], None]) -> None:
        self._announce = announce

    def __call__(self, event: RosterEvent) -> None:
        header = event.in_force
        if header is None:
            words = "还没有名单 / there is no roster yet"
        else:
            words = f"名单版本 {header.version}，{header.people} 人 / "
            words += f"roster version {header.version}, {header.people} people"
        self._announce(words + (f"  {event.failure}" if event.failure is not None else ""))
