"""What pydantic refuses, told to a technician: key, what is wrong, what to write instead, in both languages."""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticCustomError

from edge.app.config_lines import Key

# Ending of a key -> its unit in Chinese and in English.
UNITS = {
    "c": ("摄氏度", "degrees Celsius"),
    "k": ("开尔文（温差）", "kelvin (a difference)"),
    "s": ("秒", "seconds"),
    "h": ("小时", "hours"),
    "px": ("像素", "pixels"),
    "deg": ("度", "degrees"),
}
_WRONG_UNITS = {"f", "fahrenheit", "kelvin", "celsius", "ms", "us", "min", "h", "hours", "sec", "rad", "mm", "cm", "m"}
_QUANTITY = re.compile(r"\s*([-+]?\d+(?:\.\d+)?)\s*[°º]?\s*([A-Za-z%℃℉]+)\s*\Z")
_WHOLE = ("请写一个整数，不加引号，例如 4", "write a whole number without quotes, such as 4")
_NAME = ("请用字母、数字和 . _ -，1 到 64 个", "use letters, digits and . _ -, 1 to 64 of them")
_PATH = ('请写带引号的路径，例如 "clip.npz"', 'write a path in quotes, such as "clip.npz"')
_FORMS = {
    "float_type": ("请写一个数，不加引号和单位，例如 36.5", "write a number without quotes or unit, such as 36.5"),
    "int_type": _WHOLE,
    "int_from_float": _WHOLE,
    "bool_type": ("请写 true 或 false，不加引号", "write true or false, without quotes"),
    "string_type": ('请写带引号的文字，例如 "gate-1"', 'write text in quotes, such as "gate-1"'),
    "string_pattern_mismatch": _NAME,
    "string_too_short": ("不能为空", "must not be empty"),
    "string_too_long": ("太长；请缩短到 60 个字以内", "is too long; at most 60 characters"),
    "path_type": _PATH,
    "path_parsing": _PATH,
    "model_type": (
        "这里应是一节：请写 [{key}]，各键另起一行",
        "this is a section: write [{key}] and its keys below it",
    ),
}
_QUANTITY = re.compile(r"\s*([-+]?\d+(?:\.\d+)?)\s*[°º]?\s*([A-Za-z℃℉]+)\s*\Z")


@dataclass(frozen=True, slots=True)
class _Unit:
    """A unit that people write by mistake: for keys with this ending, between these values, and how to convert it."""

    ending: str
    symbols: tuple[str, ...]
    low: float
    high: float
    zh: str
    en: str
    right: Callable[[float], float]


