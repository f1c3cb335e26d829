"""The procedure from the first frame to the result; interrupted anywhere it goes on; what is spoilt is refused."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from calibration.concluding import Conclusion, conclude
from calibration.prompts import GRID, Prompt, prompt
from calibration.session import Session
from calibration.state import STAGES, State, dumped, loaded
from edge.adapters.camera_sim import BlackbodyCamera, Hidden, Source
from edge.adapters.camera_sim.sensor import Faults
from edge.core.correction import Surface
from tests.calibration.technician import ANSWERS, run

HIDDEN = Hidden(Faults(offset_k=-2.0, gain=0.96, ffc_period_s=180.0),
                Surface((0.0, 0.15, -0.1, 0.1, 0.05, 0.1), (-1, -1), (1, 1)), reference_k=0.3)  # fmt: skip


def camera(hidden: Hidden = HIDDEN, **more: float) -> BlackbodyCamera:
    return BlackbodyCamera(3, hidden, every=9, **more)  # type: ignore[arg-type]  # numbers of the constructor


def test_the_whole_procedure_finds_what_was_hidden() -> None:
    state, _ = run(camera())
    assert state.stage == "sign"
    assert state.lines == {"red": True, "relay": True}
    found = conclude(state, 1_770_000_000_000)
    assert isinstance(found, Conclusion)
    assert found.correction.gain == pytest.approx(1 / 0.96, abs=0.02)
    assert abs(found.shown.error_k) < 0.05
    assert found.shown.uniformity_worst_k < found.uniformity.worst_before_k


def test_interrupted_at_each_stage_it_goes_on_from_its_file_and_comes_to_the_same_end() -> None:
    sim, state = camera(), None
    for stage in STAGES[1:-1]:
        reached, _ = run(sim, state=state, until=lambda now, stage=stage: now.stage == stage)  # type: ignore[misc]  # bound here
        assert reached.stage == stage
        state = loaded(dumped(reached))
        assert state == replace(reached, levels=(), window=(), waited=0, armed=False)
    assert state is not None
    assert isinstance(conclude(state, 0), Conclusion)


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"[1]", b'{"version": 1}', b'{"version": 9, "setup": {}}', b"[" * 100_000]
)
def test_a_file_that_holds_no_state_is_none(body: bytes) -> None:
    assert loaded(body) is None


@pytest.mark.parametrize(
    ("code", "typed", "why"),
    [
        ("low", "91.4", "wrong_unit"),
        ("low", "91.4 F", "wrong_unit"),
        ("high", "313.15", "wrong_unit"),
        ("high", "33", "out_of_range"),
        ("low", "warm", "no_number"),
        ("source_date", "2026-13-01", "no_date"),
        ("technician", "", "no_text"),
        ("child_m", "110", "out_of_range"),
    ],
)
def test_what_is_no_answer_is_refused_with_its_reason(code: str, typed: str, why: str) -> None:
    _, notes = run(camera(), answers={**ANSWERS, code: typed})
    assert notes[-1].code == why
    assert notes[-1].refused


def put(sim: BlackbodyCamera, code: str, source: Source) -> Callable[[Prompt, Session], None]:
    """From the moment on that the prompt of this code waits, that source stands there instead."""
    done: list[bool] = []

    def meddle(asked: Prompt, now: Session) -> None:
        if asked.code == code and not done:
            sim.place(source)
            done.append(True)

    return meddle


MIDDLE = {"x": GRID[0][0], "y": GRID[0][1]}


@pytest.mark.parametrize(
    ("code", "source", "why"),
    [
        ("low_settling", Source(40.0, **MIDDLE), "swapped"),
        ("high_settling", Source(33.0, **MIDDLE), "swapped"),
        ("high_settling", Source(44.5, **MIDDLE), "not_that_temperature"),
        ("low_settling", Source(33.0, **MIDDLE, covered=0.5), "covered"),
        ("place_3_reading", Source(37.0, **MIDDLE), "elsewhere"),
        # It creeps by more than 0.03 K/min for longer than anybody waits.
        ("low_settling", Source(33.0, **MIDDLE, begins_k=1.9, tau_s=700.0), "not_settled"),
    ],
)
def test_a_spoilt_set_is_refused_with_its_reason(code: str, source: Source, why: str) -> None:
    sim = camera()
    _, notes = run(sim, meddle=put(sim, code, source), most_frames=1_700)
    assert why in {note.code for note in notes}


def test_a_hand_that_passes_makes_the_waiting_begin_anew() -> None:
    sim, seconds = camera(), []

    def meddle(asked: Prompt, now: Session) -> None:
        if asked.code == "high_settling":
            seconds.append(1)
            if len(seconds) in (30, 33):
                sim.place(Source(40.0, **MIDDLE, covered=0.5 if len(seconds) == 30 else 0.0))

    state, notes = run(sim, meddle=meddle)
    assert "covered" in {note.code for note in notes}
    assert state.stage == "sign"
    assert len(seconds) > 33 + 55


def test_another_sensor_midway_ends_it() -> None:
    sim = camera()

    def meddle(asked: Prompt, now: Session) -> None:
        if now.state.stage == "uniformity":
            sim.exchange_sensor("SIM-OTHER")

    state, notes = run(sim, meddle=meddle)
    assert state.over == "sensor_exchanged"
    assert prompt(state).kind == "over"
    assert notes[-1].refused


def test_a_camera_that_was_just_switched_on_has_to_warm_up() -> None:
    def warm(now: State) -> bool:
        return now.stage == "reference"

    sim = camera(powered_s=60.0)
    state, _ = run(sim, until=warm, most_frames=1_000)
    assert state.stage == "warm_up"
    state, _ = run(sim, state=state, until=warm, most_frames=1_500)
    assert state.stage == "reference"


def test_a_child_out_of_the_picture_is_told() -> None:
    _, notes = run(camera(), answers={**ANSWERS, "camera_m": "1.9"})
    assert notes[-1].code == "child_unseen"


def test_declining_changes_nothing() -> None:
    state, _ = run(camera(), answers={**ANSWERS, "acceptance": "n"})
    assert state.over == "declined"
