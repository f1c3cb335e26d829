"""The gates of `make two-days`: a played morning with a guard at its desk, and a gate's process that nobody comes to.

python -m tools.two_days_gate --config FILE        # the whole gate before an empty corridor, until it is told to stop
"""

import argparse
import signal
import sys
import threading
from collections.abc import Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge.adapters.camera_sim import SimCamera, SimSettings
from edge.app import bootstrap, bootstrap_county
from edge.app.config import Config
from edge.app.config_file import load
from edge.app.gate_loop import Gate
from edge.app.parts import Parts, open_parts
from edge.core.desk import Answer, Command, Contact, LetIn, Request, SignIn, TakeStep
from edge.core.screen import CaseView, ScreenState
from tools.morning import REFERENCE_ACROSS, Played
from tools.morning_lane import FrameClock, Lane, SeenLamp
from tools.morning_school import Errand
from tools.two_days_cast import CLEARED_C, OBSERVED_C

GUARD = "wang"
# A guard walks over, takes the thermometer and types; and asks again when the gate says that somebody is in the way.
WALKS_S, ACTS_EVERY_S, PIN_WITHIN_S = 3.0, 1.0, 60.0


@dataclass(slots=True)
class _Act:
    """Something that the guard is about to ask for, at this time of the frames' clock."""

    at_s: float
    command: Command


class GuardAtDesk:
    """Leads the first fever into observation, lets the second one in; see `edge.ports.Desk` and `edge.ports.Screen`.

    wrong: what the gate refused of it. Signs in before the first frame is judged.
    """

    def __init__(self, lane: Lane, clock: FrameClock, pin: str) -> None:
        self._lane, self._clock, self._pin = lane, clock, pin
        self._session: str | None = None
        self._signed_in = threading.Event()
        self._asked = False
        self._cases: list[str] = []
        self._acts: list[_Act] = []
        self._under_way = False
        self.wrong: list[str] = []

    def publish(self, state: ScreenState, picture: NDArray[np.float32] | None) -> None:
        self._lane.publish(state, picture)
        for case in state.cases:
            # One in observation is of an earlier play, and waits for a medic.
            if case.case_id not in self._cases and case.state == "open":
                self._cases.append(case.case_id)
                self._acts += self._plan(case, first=len(self._cases) == 1)

    def close(self) -> None:
        self._lane.close()

    def requests(self) -> tuple[Request, ...]:
        now_s = self._clock.now_s()
        if not self._asked:
            self._asked = True
            return (Request(SignIn(GUARD, self._pin), None, now_s, self._on_sign_in),)
        if self._session is None and not self._signed_in.wait(PIN_WITHIN_S):
            self._signed_in.set()
            self.wrong.append("the guard was not signed in")
        if self._under_way or not self._acts or self._acts[0].at_s > now_s:
            return ()
        act, self._under_way = self._acts[0], True
        return (Request(act.command, self._session, now_s, lambda answer: self._on_answer(act, answer, now_s)),)

    @property
    def left_to_do(self) -> int:
        """Acts that were planned and are not done."""
        return len(self._acts)

    def _plan(self, case: CaseView, first: bool) -> list[_Act]:
        at_s, id_ = self._clock.now_s() + WALKS_S, case.case_id
        if first:
            commands: list[Command] = [
                Contact(id_, OBSERVED_C, False),
                TakeStep(id_, "observation", ""),
                TakeStep(id_, "informed", "家长 / guardian"),
            ]
        else:
            commands = [Contact(id_, CLEARED_C, False), TakeStep(id_, "released", "")]
            if case.passage_uuid is not None:
                commands.append(LetIn(case.passage_uuid, "contact_normal", ""))
            commands.append(TakeStep(id_, "closed", ""))
        return [_Act(at_s + n * ACTS_EVERY_S, command) for n, command in enumerate(commands)]

    def _on_sign_in(self, answer: Answer) -> None:
        self._session = answer.session
        if not answer.ok:
            self.wrong.append(f"sign-in: {answer.code}")
        self._signed_in.set()

    def _on_answer(self, act: _Act, answer: Answer, now_s: float) -> None:
        self._under_way = False
        if answer.ok:
            self._acts.remove(act)
        elif answer.code == "contact_questionable" and isinstance(act.command, Contact):
            act.command = replace(act.command, confirmed=True)
        elif answer.code == "one_at_a_time":
            act.at_s = now_s + ACTS_EVERY_S
        else:
            self._acts.remove(act)
            self.wrong.append(f"{type(act.command).__name__}: {answer.code}")


def play(
    config: Config, errands: Sequence[Errand], began_utc_ms: int, number: int, pin: str
) -> tuple[Played, list[str]]:
    """The gate with these people, faster than real time; and what went wrong at the desk. number: of the boot."""
    clock = FrameClock(began_utc_ms, number)
    lane = Lane(SimSettings(seed=7 + number, reference_across=REFERENCE_ACROSS), errands, clock, seed=7)
    guard = GuardAtDesk(lane, clock, pin)
    said: list[str] = []
    with ExitStack() as opened:
        store = opened.enter_context(closing(bootstrap.open_store(config)))
        lamp = lane.lamp = SeenLamp(opened.enter_context(closing(bootstrap.open_gate_io(config))), clock)
        roster = bootstrap_county.open_roster(config, said.append)
        assert roster is not None
        opened.callback(roster.close)
        guards = bootstrap.open_guards(config, said.append)
        parts = Parts(
            lane,
            bootstrap.open_detector(),
            lamp,
            store,
            guard,
            clock,
            roster=roster,
            badges=lane.badges,
            desk=guard,
            guards=guards,
        )
        code = Gate(config, parts, said.append).run(threading.Event())
    people = {one.person: one for one in lane.camera.people()}
    wrong = guard.wrong + [f"{guard.left_to_do} acts of the guard are left"] * bool(guard.left_to_do)
    return Played(tuple(lane.comings), people, lamp.opened, code, clock.now_s(), tuple(said[-20:])), wrong


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the gate of a configuration before an empty corridor until SIGTERM; its exit code."""
    parser = argparse.ArgumentParser(description="空走廊前的闸机 / a gate before an empty corridor")
    parser.add_argument("--config", type=Path, required=True)
    config = load(parser.parse_args(arguments).config)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with ExitStack() as opened:
        parts = open_parts(config, opened, bootstrap.say)
        parts.camera.close()
        camera = SimCamera(bootstrap.sim_settings(config), parts.clock.now_s, schedule=(), open_end=True)
        opened.callback(camera.close)
        gate = Gate(config, replace(parts, camera=camera), bootstrap.say)
        gate.downtime.started()
        bootstrap.say("gate is up")
        return gate.run(stop)


if __name__ == "__main__":
    sys.exit(main())
