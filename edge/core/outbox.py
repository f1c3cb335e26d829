"""Which records are sent next, what an answer means for each of them, when to try again. No sockets here.

answer of the county                                    meaning for a record of the batch
200 naming its uuid and its sha256                      acknowledged
200 with the county's own words about its line          set aside: this very record is refused for ever
200 of the county that says nothing of it               it is offered again, in ever smaller batches
400, 409, 413, 422 in the county's own words            the same; when it was sent alone: set aside
401, 403, or all of them signed by an unknown key       not authorised: the technician must act
everything else: silence, other codes, strange pages    offered again later

Every second batch begins with the newest records, so that a backlog of weeks does not delay what happens today.
A record on which the county stumbles without refusing it is found by trying smaller batches; once it has been offered
`PATIENCE` times it waits by itself, is still offered for ever, and the others no longer wait for it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from edge.core.answer import (
    FIRST_PAUSE_S,
    Answer,
    CountyError,
    error_in,
    json_object,
    no_word,
    pause_s,
    refused_pause_s,
    said_by_county,
    unauthorised,
    wish_s,
    wrong_token,
)
from edge.core.texts import Text

# What the county takes at once (docs/wire.md).
BATCH_RECORDS = 500
BATCH_BYTES = 2 * 2**20
# A batch on which the county stumbled is tried again in parts of this fraction.
SHARE = 8
# So many failures on one record, then the others have their turn.
PATIENCE = 5

_REFUSED = (400, 409, 413, 422)
# A smaller batch may come through in time.
_TOO_SLOW = 408
# When all of a batch are refused so, others would be, too: no reason to set them all aside.
_OF_THE_GATE = {
    "bad_signature": Text(
        "县级服务器不认识本机的设备密钥；请技术人员用新的登记码运行 foregate enrol。闸机照常工作，记录已保存",
        "the county does not know this gate's device key; have a technician run foregate enrol with a new code."
        " The gate works on, records are kept",
    ),
    "other_gate": Text(
        "令牌属于另一台闸机；请核对 gate.id，或请技术人员用新的登记码运行 foregate enrol。闸机照常工作，记录已保存",
        "the token is another gate's; check gate.id, or have a technician run foregate enrol with a new code."
        " The gate works on, records are kept",
    ),
}


@dataclass(frozen=True, slots=True)
class Offered:
    """One record that waits: what names it, and its body on the wire (UTF-8 JSON, one line)."""

    seq: int
    uuid: str
    sha256: str
    body: bytes


@dataclass(frozen=True, slots=True)
class OutboxState:
    """failures: in a row, of any batch; not_before_s: when the next offer may be made (monotonic);
    overdue_not_before_s: the same for records that have used up the county's PATIENCE;
    tries: in how many batches, on which the county stumbled, each record was that still waits, by uuid;
    newest_next: whether the next batch begins with the newest records."""

    failures: int = 0
    not_before_s: float = 0.0
    overdue_not_before_s: float = 0.0
    tries: dict[str, int] = field(default_factory=dict)
    newest_next: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an answer means: uuids that the county has, uuids that it refuses and why, and what a technician must know.

    The records in neither are offered again. failure: None when there is nothing to tell.
    """

    acknowledged: tuple[str, ...] = ()
    set_aside: tuple[tuple[str, Text], ...] = ()
    failure: Text | None = None


