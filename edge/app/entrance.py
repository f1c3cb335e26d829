"""Who stands at the gate, and what is to become of them: visits, the roster, who is inside, open cases, the crowd.

It writes every verdict down and says what was written; it moves neither lamp nor relay (edge/app/gate_loop.py does).
Whom it knows: known_people.py. What must outlive a restart: remembered.py.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from uuid import uuid4
from zoneinfo import ZoneInfo

from edge.app.config import Config
from edge.app.day_book import DayBook
from edge.app.expected import ClassDue, Expected
from edge.app.known_people import KnownPeople
from edge.app.local_time import local_time
from edge.app.registrar import Registrar
from edge.app.remembered import Remembered
from edge.core import crowd, visits
from edge.core.contents import CaseStep, Content, GateEvent, Override
from edge.core.deciding import Measured
from edge.core.decision import LocalTime
from edge.core.identity import Scan
from edge.core.record import Record, Stamp
from edge.core.roster import Person
from edge.core.tracks import Track
from edge.ports import BadgeReader, Clock, RosterSource, Store

Announce = Callable[[str], None]

LOOK_EVERY_S = 5.0
# What a guard may still act on: of the fullest morning more than the five minutes that are allowed for it.
KEPT_VERDICTS = 512


@dataclass(frozen=True, slots=True)
class Written:
    """A verdict and its record; None: the disk did not take it, and waits in the registrar.

    let_in: a guard has overruled it.
    """

    outcome: visits.Outcome
    record: Record | None
    at_s: float
    let_in: bool = False


class Entrance:
    """The state of one gate's entrance; `step` is one moment further."""

    def __init__(
        self,
        config: Config,
        store: Store,
        registrar: Registrar,
        clock: Clock,
        announce: Announce,
        roster: RosterSource | None = None,
        badges: BadgeReader | None = None,
    ) -> None:
        self._config, self._registrar, self._clock, self._announce = config, registrar, clock, announce
        self._badges = badges
        self._policy = config.entry.policy
        self._zone = ZoneInfo(config.gate.timezone)
        self._visits = visits.start(config.entry.badge_window_s)
        self._crowd = crowd.start()
        self._typed: list[Scan] = []
        self._looked_at_s = float("-inf")
        self._alarms: dict[int | None, str] = {}
        self.people = KnownPeople(roster, config.roster.max_age_h if config.roster else 0.0, announce)
        self.remembered = Remembered(store, self._zone, announce, clock.stamp())
        self.day = DayBook(store, self._zone, announce, clock.stamp())
        self.expected = Expected()
        self.recent: dict[str, Written] = {}
        self.ask: visits.Ask | None = None
        self.alarm = False
        self.when: LocalTime | None = None

    @property
    def waiting(self) -> frozenset[int]:
        """Tracks on which no verdict has fallen: the pipeline goes on measuring them."""
        return visits.waiting(self._visits)

    @property
    def zone_is_free(self) -> bool:
        """Nobody stands there but people who were let in."""
        return all(v.decision is not None and v.decision.verdict == "pass" for v in self._visits.visits)

    @property
    def nobody_there(self) -> bool:
        """No visit is under way, and no badge waits for its face."""
        return not self._visits.visits and self._visits.badges.waiting is None

    def go_by(self, config: Config) -> None:
        """From now on this configuration: between two people, see nobody_there."""
        self._config, self._policy = config, config.entry.policy
        self._visits = visits.with_window(self._visits, config.entry.badge_window_s)
        self.people.max_age_h = config.roster.max_age_h if config.roster else 0.0

    @property
    def somebody_stopped(self) -> bool:
        """Whoever was not let in still stands there."""
        return any(v.decision is not None and v.decision.verdict != "pass" for v in self._visits.visits)

    def others_stand_there(self, track: int | None) -> bool:
        """Whether the gate would open for others than this person: more than one, or one of whom it knows more."""
        there = [v for v in self._visits.visits if v.decision is None or v.decision.verdict != "pass"]
        # Who has stepped back into the zone and was neither measured nor asked yet may well be the person meant.
        known = any(v.track != track and (v.decision or v.scan or v.is_fever) for v in there)
        return len(there) > 1 or known

    def faults(self) -> dict[str, bool]:
        """Codes of texts.FAULTS, and whether they are there now."""
        now = self._clock.stamp()
        return {
            "roster_none": self.people.asked and self.people.header is None,
            "roster_old": self.people.is_old(now),
            "readers": bool(self._badges and self._badges.faults()),
            "clock": self.people.asked and not now.synchronised,
        }

    def baseline_c(self, now_s: float) -> float | None:
        """The recent crowd's forehead temperature, None while too few came."""
        return crowd.baseline_c(self._crowd, now_s, self._policy)

    @property
    def due(self) -> tuple[ClassDue, ...]:
        """The classes whose time it is, and how many of each are still to come."""
        return self.expected.due(self.people.windows, self.remembered.inside, self.when)

    def stamp(self) -> Stamp:
        """This moment on the gate's clocks."""
        return self._clock.stamp()

    @property
    def utc_ms(self) -> int:
        """The gate's wall clock, by which the steps of its cases are dated."""
        return self._clock.stamp().utc_ms

    def roster_age_h(self) -> float | None:
        """Hours since the county issued the roster in force; None: no roster, or no clock to tell by."""
        return self.people.age_h(self._clock.stamp())

    def type_badge(self, badge: str) -> None:
        """A badge number that a guard typed, presented with the next step."""
        self._typed.append(Scan(badge, self._clock.now_s(), "typed", "desk"))

    def scans(self) -> tuple[Scan, ...]:
        """Badges presented since the last call."""
        typed, self._typed = tuple(self._typed), []
        return (*(self._badges.scans() if self._badges else ()), *typed)

    def step(
        self,
        tracks: Sequence[Track],
        measured: Sequence[Measured],
        gone: Sequence[int],
        scans: Sequence[Scan],
        now_s: float,
        busy: bool = False,
        hardly_seen: bool = False,
    ) -> visits.Outputs:
        """Who is there now, who was measured, who has left, which badges came: the verdicts that fall with it.

        busy: the gate still shows a fever, beside which it opens for nobody. hardly_seen: somebody else may be there.
        """
        self._look_around(now_s)
        # Before its records are read back nobody knows who is kept out.
        around = self._surroundings(now_s, busy or self.remembered.forgetful, hardly_seen)
        self._visits, outputs = visits.step(self._visits, around, tracks, measured, gone, scans, now_s)
        self.ask, self.alarm = outputs.ask, bool(outputs.alarm)
        for named in outputs.named:
            self._name_case(named, now_s)
        return outputs

    def write(self, outcome: visits.Outcome, now_s: float) -> Written:
        """Write a verdict down, and what follows from it: who passed is inside, a fever opens a case."""
        passage = outcome.passage
        record = self._write(passage, self._clock.stamp(), now_s)
        written = Written(outcome, record, now_s)
        measured = passage.measurement
        # Who presents badge after badge was read once: nobody is a crowd by themselves.
        again = any(before.outcome.passage.measurement == measured for before in self.recent.values())
        if measured is not None and measured.forehead_c is not None and not again:
            self._crowd = crowd.add(self._crowd, measured.forehead_c, now_s, passage.person_id)
        if record is not None:
            self.recent[record.uuid] = written
            while len(self.recent) > KEPT_VERDICTS:
                del self.recent[next(iter(self.recent))]
            if passage.verdict == "pass" and passage.person_id is not None:
                self.remembered.inside.add(passage.person_id)
        if passage.verdict == "fever":
            passage_uuid = None if record is None else record.uuid
            step = CaseStep(str(uuid4()), "alarm", passage.person_id, passage_uuid, None, None, None, "")
            self._alarms = {outcome.track: step.case_id, **self._alarms}
            while len(self._alarms) > KEPT_VERDICTS:
                self._alarms.popitem()
            self.take_step(step, now_s)
        return written

    def take_step(self, step: CaseStep, now_s: float) -> Record | None:
        """Write a step of a case down; None while the disk does not take it (it is kept)."""
        stamp = self._clock.stamp()
        record = self._write(step, stamp, now_s)
        self.remembered.advance(step, stamp.utc_ms)
        return record

    def let_in(self, override: Override, now_s: float) -> Record | None:
        """Write an override down; the gate may open once there is a record."""
        record = self._write(override, self._clock.stamp(), now_s)
        if record is not None:
            self.recent[override.passage_uuid] = replace(self.recent[override.passage_uuid], let_in=True)
            if override.person_id is not None:
                self.remembered.inside.add(override.person_id)
        return record

    def happened(self, event: GateEvent, now_s: float) -> Record | None:
        """Write down something that happened to the gate itself."""
        return self._write(event, self._clock.stamp(), now_s)

    def left(self, person: Person | None, now_s: float) -> Record | None:
        """Somebody goes out: they may come in again."""
        person_id = None if person is None else person.person_id
        if person_id is not None:
            self.remembered.inside.discard(person_id)
        return self.happened(GateEvent("exit", person_id, None, None, ""), now_s)

    def recalibrated(self) -> None:
        """Readings before this say nothing about those after it."""
        self._crowd = crowd.start()

    def _write(self, content: Content, stamp: Stamp, now_s: float) -> Record | None:
        record = self._registrar.write(content, stamp, now_s)
        self.day.note(content, stamp, record)
        return record

    def _name_case(self, named: visits.Named, now_s: float) -> None:
        # Not by the passage's record: a full disk may not have taken it yet.
        case = self.remembered.cases.get(self._alarms.get(named.track, ""))
        if case is not None:
            person_id = named.person.person_id
            step = CaseStep(case.case_id, "identified", person_id, case.passage_uuid, person_id, None, None, "")
            self.take_step(step, now_s)

    def _surroundings(self, now_s: float, busy: bool, hardly_seen: bool) -> visits.Surroundings:
        now = self._clock.stamp()
        when = local_time(now, self._zone)
        self.remembered.today_is(when, now)
        self.day.date_is(now)
        self.when = when
        self.expected.count(self.people)
        header = self.people.header
        return visits.Surroundings(
            policy=self._policy,
            asked=self.people.asked,
            lookup=self.people.by_badge,
            when=when,
            inside=self.remembered.inside,
            held={case.person_id for case in self.remembered.open_cases if case.person_id is not None},
            windows=self.people.windows,
            roster_version=None if header is None else header.version,
            roster_old=self.people.is_old(now),
            crowd_c=self.baseline_c(now_s),
            min_face_width_px=self._config.policy.min_face_width_px,
            busy=busy,
            hardly_seen=hardly_seen,
        )

    def _look_around(self, now_s: float) -> None:
        if now_s - self._looked_at_s < LOOK_EVERY_S:
            return
        if self.remembered.forgetful:
            self._looked_at_s = now_s
            self.remembered.recall(self._clock.stamp())
        if self.day.forgetful:
            self._looked_at_s = now_s
            self.day.recall(self._clock.stamp())
        # A large roster takes a moment to verify: not while somebody stands there.
        if not self._visits.visits:
            self._looked_at_s = now_s
            self.people.refresh()
