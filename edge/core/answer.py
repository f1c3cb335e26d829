"""What came back from the county, and what can be read in it by itself, whatever was asked.

The county's own words are JSON: {"error": {"code": "…", "zh": "…", "en": "…"}} (docs/wire.md). A login page or a
proxy does not speak them, and so can neither take a record nor refuse one.
"""

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from edge.core.texts import Text

FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 300.0
LONGEST_RETRY_AFTER_S = 900.0

CHECK_NETWORK = Text("请检查网络", "check the network")
_NOT_AUTHORISED = (401, 403)
# The token belongs to another gate: true of everything that is asked with it.
_OTHER_GATE = "other_gate"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back from the county: an HTTP status and body (of bounded length), or why nothing came.

    status is None when no complete answer came; `failure` then says why, for the log, and `advice` what to do when
    that is known. retry_after_s is the server's wish. connected: False when nothing was even asked.
    """

    status: int | None
    body: bytes = b""
    failure: str = ""
    retry_after_s: float | None = None
    connected: bool = True
    advice: Text = CHECK_NETWORK


@dataclass(frozen=True, slots=True)
class CountyError:
    """What the county says when it does not do what it was asked, in its own words."""

    code: str
    zh: str
    en: str


def json_object(body: bytes) -> dict[str, Any]:
    """The JSON object in this body; an empty one when it is none."""
    try:
        plain = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return plain if isinstance(plain, dict) else {}


def error_in(plain: Any) -> CountyError | None:
    """The county's own words in a JSON value that may hold them under `error`."""
    error = plain.get("error") if isinstance(plain, dict) else None
    if not isinstance(error, dict):
        return None
    said = [error.get(name) for name in ("code", "zh", "en")]
    if not all(isinstance(part, str) and part for part in said):
        return None
    code, zh, en = (printable(str(part)) for part in said)
    return CountyError(code, zh, en)


def printable(words: str) -> str:
    """Somebody else's words as they may stand in a log, a terminal and a database: one line, at most 300 characters.

    Half a surrogate pair, which JSON can hold, has no UTF-8: it would stop whoever writes it down.
    """
    return "".join(one if one.isprintable() else " " for one in words[:300])


def said_by_county(body: bytes) -> CountyError | None:
    """The county's own words in the body of an answer; None: this is not the county speaking."""
    return error_in(json_object(body))


def wrong_token(answer: Answer) -> bool:
    """Whether the county, or somebody on the way to it, does not let this gate in at all."""
    said = said_by_county(answer.body)
    return answer.status in _NOT_AUTHORISED or (said is not None and said.code == _OTHER_GATE)


def wish_s(answer: Answer) -> float:
    """How long the county wishes to be left alone, 0 to 900 s."""
    asked_s = answer.retry_after_s
    if asked_s is None or math.isnan(asked_s):
        return 0.0
    return min(max(asked_s, 0.0), LONGEST_RETRY_AFTER_S)


def pause_s(failures: int, random: Callable[[], float], at_least_s: float = 0.0) -> float:
    """How long to wait after so many failures in a row (1, 2, …): 1 to 300 s, longer only if the county wishes it.

    Exponential with full jitter (M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015).
    random: uniform in [0, 1), spreads the gates of a county over time after an outage.
    """
    ceiling_s = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** min(failures, 30))
    return max(FIRST_PAUSE_S + (ceiling_s - FIRST_PAUSE_S) * random(), at_least_s)


def refused_pause_s(answer: Answer, random: Callable[[], float]) -> float:
    """How long to wait when the gate is not let in: 150 to 300 s, nothing but a technician changes this answer."""
    return max(LONGEST_PAUSE_S * (0.5 + 0.5 * random()), wish_s(answer))


def unauthorised(answer: Answer) -> Text:
    """What a technician reads when the gate is not let in."""
    said = said_by_county(answer.body)
    if said is None:
        return Text(
            f"对方拒绝访问（{answer.status}），但不像县级服务器；请核对服务器地址、代理与令牌",
            f"access refused ({answer.status}), and not in the county's words; check the county's address, any proxy,"
            " and the token",
        )
    return Text(
        f"县级服务器不接受本机令牌（{said.zh}）；请技术人员用新的登记码运行 foregate enrol。闸机照常工作，记录已保存",
        f"the county does not accept this gate's token ({said.en}); have a technician run foregate enrol with a new"
        " code. The gate works on, records are kept",
    )


def no_word(answer: Answer) -> Text:
    """What a technician reads when the county neither did what it was asked nor refused it for good."""
    said = said_by_county(answer.body)
    if answer.status is None:
        return Text(
            f"县级服务器没有应答（{answer.failure}）；{answer.advice.zh}。记录已保存，将自动重试",
            f"no answer from the county ({answer.failure}); {answer.advice.en}. Records are kept and sent later",
        )
    if said is not None:
        return Text(
            f"县级服务器暂未接收（{answer.status}，{said.zh}）。记录已保存，将自动重试",
            f"the county has not taken the records yet ({answer.status}, {said.en}). They are kept and sent later",
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
