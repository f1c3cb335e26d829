"""Which signal lamp, buzzer, relay and voice give now: of two verdicts at a time the graver one.

A fever is signalled at once and stays as long as they stand there; a pass opens only for a verdict that is on disk.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from edge.core.contents import Passage
from edge.core.errors import GateIOError
from edge.core.prompts import prompt_for
from edge.core.roster import Person
from edge.core.signals import ALERT, EXIT, FAULT, FIRE, IDLE, ONE_AT_A_TIME, WAITING, Signal, signal_for
from edge.core.visits import Ask
from edge.ports import GateIO, Voice

Announce = Callable[[str], None]

_ASKS: dict[Ask, Signal] = {"present_badge": WAITING, "one_at_a_time": ONE_AT_A_TIME}
_QUIET = (IDLE, FAULT, ALERT, FIRE, *_ASKS.values())


@dataclass(frozen=True, slots=True)
class Shown:
    """A verdict as lamp and screen show it. let_in_by: the guard who overruled it; uuid: of its record.

    has_gone: of somebody whom the camera does not follow any more.
    """

    passage: Passage
    person: Person | None
    uuid: str | None
    at_s: float
    let_in_by: str | None = None
    has_gone: bool = False

    @property
    def opens(self) -> bool:
        return self.passage.verdict == "pass" or self.let_in_by is not None

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to do: who was refused, or not even seen, has turned back; whoever was seen and left
        unmeasured may be inside."""
        return self.has_gone and (self.passage.verdict == "refused" or self.passage.measurement is None)


class Signalling:
    """What the gate shows and does; `failing` while lamp or relay do not obey."""

    def __init__(self, gate_io: GateIO, voice: Voice | None, hold_s: float, announce: Announce) -> None:
        self._gate_io, self._voice, self._hold_s, self._announce = gate_io, voice, hold_s, announce
        self._signal: Signal | None = None
        self._said: str | None = None
        self._next: Shown | None = None
        self.last: Shown | None = None
        self._exit_until_s = float("-inf")
        self._alerts: frozenset[str] = frozenset()
        self.failing = False

    def fever(self) -> None:
        """Red and alarm, before anything is written."""
        self._show(signal_for("fever"))

    def verdict(self, shown: Shown, has_left: bool, now_s: float, undecided: bool = False) -> None:
        """A verdict that was written down (shown.uuid) or waits for the disk (None: nothing opens).

        undecided: somebody else stands there without a verdict, and would take this one for theirs.
        """
        if shown.is_over and undecided:
            return
        held = self.held(now_s)
        fever = shown.passage.verdict == "fever"
        if self.shows_fever(now_s) and not fever:
            return  # the fever still stands there: nobody beside it opens the gate or takes its red away
        if held is not None and held.opens and has_left and not fever:
            # They are gone, or never were seen; who has just been let in is not shut out for them. By the time that
            # this one is over, whoever presented a badge and was not seen is as far away as who was seen to leave.
            self._next = replace(shown, has_gone=True)
            return
        self._give(shown, now_s, sounded=fever)

    def let_in(self, shown: Shown, now_s: float) -> None:
        """A guard lets somebody in; the override is on disk."""
        self._next, self.last = None, replace(shown, at_s=now_s)
        self._show(signal_for("pass"))
        self._speak("pass", ("ok",))

    def exit(self, now_s: float) -> None:
        """Let somebody out; the caller has seen that nobody waits to slip in."""
        self._show(EXIT)
        self._exit_until_s = now_s + self._hold_s

    def rest(
        self,
        now_s: float,
        *,
        stopped: bool,
        alarm: bool,
        alerts: Sequence[str],
        faulty: bool,
        ask: Ask | None,
        undecided: bool = False,
    ) -> None:
        """Once a verdict has been shown long enough: the one that waited, else what the gate itself has to say.

        stopped: whoever was not let in still stands there; their verdict stays for as long. alarm: a fever is
        signalled whose verdict has not fallen yet. alerts: what is wrong at the door; it comes before everything when
        it begins, and fire before all, but does not shut out who is let in after that. undecided: as in `verdict`.
        """
        if self.last is not None and not self.last.opens and stopped:
            self.last = replace(self.last, at_s=now_s)
        held = self.held(now_s)
        opening = (held is not None and held.opens) or now_s < self._exit_until_s
        begun, self._alerts = not self._alerts.issuperset(alerts), frozenset(alerts)
        if alerts:
            if begun or not opening:
                self._show(FIRE if "fire_on" in alerts else ALERT)
            return
        if held is not None and not held.opens and self._signal in (ALERT, FIRE):
            self._show(signal_for(held.passage.verdict))
        if alarm or held is not None or now_s < self._exit_until_s:
            return
        waited, self._next = self._next, None
        if waited is not None and not (waited.is_over and undecided):
            self._give(waited, now_s)
        elif faulty:
            self._show(FAULT)
        elif ask is not None:
            self._show(_ASKS[ask])
            self._say(ask)
        else:
            self._show(IDLE)
            self._said = None

    def idle(self) -> None:
        self._show(IDLE)

    def shows_fever(self, now_s: float) -> bool:
        """Whether lamp and screen still show a fever whom nobody has let in."""
        held = self.held(now_s)
        return held is not None and held.passage.verdict == "fever" and not held.opens

    def held(self, now_s: float) -> Shown | None:
        """The verdict that lamp and screen are still showing."""
        if self.last is None or now_s - self.last.at_s >= self._hold_s:
            return None
        return self.last

    def _give(self, shown: Shown, now_s: float, sounded: bool = False) -> None:
        signal = signal_for(shown.passage.verdict)
        if self._next is not None and self._next.is_over:
            self._next = None
        # What was sounded may have been covered by something else since.
        if not sounded or self._signal != signal:
            self._show(signal if shown.uuid is not None or not signal.open_gate else FAULT)
        if shown.uuid is not None or not signal.open_gate:
            self._speak(shown.passage.verdict, shown.passage.reasons)
        self.last = replace(shown, at_s=now_s)

    def _speak(self, verdict: str, reasons: tuple[str, ...]) -> None:
        prompt = prompt_for(verdict, reasons)
        self._said = None
        if prompt is not None and self._voice is not None:
            self._voice.say(prompt)

    def _say(self, ask: str) -> None:
        """Once, not with every frame."""
        if self._voice is not None and ask != self._said:
            self._voice.say(ask)
        self._said = ask

    def _show(self, signal: Signal) -> None:
        # The same verdict for the next person is news; the same rest is not.
        if signal == self._signal and signal in _QUIET:
            return
        try:
            self._gate_io.show(signal)
        except GateIOError as error:
            if not self.failing:
                self._announce(str(error))
            self.failing, self._signal = True, None
            return
        self.failing, self._signal = False, signal
