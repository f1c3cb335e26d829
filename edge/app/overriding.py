"""Whether a guard may let in whom the gate has not: once, in time, and nobody else in their place."""

from edge.app.config_entry import EntrySection
from edge.app.entrance import Entrance, Written
from edge.core import cases
from edge.core.decision import may_override


def refusal(entrance: Entrance, entry: EntrySection, passage_uuid: str, now_s: float) -> str | None:
    """Why this verdict is not overruled: a code of texts.ANSWERS; None: a guard may sign for it now."""
    written = entrance.recent.get(passage_uuid)
    # Once: the same request again would let in whoever comes next.
    if written is None or now_s - written.at_s > entry.override_within_s:
        return "measure_again"
    if written.let_in:
        return "too_late_to_act"
    mine = [case for case in entrance.remembered.cases.values() if case.passage_uuid == passage_uuid]
    released = bool(mine) and not any(cases.holds(case) for case in mine)
    reasons = written.outcome.passage.reasons
    if not may_override(reasons, entry.policy, released):
        helps = bool(mine) and may_override(reasons, entry.policy, True)
        return "release_first" if helps or _held_since(entrance, written, passage_uuid) else "may_not_override"
    if entry.policy.rule("under_observation") == "hard" and _held_since(entrance, written, passage_uuid):
        return "release_first"
    return None


def _held_since(entrance: Entrance, written: Written, passage_uuid: str) -> bool:
    """Whether a case keeps them out that the verdict does not know of: a cough, another fever, an observation."""
    person_id = written.outcome.passage.person_id
    for case in entrance.remembered.open_cases:
        if case.passage_uuid == passage_uuid:
            if case.kind == "symptom" or case.state == "observation":
                return True
        elif person_id is not None and case.person_id == person_id:
            return True
    return False
