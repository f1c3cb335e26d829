"""The daily report of a school, over all its gates: figures, what is not certain about them, and its canonical bytes.

    people - entered - absent - in observation - refused = 0

holds by counting, for everybody on the roster is counted once; what the figures cannot know is named beside them.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from county.core.signals_early import Fever, Signal, counted, signals
from edge.core.contents import CaseStep, GateEvent, Passage
from edge.core.record import Record
from edge.core.report import DayReport, Tally, of_day
from edge.core.roster import Person
from edge.core.texts import Text

FORMAT = "foregate-report-1"
# What a gate writes down of a time in which it could not measure; a start tells only for how long it had written
# nothing before, which may have been a night.
DOWNTIME = ("camera_away", "started")
MEASURED_DOWN = ("camera_away",)


@dataclass(frozen=True, slots=True)
class GateState:
    """What the county knows of a gate's day. seen: it was heard from, or its records of that day are there.

    missing: numbers below the highest that never came; waiting: records that the gate says it still has; anomalies:
    what it sent that contradicts; clock_unknown: records of the day that count by their arrival.
    """

    gate_id: str
    name: str
    records: int
    seen: bool
    missing: int = 0
    waiting: int = 0
    anomalies: int = 0
    clock_unknown: int = 0


@dataclass(frozen=True, slots=True)
class Known:
    """Everything that a school's report of an ISO date is made of.

    until_utc_ms: what was decided later is not in it. records: of that day; history: every case step before its end;
    unreadable: records whose content is not there any more. roster_version None: there is no roster. past_fevers:
    those of days before; school_days: days with school.
    """

    school: str
    day: str
    until_utc_ms: int
    gates: tuple[GateState, ...]
    records: Sequence[Record]
    history: Sequence[Record]
    unreadable: int
    people: Sequence[Person]
    class_names: Mapping[str, str]
    roster_version: int | None
    past_fevers: Sequence[tuple[str, str]] = ()
    school_days: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class SchoolReport:
    """A composed report. plain: everything in it but the version, ready for JSON; figures_sha256: of its figures, by
    which somebody who confirms says which ones they saw."""

    plain: Mapping[str, Any]
    figures_sha256: str


@dataclass(frozen=True, slots=True)
class Version:
    """What makes a report a version of a day: its number, the fingerprint of the one before, and why it was amended."""

    number: int = 1
    previous_sha256: str | None = None
    reason: str = ""


def compose(known: Known) -> SchoolReport:
    """The report of what is known."""
    found = of_day(
        known.day, known.school, known.records, known.history, known.people, known.until_utc_ms, known.roster_version
    )
    fevers = _fevers(known)
    signals_ = signals(known.day, fevers, known.school_days)
    figures = _figures(known, found, fevers)
    plain = {
        "format": FORMAT,
        "school": known.school,
        "day": known.day,
        "until_utc_ms": known.until_utc_ms,
        "zero": is_zero(figures),
        "figures": figures,
        "gates": [asdict(gate) for gate in known.gates],
        "signals": [_plain_signal(one, known) for one in signals_],
    }
    return SchoolReport(plain, sha256(canonical(figures)))


def is_zero(figures: Mapping[str, Any]) -> bool:
    """Whether there is nothing to report: nobody had a fever or is in observation, no case was opened or is open."""
    return not (
        figures["fever_visits"] or figures["cases_opened"] or figures["in_observation"] or figures["open_cases"]
    )


def body_of(plain: Mapping[str, Any], version: Version) -> bytes:
    """The canonical bytes of this version of a report: what is confirmed, kept and fingerprinted."""
    told = {"version": version.number, "previous_sha256": version.previous_sha256, "reason": version.reason}
    return canonical({**plain, **told})


def canonical(plain: Mapping[str, Any]) -> bytes:
    """JSON with sorted keys, no blanks, UTF-8."""
    return json.dumps(plain, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")).encode()


def sha256(data: bytes) -> str:
    """64 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def doubts(plain: Mapping[str, Any]) -> tuple[Text, ...]:
    """What the figures do not know, named one by one; empty: every record is there and says who it was."""
    figures, gates = plain["figures"], plain["gates"]
    found = [_unseen(gates)] if not gates or any(not gate["seen"] for gate in gates) else []
    if figures["roster_version"] is None:
        found.append(Text("没有名单：只计通行，不计人头", "no roster: visits are counted, people are not"))
    told = {name: sum(gate[name] for gate in gates) for name in ("missing", "waiting", "anomalies", "clock_unknown")}
    counts = {**told, **{name: figures[name] for name in ("unidentified", "badges_without_face", "unreadable")}}
    found += [Text(zh.format(counts[name]), en.format(counts[name])) for name, zh, en in _DOUBTS if counts[name]]
    if figures["not_on_roster"]:
        ids = "、".join(figures["not_on_roster"][:10]) + ("…" if len(figures["not_on_roster"]) > 10 else "")
        many = len(figures["not_on_roster"])
        found.append(Text(f"{many} 个编号不在名单上：{ids}", f"{many} ids are not on the roster: {ids}"))
    if figures["difference"]:
        found.append(Text(f"人数相差 {figures['difference']}", f"the sum differs by {figures['difference']}"))
    return tuple(found)


