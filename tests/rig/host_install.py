"""From an empty board to years of service, with the packages alone: run on the host, which has the board's plugs.

python -m tests.rig.host_install VM      VM: the rig's `vm`; `make rig-install` runs it (tools/rig.sh)

The board has no network while the packages are installed. What was seen is written to docs/proved-install.md.
PLUGS (5): how often the plug is pulled while people pass; RIG_FROM=STEP: go on there with the board as it is.
"""

import json
import os
import random
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.rig import host_power_cuts, packages
from tests.rig.board import (
    AGAIN_SLOW,
    CONFIG,
    COUNTY,
    GATE,
    MOUNTED,
    QUICK,
    RECORDS,
    SLOW,
    SYNC,
    Board,
    NotSeenError,
)

REPORT = packages.ROOT / "docs" / "proved-install.md"
# Long enough for what is done once a minute, and for the journal, which is flushed every five.
IDLE_S = 330.0
CODE = re.compile(r"\b[A-Z0-9]{4,5}(?:-[A-Z0-9]{4,5}){2,3}\b")
HEAD = """\
# 在模拟的板子上看到的 / What was seen on the simulated board

由 `make rig-install` 写成，请勿手改。板子、相机、引脚都是模拟的（Debian、真 systemd、真内核设备）；其中的秒数只说明
模拟的处理器有多慢。真实的树莓派尚未试过。
Written by `make rig-install`: do not edit. Board, camera and pins are simulated (Debian, real systemd, real kernel
devices); seconds tell how slow the emulated processor is and nothing else. A physical Pi is untried.

"""


def main(vm: Path) -> int:
    """0 when everything was seen. RIG_FROM=STEP goes on there with the board as it is; what was seen before is kept."""
    board, first = Board(vm), os.environ.get("RIG_FROM", "installed")
    out = packages.ROOT / "build" / "rig-debs"
    debs = packages.built(out, anew=first == "installed")
    steps: dict[str, Callable[[], None]] = {
        "installed": lambda: installed(board, debs),
        "first_person": lambda: first_person(board),
        "hangs": lambda: hangs(board),
        "camera_unplugged": lambda: camera_unplugged(board),
        "a_day_without_the_county": lambda: a_day_without_the_county(board),
        "power_cuts": lambda: power_cuts(board),
        "cannot_start": lambda: cannot_start(board),
        "upgrade": lambda: upgrade(board, packages.other(debs["foregate"], "9.0", out)),
        "ill": lambda: upgrade_that_is_ill(board, packages.other(debs["foregate"], "9.1", out, broken=True)),
        "purged": lambda: removed_and_purged(board),
    }
    names = list(steps)
    begin = names.index(first)
    if begin:
        board.seen += _seen_before()
        board.until("the gate runs", board.is_active)
    for name in names[begin:]:
        try:
            steps[name]()
        except (NotSeenError, subprocess.CalledProcessError) as failed:
            sys.stdout.write(f"FAIL: {name}: {failed}\n")
            _report(board.seen, f"到此为止，{name} 没有看到 / this far: {name} was not seen")
            return 1
        rest = names[names.index(name) + 1 :]
        _report(board.seen, f"还没有看 / not looked at yet: {', '.join(rest)}" if rest else "")
    return 0


def _report(seen: list[str], end: str) -> None:
    lines = [*seen, *([end] if end else [])]
    REPORT.write_text(HEAD + "".join(f"- {line}\n" for line in lines), encoding="utf-8")


def _seen_before() -> list[str]:
    lines = REPORT.read_text(encoding="utf-8").splitlines() if REPORT.exists() else []
    told = [line.removeprefix("- ") for line in lines if line.startswith("- ")]
    return [line for line in told if not line.startswith(("到此为止", "还没有看"))]


def installed(board: Board, debs: dict[str, Path]) -> None:
    """apt install; nothing is downloaded. The units are what they should be."""
    there = {name: board.put(file) for name, file in debs.items()}
    board.host("net", "down")
    board.run(f"apt-get install -y --no-install-recommends {there['foregate']} {there['foregate-county']}")
    board.saw("没有网络，`apt install` 两个软件包：成功 / no network, `apt install` of both packages: done")
    units = "foregate-gate foregate-sync foregate-safe foregate-kiosk foregate-upgrade foregate-county"
    names = " ".join(f"{unit}.service" for unit in units.split()) + " foregate-check.timer foregate-report.timer"
    said = board.run(f"systemd-analyze verify {names}", may_fail=True)
    if said:
        raise NotSeenError(f"systemd-analyze verify: {said}")
    exposed = {unit: _exposure(board, unit) for unit in (GATE, SYNC, COUNTY)}
    board.saw(
        "`systemd-analyze verify` 无话 / silent；`systemd-analyze security`: "
        + ", ".join(f"{unit} {number}" for unit, number in exposed.items())
    )
    if exposed[GATE] > 2.0 or exposed[SYNC] > 1.5:
        raise NotSeenError("exposed more than allowed")


