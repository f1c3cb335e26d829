"""The gate's loop with every outside thing faked: what opens, what stays shut, what is said and written."""

from types import SimpleNamespace

import numpy as np
import pytest
from numpy.typing import NDArray

from edge.app.disk_room import NEARLY_FULL_BELOW_MB
from edge.core.errors import CameraError, StoreError
from edge.core.faces import Detection
from edge.core.frame import NoFrame, Telemetry
from edge.core.signals import FAULT, IDLE, signal_for
from edge.core.texts import FAULTS
from tests.app.gate_bench import CONFIG, Bench, Draw, nobody, standing
from tests.core.scenes import face


def test_a_healthy_person_opens_the_gate_after_their_record_is_written() -> None:
    bench = Bench()
    written_when_open: list[int] = []
    show = bench.gate_io.show

    def watched(signal: object) -> None:
        if signal == signal_for("pass"):
            written_when_open.append(bench.store.counts()[0])
        show(signal)  # type: ignore[arg-type]  # the very signal that came

    bench.gate_io.show = watched  # type: ignore[method-assign]  # to see the order of things
    assert bench.play((8, nobody), (12, standing(35.0)), (40, nobody)) == 0
    assert written_when_open == [1]
    assert bench.written() == [("pass", "ok")]
    assert bench.gate_io.shown == [IDLE, signal_for("pass"), IDLE]
    assert "通过 / Come in" in bench.said[0]
    assert "#0001" in bench.said[0]


def test_a_fever_shuts_and_alarms() -> None:
    bench = Bench()
    bench.play((8, nobody), (12, standing(37.6)), (10, nobody))
    assert bench.written() == [("fever", "fever_forehead")]
    assert signal_for("fever") in bench.gate_io.shown
    assert signal_for("pass") not in bench.gate_io.shown


def test_who_runs_through_unread_is_told_and_written() -> None:
    bench = Bench()
    bench.play((8, nobody), (3, standing(35.0)), (15, nobody))
    assert bench.written() == [("not_measured", "left_early")]
    assert signal_for("not_measured") in bench.gate_io.shown


def test_a_disk_that_is_nearly_full_is_told_and_the_gate_works_on(monkeypatch: pytest.MonkeyPatch) -> None:
    bench, left = Bench(), [NEARLY_FULL_BELOW_MB * 1_000_000 - 1]
    monkeypatch.setattr("shutil.disk_usage", lambda path: SimpleNamespace(total=32 * 10**9, free=left[0]))
    bench.at = {20: lambda: left.append(left.pop() + 1)}
    bench.play((8, nobody), (12, standing(35.0)), (700, nobody))
    assert signal_for("pass") in bench.gate_io.shown
    assert FAULT not in bench.gate_io.shown
    told = [line for line in bench.said if str(FAULTS["disk"]) in line]
    assert told == [str(FAULTS["disk"]), f"已恢复 / over: {FAULTS['disk']}"]
    assert bench.screen.states[0].faults == ("disk",)


def test_while_the_disk_is_full_nobody_is_let_in_and_nobody_is_lost() -> None:
    bench = Bench()
    bench.store.fault = StoreError("磁盘已满", "disk full")

    def free_the_disk(line: str) -> None:
        if line.startswith("----"):
            bench.store.fault = None

    bench.on_line = free_the_disk
    assert bench.play((8, nobody), (12, standing(35.0)), (30, nobody)) == 0
    assert signal_for("pass") not in bench.gate_io.shown
    assert FAULT in bench.gate_io.shown
    assert bench.written() == [("pass", "ok")]
    assert any("store" in state.faults for state in bench.screen.states)
    assert bench.screen.states[-1].faults == ()


def test_a_disk_that_stays_full_ends_in_a_list_of_who_was_not_written() -> None:
    bench = Bench()
    bench.store.fault = StoreError("磁盘已满", "disk full")
    assert bench.play((8, nobody), (12, standing(35.0)), (5, nobody)) == 1
    assert sum('"verdict": "pass"' in line for line in bench.said) == 1
    assert "keep this log" in bench.said[-1]


def test_a_lost_camera_is_a_fault_and_ends_who_stood_there() -> None:
    bench = Bench()
    gone = NoFrame("not_connected")
    bench.play((8, nobody), (3, standing(35.0)), (70, gone), (5, nobody))
    assert bench.written() == [("not_measured", "camera_lost")]
    lost = [state for state in bench.screen.states if state.status == "no_camera"]
    assert len(lost) == 70
    assert "camera" in lost[-1].faults
    assert FAULT in bench.gate_io.shown
    assert "camera" not in bench.screen.states[-1].faults


def test_a_gate_that_warms_up_counts_it_down_and_calls_no_part_faulty() -> None:
    bench = Bench(config=CONFIG.model_copy(update={"camera": CONFIG.camera.model_copy(update={"warm_up_s": 40.0})}))
    bench.play((400, standing(35.0)), (8, nobody))
    cold = [state.warm_up_s for state in bench.screen.states if state.warm_up_s is not None]
    assert cold[0] == pytest.approx(40.0, abs=0.5)
    assert cold == sorted(cold, reverse=True)
    # Nobody is let in meanwhile, and nothing is said to be broken.
    during = bench.screen.states[: len(cold)]
    assert {code for state in during if (state.warm_up_s or 0) > 10 for code in state.faults} == set()
    assert {state.passed for state in during} == {0}
    assert bench.screen.states[-1].passed == 1


