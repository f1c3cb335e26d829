"""What the procedure says to the technician: what it waits for now, and what it has to say of the last event."""

from dataclasses import dataclass
from typing import Literal

from calibration import questions
from calibration.questions import Question
from calibration.state import State
from edge.core.texts import Text

# `type`: an answer; `confirm`: Enter; `line`: look or listen, then y, n or r; `wait`: nothing; `over`: it has ended.
Kind = Literal["type", "confirm", "line", "wait", "over"]

# Upright fractions of the picture, the middle first: a zone in which faces stand, above the reference.
GRID = ((0.5, 0.40), (0.2, 0.15), (0.5, 0.15), (0.8, 0.15), (0.2, 0.40), (0.8, 0.40), (0.2, 0.65), (0.5, 0.65),
        (0.8, 0.65))  # fmt: skip
PLACES = (
    Text("中间", "the middle"), Text("左上", "upper left"), Text("上方", "top"), Text("右上", "upper right"),
    Text("左侧", "left"), Text("右侧", "right"), Text("左下", "lower left"), Text("下方", "bottom"),
    Text("右下", "lower right"),
)  # fmt: skip
DISTANCES_M = (0.5, 0.8, 1.0, 1.2)
SOURCES = {
    "low": questions.temperature("low", Text("黑体显示的温度（约 33）", "What its display says (about 33)"), 31, 35.5),
    "high": questions.temperature(
        "high", Text("黑体显示的温度（约 40）", "What its display says (about 40)"), 38.5, 43
    ),
    "verify": questions.temperature(
        "verify", Text("黑体显示的温度（约 37）", "What its display says (about 37)"), 36.2, 37.8
    ),
}

NOTES: dict[str, Text] = {
    "settling": Text("相机快门校正后稳定中，请稍候", "The camera settles after its shutter: wait"),
    "no_picture": Text("相机没有可用的画面：请检查 USB 线", "No usable picture: check the camera's cable"),
    "no_reference": Text("看不到参考黑体：请移开挡住它的东西", "The reference is not seen: clear what is before it"),
    "no_source": Text("看不到您的黑体：请放到指定位置", "Your blackbody is not seen: put it where it was asked for"),
    "covered": Text("黑体前面有手或东西：请移开", "A hand or a thing is before the blackbody: take it away"),
    "disturbed": Text(
        "读数突然变化，已重新开始等待：请勿碰黑体", "The reading jumped, waiting begins anew: do not touch the source"
    ),
    "elsewhere": Text("黑体不在指定位置：请移过去", "The blackbody is not where it was asked for: move it there"),
    "swapped": Text(
        "读到的温度像是另一个黑体：两个是否放反？请换过来", "This reads like the other source: were the two swapped?"
    ),
    "not_that_temperature": Text(
        "读到的温度与填写的相差太大：请核对显示和单位",
        "What is read is far from what was typed: check the display and its unit",
    ),
    "not_settled": Text(
        "10 分钟仍不稳定：请检查黑体和风，然后重来", "Not settled in 10 minutes: check the source, keep draught away"
    ),
    "distances_swapped": Text(
        "黑体在画面中的大小与距离不符：请重量", "Its size in the picture does not fit the distances: measure again"
    ),
    "child_unseen": Text(
        "站在这个距离时，儿童的额头不在画面内：请降低或倾斜相机",
        "A child's forehead is outside the picture at this distance: lower or tilt the camera",
    ),
    "adult_unseen": Text(
        "站在这个距离时，最高者的额头不在画面内：请抬高或倾斜相机",
        "The tallest forehead is outside the picture at this distance: raise or tilt the camera",
    ),
    "sensor_exchanged": Text(
        "传感器在校准中被更换：之前的读数作废，请从头开始（foregate calibrate --again）",
        "The sensor was exchanged midway, what was read is void: begin anew (foregate calibrate --again)",
    ),
    "declined": Text("已放弃，什么也没有改动", "Given up; nothing was changed"),
    "point_done": Text("稳定，已读取", "Settled, and read"),
    "place_done": Text("已读取", "Read"),
    "warm": Text("相机已稳定", "The camera is warm"),
    "line_failed": Text("已记为不正常：请检查接线", "Noted as not working: check its wiring"),
}
LINES = {
    "red": Text("红灯亮了吗？", "Is the red lamp on?"),
    "amber": Text("黄灯亮了吗？", "Is the amber lamp on?"),
    "green": Text("绿灯亮了吗？", "Is the green lamp on?"),
    "buzzer": Text("蜂鸣器响了吗？", "Does the buzzer sound?"),
    "relay": Text("闸门开了一次吗？（人请离开通道）", "Did the gate open once? (keep the lane clear)"),
    "exit": Text("请按出门按钮；收到了吗？", "Press the exit button; did it arrive?"),
    "fire": Text("请触发消防触点；收到了吗？", "Trip the fire contact; did it arrive?"),
    "tamper": Text("请打开外壳；收到了吗？", "Open the housing; did it arrive?"),
    "passed": Text("请通过闸机一次；收到了吗？", "Go through the turnstile once; did it arrive?"),
}


