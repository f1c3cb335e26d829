"""`foregate calibrate`: the wizard at this terminal, what is in force, the way back, and the certificate."""

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from calibration import state as states
from calibration import wizard
from calibration.concluding import Conclusion
from calibration.procedure import start
from calibration.profiling import plain_profile
from calibration.prompts import Prompt
from calibration.state import Setup, State
from edge.adapters.device_key import verifier
from edge.adapters.profile_file import install, kept, read_profile, replace_whole, restore
from edge.app import bootstrap
from edge.app.config import Config
from edge.app.config_pins import PinsSection
from edge.app.settings import pipeline_settings
from edge.core.errors import CalibrationError
from edge.core.frame import Frame
from edge.core.profile import UNFIT, Profile
from edge.core.signals import EXIT, IDLE, Signal
from edge.ports import Camera, GateIO

# What was begun yesterday is another day's: the room, the camera and the blackbody have changed since.
OLDEST_SESSION_MS = 12 * 3_600_000
OUTPUTS = {
    "red": Signal("red"), "amber": Signal("amber"), "green": Signal("green"), "buzzer": Signal("off", "long"),
    "relay": EXIT,
}  # fmt: skip
INPUTS = ("exit", "fire", "tamper", "passed")

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Options:
    """again: forget an unfinished one; valid_days: until it expires."""

    again: bool = False
    valid_days: float = 180.0


def calibrate(config: Config, options: Options, say: Say, ask: Callable[[str], str] = input) -> int:
    """The whole procedure; 0 when a profile is in force, 1 when it was given up or is void."""
    with ExitStack() as opened:
        camera, hands = calibration_camera(config)
        opened.callback(camera.close)
        gate_io = bootstrap.open_gate_io(config)
        opened.callback(gate_io.close)
        began = begun(config, camera, options, say)
        last = wizard.run(began, _surroundings(config, options, camera, hands, gate_io, say, ask))
    config.calibration_session_file.unlink(missing_ok=True)
    if last.stage != "done":
        return 1
    say("证书 / certificate: foregate calibrate certificate --out DIR")
    return 0


def show(config: Config, say: Say) -> int:
    """What is in force; 0, or 1 when none is."""
    found = bootstrap.open_profile(config)
    if not isinstance(found, Profile):
        say(f"{config.calibration_file}：{UNFIT[found]}")
        return 1
    made, expires = (_day(ms) for ms in (found.made_utc_ms, found.expires_utc_ms))
    acceptance = found.plain["acceptance"]
    say(f"{found.id}  {made} … {expires}")
    say(f"传感器 / sensor {found.serial}; 参考 / reference {found.reference_c:.2f} °C")
    say(f"增益 / gain {found.correction.gain:.4f}, 零点 / offset {found.correction.offset_k:+.3f} K")
    say(f"E = {acceptance['error_k']:+.3f} K, U = {acceptance['expanded_k']:.3f} K")
    if _utc_ms() >= found.expires_utc_ms:
        say(str(UNFIT["expired"]))
    return 0


def back(config: Config, say: Say) -> int:
    """The former profile is in force again; 0. CalibrationError: there is none, or it was altered."""
    path, verify = config.calibration_file, verifier([bootstrap.open_device_key(config).public_key])
    now = read_profile(path, verify)
    former = now.plain.get("previous") if isinstance(now, Profile) else _newest(path)
    if not isinstance(former, str):
        raise CalibrationError("没有更早的校准可恢复", "there is no former calibration to go back to")
    say(f"已恢复 / in force again: {restore(path, former, verify).id}")
    return 0


def certificate(config: Config, out: Path, say: Say) -> int:
    """PDF and HTML of what is in force, into this folder; 0. CalibrationError: nothing is, or it cannot be written."""
    from calibration.certificate import write_certificate

    found = bootstrap.open_profile(config)
    if not isinstance(found, Profile):
        raise CalibrationError(UNFIT[found].zh, UNFIT[found].en)
    for path in write_certificate(found, out):
        say(str(path))
    return 0


