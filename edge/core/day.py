"""The day at one gate as its guard sees it: how many of what, who came last, how fast they come, who signed it off.

Folded from what was written down, one content after the other, so that a restart forgets none of it.
"""

from dataclasses import dataclass, replace

from edge.core.contents import CaseStep, Content, GateEvent, Override, Passage, Verdict

# The code of the event with which a guard signs the day off (texts.EVENTS); its count: people judged until then.
SIGNED = "day_signed"
KEPT_LINES = 10
RATE_OVER_S = 60.0
_OPENING = ("alarm", "symptom")


@dataclass(frozen=True, slots=True)
class Line:
    """One verdict of the day: gravest reason first, forehead in C; let_in_by: the guard who overruled it."""

    uuid: str | None
    utc_ms: int
    verdict: Verdict
    reasons: tuple[str, ...]
    forehead_c: float | None
    person_id: str | None
    let_in_by: str | None = None


@dataclass(frozen=True, slots=True)
class SignedOff:
    """Who signed the day off, when (ms since 1970 UTC), and for how many people."""

    by: str
    utc_ms: int
    people: int


@dataclass(frozen=True, slots=True)
class Day:
    """lines: the last verdicts, the newest first; arrivals_s: when those of the last minute fell, monotonic."""

    passed: int = 0
    fever: int = 0
    refused: int = 0
    not_measured: int = 0
    let_in: int = 0
    cases: int = 0
    lines: tuple[Line, ...] = ()
    arrivals_s: tuple[float, ...] = ()
    signed_off: SignedOff | None = None

    @property
    def people(self) -> int:
        """Verdicts of the day: somebody who tried again counts again."""
        return self.passed + self.fever + self.refused + self.not_measured


def add(day: Day, content: Content, utc_ms: int, uuid: str | None, at_s: float | None = None) -> Day:
    """The day with this in it too. uuid: of its record, None while it waits for the disk; at_s: when, if it is new."""
    if isinstance(content, Passage):
        return _judged(day, content, utc_ms, uuid, at_s)
    if isinstance(content, Override):
        lines = (replace(one, let_in_by=content.by) if one.uuid == content.passage_uuid else one for one in day.lines)
        return replace(day, let_in=day.let_in + 1, lines=tuple(lines))
    if isinstance(content, CaseStep) and content.step in _OPENING:
        return replace(day, cases=day.cases + 1)
    if isinstance(content, GateEvent) and content.code == SIGNED and content.by is not None:
        return replace(day, signed_off=SignedOff(content.by, utc_ms, content.count or 0))
    return day


def per_minute(day: Day, now_s: float) -> int:
    """How many were judged within the last minute."""
    return sum(1 for at_s in day.arrivals_s if now_s - at_s <= RATE_OVER_S)


def handover(day: Day, open_cases: int, note: str) -> str:
    """What stands in the note of the event that signs the day off, within a note's length; note: the guard's own."""
    numbers = (
        f"pass {day.passed}, fever {day.fever}, refused {day.refused}, not_measured {day.not_measured}, "
        f"let_in {day.let_in}, cases_open {open_cases}"
    )
    return f"{numbers}; {note}" if note else numbers


def _judged(day: Day, passage: Passage, utc_ms: int, uuid: str | None, at_s: float | None) -> Day:
    measured = passage.measurement
    line = Line(
        uuid,
        utc_ms,
        passage.verdict,
        passage.reasons,
        None if measured is None else measured.forehead_c,
        passage.person_id,
    )
    arrivals_s = day.arrivals_s
    if at_s is not None:
        arrivals_s = (*(one for one in arrivals_s if at_s - one <= RATE_OVER_S), at_s)
    verdict = passage.verdict
    return replace(
        day,
        passed=day.passed + (verdict == "pass"),
        fever=day.fever + (verdict == "fever"),
        refused=day.refused + (verdict == "refused"),
        not_measured=day.not_measured + (verdict == "not_measured"),
        lines=(line, *day.lines)[:KEPT_LINES],
        arrivals_s=arrivals_s,
    )
