"""What an officer or a school orders about people of the roll, by a page's button. Pure."""

from collections.abc import Callable
from dataclasses import replace

from county.core.roll import longer
from county.core.roster_words import day
from edge.core.errors import RosterError
from edge.core.roster import UNTIL_RELEASED, Person
from edge.core.texts import Text

ORDERS = {
    "approve": Text("批准返校", "Approve the return"),
    "withdraw": Text("撤回批准", "Withdraw the approval"),
    "health": Text("健康记录已齐", "Health record complete"),
    "no_health": Text("健康记录缺失", "Health record missing"),
    "observe": Text("医学观察至所填日期", "Observation until the day"),
    "observe_open": Text("医学观察，待解除", "Observation until released"),
    "release": Text("解除医学观察", "End the observation"),
}


def order(code: str, until: str, today: str) -> Callable[[Person], Person]:
    """What this order does to a person; until: the day for `observe`, inclusive. RosterError: it cannot be ordered.

    An observation is never shortened but by `release`.
    """
    if code in {"observe", "observe_open"}:
        last = UNTIL_RELEASED if code == "observe_open" else day(until)
        if last is None or last < today:
            raise RosterError(
                "请填医学观察到哪一天（今天或以后）", "say until which day the observation lasts, today or later"
            )
        return lambda one: replace(one, observation_until=longer(one.observation_until, last))
    done: dict[str, Callable[[Person], Person]] = {
        "approve": lambda one: replace(one, approved=True),
        "withdraw": lambda one: replace(one, approved=False),
        "health": lambda one: replace(one, health_record=True),
        "no_health": lambda one: replace(one, health_record=False),
        "release": lambda one: replace(one, observation_until=None),
    }
    if code not in done:
        raise RosterError("请选择要做什么", "choose what to do")
    return done[code]