@dataclass(frozen=True, slots=True)
class Prompt:
    """code: what this is about; what to do now; question: when an answer is typed; line: which is tried."""

    kind: Kind
    code: str
    text: Text
    question: Question | None = None
    line: str | None = None


def prompt(state: State) -> Prompt:
    """What the procedure waits for now."""
    if state.over is not None:
        return Prompt("over", state.over, NOTES[state.over])
    stage, step = state.stage, state.step
    if stage in ("about", "geometry"):
        asked = (questions.ABOUT if stage == "about" else questions.GEOMETRY)[step]
        return Prompt("type", asked.code, asked.text, asked)
    if stage in SOURCES:
        return _source(state)
    if stage == "uniformity":
        place = PLACES[step]
        text = Text(
            f"均匀性 {step + 1}/9：把黑体移到画面的{place.zh}，按回车",
            f"Uniformity {step + 1}/9: move the source to {place.en} of the picture, press Enter",
        )
        return _armed(state, f"place_{step}", text)
    if stage == "distance":
        metres = DISTANCES_M[step]
        text = Text(
            f"距离：把黑体放在画面中间，离相机 {metres} m，按回车",
            f"Distance: the source in the middle, {metres} m from the camera, press Enter",
        )
        return _armed(state, f"distance_{step}", text)
    if stage == "lines":
        name = state.setup.lines[step]
        return Prompt("line", f"line_{name}", LINES[name], line=name)
    return _simple(state)


def _source(state: State) -> Prompt:
    asked = SOURCES[state.stage]
    if state.armed:
        return Prompt(
            "wait", f"{state.stage}_settling", Text("等待黑体稳定，请勿触碰", "Waiting for the source to settle")
        )
    degrees = {"low": 33, "high": 40, "verify": 37}[state.stage]
    said = Text(
        f"把约 {degrees} °C 的黑体放在画面中间、工作距离处。{asked.text.zh}",
        f"Put the source of about {degrees} °C in the middle, at the working distance. {asked.text.en}",
    )
    return Prompt("type", state.stage, said, asked)


def _armed(state: State, code: str, text: Text) -> Prompt:
    if state.armed:
        return Prompt("wait", f"{code}_reading", Text("读取中，请勿触碰", "Reading: do not touch it"))
    return Prompt("confirm", code, text)


def _simple(state: State) -> Prompt:
    stage = state.stage
    if stage == "sensor":
        if state.serial_told:
            asked = Question("sensor_serial", Text("传感器编号（标签上）", "Serial number on the sensor"), "text")
            return Prompt("type", "sensor_serial", asked.text, asked)
        return Prompt("wait", "sensor", Text("正在识别传感器", "Finding out which sensor this is"))
    if stage == "warm_up":
        return Prompt(
            "wait", "warm_up", Text("预热：等相机漂移变慢，请勿放黑体", "Warm-up: no source in the picture yet")
        )
    if stage == "reference":
        if state.region is None:
            return Prompt("wait", "reference_search", Text("正在寻找参考黑体", "Looking for the reference"))
        box = " ".join(f"{edge:.0f}" for edge in state.region)
        text = Text(
            f"参考黑体在 {box}（左 上 右 下，像素）。对则回车，否则写四个数",
            f"The reference is at {box} (left top right bottom, px). Enter if it is, else type four numbers",
        )
        return Prompt("confirm", "reference", text)
    if stage == "acceptance":
        text = Text("接受这份校准吗？回车接受，n 放弃", "Accept this calibration? Enter, or n to give it up")
        return Prompt("confirm", "acceptance", text)
    if stage == "sign":
        return Prompt("wait", "sign", Text("正在签名并保存", "Signing and keeping it"))
    return Prompt("over", "done", Text(f"完成：{state.profile_id}", f"Done: {state.profile_id}"))
