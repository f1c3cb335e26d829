"""What the county's pages call things: Chinese first, English beside, one helper per kind of thing."""

from collections.abc import Sequence
from datetime import timedelta

from edge.core.texts import REASONS, Text

# The guard's screen greets ("Come in"); a list of past people states.
VERDICTS = {
    "pass": Text("通过", "Pass"),
    "fever": Text("体温异常", "Fever"),
    "not_measured": Text("未测量", "Not measured"),
}


def verdict_text(code: str) -> Text:
    """What a verdict is called; an unknown one is shown as its code."""
    return VERDICTS.get(code, Text(code, code))


def reason_text(code: str) -> Text:
    """What a reason is called; a newer gate's unknown one is shown as its code."""
    return REASONS.get(code, Text(code, code))


def ago_text(age: timedelta) -> Text:
    """How long ago, in the largest whole unit."""
    seconds = max(0, int(age.total_seconds()))
    if seconds < 60:
        return Text("刚刚", "just now")
    for size, zh, en in ((86_400, "天", "d"), (3_600, "小时", "h"), (60, "分钟", "min")):
        if seconds >= size:
            return Text(f"{seconds // size} {zh}前", f"{seconds // size} {en} ago")
    raise AssertionError("a minute or more has a unit")


def runs_text(runs: Sequence[tuple[int, int]]) -> str:
    """Runs of numbers, each (first, last): "3, 7–9"."""
    return ", ".join(str(first) if first == last else f"{first}–{last}" for first, last in runs)
