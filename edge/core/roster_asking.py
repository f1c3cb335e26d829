"""Asking the county for a newer roster: what its answer means, and when to ask again. No sockets here.

answer of the county                        meaning
200                                         a newer roster came; whether it is one, its signature tells
204                                         there is nothing newer
everything else: silence, other codes       nothing came: the roster in force stays, ask again
"""

from collections.abc import Callable
from typing import Literal

from edge.core.answer import Answer, pause_s, said_by_county, wish_s
from edge.core.texts import Text


def meaning(answer: Answer) -> Literal["newer", "nothing"] | Text:
    """What this answer says; a Text: why no roster came, and what to do."""
    if answer.status == 200:
        return "newer"
    if answer.status == 204:
        return "nothing"
    said = said_by_county(answer.body)
    if said is not None:
        return Text(
            f"县级服务器没有给出名单（{said.zh}）；现用名单不变",
            f"the county gave no roster ({said.en}); the one in force stays",
        )
    if answer.status is None:
        return Text(
            f"名单：县级服务器没有应答（{answer.failure}）；{answer.advice.zh}，现用名单不变",
            f"roster: no answer from the county ({answer.failure}); {answer.advice.en}, the one in force stays",
        )
    return Text(
        f"名单：应答不是来自县级服务器（{answer.status}）；请核对服务器地址、版本和网络，现用名单不变",
        f"roster: this answer is not the county's ({answer.status}); check its address, its version and the network,"
        " the one in force stays",
    )


def next_pause_s(every_s: float, failures: int, random: Callable[[], float], answer: Answer | None = None) -> float:
    """How long to wait before asking again: about every_s, after failures (in a row) 1 to 300 s, ever longer.

    random: uniform in [0, 1), spreads the gates of a county over time. What the county wishes is followed.
    """
    wished_s = 0.0 if answer is None else wish_s(answer)
    if failures == 0:
        return max(every_s * (0.8 + 0.4 * random()), wished_s)
    return pause_s(failures + 1, random, at_least_s=wished_s)
