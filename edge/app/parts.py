"""What a gate is made of: one part behind each port, opened as the configuration says."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass

from edge.app import bootstrap, bootstrap_county
from edge.app.calibrated import Calibrated
from edge.app.config import Config
from edge.app.settings import reference_c
from edge.ports import (
    BadgeReader,
    Camera,
    Clock,
    Desk,
    FaceDetector,
    GateIO,
    Guards,
    RosterSource,
    Screen,
    SettingsShelf,
    Store,
    Voice,
    Watchdog,
)


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of one gate. Without a roster nobody is asked who they are.

    settings: of the county, as the sync has fetched them and as they are in force; None: this gate takes none.
    """

    camera: Camera
    detector: FaceDetector
    gate_io: GateIO
    store: Store
    screen: Screen
    clock: Clock
    roster: RosterSource | None = None
    badges: BadgeReader | None = None
    voice: Voice | None = None
    desk: Desk | None = None
    guards: Guards | None = None
    watchdog: Watchdog | None = None
    calibrated: Calibrated | None = None
    settings: tuple[SettingsShelf, SettingsShelf] | None = None


def open_parts(config: Config, opened: ExitStack, announce: Callable[[str], None]) -> Parts:
    """Everything a gate needs, to be closed with `opened`. ForegateError: a part cannot be had."""
    clock = bootstrap.open_clock()
    store = bootstrap.open_late_store(config)
    opened.callback(store.close)
    gate_io = bootstrap.open_gate_io(config)
    opened.callback(gate_io.close)
    roster = bootstrap_county.open_roster(config, announce)
    if roster is not None:
        opened.callback(roster.close)
    people = bootstrap.open_people(config, clock, gate_io)
    if people is not None:
        opened.callback(people.close)
    badges = people.badges if people is not None else bootstrap.open_badges(config, clock)
    if badges is not None:
        opened.callback(badges.close)
    voice = bootstrap.open_voice(config, clock)
    if voice is not None:
        opened.callback(voice.close)
    screen = bootstrap.open_screen(config, announce)
    opened.callback(screen.close)
    camera = people if people is not None else bootstrap.open_camera(config, clock)
    opened.callback(camera.close)
    reference = reference_c(config, camera.info)
    calibrated = Calibrated(config, bootstrap.open_profile(config), reference, announce, store.calibrated_by)
    announce(f"屏幕 / screen: {screen.url}")
    if screen.tablet_port is not None:
        announce(f"平板 / tablets: https, 端口 / port {screen.tablet_port}")
    return Parts(
        camera,
        bootstrap.open_detector(),
        gate_io if people is None else people.lamp,
        store,
        screen,
        clock,
        roster,
        badges,
        voice,
        desk=screen,
        guards=bootstrap.open_guards(config, announce),
        watchdog=bootstrap.open_watchdog(),
        calibrated=calibrated,
        settings=_settings(config, announce),
    )


def _settings(config: Config, announce: Callable[[str], None]) -> tuple[SettingsShelf, SettingsShelf] | None:
    fetched = bootstrap_county.open_settings(config, "fetched", announce)
    in_force = bootstrap_county.open_settings(config, "in_force", announce)
    return None if fetched is None or in_force is None else (fetched, in_force)
