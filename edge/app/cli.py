"""The one command line, `foregate`: what each command is called, takes and says. What they do: commands.py.

Exit codes: 0 done or stopped as asked; 1 a fault, told in both languages; 2 the command line or the configuration
cannot be used; 70 a defect of this program, with its traceback; 130 interrupted.
"""

import argparse
import errno
import logging
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path

from edge.app import commands
from edge.app.commands import FAULT
from edge.core.errors import ConfigError, ForegateError

MISUSE, INTERRUPTED, DEFECT = 2, 130, 70
LEAST_DEMO_S, MOST_SECONDS = 10.0, 86_400.0

Command = Callable[[str, Callable[[argparse.Namespace], int], str, str], argparse.ArgumentParser]

_TOP = """\
人体测温闸机 / a fever-screening gate

第一次使用 / first steps:
  sudo foregate setup                    安装后配置一台闸机 / set up a gate that was installed
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
    except OSError as error:
        # Python would complain again while it exits.
        if error.errno == errno.EPIPE:  # whoever read our output has left (`| head`)
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            return FAULT
        if error.errno == errno.ENOSPC:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            print("磁盘已满，没有写完；请腾出空间 / the disk is full: free some space", file=sys.stderr)
            return FAULT
        return _defect()
    except Exception:  # noqa: BLE001  # not hidden: the traceback is printed, and the exit code says that it is a defect
        return _defect()
    return code


def _defect() -> int:
    traceback.print_exc()
    print("程序缺陷，请把以上内容发给维护者 / a defect: please report the lines above", file=sys.stderr)
    return DEFECT


def _parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="foregate",
        description=_TOP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    top.add_argument("-v", "--verbose", action="store_true", help="多记日志 / log more")
    subparsers = top.add_subparsers(title="命令 / commands", required=True, metavar="COMMAND")

    def command(
        name: str, run: Callable[[argparse.Namespace], int], text: str, example: str
    ) -> argparse.ArgumentParser:
        parser = subparsers.add_parser(
            name,
            help=text,
            description=text,
            epilog=f"例 / example:\n  {example}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        parser.set_defaults(command=run)
        return parser

    _services(command)
    _recordings(command)
    _looking_after(command)
    return top


def _services(command: Command) -> None:
    _setup(command)
    run = command("run", commands.run, "启动闸机 / run the gate", "foregate run --config gate.toml")
    _takes_config(run, required=True)

    text = "把记录上传到县里 / send records to the county"
    sync = command("sync", commands.sync, text, "foregate sync --config gate.toml")
    _takes_config(sync, required=True)

    text = "用一次性登记码在县里登记本机 / enrol this gate at the county with its one-time code"
    enrol = command("enrol", commands.enrol, text, "foregate enrol --config gate.toml --code ABCD-EFGH-JKLM")
    enrol.add_argument(
        "--county", metavar="URL", help="不写则取配置中的，否则询问 / default: the configuration's, or asked"
    )
    enrol.add_argument("--gate-id", metavar="ID", help="同上 / likewise")
    enrol.add_argument("--code", help="县里给的登记码；不写则询问 / the code from the county; without it: asked for")
    _takes_config(enrol, required=True)

    text = "关掉灯、蜂鸣器和继电器 / lamps, buzzer and relay off"
    safe_lines = command("safe-lines", commands.safe_lines, text, "foregate safe-lines --config gate.toml")
    _takes_config(safe_lines, required=True)

    text = "演示：模拟闸机、上传和县级服务器 / a simulated gate, its sync and a county"
    demo = command("demo", commands.demo, text, "foregate demo --seconds 40")
    text = "到时自停 / stop by itself after N seconds (never)"
    demo.add_argument("--seconds", type=_seconds(LEAST_DEMO_S, MOST_SECONDS), metavar="N", help=text)
    demo.add_argument(
        "--dir", dest="folder", type=Path, help="把文件留在此空文件夹 / keep its files in this empty folder"
    )


def _setup(command: Command) -> None:
    text = "五个问题，然后配置、登记、检查、启动 / five questions; then configured, enrolled, examined, started"
    example = "sudo foregate setup --school 第一小学 --gate s1-east --county - --camera lepton --wiring outputs"
    setup = command("setup", commands.setup, text, example)
    text = "不写的会询问，- 为没有 / what is left out is asked for, - means none"
    for name in ("school", "gate", "county", "code", "camera", "wiring"):
        setup.add_argument(f"--{name}", help=text)
    text = "县里名单的公钥，roster-key 打印的那一行 / the county's roster key, the line that roster-key prints"
    setup.add_argument("--roster-key", metavar="LINE", help=text)
    setup.add_argument("--ca-file", type=Path, metavar="FILE", help="县里自建 CA 的证书 / the county's own CA")
    text = "本机屏幕显示门卫页（须有 cage 和 chromium）/ show the guard's page on this board (cage and chromium)"
    setup.add_argument("--kiosk", action="store_true", help=text)
    setup.add_argument("--no-start", action="store_true", help="不启动服务 / start nothing")
    text = "配置文件 / the configuration (/etc/foregate/gate.toml)"
    setup.add_argument("--config", type=Path, default=Path("/etc/foregate/gate.toml"), metavar="FILE", help=text)


def _recordings(command: Command) -> None:
    text = "让录像走同样的流程 / play recordings through the very same pipeline"
    example = "foregate replay clip.npz --events - --set reference.temperature_c=36.8"
    replay = command("replay", commands.replay, text, example)
    replay.add_argument("recordings", nargs="+", type=Path, metavar="RECORDING", help=".npz, TIFF/PNG, 文件夹 / folder")
    replay.add_argument(
        "--events", metavar="FILE|-", help="逐行写 JSON 事件，- 为标准输出 / write events as JSON lines"
    )
    text = "尽快，或按原速 / as fast as it goes, or in real time (max)"
    replay.add_argument("--speed", choices=("max", "real"), default="max", help=text)
    _takes_config(replay, required=False)

    text = "从相机录制 .npz / record from the camera"
    record = command("record", commands.record, text, "foregate record clip.npz --config gate.toml --seconds 30")
    record.add_argument("out", type=Path, metavar="OUT.npz", help="新文件 / a new file")
    text = "时长 / how long (60)"
    record.add_argument("--seconds", type=_seconds(0.1, MOST_SECONDS), default=60.0, metavar="N", help=text)
    _takes_config(record, required=True)


def _looking_after(command: Command) -> None:
    doctor = command(
        "doctor", commands.doctor, "检查这台机器 / check this machine", "foregate doctor --config gate.toml"
    )
    doctor.add_argument("--json", action="store_true", help="给程序读 / for programs")
    _takes_config(doctor, required=False)

    text = "开门前检查：就绪吗，漂移了吗 / before the school day: is it ready, has it drifted"
    check = command("check", commands.check, text, "foregate check --config gate.toml")
    _takes_config(check, required=True)

    text = "列出县里拒收的记录 / list the records that the county refuses"
    records = command("records", commands.records, text, "foregate records --config gate.toml --again")
    text = "县里修好后再送一次 / send them once more, after the county was repaired"
    records.add_argument("--again", action="store_true", help=text)
    _takes_config(records, required=True)

    text = "日报 / the report of a day"
    report = command("report", commands.report, text, "foregate report --config gate.toml --day 2026-03-02")
    report.add_argument("--day", metavar="YYYY-MM-DD", help="不写则为今天 / without it: today")
    report.add_argument("--json", action="store_true", help="给程序读 / for programs")
    _takes_config(report, required=True)

    text = "核对记录链 / check that a file of records is whole"
    verify = command("verify", commands.verify, text, "foregate verify foregate.sqlite --head 1200:6f1c...")
    verify.add_argument("file", type=Path, metavar="FILE", help="记录文件，只读打开 / a file of records, only read")
    text = "设备公钥，可重复；不写则用文件自带的 / a device's public key, may be repeated; without it: the file's own"
    verify.add_argument("--key", dest="keys", action="append", default=[], metavar="BASE64", help=text)
    verify.add_argument("--head", metavar="SEQ:SHA256", help="县里存留的链头 / a head that the county keeps")

    _guards(command)
    _tablet(command)
    _calibrate(command)

    text = "打印示例配置，或检查一份 / print the example, or check a file"
    config = command("config", commands.configuration, text, "foregate config check gate.toml")
    config.add_argument("action", nargs="?", choices=("check",), help="不写则打印示例 / without it: print the example")
    config.add_argument("file", nargs="?", type=Path, metavar="FILE")
    _takes_overrides(config)

    command("version", commands.version, "版本 / the version", "foregate version")


def _guards(command: Command) -> None:
    text = "门卫与 PIN / guards and their PINs"
    example = "foregate guards add wang --name 王芳 --role guard --config gate.toml"
    guards = command("guards", commands.guards, text, example)
    guards.add_argument("action", choices=("list", "add", "pin", "remove"))
    guards.add_argument("guard_id", nargs="?", metavar="ID", help="工号 / the guard's id")
    guards.add_argument("--name", help="姓名 / their name")
    text = (
        "门卫，可解除观察的校医，或技术员（另有页面）"
        " / a guard; a medic, who may release out of observation; a technician, with pages of their own (guard)"
    )
    guards.add_argument("--role", choices=("guard", "medic", "technician"), default="guard", help=text)
    where = guards.add_mutually_exclusive_group(required=True)
    where.add_argument("--config", type=Path, metavar="FILE", help="配置文件 / the configuration")
    where.add_argument("--file", type=Path, metavar="FILE", help="或直接写门卫文件 / or the guards' file itself")
    _takes_overrides(guards)


def _tablet(command: Command) -> None:
    text = "平板的证书和指纹 / the tablets' certificate and its fingerprint"
    tablet = command("tablet", commands.tablet, text, "sudo foregate tablet --config /etc/foregate/gate.toml")
    text = "平板所用的本机地址，可重复 / this machine's address as tablets use it, may be repeated"
    tablet.add_argument("--address", dest="addresses", action="append", default=[], metavar="IP", help=text)
    tablet.add_argument("--days", type=_seconds(1, 824), default=730.0, metavar="N", help="有效天数 / valid for (730)")
    text = "只写证书请求，由学校或县里的机构签发 / only write a request, for the site's own authority to sign"
    tablet.add_argument("--csr", action="store_true", help=text)
    tablet.add_argument("--again", action="store_true", help="换新的密钥和证书 / a new key and certificate")
    _takes_config(tablet, required=True)


def _calibrate(command: Command) -> None:
    text = "校准：向导、当前的、退回、证书、漂移 / calibrate: wizard, what is in force, way back, certificate, drift"
    calibrate = command("calibrate", commands.calibrate, text, "foregate calibrate --config gate.toml")
    calibrate.add_argument(
        "action", nargs="?", choices=("show", "back", "certificate", "drift"), help="不写则开始向导 / the wizard"
    )
    text = "不接着上次的，从头开始 / forget an unfinished one and begin anew"
    calibrate.add_argument("--again", action="store_true", help=text)
    text = "有效天数 / valid for so many days (180)"
    calibrate.add_argument("--valid-days", type=_seconds(1, 730), default=180.0, metavar="N", help=text)
    text = "证书写到哪个文件夹 / folder for the certificate (.)"
    calibrate.add_argument("--out", type=Path, default=Path(), metavar="DIR", help=text)
    _takes_config(calibrate, required=True)


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
            raise argparse.ArgumentTypeError(f"{low:g} … {high:g}")
        return value

    return seconds


if __name__ == "__main__":
    sys.exit(main())
