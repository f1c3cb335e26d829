"""The wiring towards the county: rosters, settings, uplink and what is told of the gate. The rest: bootstrap.py."""

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

from edge.app.bootstrap import CALIBRATION_VERSION, open_profile, say, software_version
from edge.app.config import Config, CountySection
from edge.app.local_time import local_time
from edge.core.errors import ConfigError
from edge.ports import Clock, RosterFeed, RosterShelf, RosterSource, SettingsShelf, Store, Uplink

if TYPE_CHECKING:
    from edge.app.status_report import StatusReport
    from edge.core.record import Stamp
    from edge.core.upkeep import Outlook


def open_roster(config: Config, announce: Callable[[str], None] = say) -> RosterSource | None:
    """The list of who may come in; None: no [roster] is configured, nobody is asked who they are.

    announce: told once of each file that is not taken. RosterError: the key file cannot be used.
    """
    from edge.adapters.roster_file import RosterFile, read_public_keys

    roster = config.roster
    if roster is None:
        return None
    return RosterFile(roster.path, read_public_keys(roster.key_file), roster.school, announce, background=True)


def open_roster_shelf(config: Config, announce: Callable[[str], None] = say) -> RosterShelf | None:
    """Where newer rosters are put; None: no [roster] is configured. RosterError: the key file cannot be used."""
    from edge.adapters.roster_file import FileShelf, read_public_keys

    roster = config.roster
    if roster is None:
        return None
    return FileShelf(roster.path, read_public_keys(roster.key_file), roster.school, announce)


def open_roster_feed(config: Config, what: Literal["roster", "settings"] = "roster") -> RosterFeed:
    """ConfigError: no county is configured. UplinkError: address, token or certificates cannot be used."""
    from edge.adapters.uplink_http import HttpRosterFeed, read_token

    county = _county(config)
    return HttpRosterFeed(county.url, read_token(county.token_file), county.ca_file, proxy=county.proxy, what=what)


def open_settings(
    config: Config, which: Literal["fetched", "in_force"], announce: Callable[[str], None] = say
) -> SettingsShelf | None:
    """The county's settings, as the sync has fetched them or as the gate goes by them; None: no [roster] is configured,
    and so nobody's signature is known. RosterError: the key file cannot be used.
    """
    from edge.adapters.roster_file import SettingsFile, read_public_keys

    roster = config.roster
    if roster is None:
        return None
    path = config.store.path.with_name(f"county-settings.{which}")
    return SettingsFile(path, read_public_keys(roster.key_file), roster.school, announce)


def open_uplink(config: Config) -> Uplink:
    """ConfigError: no county is configured. UplinkError: address, token or certificates cannot be used."""
    from edge.adapters.uplink_http import HttpUplink, read_token

    county = _county(config)
    return HttpUplink(county.url, read_token(county.token_file), county.ca_file, proxy=county.proxy)


def open_status(config: Config, store: Store, clock: Clock, announce: Callable[[str], None] = say) -> "StatusReport":
    """What the county is told of this gate about every minute."""
    from edge.app import upkeep
    from edge.app.health_file import FILE_NAME
    from edge.app.status_report import StatusReport
    from edge.core.profile import Profile

    def calibration() -> tuple[str, int | None]:
        found = open_profile(config)
        return (found.id, found.expires_utc_ms) if isinstance(found, Profile) else (CALIBRATION_VERSION, None)

    def days(now: "Stamp") -> "Outlook | None":
        there = local_time(now, zone)
        return None if there is None else upkeep.outlook_now(config, date.fromisoformat(there.date))

    zone, place = ZoneInfo(config.gate.timezone), config.store.path.with_name(FILE_NAME)
    return StatusReport(store, clock, zone, place, software_version(), calibration, days, announce)


def _county(config: Config) -> CountySection:
    if config.county is None:
        raise ConfigError(
            "配置里没有 [county]，没有可上传的地方；请写上 url 和 token_file",
            "the configuration has no [county], so there is nowhere to send to; add its url and token_file",
        )
    return config.county
