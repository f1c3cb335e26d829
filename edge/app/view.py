"""All that the guard's screen is told of one moment, from the parts of the gate that know it."""

from dataclasses import astuple

from edge.app import overriding
from edge.app.config import Config
from edge.app.entrance import Entrance
from edge.app.signalling import Shown, Signalling
from edge.core import cases
from edge.core.commanded import KEYS
from edge.core.commanding import Notice
from edge.core.day import Line, per_minute
from edge.core.pipeline import FaceReport, FrameReport
from edge.core.roster import Person
from edge.core.screen import (
    CaseView,
    ChangeView,
    ConditionView,
    FaceView,
    NoticeView,
    PersonView,
    QueueView,
    RosterView,
    ScreenState,
    SignedOffView,
    VerdictView,
)


def compose(
    config: Config,
    report: FrameReport,
    entrance: Entrance,
    signalling: Signalling,
    now_s: float,
    *,
    records: tuple[int, int, int],
    faults: tuple[str, ...],
    alerts: tuple[str, ...],
    no_camera: bool,
    condition: ConditionView | None = None,
    notice: Notice | None = None,
) -> ScreenState:
    """The state to show with the very picture of this report."""
    today = entrance.day.today
    return ScreenState(
        gate_id=config.gate.id,
        gate_name=config.gate.name,
        frame_seq=report.seq,
        t_s=report.t_s,
        status="no_camera" if no_camera else report.status,
        reference_c=report.reference_c,
        reference_state=report.reference_state,
        threshold_c=config.policy.fever_forehead_c,
        faces=tuple(_face(config, face) for face in report.faces),
        last=None if signalling.last is None else _verdict(config, entrance, signalling.last, now_s),
        passed=today.passed,
        fever=today.fever,
        refused=today.refused,
        not_measured=today.not_measured,
        let_in=today.let_in,
        cases_opened=today.cases,
        people=tuple(_line(config, entrance, line) for line in today.lines),
        per_min=per_minute(today, now_s),
        queue=tuple(QueueView(*astuple(one)) for one in entrance.due),
        condition=condition or ConditionView(),
        signed_off=None if today.signed_off is None else SignedOffView(*astuple(today.signed_off)),
        warm_up_s=report.settles_s,
        notice=None if notice is None else _notice(notice, now_s),
        records=records,
        faults=faults,
        alerts=alerts,
        ask=entrance.ask,
        utc_ms=entrance.utc_ms,
        timezone=config.gate.timezone,
        asked=entrance.people.asked,
        inside=len(entrance.remembered.inside),
        crowd_c=entrance.baseline_c(now_s),
        roster=_roster(entrance),
        cases=tuple(_case(config, entrance, case) for case in entrance.remembered.open_cases),
    )


def _face(config: Config, face: FaceReport) -> FaceView:
    why_not = _why_not(config, face)
    # A number beside which a reason stands is no reading; nobody shall act on it.
    forehead_c = face.reading.temp_c if why_not is None else None
    return FaceView(face.track, face.face.box, face.reading.box, forehead_c, why_not)


def _why_not(config: Config, face: FaceReport) -> str | None:
    """What the guard is told of a face while the person still stands there."""
    reading = face.reading
    if reading.usable and reading.temp_c is not None and reading.temp_c < config.policy.too_cold_c:
        return "too_cold"
    return "near_alarm" if reading.usable and face.near_alarm else reading.why_not


def _verdict(config: Config, entrance: Entrance, shown: Shown, now_s: float) -> VerdictView:
    passage, person = shown.passage, shown.person
    measured = passage.measurement
    return VerdictView(
        verdict=passage.verdict,
        reasons=passage.reasons,
        forehead_c=None if measured is None else measured.forehead_c,
        age_s=max(0.0, now_s - shown.at_s),
        u_c=None if measured is None else measured.u_c,
        name=_name(config, person),
        class_name=_class_name(config, entrance, person),
        passage_uuid=shown.uuid,
        refusal=_refusal(config, entrance, shown.uuid, now_s),
        let_in_by=shown.let_in_by,
    )


def _refusal(config: Config, entrance: Entrance, uuid: str | None, now_s: float) -> str | None:
    if uuid is None:
        return "not_written"
    return overriding.refusal(entrance, config.entry, uuid, now_s)


def _line(config: Config, entrance: Entrance, line: Line) -> PersonView:
    person = entrance.people.by_id(line.person_id)
    return PersonView(
        utc_ms=line.utc_ms,
        verdict=line.verdict,
        reason=line.reasons[0],
        forehead_c=line.forehead_c,
        name=_name(config, person),
        class_name=_class_name(config, entrance, person),
        let_in_by=line.let_in_by,
    )


def _name(config: Config, person: Person | None) -> str | None:
    return person.name if person is not None and config.screen.people == "name" else None


def _class_name(config: Config, entrance: Entrance, person: Person | None) -> str | None:
    if person is None or config.screen.people == "nobody":
        return None
    return entrance.people.class_name(person)


def _notice(notice: Notice, now_s: float) -> NoticeView:
    changes = tuple(
        ChangeView(KEYS[one.name].text.zh, KEYS[one.name].text.en, one.before, one.after) for one in notice.changes
    )
    return NoticeView(notice.commanded.version, notice.left_s(now_s), changes)


def _roster(entrance: Entrance) -> RosterView | None:
    header = entrance.people.header
    return None if header is None else RosterView(header.version, header.people, entrance.roster_age_h())


def _case(config: Config, entrance: Entrance, case: cases.Case) -> CaseView:
    person = entrance.people.by_id(case.person_id)
    return CaseView(
        case_id=case.case_id,
        kind=case.kind,
        state=case.state,
        opened_utc_ms=case.opened_utc_ms,
        name=_name(config, person),
        symptom=case.symptom,
        contact_c=case.contact_c,
        passage_uuid=case.passage_uuid,
        next_steps=cases.next_steps(case, config.entry.cases),
        # A guard's note may name a guardian.
        informed=case.informed if config.screen.people == "name" else ("",) * len(case.informed),
    )