_DOUBTS = (
    ("missing", "缺 {} 条记录（序号中断）", "records missing between those that came: {}"),
    ("waiting", "闸机尚有 {} 条记录未送达", "records that still wait at the gates: {}"),
    ("anomalies", "{} 条记录签名或链条有误，未计入", "not counted, their signature or chain is wrong: {}"),
    ("unreadable", "{} 条记录的内容无法读取", "records whose content cannot be read: {}"),
    (
        "clock_unknown",
        "{} 条记录的闸机时间未知，按收到时间计",
        "records of an unset clock, dated by arrival: {}",
    ),
    (
        "unidentified",
        "{} 次通行无人认领，可能是“未到”的人",
        "visits without a name, maybe of those called absent: {}",
    ),
    ("badges_without_face", "{} 次刷卡未见人", "badges shown without a face: {}"),
)


def _unseen(gates: Sequence[Mapping[str, Any]]) -> Text:
    if not gates:
        return Text("本校没有登记闸机", "no gate is registered at this school")
    names = "、".join(gate["name"] or gate["gate_id"] for gate in gates if not gate["seen"])
    return Text(f"当日未连接的闸机：{names}", f"gates that were not heard from that day: {names}")


def _figures(known: Known, found: DayReport, fevers: Iterable[Fever]) -> dict[str, Any]:
    by_class = counted(fevers, known.day)
    steps = Counter(one.content.step for one in known.records if isinstance(one.content, CaseStep))
    downtime = _downtime(known.records)
    whole = found.whole
    verdicts = dict(found.verdicts)
    return {
        "roster_version": known.roster_version,
        "people": whole.people,
        "entered": whole.passed,
        "refused": whole.refused,
        "in_observation": whole.in_observation,
        "absent": whole.absent,
        "difference": whole.people - whole.passed - whole.absent - whole.in_observation - whole.refused,
        "classes": [_class(one, known.class_names, by_class) for one in sorted(found.classes, key=_place)],
        "refused_for": [list(pair) for pair in found.refused_for],
        "visits": found.visits,
        "verdicts": verdicts,
        "fever_visits": verdicts["fever"],
        "fever_people": sum(by_class.values()),
        "not_measured": verdicts["not_measured"],
        "reasons": [list(pair) for pair in found.reasons],
        "unidentified": found.unidentified,
        "badges_without_face": found.badges_without_face,
        "cases_opened": found.cases_opened,
        "contact_readings": found.contact_readings,
        "into_observation": steps["observation"],
        "released": found.released,
        "overrides": found.overrides,
        "downtime": downtime,
        "downtime_s": round(sum(one["duration_s"] for one in downtime if one["code"] in MEASURED_DOWN), 3),
        "events": [list(pair) for pair in found.events],
        "open_cases": [_case(asdict(one)) for one in found.open_cases],
        "not_on_roster": list(found.not_on_roster),
        "records": found.records,
        "unreadable": known.unreadable,
    }


def _place(one: Tally) -> tuple[bool, int, str]:
    """C2 before C10; whoever is of no class last."""
    return one.class_id is None, len(one.class_id or ""), one.class_id or ""


def _class(one: Tally, names: Mapping[str, str], fevers: Mapping[str | None, int]) -> dict[str, Any]:
    return {
        "class_id": one.class_id,
        "name": "" if one.class_id is None else names.get(one.class_id, one.class_id),
        "people": one.people,
        "entered": one.passed,
        "refused": one.refused,
        "in_observation": one.in_observation,
        "absent": one.absent,
        "fevers": fevers[one.class_id],
    }


def _case(plain: dict[str, Any]) -> dict[str, Any]:
    # How old it is depends on when one looks; since when it is open does not.
    return {name: value for name, value in plain.items() if name != "age_s"}


def _downtime(records: Iterable[Record]) -> list[dict[str, Any]]:
    found = [(one, one.content) for one in records if isinstance(one.content, GateEvent)]
    return [
        {
            "gate_id": one.gate_id,
            "code": event.code,
            "ended_utc_ms": one.decided.utc_ms,
            "duration_s": event.duration_s or 0.0,
            "count": event.count or 0,
            "note": event.note,
        }
        for one, event in sorted(found, key=lambda pair: (pair[0].gate_id, pair[0].seq))
        if event.code in DOWNTIME
    ]


def _fevers(known: Known) -> list[Fever]:
    """Today's and the past's, with everybody's class of today; somebody whom nobody knows counts for the school."""
    classes = {person.person_id: person.class_id for person in known.people}
    named = {
        one.content.passage_uuid: one.content.person_id
        for one in known.records
        if isinstance(one.content, CaseStep) and one.content.person_id is not None
    }
    today = [
        one.content.person_id or named.get(one.uuid) or one.uuid
        for one in known.records
        if isinstance(one.content, Passage) and one.content.verdict == "fever"
    ]
    told = [*((known.day, who) for who in today), *((day, who) for day, who in known.past_fevers if day < known.day)]
    return [Fever(day, who, classes.get(who)) for day, who in told]


def _plain_signal(one: Signal, known: Known) -> dict[str, Any]:
    name = known.school if one.class_id is None else known.class_names.get(one.class_id, one.class_id)
    # Six significant digits: the same bytes on every machine.
    return {**asdict(one), "rules": list(one.rules), "chance": float(f"{one.chance:.6g}"), "name": name}
