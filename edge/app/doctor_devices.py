"""What the doctor looks at besides camera and pins: badge readers, and who speaks."""

import os
import shutil
from collections.abc import Sequence
from typing import Literal

from edge.adapters.badge_evdev import EvdevKeyboards, called
from edge.adapters.badge_evdev.devices import Node, not_permitted
from edge.app.config import Config

Said = tuple[Literal["ok", "warning", "wrong"], str, str]


def readers(config: Config) -> Said:
    """Each configured reader is there and may be opened; none is taken, since the gate may hold it.

    ReaderError: evdev is missing.
    """
    if not config.readers:
        return "ok", "未配置读卡器", "none configured"
    plugged = EvdevKeyboards().there()
    missing: list[str] = []
    there: list[str] = []
    for reader in config.readers:
        nodes = called(reader.match, plugged)
        for node in nodes:
            if not os.access(node.path, os.R_OK):
                refused = not_permitted(reader.name, node)
                return "wrong", refused.zh, refused.en
        (there if nodes else missing).append(reader.name)
    if missing:
        zh, en = _listed(plugged)
        names = ", ".join(missing)
        return (
            "wrong",
            f"找不到 {names}；请检查 USB 线和 match。{zh}",
            f"{names} not found; check the USB cable and match. {en}",
        )
    return "ok", ", ".join(there), ", ".join(there)


def voice(config: Config) -> Said:
    """There is a player for the prompts. Nothing is played: that would startle whoever stands there."""
    if config.voice is None or config.voice.mute:
        return "ok", "不出声", "silent"
    if shutil.which("aplay") is None:
        return (
            "wrong",
            "没有 aplay，无法播放提示；请运行 sudo apt install alsa-utils",
            "no aplay to speak the prompts; run sudo apt install alsa-utils",
        )
    said = f"aplay -D {config.voice.device}, {config.voice.language}"
    return "ok", said, said


def _listed(plugged: Sequence[Node]) -> tuple[str, str]:
    """What a technician may write as `match`."""
    if not plugged:
        return "没有接任何键盘类设备", "Nothing that types is plugged in"
    listed = "; ".join(f'match = "usb:{node.vendor}:{node.product}" ({node.name.strip()})' for node in plugged[:8])
    return f"所接的设备：{listed}", f"Plugged in: {listed}"
