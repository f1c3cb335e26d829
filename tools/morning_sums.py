"""Does the morning add up? Every record to whoever stood there, every verdict against the truth, the day's report."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from edge.adapters.camera_sim import PersonTruth
from edge.core.contents import Measurement, Passage
from edge.core.forehead import COVERED_K
from edge.core.record import Record
from edge.core.report import DayReport
from tools.morning_lane import Coming
from tools.morning_school import Pupil, School

# A record's measurement belongs to whoever was in front of the camera meanwhile; badges without a face come later.
SHARED_S, BADGE_LATER_S = 0.2, 12.0
# Nobody's reading is so far from their own forehead, and hardly anybody's so near to somebody else's.
READING_K = 0.35
# What shows of a forehead below a brim is cooler than its middle; by more than this it has to be refused.
UNDER_BRIM_K = COVERED_K + READING_K
# What a visit before the last may have ended with: they were told to come again, or to come alone, or had gone out.
BEFORE = frozenset({"two_at_once", "no_face", "no_badge", "badge_too_soon"})


@dataclass(frozen=True, slots=True)
class Visit:
    """One passage and whose it was: the coming that it belongs to, None: nobody was there."""

    record: Record
    passage: Passage
    coming: Coming | None


@dataclass(frozen=True, slots=True)
class LaneTruth:
    """What really happened in one lane."""

    comings: Sequence[Coming]
    people: Mapping[int, PersonTruth]


def visits(records: Iterable[Record], truth: LaneTruth) -> list[Visit]:
    """Each passage of one lane with the coming that it belongs to."""
    passages = [(record, record.content) for record in records if isinstance(record.content, Passage)]
    every = [passage for _, passage in passages]
    return [Visit(record, passage, _whose(record, passage, every, truth)) for record, passage in passages]


def _whose(record: Record, passage: Passage, passages: Sequence[Passage], truth: LaneTruth) -> Coming | None:
    measured = passage.measurement
    if measured is None:
        now_s = record.decided.monotonic_s
        there = [one for one in truth.comings if one.came_s <= now_s <= one.left_s + BADGE_LATER_S]
        return max(
            (one for one in there if one.errand.pupil.person_id == passage.person_id),
            key=lambda one: one.came_s,
            default=None,
        )
    shared = {
        one: min(measured.t_last_s, seen.t_last_s) - max(measured.t_first_s, seen.t_first_s)
        for one in truth.comings
        if (seen := truth.people.get(one.number)) is not None
    }
    most_s = max(shared.values(), default=0.0)
    if most_s < min(SHARED_S, measured.t_last_s - measured.t_first_s):
        return None
    # Of two side by side it is the one whose badge it was; without a badge the one whose forehead it was.
    likely = [one for one, shared_s in shared.items() if shared_s >= 0.6 * most_s]
    named = [one for one in likely if one.errand.badge is not None and one.errand.holder == passage.person_id]
    if named or len(likely) == 1 or measured.forehead_c is None:
        return max(named or likely, key=lambda one: shared[one])
    # Nobody is measured twice at once: who was under their own name meanwhile is not the one without.
    others = [one for one in likely if not _named_meanwhile(one, measured, passages)]
    read_c = measured.forehead_c
    return min(others or likely, key=lambda one: abs(truth.people[one.number].forehead_c - read_c))


def _named_meanwhile(one: Coming, measured: Measurement, passages: Sequence[Passage]) -> bool:
    return any(
        min(measured.t_last_s, other.measurement.t_last_s) > max(measured.t_first_s, other.measurement.t_first_s)
        for other in passages
        if other.measurement not in (None, measured) and other.person_id == one.errand.holder
    )


def is_seen_again(visit: Visit, own: Sequence[Visit]) -> bool:
    """Whether somebody who was let in shows once more on their way out of the zone, after the shutter hid them.

    Nobody is followed through a shutter event with a verdict in force, as it might be another person by then: so there
    is a second record, of somebody without a badge who was not measured (docs/decisions/measuring.md).
    """
    passage = visit.passage
    if passage.identified != "no_badge" or passage.measurement is None or "settling" not in passage.reasons:
        return False
    return any(one.coming is visit.coming and one.passage.verdict == "pass" for one in own)


def faults(school: School, found: Sequence[Visit], truths: Sequence[LaneTruth]) -> list[str]:
    """Everything that is wrong; empty: everybody has one right verdict."""
    wrong = [f"#{one.record.seq} of {one.record.gate_id}: nobody was there" for one in found if one.coming is None]
    by_person: dict[str, list[Visit]] = {}
    for one in found:
        if one.coming is not None:
            own = by_person.setdefault(one.coming.errand.pupil.person_id, [])
            if not is_seen_again(one, own):
                own.append(one)
            wrong += _reading_faults(one, truths)
    came = {coming.errand.pupil.person_id: coming.errand.pupil for truth in truths for coming in truth.comings}
    expected = {one.person_id: one for one in (*school.pupils, *school.outsiders) if one.person_id not in school.absent}
    wrong += [f"{id_} was to come and did not" for id_ in sorted(expected.keys() - came.keys())]
    for person_id, pupil in sorted(came.items()):
        wrong += _verdict_faults(school, pupil, by_person.get(person_id, []))
    return wrong


def _reading_faults(visit: Visit, truths: Sequence[LaneTruth]) -> list[str]:
    measured, coming = visit.passage.measurement, visit.coming
    if measured is None or measured.forehead_c is None or coming is None or measured.finding == "not_measured":
        return []
    truth = next(one.people[coming.number] for one in truths if coming in one.comings)
    error_k, least_k = measured.forehead_c - truth.forehead_c, -READING_K
    if "hat" in truth.attire:
        least_k = -UNDER_BRIM_K
    if least_k <= error_k <= READING_K:
        return []
    return [f"{coming.errand.pupil.person_id}: read {error_k:+.2f} K from their forehead"]


def _verdict_faults(school: School, pupil: Pupil, own: Sequence[Visit]) -> list[str]:
    who = f"{pupil.person_id} ({pupil.part})"
    if not own:
        return [f"{who}: no verdict at all"]
    told = [(one.passage.verdict, one.passage.reasons) for one in own]
    verdict, reason = school.right(pupil)
    last_verdict, reasons = told[-1]
    if last_verdict != verdict or (verdict != "fever" and reason not in reasons):
        return [f"{who}: {told} instead of {verdict}, {reason}"]
    wrong = []
    for one in own:
        known = one.coming is not None and one.passage.person_id is not None
        if known and one.coming is not None and one.passage.person_id != one.coming.errand.holder:
            wrong.append(f"{who}: taken for {one.passage.person_id}")
    passes = sum(one == "pass" for one, _ in told)
    allowed = (2 if pupil.part == "returns" else 1) if verdict == "pass" else 0
    if passes > allowed:
        wrong.append(f"{who}: let in {passes} times")
    for before, reasons in told[:-1]:
        if before == "fever" or (before == "refused" and not BEFORE & set(reasons)):
            wrong.append(f"{who}: before it {before} {reasons}")
    return wrong


def earlier(found: Sequence[Visit]) -> Counter[str]:
    """Visits that were not the last of somebody, by verdict and gravest reason."""
    last: dict[str, Visit] = {}
    for one in found:
        if one.coming is not None and not is_seen_again(one, [*last.values()]):
            last[one.coming.errand.pupil.person_id] = one
    return Counter(
        f"{one.passage.verdict} {one.passage.reasons[0]}"
        for one in found
        if one.coming is not None and last[one.coming.errand.pupil.person_id] is not one
    )


def expected_standing(school: School) -> dict[str, int]:
    """How the day's report has to count the roster, from the parts alone."""
    coming = Counter(one.part for one in school.pupils if one.person_id not in school.absent)
    in_observation = coming["fever"] + coming["observed"]
    in_observation += sum(one.part == "observed" for one in school.pupils if one.person_id in school.absent)
    # Who forgot the badge, or came with somebody else's, is nobody that the gate knows.
    unknown = coming["forgotten"] + coming["lent"]
    refused = sum(coming[part] for part in ("not_approved", "no_record", "too_early", "too_late"))
    return {
        "people": len(school.pupils),
        "passed": coming.total() - in_observation - unknown - refused,
        "refused": refused,
        "in_observation": in_observation,
        "absent": len(school.absent) + unknown,
    }


def report_faults(school: School, report: DayReport) -> list[str]:
    """Where the day's report does not add up, or counts otherwise than the parts say."""
    whole = report.whole
    wrong = []
    if whole.people != whole.passed + whole.refused + whole.in_observation + whole.absent:
        wrong.append(f"the report does not add up: {whole}")
    for one in report.classes:
        if one.people != one.passed + one.refused + one.in_observation + one.absent:
            wrong.append(f"the report does not add up: {one}")
    for name, count in expected_standing(school).items():
        if getattr(whole, name) != count:
            wrong.append(f"the report counts {getattr(whole, name)} {name}, not {count}")
    return wrong
