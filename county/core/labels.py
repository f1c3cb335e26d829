"""What the county's pages call things: Chinese first, English beside, one helper per kind of thing.

A newer gate's code that is not known here is shown as it is.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from edge.core.texts import EVENTS, REASONS, Text

# The guard's screen greets ("Come in"); a list of past people states.
VERDICTS = {
    "pass": Text("通过", "Pass"),
    "fever": Text("体温异常", "Fever"),
    "refused": Text("不得进入", "Refused"),
    "not_measured": Text("未测量", "Not measured"),
}
KINDS = {
    "passage": Text("通行", "Passages"),
    "override": Text("门卫放行", "Overrides"),
    "case": Text("病例步骤", "Case steps"),
    "event": Text("闸机事件", "Events"),
}
# Whom a passage is about, where it names nobody.
IDENTIFIED = {
    "not_asked": Text("不查身份", "not asked"),
    "no_badge": Text("未出示证件", "no badge"),
    "unknown": Text("证件不在名单上", "badge not on the list"),
}
STEPS = {
    "alarm": Text("体温报警", "Alarm"),
    "symptom": Text("发现症状", "Symptom"),
    "identified": Text("确认身份", "Identified"),
    "contact": Text("接触式复测", "Contact thermometer"),
    "observation": Text("医学观察", "Observation"),
    "informed": Text("已通知", "Informed"),
    "released": Text("解除", "Released"),
    "closed": Text("结束", "Closed"),
}

# The pages in the log of looks (county/accounts/access.py); a page that is not named here is shown by its code.
LOOKS = {
    "sign in": Text("登录", "Signed in"),
    "people": Text("名单", "Roster"),
    "person": Text("个人", "Person"),
    "history": Text("修改记录", "History"),
    "upload": Text("导入名单", "Import"),
    "report": Text("日报", "Daily report"),
    "export": Text("导出日报", "Export of reports"),
    "reports of a line": Text("日报汇总", "Reports of a line"),
    "report taken": Text("接收日报", "Report taken"),
    "gate passage": Text("闸机通行", "Passages of a gate"),
    "gate override": Text("闸机放行", "Overrides of a gate"),
    "gate case": Text("闸机病例", "Cases of a gate"),
    "gate event": Text("闸机事件", "Events of a gate"),
}


def text_of(code: str, *groups: Mapping[str, Text]) -> Text:
    """What a code is called in the first of these groups that knows it."""
    return next((group[code] for group in groups if code in group), Text(code, code))


def verdict_text(code: str) -> Text:
    """What a verdict is called."""
    return text_of(code, VERDICTS)


def reason_text(code: str) -> Text:
    """What a reason of a passage, or for an override, is called."""
    return text_of(code, REASONS)


def event_text(code: str) -> Text:
    """What happened to a gate."""
    return text_of(code, EVENTS)


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
