"""What the doctor asks of the gate that runs, and of its files: picture, reference, pins, calibration, roster, guards.

A running gate holds camera and pins: what it says of itself counts. Of one that does not run the camera is tried here.
"""

import time
from collections.abc import Callable
from contextlib import closing
from importlib import import_module
from typing import TYPE_CHECKING, Literal

from edge.app import bootstrap, bootstrap_county
from edge.app.config import Config
from edge.app.config_pins import INPUTS, OUTPUTS
from edge.app.health_file import FILE_NAME, Facts, read_facts
from edge.core.frame import Frame
from edge.core.profile import UNFIT, Profile, unfit
from edge.core.texts import FAULTS

if TYPE_CHECKING:
    from edge.ports import Camera

Level = Literal["ok", "warning", "wrong"]
Said = tuple[Level, str, str]

TRY_S, READ_S, ENOUGH_FRAMES = 4.0, 0.5, 5
SOON_MS = 14 * 86_400_000
# Of lgpio's line info: in use; and the name under which lgpio holds lines.
HELD, OURS = 1, "lg"


def facts(config: Config) -> Facts | None:
    """What the running gate says of itself; None: it does not run."""
    path = config.store.path.with_name(FILE_NAME)
    return read_facts(path, bootstrap.open_clock().stamp())


def running(told: Facts | None) -> Said:
    """Whether the gate runs, and what faults it shows on its screen."""
    if told is None:
        return (
            "warning",
            "闸机程序没有运行；请运行 sudo systemctl start foregate-gate，看 journalctl -u foregate-gate -e",
            "the gate does not run; sudo systemctl start foregate-gate, and look at journalctl -u foregate-gate -e",
        )
    if not told.faults:
        return "ok", "在运行，没有故障", "runs without a fault"
    known = [FAULTS[code] for code in told.faults if code in FAULTS]
    zh, en = "；".join(one.zh for one in known), "; ".join(one.en for one in known)
    unknown = ", ".join(code for code in told.faults if code not in FAULTS)
    return "wrong", f"{zh}{unknown}", f"{en}{unknown}"


def picture(config: Config, told: Facts | None, open_camera: Callable[[], "Camera"]) -> Said:
    """Frames, telemetry and TLinear: of a camera that the gate does not hold, a few frames are taken."""
    if told is not None:
        if "camera" in told.faults:
            return "wrong", FAULTS["camera"].zh, FAULTS["camera"].en
        return "ok", "有画面（闸机在用）", "pictures come (the gate uses it)"
    frames: list[Frame] = []
    with closing(open_camera()) as camera:
        end_s = time.monotonic() + TRY_S
        while len(frames) < ENOUGH_FRAMES and time.monotonic() < end_s:
            got = camera.read(READ_S)
            if isinstance(got, Frame):
                frames.append(got)
    if not frames:
        return (
            "wrong",
            "相机不出画面；请拔下再插上，换一根 USB 线",
            "no frame comes from the camera; unplug it and plug it in again, try another USB cable",
        )
    telemetry = frames[-1].telemetry
    rows, columns = frames[-1].counts.shape
    serial = telemetry.serial or "?"
    if config.camera.kind == "lepton" and telemetry.uptime_ms is None:
        return (
            "wrong",
            "有画面但没有遥测；请用支持遥测的 PureThermal 固件",
            "frames without telemetry; use a PureThermal firmware that sends it",
        )
    if config.camera.kind == "lepton" and telemetry.tlinear is False:
        return "wrong", "TLinear 未开；请换用 Lepton 3.5 或 2.5", "TLinear is off; use a Lepton 3.5 or 2.5"
    tlinear = {True: "TLinear", False: "raw", None: "TLinear ?"}[telemetry.tlinear]
    return "ok", f"{columns}×{rows}，{tlinear}，{serial}", f"{columns}×{rows}, {tlinear}, {serial}"


def reference(config: Config, told: Facts | None) -> Said:
    """Whether the running gate finds and believes its reference."""
    if told is None:
        return "warning", "闸机没有运行，无从判断；请先启动", "cannot be told while the gate does not run; start it"
    if "reference" in told.faults:
        return "wrong", FAULTS["reference"].zh, FAULTS["reference"].en
    temperature_c = config.reference.temperature_c
    said = "37.0 °C" if temperature_c is None else f"{temperature_c:.1f} °C"
    return "ok", f"可用，{said}", f"usable, {said}"


