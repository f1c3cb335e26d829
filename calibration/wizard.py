"""The procedure at a terminal: keys only, works over ssh, and goes on where it was after any interruption."""

from collections.abc import Callable
from dataclasses import dataclass

from calibration import session
from calibration.acceptance import NAMES, in_words
from calibration.concluding import Conclusion, conclude
from calibration.moves import Note
from calibration.procedure import SETTLED_S, Signed, progress
from calibration.prompts import Prompt, prompt
from calibration.session import Session
from calibration.state import POINTS, State
from edge.core.frame import Frame
from edge.core.texts import Text
from edge.ports import Camera

READ_TIMEOUT_S = 0.5
STATUS_EVERY_S = 5.0
STAGE_NAMES = {
    "sensor": Text("传感器", "Sensor"), "about": Text("基本信息", "About"), "warm_up": Text("预热", "Warm-up"),
    "reference": Text("参考黑体", "Reference"), "low": Text("33 °C", "33 °C"), "high": Text("40 °C", "40 °C"),
    "verify": Text("37 °C 验证", "37 °C verification"), "uniformity": Text("均匀性", "Uniformity"),
    "distance": Text("距离", "Distance"), "geometry": Text("安装尺寸", "Geometry"), "lines": Text("灯和闸门", "Lines"),
    "acceptance": Text("结果", "Result"), "sign": Text("签名", "Signature"), "done": Text("完成", "Done"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the wizard works with. save: the state, whole, to its file. ask: a line typed (EOFError: no more come).

    arrange: the simulated technician's hands, nothing with a real camera. try_line: show a lamp, sound, pulse; heard:
    whether this input has told something since. sign: sign and install, the profile's id. now_s: on the frames' clock.
    """

    camera: Camera
    save: Callable[[State], None]
    say: Callable[[str], None]
    ask: Callable[[str], str]
    arrange: Callable[[Prompt], None]
    try_line: Callable[[str], None]
    heard: Callable[[str], bool]
    sign: Callable[[State, Conclusion], str]
    now_s: Callable[[Frame], float]
    utc_ms: Callable[[], int]


def run(state: State, around: Surroundings, settling_s: float = 10.0) -> State:
    """Until the procedure is over; the last state. Whatever ends it sooner, the file holds where it was."""
    wizard = _Wizard(session.begin(state, around.camera.info, settling_s), around)
    while not wizard.over:
        wizard.turn()
    return wizard.state


class _Wizard:
    def __init__(self, now: Session, around: Surroundings) -> None:
        self._now, self._around = now, around
        self._said = self._stage = ""
        self._noted = ""
        self._status_s = float("-inf")

    @property
    def state(self) -> State:
        return self._now.state

    @property
    def over(self) -> bool:
        asked = prompt(self.state)
        if asked.kind == "over":
            self._around.say(str(asked.text))
        return asked.kind == "over"

    def turn(self) -> None:
        """One key or one frame further."""
        asked = prompt(self.state)
        if self.state.stage != self._stage:
            self._stage = self.state.stage
            self._around.say(f"\n== {STAGE_NAMES[self._stage]}")
            if self._stage == "acceptance" and not self._result():
                return
        self._around.arrange(asked)
        if self.state.stage == "sign":
            self._sign()
        elif asked.kind == "wait":
            self._frame(asked)
        else:
            self._typed(asked)

    def _frame(self, asked: Prompt) -> None:
        if asked.code != self._said:
            self._said = asked.code
            self._around.say(str(asked.text))
        got = self._around.camera.read(READ_TIMEOUT_S)
        if not isinstance(got, Frame):
            self._noted_once("no_camera", Text(f"没有画面（{got.reason}）", f"no picture ({got.reason})"))
            return
        before = self.state
        self._now, notes = session.on_frame(self._now, got, self._around.now_s(got))
        self._tell(notes)
        self._status(got.t_s)
        if (before.stage, before.step, before.armed) != (self.state.stage, self.state.step, self.state.armed):
            self._around.save(self.state)

    def _typed(self, asked: Prompt) -> None:
        if asked.line is not None:
            self._around.try_line(asked.line)
        hint = ""
        if asked.question is not None:
            unit, default = asked.question.unit, asked.question.default
            hint = f" [{default}]" if default is not None else ""
            hint = f" ({unit})" * bool(unit) + hint
        elif asked.line is not None:
            hint = " [y/n/r]"
        typed = self._around.ask(f"{asked.text}{hint}: ")
        if asked.line in ("exit", "fire", "tamper", "passed") and not typed.strip():
            typed = "y" if self._around.heard(asked.line) else "n"
        self._noted = ""
        self._now, notes = session.on_typed(self._now, typed)
        self._tell(notes)
        self._around.save(self.state)

    def _result(self) -> bool:
        """Show what came out; False: nothing did, and it goes back to where it has to be done again."""
        found = conclude(self.state, self._around.utc_ms())
        say = self._around.say
        if not isinstance(found, Conclusion):
            say(f"!! {found[1]}")
            # A set that gives no calibration is measured anew from its first point on.
            self._now = session.back_to(self._now, "low")
            self._around.save(self.state)
            return False
        for item in found.acceptance.items:
            mark = "--" if item.passed is None else "OK" if item.passed else "!!"
            value = "  -  " if item.value_k is None else f"{item.value_k:.3f}"
            say(f"{mark} {value} / {item.limit_k:.1f} K  {NAMES[item.code]}")
        say(str(in_words(found.acceptance)))
        return True

    def _sign(self) -> None:
        found = conclude(self.state, self._around.utc_ms())
        assert isinstance(found, Conclusion)
        self._now, notes = session.on_event(self._now, Signed(self._around.sign(self.state, found)))
        self._tell(notes)
        self._around.save(self.state)

    def _tell(self, notes: tuple[Note, ...]) -> None:
        for note in notes:
            self._noted_once(note.code, note.text, note.refused)

    def _noted_once(self, code: str, text: Text, refused: bool = False) -> None:
        """The same trouble, second after second, is told once."""
        if code != self._noted or refused:
            self._around.say(f"{'!!' if refused else '--'} {text}")
        self._noted = code

    def _status(self, t_s: float) -> None:
        if t_s - self._status_s < STATUS_EVERY_S or self.state.stage not in POINTS or not self.state.window:
            return
        self._status_s = t_s
        at = progress(self.state)
        line = f"   {at['seen_c']:.2f} °C  {at['read_s']:.0f}/{SETTLED_S:.0f} s"
        if "slope_k_per_min" in at:
            line += f"  {at['slope_k_per_min']:+.3f} K/min"
        self._around.say(line)