def test_a_gate_that_is_stopped_writes_who_stands_there_and_goes_dark() -> None:
    bench = Bench()
    bench.play((8, nobody), (4, standing(30.0)))
    assert bench.written() == [("not_measured", "too_cold")]
    assert bench.gate_io.shown[-1] == IDLE


def test_a_dead_relay_is_a_fault_but_people_are_written() -> None:
    bench = Bench()
    bench.gate_io.broken = True
    bench.play((8, nobody), (12, standing(35.0)), (5, nobody))
    assert bench.written() == [("pass", "ok")]
    assert "gate_io" in bench.screen.states[-1].faults


def test_the_screen_shows_picture_and_readings_of_one_frame() -> None:
    bench = Bench()
    bench.play((8, nobody), (12, standing(35.0)))
    state, picture = bench.screen.states[-1], bench.screen.pictures[-1]
    assert picture is not None
    (shown,) = state.faces
    assert shown.forehead_c is not None
    assert shown.forehead is not None
    assert abs(float(shown.forehead.crop(picture).mean()) - shown.forehead_c) < 0.1
    assert (state.passed, state.fever, state.not_measured) == (1, 0, 0)
    assert state.last is not None
    assert state.last.verdict == "pass"


def side_by_side(left_c: float, right_c: float) -> Draw:
    return lambda picture: [face(picture, 10, 30, 34, left_c), face(picture, 70, 30, 34, right_c)]


@pytest.mark.parametrize("left_and_right_c", [(38.5, 35.0), (35.0, 38.5)])
def test_beside_a_fever_nobody_opens_the_gate_or_takes_its_red_away(left_and_right_c: tuple[float, float]) -> None:
    bench = Bench()
    bench.play((8, nobody), (12, side_by_side(*left_and_right_c)), (5, nobody))
    assert sorted(bench.written()) == [("fever", "fever_forehead"), ("pass", "ok")]
    assert signal_for("pass") not in bench.gate_io.shown
    assert bench.gate_io.lamp == "off"
    assert bench.gate_io.shown[1] == signal_for("fever")
    last = bench.screen.states[-1].last
    assert last is not None
    assert last.verdict == "fever"


def test_who_left_unread_does_not_shut_out_who_has_just_been_let_in() -> None:
    def first_one_then_another(k: int) -> Draw:
        def draw(picture: NDArray[np.float32]) -> list[Detection]:
            return [face(picture, 10, 30, 34, 35.0)] if k < 3 else [face(picture, 70, 30, 34, 35.0)]

        return draw

    bench = Bench()
    bench.play((8, nobody), *[(1, first_one_then_another(k)) for k in range(20)], (60, nobody))
    assert sorted(bench.written()) == [("not_measured", "left_early"), ("pass", "ok")]
    assert bench.gate_io.shown == [IDLE, signal_for("pass"), signal_for("not_measured"), IDLE]


def test_a_part_that_fails_takes_nobody_with_it() -> None:
    bench = Bench()
    bench.play_then = CameraError("相机坏了；请更换", "the camera is broken; replace it")
    with pytest.raises(CameraError):
        bench.play((8, nobody), (4, standing(30.0)))
    assert bench.written() == [("not_measured", "too_cold")]
    assert bench.gate_io.shown[-1] == IDLE


def test_a_fault_is_announced_when_it_begins_and_when_it_is_over() -> None:
    bench = Bench()
    bench.play((8, nobody), (40, NoFrame("not_connected")), (20, nobody))
    told = [line for line in bench.said if "USB" in line]
    assert len(told) == 2
    assert told[1].startswith("已恢复 / over")


def test_a_forehead_too_cold_is_told_while_the_person_stands_there() -> None:
    bench = Bench()
    bench.play((8, nobody), (12, standing(30.0)))
    assert [face.why_not for face in bench.screen.states[-1].faces] == ["too_cold"]


def test_red_stays_as_long_as_the_fever_stands_there_and_nobody_passes_beside_it() -> None:
    def joined_late(picture: NDArray[np.float32]) -> list[Detection]:
        return [face(picture, 10, 30, 34, 38.5), face(picture, 70, 30, 34, 35.0)]

    bench = Bench()
    alone = (60, lambda picture: [face(picture, 10, 30, 34, 38.5)])
    bench.play((8, nobody), alone, (12, joined_late), (60, nobody))
    assert bench.gate_io.shown == [IDLE, signal_for("fever"), IDLE]
    assert sorted(bench.written()) == [("fever", "fever_forehead"), ("pass", "ok")]


@pytest.mark.parametrize(("emissivity", "told"), [(None, ()), (1.0, ()), (0.95, ("emissivity",))])
def test_a_camera_that_corrects_for_emissivity_as_well_is_told_and_measures_on(
    emissivity: float | None, told: tuple[str, ...]
) -> None:
    bench = Bench(telemetry=Telemetry(emissivity=emissivity))
    bench.play((8, nobody), (20, standing(34.0)), (20, nobody))
    assert bench.screen.states[-1].faults == told
    assert len(bench.written()) == 1
    assert any(str(FAULTS["emissivity"]) in line for line in bench.said) == bool(told)
