"""What the guard asks of the gate: who may ask, what is done, what they are answered.

Nobody acts without having signed in, with a PIN or with a badge held to the reader. Nothing that arrives late moves
the gate. Every act is a record with the name of who answers for it.
"""

import secrets
import threading
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import cast
from uuid import uuid4

from edge.app import overriding
from edge.app.config import Config
from edge.app.entrance import Entrance
from edge.app.signalling import Shown, Signalling
from edge.core import cases, desk
from edge.core.cases import Case
from edge.core.contents import CaseStep, GateEvent, Override, Step
from edge.core.day import SIGNED, handover
from edge.core.desk import Answer, Command, Request
from edge.core.identity import Scan
from edge.core.roster import normal_badge
from edge.ports import Guards

# A request that waited longer was meant for a moment that is gone.
LATE_S = 3.0
BADGE_SIGN_IN_S = 15.0
# So many wrong PINs in a minute, then none is looked at: a million of them take more than four months.
WRONG_PINS = 5
WRONG_WITHIN_S = 60.0
MOST_SESSIONS = 8
# Who acts at the desk; a technician has pages of their own.
ROLES = ("guard", "medic")
# The same symptom of somebody unknown within so long is a button pressed twice.
TWICE_S = 3.0


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who has signed in: who, as what, until when without a further act, and by badge or by PIN."""

    guard_id: str
    role: str
    until_s: float
    by_badge: bool


class DeskWork:
    """The desk of one gate. `handle` one request; `take` looks at scans before the gate does."""

    def __init__(self, config: Config, entrance: Entrance, signalling: Signalling, guards: Guards | None) -> None:
        self._config, self._entrance, self._signalling, self._guards = config, entrance, signalling, guards
        self._lock = threading.Lock()
        self._sessions: dict[str, Session] = {}
        # Counted apart: who guesses on a tablet keeps nobody at the gate from signing in.
        self._wrong: dict[bool, deque[float]] = {where: deque(maxlen=WRONG_PINS) for where in (False, True)}
        self._badge_wanted: tuple[Request, float] | None = None
        self._symptom_at: tuple[desk.Symptom | None, float] = (None, float("-inf"))
        # A PIN takes long to check, on purpose: never in the time of a frame.
        self._checker = ThreadPoolExecutor(1, "pin")

    def go_by(self, config: Config) -> None:
        """From now on this configuration."""
        self._config = config

    def handle(self, request: Request, now_s: float) -> None:
        """Do what is asked and answer it."""
        command = request.command
        if now_s - request.t_s > LATE_S:
            request.answer(Answer(False, "too_late_to_act"))
        elif isinstance(command, desk.SignIn):
            self._sign_in(request, command, now_s)
        elif isinstance(command, desk.StillIn):
            held = self._session(request.session, now_s, acts=False) is not None
            request.answer(Answer(held, "signed_in" if held else "sign_in_first"))
        elif isinstance(command, desk.SignInByBadge):
            self._supersede(None)
            self._badge_wanted = request, now_s + BADGE_SIGN_IN_S
        else:
            session = self._session(request.session, now_s)
            if session is None:
                request.answer(Answer(False, "sign_in_first"))
            else:
                request.answer(self._do(command, request.session or "", session, now_s))

    def take(self, scans: tuple[Scan, ...], now_s: float) -> tuple[Scan, ...]:
        """The scans that are not a guard's sign-in."""
        if self._badge_wanted is None:
            return scans
        request, until_s = self._badge_wanted
        if now_s > until_s:
            self._supersede(Answer(False, "no_badge_came"))
            return scans
        left = []
        for scan in scans:
            person = self._entrance.people.by_badge(scan.badge)
            if person is None or person.role not in ROLES or scan.means == "typed" or scan.direction == "out":
                left.append(scan)
                continue
            request.answer(self._signed_in(person.person_id, person.role, now_s, by_badge=True))
            self._badge_wanted = None
            return (*left, *scans[len(left) + 1 :])
        return tuple(left)

    def close(self) -> None:
        """Nobody is signed in any more."""
        self._supersede(Answer(False, "gate_stopped"))
        self._checker.shutdown(wait=True)
        with self._lock:
            self._sessions.clear()

    def _supersede(self, answer: Answer | None) -> None:
        if self._badge_wanted is not None:
            self._badge_wanted[0].answer(answer or Answer(False, "asked_again"))
            self._badge_wanted = None

    def _sign_in(self, request: Request, command: desk.SignIn, now_s: float) -> None:
        guards = self._guards
        if guards is None:
            request.answer(Answer(False, "no_guards"))
        elif self._counts_as_a_try(request.remote, now_s):
            self._checker.submit(self._check, guards, request, command, now_s)
        else:
            request.answer(Answer(False, "too_many_tries"))

    def _counts_as_a_try(self, remote: bool, now_s: float) -> bool:
        wrong = self._wrong[remote]
        with self._lock:
            if len(wrong) == WRONG_PINS and now_s - wrong[0] < WRONG_WITHIN_S:
                return False
            # Counted before it is checked: many at once are many tries. A right one is taken off again.
            wrong.append(now_s)
            return True

    def _check(self, guards: Guards, request: Request, command: desk.SignIn, now_s: float) -> None:
        role = guards.role(command.guard_id)
        if not guards.knows(command.guard_id, command.pin) or role not in ROLES:
            request.answer(Answer(False, "wrong_pin"))
            return
        with self._lock:
            # This one alone: who knows one PIN does not get more tries at another's.
            if now_s in self._wrong[request.remote]:
                self._wrong[request.remote].remove(now_s)
        request.answer(self._signed_in(command.guard_id, role, now_s))

    def _signed_in(self, guard_id: str, role: str, now_s: float, by_badge: bool = False) -> Answer:
        secret = secrets.token_urlsafe(32)
        with self._lock:
            while len(self._sessions) >= MOST_SESSIONS:
                del self._sessions[next(iter(self._sessions))]
            self._sessions[secret] = Session(guard_id, role, now_s + self._config.entry.sign_in_s, by_badge)
        return Answer(True, "signed_in", secret, guard_id)

    def _session(self, secret: str | None, now_s: float, acts: bool = True) -> Session | None:
        with self._lock:
            session = self._sessions.get(secret or "")
            if session is None or secret is None:
                return None
            # Whoever was taken off the list since acts no more, and a medic who is a guard now acts as one.
            role = self._role_now(session)
            if now_s > session.until_s or role is None:
                del self._sessions[secret]
                return None
            until_s = now_s + self._config.entry.sign_in_s if acts else session.until_s
            self._sessions[secret] = replace(session, role=role, until_s=until_s)
            return self._sessions[secret]

    def _role_now(self, session: Session) -> str | None:
        if not session.by_badge:
            role = None if self._guards is None else self._guards.role(session.guard_id)
        else:
            person = self._entrance.people.by_id(session.guard_id)
            role = None if person is None else person.role
        return role if role in ROLES else None

    def _do(self, command: Command, secret: str, session: Session, now_s: float) -> Answer:
        if isinstance(command, desk.SignOut):
            with self._lock:
                self._sessions.pop(secret, None)
            return Answer(True, "signed_out")
        if isinstance(command, desk.TypeBadge):
            self._entrance.type_badge(command.badge)
            return Answer(True, "badge_taken")
        if isinstance(command, desk.LetIn):
            return self._let_in(command, session, now_s)
        if isinstance(command, desk.Symptom):
            return self._symptom(command, session, now_s)
        if isinstance(command, desk.Identify):
            return self._identify(command, session, now_s)
        if isinstance(command, desk.SignDay):
            return self._sign_day(command, session, now_s)
        if isinstance(command, desk.Contact):
            about = self._step(command.case_id, "contact", session, contact_c=command.contact_c)
            return self._take(about, session, now_s, command.confirmed)
        assert isinstance(command, desk.TakeStep)
        return self._take(self._step(command.case_id, command.step, session, note=command.note), session, now_s, False)

    def _let_in(self, command: desk.LetIn, session: Session, now_s: float) -> Answer:
        why_not = overriding.refusal(self._entrance, self._config.entry, command.passage_uuid, now_s)
        if why_not is not None:
            return Answer(False, why_not)
        written = self._entrance.recent[command.passage_uuid]
        passage, case = written.outcome.passage, self._case_of(command.passage_uuid)
        if self._entrance.others_stand_there(written.outcome.track):
            return Answer(False, "one_at_a_time")
        person_id = passage.person_id or (None if case is None else case.person_id)
        override = Override(command.passage_uuid, person_id, session.guard_id, command.reason, command.note)
        if self._entrance.let_in(override, now_s) is None:
            return Answer(False, "not_written")
        shown = Shown(passage, written.outcome.person, command.passage_uuid, now_s, session.guard_id)
        self._signalling.let_in(shown, now_s)
        return Answer(True, "let_in")

    def _symptom(self, command: desk.Symptom, session: Session, now_s: float) -> Answer:
        written = None if command.passage_uuid is None else self._entrance.recent.get(command.passage_uuid)
        if command.passage_uuid is not None and written is None:
            return Answer(False, "too_late_to_act")
        person_id = None if written is None else written.outcome.passage.person_id
        if self._symptom_stands(command, person_id, now_s):
            return Answer(False, "case_already_open")
        self._symptom_at = (command, now_s)
        step = CaseStep(
            str(uuid4()), "symptom", person_id, command.passage_uuid, session.guard_id, command.symptom, None, ""
        )
        return self._take(step, session, now_s, False)

    def _symptom_stands(self, command: desk.Symptom, person_id: str | None, now_s: float) -> bool:
        """Whether this was told already: the same of the same person, or of nobody known a moment ago."""
        before, at_s = self._symptom_at
        if command == before and now_s - at_s < TWICE_S:
            return True
        return any(
            case.kind == "symptom"
            and case.symptom == command.symptom
            and (
                (case.passage_uuid is not None and case.passage_uuid == command.passage_uuid)
                or (case.person_id is not None and case.person_id == person_id)
            )
            for case in self._entrance.remembered.open_cases
        )

    def _identify(self, command: desk.Identify, session: Session, now_s: float) -> Answer:
        people = self._entrance.people
        badge = normal_badge(command.number)
        person = (None if badge is None else people.by_badge(badge)) or people.by_id(command.number)
        if person is None:
            return Answer(False, "number_unknown")
        step = replace(self._step(command.case_id, "identified", session), person_id=person.person_id)
        return self._take(step, session, now_s, False)

    def _sign_day(self, command: desk.SignDay, session: Session, now_s: float) -> Answer:
        book, cases_open = self._entrance.day, len(self._entrance.remembered.open_cases)
        today = book.today
        if book.forgetful or command.people != today.people:
            return Answer(False, "day_changed")
        if today.signed_off is not None and today.signed_off.people == today.people:
            return Answer(False, "day_signed_already")
        note = handover(today, cases_open, command.note)
        event = GateEvent(SIGNED, session.guard_id, today.people, None, note)
        return Answer(True, "day_signed") if self._entrance.happened(event, now_s) else Answer(False, "day_kept")

    def _step(
        self, case_id: str, step: str, session: Session, contact_c: float | None = None, note: str = ""
    ) -> CaseStep:
        case = self._entrance.remembered.cases.get(case_id)
        person_id, passage_uuid = (None, None) if case is None else (case.person_id, case.passage_uuid)
        return CaseStep(case_id, cast(Step, step), person_id, passage_uuid, session.guard_id, None, contact_c, note)

    def _take(self, step: CaseStep, session: Session, now_s: float, confirmed: bool) -> Answer:
        case = self._entrance.remembered.cases.get(step.case_id)
        written = None if step.passage_uuid is None else self._entrance.recent.get(step.passage_uuid)
        measured = None if written is None else written.outcome.passage.measurement
        why_not = cases.refusal(
            case,
            step,
            session.role,
            self._config.entry.cases,
            confirmed=confirmed,
            forehead_c=None if measured is None else measured.forehead_c,
        )
        if why_not is not None:
            return Answer(False, why_not)
        # Not on disk yet is no reason to forget it: it stands and is written as soon as the disk takes it.
        self._entrance.take_step(step, now_s)
        return Answer(True, "step_taken")

    def _case_of(self, passage_uuid: str) -> Case | None:
        return next((c for c in self._entrance.remembered.cases.values() if c.passage_uuid == passage_uuid), None)
