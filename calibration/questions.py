"""What the technician is asked to type, and what is no answer: out of range, the wrong unit, an impossible date."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

from edge.core.texts import Text

Answer = float | str
Kind = Literal["number", "text", "date"]

_NUMBER = re.compile(r"([-+]?\d+(?:[.,]\d+)?)\s*[°º]?\s*([A-Za-z℃℉%]*)")
_TEXT = re.compile(r"[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f\u2028-\u202e\u200b-\u200f\u2066-\u2069]{0,59}")


@dataclass(frozen=True, slots=True)
class Question:
    """One thing to type. unit: of a number; low, high: its range; default: what an empty answer means."""

    code: str
    text: Text
    kind: Kind = "number"
    unit: str = ""
    low: float = 0.0
    high: float = 0.0
    default: Answer | None = None


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """Why what was typed is none: `wrong_unit`, `out_of_range`, `no_number`, `no_text` or `no_date`."""

    why: Literal["wrong_unit", "out_of_range", "no_number", "no_text", "no_date"]
    text: Text


ABOUT = (
    Question("technician", Text("您的姓名", "Your name"), "text"),
    Question("source_serial", Text("黑体的编号", "Serial number of the blackbody"), "text"),
    Question("source_date", Text("黑体校准证书的日期", "Date of the blackbody's own certificate"), "date"),
    Question(
        "source_expanded_k",
        Text("证书上的扩展不确定度 U（k = 2）", "Expanded uncertainty U (k = 2) on it"),
        unit="K", low=0.01, high=1.0, default=0.1,
    ),
    Question(
        "source_emissivity", Text("黑体的发射率", "Emissivity of the blackbody"), low=0.9, high=1.0, default=0.98
    ),
    Question("ambient_c", Text("环境温度", "Temperature of the room"), unit="°C", low=0, high=40, default=22.0),
)  # fmt: skip

GEOMETRY = (
    Question(
        "working_m", Text("工作距离（人脸到相机）", "Working distance, face to camera"),
        unit="m", low=0.3, high=2.5, default=0.8,
    ),
    Question(
        "camera_m", Text("相机离地高度", "Height of the camera above the floor"), unit="m", low=0.4, high=2.5,
        default=1.4,
    ),
    Question(
        "tilt_deg", Text("相机向上仰多少度（向下为负）", "How far the camera looks up (down: negative)"),
        unit="deg", low=-45, high=45, default=0.0,
    ),
    Question(
        "child_m", Text("最矮的学生身高", "Height of the shortest pupil"), unit="m", low=0.8, high=2.0, default=1.1
    ),
    Question("adult_m", Text("最高的人身高", "Height of the tallest person"), unit="m", low=1.2, high=2.2, default=1.9),
)  # fmt: skip


def temperature(code: str, text: Text, low_c: float, high_c: float) -> Question:
    """What a blackbody's display says, in degrees Celsius."""
    return Question(code, text, unit="°C", low=low_c, high=high_c)


def answer(question: Question, typed: str) -> Answer | NoAnswer:
    """What was meant; or why it cannot be taken."""
    typed = typed.strip()
    if not typed and question.default is not None:
        return question.default
    if question.kind == "text":
        if _TEXT.fullmatch(typed):
            return typed
        return NoAnswer("no_text", Text("请写 1 到 60 个字", "write 1 to 60 characters"))
    if question.kind == "date":
        return _date(typed)
    return _number(question, typed)


def _date(typed: str) -> str | NoAnswer:
    try:
        return date.fromisoformat(typed).isoformat()
    except ValueError:
        return NoAnswer("no_date", Text("请写日期，例如 2026-03-01", "write a date, such as 2026-03-01"))


def _number(question: Question, typed: str) -> float | NoAnswer:
    match = _NUMBER.fullmatch(typed)
    if match is None:
        return NoAnswer("no_number", Text("请写一个数，例如 33.0", "write a number, such as 33.0"))
    value, symbol = float(match[1].replace(",", ".")), match[2]
    if question.unit == "°C" and (wrong := _wrong_unit(value, symbol, question)):
        return wrong
    if symbol and symbol not in {question.unit, "C", "c", "℃"}:
        return NoAnswer("wrong_unit", Text(f"单位是 {question.unit or '无'}", f"the unit is {question.unit or 'none'}"))
    if not question.low <= value <= question.high:
        span = f"{question.low:g} … {question.high:g} {question.unit}".rstrip()
        return NoAnswer("out_of_range", Text(f"{value:g} 超出范围；应为 {span}", f"{value:g} is out of {span}"))
    return value


def _wrong_unit(value: float, symbol: str, question: Question) -> NoAnswer | None:
    for symbols, zh, en, celsius in (
        ({"F", "f", "℉"}, "华氏度", "Fahrenheit", (value - 32) / 1.8),
        ({"K", "k"}, "开尔文", "kelvin", value - 273.15),
    ):
        fits = question.low <= celsius <= question.high
        if symbol in symbols or (not symbol and fits and not question.low <= value <= question.high):
            return NoAnswer(
                "wrong_unit",
                Text(f"{value:g} 像是{zh}；请用摄氏度：{celsius:.2f}", f"{value:g} looks like {en}: {celsius:.2f} °C"),
            )
    return None