def first_person(board: Board) -> None:
    """Set up as the technician's guide says, until somebody is decided about."""
    board.run(SLOW)
    board.until("the county serves", lambda: board.is_active(COUNTY))
    said = board.run("foregate-county add-gate s1-east --name 东门 --school 第一小学")
    code = CODE.findall(said)[0]
    board.show("empty")
    answers = "--school 第一小学 --gate s1-east --county http://127.0.0.1:8600 --camera lepton --wiring outputs"
    board.run(f"foregate setup {answers} --code {code}", may_fail=True)
    board.run(MOUNTED + f"foregate config check {CONFIG} && systemctl restart {GATE}")
    board.until("gate and sync run", lambda: board.is_active(GATE) and board.is_active(SYNC))
    board.saw("`foregate setup`：已登记，闸机和上传在运行 / enrolled, gate and sync run")
    took_s = board.somebody_is_let_in()
    if not board.journal_of("readers").endswith("reader card is there"):
        raise NotSeenError(f"the card reader is not read: {board.journal_of('readers')}")
    memory_mb = sum(_memory_mb(board, unit) for unit in (GATE, SYNC))
    board.saw(
        f"第一个人已判定 / the first person is decided ({took_s:.0f} s)；闸机与上传共占内存 / gate and sync hold "
        f"{memory_mb:.0f} MB"
    )


def hangs(board: Board) -> None:
    """A process that hangs is killed by the watchdog and started again."""
    mark, pid = board.mark(), board.pid()
    board.run(f"kill -STOP {pid}")
    board.until("it is another process", lambda: board.pid() not in (0, pid))
    board.until("the gate is back", board.is_active)
    said = board.since(mark)
    if "Watchdog timeout" not in said or "gate shut" not in said:
        raise NotSeenError(f"no watchdog, or the lines were not driven safe:\n{said}")
    board.saw(
        "进程停住：看门狗杀掉，输出全关，重新启动 / hung: killed by the watchdog, lines driven off, started again"
    )


def camera_unplugged(board: Board) -> None:
    """The camera goes and comes: the gate says so and decides again."""
    pid, mark = board.pid(), board.mark()
    board.host("unplug", "camera")
    board.until("the camera is missed", lambda: "amera" in board.since(mark))
    board.host("plug", "camera")
    took_s = board.somebody_is_let_in()
    same = "同一进程 / by the same process" if board.pid() == pid else "重启后 / after a restart"
    board.saw(f"相机拔出再插上：又能判定 / camera out and in: decides again ({took_s:.0f} s, {same})")


def a_day_without_the_county(board: Board) -> None:
    """The county is away, the clock moves by a day; then everything arrives."""
    board.run(f"systemctl stop {COUNTY}")
    board.somebody_is_let_in()
    _written_in_a_day(board)
    board.run("date -s '+1 day' >/dev/null")
    board.somebody_is_let_in()
    waiting = board.records() - _acknowledged(board)
    if waiting < 2:
        raise NotSeenError(f"{waiting} records wait for the county")
    board.run(f"systemctl start {COUNTY}")
    board.until("all records have arrived", lambda: _acknowledged(board) == board.records(), 600.0)
    chain = board.run("foregate-county verify-gate s1-east").splitlines()[0]
    board.saw(
        f"县里一天不在（时钟拨快一天），{waiting} 条记录等着；恢复后全部送达 / a day without the county (clock moved):"
        f" {waiting} records waited, all arrived. `foregate-county verify-gate`: {chain}"
    )


def _written_in_a_day(board: Board) -> None:
    """What it comes to in a day when nobody passes: the whole disk, and of that what gate and sync write themselves."""
    asked = " ".join(f"/proc/{board.pid(unit)}/io" for unit in (GATE, SYNC))
    own = f"awk '/^write_bytes/ {{sum += $2}} END {{print sum}}' {asked}"
    before, own_before, began_s = board.written_bytes(), int(board.run(own)), time.monotonic()
    time.sleep(IDLE_S)
    mb_a_day = 86_400 / 1e6 / (time.monotonic() - began_s)
    all_mb, own_mb = (board.written_bytes() - before) * mb_a_day, (int(board.run(own)) - own_before) * mb_a_day
    board.saw(
        f"没有人来时，每天写入：整块盘 {all_mb:.0f} MB，其中闸机和上传 {own_mb:.0f} MB / written in a day with nobody "
        f"there: {all_mb:.0f} MB to the whole disk, {own_mb:.0f} MB of them by gate and sync"
    )


def power_cuts(board: Board) -> None:
    """The plug is pulled while people pass; the board comes back by itself each time with every record."""
    board.run(QUICK)
    pulls = int(os.environ.get("PLUGS", "5"))
    found = host_power_cuts.pull(host_power_cuts.Guest(board.vm), pulls, random.Random(1))
    board.run(AGAIN_SLOW)
    told = (
        f"{found.pulls} 次断电，闸机自己回来 {found.back} 次，丢失记录 {found.lost}，断链 {found.broken} / power cuts "
        f"{found.pulls}, back by itself {found.back}, records lost {found.lost} of {found.records}, chains broken "
        f"{found.broken}"
    )
    if not found.cost_nothing:
        raise NotSeenError(told)
    board.saw(told)


