"""`python -m tools.backlog --days 60`: a gate's backlog after an outage goes to a real county, people go on coming.

    days x people records in one gate's real store -> the sync process (`foregate sync`) -> a county's process, loopback

Prints how long it took, and how long each record of today waited for the county while the backlog was under way. The
gate writes one of them each second, through the same store and with the same key.
"""

import argparse
import contextlib
import os
import queue
import re
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from uuid import uuid4

from edge.adapters.store_sqlite import SqliteStore
from edge.app import bootstrap
from edge.app.children import Child, Said
from edge.app.config_file import load
from edge.core.contents import Measurement, Passage
from edge.core.errors import ForegateError
from edge.core.record import Stamp

GATE_ID, SCHOOL = "backlog-1", "积压小学"
READY_WITHIN_S, STOP_WITHIN_S = 120.0, 15.0
LONGEST_S = 3_600.0
EVERY_S, LOOK_EVERY_S = 1.0, 0.05
DAY_MS = 86_400_000

_CONFIG = """\
[gate]
id = "{gate_id}"
[camera]
kind = "sim"
[pins]
factory = "mock"
[store]
path = "records.sqlite"
[county]
url = "{url}"
token_file = "token"
every_s = 0.5
"""


def main() -> int:
    """0 when the county has every record; 1: it has not."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--days", type=int, default=5, help="how long the outage was (5)")
    parser.add_argument("--people", type=int, default=1_200, help="records a day (1,200)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="foregate-backlog-") as folder:
        return _play(Path(folder), options.days, options.people)


def _play(place: Path, days: int, people: int) -> int:
    said: queue.Queue[Said] = queue.Queue()
    environment = {"FOREGATE_COUNTY_DATA": str(place / "county")}
    (place / "county").mkdir()
    path = place / "gate.toml"
    path.write_text(_CONFIG.format(gate_id=GATE_ID, url="http://127.0.0.1:1"), encoding="utf-8")
    config = load(path)
    with contextlib.closing(bootstrap.open_store(config)) as store:
        write_backlog(store, days, people)
        key = bootstrap.open_device_key(config).public_key
        run_county(environment, "migrate", "--verbosity", "0")
        names = ("--name", GATE_ID, "--school", SCHOOL, "--public-key", key, "--token-file", str(place / "token"))
        run_county(environment, "add-gate", GATE_ID, *names)
        county = Child("county", ("county.manage", "serve", "--bind", "127.0.0.1:0"), said, environment)
        try:
            url = await_line(said, re.compile(r"ready.*?(https?://\S+?)/?$"))
            path.write_text(_CONFIG.format(gate_id=GATE_ID, url=url), encoding="utf-8")
            sync = Child("sync", ("edge.app.cli", "sync", "--config", str(path)), said, {})
            try:
                return _watch(store, config.store.path, days * people)
            finally:
                stop(sync)
        finally:
            stop(county)


def write_backlog(store: SqliteStore, days: int, people: int) -> None:
    """So many records of each of so many days, up to now, that nobody has sent."""
    boot_id, now_ms = str(uuid4()), time.time_ns() // 1_000_000
    began_s = time.monotonic()
    for n in range(days * people):
        at_ms = now_ms - days * DAY_MS + n * DAY_MS // people
        store.append(_passage(n), Stamp(at_ms, float(n), boot_id, synchronised=True))
    took_s = time.monotonic() - began_s
    bootstrap.say(
        f"积压 / backlog: {days} d x {people} = {days * people} 条记录 / records, 写入 / written in {took_s:.0f} s"
    )


def _watch(store: SqliteStore, file: Path, backlog: int) -> int:
    """Write a record each second until the backlog is at the county; print how it went."""
    waited_s: list[float] = []
    waiting: dict[str, float] = {}
    boot_id, n, began_s = str(uuid4()), 0, time.monotonic()
    never = threading.Event()
    done_s: float | None = None
    with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as look:
        while time.monotonic() - began_s < LONGEST_S:
            now_s = time.monotonic()
            written, acknowledged, set_aside = store.counts()
            old = look.execute(
                "SELECT count(*) FROM records WHERE seq <= ? AND state = 'waiting'", (backlog,)
            ).fetchone()[0]
            for uuid, since_s in list(waiting.items()):
                state = look.execute("SELECT state FROM records WHERE uuid = ?", (uuid,)).fetchone()[0]
                if state == "acknowledged":
                    waited_s.append(now_s - since_s)
                    del waiting[uuid]
            if done_s is None and old == 0:
                done_s = now_s - began_s
            if done_s is not None and not waiting:
                break
            if done_s is None and now_s - began_s >= n * EVERY_S:
                n += 1
                stamp = Stamp(time.time_ns() // 1_000_000, float(n), boot_id, synchronised=True)
                waiting[store.append(_passage(n), stamp).uuid] = time.monotonic()
            never.wait(LOOK_EVERY_S)
        written, acknowledged, set_aside = store.counts()
    if done_s is None or acknowledged != written:
        bootstrap.say(f"未收齐 / NOT ALL ARRIVED: {acknowledged} / {written}, 被拒 / set aside {set_aside}")
        return 1
    bootstrap.say(
        f"送达 / sent: {backlog} 条记录 / records, {done_s:.1f} s ({done_s / 60:.1f} min), {backlog / done_s:.0f}/s"
    )
    bootstrap.say(
        f"其间写下的 / written meanwhile: {n}; 等待 / waited for the county: "
        f"中位 / median {statistics.median(waited_s):.2f} s, 最长 / longest {max(waited_s):.2f} s"
    )
    return 0


def _passage(n: int) -> Passage:
    forehead_c = 34.5 + (n * 7_919 % 200) / 100
    measured = Measurement(
        float(n), n + 1.25, 9, forehead_c, forehead_c + 0.6, 0.25, forehead_c - 0.5, 36.4, 37.0, 37.3, "pass", "ok"
    )
    person_id = f"p-{n % 1_200:04d}"
    return Passage(measured, "known", person_id, "card", 12, 34.6, "pass", ("ok",))


def run_county(environment: dict[str, str], *arguments: str) -> None:
    """One of the county's commands to its end. ForegateError: it refused."""
    line = [sys.executable, "-m", "county.manage", *arguments]
    whole = {**os.environ, **environment}
    done = subprocess.run(line, env=whole, capture_output=True, text=True, timeout=READY_WITHIN_S, check=False)
    if done.returncode != 0:
        raise ForegateError(f"县级服务器命令失败：{done.stderr}", f"a command of the county failed: {done.stderr}")


def await_line(said: queue.Queue[Said], pattern: re.Pattern[str]) -> str:
    """The pattern's first group in the first line that a child says with it. ForegateError: none did."""
    deadline_s = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < deadline_s:
        with contextlib.suppress(queue.Empty):
            line = said.get(timeout=1.0).line
            if line is None:
                break
            if found := pattern.search(line):
                return found[1]
    raise ForegateError("县级服务器没有启动", "the county did not start")


def stop(child: Child) -> None:
    """Ask it to end, and see to it."""
    child.stop(STOP_WITHIN_S)
    child.end()


if __name__ == "__main__":
    sys.exit(main())
