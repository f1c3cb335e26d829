"""How far a school's gates are: planned, installed, commissioned, in service, each with its day. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from edge.core.texts import Text

STAGES = {
    "planned": Text("已计划", "Planned"),
    "installed": Text("已安装", "Installed"),
    "commissioned": Text("已调试", "Commissioned"),
    "in_service": Text("已启用", "In service"),
}
# City schools get theirs first, then the township centres.
KINDS = {"city": Text("县城学校", "City school"), "township": Text("乡镇中心校", "Township centre")}
# From here on a silent gate is a fault.
WORKING = ("commissioned", "in_service")


@dataclass(frozen=True, slots=True)
class Plan:
    """Where a school stands; days: of each stage, reached or planned."""

    kind: str
    stage: str
    days: Mapping[str, date]


def complaints(plan: Plan, today: date) -> list[Text]:
    """What makes no sense about the plan; empty: nothing."""
    if plan.kind not in KINDS or plan.stage not in STAGES:
        return [Text("请选择学校类别和阶段", "Choose the kind of school and the stage")]
    found = []
    order = list(STAGES)
    given = [(stage, plan.days[stage]) for stage in order if stage in plan.days]
    for (_, earlier), (stage, later) in pairwise(given):
        if later < earlier:
            name = STAGES[stage]
            found.append(Text(f"“{name.zh}”的日期早于前一阶段", f"“{name.en}” lies before the stage that precedes it"))
    for stage in order[1 : order.index(plan.stage) + 1]:
        name = STAGES[stage]
        if stage not in plan.days:
            found.append(Text(f"请填写“{name.zh}”的日期", f"Say when “{name.en}” was reached"))
        elif plan.days[stage] > today:
            found.append(Text(f"“{name.zh}”的日期还没有到", f"“{name.en}” lies in the future"))
    return found


def place(plan: Plan | None) -> int:
    """Where a school stands in the order of the rollout: city, township, then those that nobody planned."""
    return len(KINDS) if plan is None else list(KINDS).index(plan.kind)
