"""What a gate writes down, one kind of content for each kind of thing that happens at it.

    passage    somebody stood in the zone, or presented a badge: what was measured, who it was, the verdict
    override   a guard let somebody in whom the gate had not
    case       one step of what follows a fever or a cough
    event      something happened to the gate itself: fire, tampering, a forced turnstile, an exit, a sign-in

Each field names what it may hold; together they are the wire contract (docs/wire.md).
"""

import re
from dataclasses import dataclass
from typing import Literal

from edge.core.wire import choice, fraction, part, refused, text, texts, uuid, whole

Finding = Literal["pass", "fever", "not_measured"]
Verdict = Literal["pass", "fever", "refused", "not_measured"]
Identified = Literal["not_asked", "no_badge", "unknown", "known"]
Means = Literal["card", "code", "typed"]
Step = Literal["alarm", "symptom", "identified", "contact", "observation", "informed", "released", "closed"]

CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
# Any language, one line; control characters and line separators belong in no log.
NOTE = re.compile(r"[^\x00-\x1f\x7f-\x9f\u2028\u2029]{0,200}")


@dataclass(frozen=True, slots=True)
class Measurement:
    """What the thermal picture alone says of one person; skin temperatures in C, None: not measured.

    forehead_raw_c and reference_raw_c are what the camera itself claimed, before the reference in the frame
    corrected it; u_c is the standard uncertainty of forehead_c; t_first_s and t_last_s are seconds since boot.
    reason: why it is no number, or which rule the finding stands on.
    """

    t_first_s: float = fraction(0, 1e10)
    t_last_s: float = fraction(0, 1e10)
    frames: int = whole(1, 10**7)
    forehead_c: float | None = fraction(-60, 200, optional=True)
    face_max_c: float | None = fraction(-60, 200, optional=True)
    u_c: float | None = fraction(0, 100, optional=True)
    forehead_raw_c: float | None = fraction(-60, 200, optional=True)
    reference_raw_c: float | None = fraction(-60, 200, optional=True)
    reference_c: float | None = fraction(-60, 200, optional=True)
    threshold_c: float = fraction(20, 50)
    finding: Finding = choice(Finding)
    reason: str = text(CODE)


@dataclass(frozen=True, slots=True)
class Passage:
    """One person's verdict. measurement is None when a badge was presented and nobody stood there.

    reasons: every code that speaks against them, the gravest first, or `ok` alone; crowd_c: the baseline of the
    recent crowd in C, None while there is none; roster_version: the list they were looked up in, None without one.
    """

    measurement: Measurement | None = part(Measurement, optional=True)
    identified: Identified = choice(Identified)
    person_id: str | None = text(NAME, optional=True)
    means: Means | None = choice(Means, optional=True)
    roster_version: int | None = whole(1, 2**53, optional=True)
    crowd_c: float | None = fraction(-60, 200, optional=True)
    verdict: Verdict = choice(Verdict)
    reasons: tuple[str, ...] = texts(CODE, 1, 16)


@dataclass(frozen=True, slots=True)
class Override:
    """A guard let somebody in: which passage, who answers for it, and why."""

    passage_uuid: str = uuid()
    person_id: str | None = text(NAME, optional=True)
    by: str = text(NAME)
    reason: str = text(CODE)
    note: str = text(NOTE)


@dataclass(frozen=True, slots=True)
class CaseStep:
    """One step of a case. by: who took it, None for the gate itself; contact_c: the contact thermometer's reading."""

    case_id: str = uuid()
    step: Step = choice(Step)
    person_id: str | None = text(NAME, optional=True)
    passage_uuid: str | None = uuid(optional=True)
    by: str | None = text(NAME, optional=True)
    symptom: str | None = text(CODE, optional=True)
    contact_c: float | None = fraction(20, 50, optional=True)
    note: str = text(NOTE)


@dataclass(frozen=True, slots=True)
class GateEvent:
    """Something happened to the gate itself. count, duration_s: how many people, how long, where that has a meaning."""

    code: str = text(CODE)
    by: str | None = text(NAME, optional=True)
    count: int | None = whole(0, 10**7, optional=True)
    duration_s: float | None = fraction(0, 1e10, optional=True)
    note: str = text(NOTE)


Content = Passage | Override | CaseStep | GateEvent
KINDS: dict[str, type[Content]] = {"passage": Passage, "override": Override, "case": CaseStep, "event": GateEvent}


def kind_of(content: Content) -> str:
    """The word that stands for this kind of content in records."""
    return next(word for word, kind in KINDS.items() if isinstance(content, kind))


def check(content: Content) -> None:
    """RecordError when fields that are each in range contradict one another."""
    if isinstance(content, Passage):
        _check_passage(content)
    elif isinstance(content, CaseStep) and content.step not in ("alarm", "symptom") and content.by is None:
        raise refused(f"case step {content.step} that nobody took")


def _check_passage(passage: Passage) -> None:
    measured = passage.measurement
    if measured is not None:
        if measured.finding != "not_measured" and (measured.forehead_c is None or measured.u_c is None):
            raise refused(f"finding {measured.finding} without a reading")
        if measured.t_last_s < measured.t_first_s:
            raise refused("passage ends before it begins")
    if passage.verdict == "pass":
        if measured is None or measured.finding != "pass" or passage.reasons != ("ok",):
            raise refused("a pass that was not measured, or with a reason against it")
        if passage.identified not in ("known", "not_asked"):
            raise refused("a pass of somebody who is not known")
    if passage.verdict == "fever" and (measured is None or measured.finding == "not_measured"):
        raise refused("a fever without a reading")
    if (passage.identified == "known") != (passage.person_id is not None):
        raise refused("person_id does not fit to identified")
