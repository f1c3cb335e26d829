"""The figures of `make bench` as one table, and docs/performance.md around it."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from tools.performance_parts import CAMERAS, PARTS, STAGES, Figure, Part

if TYPE_CHECKING:
    from tools.performance import Measured

# A change below it is the machine's.
SAME = 0.05

_HEAD = Path(__file__).with_name("performance_head.md")


def table(run: Mapping[str, "Measured"], earlier: Mapping[str, "Measured"]) -> str:
    """All figures of a run, beside those of an earlier one where it has them."""
    return "\n".join(_lines(run, earlier))


def page(run: Mapping[str, "Measured"]) -> str:
    """The whole page."""
    return _HEAD.read_text(encoding="utf-8") + table(run, {}) + "\n"


def missed(run: Mapping[str, "Measured"]) -> list[str]:
    """The keys of the figures that do not meet their goal."""
    known = {figure.key: figure for part in PARTS for figure in part.figures}
    values = {key: value for one in run.values() for key, value in one.figures.items() if key in known}
    return [key for key, value in values.items() if known[key].met(value) is False]


def _lines(run: Mapping[str, "Measured"], earlier: Mapping[str, "Measured"]) -> Iterator[str]:
    for part in PARTS:
        one = run.get(part.name)
        if one is None:
            yield from (f"## {part.words}", "", f"尚未测量 / not measured yet: `make bench PARTS={part.name}`", "")
            continue
        yield from (f"## {part.words}", "", f"{one.day}，{one.commit}，{one.machine}", "")
        before = earlier[part.name].figures if part.name in earlier else {}
        if part.name == "cost":
            yield from _of_cost(one.figures, before)
        elif part.figures:
            yield from _of_part(part, one.figures, before)
        if one.printed:
            yield one.printed
        yield ""


def _of_part(part: Part, values: Mapping[str, float], before: Mapping[str, float]) -> Iterator[str]:
    yield "| | 值 / value | 目标 / goal | | 从前 / before |"
    yield "| --- | ---: | ---: | --- | ---: |"
    for figure in part.figures:
        if figure.key not in values:
            continue
        value = values[figure.key]
        yield (
            f"| {figure.words} | {_shown(figure, value)} | {_goal(figure)} | {_met(figure, value)} |"
            f" {_before(figure, value, before)} |"
        )


def _of_cost(values: Mapping[str, float], before: Mapping[str, float]) -> Iterator[str]:
    known = {figure.key: figure for part in PARTS for figure in part.figures}
    for camera, name in CAMERAS.items():
        yield from (f"### {name}", "")
        yield "| 步骤 / stage | Haar = 1 | 从前 / before | 指令，百万 / instructions, M | Pi 4 一个核 / of a core |"
        yield "| --- | ---: | ---: | ---: | ---: |"
        for stage, words in STAGES.items():
            keys = [f"{camera}.{stage}.{what}" for what in ("ratio", "instructions", "core")]
            ratio, count, core = (values.get(key) for key in keys)
            if ratio is None:
                continue
            was = _before(known[keys[0]], ratio, before)
            counted = "–" if count is None else f"{count:.2f}"
            share = "–" if core is None else f"{core:.1%}"
            yield f"| {words} | {ratio:.3f} | {was} | {counted} | {share} |"
        yield ""
        for what in ("ratio", "instructions", "core"):
            figure = known[f"{camera}.gate.{what}"]
            if figure.most is not None and figure.key in values:
                yield f"目标 / goal: ≤ {_shown(figure, figure.most)}: {_shown(figure, values[figure.key])}, " + _met(
                    figure, values[figure.key]
                )
        yield ""


def _shown(figure: Figure, value: float) -> str:
    if not figure.pattern.groups:
        return "是 / yes" if value else "否 / no"
    if figure.key.endswith(".core"):
        return f"{value:.1%} of a core"
    return f"{value:,.{figure.digits}f} {figure.unit}".rstrip()


def _goal(figure: Figure) -> str:
    if figure.most is not None:
        return f"≤ {_shown(figure, figure.most)}"
    return "" if figure.least is None else f"≥ {_shown(figure, figure.least)}"


def _met(figure: Figure, value: float) -> str:
    return {None: "", True: "达到 / met", False: "**未达到 / NOT met**"}[figure.met(value)]


def _before(figure: Figure, value: float, before: Mapping[str, float]) -> str:
    """What it was, and by how much it has changed; nothing where it was not measured."""
    if figure.key not in before:
        return ""
    was = before[figure.key]
    if was == 0.0 or abs(value / was - 1.0) < SAME:
        return _shown(figure, was)
    return f"{_shown(figure, was)} ({value / was - 1.0:+.0%})"
