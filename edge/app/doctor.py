"""`foregate doctor`: everything a gate needs from its machine, one line each, with what to do where it is wrong."""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from pathlib import Path
from typing import Literal

from edge.app import (
    bootstrap,
    bootstrap_county,
    doctor_board,
    doctor_devices,
    doctor_gate,
    doctor_network,
    doctor_tablet,
    drift_words,
)
from edge.app.config import Config
from edge.app.config_file import load
from edge.app.config_pins import INPUTS, OUTPUTS
from edge.app.disk_room import NEARLY_FULL_BELOW_MB, free_mb
from edge.app.health_file import Facts
from edge.core.errors import ConfigError, ForegateError
from edge.core.frame import NoFrame

Level = Literal["ok", "warning", "wrong"]

PACKAGES = ("numpy", "opencv-python-headless", "flirpy", "gpiozero", "pydantic", "requests", "starlette", "uvicorn")
# flirpy 0.6.2 fails from there on.
NUMPY_BELOW = (2, 4)
DISK_WRONG_MB = 50


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, how it is, and what it says (with the remedy unless it is ok), in both languages."""

    name: str
    level: Level
    zh: str
    en: str


def examine(path: Path | None, overrides: Sequence[str]) -> list[Finding]:
    """Look at everything; a configuration that cannot be used is one finding, and the machine is still examined."""
    findings = [_guarded("python", python), _guarded("packages", packages), _guarded("opencv", one_opencv)]
    findings.append(_guarded("numpy", numpy_version))
    try:
        config = load(path, overrides)
    except ConfigError as error:
        return [*findings, Finding("config", "wrong", error.zh, error.en)]
    said = "默认值" if path is None else str(path)
    findings.append(Finding("config", "ok", said, "defaults" if path is None else said))
    told = doctor_gate.facts(config)
    checks: dict[str, Callable[[], Finding]] = {
        "release": lambda: Finding("release", *doctor_board.release()),
        "gate": lambda: Finding("gate", *doctor_gate.running(told)),
        "camera": lambda: camera(config),
        "picture": lambda: picture(config, told),
        "reference": lambda: Finding("reference", *doctor_gate.reference(config, told)),
        "calibration": lambda: Finding("calibration", *doctor_gate.calibration(config)),
        "drift": lambda: Finding("drift", *drift_words.finding(config)),
        "pins": lambda: pins(config),
        "lines": lambda: Finding("lines", *doctor_gate.lines(config, told)),
        "readers": lambda: Finding("readers", *doctor_devices.readers(config)),
        "voice": lambda: Finding("voice", *doctor_devices.voice(config)),
        "store": lambda: store(config),
        "disk": lambda: disk(config),
        "wear": lambda: Finding("wear", *doctor_board.wear(_folder_there(config.store.path))),
        "board": lambda: Finding("board", *doctor_board.heat()),
        "clock": clock,
        "roster": lambda: Finding("roster", *doctor_gate.roster(config)),
        "guards": lambda: Finding("guards", *doctor_gate.guards(config)),
        "county": lambda: county(config),
        "screen": lambda: screen(config),
        **({} if config.tablet is None else {"tablet": lambda: Finding("tablet", *doctor_tablet.certificate(config))}),
    }
    return findings + [_guarded(name, check) for name, check in checks.items()]


def report(findings: Sequence[Finding], as_json: bool) -> str:
    """One line for each finding, or a JSON list of them."""
    if as_json:
        return json.dumps([asdict(finding) for finding in findings], ensure_ascii=False, indent=1)
    return "\n".join(_lines(findings))


def python() -> Finding:
    """Which one; the installer refuses one that is too old."""
    said = "Python {}.{}.{}".format(*sys.version_info[:3])
    return Finding("python", "ok", said, said)


def packages() -> Finding:
    """All that setup.py names is installed."""
    found, missing = [], []
    for name in PACKAGES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            missing.append(name)
    if missing:
        listed = ", ".join(missing)
        return Finding(
            "packages", "wrong", f"缺少 {listed}；请运行 make install", f"{listed} missing; run make install"
        )
    return Finding("packages", "ok", ", ".join(found), ", ".join(found))


def one_opencv() -> Finding:
    """Exactly one distribution owns cv2: two of them overwrite each other's files."""
    owners = sorted(set(packages_distributions().get("cv2", ())))
    listed = ", ".join(owners) or "cv2"
    if len(owners) == 1:
        return Finding("opencv", "ok", listed, listed)
    return Finding(
        "opencv",
        "wrong",
        f"{'没有' if not owners else '多个软件包都提供 cv2：'}{listed}；请全部卸载后只装 opencv-python-headless",
        f"{'no ' if not owners else 'several packages own cv2: '}{listed}; "
        "remove them all and install opencv-python-headless alone",
    )


def numpy_version() -> Finding:
    """Older than 2.4, which flirpy cannot use."""
    found = version("numpy")
    if tuple(int(part) for part in found.split(".")[:2]) < NUMPY_BELOW:
        return Finding("numpy", "ok", found, found)
    return Finding(
        "numpy",
        "wrong",
        f"{found} 与 flirpy 不合；请运行 pip install 'numpy<2.4'",
        f"{found} does not work with flirpy; run pip install 'numpy<2.4'",
    )


