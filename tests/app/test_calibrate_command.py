"""foregate calibrate on the simulated camera: by keys from end to end, interrupted anywhere, and used by the gate."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
import pytest
import segno

from calibration.certificate import qr_text
from edge.adapters.camera_sim import SimCamera, SimSettings
from edge.app import bootstrap, calibrate_command
from edge.app.calibrate_command import Options
from edge.app.calibrated import Calibrated
from edge.app.config import Config
from edge.app.config_file import load
from edge.core.errors import CalibrationError
from edge.core.frame import Frame, Telemetry
from edge.core.profile import Profile, Unfit, fingerprint

ANSWERS = {"您的姓名": "李明", "编号 /": "BB-0042", "证书的日期": "2026-01-02",
           "约 33": "33.0", "约 40": "40", "约 37": "37.0"}  # fmt: skip


def typed(prompt: str) -> str:
    return next((answer for words, answer in ANSWERS.items() if words in prompt), "")


@pytest.fixture
def config(tmp_path: Path) -> Config:
    file = tmp_path / "gate.toml"
    file.write_text('[gate]\nid = "gate-7"\n[camera]\nkind = "sim"\n', encoding="utf-8")
    return load(file)


def calibrated(config: Config) -> Profile:
    said: list[str] = []
    assert calibrate_command.calibrate(config, Options(again=True), said.append, typed) == 0, said
    found = bootstrap.open_profile(config)
    assert isinstance(found, Profile)
    return found


def frame_of(serial: str | None) -> Frame:
    camera = SimCamera(SimSettings())
    frame = camera.read(1.0)
    assert isinstance(frame, Frame)
    return replace(frame, telemetry=Telemetry(serial=serial))


def test_by_keys_alone_a_gate_is_calibrated_signed_and_shown(config: Config) -> None:
    made = calibrated(config)
    assert made.gate_id == "gate-7"
    assert made.serial == "SIM-00000001"
    assert made.plain["answers"]["technician"] == "李明"
    assert 0.9 < made.correction.gain < 1.1
    said: list[str] = []
    assert calibrate_command.show(config, said.append) == 0
    assert made.id in said[0]
    assert not config.calibration_session_file.exists()


def test_interrupted_at_each_question_it_goes_on_there(config: Config) -> None:
    asked: list[str] = []

    def once(prompt: str) -> str:
        """Every prompt that is new kills the technician; when it comes again it is answered."""
        if prompt not in asked:
            asked.append(prompt)
            raise KeyboardInterrupt
        return typed(prompt)

    said: list[str] = []
    for _ in range(60):
        try:
            code = calibrate_command.calibrate(config, Options(), said.append, once)
        except KeyboardInterrupt:
            continue
        assert code == 0
        break
    assert isinstance(bootstrap.open_profile(config), Profile)
    assert len(asked) == len(set(asked)) > 25
    assert sum("接着上次" in line for line in said) >= len(asked) - 1


def test_the_camera_of_the_simulated_gate_is_the_one_that_was_calibrated(config: Config) -> None:
    made = calibrated(config)
    frame = SimCamera(bootstrap.sim_settings(config)).read(1.0)
    assert isinstance(frame, Frame)
    assert made.is_of(frame.telemetry.serial)


def test_the_former_calibration_is_kept_and_comes_back(config: Config) -> None:
    first = calibrated(config)
    second = calibrated(config)
    assert second.plain["previous"] == first.id
    assert calibrate_command.back(config, lambda line: None) == 0
    now = bootstrap.open_profile(config)
    assert isinstance(now, Profile)
    assert now.id == first.id
    with pytest.raises(CalibrationError):
        calibrate_command.back(config, lambda line: None)


def spoilt(config: Config, change: Callable[[dict[str, object]], None]) -> Profile | Unfit:
    whole = json.loads(config.calibration_file.read_text(encoding="utf-8"))
    change(whole["profile"])
    config.calibration_file.write_text(json.dumps(whole), encoding="utf-8")
    return bootstrap.open_profile(config)


def test_a_digit_changed_by_hand_is_found_and_a_new_layout_is_no_change(config: Config) -> None:
    made = calibrated(config)
    assert spoilt(config, lambda profile: None) == made
    assert spoilt(config, lambda profile: profile.update(expires_utc_ms=made.expires_utc_ms + 1)) == "altered"
    config.calibration_file.write_bytes(b"{")
    assert bootstrap.open_profile(config) == "damaged"
    config.calibration_file.unlink()
    assert bootstrap.open_profile(config) == "missing"


def test_another_devices_signature_counts_for_nothing(config: Config, tmp_path: Path) -> None:
    calibrated(config)
    (tmp_path / "device.key").unlink()
    assert bootstrap.open_profile(config) == "altered"


def followed(
    config: Config, found: Profile | Unfit, reference_c: float = 37.0
) -> tuple[Calibrated, list[str], list[str]]:
    versions: list[str] = []
    said: list[str] = []
    return Calibrated(config, found, reference_c, said.append, versions.append), versions, said


def on(made: dict[str, bool]) -> Iterator[str]:
    return (code for code, present in made.items() if present)


def test_the_gate_uses_it_for_its_own_sensor_alone_and_says_so(config: Config) -> None:
    made = calibrated(config)
    gate, versions, said = followed(config, made)
    gate.on_frame(frame_of(made.serial), made.made_utc_ms)
    assert (versions[-1], list(on(gate.faults()))) == (made.id, [])
    gate.on_frame(frame_of("SIM-OTHER"), made.made_utc_ms)
    assert (versions[-1], list(on(gate.faults()))) == ("uncalibrated", ["calibration"])
    assert "另一个传感器" in said[-1]
    gate.on_frame(frame_of(None), made.made_utc_ms)
    assert versions[-1] == "uncalibrated"


@pytest.mark.parametrize(("policy", "version"), [("mark", "+expired"), ("ignore", "uncalibrated")])
def test_an_expired_one_is_marked_or_left_by_policy(config: Config, policy: str, version: str) -> None:
    made = calibrated(config)
    assert config.calibration.expired == "mark"
    config = config.model_copy(update={"calibration": config.calibration.model_copy(update={"expired": policy})})
    gate, versions, said = followed(config, made)
    gate.on_frame(frame_of(made.serial), made.expires_utc_ms)
    assert versions[-1].endswith(version)
    assert len(list(on(gate.faults()))) == 1
    assert "过期" in said[-1]


def test_no_calibration_is_told_and_no_fault_and_a_refused_one_is_both(config: Config) -> None:
    gate, versions, said = followed(config, "missing")
    assert (versions, list(on(gate.faults()))) == (["uncalibrated"], [])
    assert "尚未校准" in said[0]
    gate, _, said = followed(config, "altered")
    assert list(on(gate.faults())) == ["calibration"]
    made = calibrated(config)
    gate, versions, _ = followed(config, made, reference_c=36.5)
    assert (versions, list(on(gate.faults()))) == (["uncalibrated"], ["calibration"])


def test_the_certificate_is_written_and_names_the_profile(config: Config, tmp_path: Path) -> None:
    made = calibrated(config)
    assert calibrate_command.certificate(config, tmp_path / "paper", lambda line: None) == 0
    assert (tmp_path / "paper" / f"{made.id}.pdf").read_bytes().startswith(b"%PDF-")
    page = (tmp_path / "paper" / f"{made.id}.html").read_text(encoding="utf-8")
    assert page.count("<svg") == 5
    assert made.id in page
    assert "李明" in page


def test_the_code_on_the_certificate_can_be_read_and_names_the_profile(config: Config) -> None:
    made = calibrated(config)
    png = BytesIO()
    segno.make(qr_text(made), error="m").save(png, kind="png", scale=6, border=2)
    picture = cv2.imdecode(np.frombuffer(png.getvalue(), np.uint8), cv2.IMREAD_GRAYSCALE)
    assert picture is not None
    read, _, _ = cv2.QRCodeDetector().detectAndDecode(picture)
    assert read == f"foregate {made.id} sha256:{fingerprint(made.plain)}"
