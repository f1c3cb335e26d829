"""What each command of the command line does: read its configuration, call the room that does the work."""

import argparse
import json
import logging
from pathlib import Path
from typing import TYPE_CHECKING

from edge.app.stopping import stopped_by_signals
from edge.core.errors import ConfigError

if TYPE_CHECKING:
    from edge.app.config import Config

DONE, FAULT = 0, 1

log = logging.getLogger(__name__)


def run(options: argparse.Namespace) -> int:
    config = _config(options)
    from edge.app.gate_loop import run_gate

    return run_gate(config, stopped_by_signals(), say, options.config, tuple(options.overrides))


def sync(options: argparse.Namespace) -> int:
    config = _config(options)
    from edge.app import sync_service

    return sync_service.sync(config, stopped_by_signals(), say)


def enrol(options: argparse.Namespace) -> int:
    from edge.app import enrol_command

    given = {"county": options.county, "gate_id": options.gate_id, "code": options.code}
    try:
        return enrol_command.enrol(options.config, options.overrides, given, input, say)
    except EOFError:
        # Nobody is there to be asked.
        raise ConfigError(
            "没有终端可询问；请写全 --county、--gate-id 和 --code",
            "there is no terminal to ask at; give --county, --gate-id and --code",
        ) from None


def setup(options: argparse.Namespace) -> int:
    from edge.app import setup_command
    from edge.app.setup_questions import Given

    given = Given(options.school, options.gate, options.county, options.code, options.camera, options.wiring)
    more = setup_command.Options(options.roster_key, options.ca_file, options.kiosk, not options.no_start)
    try:
        return setup_command.setup(options.config, given, more, input, say, setup_command.run_systemctl)
    except EOFError:
        raise ConfigError(
            "没有终端可询问；请写全 --school --gate --county --code --camera --wiring",
            "there is no terminal to ask at; give --school --gate --county --code --camera --wiring",
        ) from None


def safe_lines(options: argparse.Namespace) -> int:
    from edge.app.safe_lines import lines_of
    from edge.app.safe_lines import safe_lines as make_safe

    return make_safe(lines_of(options.config, options.overrides), say)


def replay(options: argparse.Namespace) -> int:
    # Whatever camera and pins the file is for, here the recordings are the source, with frames of a size of their own,
    # and nothing is moved.
    played = json.dumps(str(options.recordings[0]))
    options.overrides += ["camera.kind=replay", f"camera.path={played}", "pins.factory=mock"]
    config = _config(options)
    from edge.app.replay import replay as play

    return FAULT if play(options.recordings, config, options.events, options.speed) else DONE


def record(options: argparse.Namespace) -> int:
    config = _config(options)
    from edge.app import record_clip

    return DONE if record_clip.record(config, options.out, options.seconds, stopped_by_signals()) else FAULT


def records(options: argparse.Namespace) -> int:
    config = _config(options)
    from edge.app.refused_records import show

    return show(config, options.again, say)


def report(options: argparse.Namespace) -> int:
    config = _config(options)
    from edge.app import report_command

    return report_command.show(config, options.day, options.json, say)


def verify(options: argparse.Namespace) -> int:
    from edge.app import verify_command

    return verify_command.verify(options.file, options.keys, options.head, say)


def guards(options: argparse.Namespace) -> int:
    from edge.app import guards_command

    path = options.file if options.file is not None else _config(options).guards_file
    if options.action == "list":
        return guards_command.show(path, say)
    if options.guard_id is None or (options.action == "add" and options.name is None):
        raise ConfigError(
            f"请写全：foregate guards {options.action} 工号（add 还要 --name 姓名）",
            f"say whom: foregate guards {options.action} ID (add needs --name as well)",
        )
    if options.action == "add":
        return guards_command.add(path, options.guard_id, options.name, options.role, say)
    if options.action == "pin":
        return guards_command.pin(path, options.guard_id, say)
    return guards_command.remove(path, options.guard_id, say)


def tablet(options: argparse.Namespace) -> int:
    from edge.app import tablet_command

    given = tablet_command.Options(options.addresses, round(options.days), options.csr, options.again)
    return tablet_command.tablet(options.config, options.overrides, given, say)


def calibrate(options: argparse.Namespace) -> int:
    config = _config(options)
    from edge.app import calibrate_command

    if options.action == "show":
        return calibrate_command.show(config, say)
    if options.action == "back":
        return calibrate_command.back(config, say)
    if options.action == "drift":
        from edge.app import drift_words

        return drift_words.drift(config, say)
    if options.action == "certificate":
        return calibrate_command.certificate(config, options.out, say)
    return calibrate_command.calibrate(config, calibrate_command.Options(options.again, options.valid_days), say)


def doctor(options: argparse.Namespace) -> int:
    from edge.app.doctor import examine, report

    findings = examine(options.config, options.overrides)
    print(report(findings, as_json=options.json))
    return FAULT if any(finding.level == "wrong" for finding in findings) else DONE


def check(options: argparse.Namespace) -> int:
    from edge.app import daily_check

    return daily_check.check(options.config, options.overrides, say)


def demo(options: argparse.Namespace) -> int:
    from edge.app import demo as whole

    return whole.demo(options.seconds, options.folder, stopped_by_signals(), say)


def configuration(options: argparse.Namespace) -> int:
    if options.action is None:
        print((Path(__file__).parent / "gate.example.toml").read_text(encoding="utf-8"), end="")
        return DONE
    if options.file is None:
        raise ConfigError(
            "请写明要检查的文件：foregate config check gate.toml", "name the file: foregate config check gate.toml"
        )
    from edge.app.config_file import load

    load(options.file, options.overrides)
    print(f"{options.file}：配置无误 / the configuration is good")
    return DONE


def version(options: argparse.Namespace) -> int:
    from edge.app.bootstrap import software_version

    print(f"foregate {software_version()}")
    return DONE


def _config(options: argparse.Namespace) -> "Config":
    from edge.app.config_file import load

    return load(options.config, options.overrides)


def say(line: str) -> None:
    """Print a line at once: a supervisor or `tee` sees each person as they pass."""
    try:
        print(line, flush=True)
    except OSError as error:
        # A console that is full or gone must not stop a gate that could go on.
        log.warning("nobody hears what is announced (%s): %s", error.strerror, line)
