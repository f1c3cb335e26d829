"""What is sent next, what an answer means, when to try again. No sockets here.

answer of the county                                    meaning
200, 201 with this record's uuid and sha256             Acknowledged
400, 409, 413, 422 in the county's own words            SetAside: this very record is refused for ever
401, 403, and 400 because the token is another gate's   NotAuthorised: the technician must act
everything else: silence, other codes, strange pages    RetryLater

The county's own words are JSON: {"error": {"code": "…", "zh": "…", "en": "…"}} (docs/wire.md). A login page or a
proxy does not speak them, and so can neither take a record nor refuse one.
"""

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from edge.core.record import Record, fingerprint
from edge.core.texts import Text

FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 300.0
LONGEST_RETRY_AFTER_S = 900.0
# So many failures on one record, then the others have their turn.
PATIENCE = 5

_STORED = (200, 201)
_REFUSED = (400, 409, 413, 422)
_NOT_AUTHORISED = (401, 403)
# The token belongs to another gate: true of every record alike, so no reason to set them all aside.
_OTHER_GATE = "other_gate"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back from the county: an HTTP status and body (at most 64 KiB), or why nothing came.

    status is None when no complete answer came; `failure` then says why, for the log.
    retry_after_s is the server's wish. connected: False when the record was not even sent.
    """

    status: int | None
    body: bytes = b""
    failure: str = ""
    retry_after_s: float | None = None
    connected: bool = True


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """The county has the record."""


@dataclass(frozen=True, slots=True)
class SetAside:
    """The county refuses this record for ever, and says why."""

    why: Text


@dataclass(frozen=True, slots=True)
class RetryLater:
    """No word of the county on this record; try again after so many seconds."""

    after_s: float
    why: Text


@dataclass(frozen=True, slots=True)
class NotAuthorised:
    """The county does not accept this gate's token; it is asked again, but seldom."""

    after_s: float
    why: Text


@dataclass(frozen=True, slots=True)
class CountyError:
    """What the county says when it does not do what it was asked, in its own words."""

    code: str
    zh: str
    en: str


Outcome = Acknowledged | SetAside | RetryLater | NotAuthorised


@dataclass(frozen=True, slots=True)
class OutboxState:
    """failures: in a row, of any record; not_before_s: when the next offer may be made (monotonic);
    overdue_not_before_s: the same for records that have used up the county's PATIENCE;
    tries: how often the county stumbled over each record that is still waiting, by uuid."""

    failures: int = 0
    not_before_s: float = 0.0
    overdue_not_before_s: float = 0.0
    tries: dict[str, int] = field(default_factory=dict)


def step(
    state: OutboxState, uuid: str, body: bytes, answer: Answer, now_s: float, random: Callable[[], float]
) -> tuple[OutboxState, Outcome]:
    """What the answer to the record `uuid` (canonical bytes `body`) means, and when the next offer may be made.

    random: uniform in [0, 1), spreads the gates of a county over time after an outage.
    """
    tries = {key: count for key, count in state.tries.items() if key != uuid}
    if answer.status in _STORED and _names(answer.body, uuid, body):
        return OutboxState(0, now_s, now_s, tries), Acknowledged()
    said = said_by_county(answer.body)
    wrong_token = answer.status in _NOT_AUTHORISED or (said is not None and said.code == _OTHER_GATE)
    if answer.status in _REFUSED and said is not None and not wrong_token:
        return OutboxState(0, now_s, now_s, tries), SetAside(_refusal(said))
    if wrong_token:
        # Between half the longest pause and all of it: nothing but a technician changes this answer.
        pause_s = max(LONGEST_PAUSE_S * (0.5 + 0.5 * random()), wish_s(answer))
        after = replace(state, failures=state.failures + 1, not_before_s=now_s + pause_s)
        return after, NotAuthorised(pause_s, _unauthorised(answer, said))
    if _may_be_its_own_fault(answer):
        state = replace(state, tries={**tries, uuid: state.tries.get(uuid, 0) + 1})
    after, pause_s = pause(state, now_s, random, at_least_s=wish_s(answer))
    if state.tries.get(uuid, 0) >= PATIENCE:
        # This record waits as long as any failure does; the others, who may fare better, do not wait for it.
        others_s = max(FIRST_PAUSE_S, wish_s(answer))
        after = replace(after, not_before_s=now_s + others_s, overdue_not_before_s=now_s + pause_s)
    return after, RetryLater(pause_s, _silence(answer, said))


