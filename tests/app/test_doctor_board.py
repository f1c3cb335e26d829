"""What the doctor says of the board: the release in use, heat, power, wear; and of the gate that runs or does not."""

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from edge.app import doctor_board, doctor_gate
from edge.app.bootstrap import open_clock
from edge.app.config import Config
from edge.app.config_file import load
from edge.app.health_file import FILE_NAME, Facts, HealthFile
from edge.app.setup_file import edited
from edge.core.frame import Frame, NoFrame, Telemetry

UNDERVOLTAGE, THROTTLED = 1 << 0, 1 << 2
GOOD = Telemetry(uptime_ms=60_000, tlinear=True, serial="LEP-7")


@pytest.fixture
def config(tmp_path: Path) -> Config:
    path = tmp_path / "gate.toml"
    path.write_text(edited("", {("camera", "kind"): "lepton", ("store", "path"): "r.sqlite"}))
    return load(path)


class AFewFrames:
    """A camera with this telemetry; None: nothing comes."""

    def __init__(self, telemetry: Telemetry | None) -> None:
        self.telemetry, self.closed = telemetry, False

    def read(self, timeout_s: float) -> Frame | NoFrame:
        if self.telemetry is None:
            return NoFrame("stalled")
        return Frame(np.full((120, 160), 30_000, np.uint16), 0, 1.0, telemetry=self.telemetry)

    def close(self) -> None:
        self.closed = True


def state(folder: Path, **changes: str) -> Path:
    path = folder / "state.json"
    plain = {"state": "kept", "current": "1.1-abc", "former": "1.0-abc", "zh": "", "en": ""}
    path.write_text(json.dumps({**plain, **changes}))
    return path


def test_a_release_that_was_left_again_is_told_with_its_reason(tmp_path: Path) -> None:
    assert doctor_board.release(state(tmp_path))[0] == "ok"
    level, zh, en = doctor_board.release(state(tmp_path, state="went_back", zh="闸机失败", en="the gate failed"))
    assert level == "warning"
    assert "1.1-abc" in zh
    assert "the gate failed" in en


@pytest.mark.parametrize("content", ["", "[]", '{"state": "kept"}', "[" * 9_000])
def test_a_damaged_state_of_the_release_is_told_and_none_is_fine(content: str, tmp_path: Path) -> None:
    (tmp_path / "state.json").write_text(content)
    assert doctor_board.release(tmp_path / "state.json")[0] == "warning"
    assert doctor_board.release(tmp_path / "none.json")[0] == "ok"


@pytest.mark.parametrize(
    ("milli_c", "bits", "level", "words"),
    [
        (51_000, 0, "ok", "51 °C"),
        (74_000, 0, "warning", "heat sink"),
        (83_000, 0, "wrong", "heat sink"),
        (51_000, UNDERVOLTAGE, "wrong", "supply"),
        (51_000, UNDERVOLTAGE << 16, "warning", "since boot"),
        (51_000, THROTTLED, "wrong", "throttled"),
    ],
)
def test_heat_and_power_are_told_with_their_remedy(
    milli_c: int, bits: int, level: str, words: str, tmp_path: Path
) -> None:
    (tmp_path / "thermal_zone0").mkdir()
    (tmp_path / "thermal_zone0" / "temp").write_text(f"{milli_c}\n")
    said = doctor_board.heat(tmp_path, throttled=bits)
    assert said[0] == level
    assert words in said[2]


@pytest.mark.parametrize(
    ("written_mb", "hours", "level"), [(100, 24, "ok"), (9_000, 24, "warning"), (9_000, 0.5, "ok")]
)
def test_what_is_written_in_a_day_is_counted(written_mb: int, hours: float, level: str, tmp_path: Path) -> None:
    fields = [0] * 17
    fields[6] = written_mb * 1_000_000 // 512
    (tmp_path / "stat").write_text(" ".join(map(str, fields)))
    assert doctor_board.wear(tmp_path, tmp_path / "stat", hours * 3600)[0] == level
    (tmp_path / "stat").write_text("")
    assert doctor_board.wear(tmp_path, tmp_path / "stat", hours * 3600)[0] == "ok"


def test_a_running_gate_tells_of_itself_and_a_silent_one_is_told_how_to_start(config: Config) -> None:
    assert doctor_gate.facts(config) is None
    assert "systemctl start" in doctor_gate.running(None)[2]
    HealthFile(config.store.path.with_name(FILE_NAME)).tell(Facts(("reference",), None), open_clock().stamp())
    told = doctor_gate.facts(config)
    assert told == Facts(("reference",), None)
    assert doctor_gate.running(told)[0] == "wrong"
    assert doctor_gate.reference(config, told)[0] == "wrong"
    assert doctor_gate.reference(config, Facts((), None))[0] == "ok"
    assert doctor_gate.reference(config, None)[0] == "warning"


@pytest.mark.parametrize(
    ("telemetry", "level", "words"),
    [
        (GOOD, "ok", "160×120, TLinear, LEP-7"),
        (replace(GOOD, tlinear=False), "wrong", "TLinear is off"),
        (Telemetry(), "wrong", "without telemetry"),
        (None, "wrong", "no frame"),
    ],
)
def test_a_camera_that_nobody_uses_is_tried(
    telemetry: Telemetry | None, level: str, words: str, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticks: Iterator[float] = iter(range(100))
    monkeypatch.setattr(time, "monotonic", lambda: next(ticks))
    camera = AFewFrames(telemetry)
    said = doctor_gate.picture(config, None, lambda: camera)  # type: ignore[arg-type,return-value]  # what it asks of one
    assert said[0] == level
    assert words in said[2]
    assert camera.closed


def test_a_camera_that_the_gate_holds_is_left_alone(config: Config) -> None:
    def taken() -> AFewFrames:
        raise AssertionError("the gate uses it")

    assert doctor_gate.picture(config, Facts((), None), taken)[0] == "ok"  # type: ignore[arg-type]  # never called
    assert doctor_gate.picture(config, Facts(("camera",), None), taken)[0] == "wrong"  # type: ignore[arg-type]  # never


def test_without_calibration_roster_and_guards_each_says_what_to_do(config: Config) -> None:
    for said, command in (
        (doctor_gate.calibration(config), "foregate calibrate"),
        (doctor_gate.roster(config), "--roster-key"),
        (doctor_gate.guards(config), "foregate guards add"),
    ):
        assert said[0] == "warning"
        assert command in said[1]
        assert command in said[2]
    # Looking has made nothing: a key above all would be root's.
    assert [path.name for path in config.store.path.parent.iterdir()] == ["gate.toml"]
