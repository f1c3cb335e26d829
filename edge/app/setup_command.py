"""`foregate setup`: five questions, then the gate is configured, enrolled, examined and started. May be run again."""

import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from edge.app import doctor, enrol_command
from edge.app.config import Config
from edge.app.config_file import load
from edge.app.setup_file import edited, write
from edge.app.setup_questions import CONTACTS, Given, complete, meaning
from edge.core.errors import ConfigError

RECORDS = Path("/var/lib/foregate")
GATE, SYNC, KIOSK = "foregate-gate.service", "foregate-sync.service", "foregate-kiosk.service"
ALWAYS = (GATE, "foregate-upgrade.service", "foregate-check.timer", "foregate-report.timer")

Announce = Callable[[str], None]
# Runs systemctl with these words; whether it could.
Systemctl = Callable[[Sequence[str]], bool]


@dataclass(frozen=True, slots=True)
class Options:
    """Beside the five answers: files that the county handed over, and what else is started. start False: nothing is."""

    roster_key: str | None = None
    ca_file: Path | None = None
    kiosk: bool = False
    start: bool = True


def setup(
    path: Path,
    given: Given,
    options: Options,
    ask: Callable[[str], str],
    announce: Announce,
    systemctl: Systemctl,
    records: Path = RECORDS,
) -> int:
    """Set this gate up; 0, or 1 when the doctor finds something wrong or a service does not start.

    path: of the configuration, made or changed in place. ConfigError: an answer cannot be used, or nobody is there to
    ask. UplinkError: the county does not enrol the gate; what was answered is kept, and setup may be run again.
    """
    known = _known(path)
    answers = complete(given, known, ask, announce)
    if known.county and not answers.county:
        raise ConfigError(
            f"{path} 里已有县级服务器；若真要停用，请自己删去 [county] 一节",
            f"{path} names a county; to do without it, take its section [county] out by hand",
        )
    config = _configure(path, answers, options, records)
    announce(f"\n配置已写入 / configured: {path}")
    if config.county is not None and answers.code:
        announce("登记 / enrolling …")
        asked: dict[str, str | None] = {"county": None, "gate_id": None, "code": answers.code}
        enrol_command.enrol(path, [], asked, ask, announce)
    healthy = _start(config, options, systemctl, announce) if options.start else True
    announce("\n检查 / the doctor:")
    findings = doctor.examine(path, [])
    announce(doctor.report(findings, as_json=False))
    _what_is_left(path, config, announce)
    return 0 if healthy and all(finding.level != "wrong" for finding in findings) else 1


def run_systemctl(words: Sequence[str]) -> bool:
    """Whether systemctl could; its complaint is on the terminal. Without systemd nothing can."""
    if shutil.which("systemctl") is None:
        return False
    return subprocess.run(["systemctl", *words], check=False).returncode == 0


def _known(path: Path) -> Given:
    """What a former setup, or a hand, has written."""
    if not path.exists():
        return Given()
    config = load(path)
    pins = config.pins
    contacts = any(getattr(pins, name) is not None for name in CONTACTS)
    kind = config.camera.kind
    return Given(
        school=config.gate.name or None,
        gate=config.gate.id,
        county="" if config.county is None else config.county.url,
        code="" if config.county is not None and config.county.token_file.exists() else None,
        camera=kind if kind != "replay" else None,
        wiring="none" if pins.factory == "mock" else "full" if contacts else "outputs",
    )


def _configure(path: Path, answers: Given, options: Options, records: Path) -> Config:
    """Write the file; the former one comes back when the new one cannot be used."""
    folder = path.absolute().parent
    before = path.read_text(encoding="utf-8") if path.exists() else None
    key_file = folder / "roster.pub"
    if options.roster_key is not None:
        write(key_file, options.roster_key.strip() + "\n")
    wanted = dict(meaning(answers, folder, records, key_file.exists()))
    if options.ca_file is not None:
        wanted["county", "ca_file"] = str(options.ca_file.absolute())
    write(path, edited(before or "# foregate setup; 全部选项 / all options: foregate config\n", wanted))
    try:
        return load(path)
    except ConfigError:
        if before is None:
            path.unlink()
        else:
            write(path, before)
        raise


def _start(config: Config, options: Options, systemctl: Systemctl, announce: Announce) -> bool:
    wanted = [*ALWAYS, *([SYNC] if config.county is not None else []), *([KIOSK] if options.kiosk else [])]
    announce("启动 / starting: " + ", ".join(wanted))
    started = systemctl(["enable", *wanted])
    for unit in (*(unit for unit in wanted if unit.endswith(".timer")), GATE, SYNC, KIOSK):
        if unit in wanted:
            started = systemctl(["restart", unit]) and started
    if not started:
        announce(
            f"有服务未能启动；请看 journalctl -u {GATE} -e / a service did not start; look at journalctl -u {GATE} -e"
        )
    return started


def _what_is_left(path: Path, config: Config, announce: Announce) -> None:
    left = [("加一位门卫 / add a guard", f"sudo foregate guards add wang --name 王芳 --config {path}")]
    if config.county is not None and config.roster is None:
        left.append(("名单公钥（县里给）/ the county's roster key", "sudo foregate setup --roster-key …"))
    left.append(("校准 / calibrate", "docs/guides/technician.md"))
    announce("\n还要做的 / what is left:")
    for words, command in left:
        announce(f"  {words}: {command}")
