"""A report in words: the same tables for the page, CSV, XLSX and print, Chinese first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any

from county.core.labels import VERDICTS, event_text, reason_text, text_of
from county.core.reporting import AMENDED, AMENDMENT_DUE, Changed, Standing
from county.core.school_report import doubts
from county.core.signals_early import Signal, signal_text
from edge.core.texts import EVENTS, REASONS, Text

Cell = str | int | float | Text | None
NO_CLASS = Text("无班级", "no class")
KINDS = {"fever": Text("发热", "fever"), "symptom": Text("症状", "symptom")}
CASE_STATES = {
    "open": Text("待处理", "open"),
    "observation": Text("观察中", "in observation"),
    "released": Text("已解除待结案", "released, not closed"),
}
FIGURES: dict[str, Text] = {
    "people": Text("应到人数", "On the roster"),
    "entered": Text("已入校", "Entered"),
    "refused": Text("未放行", "Refused"),
    "in_observation": Text("医学观察", "In observation"),
    "absent": Text("未到", "Absent"),
    "difference": Text("差额", "Difference"),
    "visits": Text("通行次数", "Visits"),
    "fever_people": Text("发热人数", "People with a fever"),
    "fever_visits": Text("发热报警次数", "Fever alarms"),
    "not_measured": Text("未测量次数", "Visits not measured"),
    "contact_readings": Text("接触式复测", "Contact readings"),
    "cases_opened": Text("新增病例", "Cases opened"),
    "into_observation": Text("送观察", "Led into observation"),
    "released": Text("解除", "Released"),
    "open_cases": Text("未结病例", "Cases still open"),
    "overrides": Text("门卫放行", "Overrides by guards"),
    "downtime_s": Text("停机（秒）", "Downtime (s)"),
    "records": Text("记录数", "Records"),
}
# What an amendment may change beside: lists, of which the page shows the two versions.
LISTS: dict[str, Text] = {
    "classes": Text("各班人数", "classes"),
    "refused_for": Text("未放行原因", "refused, by reason"),
    "reasons": Text("通行原因", "visits, by reason"),
    "events": Text("闸机事件", "events"),
    "downtime": Text("停机记录", "downtime"),
    "not_on_roster": Text("名单外编号", "not on the roster"),
    "roster_version": Text("名单版本", "roster version"),
    "unidentified": Text("无人认领", "unidentified"),
    "badges_without_face": Text("刷卡未见人", "badges without a face"),
    "unreadable": Text("无法读取", "unreadable"),
}


YES, NO = Text("是", "yes"), Text("否", "no")
_OF_A_CLASS = ("people", "entered", "refused", "in_observation", "absent")
_OF_A_SCHOOL = (*_OF_A_CLASS, "fever_people", "open_cases", "overrides")


@dataclass(frozen=True, slots=True)
class Table:
    """One table: its title, its columns, its rows; no rows: nothing of it that day."""

    title: Text
    head: tuple[Text, ...]
    rows: tuple[tuple[Cell, ...], ...]


_HEADS: dict[str, tuple[Text, ...]] = {
    "totals": (Text("项目", "Item"), Text("数量", "Count")),
    "doubts": (Text("说明", "Note"),),
    "signals": (Text("说明", "Reason"),),
    "cases": (
        Text("开始", "Since"),
        Text("人员", "Person"),
        Text("类别", "Kind"),
        Text("状态", "State"),
        Text("复测 °C", "Contact, °C"),
        Text("已通知", "Informed"),
    ),
    "refused": (Text("原因", "Reason"), Text("人数", "People")),
    "classes": (Text("班级", "Class"), *(FIGURES[name] for name in _OF_A_CLASS), Text("发热", "Fevers")),
    "downtime": (
        Text("闸机", "Gate"),
        Text("事件", "Event"),
        Text("结束", "Ended"),
        Text("秒", "s"),
        Text("未测人数", "Not measured"),
        Text("说明", "Note"),
    ),
    "gates": (
        Text("闸机", "Gate"),
        Text("名称", "Name"),
        Text("记录", "Records"),
        Text("已连接", "Heard from"),
        Text("缺号", "Missing"),
        Text("待送", "Waiting"),
        Text("异常", "Anomalies"),
        Text("时间未知", "Clock unset"),
    ),
}


def tables(plain: Mapping[str, Any], zone: tzinfo) -> tuple[Table, ...]:
    """Everything that a report says, in the order of its reading, empty tables left out; times as told in this zone."""
    figures = plain["figures"]
    found: tuple[tuple[str, Text, list[tuple[Cell, ...]]], ...] = (
        ("totals", Text("合计", "Totals"), [(text, _count(figures[name])) for name, text in FIGURES.items()]),
        ("doubts", Text("需要注意", "What is not certain"), [(one,) for one in doubts(plain)]),
        ("signals", Text("早期信号", "Early signals"), [(told_signal(one),) for one in plain["signals"]]),
        ("cases", Text("未结病例", "Cases still open"), [_case(one, zone) for one in figures["open_cases"]]),
        ("refused", Text("未放行原因", "Refused, by reason"), [(reason_text(a), n) for a, n in figures["refused_for"]]),
        ("classes", Text("各班", "Classes"), [_class(one) for one in figures["classes"]]),
        ("downtime", Text("停机", "Downtime"), [_downtime(one, zone) for one in figures["downtime"]]),
        ("gates", Text("闸机", "Gates"), [_gate(one) for one in plain["gates"]]),
    )
    return tuple(Table(title, _HEADS[name], tuple(rows)) for name, title, rows in found if rows)


def county_table(standings: Sequence[Standing], plains: Sequence[Mapping[str, Any]], zone: tzinfo) -> Table:
    """One row for every school: where its report stands, and its figures."""
    head = (
        Text("学校", "School"),
        Text("状态", "State"),
        Text("确认时间", "Confirmed"),
        Text("版本", "Version"),
        *(FIGURES[name] for name in _OF_A_SCHOOL),
        Text("零报告", "Zero report"),
        Text("信号", "Signals"),
        Text("注意", "Notes"),
    )
    rows = tuple(_school(one, plain, zone) for one, plain in zip(standings, plains, strict=True))
    return Table(Text("全县日报", "The county's day"), head, rows)


def _school(one: Standing, plain: Mapping[str, Any], zone: tzinfo) -> tuple[Cell, ...]:
    return (
        one.school,
        state_text(one),
        _moment(one.first_at, zone),
        one.versions,
        *(_count(plain["figures"][name]) for name in _OF_A_SCHOOL),
        YES if plain["zero"] else NO,
        len(plain["signals"]),
        len(doubts(plain)),
    )


def _class(one: Mapping[str, Any]) -> tuple[Cell, ...]:
    return (one["name"] or NO_CLASS, *(one[name] for name in _OF_A_CLASS), one["fevers"])


def _downtime(one: Mapping[str, Any], zone: tzinfo) -> tuple[Cell, ...]:
    ended = clock_of(one["ended_utc_ms"], zone)
    return (one["gate_id"], event_text(one["code"]), ended, one["duration_s"], one["count"], one["note"])


def _gate(one: Mapping[str, Any]) -> tuple[Cell, ...]:
    counts = (one["missing"], one["waiting"], one["anomalies"], one["clock_unknown"])
    return (one["gate_id"], one["name"], one["records"], YES if one["seen"] else NO, *counts)


def state_text(one: Standing) -> Text:
    """The state with what happened since, such as "late, amended"."""
    texts = [one.text] + [AMENDED] * one.amended + [AMENDMENT_DUE] * one.arrived.due
    return Text("、".join(text.zh for text in texts), ", ".join(text.en for text in texts))


def told_signal(plain: Mapping[str, Any]) -> Text:
    """A signal of a report in words."""
    told = {name: plain[name] for name in Signal.__dataclass_fields__}
    return signal_text(Signal(**{**told, "rules": tuple(plain["rules"])}), plain["name"])


def changed_words(changed: Sequence[Changed]) -> list[tuple[Text, str, str]]:
    """What an amendment changes: figure, before, after; of a list what differs. In the order of the report."""
    return [_changed(one) for one in sorted(changed, key=_place)]


def clock_of(utc_ms: int, zone: tzinfo) -> str:
    """A moment as people write it: 2026-03-02 07:30."""
    return datetime.fromtimestamp(utc_ms / 1000, UTC).astimezone(zone).strftime("%Y-%m-%d %H:%M")


def _changed(one: Changed) -> tuple[Text, str, str]:
    name = FIGURES.get(one.what) or LISTS.get(one.what) or _verdict(one.what)
    before, after = one.before, one.after
    if isinstance(before, list) and isinstance(after, list):
        before, after = [each for each in before if each not in after], [each for each in after if each not in before]
    return name, _short(before), _short(after)


def _place(one: Changed) -> int:
    order = [*FIGURES, *LISTS]
    return order.index(one.what) if one.what in order else len(order)


def _verdict(what: str) -> Text:
    text = text_of(what.removeprefix("verdicts."), VERDICTS)
    return Text(f"通行结果：{text.zh}", f"visits: {text.en}")


def _short(value: Any) -> str:
    if isinstance(value, list):
        return "；".join(_item(one) for one in value) or "—"
    return "—" if value is None else str(value)


def _item(one: Any) -> str:
    if isinstance(one, Mapping) and "class_id" in one:
        counts = [f"{FIGURES[name].zh} {one[name]}" for name in _OF_A_CLASS] + [f"发热 {one['fevers']}"]
        return f"{one['name'] or NO_CLASS.zh}：" + "、".join(counts)
    if isinstance(one, Mapping) and "case_id" in one:
        return f"{one['person_id'] or '?'} {text_of(one['state'], CASE_STATES).zh}"
    if isinstance(one, Mapping):
        return f"{one['gate_id']} {event_text(one['code']).zh} {one['duration_s']:g} 秒"
    if isinstance(one, list) and len(one) == 2:
        return f"{text_of(one[0], REASONS, EVENTS).zh} {one[1]}"
    return str(one)


def _count(value: Any) -> Cell:
    return len(value) if isinstance(value, list) else value


def _case(one: Mapping[str, Any], zone: tzinfo) -> tuple[Cell, ...]:
    return (
        clock_of(one["opened_utc_ms"], zone),
        one["person_id"] or "?",
        KINDS.get(one["kind"], Text(one["kind"], one["kind"])),
        CASE_STATES.get(one["state"], Text(one["state"], one["state"])),
        one["contact_c"],
        one["informed"],
    )


def _moment(at: datetime | None, zone: tzinfo) -> str:
    return "" if at is None else at.astimezone(zone).strftime("%Y-%m-%d %H:%M")
