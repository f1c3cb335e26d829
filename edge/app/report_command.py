"""`foregate report`: the day of this gate, from its records and the roster in force, for people or for programs."""

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from edge.app import bootstrap, bootstrap_county
from edge.app.config import Config
from edge.core import contents, dating, report, texts
from edge.core.errors import ConfigError, StoreError
from edge.core.record import Record
from edge.core.report import DayReport, OpenCase, Tally
from edge.core.texts import Text
from edge.ports import Store

# A board that was off for so long starts with a clock that is so far behind, until it is set.
BEHIND_MS = 7 * 86_400_000
HOUR_S = 3600

log = logging.getLogger(__name__)

_KINDS = {"fever": Text("发热", "fever"), "symptom": Text("症状", "symptom")}
_STATES = {
    "open": Text("待处理", "open"),
    "observation": Text("观察中", "in observation"),
    "released": Text("已放行待结案", "released, not closed"),
}


def show(config: Config, day: str | None, as_json: bool, announce: Callable[[str], None]) -> int:
    """Announce the report of an ISO date, None: today as this machine's clock tells it; 0.

    ConfigError: no such date. StoreError, RosterError: records or roster cannot be read.
    """
    zone = ZoneInfo(config.gate.timezone)
    stamp = bootstrap.open_clock().stamp()
    chosen = datetime.fromtimestamp(stamp.utc_ms / 1000, UTC).astimezone(zone).date() if day is None else _date(day)
    with closing(bootstrap.open_store(config)) as store:
        # A program that reads the report shall read nothing else.
        found = of_store(store, config, chosen, stamp.utc_ms, log.warning if as_json else announce)
    if as_json:
        counts = {name: dict(getattr(found, name)) for name in ("verdicts", "reasons", "refused_for", "events")}
        announce(json.dumps(asdict(found) | counts, ensure_ascii=False))
        return 0
    for line in lines(found):
        announce(line)
    return 0


def of_store(store: Store, config: Config, day: date, now_utc_ms: int, announce: Callable[[str], None]) -> DayReport:
    """The report of this local day; announce: told when there should be a roster and none can be read."""
    zone = ZoneInfo(config.gate.timezone)
    start_ms, end_ms = _midnight_ms(day, zone), _midnight_ms(day + timedelta(days=1), zone)
    if gone := store.erased(start_ms, end_ms):
        raise StoreError(
            f"{day} 有 {gone} 条记录的个人内容已按保留期删除，本机无法再出该日日报；请向县里查询",
            f"personal data of {gone} records of {day} was erased after its time, so this gate cannot report that day"
            " any more; ask the county",
        )
    near = dating.on_set_clocks(store.recall(set(contents.KINDS), max(0, start_ms - BEHIND_MS)))
    steps = dating.on_set_clocks([*store.recall({"case"}), *near])
    own = [record for record in near if start_ms <= record.decided.utc_ms < end_ms]
    before: list[Record] = [record for record in steps if record.decided.utc_ms < end_ms]
    at_utc_ms = min(end_ms, max(now_utc_ms, start_ms))
    roster = bootstrap_county.open_roster(config, announce)
    if roster is None:
        return report.of_day(day.isoformat(), config.gate.id, own, before, (), at_utc_ms)
    with closing(roster):
        version = None if roster.header is None else roster.header.version
        return report.of_day(day.isoformat(), config.gate.id, own, before, roster.people(), at_utc_ms, version)


def lines(found: DayReport) -> Iterator[str]:
    """The report as people read it, Chinese first."""
    yield f"日报 / report of the day  {found.date}  {found.gate_id}"
    if found.is_zero:
        yield "零报告：当日无记录 / zero report: nothing was written down that day"
    yield from _roster_lines(found)
    yield ""
    yield _line("通行 / visits", found.visits)
    for verdict, count in found.verdicts:
        yield _line(f"  {texts.VERDICTS[verdict]}", count)
    for code, count in found.reasons:
        if code != "ok":
            yield _line(f"    {_reason(code)}", count)
    yield _line("  无人认领的通行 / nobody knows who it was", found.unidentified)
    yield _line("  刷卡而无人 / badges without a face", found.badges_without_face)
    yield _line("人工放行 / let in by a guard", found.overrides)
    yield _line("新事件 / cases opened", found.cases_opened)
    yield _line("接触式测温 / contact readings", found.contact_readings)
    yield _line("解除 / released", found.released)
    for code, count in found.events:
        yield _line(str(texts.EVENTS.get(code, code)), count)
    yield from _case_lines(found)
    if found.clock_unknown:
        yield _line("时钟未校准时的记录 / written before the clock was set", found.clock_unknown)


def _roster_lines(found: DayReport) -> Iterator[str]:
    if found.roster_version is None:
        yield "没有名单，不计人头 / no roster: people are not counted, visits are"
        return
    yield f"名单第 {found.roster_version} 版 / roster version {found.roster_version}"
    yield _tally("全体 / everybody", found.whole)
    for one in found.classes:
        yield _tally(f"  {one.class_id or '无班级 / no class'}", one)
    for code, count in found.refused_for:
        yield _line(f"  未放行 / refused: {_reason(code)}", count)
    if found.not_on_roster:
        yield f"不在名单上的编号 / ids that are not on the roster: {' '.join(found.not_on_roster)}"


def _case_lines(found: DayReport) -> Iterator[str]:
    yield _line("未结事件 / cases still open", len(found.open_cases))
    for case in found.open_cases:
        yield f"  {_case(case)}"


def _case(case: OpenCase) -> str:
    contact = "" if case.contact_c is None else f"  {case.contact_c:.1f} °C"
    age = f"{case.age_s / HOUR_S:.1f} h"
    return f"{age}  {case.person_id or '?'}  {_KINDS[case.kind]}  {_STATES[case.state]}{contact}  {case.case_id}"


def _tally(name: str, one: Tally) -> str:
    return (
        f"{name}: {one.people} = 已入 / in {one.passed} + 未放行 / refused {one.refused}"
        f" + 观察 / in observation {one.in_observation} + 未到 / absent {one.absent}"
    )


def _line(name: str, count: int) -> str:
    return f"{name}: {count}"


def _reason(code: str) -> str:
    # Newer software may have written codes that this one has no words for.
    return str(texts.REASONS.get(code, code))


def _date(day: str) -> date:
    refusal = ConfigError(
        f"--day {day!r} 不是日期；例如 2026-03-02", f"--day {day!r} is no date; for example 2026-03-02"
    )
    try:
        chosen = date.fromisoformat(day)
    except ValueError as error:
        raise refusal from error
    # The first and the last days of the calendar have no midnight everywhere.
    if not 2000 <= chosen.year < 3000:
        raise refusal
    return chosen


def _midnight_ms(day: date, zone: ZoneInfo) -> int:
    return int(datetime.combine(day, time(), zone).timestamp() * 1000)
