"""The county under load: a real `foregate-county serve`, and whether everything adds up in its database afterwards.

Imported once the environment names the database: it sets Django up.
"""

import os
import signal
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "county.settings")
django.setup()

from django.core.management import call_command  # noqa: E402  # only after setup
from django.db import connections  # noqa: E402
from django.utils import timezone  # noqa: E402

from county.core.day import local_day  # noqa: E402
from county.core.roll import Roll  # noqa: E402
from county.gates import heads  # noqa: E402
from county.gates.models import Anomaly, Gate, Record  # noqa: E402
from county.reports.composing import compose_now, end_of  # noqa: E402
from county.rosters.changing import change_roll  # noqa: E402
from edge.adapters.device_key import DeviceKey  # noqa: E402
from edge.core.roster import EntryWindow, Person  # noqa: E402
from tools import county_load_gates as gates  # noqa: E402

READY = "county ready: "
STOP_WITHIN_S = 30.0


def prepare(all_gates: Sequence[gates.Gate]) -> dict[str, str]:
    """Tables, schools with their rosters, gates with their keys; each gate's token."""
    call_command("migrate", stdout=StringIO())
    people: dict[str, list[str]] = defaultdict(list)
    for gate in all_gates:
        people[gate.school] += gate.people
    for school, ids in people.items():
        change_roll(school, "load", timezone.now(), lambda _, ids=ids: _roll(ids))  # type: ignore[misc]  # a default
    return {gate.gate_id: _add(gate) for gate in all_gates}


@contextmanager
def served(workers: int) -> Iterator[tuple[str, int]]:
    """The server as a process of its own: (its address, its process id)."""
    connections.close_all()
    line = [sys.executable, "-m", "county.manage", "serve", "--bind", "127.0.0.1:0", "--threads", "16"]
    process = subprocess.Popen(
        [*line, *(["--workers", str(workers)] if workers > 1 else [])],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        said = process.stdout.readline() if process.stdout is not None else ""
        if READY not in said:
            raise RuntimeError(f"the county did not start: {said!r}")
        yield said.partition(READY)[2].strip().rstrip("/"), process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()


def cpu_s(*roots: int) -> float:
    """Seconds of processor time that these processes and all that they started have used (proc(5), stat)."""
    parents: dict[int, list[int]] = defaultdict(list)
    used: dict[int, int] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            # It has ended meanwhile.
            continue
        pid = int(path.parent.name)
        parents[int(fields[1])].append(pid)
        used[pid] = sum(int(ticks) for ticks in fields[11:15])
    found, ours = list(roots), 0
    while found:
        pid = found.pop()
        ours += used.get(pid, 0)
        found += parents[pid]
    return ours / os.sysconf("SC_CLK_TCK")


def complaints(written: Sequence[gates.Written], sent: gates.Sent) -> list[str]:
    """What does not add up; empty: nothing lost, nothing twice, every school's report right."""
    found = []
    distinct = sum(one.records for one in written)
    if sent.statuses["created"] != distinct:
        found.append(f"{distinct} records were written, {sent.statuses['created']} were answered with created")
    odd = {name: n for name, n in sent.statuses.items() if name not in {"created", "already", "busy"}}
    if odd:
        found.append(f"refused: {odd}")
    if Anomaly.objects.exists():
        found.append(f"{Anomaly.objects.count()} anomalies")
    for one in written:
        found += _of_gate(one)
    for school in sorted({one.gate.school for one in written}):
        found += _of_school(school, [one for one in written if one.gate.school == school])
    return found


def _of_gate(one: gates.Written) -> list[str]:
    gate = Gate.objects.get(pk=one.gate.gate_id)
    kept = Record.objects.filter(gate=gate).count()
    told = (gate.records, gate.highest_seq, gate.complete_to, kept)
    if told != (one.records,) * 4:
        return [f"{gate.gate_id}: {one.records} written, (records, highest, complete to, rows) are {told}"]
    head = heads.highest(gate)
    # A chain without a hole whose head is the gate's own is the gate's own.
    return [] if head == one.head else [f"{gate.gate_id}: its head is {one.head}, the county's {head}"]


def _of_school(school: str, own: Sequence[gates.Written]) -> list[str]:
    found = []
    people = sum(len(one.gate.people) for one in own)
    mornings = sorted({morning for one in own for morning in one.verdicts})
    for morning in {mornings[0], mornings[-1]}:
        day = local_day(datetime.fromtimestamp(morning / 1000, UTC), timezone.get_default_timezone())
        came = Counter[str]()
        for one in own:
            came.update(one.verdicts.get(morning, {}))
        figures = compose_now(school, day, end_of(day, timezone.now())).plain["figures"]
        entered, refused = came["pass"], came["fever"] + came["refused"] + came["not_measured"]
        expected = {
            "people": people,
            "entered": entered,
            "refused": refused,
            "absent": people - entered - refused,
            "in_observation": 0,
            "difference": 0,
            "visits": sum(came.values()),
            "fever_visits": came["fever"],
            "not_measured": came["not_measured"],
            "records": sum(came.values()),
            "unreadable": 0,
            "not_on_roster": [],
        }
        wrong = {name: (value, figures[name]) for name, value in expected.items() if figures[name] != value}
        if wrong:
            found.append(f"{school} {day}: (should be, is) {wrong}")
    return found


def last_full_day() -> date:
    """Yesterday at the county: all of its morning is over."""
    return local_day(timezone.now(), timezone.get_default_timezone()) - timedelta(days=1)


def morning_utc_ms(day: date) -> int:
    """07:10 of the day at the county, in milliseconds since 1970 UTC."""
    moment = datetime(day.year, day.month, day.day, 7, 10, tzinfo=timezone.get_default_timezone())
    return round(moment.timestamp() * 1000)


def _roll(ids: Sequence[str]) -> Roll:
    windows = {f"c{n:03d}": EntryWindow(f"c{n:03d}", f"{n} 班", 0, 1440) for n in range(-(-len(ids) // 40))}
    model = Person("p", "某人", "pupil", None, (), True, None, True)
    people = [
        replace(model, person_id=one, name=f"学生{n}", class_id=f"c{n // 40:03d}", badges=(one.upper(),))
        for n, one in enumerate(ids)
    ]
    return Roll(windows, {one.person_id: one for one in people})


def _add(gate: gates.Gate) -> str:
    out = StringIO()
    key = DeviceKey(gate.folder / "device.key").public_key
    options: dict[str, Any] = {"stdout": out, "stderr": StringIO(), "no_color": True}
    call_command(
        "add_gate", gate.gate_id, "--name", gate.gate_id, "--school", gate.school, "--public-key", key, **options
    )
    return out.getvalue().strip()