def camera(config: Config) -> Finding:
    """The source is there and may be opened; nothing is taken from it, since the gate may be using it."""
    kind = config.camera.kind
    if kind in bootstrap.REAL_CAMERAS:
        from edge.adapters.camera_flirpy.devices import BOSON_USB, LEPTON_USB, usable_node

        node = usable_node(*(LEPTON_USB if kind == "lepton" else BOSON_USB))
        if isinstance(node, NoFrame):
            remedies = {
                "no_permission": (
                    "请把用户加入该组：sudo usermod -aG video 用户名",
                    "add the user to that group: sudo usermod -aG video USER",
                ),
                "not_connected": ("请检查 USB 线和供电", "check the USB cable and its power"),
            }
            zh, en = remedies[node.reason if node.reason in remedies else "not_connected"]
            return Finding("camera", "wrong", f"{kind}：{node.detail}；{zh}", f"{kind}: {node.detail}; {en}")
        return Finding("camera", "ok", f"{kind}，/dev/video{node}", f"{kind} at /dev/video{node}")
    bootstrap.open_camera(config, bootstrap.open_clock()).close()
    said = str(config.camera.path) if kind == "replay" else "sim"
    return Finding("camera", "warning", f"{said}：不是真相机", f"{said}: no real camera")


def pins(config: Config) -> Finding:
    """The pin factory can be had; the pins themselves are left alone."""
    from edge.adapters.gate_gpio import open_factory

    kind = bootstrap.pin_factory(config)
    open_factory(kind, config.store.path.parent).close()
    wired = {name: getattr(config.pins, name) for name in (*OUTPUTS, *INPUTS)}
    lines = ", ".join(f"{name} {bcm}" for name, bcm in wired.items() if bcm is not None)
    if kind == "mock":
        return Finding("pins", "warning", f"mock：没有接引脚（{lines}）", f"mock: no real pins ({lines})")
    return Finding("pins", "ok", f"{kind}：BCM {lines}", f"{kind}: BCM {lines}")


def picture(config: Config, told: Facts | None) -> Finding:
    """Frames, telemetry and TLinear of a real camera; others have nothing to prove."""
    if config.camera.kind not in bootstrap.REAL_CAMERAS:
        return Finding("picture", "ok", "不是真相机，不看", "no real camera, not looked at")
    clock = bootstrap.open_clock()
    return Finding("picture", *doctor_gate.picture(config, told, lambda: bootstrap.open_camera(config, clock)))


def store(config: Config) -> Finding:
    """The records' file can be used; the one that is not there yet is not made."""
    path = config.store.path
    if not path.exists():
        if not path.parent.is_dir():
            return Finding("store", "wrong", f"没有文件夹 {path.parent}；请建立", f"no folder {path.parent}; make it")
        return Finding("store", "ok", f"{path}：启动后新建", f"{path}: made at the first start")
    records = bootstrap.open_store(config)
    try:
        written, acknowledged, set_aside = records.counts()
    finally:
        records.close()
    level: Level = "warning" if set_aside else "ok"
    zh = f"{path}：{written} 条，已送达 {acknowledged}，被县里拒收 {set_aside}"
    en = f"{path}: {written} records, {acknowledged} acknowledged, {set_aside} refused by the county"
    remedy = ("；原因见 foregate records", "; foregate records says why") if set_aside else ("", "")
    return Finding("store", level, zh + remedy[0], en + remedy[1])


def disk(config: Config) -> Finding:
    """Room for records."""
    left_mb = free_mb(_folder_there(config.store.path))
    level: Level = "wrong" if left_mb < DISK_WRONG_MB else "warning" if left_mb < NEARLY_FULL_BELOW_MB else "ok"
    remedy = ("", "") if level == "ok" else ("；请腾出空间", "; free some space")
    return Finding("disk", level, f"剩余 {left_mb} MB{remedy[0]}", f"{left_mb} MB free{remedy[1]}")


def clock() -> Finding:
    """Whether a time service keeps the wall clock right."""
    if bootstrap.open_clock().stamp().synchronised:
        return Finding("clock", "ok", "已同步", "synchronised")
    return Finding(
        "clock",
        "warning",
        "未同步；记录会注明。请启用 systemd-timesyncd 或 chrony",
        "not synchronised, and records say so; enable systemd-timesyncd or chrony",
    )


def county(config: Config) -> Finding:
    """The county answers, and takes this gate's token."""
    if config.county is None:
        return Finding("county", "warning", "未配置，记录不上传", "not configured: nothing is sent")
    # What the sync refuses to start with: the token's file, the certificates.
    bootstrap_county.open_uplink(config).close()
    return Finding("county", *doctor_network.ask_county(config.county, config.gate.id))


def screen(config: Config) -> Finding:
    """The screen's port is free, or served by this program."""
    return Finding("screen", *doctor_network.look_at_port(config.screen))


def _folder_there(path: Path) -> Path:
    return next(folder for folder in path.absolute().parents if folder.exists())


def _guarded(name: str, check: Callable[[], Finding]) -> Finding:
    try:
        return check()
    except ForegateError as error:
        return Finding(name, "wrong", error.zh, error.en)
    except ImportError as error:
        # A damaged installation; the other checks are still worth their answers.
        return Finding(name, "wrong", f"{error}；请运行 make install", f"{error}; run make install")
    except OSError as error:
        return Finding(name, "wrong", f"{error}；请检查路径和权限", f"{error}; check the path and its permissions")


def _lines(findings: Sequence[Finding]) -> Iterator[str]:
    marks = {"ok": "正常 ok     ", "warning": "注意 warning", "wrong": "错误 WRONG  "}
    for finding in findings:
        said = finding.zh if finding.zh == finding.en else f"{finding.zh}\n{' ' * 28}{finding.en}"
        yield f"{marks[finding.level]}  {finding.name:<11}  {said}"
