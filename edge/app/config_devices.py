"""[[readers]] and [voice]: each reader by a name that means no other keyboard; which voice, how loud at what time."""

import re
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator

from edge.app.config_errors import refused
from edge.app.config_section import Section

MAX_READERS = 8

_USB = re.compile(r"usb:[0-9A-Fa-f]{4}:[0-9A-Fa-f]{4}\Z")
_LINK = re.compile(r"/dev/input/by-(?:path|id)/[^/\x00-\x20]{1,200}\Z")
_WILD = re.compile(r"\[[^\]]*\]|[*?\[\]]")
_CLOCK = re.compile(r"(?:([01][0-9]|2[0-3]):([0-5][0-9])|24:00)\Z")


class ReaderSection(Section):
    name: str = Field(min_length=1, max_length=60)
    match: str
    means: Literal["card", "code"] = "card"
    direction: Literal["in", "out"] = "in"
    layout: Literal["us", "de", "fr"] = "us"
    ends_with: Literal["enter", "tab", "pause"] = "enter"
    prefix: str = Field(default="", max_length=60)
    suffix: str = Field(default="", max_length=60)

    @field_validator("match")
    @classmethod
    def _match(cls, value: str) -> str:
        if _LINK.match(value) or (_USB.match(value) and value != "usb:0000:0000"):
            return value
        if value.startswith("name:"):
            # "*" would be any keyboard, and every password typed on it a badge.
            if len(_WILD.sub("", value.removeprefix("name:")).strip()) >= 4:
                return value
            raise refused(
                f'= "{value}" 太宽，会占用普通键盘；请至少写出 4 个确定的字符',
                f'= "{value}" is too wide and would take ordinary keyboards; give at least 4 characters of the name',
            )
        raise refused(
            f'= "{value}"：请写 "usb:厂商:产品"、"name:名称" 或 "/dev/input/by-path/…"；foregate doctor 列出所接的设备',
            f'= "{value}": write "usb:VENDOR:PRODUCT", "name:NAME" or "/dev/input/by-path/…"; foregate doctor lists'
            " what is plugged in",
        )


def _readers(value: object) -> object:
    if not isinstance(value, list | tuple) or not all(isinstance(one, dict | ReaderSection) for one in value):
        raise refused("请写成 [[readers]]，每台读卡器一节", "write [[readers]], one section for each reader")
    if len(value) > MAX_READERS:
        raise refused(f"太多；最多 {MAX_READERS} 台", f"are too many; at most {MAX_READERS}")
    for key in ("name", "match"):
        given = [one.get(key) if isinstance(one, dict) else getattr(one, key) for one in value]
        twice = next((one for place, one in enumerate(given) if one is not None and one in given[:place]), None)
        if twice is not None:
            raise refused(
                f'中有两台的 {key} 都是 "{twice}"；请改其中一个'
                + ("（同型号的读卡器用 /dev/input/by-path/… 区分）" if key == "match" else ""),
                f'have {key} = "{twice}" twice; change one'
                + (" (two of one model are told apart by /dev/input/by-path/…)" if key == "match" else ""),
            )
    return tuple(value)


Readers = Annotated[tuple[ReaderSection, ...], BeforeValidator(_readers)]


class VoiceSection(Section):
    """Volumes in percent of what the sound device gives; by_time: (from, to, percent), minutes of the local day."""

    language: Literal["zh", "en", "both"] = "zh"
    mute: bool = False
    device: str = Field(default="default", min_length=1, max_length=60)
    volume_percent: int = Field(default=80, ge=0, le=100)
    by_time: tuple[tuple[int, int, int], ...] = ()

    @field_validator("by_time", mode="before")
    @classmethod
    def _by_time(cls, value: object) -> object:
        if not isinstance(value, list | tuple):
            raise _no_hours()
        return tuple(_hours(one) for one in value)

    @model_validator(mode="after")
    def _device(self) -> Self:
        # What begins like an option would be one to the player.
        if self.device.startswith("-") or not self.device.isprintable():
            raise refused(
                f'= "{self.device}" 不是声卡；请写 aplay -L 列出的名称',
                f'= "{self.device}" is no sound device; write a name that aplay -L lists',
                "device",
            )
        return self


def _hours(one: object) -> tuple[int, int, int]:
    match one:
        case [str(begin), str(end), int(percent)] if _CLOCK.match(begin) and _CLOCK.match(end) and 0 <= percent <= 100:
            if begin != end:
                return _minute(begin), _minute(end), percent
    raise _no_hours()


def _no_hours() -> Exception:
    return refused(
        '请写 [["起", "止", 音量百分数], …]，例如 [["06:30", "08:30", 100], ["21:00", "06:00", 0]]',
        'write [["from", "to", percent], …], such as [["06:30", "08:30", 100], ["21:00", "06:00", 0]]',
    )


def _minute(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)
