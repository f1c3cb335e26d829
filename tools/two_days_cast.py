"""The two schools of `make two-days`: who is on which roster, who comes when, and what the day's reports have to count.

School A has a morning with two fevers; one of the two is led into observation, the contact thermometer clears the
other one and a guard lets them in. Two of its people come after the last of what the county has heard of when the
report is confirmed. To school B nobody comes.
"""

from collections import Counter
from dataclasses import dataclass, replace

from tools.morning_school import Errand, Part, Pupil, School

SCHOOL_A, SCHOOL_B = "城关第一小学", "河西中心小学"
TOWNSHIP_A, TOWNSHIP_B = "城关镇", "河西镇"
CLASSES_A, CLASSES_B = ("一年级一班", "一年级二班", "二年级一班"), ("三年级一班", "三年级二班")
OBSERVED_C, CLEARED_C = 38.6, 36.8
ABSENT, LATE = 2, ("ordinary", "no_record")
# Of the first five everybody comes close behind the one before; behind a fever there is time for the guard.
FIRST_S, EVERY_S, AFTER_FEVER_S = 12.0, 6.5, 30.0


@dataclass(frozen=True, slots=True)
class Cast:
    """Both schools. school_a: its roster and the errands of its morning; late: those of who comes afterwards;
    feverish: the ids of who is led into observation, and of who is cleared and let in."""

    school_a: School
    late: tuple[Errand, ...]
    school_b: tuple[Pupil, ...]
    feverish: tuple[str, str]

    def expected(self, with_late: bool) -> dict[str, int]:
        """Figures of school A's report, from the parts alone."""
        return _expected([one for one in self.school_a.pupils], self, with_late)

    def expected_of_class(self, name: str, with_late: bool) -> dict[str, int]:
        """The same of one class: who stands how at the end."""
        return _standings([one for one in self.school_a.pupils if one.class_name == name], self, with_late)


def cast(people: int) -> Cast:
    """So many come to school A in the morning (at least 6), two more late, two not at all; half as many are at B."""
    middle = people // 2
    parts: list[Part] = ["ordinary"] * people
    parts[2] = parts[middle + 1] = "fever"
    parts[1], parts[-1] = "not_approved", "forgotten"
    parts += [*LATE, *["ordinary"] * ABSENT]  # type: ignore[list-item]  # LATE's own words
    pupils = tuple(_pupil(n, part, CLASSES_A[n % len(CLASSES_A)]) for n, part in enumerate(parts))
    absent = frozenset(one.person_id for one in pupils[-ABSENT:])
    errands, at_s = [], FIRST_S
    for one in pupils[:people]:
        badge = None if one.part == "forgotten" else one.badge
        errands.append(Errand(at_s, one, badge, one.person_id, early=one.number % 2 == 0))
        at_s += AFTER_FEVER_S if one.part == "fever" else EVERY_S
    late = tuple(
        Errand(FIRST_S + n * EVERY_S, one, one.badge, one.person_id, early=False)
        for n, one in enumerate(pupils[people : people + len(LATE)])
    )
    school_b = tuple(_pupil(500 + n, "ordinary", CLASSES_B[n % len(CLASSES_B)]) for n in range(max(2, people // 2)))
    first, second = (one.person_id for one in pupils if one.part == "fever")
    return Cast(School(1, 0.0, {}, pupils, absent, (), tuple(errands)), late, school_b, (first, second))


def table_of_b(two_days: Cast) -> School:
    """School B as a school, for its table."""
    return replace(two_days.school_a, pupils=two_days.school_b)


def _pupil(number: int, part: Part, class_name: str) -> Pupil:
    return Pupil(number, f"S{number:04d}", f"{70_000_000 + number * 7919}", class_name, 0, part)


def _standings(pupils: list[Pupil], two_days: Cast, with_late: bool) -> dict[str, int]:
    late = {one.pupil.person_id for one in two_days.late}
    stood = Counter[str]()
    for one in pupils:
        # Who forgot the badge is nobody that the gate knows.
        away = one.person_id in two_days.school_a.absent or one.part == "forgotten"
        if away or (one.person_id in late and not with_late):
            stood["absent"] += 1
        elif one.person_id == two_days.feverish[0]:
            stood["in_observation"] += 1
        else:
            stood["refused" if one.part in ("not_approved", "no_record") else "entered"] += 1
    names = ("entered", "refused", "in_observation", "absent")
    return {"people": len(pupils), **{name: stood[name] for name in names}}


def _expected(pupils: list[Pupil], two_days: Cast, with_late: bool) -> dict[str, int]:
    return {
        **_standings(pupils, two_days, with_late),
        "difference": 0,
        "fever_people": 2,
        "contact_readings": 2,
        "cases_opened": 2,
        "into_observation": 1,
        "released": 1,
        "open_cases": 1,
        "overrides": 1,
    }
