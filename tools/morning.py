"""A morning at a school: 1,160 people in 30 minutes through the whole service, faster than real time.

    a county's process -> signed roster -> sync's processes -> the gates' files
    simulated people -> simulated camera -> detector -> gate (edge.app.gate_loop) -> records -> sync -> county

python -m tools.morning [--people N] [--lanes N] [--minutes M] [--seed N] [--folder F]

Everybody's verdicts are held against the truth, and the day's report against the parts that were dealt out. The exit
code is 1 when anything does not add up. One lane lets in as many as its people need to walk up, stand still and leave
(see the printed pace): 1,160 in 30 minutes are for two.
"""

import argparse
import os
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path
from zoneinfo import ZoneInfo

from edge.adapters.camera_sim import PersonTruth, SimSettings
from edge.app import bootstrap, bootstrap_county
from edge.app.config import Config
from edge.app.demo_summary import county_fingerprints, read_records
from edge.app.gate_loop import Gate
from edge.app.parts import Parts
from edge.app.report_command import lines
from edge.core.contents import KINDS
from edge.core.errors import ForegateError
from edge.core.record import Record
from edge.core.report import DayReport, of_day
from tools import morning_sums as sums
from tools.morning_county import County
from tools.morning_lane import Coming, FrameClock, Lane, SeenLamp
from tools.morning_school import OPENS_MIN, SCHOOL, Errand, School, school

REFERENCE_ACROSS = 0.11

Announce = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Played:
    """What happened in one lane. opened: how often the relay was asked to open; code: the gate's exit code."""

    comings: tuple[Coming, ...]
    people: dict[int, PersonTruth]
    opened: int
    code: int
    simulated_s: float
    said: tuple[str, ...]


def main(arguments: Sequence[str] | None = None, announce: Announce = print) -> int:
    """Play a morning; 0 when everything adds up, else 1."""
    parser = argparse.ArgumentParser(description="1,160 people in 30 minutes / 三十分钟一千一百六十人")
    parser.add_argument("--people", type=int, default=1160)
    parser.add_argument("--lanes", type=int, default=2)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="keep records and rosters in this new folder / 文件留在此新文件夹")
    options = parser.parse_args(arguments)
    cast = school(options.people, options.lanes, options.minutes, options.seed)
    with tempfile.TemporaryDirectory(prefix="foregate-morning-") as temporary:
        place = Path(temporary)
        if options.folder is not None:
            place = options.folder.absolute()
            place.mkdir(parents=True)
        try:
            return _morning(cast, place, options.seed, announce)
        except ForegateError as error:
            announce(str(error))
            return 1