def pause(
    state: OutboxState, now_s: float, random: Callable[[], float], at_least_s: float = 0.0
) -> tuple[OutboxState, float]:
    """One more failure: the state that waits, and for how long (1 to 300 s, longer only if the county wishes it).

    Exponential with full jitter (M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015).
    """
    ceiling_s = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** min(state.failures + 1, 30))
    pause_s = max(FIRST_PAUSE_S + (ceiling_s - FIRST_PAUSE_S) * random(), at_least_s)
    return replace(state, failures=state.failures + 1, not_before_s=now_s + pause_s), pause_s


def choose(state: OutboxState, waiting: Sequence[tuple[Record, bytes]], now_s: float) -> tuple[Record, bytes] | None:
    """Of these records (oldest first) the oldest; but one that has failed PATIENCE times more lets others go first.

    So a record on which the county stumbles without refusing it (a 500 for this one alone) cannot hold up the rest,
    and is still offered for ever. None: there is none whose time has come.
    """
    chosen = min(waiting, key=lambda item: _patience_used(state, item[0]), default=None)
    if chosen is not None and _patience_used(state, chosen[0]) and now_s < state.overdue_not_before_s:
        return None
    return chosen


def _patience_used(state: OutboxState, record: Record) -> int:
    return state.tries.get(record.uuid, 0) // PATIENCE


def look_ahead(state: OutboxState) -> int:
    """How many of the waiting records, beyond one, to look at so that one without failures is among them."""
    return sum(count >= PATIENCE for count in state.tries.values())


def _may_be_its_own_fault(answer: Answer) -> bool:
    """Whether another record might have fared better: not so when the network or the whole county is away."""
    if answer.status is None:
        return answer.connected
    return answer.status in _REFUSED or (answer.status >= 500 and answer.status != 503)


def _names(answer: bytes, uuid: str, body: bytes) -> bool:
    plain = _json_object(answer)
    return plain.get("uuid") == uuid and plain.get("sha256") == fingerprint(body)


def said_by_county(answer: bytes) -> CountyError | None:
    """The county's own words in the body of an answer; None: this is not the county speaking."""
    error = _json_object(answer).get("error")
    if not isinstance(error, dict):
        return None
    said = [error.get(name) for name in ("code", "zh", "en")]
    if not all(isinstance(part, str) and part for part in said):
        return None
    code, zh, en = (str(part)[:300] for part in said)
    return CountyError(code, zh, en)


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        plain = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return plain if isinstance(plain, dict) else {}


def wish_s(answer: Answer) -> float:
    """How long the county wishes to be left alone, 0 to 900 s."""
    asked_s = answer.retry_after_s
    if asked_s is None or math.isnan(asked_s):
        return 0.0
    return min(max(asked_s, 0.0), LONGEST_RETRY_AFTER_S)


def _refusal(said: CountyError) -> Text:
    return Text(
        f"县级服务器拒收此记录（{said.zh}）；记录已保留，请联系县级管理员",
        f"the county refuses this record ({said.en}); it is kept here, call the county's administrator",
    )


def _unauthorised(answer: Answer, said: CountyError | None) -> Text:
    if said is None:
        return Text(
            f"对方拒绝访问（{answer.status}），但不像县级服务器；请核对服务器地址、代理与令牌",
            f"access refused ({answer.status}), and not in the county's words; check the county's address, any proxy,"
            " and the token",
        )
    return Text(
        f"县级服务器不接受本机令牌（{said.zh}）；请技术人员更换令牌。闸机照常工作，记录已保存",
        f"the county does not accept this gate's token ({said.en}); have a technician renew it."
        " The gate works on, records are kept",
    )


def _silence(answer: Answer, said: CountyError | None) -> Text:
    if answer.status is None:
        return Text(
            f"县级服务器没有应答（{answer.failure}）；请检查网络。记录已保存，将自动重试",
            f"no answer from the county ({answer.failure}); check the network. Records are kept and sent later",
        )
    if said is not None:
        return Text(
            f"县级服务器暂未接收（{answer.status}，{said.zh}）。记录已保存，将自动重试",
            f"the county has not taken the record yet ({answer.status}, {said.en}). Records are kept and sent later",
        )
    if answer.status in (404, 405) or 300 <= answer.status < 400:
        return Text(
            f"该地址不是县级服务器的接口（{answer.status}）；请核对服务器地址。记录已保存，将自动重试",
            f"this address is not the county's interface ({answer.status}); check the address."
            " Records are kept and sent later",
        )
    if answer.status == 429 or answer.status >= 500:
        return Text(
            f"县级服务器暂时无法接收（{answer.status}）；记录已保存，将自动重试",
            f"the county cannot take records at the moment ({answer.status}); they are kept and sent later",
        )
    return Text(
        f"应答不是来自县级服务器（{answer.status}，可能是上网登录页）；请检查网络。记录已保存，将自动重试",
        f"this answer is not the county's ({answer.status}, perhaps a network's login page); check the network."
        " Records are kept and sent later",
    )
