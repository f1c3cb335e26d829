"""What the county commands of this gate: shown first, then in force; the site's own configuration lies beneath."""

from collections.abc import Callable

from edge.app.commanded_config import settings_of, with_settings
from edge.app.config import Config
from edge.core.commanded import Commanded
from edge.core.commanding import Notice, changes
from edge.core.contents import GateEvent
from edge.core.errors import ConfigError
from edge.core.texts import EVENTS
from edge.ports import SettingsShelf

LOOK_EVERY_S = 5.0
# A disk that did not take them is asked again.
AGAIN_S = 60.0


class CountySettings:
    """Of one gate. `config`: what it goes by now; `notice`: what is shown and not in force yet; `refused`: newer
    settings are there that contradict the site's configuration. For one thread.
    """

    def __init__(
        self, site: Config, shelves: tuple[SettingsShelf, SettingsShelf] | None, announce: Callable[[str], None]
    ) -> None:
        """shelves: what the sync has fetched, and what is in force; None: this gate takes no settings."""
        self._site, self._shelves, self._announce = site, shelves, announce
        self._looked_at_s = self._again_at_s = float("-inf")
        self._refused: int | None = None
        self.config = self._next = site
        self.version: int | None = None
        self.notice: Notice | None = None
        if shelves is not None and (held := shelves[1].held()) is not None:
            self._resume(held[0])

    @property
    def refused(self) -> bool:
        return self._refused is not None

    def started(self) -> tuple[GateEvent, ...]:
        """What is written down at the start: by which settings the gate goes, unless by the site's alone."""
        return () if self.version is None else (_event("settings_in_force", self.version),)

    def step(self, now_s: float, nobody_there: bool) -> tuple[GateEvent, ...]:
        """One moment further; what is to be written down of it. `config` is another one once settings are in force."""
        if self._shelves is None:
            return ()
        events: tuple[GateEvent, ...] = ()
        if now_s - self._looked_at_s >= LOOK_EVERY_S:
            self._looked_at_s = now_s
            events = self._look(self._shelves[0], now_s)
        if self.notice is not None and self.notice.is_due(now_s, nobody_there) and now_s >= self._again_at_s:
            events += self._take(self.notice, self._shelves, now_s)
        return events

    def _resume(self, commanded: Commanded) -> None:
        try:
            self.config = self._next = with_settings(self._site, commanded.settings)
            self.version = commanded.version
        except ConfigError as error:
            # The site's configuration was changed since: the gate goes by that alone, and says so.
            self._refuse(commanded, error)

    def _look(self, fetched: SettingsShelf, now_s: float) -> tuple[GateEvent, ...]:
        held = fetched.held()
        if held is None or held[0].version <= (self.version or 0):
            self.notice = None
            return ()
        new = held[0]
        if new.version == self._refused or (self.notice is not None and self.notice.commanded == new):
            return ()
        try:
            self._next, self._refused = with_settings(self._site, new.settings), None
        except ConfigError as error:
            self.notice = None
            return self._refuse(new, error)
        self.notice = Notice(new, changes(settings_of(self.config), settings_of(self._next)), now_s)
        return (self._told("settings_shown", new.version),)

    def _take(
        self, notice: Notice, shelves: tuple[SettingsShelf, SettingsShelf], now_s: float
    ) -> tuple[GateEvent, ...]:
        held = shelves[0].held()
        if held is None or held[0] != notice.commanded:
            # Replaced in this very moment: shown anew before anything comes into force.
            self._looked_at_s = float("-inf")
            return ()
        try:
            shelves[1].put(held[1])
        except ConfigError as error:
            self._again_at_s = now_s + AGAIN_S
            self._announce(str(error))
            return ()
        self.config, self.version, self.notice = self._next, notice.commanded.version, None
        return (self._told("settings_in_force", notice.commanded.version),)

    def _refuse(self, commanded: Commanded, error: ConfigError) -> tuple[GateEvent, ...]:
        self._refused = commanded.version
        self._announce(
            f"县里的设置版本 {commanded.version} 与本机配置不合，未采用：{error.zh} / the county's settings version"
            f" {commanded.version} contradict this gate's configuration and were not taken: {error.en}"
        )
        return (_event("settings_refused", commanded.version),)

    def _told(self, code: str, version: int) -> GateEvent:
        self._announce(f"{EVENTS[code]} ({version})")
        return _event(code, version)


def _event(code: str, version: int) -> GateEvent:
    return GateEvent(code, None, version, None, "")