def lines(config: Config, told: Facts | None) -> Said:
    """Each configured line of the header: there, and held by the gate or by nobody. Nothing is moved."""
    if bootstrap.pin_factory(config) == "mock":
        return "ok", "没有接引脚", "no real pins"
    from edge.adapters.gate_gpio import open_factory

    factory = open_factory("lgpio", config.store.path.parent)
    try:
        held_by = _holders(factory.chip)
    finally:
        factory.close()
    wired = {name: getattr(config.pins, name) for name in (*OUTPUTS, *INPUTS)}
    there = {name: held_by(bcm) for name, bcm in wired.items() if bcm is not None}
    said = ", ".join(f"{name} {wired[name]}{'' if user is None else f' ({user})'}" for name, user in there.items())
    foreign = [f"{name} (BCM {wired[name]}): {user}" for name, user in there.items() if user not in (None, OURS)]
    if foreign:
        listed = ", ".join(foreign)
        return (
            "wrong",
            f"被别的程序占用：{listed}；请停掉它，或改接线",
            f"held by another program: {listed}; stop it, or wire elsewhere",
        )
    return "ok", said, said


def _holders(chip: int) -> Callable[[int], str | None]:
    """Who holds a line, as the kernel tells; None: nobody."""
    lgpio = import_module("lgpio")

    def holder(bcm: int) -> str | None:
        handle = lgpio.gpiochip_open(chip)
        try:
            _, _, flags, _, user = lgpio.gpio_get_line_info(handle, bcm)
        finally:
            lgpio.gpiochip_close(handle)
        return str(user) if flags & HELD else None

    return holder


def calibration(config: Config) -> Said:
    """What readings are corrected by, and until when."""
    if not config.calibration_file.exists():
        # Looking for the key it was signed with would make one.
        return "warning", UNFIT["missing"].zh, UNFIT["missing"].en
    found = bootstrap.open_profile(config)
    if not isinstance(found, Profile):
        level: Level = "warning" if found == "missing" else "wrong"
        return level, UNFIT[found].zh, UNFIT[found].en
    stamp = bootstrap.open_clock().stamp()
    now_ms = stamp.utc_ms if stamp.synchronised else None
    apparent_c = config.reference.temperature_c
    why = unfit(found, found.reference_c if apparent_c is None else apparent_c, now_ms)
    if why is not None and not (why == "other_reference" and config.reference.emissivity < 1):
        return "warning" if why == "expired" else "wrong", UNFIT[why].zh, UNFIT[why].en
    day = time.strftime("%Y-%m-%d", time.gmtime(found.expires_utc_ms / 1000))
    if now_ms is not None and found.expires_utc_ms - now_ms < SOON_MS:
        return "warning", f"{found.id}，{day} 到期；请安排校准", f"{found.id} expires on {day}; plan a calibration"
    return "ok", f"{found.id}，至 {day}", f"{found.id}, until {day}"


def roster(config: Config) -> Said:
    """The list of who may come in: which version, how old."""
    if config.roster is None:
        return (
            "warning",
            "未配置名单：只看体温，不问身份；需要时运行 foregate setup --roster-key",
            "none configured: temperature alone decides; foregate setup --roster-key adds one",
        )
    source = bootstrap_county.open_roster(config, lambda line: None)
    assert source is not None, "a roster is configured"
    with closing(source):
        header = source.header
    if header is None:
        return "wrong", FAULTS["roster_none"].zh, FAULTS["roster_none"].en
    stamp = bootstrap.open_clock().stamp()
    said = f"v{header.version}, {header.people}"
    if stamp.synchronised and stamp.utc_ms - header.issued_utc_ms > config.roster.max_age_h * 3_600_000:
        return "wrong", f"{said}：{FAULTS['roster_old'].zh}", f"{said}: {FAULTS['roster_old'].en}"
    return "ok", f"第 {header.version} 版，{header.people} 人", f"version {header.version}, {header.people} people"


def guards(config: Config) -> Said:
    """Whether anybody can sign in at the desk."""
    from edge.adapters.guards_file import read_guards

    names = [guard.guard_id for guard in read_guards(config.guards_file)]
    if not names:
        return (
            "warning",
            "没有门卫，无人可登录；请运行 foregate guards add",
            "there are none, nobody can sign in; run foregate guards add",
        )
    return "ok", f"{len(names)} 人", f"{len(names)}"