def choose(state: OutboxState, waiting: Sequence[Offered], now_s: float) -> tuple[Offered, ...]:
    """The next batch out of these records (the most urgent first), in the order of seq; () when its time has not come.

    A record that was in a batch on which the county stumbled goes in smaller ones, down to one by itself; one that has
    used up the county's PATIENCE goes after all others, alone, and not before its time.
    """
    first = min(waiting, key=lambda one: _patience_used(state, one), default=None)
    if first is None:
        return ()
    if _patience_used(state, first):
        return (first,) if now_s >= state.overdue_not_before_s else ()
    batch: list[Offered] = []
    most, size = BATCH_RECORDS, 0
    for one in waiting:
        if _patience_used(state, one):
            continue
        most = min(most, max(1, BATCH_RECORDS // SHARE ** state.tries.get(one.uuid, 0)))
        size += len(one.body) + 1
        if batch and (len(batch) >= most or size > BATCH_BYTES):
            break
        batch.append(one)
    return tuple(sorted(batch, key=lambda one: one.seq))


def look_ahead(state: OutboxState) -> int:
    """How many of the waiting records, beyond a batch, to look at so that those without failures are among them."""
    return sum(count >= PATIENCE for count in state.tries.values())


def step(
    state: OutboxState, batch: Sequence[Offered], answer: Answer, now_s: float, random: Callable[[], float]
) -> tuple[OutboxState, Outcome]:
    """What the answer to this batch means for its records, and when the next offer may be made.

    random: uniform in [0, 1), spreads the gates of a county over time after an outage.
    """
    state = replace(state, newest_next=not state.newest_next)
    if wrong_token(answer):
        return _not_let_in(state, answer, now_s, random)
    outcome = _outcome(batch, answer)
    if (why := _true_of_all(outcome, batch, answer)) is not None:
        return _not_let_in(state, answer, now_s, random, why)
    settled = {*outcome.acknowledged, *(uuid for uuid, _ in outcome.set_aside)}
    left = [one.uuid for one in batch if one.uuid not in settled]
    tries = {uuid: count for uuid, count in state.tries.items() if uuid not in settled}
    if left and (settled or _may_be_their_own_fault(answer)):
        tries |= {uuid: tries.get(uuid, 0) + 1 for uuid in left}
    if settled:
        return replace(state, failures=0, not_before_s=now_s, overdue_not_before_s=now_s, tries=tries), outcome
    return _later(replace(state, tries=tries), batch, answer, now_s, random)


def held_back(state: OutboxState, now_s: float, random: Callable[[], float], at_least_s: float = 0.0) -> OutboxState:
    """One more failure that is no record's: everything waits."""
    failures = state.failures + 1
    return replace(state, failures=failures, not_before_s=now_s + pause_s(failures, random, at_least_s))


def _outcome(batch: Sequence[Offered], answer: Answer) -> Outcome:
    said = said_by_county(answer.body)
    if answer.status in _REFUSED and said is not None and len(batch) == 1:
        return Outcome(set_aside=((batch[0].uuid, _refusal(said)),), failure=_refusal(said))
    if answer.status != 200:
        return Outcome()
    lines = json_object(answer.body).get("answers")
    entries = lines if isinstance(lines, list) else []
    named = {(one.get("uuid"), one.get("sha256")) for one in entries if isinstance(one, dict) and _hashable(one)}
    acknowledged = tuple(one.uuid for one in batch if (one.uuid, one.sha256) in named)
    refused: dict[str, Text] = {}
    for entry in entries:
        about, why = _line(entry, batch), error_in(entry)
        # What the county says both of, it has said nothing of; a record that it has is not refused.
        if about is not None and why is not None and about.uuid not in acknowledged:
            refused[about.uuid] = _refusal(why)
    return Outcome(acknowledged, tuple(refused.items()), next(reversed(refused.values()), None))


def _hashable(entry: dict[str, Any]) -> bool:
    return isinstance(entry.get("uuid"), str) and isinstance(entry.get("sha256"), str)


def _line(entry: Any, batch: Sequence[Offered]) -> Offered | None:
    """Which record of the batch an entry is about: `line` counts from 1."""
    line = entry.get("line") if isinstance(entry, dict) else None
    if not isinstance(line, int) or isinstance(line, bool) or not 1 <= line <= len(batch):
        return None
    return batch[line - 1]


def _true_of_all(outcome: Outcome, batch: Sequence[Offered], answer: Answer) -> Text | None:
    """Why the county takes none of them, when the reason lies in the gate and not in these very records."""
    if answer.status != 200 or outcome.acknowledged or len(outcome.set_aside) != len(batch):
        return None
    errors = [error_in(entry) for entry in json_object(answer.body)["answers"]]
    codes = {error.code for error in errors if error is not None}
    return next(iter(_OF_THE_GATE[code] for code in codes), None) if codes <= _OF_THE_GATE.keys() else None


def _not_let_in(
    state: OutboxState, answer: Answer, now_s: float, random: Callable[[], float], why: Text | None = None
) -> tuple[OutboxState, Outcome]:
    wait_s = refused_pause_s(answer, random)
    after = replace(state, failures=state.failures + 1, not_before_s=now_s + wait_s)
    return after, Outcome(failure=unauthorised(answer) if why is None else why)


def _later(
    state: OutboxState, batch: Sequence[Offered], answer: Answer, now_s: float, random: Callable[[], float]
) -> tuple[OutboxState, Outcome]:
    after = held_back(state, now_s, random, at_least_s=wish_s(answer))
    if batch and all(_patience_used(state, one) for one in batch):
        # They wait as long as any failure does; the others, who may fare better, do not wait for them.
        others_s = max(FIRST_PAUSE_S, wish_s(answer))
        after = replace(after, not_before_s=now_s + others_s, overdue_not_before_s=after.not_before_s)
    return after, Outcome(failure=no_word(answer))


def _patience_used(state: OutboxState, one: Offered) -> int:
    return state.tries.get(one.uuid, 0) // PATIENCE


def _may_be_their_own_fault(answer: Answer) -> bool:
    """Whether other records might have fared better: not so when the network or the whole county is away."""
    if answer.status is None:
        return answer.connected
    if answer.status == 200:
        return isinstance(json_object(answer.body).get("answers"), list)
    return answer.status in (*_REFUSED, _TOO_SLOW) or (answer.status >= 500 and answer.status != 503)


def _refusal(said: CountyError) -> Text:
    return Text(
        f"县级服务器拒收此记录（{said.zh}）；记录已保留，请联系县级管理员",
        f"the county refuses this record ({said.en}); it is kept here, call the county's administrator",
    )