_MISTAKEN = (
    _Unit("c", ("F", "f", "℉"), 80, 130, "华氏度", "Fahrenheit", lambda f: (f - 32) / 1.8),
    _Unit("c", ("K", "k"), 230, 400, "开尔文", "kelvin", lambda kelvin: kelvin - 273.15),
    _Unit("s", ("ms",), 200, math.inf, "毫秒", "milliseconds", lambda ms: ms / 1000),
    _Unit("s", ("min",), math.inf, math.inf, "分钟", "minutes", lambda minutes: minutes * 60),
    _Unit("c", ("C", "c", "℃"), math.inf, math.inf, "带单位的数", "a number with its unit", float),
    _Unit("s", ("s",), math.inf, math.inf, "带单位的数", "a number with its unit", float),
)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with the configuration: at which key, and what to do, in both languages."""

    key: Key
    zh: str
    en: str


def refused(zh: str, en: str, key: str | None = None) -> PydanticCustomError:
    """For a validator to raise: what is wrong with this value, or with the named key of this section."""
    return refusal(Problem(() if key is None else (key,), zh, en))


def refusal(*found: Problem) -> PydanticCustomError:
    """For a validator to raise: several problems of one section."""
    return PydanticCustomError("refused", "refused", {"problems": found})


def problems(error: ValidationError, root: type[BaseModel]) -> list[Problem]:
    """Every problem of a refused document, in the order in which pydantic met them."""
    return [problem for detail in error.errors() for problem in _problem(detail, root)]


def _problem(detail: Mapping[str, Any], root: type[BaseModel]) -> list[Problem]:
    key: Key = detail["loc"]
    if found := detail.get("ctx", {}).get("problems"):
        found = [Problem(key + p.key, p.zh, p.en) for p in found]
        return [_with_hint(problem, _value(detail["input"], problem.key, key)) for problem in found]
    return [_with_hint(Problem(key, *_said(detail, key, root)), detail["input"])]


def _value(given: Any, inner: Key, outer: Key) -> Any:
    # A section's refusal holds the whole section as its input.
    if len(inner) > len(outer) and isinstance(given, Mapping):
        return given.get(inner[-1])
    return None if len(inner) > len(outer) else given


def _said(detail: Mapping[str, Any], key: Key, root: type[BaseModel]) -> tuple[str, str]:
    kind, given = detail["type"], _toml(detail["input"])
    if kind == "extra_forbidden":
        return _unknown(key, root)
    if kind == "missing":
        return "缺少此键，它没有默认值；请补上", "is missing and has no default; add it"
    if kind == "literal_error":
        choices = ", ".join(_toml(choice) for choice in _choices(key, root))
        return f"= {given} 不是可选的值；可选 {choices}", f"= {given} is not a choice; choose {choices}"
    if kind in ("greater_than_equal", "less_than_equal", "finite_number"):
        span = _span(key, root)
        return f"= {given} 超出范围；请取 {span}", f"= {given} is out of range; choose {span}"
    name = ".".join(map(str, key))
    zh, en = _FORMS.get(kind, ("值不可用", detail["msg"]))
    return f"= {given}：{zh.format(key=name)}", f"= {given}: {en.format(key=name)}"


def _unknown(key: Key, root: type[BaseModel]) -> tuple[str, str]:
    name, known = str(key[-1]), _names(key[:-1], root)
    stem, _, unit = name.rpartition("_")
    for candidate in known:
        right_stem, _, right_unit = candidate.rpartition("_")
        if stem and stem == right_stem and right_unit in UNITS and unit in _WRONG_UNITS | set(UNITS):
            zh, en = UNITS[right_unit]
            return f"单位不对；请用{zh}：{candidate}", f"has the wrong unit; give {en}: {candidate}"
    if close := get_close_matches(name, known, 1, 0.6):
        return f"没有这个键；是不是 {close[0]}？", f"is no such key; did you mean {close[0]}?"
    homes = [section for section in _names((), root) if section != name and name in _names((section,), root)]
    if homes:
        return f"不属于这里；请放到 [{homes[0]}]", f"does not belong here; put it into [{homes[0]}]"
    listed = ", ".join(known)
    return f"没有这个键；可用的有 {listed}", f"is no such key; there are {listed}"


def _names(key: Key, root: type[BaseModel]) -> list[str]:
    found: Any = root
    for name in key:
        if isinstance(name, int):  # which of several sections of one kind
            continue
        field = found.model_fields.get(str(name)) if isinstance(found, type) and issubclass(found, BaseModel) else None
        found = None if field is None else _plain(field.annotation)
    if isinstance(found, type) and issubclass(found, BaseModel):
        return list(found.model_fields)
    return [f.name for f in fields(found)] if is_dataclass(found) else []


def _plain(annotation: Any) -> Any:
    kinds = [kind for kind in get_args(annotation) if kind not in (type(None), ...)]
    return kinds[0] if len(kinds) == 1 else annotation


def _field(key: Key, root: type[BaseModel]) -> Any:
    section = root if len(key) == 1 else _plain(root.model_fields[str(key[0])].annotation)
    return section.model_fields[str(key[-1])]


def _choices(key: Key, root: type[BaseModel]) -> tuple[Any, ...]:
    annotation = _field(key, root).annotation
    inner = [a for a in get_args(annotation) if a is not type(None)]
    return get_args(inner[0]) if len(inner) == 1 and get_args(inner[0]) else tuple(inner)


def _span(key: Key, root: type[BaseModel]) -> str:
    limits = _field(key, root).metadata
    low = next((m.ge for m in limits if hasattr(m, "ge")), -math.inf)
    high = next((m.le for m in limits if hasattr(m, "le")), math.inf)
    unit = str(key[-1]).rpartition("_")[2]
    return f"{low:g} … {high:g} {unit.upper() if unit in ('c', 'k') else unit if unit in UNITS else ''}".rstrip()


def _with_hint(problem: Problem, given: Any) -> Problem:
    unit = str(problem.key[-1]).rpartition("_")[2] if problem.key else ""
    zh, en = _unit_hint(unit, given)
    # A section that was refused as a whole brings problems which have theirs already.
    if en and problem.en.endswith(en):
        return problem
    return Problem(problem.key, problem.zh + zh, problem.en + en)


def _unit_hint(ending: str, given: Any) -> tuple[str, str]:
    """What a value in the wrong unit would be in the right one, when it looks like one."""
    value, symbol = given, ""
    if isinstance(given, str) and (match := _QUANTITY.match(given)):
        value, symbol = float(match[1]), match[2]
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "", ""
    for unit in _MISTAKEN:
        meant = symbol in unit.symbols or (not symbol and unit.low <= value <= unit.high)
        if unit.ending == ending and meant:
            if symbol and unit.low < math.inf and not unit.low <= value <= unit.high and ending == "c":
                return f"（像是{unit.zh}：请用摄氏度）", f" (looks like {unit.en}: give degrees Celsius)"
            right = f"{round(unit.right(value), 3 if ending == 's' else 1):g}"
            return f"（像是{unit.zh}：应写 {right}）", f" (looks like {unit.en}: write {right})"
    return "", ""


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)