def cannot_start(board: Board) -> None:
    """A configuration that is refused: the gate stays shut, it is told, and once it is right it starts by itself."""
    mark = board.mark()
    board.run(
        f"cp {CONFIG} /var/tmp/good.toml && echo 'nonsense = 1' >>{CONFIG} && systemctl restart {GATE}", may_fail=True
    )
    board.until("it is told", lambda: "stays shut" in board.since(mark, "foregate-safe.service"))
    if "gate shut" not in board.since(mark, "foregate-safe.service") + board.since(mark):
        board.saw("（配置有错时输出未动 / with this configuration the lines were left alone）")
    board.run(f"cat /var/tmp/good.toml >{CONFIG}")
    took_s = board.until("it starts by itself", board.is_active, 400.0)
    board.saw(f"配置有错：说明原因，改好后自己启动 / refused: told, starts by itself once right ({took_s:.0f} s)")


def upgrade(board: Board, deb: Path) -> None:
    """To a release that is healthy: it stays, and so do configuration and records."""
    former, records, config = _releases(board)["current"], board.records(), board.run(f"sha256sum {CONFIG}")
    board.run(f"apt-get install -y --no-install-recommends {board.put(deb)}")
    board.until("it was judged", lambda: _releases(board)["state"] != "watching", 600.0)
    state = _releases(board)
    if state["state"] != "kept" or state["former"] != former:
        raise NotSeenError(f"not kept: {state}")
    if board.records() < records or board.run(f"sha256sum {CONFIG}") != config:
        raise NotSeenError("the upgrade has changed records or configuration")
    board.somebody_is_let_in()
    board.saw(
        f"升级 / upgrade: {former} -> {state['current']}，正常，保留 / healthy, kept；配置和记录不变 / nothing lost"
    )


def upgrade_that_is_ill(board: Board, deb: Path) -> None:
    """To a release whose gate dies: the former one runs again by itself, and the doctor tells."""
    former = _releases(board)["current"]
    board.run(f"apt-get install -y --no-install-recommends {board.put(deb)}", may_fail=True)
    took_s = board.until("it went back", lambda: _releases(board)["state"] != "watching", 900.0)
    state = _releases(board)
    if (state["state"], state["current"]) != ("went_back", former):
        raise NotSeenError(f"not gone back: {state}")
    board.until("the former release runs", board.is_active, 600.0)
    board.somebody_is_let_in()
    board.saw(
        f"有缺陷的升级：自己退回 / an upgrade with a defect: back by itself to {former} ({took_s:.0f} s): {state['en']}"
    )
    findings = json.loads(board.run(f"foregate doctor --json --config {CONFIG}", may_fail=True))
    told = next((one for one in findings if one["name"] == "release"), None)
    if told is None or told["level"] == "ok":
        raise NotSeenError(f"the doctor does not tell: {told}")
    board.saw(f"`foregate doctor`: {told['en']}")


def removed_and_purged(board: Board) -> None:
    """Removed, the data stay; purged, they are gone."""
    board.run("apt-get remove -y foregate")
    board.run(f"test -s {RECORDS} && test -s {CONFIG} && test ! -e /usr/lib/foregate/releases")
    board.saw("卸载：记录和配置还在 / removed: records and configuration are there")
    board.run("apt-get purge -y foregate")
    left = board.run("ls -d /var/lib/foregate /var/lib/foregate-release /etc/foregate /usr/lib/foregate", may_fail=True)
    if "No such file" not in left or re.search(r"(?m)^/", left):
        raise NotSeenError(f"left behind: {left}")
    board.saw("清除：什么也没留下 / purged: nothing is left")


def _exposure(board: Board, unit: str) -> float:
    said = re.search(r"exposure level for \S+: ([\d.]+)", board.run(f"systemd-analyze security --no-pager {unit}"))
    if said is None:
        raise NotSeenError(f"systemd-analyze security says nothing of {unit}")
    return float(said[1])


def _memory_mb(board: Board, unit: str) -> float:
    kb = re.search(r"VmRSS:\s+(\d+)", board.run(f"cat /proc/{board.pid(unit)}/status"))
    return int(kb[1]) / 1024 if kb else 0.0


def _acknowledged(board: Board) -> int:
    findings = json.loads(board.run(f"foregate doctor --json --config {CONFIG}", may_fail=True))
    said = next(one["en"] for one in findings if one["name"] == "store")
    found = re.search(r"(\d+) acknowledged", said)
    return int(found[1]) if found else 0


def _releases(board: Board) -> dict[str, str]:
    state: dict[str, str] = json.loads(board.run("/usr/lib/foregate/foregate-release show"))
    return state


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
