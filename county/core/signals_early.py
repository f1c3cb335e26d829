"""Early signals: more fevers today in one class, or in one school, than its own past lets one expect.

Three rules; a signal names each one that speaks:

    three_in_a_day      three or more people of one class today
    five_in_three_days  five or more different people of one class within three days in a row, one of them today
    above_own_past      so many today that, were nothing different, chance alone would do it less than once in 1,000
                        class-days; two or more of a class, three or more of a school, ten or more school days of past

The first two are those of the national rules by which a school has to report (Ministries of Health and of Education,
学校和托幼机构传染病疫情报告工作规范（试行）, 卫办疾控发〔2006〕65 号: in one class three in a day, or five within
three days in a row, with similar symptoms). The third compares two Poisson counts exactly: of k today and m on n past
school days together, today's share is binomial with 1 / (n + 1) (Przyborowski and Wilenski, Biometrika 31 (1940) 313).
It needs no estimate of the usual rate, so that a short past makes it careful instead of bold.

Fevers are people whom a gate measured as feverish, whether or not the contact thermometer agreed afterwards: the past
is counted in the same way, and false alarms are in both.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from math import comb
from typing import Literal

from edge.core.texts import Text

Rule = Literal["three_in_a_day", "five_in_three_days", "above_own_past"]
RULES: dict[Rule, Text] = {
    "three_in_a_day": Text("同班 1 天内 3 例以上", "three or more of one class in a day"),
    "five_in_three_days": Text("同班连续 3 天内 5 例以上", "five or more of one class within three days"),
    "above_own_past": Text("明显多于自身过去", "well above its own past"),
}
PAST_SCHOOL_DAYS = 28
LEAST_SCHOOL_DAYS = 10
LEAST_OF_A_CLASS, LEAST_OF_A_SCHOOL = 2, 3
CHANCE = Fraction(1, 1000)
IN_A_DAY, IN_THREE_DAYS = 3, 5


@dataclass(frozen=True, slots=True)
class Fever:
    """Somebody whom a gate measured as feverish on an ISO date. who: an id; class_id None: of no class, or unknown."""

    day: str
    who: str
    class_id: str | None


@dataclass(frozen=True, slots=True)
class Signal:
    """More fevers than expected. class_id None: of the whole school. today: people today; three_days: different people
    within three days; past: fevers on `past_days` school days before; chance: of so many or more, were all as ever."""

    class_id: str | None
    rules: tuple[Rule, ...]
    today: int
    three_days: int
    past: int
    past_days: int
    chance: float


def chance_of(today: int, past: int, past_days: int) -> Fraction:
    """The chance of `today` fevers or more on one day when `past` were on `past_days` (>= 1) like it; 0 to 1, exact."""
    both = today + past
    hits = sum(comb(both, count) * past_days ** (both - count) for count in range(today, both + 1))
    return Fraction(hits, (past_days + 1) ** both)


def signals(
    day: str, fevers: Iterable[Fever], school_days: Collection[str], classes: Iterable[str] = ()
) -> tuple[Signal, ...]:
    """What stands out on an ISO date, classes first, the whole school last. Somebody counts once a day.

    fevers: of this day and of those before it, later ones are ignored; school_days: days on which there was school;
    of those before `day` the last 28 are the past. classes: those to look at, empty: all that fevers name.
    """
    past_days = sorted(one for one in set(school_days) if one < day)[-PAST_SCHOOL_DAYS:]
    seen = {one for one in fevers if one.day <= day}
    wanted = set(classes) or {one.class_id for one in seen if one.class_id is not None}
    found = [_of(class_id, day, [one for one in seen if one.class_id == class_id], past_days) for class_id in wanted]
    found.sort(key=lambda one: one.class_id or "")
    school = _of(None, day, seen, past_days)
    return tuple(one for one in (*found, school) if one.rules)


def _of(class_id: str | None, day: str, fevers: Iterable[Fever], past_days: Sequence[str]) -> Signal:
    by_day: dict[str, set[str]] = {}
    for one in fevers:
        by_day.setdefault(one.day, set()).add(one.who)
    today = len(by_day.get(day, ()))
    last_three = [(date.fromisoformat(day) - timedelta(days=back)).isoformat() for back in range(3)]
    three_days = len({who for one in last_three for who in by_day.get(one, ())})
    past = sum(len(by_day.get(one, ())) for one in past_days)
    chance = chance_of(today, past, len(past_days)) if past_days else Fraction(1)
    rules: list[Rule] = []
    if class_id is not None and today >= IN_A_DAY:
        rules.append("three_in_a_day")
    if class_id is not None and today and three_days >= IN_THREE_DAYS:
        rules.append("five_in_three_days")
    least = LEAST_OF_A_SCHOOL if class_id is None else LEAST_OF_A_CLASS
    if today >= least and len(past_days) >= LEAST_SCHOOL_DAYS and chance < CHANCE:
        rules.append("above_own_past")
    return Signal(class_id, tuple(rules), today, three_days, past, len(past_days), float(chance))


def school_days_of(visits: Mapping[str, int], people: int) -> tuple[str, ...]:
    """Days with school: at least a tenth as many visits as there are people (1 when nobody knows how many)."""
    least = max(1, people // 10)
    return tuple(sorted(day for day, count in visits.items() if count >= least))


def signal_text(signal: Signal, name: str) -> Text:
    """The signal and its reason in words. name: what its class, or the school, is called."""
    zh = "；".join(RULES[rule].zh for rule in signal.rules)
    en = "; ".join(RULES[rule].en for rule in signal.rules)
    zh_past, en_past = f"今日 {signal.today} 人发热", f"{signal.today} with a fever today"
    if "five_in_three_days" in signal.rules:
        zh_past += f"，3 天内 {signal.three_days} 人"
        en_past += f", {signal.three_days} within three days"
    zh_past += f"，此前 {signal.past_days} 个上学日共 {signal.past} 人"
    en_past += f", {signal.past} on the {signal.past_days} school days before"
    if "above_own_past" in signal.rules:
        # Rounded up: it is never told as rarer than it is.
        odds = max(1, int(1 / signal.chance)) if signal.chance else 10**9
        zh_past += f"，偶然如此的机会小于 {odds:,} 分之一" if signal.chance else ""
        en_past += f", by chance less than once in {odds:,}" if signal.chance else ""
    return Text(f"{name}：{zh}（{zh_past}）", f"{name}: {en} ({en_past})")


def counted(fevers: Iterable[Fever], day: str) -> Counter[str | None]:
    """How many people had a fever that day, by class."""
    return Counter(class_id for class_id, _ in {(one.class_id, one.who) for one in fevers if one.day == day})
