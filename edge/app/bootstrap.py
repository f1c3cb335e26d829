"""The only wiring: which adapter stands behind which port, as the configuration says. Whoever opens a part closes it.

An adapter is imported when it is opened, so that the sync process carries no camera and no OpenCV.
"""

import importlib.metadata
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

from edge.app.config import Config
from edge.app.config_pins import PinsSection
from edge.app.config_screen import TabletSection
from edge.app.local_time import local_time
from edge.core.errors import ConfigError, ScreenError
from edge.core.prompts import volume_percent
from edge.ports import (
    BadgeReader,
    Camera,
    Clock,
    FaceDetector,
    GateIO,
    Guards,
    Voice,
    Watchdog,
)

if TYPE_CHECKING:
    from edge.adapters.camera_sim import SimSettings
    from edge.adapters.device_key import DeviceKey
    from edge.adapters.gate_gpio import Wiring
    from edge.adapters.store_sqlite import SqliteStore
    from edge.adapters.web_screen import WebScreen
    from edge.app.late_store import LateStore
    from edge.app.sim_people import SimPeople
    from edge.core.profile import Profile, Unfit

# What records say until a gate has been calibrated.
CALIBRATION_VERSION = "uncalibrated"
REAL_CAMERAS = ("lepton", "boson")


def say(line: str) -> None:
    """One line for the journal, at once."""
    print(line, flush=True)


def software_version() -> str:
    """The version that records carry."""
    return importlib.metadata.version("foregate")


def open_clock() -> Clock:
    """ConfigError: this machine has no such clock."""
    from edge.adapters.clock_system import SystemClock

    return SystemClock()


def open_camera(config: Config, clock: Clock) -> Camera:
    """RecordingError or CameraError: the source can never deliver."""
    kind = config.camera.kind
    if kind == "replay":
        from edge.adapters.camera_replay import ReplayCamera

        if config.camera.path is None:
            raise ConfigError(
                "camera.path 未写：要播放哪个录像？", "camera.path is not set: which recording is played?"
            )
        return ReplayCamera(config.camera.path, speed="real", fps=config.camera.fps, unit=config.camera.unit)
    if kind == "sim":
        from edge.adapters.camera_sim import SimCamera

        return SimCamera(sim_settings(config), clock.now_s)
    from edge.adapters.camera_flirpy import BosonCamera, LeptonCamera

    return (LeptonCamera if kind == "lepton" else BosonCamera)(now_s=clock.now_s)


def open_people(config: Config, clock: Clock, gate_io: GateIO) -> "SimPeople | None":
    """Simulated people who hold out badges and look at this gate's lamp; None: the configuration wants none.

    CameraError: the file for the truth about them cannot be written.
    """
    sim = config.sim
    if not sim.badges:
        return None
    from edge.adapters.camera_sim import SimCamera
    from edge.app.demo_cast import guests
    from edge.app.sim_people import SimPeople

    camera = SimCamera(sim_settings(config), clock.now_s, schedule=(), open_end=True)
    return SimPeople(camera, gate_io, clock.now_s, guests(), sim.people_every_s, sim.people, sim.seed)


def sim_settings(config: Config) -> "SimSettings":
    """The scene that the configuration describes, in real time."""
    from edge.adapters.camera_sim import SimSettings

    given, reference = SimSettings(), config.reference
    return SimSettings(
        seed=config.sim.seed,
        # It is mounted as the configuration says, and its reference is what the configuration believes in.
        rotation_deg=given.rotation_deg if config.camera.rotation_deg is None else config.camera.rotation_deg,
        reference_temperature_c=reference.temperature_c or given.reference_temperature_c,
        reference_emissivity=reference.emissivity,
        people_every_s=config.sim.people_every_s,
        people=config.sim.people,
        fever_fraction=config.sim.fever_fraction,
        ambient_c=config.sim.ambient_c,
        realtime=True,
        truth_path=config.sim.truth_file,
    )


def open_detector() -> FaceDetector:
    """ConfigError: the shipped model is damaged."""
    import cv2

    from edge.adapters.detector_dnn import DnnFaceDetector
    from edge.core.faces import WEAK_SCORE

    # The board's other cores are not ours, and a network this small gains nothing from them.
    cv2.setNumThreads(1)
    return DnnFaceDetector(weak_score=WEAK_SCORE)


def open_store(config: Config) -> "SqliteStore":
    """StoreError: the file cannot be used."""
    from edge.adapters.store_sqlite import SqliteStore

    return SqliteStore(
        config.store.path, config.gate.id, software_version(), CALIBRATION_VERSION, open_device_key(config)
    )


def open_late_store(config: Config) -> "LateStore":
    """The records of a service: it goes on without them, and has them as soon as the file can be used."""
    from edge.app.late_store import LateStore

    return LateStore(lambda: open_store(config))


