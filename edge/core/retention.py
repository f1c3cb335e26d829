"""How long personal data stays at the gate: what is erased, and what is still needed.

Only the contents of records go, and only of those that the county has; their links stay, and with them the proof that
nothing was left out or altered (edge/core/chain.py).
"""

from collections.abc import Sequence

from edge.core.cases import fold
from edge.core.contents import CaseStep
from edge.core.record import Record, Stamp

DAY_MS = 86_400_000


def limit_utc_ms(now: Stamp, keep_days: int) -> int | None:
    """What was decided before this has had its time; None: the clock is not set, so nobody knows what has."""
    return max(0, now.utc_ms - keep_days * DAY_MS) if now.synchronised else None


def still_needed(steps: Sequence[Record]) -> frozenset[str]:
    """The uuids of records that stay whatever their age: the steps of cases that are not closed, and their passages.

    steps: every case step that the file tells of. Without them the gate would forget whom it has to keep out.
    """
    open_cases = {id_: case for id_, case in fold(steps).items() if case.state != "closed"}
    of_steps = {
        record.uuid for record in steps if isinstance(record.content, CaseStep) and record.content.case_id in open_cases
    }
    of_passages = {case.passage_uuid for case in open_cases.values() if case.passage_uuid is not None}
    return frozenset(of_steps | of_passages)


def settled(steps: Sequence[Record]) -> tuple[frozenset[str], ...]:
    """The uuids of the steps of each case that is over: they go together.

    What is left of a case that has lost its beginning reads like one that is still open, and would hold its person.
    """
    over = {id_ for id_, case in fold(steps).items() if case.state == "closed"}
    found: dict[str, set[str]] = {}
    for record in steps:
        if isinstance(record.content, CaseStep) and record.content.case_id in over:
            found.setdefault(record.content.case_id, set()).add(record.uuid)
    return tuple(frozenset(uuids) for uuids in found.values())
