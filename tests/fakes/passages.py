"""What happens at a gate: people who went through, and one of every other kind of content."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from edge.core.contents import CaseStep, Content, GateEvent, Measurement, Override, Passage
from edge.core.record import Stamp
from tests.fakes.clock import BOOT_ID

MEASURED = Measurement(
    t_first_s=100.0,
    t_last_s=101.25,
    frames=9,
    forehead_c=36.125,
    face_max_c=36.75,
    u_c=0.25,
    forehead_raw_c=35.5,
    reference_raw_c=36.375,
    reference_c=37.0,
    threshold_c=37.25,
    finding="pass",
    reason="ok",
)


def measurement(n: int = 0, **changes: Any) -> Measurement:
    """Of the n-th person: nothing was found, at 36.1 C and a bit; told apart by `t_first_s`."""
    return replace(MEASURED, t_first_s=100.0 + n, t_last_s=101.25 + n, **changes)


def passage(n: int = 0, **changes: Any) -> Passage:
    """The n-th person: asked nothing, measured, passed. changes: of the measurement."""
    return Passage(
        measurement=measurement(n, **changes),
        identified="not_asked",
        person_id=None,
        means=None,
        roster_version=None,
        crowd_c=None,
        verdict="pass",
        reasons=("ok",),
    )


def fever(n: int = 0, forehead_c: float = 37.875) -> Passage:
    """The n-th person, with a fever."""
    hot = passage(n, forehead_c=forehead_c, finding="fever", reason="fever_forehead")
    return replace(hot, verdict="fever", reasons=("fever_forehead",))


def unmeasured(n: int = 0, reason: str = "left_early", forehead_c: float | None = None) -> Passage:
    """The n-th person, not measured."""
    u_c = None if forehead_c is None else 0.25
    blank = passage(n, forehead_c=forehead_c, u_c=u_c, finding="not_measured", reason=reason)
    return replace(blank, verdict="not_measured", reasons=(reason,))


def refused(n: int = 0, *reasons: str) -> Passage:
    """The n-th person: on the list as p-<n>, no fever, and refused all the same."""
    return replace(
        passage(n),
        identified="known",
        person_id=f"p-{n}",
        means="card",
        roster_version=12,
        verdict="refused",
        reasons=reasons or ("not_approved",),
    )


def override(n: int = 0) -> Override:
    """A guard let the n-th person in."""
    return Override(
        passage_uuid=str(UUID(int=n)), person_id=f"p-{n}", by="guard-1", reason="no_badge", note="忘带校园卡"
    )


def case_step(n: int = 0, **changes: Any) -> CaseStep:
    """The n-th case is opened by an alarm."""
    opened = CaseStep(
        case_id=str(UUID(int=2**64 + n)),
        step="alarm",
        person_id=None,
        passage_uuid=str(UUID(int=n)),
        by=None,
        symptom=None,
        contact_c=None,
        note="",
    )
    return replace(opened, **changes)


def gate_event(n: int = 0) -> GateEvent:
    """Somebody tampered with the gate for the n-th time."""
    return GateEvent(code="tamper", by=None, count=n, duration_s=1.5, note="")


def everything(n: int = 0) -> dict[str, Content]:
    """One content of every kind, by the word that stands for it in records."""
    return {"passage": passage(n), "override": override(n), "case": case_step(n), "event": gate_event(n)}


def stamp(n: int = 0) -> Stamp:
    """When the n-th of them was decided."""
    return Stamp(utc_ms=1_767_600_000_000 + n * 1000, monotonic_s=102.0 + n, boot_id=BOOT_ID, synchronised=True)