def open_profile(config: Config) -> "Profile | Unfit":
    """The calibration in force, if this device signed it; or why there is none. StoreError: no device key to be had."""
    from edge.adapters.device_key import verifier
    from edge.adapters.profile_file import read_profile

    return read_profile(config.calibration_file, verifier([open_device_key(config).public_key]))


def open_device_key(config: Config) -> "DeviceKey":
    """The gate's own key, beside its records; made when there is none. StoreError: it can be neither read nor made."""
    from edge.adapters.device_key import FILE_NAME, DeviceKey

    return DeviceKey(config.store.path.with_name(FILE_NAME))


def open_screen(config: Config, announce: Callable[[str], None]) -> "WebScreen":
    """Without the tablets' page when that cannot be had, for the gate works without it: why is announced.

    ScreenError: the address is not ours or not free.
    """
    if config.tablet is None:
        return _screen(config)
    try:
        return _screen(config, config.tablet)
    except ScreenError as error:
        # Raised anew by the screen itself when that is what cannot be had.
        screen = _screen(config)
        announce(str(error))
        return screen


def _screen(config: Config, tablet: TabletSection | None = None) -> "WebScreen":
    from edge.adapters.web_screen import Tablet, WebScreen

    screen = config.screen
    return WebScreen(
        screen.host,
        screen.port,
        allow_remote=screen.allow_remote,
        names=screen.names,
        hold_s=config.policy.hold_s,
        sign_in_s=config.entry.sign_in_s,
        tablet=None if tablet is None else Tablet(**tablet.model_dump()),
    )


def pin_factory(config: Config) -> Literal["lgpio", "mock"]:
    """`auto` means real pins with a real camera and none without one: never what happens to be installed."""
    if config.pins.factory == "auto":
        return "lgpio" if config.camera.kind in REAL_CAMERAS else "mock"
    return config.pins.factory


def open_gate_io(config: Config) -> GateIO:
    """GateIOError: the pins cannot be had."""
    from edge.adapters.gate_gpio import GpioGate, open_factory

    # The records' folder is the one place that the gate's user may surely write to.
    return GpioGate(wiring(config.pins), open_factory(pin_factory(config), config.store.path.parent))


def open_watchdog() -> Watchdog:
    """Silent where no systemd listens."""
    from edge.adapters.watchdog import SystemdWatchdog

    return SystemdWatchdog()


def wiring(pins: PinsSection) -> "Wiring":
    """The lines of the gate as the configuration names them."""
    from edge.adapters.gate_gpio import Contact, Line, Wiring

    def contact(name: str) -> Contact | None:
        bcm: int | None = getattr(pins, name)
        if bcm is None:
            return None
        return Contact(bcm, getattr(pins, f"{name}_active_high"), getattr(pins, f"{name}_pull"))

    return Wiring(
        red=Line(pins.red, pins.red_active_high),
        amber=Line(pins.amber, pins.amber_active_high),
        green=Line(pins.green, pins.green_active_high),
        buzzer=Line(pins.buzzer, pins.buzzer_active_high),
        relay=Line(pins.relay, pins.relay_active_high),
        relay_pulse_s=pins.relay_pulse_s,
        passed=contact("passed"),
        exit=contact("exit"),
        fire=contact("fire"),
        tamper=contact("tamper"),
        debounce_s=pins.debounce_s,
        turn_within_s=pins.turn_within_s,
    )


def open_badges(config: Config, clock: Clock) -> BadgeReader | None:
    """The badge readers; None: none is configured. ReaderError: evdev is missing, or a reader may not be opened."""
    from edge.adapters.badge_evdev import EvdevBadges, EvdevKeyboards, ReaderSettings

    if not config.readers:
        return None
    readers = [ReaderSettings(**one.model_dump()) for one in config.readers]
    return EvdevBadges(readers, EvdevKeyboards(), clock.now_s)


def open_guards(config: Config, announce: Callable[[str], None] = say) -> Guards:
    """Who may act at the desk; announce: told of a file that lets nobody sign in."""
    from edge.adapters.guards_file import GuardsFile

    return GuardsFile(config.guards_file, announce)


def open_technicians(config: Config) -> Guards:
    """Who may sign in at the technician's pages: the same file, and nobody else in it."""
    from edge.adapters.guards_file import GuardsFile

    # What is wrong with the file is told by open_guards.
    return GuardsFile(config.guards_file, lambda line: None, ("technician",))


def open_voice(config: Config, clock: Clock, announce: Callable[[str], None] = say) -> Voice | None:
    """Who speaks the prompts; None: no [voice] is configured, or it is muted. announce: told when it cannot."""
    from edge.adapters.voice import AlsaVoice, Language

    voice, zone = config.voice, ZoneInfo(config.gate.timezone)
    if voice is None or voice.mute:
        return None

    def volume() -> int:
        there = local_time(clock.stamp(), zone)
        return volume_percent(there.minute if there else None, voice.volume_percent, voice.by_time)

    languages: tuple[Language, ...] = ("zh", "en") if voice.language == "both" else (voice.language,)
    return AlsaVoice(languages, volume, announce, voice.device)
