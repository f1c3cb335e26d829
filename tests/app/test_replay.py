"""`foregate replay` on recordings: every line of the contract, and bad files beside good ones."""

import json
import math
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest

from edge.app.config import Config
from edge.app.replay import replay
from edge.core.errors import ForegateError
from tests.core.scenes import face, room

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared" / "thermal"
SCHEMA = jsonschema.Draft202012Validator(json.loads((ROOT / "docs/replay.schema.json").read_text(encoding="utf-8")))
CONFIG = Config.model_validate({"camera": {"kind": "sim"}})

needs_recordings = pytest.mark.skipif(not SHARED.is_dir(), reason=f"needs the recordings in {SHARED.name}/ beside it")


def write_recording(path: Path, frames: int = 12, pictures: Any = None, **changes: Any) -> Path:
    """A recording of a room with its reference and a drawn face, stored upright."""
    drawn = []
    for k in range(frames):
        picture = room(k)
        face(picture, 40, 30, 34, 35.0)
        drawn.append(np.rint((picture + 273.15) * 100).astype(np.uint16))
    attrs = {"pixel_unit": "centikelvin", "orientation": "upright as stored", "reference_temperature_c": 37.0}
    parts = {
        "frames": np.stack(drawn) if drawn else np.zeros((0, 160, 120), np.uint16),
        "time_s": np.arange(frames) * 0.114,
        "attrs": np.array(json.dumps(attrs)),
        **({} if pictures is None else {"frames": pictures}),
        **changes,
    }
    np.savez_compressed(path, **parts)
    return path


def events_of(paths: list[Path], tmp_path: Path, config: Config = CONFIG) -> tuple[int, list[dict[str, Any]]]:
    out = tmp_path / "events.jsonl"
    refused = replay(paths, config, str(out))
    return refused, [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]


def check(events: list[dict[str, Any]]) -> None:
    for event in events:
        SCHEMA.validate(event)
        for told in event.get("faces", ()):
            parts = told["u_parts_k"]
            assert (parts is None) == (told["u_c"] is None)
            assert parts is None or math.hypot(*parts.values()) == pytest.approx(told["u_c"], abs=0.003)


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """Events of four recordings: one person, several, a shutter event, a wildlife camera's raw counts."""
    folder = tmp_path_factory.mktemp("replay")
    paths = [SHARED / f"rec{n:02d}.npz" for n in (1, 11, 46, 55)]
    _, events = events_of(paths, folder)
    return events


def test_every_frame_has_its_line_and_every_line_keeps_the_contract(tmp_path: Path) -> None:
    refused, events = events_of([write_recording(tmp_path / "a.npz")], tmp_path)
    check(events)
    assert refused == 0
    assert [e["seq"] for e in events if e["kind"] == "frame"] == list(range(12))
    assert {e["recording"] for e in events} == {"a"}


def test_a_bad_recording_is_named_and_the_others_are_played(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good = write_recording(tmp_path / "good.npz")
    truncated = tmp_path / "truncated.npz"
    truncated.write_bytes(good.read_bytes()[:-2000])
    bad = [
        truncated,
        write_recording(tmp_path / "misshaped.npz", frames=1, time_s=np.arange(3.0)),
        write_recording(tmp_path / "eightbit.npz", pictures=np.zeros((12, 160, 120), np.uint8)),
        write_recording(tmp_path / "empty.npz", frames=0),
        tmp_path / "absent.npz",
    ]
    refused, events = events_of([*bad, good], tmp_path)
    said = capsys.readouterr().err
    assert refused == len(bad)
    assert {e["recording"] for e in events} == {"good"}
    for path in bad:
        # Each is named, then told in Chinese and in English.
        after = said[said.index(f"{path}:\n") :].splitlines()
        assert any("一" <= letter <= "鿿" for letter in after[1])
        assert after[2].isascii()


def test_two_files_of_one_name_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    paths = [write_recording(tmp_path / "a.npz", 2), write_recording(tmp_path / "x" / "a.npz", 2)]
    _, events = events_of(paths, tmp_path)
    assert {e["recording"] for e in events} == {str(p) for p in paths}


def test_events_never_overwrite_a_recording(tmp_path: Path) -> None:
    recording = write_recording(tmp_path / "a.npz", 2)
    before = recording.read_bytes()
    (tmp_path / "link.jsonl").symlink_to(recording)
    for name in ("a.npz", "link.jsonl"):
        with pytest.raises(ForegateError, match="not overwritten"):
            replay([recording], CONFIG, str(tmp_path / name))
    assert recording.read_bytes() == before


def test_events_that_cannot_be_written_are_an_error_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(ForegateError, match="can be written"):
        replay([write_recording(tmp_path / "a.npz", 2)], CONFIG, str(tmp_path / "no" / "such" / "folder"))


def test_a_full_disk_under_the_events_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(ForegateError, match="free disk space"):
        replay([write_recording(tmp_path / "a.npz")], CONFIG, "/dev/full")


@needs_recordings
def test_real_recordings_keep_the_contract(real: list[dict[str, Any]]) -> None:
    check(real)
    frames = {name: sum(e["kind"] == "frame" and e["recording"] == name for e in real) for name in ("rec01", "rec55")}
    assert frames == {"rec01": 149, "rec55": 12}


@needs_recordings
def test_a_real_shutter_event_is_not_measured_through(real: list[dict[str, Any]]) -> None:
    frames = [e for e in real if e["kind"] == "frame" and e["recording"] == "rec11"]
    assert {e["status"] for e in frames} >= {"ok", "settling"}
    assert frames[-1]["status"] == "settling"


@needs_recordings
def test_real_people_are_read_against_the_reference(real: list[dict[str, Any]]) -> None:
    for name in ("rec01", "rec46"):
        passed = [e for e in real if e["kind"] == "passage" and e["recording"] == name and e["forehead_c"] is not None]
        assert len(passed) == 1
        assert 33.0 < passed[0]["forehead_c"] < 38.0
        assert passed[0]["face_max_c"] >= passed[0]["forehead_c"] - 0.3


@needs_recordings
def test_raw_counts_are_never_given_a_temperature(real: list[dict[str, Any]]) -> None:
    frames = [e for e in real if e["kind"] == "frame" and e["recording"] == "rec55"]
    assert {e["status"] for e in frames} == {"no_reference"}


@needs_recordings
def test_turning_a_recording_with_its_configuration_changes_nothing(tmp_path: Path) -> None:
    with np.load(SHARED / "rec46.npz") as z:
        parts = {k: z[k] for k in z.files}
    turned = tmp_path / "turned.npz"
    np.savez(turned, **{**parts, "frames": np.rot90(parts["frames"], -1, axes=(1, 2))})
    upright = Config.model_validate({"camera": {"kind": "sim", "rotation_deg": 0}})
    _, a = events_of([SHARED / "rec46.npz"], tmp_path)
    _, b = events_of([turned], tmp_path, upright)
    one, other = ([e for e in events if e["kind"] == "passage"] for events in (a, b))
    assert [p["verdict"] for p in one] == [p["verdict"] for p in other]
    assert [p["forehead_c"] for p in one] == pytest.approx([p["forehead_c"] for p in other], abs=0.05)
