"""Asking the county for a newer roster, or settings: what its answer means, when to ask again. No sockets here.

answer of the county                        meaning
200                                         something newer came; whether it is, its signature tells
204                                         there is nothing newer
everything else: silence, other codes       nothing came: what is in force stays, ask again
"""

from collections.abc import Callable
from typing import Literal

from edge.core.answer import Answer, pause_s, said_by_county, wish_s
from edge.core.texts import Text

ROSTER = Text("名单", "roster")
SETTINGS = Text("设置", "settings")


def meaning(answer: Answer, asked_for: Text = ROSTER) -> Literal["newer", "nothing"] | Text:
    """What this answer says; a Text: why nothing came of what was asked for, and what to do."""
    zh, en = asked_for.zh, asked_for.en
    if answer.status == 200:
        return "newer"
    if answer.status == 204:
        return "nothing"
    said = said_by_county(answer.body)
    if said is not None:
        return Text(
            f"县级服务器没有给出{zh}（{said.zh}）；现用{zh}不变",
            f"the county gave no {en} ({said.en}); what is in force stays",
        )
    if answer.status is None:
        return Text(
            f"{zh}：县级服务器没有应答（{answer.failure}）；{answer.advice.zh}，现用{zh}不变",
            f"{en}: no answer from the county ({answer.failure}); {answer.advice.en}, what is in force stays",
        )
    return Text(
        f"{zh}：应答不是来自县级服务器（{answer.status}）；请核对服务器地址、版本和网络，现用{zh}不变",
        f"{en}: this answer is not the county's ({answer.status}); check its address, its version and the network,"
        " what is in force stays",
    )


def next_pause_s(every_s: float, failures: int, random: Callable[[], float], answer: Answer | None = None) -> float:
    """How long to wait before asking again: about every_s, after failures (in a row) 1 to 300 s, ever longer.

    random: uniform in [0, 1), spreads the gates of a county over time. What the county wishes is followed.
    """
    wished_s = 0.0 if answer is None else wish_s(answer)
    if failures == 0:
        return max(every_s * (0.8 + 0.4 * random()), wished_s)
    return pause_s(failures + 1, random, at_least_s=wished_s)