def _newest(path: Path) -> str | None:
    """Of the kept ones, when that in force cannot be read."""
    names = sorted(kept(path, "x").parent.glob("cal-*.json"), key=lambda one: one.stat().st_mtime)
    return names[-1].stem if names else None


def calibration_camera(config: Config) -> tuple[Camera, Callable[[Prompt], None]]:
    """The camera that is calibrated, and the hands before it: a simulation brings its own. CameraError."""
    if config.camera.kind != "sim":
        return bootstrap.open_camera(config, bootstrap.open_clock()), lambda prompt: None
    from edge.adapters.camera_sim import BlackbodyCamera
    from edge.app.sim_technician import SimTechnician

    settings = bootstrap.sim_settings(config)
    sim = BlackbodyCamera(
        settings.seed,
        rotation_deg=settings.rotation_deg,
        ambient_c=settings.ambient_c,
        reference_c=settings.reference_temperature_c,
        # One frame a second is enough for a look a second, and nobody waits for a simulation.
        every=9,
    )
    return sim, SimTechnician(sim).arrange


def begun(config: Config, camera: Camera, options: Options, say: Say) -> State:
    """Where the procedure begins: at the unfinished one of today, or anew."""
    path = config.calibration_session_file
    if not options.again and path.exists():
        found = states.loaded(path.read_bytes())
        if found is not None and _utc_ms() - found.setup.began_utc_ms < OLDEST_SESSION_MS and found.over is None:
            say("接着上次未完成的校准（从头开始：--again）/ going on with the unfinished one (anew: --again)")
            return found
    settings = pipeline_settings(config, camera.info)
    now = bootstrap.open_profile(config)
    previous = None
    if isinstance(now, Profile):
        previous = {"id": now.id, "made_utc_ms": now.made_utc_ms, "gain": now.correction.gain,
                    "offset_k": now.correction.offset_k}  # fmt: skip
    setup = Setup(
        config.gate.id, camera.info.rows, camera.info.columns, settings.rotation_deg, settings.reference_c,
        config.skin.emissivity, _utc_ms(), _lines(config.pins), previous,
    )  # fmt: skip
    return start(setup)


def _lines(pins: PinsSection) -> tuple[str, ...]:
    return (*OUTPUTS, *(name for name in INPUTS if getattr(pins, name) is not None))


def _surroundings(
    config: Config, options: Options, camera: Camera, hands: Callable[[Prompt], None], gate_io: GateIO, say: Say,
    ask: Callable[[str], str],
) -> wizard.Surroundings:  # fmt: skip
    key, clock = bootstrap.open_device_key(config), bootstrap.open_clock()

    def try_line(name: str) -> None:
        gate_io.inputs()
        gate_io.show(OUTPUTS.get(name, IDLE))

    def sign(state: State, found: Conclusion) -> str:
        gate_io.show(IDLE)
        plain = plain_profile(state, found, _utc_ms(), options.valid_days, bootstrap.software_version())
        return install(config.calibration_file, plain, key.sign).id

    def now_s(frame: Frame) -> float:
        return frame.t_s if config.camera.kind in ("sim", "replay") else clock.now_s()

    return wizard.Surroundings(
        camera=camera,
        save=lambda state: replace_whole(config.calibration_session_file, states.dumped(state)),
        say=say,
        ask=ask,
        arrange=hands,
        try_line=try_line,
        heard=lambda name: any(one.kind == name for one in gate_io.inputs()),
        sign=sign,
        now_s=now_s,
        utc_ms=_utc_ms,
    )


def _utc_ms() -> int:
    return round(time.time() * 1000)


def _day(utc_ms: int) -> str:
    return datetime.fromtimestamp(utc_ms / 1000, UTC).date().isoformat()
