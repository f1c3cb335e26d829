"""What was written of every simulated person, beside what should have been (edge/app/demo_cast.py)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from edge.app.demo_cast import EXPECTED, FEVER, Expected, person_id
from edge.app.demo_records import Kept, Truth
from edge.core.contents import CaseStep, Override, Passage
from edge.core.texts import Text

# Who is let in by a guard, or gets a case, is no measure of the gate; nor is whoever stood there just then.
BESIDE_S = 2.0
NO_FACE = Text("卡没有等到人", "a badge that found nobody")
# No entry window is judged by a clock that nobody keeps (docs/decision-table.md).
NO_CLOCK = Expected("pass", frozenset({"ok"}), Text("错峰未判：时钟未校准", "clock not set, not judged"))


@dataclass(frozen=True, slots=True)
class Compared:
    """people: how many of each kind, and of them as expected; by_hand: visits that a guard at the desk had a hand in.

    wrong: one line for each visit that ended otherwise.
    """

    people: Mapping[str, tuple[int, int]]
    by_hand: int
    wrong: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Act:
    """A guard did something: when, and to whom if that is known."""

    t_s: float
    person_id: str | None


def compare(truths: Sequence[Truth], kept: Sequence[Kept], pairs: Mapping[int, int]) -> Compared:
    """Every visit against its part. pairs: person (index) -> record (index); people without a part are not asked."""
    acts = _acts(kept)
    came, right = Counter[str](), Counter[str]()
    wrong: list[str] = []
    by_hand = 0
    for i, j in sorted(pairs.items()):
        truth, one = truths[i], kept[j]
        passage = one.record.content
        if truth.kind not in EXPECTED or not isinstance(passage, Passage):
            continue
        if _had_a_hand(truth, one, acts):
            by_hand += 1
            continue
        expected = _expected(truth, one)
        came[str(expected.text)] += 1
        if _is_right(truth, passage, expected):
            right[str(expected.text)] += 1
        else:
            wrong.append(_otherwise(truth, one, passage, expected))
    wrong += [f"{NO_FACE}: #{one.record.seq}" for one in kept if _found_nobody(one)]
    order = [str(one.text) for one in (*EXPECTED.values(), NO_CLOCK, FEVER)]
    return Compared({name: (came[name], right[name]) for name in order if came[name]}, by_hand, tuple(wrong))


def _expected(truth: Truth, one: Kept) -> Expected:
    if truth.fever:
        return FEVER
    if truth.kind == "off_hours" and not one.record.decided.synchronised:
        return NO_CLOCK
    return EXPECTED[truth.kind]


def _is_right(truth: Truth, passage: Passage, expected: Expected) -> bool:
    whose = person_id(truth.badge)
    # A fever does not wait for its badge: the case has the name then.
    named = passage.person_id == whose or (truth.fever and passage.person_id is None)
    reason = not expected.reasons or bool(expected.reasons.intersection(passage.reasons))
    return passage.verdict == expected.verdict and reason and named


def _otherwise(truth: Truth, one: Kept, passage: Passage, expected: Expected) -> str:
    wanted = ", ".join(sorted(expected.reasons)) or "…"
    return (
        f"{truth.name} {expected.text}: {expected.verdict} ({wanted}) {person_id(truth.badge) or '—'}"
        f" → #{one.record.seq} {passage.verdict} ({', '.join(passage.reasons)}) {passage.person_id or '—'}"
    )


def _found_nobody(one: Kept) -> bool:
    content = one.record.content
    return isinstance(content, Passage) and content.measurement is None and content.means != "typed"


def _acts(kept: Sequence[Kept]) -> list[_Act]:
    """Everything that a guard did at the desk."""
    acts = []
    for one in kept:
        content, t_s = one.record.content, one.record.decided.monotonic_s
        # Whoever has a fever and then shows the badge has named their own case.
        by_guard = isinstance(content, CaseStep) and content.by not in (None, content.person_id)
        if isinstance(content, Override) or (isinstance(content, CaseStep) and by_guard):
            acts.append(_Act(t_s, content.person_id))
    return acts


def _had_a_hand(truth: Truth, one: Kept, acts: Sequence[_Act]) -> bool:
    content = one.record.content
    if isinstance(content, Passage) and content.means == "typed":
        return True
    whose = person_id(truth.badge)
    return any(
        truth.t_first_s - BESIDE_S <= act.t_s <= truth.t_last_s + BESIDE_S
        or (act.person_id is not None and act.person_id == whose and act.t_s <= truth.t_last_s)
        for act in acts
    )
