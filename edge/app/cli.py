"""The one command line, `foregate`: what each command is called, takes and says. What they do is in other files.

Exit codes: 0 done or stopped as asked; 1 a fault, told in both languages; 2 the command line or the configuration
cannot be used; 70 a defect of this program, with its traceback.
"""

import argparse
import json
import logging
import os
import signal
import socket
import sys
import threading
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from edge.core.errors import ConfigError, ForegateError

if TYPE_CHECKING:
    from edge.app.config import Config

DONE, FAULT, MISUSE, INTERRUPTED, DEFECT = 0, 1, 2, 130, 70
LEAST_DEMO_S, MOST_SECONDS = 10.0, 86_400.0

_TOP = """\
人体测温闸机 / a fever-screening gate

第一次使用 / first steps:
  foregate demo                          在本机演示整条流程 / the whole way, simulated, on this machine
  foregate config > gate.toml            写一份带说明的配置 / write a configuration with explanations
  foregate doctor --config gate.toml     检查这台机器 / check this machine
  foregate run --config gate.toml        启动闸机 / start the gate
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit code."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(
        stream=sys.stderr,
        level=logging.DEBUG if options.verbose else logging.INFO,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    # At this level they print whole requests.
    logging.getLogger("urllib3").setLevel(logging.WARNING)
    try:
        code: int = options.command(options)
        sys.stdout.flush()
    except ForegateError as error:
        print(error, file=sys.stderr)
        return MISUSE if isinstance(error, ConfigError) else FAULT
    except KeyboardInterrupt:
        print("已中断 / interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has left (`| head`); Python would complain again while it exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return FAULT
    except Exception:  # noqa: BLE001  # not hidden: the traceback is printed, and the exit code says that it is a defect
        traceback.print_exc()
        print("程序缺陷，请把以上内容发给维护者 / a defect: please report the lines above", file=sys.stderr)
        return DEFECT
    return code


# --- the commands --------------------------------------------------------------------------------------------------


def _run(options: argparse.Namespace) -> int:
    config = _config(options)
    from edge.app.gate_loop import run_gate

    return run_gate(config, _stopped_by_signals(), _say)


def _sync(options: argparse.Namespace) -> int:
    config = _config(options)
    from edge.app.sync_service import sync

    return sync(config, _stopped_by_signals(), _say)


def _replay(options: argparse.Namespace) -> int:
    # Whatever camera the file is for, here the recordings are the source, and their frames have a size of their own.
    played = json.dumps(str(options.recordings[0]))
    options.overrides += ["camera.kind=replay", f"camera.path={played}"]
    config = _config(options)
    from edge.app.replay import replay

    return FAULT if replay(options.recordings, config, options.events, options.speed) else DONE


def _record(options: argparse.Namespace) -> int:
    config = _config(options)
    from edge.app.record_clip import record

    return DONE if record(config, options.out, options.seconds, _stopped_by_signals()) else FAULT


def _doctor(options: argparse.Namespace) -> int:
    from edge.app.doctor import examine, report

    findings = examine(options.config, options.overrides)
    print(report(findings, as_json=options.json))
    return FAULT if any(finding.level == "wrong" for finding in findings) else DONE


def _demo(options: argparse.Namespace) -> int:
    from edge.app.demo import demo

    return demo(options.seconds, options.folder, _stopped_by_signals(), _say)


def _configuration(options: argparse.Namespace) -> int:
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


def _version(options: argparse.Namespace) -> int:
    from edge.app.bootstrap import software_version

    print(f"foregate {software_version()}")
    return DONE


# --- what they share -----------------------------------------------------------------------------------------------


def _config(options: argparse.Namespace) -> "Config":
    from edge.app.config_file import load

    return load(options.config, options.overrides)


def _say(line: str) -> None:
    # Flushed: a supervisor or `tee` sees each person as they pass.
    print(line, flush=True)


def _stopped_by_signals() -> threading.Event:
    """Set by Ctrl-C or SIGTERM; a second Ctrl-C interrupts at once."""
    stop = threading.Event()
    seen: list[int] = []
    # The handler must not set the event itself: it runs on the main thread, which may be holding the event's lock.
    heard, tell = socket.socketpair()
    tell.setblocking(False)
    signal.set_wakeup_fd(tell.fileno())

    def on_signal(number: int, frame: FrameType | None) -> None:
        seen.append(number)
        if len(seen) > 1 and number == signal.SIGINT:
            raise KeyboardInterrupt

    def listen() -> None:
        # Held here, so that the fd the kernel's wake-ups go to stays open as long as this thread.
        with heard, tell:
            while heard.recv(1):
                stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, on_signal)
    threading.Thread(target=listen, name="signals", daemon=True).start()
    return stop


# --- the grammar ---------------------------------------------------------------------------------------------------


def _parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="foregate", description=_TOP, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    top.add_argument("-v", "--verbose", action="store_true", help="多记日志 / log more")
    commands = top.add_subparsers(title="命令 / commands", required=True, metavar="COMMAND")

    def command(
        name: str, run: Callable[[argparse.Namespace], int], text: str, example: str
    ) -> argparse.ArgumentParser:
        parser = commands.add_parser(
            name,
            help=text,
            description=text,
            epilog=f"例 / example:\n  {example}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        parser.set_defaults(command=run)
        return parser

    run = command("run", _run, "启动闸机 / run the gate", "foregate run --config gate.toml")
    _takes_config(run, required=True)

    text = "把记录上传到县里 / send records to the county"
    sync = command("sync", _sync, text, "foregate sync --config gate.toml")
    _takes_config(sync, required=True)

    text = "让录像走同样的流程 / play recordings through the very same pipeline"
    replay = command("replay", _replay, text, "foregate replay clip.npz --events - --set reference.temperature_c=36.8")
    replay.add_argument("recordings", nargs="+", type=Path, metavar="RECORDING", help=".npz, TIFF/PNG, 文件夹 / folder")
    replay.add_argument(
        "--events", metavar="FILE|-", help="逐行写 JSON 事件，- 为标准输出 / write events as JSON lines"
    )
    text = "尽快，或按原速 / as fast as it goes, or in real time (max)"
    replay.add_argument("--speed", choices=("max", "real"), default="max", help=text)
    _takes_config(replay, required=False)

    text = "从相机录制 .npz / record from the camera"
    record = command("record", _record, text, "foregate record clip.npz --config gate.toml --seconds 30")
    record.add_argument("out", type=Path, metavar="OUT.npz", help="新文件 / a new file")
    text = "时长 / how long (60)"
    record.add_argument("--seconds", type=_seconds(0.1, MOST_SECONDS), default=60.0, metavar="N", help=text)
    _takes_config(record, required=True)

    doctor = command("doctor", _doctor, "检查这台机器 / check this machine", "foregate doctor --config gate.toml")
    doctor.add_argument("--json", action="store_true", help="给程序读 / for programs")
    _takes_config(doctor, required=False)

    text = "演示：模拟闸机、上传和县级服务器 / a simulated gate, its sync and a county"
    demo = command("demo", _demo, text, "foregate demo --seconds 40")
    text = "到时自停 / stop by itself after N seconds (never)"
    demo.add_argument("--seconds", type=_seconds(LEAST_DEMO_S, MOST_SECONDS), metavar="N", help=text)
    demo.add_argument(
        "--dir", dest="folder", type=Path, help="把文件留在此空文件夹 / keep its files in this empty folder"
    )

    text = "打印示例配置，或检查一份 / print the example, or check a file"
    config = command("config", _configuration, text, "foregate config check gate.toml")
    config.add_argument("action", nargs="?", choices=("check",), help="不写则打印示例 / without it: print the example")
    config.add_argument("file", nargs="?", type=Path, metavar="FILE")
    _takes_overrides(config)

    command("version", _version, "版本 / the version", "foregate version")
    return top


def _takes_config(parser: argparse.ArgumentParser, required: bool) -> None:
    default = "" if required else "；不写则用默认值 / without it: defaults"
    parser.add_argument(
        "--config", type=Path, required=required, metavar="FILE", help=f"配置文件 / the configuration{default}"
    )
    _takes_overrides(parser)


def _takes_overrides(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--set",
        dest="overrides",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="覆盖一项配置，可重复 / override one key, may be repeated: --set camera.rotation_deg=90",
    )


def _seconds(low: float, high: float) -> Callable[[str], float]:
    def seconds(text: str) -> float:
        value = float(text)
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"{low:g} … {high:g} s")
        return value

    return seconds


if __name__ == "__main__":
    sys.exit(main())