def _morning(cast: School, place: Path, seed: int, announce: Announce) -> int:
    with County(place, announce) as county:
        configs = county.open(cast)
        announce("县、名单、同步就绪 / county, roster and sync are ready")
        zone = ZoneInfo(configs[0].gate.timezone)
        opens = datetime.now(zone).replace(hour=0, minute=OPENS_MIN % 60, second=0, microsecond=0)
        # Yesterday's: no record is from the future.
        opens = opens.replace(hour=OPENS_MIN // 60) - timedelta(days=1)
        began_s = time.monotonic()
        played = _play(cast, configs, round(opens.timestamp() * 1000), seed)
        took_s = time.monotonic() - began_s
        county.await_all_sent(lambda: sum(_waiting(config) for config in configs))
        missing = sum(_not_at_county(config) for config in configs)
        records = [_records(config) for config in configs]
        day = _day_report(configs[0], opens, [record for own in records for record in own])
    truths = [sums.LaneTruth(one.comings, one.people) for one in played]
    found = [visit for own, truth in zip(records, truths, strict=True) for visit in sums.visits(own, truth)]
    wrong = [line for one in played for line in one.said if one.code]
    wrong += sums.faults(cast, found, truths) + sums.report_faults(cast, day)
    if missing:
        wrong.append(f"{missing} records are not at the county")
    _tell(cast, played, found, took_s, announce)
    for line in lines(day):
        announce(line)
    announce("")
    for line in wrong:
        announce(f"  ! {line}")
    announce("有不符之处 / SOMETHING DOES NOT ADD UP" if wrong else "全部相符 / everything adds up")
    return 1 if wrong else 0


def _play(cast: School, configs: Sequence[Config], began_utc_ms: int, seed: int) -> list[Played]:
    """All lanes, each in a process of its own when there are several."""
    jobs = [
        (config, [errand for errand in cast.errands if errand.pupil.lane == lane], began_utc_ms, lane, seed)
        for lane, config in enumerate(configs)
    ]
    if len(jobs) == 1:
        return [play_lane(*jobs[0])]
    with ProcessPoolExecutor(min(len(jobs), os.cpu_count() or 1), get_context("spawn")) as pool:
        return [future.result() for future in [pool.submit(play_lane, *job) for job in jobs]]


def play_lane(config: Config, errands: Sequence[Errand], began_utc_ms: int, number: int, seed: int) -> Played:
    """One gate from its first person to its last."""
    clock = FrameClock(began_utc_ms, number)
    # As a technician mounts it: where it hides nobody of two who stand side by side.
    settings = SimSettings(seed=seed + number, reference_across=REFERENCE_ACROSS)
    lane = Lane(settings, errands, clock, seed)
    said: list[str] = []
    with ExitStack() as opened:
        store = opened.enter_context(closing(bootstrap.open_store(config)))
        lamp = lane.lamp = SeenLamp(opened.enter_context(closing(bootstrap.open_gate_io(config))), clock)
        roster = bootstrap_county.open_roster(config, said.append)
        assert roster is not None
        opened.callback(roster.close)
        parts = Parts(lane, bootstrap.open_detector(), lamp, store, lane, clock, roster=roster, badges=lane.badges)
        code = Gate(config, parts, said.append).run(threading.Event())
    people = {one.person: one for one in lane.camera.people()}
    return Played(tuple(lane.comings), people, lamp.opened, code, clock.now_s(), tuple(said[-20:]))


def _waiting(config: Config) -> int:
    with closing(bootstrap.open_store(config)) as store:
        written, acknowledged, set_aside = store.counts()
    return written - acknowledged - set_aside


def _not_at_county(config: Config) -> int:
    there = county_fingerprints(config)
    return sum(there.get(one.record.uuid) != one.sha256 for one in read_records(config.store.path))


def _records(config: Config) -> list[Record]:
    with closing(bootstrap.open_store(config)) as store:
        return store.recall(set(KINDS))


def _day_report(config: Config, opens: datetime, records: Sequence[Record]) -> DayReport:
    """The day of all lanes together."""
    roster = bootstrap_county.open_roster(config)
    assert roster is not None
    assert roster.header is not None
    at_utc_ms = round(opens.timestamp() * 1000) + 3_600_000
    with closing(roster):
        people = roster.people()
        return of_day(opens.date().isoformat(), SCHOOL, records, (), people, at_utc_ms, roster.header.version)


def _tell(
    cast: School, played: Sequence[Played], found: Sequence[sums.Visit], took_s: float, announce: Announce
) -> None:
    came = {coming.errand.pupil.person_id: coming.errand.pupil for one in played for coming in one.comings}
    twice = [one for one in found if sums.is_seen_again(one, found)]
    last = {v.coming.errand.pupil.person_id: v.passage for v in found if v.coming is not None and v not in twice}
    announce("")
    announce("角色 / part       人 / people   最后的结论 / last verdict")
    for part in sorted({one.part for one in came.values()}, key=lambda part: part != "ordinary"):
        of_part = [one.person_id for one in came.values() if one.part == part]
        told = Counter(f"{last[id_].verdict} ({last[id_].reasons[0]})" for id_ in of_part if id_ in last)
        words = ", ".join(f"{count} {text}" for text, count in told.most_common())
        announce(f"{part:<18}{len(of_part):>6}        {words}")
    announce("")
    announce("此前的通行（再来一次）/ visits before the last: ")
    for text, count in sums.earlier(found).most_common():
        announce(f"  {count:>4}  {text}")
    announce(f"放行后快门遮挡、又看见一次 / let in, and seen once more after the shutter hid them: {len(twice)}")
    announce("")
    for number, one in enumerate(played, 1):
        _tell_lane(number, one, announce)
    errors_k = [
        visit.passage.measurement.forehead_c - played[lane].people[visit.coming.number].forehead_c
        for visit in found
        if visit.coming is not None
        and visit.passage.measurement is not None
        and visit.passage.measurement.forehead_c is not None
        for lane in (visit.coming.errand.pupil.lane,)
    ]
    if errors_k:
        spread_k = statistics.pstdev(errors_k)
        announce(f"读数误差 / error of the readings: {statistics.fmean(errors_k):+.2f} K, SD {spread_k:.2f} K")
    minutes = max(one.simulated_s for one in played) / 60
    announce(f"{len(came)} 人，{minutes:.1f} 分钟，{len(came) / minutes:.1f} 人/分 / people, minutes, people a minute")
    announce(f"{took_s:.0f} 秒播放，{minutes * 60 / took_s:.1f} 倍速 / seconds to play, times as fast as real time")
    announce("")


def _tell_lane(number: int, one: Played, announce: Announce) -> None:
    """How long people stood there, and how close they followed each other when there was no gap between them."""
    paces_s = [later.came_s - earlier.came_s for earlier, later in pairwise(one.comings)]
    close_s = statistics.quantiles(paces_s, n=10)[0] if len(paces_s) > 1 else 0.0
    announce(
        f"通道 {number} / lane {number}: 走近 / came up {len(one.comings)} 次 / times, 开门 / opened {one.opened}, "
        f"最密 / closest {close_s:.1f} s"
    )


if __name__ == "__main__":
    sys.exit(main())
