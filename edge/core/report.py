"""The records of one day + the roster -> the report of the day, in which every number adds up.

    people = passed + refused + in_observation + absent

Everybody on the roster is counted once, as they stood at the end of the day:

    in_observation    held by a case, though they may have passed before; or under observation by the roster, and not in
    passed            the last verdict let them in, or a guard did
    refused           came, and was not let in: for whatever reason, a fever and no measurement too
    absent            nobody showed their badge

Who is in stays so when their badge is shown again: a card passed back (`already_in`) and a badge without a face say
nothing against who went in with it. People whom the roster does not know are named apart and counted nowhere else.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from edge.core.cases import Case, fold, holds
from edge.core.contents import CaseStep, GateEvent, Override, Passage, Verdict
from edge.core.record import Record
from edge.core.roster import Person

Standing = Literal["passed", "refused", "in_observation", "absent"]
Counts = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Tally:
    """People by how they stand at the end of the day; class_id None: of no class."""

    class_id: str | None
    people: int
    passed: int
    refused: int
    in_observation: int
    absent: int


@dataclass(frozen=True, slots=True)
class OpenCase:
    """A case that is not over at the end of the day: held, or released and not closed. age_s: since it was opened."""

    case_id: str
    kind: str
    state: str
    person_id: str | None
    contact_c: float | None
    opened_utc_ms: int
    age_s: float
    informed: int


@dataclass(frozen=True, slots=True)
class DayReport:
    """One day of one gate, or of all gates of a school. whole: everybody on the roster; classes: the same, class by
    class; roster_version None: nobody is asked who they are.

    gate_id: the gate, or the school whose gates were taken together. records: everything that was written down that
    day. refused_for: people by the gravest reason of their last visit. visits, by verdict and by gravest reason: one
    for every passage, whoever it was; unidentified: somebody stood there and nobody knows who; badges_without_face:
    the reverse. contact_readings, released: steps of cases; events: what happened to the gate, by code.
    not_on_roster: ids that records speak of and the roster does not know. clock_unknown: records that were written by
    a clock that nobody had set.
    """

    date: str
    gate_id: str
    at_utc_ms: int
    roster_version: int | None
    whole: Tally
    classes: tuple[Tally, ...]
    refused_for: Counts
    records: int
    visits: int
    verdicts: Counts
    reasons: Counts
    unidentified: int
    badges_without_face: int
    cases_opened: int
    contact_readings: int
    released: int
    overrides: int
    events: Counts
    open_cases: tuple[OpenCase, ...]
    not_on_roster: tuple[str, ...]
    clock_unknown: int

    @property
    def is_zero(self) -> bool:
        """Nothing happened, and nothing is open from before: which is reported too."""
        return not self.records and not self.open_cases


def of_day(
    date: str,
    gate_id: str,
    records: Iterable[Record],
    history: Iterable[Record],
    people: Iterable[Person],
    at_utc_ms: int,
    roster_version: int | None = None,
) -> DayReport:
    """The report of an ISO date. records: of that day, of all kinds; history: every case step up to its end.

    Of several gates with one roster: somebody refused at one and let in at another later has passed.
    at_utc_ms: when the cases' age is taken: the end of the day, or now. Records may come in any order and doubled.
    """
    day = _in_order(records)
    cases = fold([*history, *day])
    passages = {record.uuid: record.content for record in day if isinstance(record.content, Passage)}
    whose = _whose(passages, cases)
    held = frozenset(person_id for case in cases.values() if (person_id := _holds_whom(case, whose)) is not None)
    stood = _how_they_stood(day, whose)
    roster = {person.person_id: person for person in people}
    standings = {id_: _standing(person, date, held, stood) for id_, person in roster.items()}
    steps = Counter(record.content.step for record in day if isinstance(record.content, CaseStep))
    return DayReport(
        date=date,
        gate_id=gate_id,
        at_utc_ms=at_utc_ms,
        roster_version=roster_version,
        whole=_tally(None, standings.values()),
        classes=_by_class(roster, standings),
        refused_for=_counts(stood[id_] or "" for id_, standing in standings.items() if standing == "refused"),
        records=len(day),
        visits=len(passages),
        verdicts=tuple((word, sum(p.verdict == word for p in passages.values())) for word in get_args(Verdict)),
        reasons=_counts(passage.reasons[0] for passage in passages.values()),
        unidentified=sum(p.measurement is not None and whose.get(uuid) is None for uuid, p in passages.items()),
        badges_without_face=sum(passage.measurement is None for passage in passages.values()),
        cases_opened=steps["alarm"] + steps["symptom"],
        contact_readings=steps["contact"],
        released=steps["released"],
        overrides=sum(isinstance(record.content, Override) for record in day),
        events=_counts(record.content.code for record in day if isinstance(record.content, GateEvent)),
        open_cases=_open(cases, whose, at_utc_ms),
        not_on_roster=tuple(sorted((stood.keys() | held) - roster.keys())),
        clock_unknown=sum(not record.decided.synchronised for record in day),
    )


def _in_order(records: Iterable[Record]) -> list[Record]:
    """Each record once: those of one gate as they were written, several gates merged by their time.

    A clock that was set back moves no record before what the same gate wrote earlier: the latest time so far counts.
    """
    own = {record.uuid: record for record in records}
    latest_ms: dict[str, int] = {}
    placed: list[tuple[int, str, int, str]] = []
    for record in sorted(own.values(), key=lambda record: (record.gate_id, record.seq, record.uuid)):
        at_ms = latest_ms[record.gate_id] = max(record.decided.utc_ms, latest_ms.get(record.gate_id, 0))
        placed.append((at_ms, record.gate_id, record.seq, record.uuid))
    return [own[uuid] for *_, uuid in sorted(placed)]


def _whose(passages: Mapping[str, Passage], cases: Mapping[str, Case]) -> dict[str, str]:
    """Passage -> who it was: as identified there, or afterwards in the case that followed."""
    later = {case.passage_uuid: case.person_id for case in cases.values() if case.passage_uuid and case.person_id}
    named = {uuid: passage.person_id for uuid, passage in passages.items() if passage.person_id is not None}
    return {uuid: id_ for uuid, id_ in (later | named).items() if uuid is not None and id_ is not None}


def _holds_whom(case: Case, whose: Mapping[str, str]) -> str | None:
    if not holds(case):
        return None
    return case.person_id or whose.get(case.passage_uuid or "")


def _how_they_stood(day: Sequence[Record], whose: Mapping[str, str]) -> dict[str, str | None]:
    """Everybody who came, by id: None when they were let in, else the gravest reason why not."""
    stood: dict[str, str | None] = {}
    for record in day:
        content = record.content
        if isinstance(content, Override):
            person_id = whose.get(content.passage_uuid) or content.person_id
            if person_id is not None:
                stood[person_id] = None
        elif isinstance(content, Passage) and (person_id := whose.get(record.uuid)) is not None:
            is_in = person_id in stood and stood[person_id] is None
            if content.verdict == "pass":
                stood[person_id] = None
            elif not (is_in and (content.measurement is None or "already_in" in content.reasons)):
                stood[person_id] = content.reasons[0]
    return stood


def _standing(person: Person, date: str, held: frozenset[str], stood: Mapping[str, str | None]) -> Standing:
    came = person.person_id in stood
    if person.person_id in held:
        return "in_observation"
    if came and stood[person.person_id] is None:
        return "passed"
    if person.observation_until is not None and person.observation_until >= date:
        return "in_observation"
    return "refused" if came else "absent"


def _tally(class_id: str | None, standings: Iterable[Standing]) -> Tally:
    found = Counter(standings)
    return Tally(class_id, found.total(), *(found[word] for word in get_args(Standing)))


def _by_class(roster: Mapping[str, Person], standings: Mapping[str, Standing]) -> tuple[Tally, ...]:
    classes: dict[str | None, list[Standing]] = {}
    for person_id, person in roster.items():
        classes.setdefault(person.class_id, []).append(standings[person_id])
    in_order = sorted(classes.items(), key=lambda one: (one[0] is None, one[0] or ""))
    return tuple(_tally(class_id, found) for class_id, found in in_order)


def _counts(codes: Iterable[str]) -> Counts:
    """How often each, the most frequent first."""
    return tuple(sorted(Counter(codes).items(), key=lambda one: (-one[1], one[0])))


def _open(cases: Mapping[str, Case], whose: Mapping[str, str], at_utc_ms: int) -> tuple[OpenCase, ...]:
    standing = sorted(
        (case for case in cases.values() if case.state != "closed"), key=lambda case: (case.opened_utc_ms, case.case_id)
    )
    return tuple(
        OpenCase(
            case.case_id,
            case.kind,
            case.state,
            case.person_id or whose.get(case.passage_uuid or ""),
            case.contact_c,
            case.opened_utc_ms,
            max(0, at_utc_ms - case.opened_utc_ms) / 1000,
            len(case.informed),
        )
        for case in standing
    )
