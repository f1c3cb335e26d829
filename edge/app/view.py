"""All that the guard's screen is told of one moment, from the parts of the gate that know it."""

from collections.abc import Mapping

from edge.app import overriding
from edge.app.config import Config
from edge.app.entrance import Entrance
from edge.app.signalling import Shown, Signalling
from edge.core import cases
from edge.core.forehead import ForeheadReading
from edge.core.pipeline import FrameReport
from edge.core.screen import CaseView, FaceView, RosterView, ScreenState, VerdictView


def compose(
    config: Config,
    report: FrameReport,
    entrance: Entrance,
    signalling: Signalling,
    now_s: float,
    *,
    counts: Mapping[str, int],
    records: tuple[int, int, int],
    faults: tuple[str, ...],
    alerts: tuple[str, ...],
    no_camera: bool,
) -> ScreenState:
    """The state to show with the very picture of this report; counts: verdicts so far, by verdict."""
    return ScreenState(
        gate_id=config.gate.id,
        gate_name=config.gate.name,
        frame_seq=report.seq,
        t_s=report.t_s,
        status="no_camera" if no_camera else report.status,
        reference_c=report.reference_c,
        threshold_c=config.policy.fever_forehead_c,
        faces=tuple(
            FaceView(f.track, f.face.box, f.reading.box, f.reading.temp_c, _why_not(config, f.reading))
            for f in report.faces
        ),
        last=None if signalling.last is None else _verdict(config, entrance, signalling.last, now_s),
        passed=counts.get("pass", 0),
        fever=counts.get("fever", 0),
        refused=counts.get("refused", 0),
        not_measured=counts.get("not_measured", 0),
        records=records,
        faults=faults,
        alerts=alerts,
        ask=entrance.ask,
        utc_ms=entrance.utc_ms,
        asked=entrance.people.asked,
        inside=len(entrance.remembered.inside),
        crowd_c=entrance.baseline_c(now_s),
        roster=_roster(entrance),
        cases=tuple(_case(config, entrance, case) for case in entrance.remembered.open_cases),
    )


def _why_not(config: Config, reading: ForeheadReading) -> str | None:
    """What the guard is told of a face while the person still stands there."""
    if reading.usable and reading.temp_c is not None and reading.temp_c < config.policy.too_cold_c:
        return "too_cold"
    return reading.why_not


def _verdict(config: Config, entrance: Entrance, shown: Shown, now_s: float) -> VerdictView:
    passage, person = shown.passage, shown.person
    measured = passage.measurement
    return VerdictView(
        verdict=passage.verdict,
        reasons=passage.reasons,
        forehead_c=None if measured is None else measured.forehead_c,
        age_s=max(0.0, now_s - shown.at_s),
        u_c=None if measured is None else measured.u_c,
        name=None if person is None else person.name,
        class_name=None if person is None else entrance.people.class_name(person),
        passage_uuid=shown.uuid,
        overridable=overriding.refusal(entrance, config.entry, shown.uuid or "", now_s) is None,
        let_in_by=shown.let_in_by,
    )


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
        name=None if person is None else person.name,
        symptom=case.symptom,
        contact_c=case.contact_c,
        passage_uuid=case.passage_uuid,
        next_steps=cases.next_steps(case, config.entry.cases),
    )
