"""A county's morning after an outage: does everything arrive, once, and add up; and how fast.

python -m tools.county_load [--gates 35 --people 1160 --outage-days 30 --cut-off 10 --database sqlite|postgresql]

Real signed chains, over HTTP, to a real `foregate-county serve`, from several client processes. `--cut-off` gates
were without network for `--outage-days` and send these mornings too. Figures are of this machine, which runs
clients and server together; what travels is the processor time per record. Exit code 1: something does not add up.
"""

import argparse
import multiprocessing
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

from tools import county_load_gates as gates
from tools import scale
from tools.postgres_cluster import Server, cluster

GATES_PER_SCHOOL = 3
CLIENTS = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it and print the figures; 0: everything adds up."""
    asked = _parser().parse_args(arguments)
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="foregate-load-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        _no_variables()
        os.environ["FOREGATE_COUNTY_DATA"] = str(folder / "county")
        server: Server | None = None
        if asked.database == "postgresql":
            # As Debian delivers it, with what it promises: an answer goes out when the record is on the disk.
            server = stack.enter_context(cluster())
            os.environ["FOREGATE_COUNTY_DATABASE"] = server.create("county")
        return _run(asked, folder, server)


def _run(asked: argparse.Namespace, folder: Path, server: Server | None) -> int:
    # Imported here: it sets Django up, with the database that the environment names now.
    from tools import county_load_county as county  # noqa: PLC0415

    today = county.last_full_day()
    days = [today - timedelta(days=back) for back in range(asked.outage_days, -1, -1)]
    mornings = tuple(county.morning_utc_ms(day) for day in days)
    planned = [_planned(number, asked, mornings, folder) for number in range(asked.gates)]
    processes = ProcessPoolExecutor(CLIENTS, mp_context=multiprocessing.get_context("spawn"))
    with processes:
        _say(f"{asked.gates} gates, {asked.people} people each, {asked.cut_off} of them without network for"
             f" {asked.outage_days} days, on {asked.database}")  # fmt: skip
        written = list(processes.map(gates.write, planned))
        tokens = county.prepare(planned)
        with county.served(asked.workers) as (url, pid):
            roots = (pid,) if server is None else (pid, server.pid)
            before_s, began_s = county.cpu_s(*roots), time.monotonic()
            shares = [[(one, tokens[one.gate.gate_id]) for one in written[n::CLIENTS]] for n in range(CLIENTS)]
            sending = [processes.submit(gates.send, url, share, max(1, len(share))) for share in shares if share]
            sent = gates.Sent()
            for one in sending:
                sent.add(one.result())
            took_s, cpu_s = time.monotonic() - began_s, county.cpu_s(*roots) - before_s
    _tell(sent, took_s, cpu_s)
    wrong = county.complaints(written, sent)
    for line in wrong:
        _say(f"WRONG: {line}")
    if not wrong:
        schools = len({one.gate.school for one in written})
        _say(f"adds up: nothing lost, nothing twice, the reports of {schools} schools are right")
    return 1 if wrong else 0


def _planned(number: int, asked: argparse.Namespace, mornings: tuple[int, ...], folder: Path) -> gates.Gate:
    gate_id = f"load-{number + 1:03d}"
    (folder / gate_id).mkdir(mode=0o700)
    people = tuple(f"{gate_id}-{n:05d}" for n in range(asked.people))
    school = f"学校 {number // GATES_PER_SCHOOL + 1}"
    return gates.Gate(gate_id, school, people, mornings if number < asked.cut_off else mornings[-1:], folder / gate_id)


def _tell(sent: gates.Sent, took_s: float, cpu_s: float) -> None:
    records = sent.statuses["created"] + sent.statuses["already"]
    # 100 parts have 99 borders; of fewer batches than that the last border is the longest of them.
    borders = statistics.quantiles(sent.batch_s, n=100, method="inclusive") if len(sent.batch_s) > 1 else sent.batch_s
    _say(f"{sent.statuses['created']} records created, {sent.statuses['already']} sent again,"
         f" {sent.statuses['busy']} times asked to come again")  # fmt: skip
    _say(f"throughput {records / took_s:,.0f} records/s ({took_s:.1f} s)")
    _say(f"server and database used {1e6 * cpu_s / records:,.0f} us of a core per record:"
         f" {records / cpu_s:,.0f} records/s per core")  # fmt: skip
    for line in scale.lines(1e6 * cpu_s / records):
        _say(line)
    _say(f"latency of a batch: p50 {statistics.median(sent.batch_s):.3f} s, p99 {borders[-1]:.3f} s")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tools.county_load", description=__doc__)
    parser.add_argument("--gates", type=int, default=35)
    parser.add_argument("--people", type=int, default=1160, help="per gate")
    parser.add_argument("--outage-days", type=int, default=30)
    parser.add_argument("--cut-off", type=int, default=10, help="gates that were without network")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--workers", type=int, default=1, help="processes of the server, on PostgreSQL")
    return parser


def _no_variables() -> None:
    for name in [name for name in os.environ if name.startswith(("FOREGATE_", "DJANGO_"))]:
        del os.environ[name]


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
