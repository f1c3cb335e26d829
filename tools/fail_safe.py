"""The document of signals and of what is safe when something breaks, made from edge/core/signals.py and fail_safe.py.

python -m tools.fail_safe docs/fail-safe.md
"""

import sys
from pathlib import Path

from edge.core.fail_safe import TABLE, Relay, Row
from edge.core.signals import SIGNALS, Buzzer, Lamp, Rhythm
from edge.core.texts import Text

LAMPS: dict[Lamp, Text] = {
    "off": Text("灭", "off"),
    "green": Text("绿", "green"),
    "amber": Text("黄", "amber"),
    "red": Text("红", "red"),
}
RHYTHMS: dict[Rhythm, Text] = {
    "steady": Text("常亮", "steady"),
    "slow": Text("慢闪", "slow"),
    "fast": Text("快闪", "fast"),
    "wink": Text("一闪一闪", "winking"),
}
BUZZERS: dict[Buzzer, Text] = {
    "silent": Text("静", "silent"),
    "short": Text("一声短", "one short"),
    "long": Text("一声长", "one long"),
    "double": Text("两声短", "two short"),
    "triple": Text("三声短", "three short"),
    "alarm": Text("五声长", "five long"),
}
RELAY: dict[Relay, Text] = {
    "shut": Text("**关**", "**shut**"),
    "open": Text("**开**", "**open**"),
    "as_decided": Text("照常", "goes on"),
}
MEANINGS = {
    "pass": Text("通过", "come in"),
    "fever": Text("体温异常", "fever"),
    "refused": Text("不得进入", "refused"),
    "not_measured": Text("未测量", "not measured"),
    "exit": Text("有人出门", "somebody leaves"),
    "waiting": Text("请刷卡", "badge, please"),
    "one_at_a_time": Text("请一次一人", "one at a time"),
    "alert": Text("强行通过、尾随、拆机", "forced, tailgated, tampered with"),
    "fire": Text("火警", "fire"),
    "idle": Text("无人", "nobody there"),
    "fault": Text("故障", "fault"),
}

_HEADS = (
    ("情况", "situation"),
    ("灯", "lamp"),
    ("声", "sound"),
    ("闸门", "gate"),
    ("多快", "within"),
    ("为什么", "why"),
    ("证明", "shown by"),
)
_OPENING = """\
# 失效安全 / Fail-safe

由 `make fail-safe` 从代码生成，请勿手改。
Made from the code by `make fail-safe`: do not edit.

## 信号 / Signals

只有“通过”和“有人出门”给继电器一个脉冲，而且记录已经写下；其他每个信号都立即断开它。不看颜色，灯的节奏和声音合起来
也能分清任何两个信号；没有灯每秒闪三次或更快。
A pass and an exit alone give the relay one pulse, and their record is on disk; every other signal shuts it at once.
Without the colour, the lamp's rhythm and the sound together tell any two signals apart; no lamp flashes three times a
second or faster.
"""
_BROKEN = """\

## 出了问题时 / When something breaks

"""
_CLOSING = """\

## 哪些是测试台证明不了的 / What the guest cannot show

- 测试台用 gpio-sim：进程一被杀死，线就落到 0。真正的树莓派可能保持最后的电平，直到 `foregate safe-lines` 关掉它。所以
  这一条由两样东西保证：每次退出后的 `safe-lines`（测试从外部把线拉高，看到它被拉低），和接线（[wiring](wiring.md)）。
  The guest has gpio-sim, whose lines fall to 0 as soon as their program is killed. A real Pi may keep the last level
  until `foregate safe-lines` drives it off. Two things cover this: `safe-lines` after every end (a test pulls the lines
  up from outside and sees them driven low), and the wiring.
- 在这段时间内（看门狗的 5 秒加上 `safe-lines` 启动的时间），一个正在进行的脉冲会一直持续：放行的人身后可能有人跟进。
  带“点动”延时的继电器模块可排除这种情况。
  For that long (the watchdog's 5 s and the time `safe-lines` takes to start) a pulse that was running goes on, and
  somebody could follow the person who was let in. A relay module with one-shot timing of its own rules that out.
- 电气特性（抖动、驱动能力、继电器的动作时间）和真实的树莓派：尚未试过。
  Electrical facts (bounce, drive, how fast a relay is) and a physical Pi are untried.
- 内核死机由树莓派的硬件看门狗复位（systemd 的 `RuntimeWatchdogSec`），复位后引脚悬空，同“来电”。
  A kernel that hangs is reset by the Pi's hardware watchdog (systemd's `RuntimeWatchdogSec`); after the reset pins
  float, as when the power comes back.
"""


def document() -> str:
    """The whole page."""
    signals = [
        _row("信号<br>signal", "灯<br>lamp", "声<br>sound", "继电器<br>relay"),
        _row(*["---"] * 4),
        *(_signal(name) for name in SIGNALS),
    ]
    heads = (
        "情况<br>situation",
        "灯<br>lamp",
        "声<br>sound",
        "闸门<br>gate",
        "多快<br>within",
        "为什么<br>why",
        "证明<br>shown by",
    )
    table = [_row(*heads), _row(*["---"] * len(heads)), *(_broken(row) for row in TABLE)]
    return "\n".join([_OPENING, *signals, _BROKEN.rstrip("\n"), "", *table, _CLOSING.rstrip("\n"), ""])


def _signal(name: str) -> str:
    signal = SIGNALS[name]
    rhythm = None if signal.lamp == "off" else RHYTHMS[signal.rhythm]
    lamp = LAMPS[signal.lamp]
    seen = lamp if rhythm is None else Text(f"{lamp.zh}，{rhythm.zh}", f"{lamp.en}, {rhythm.en}")
    relay = Text("一个脉冲", "one pulse") if signal.open_gate else Text("断开", "shut")
    if name == "fire":
        relay = Text("适配器保持吸合", "held by the adapter")
    return _row(_both(MEANINGS[name]), _both(seen), _both(BUZZERS[signal.buzzer]), _both(relay))


def _broken(row: Row) -> str:
    proofs = "<br>".join(_proof(proof) for proof in row.proofs) or _both(Text("无", "nothing"))
    cells = (row.situation, row.lamp, row.buzzer, RELAY[row.relay], row.within, row.how)
    return _row(*(_both(cell) for cell in cells), proofs)


def _proof(proof: str) -> str:
    file, _, name = proof.partition("::")
    return f"`{file.rpartition('/')[2].removesuffix('.py')}`: {name.removeprefix('test_').replace('_', ' ')}"


def _both(text: Text) -> str:
    return f"{text.zh}<br>{text.en}"


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(document(), encoding="utf-8")
