"""What a camera delivered is what its recording plays, and a recording is whole or not there."""

import errno
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.adapters.camera_replay import ReplayCamera
from edge.adapters.recording import RecordingWriter
from edge.core.errors import RecordingError
from edge.core.frame import CameraInfo, Frame, Telemetry
from edge.core.geometry import Box

INFO = CameraInfo("FLIR Lepton 3.5", rows=16, columns=20)
EXTRA = {"software_version": "0.1.0"}


def frame(n: int, **changes: Any) -> Frame:
    given: dict[str, Any] = {
        "counts": np.full((INFO.rows, INFO.columns), 29_500 + n, np.uint16),
        "seq": n,
        "t_s": 1_000.0 + n * 0.115,
        "telemetry": Telemetry(uptime_ms=5_000 + n * 115, last_ffc_ms=1_000, shutter="open"),
    }
    return Frame(**given | changes)


def recorded(path: Path, *frames: Frame, info: CameraInfo = INFO) -> ReplayCamera:
    with RecordingWriter(path, info, EXTRA) as writer:
        for one in frames:
            writer.append(one)
    return ReplayCamera(path)


def played(camera: ReplayCamera) -> list[Frame]:
    frames = [got for _ in range(camera.frame_count) if isinstance(got := camera.read(1.0), Frame)]
    camera.close()
    return frames


words32 = st.integers(0, 2**32 - 1)
degrees = st.floats(-40.0, 150.0)
telemetries = st.builds(
    Telemetry,
    uptime_ms=st.none() | words32,
    last_ffc_ms=st.none() | words32,
    frame_counter=st.none() | words32,
    shutter=st.sampled_from(["unknown", "open", "imminent", "closed"]),
    fpa_c=st.none() | degrees,
    fpa_at_ffc_c=st.none() | degrees,
    gain=st.sampled_from(["unknown", "high", "low", "auto"]),
    tlinear=st.none() | st.booleans(),
    emissivity=st.none() | st.floats(0.01, 1.0),
)
infos = st.builds(
    CameraInfo,
    name=st.just("rec.npz"),
    rows=st.just(INFO.rows),
    columns=st.just(INFO.columns),
    unit=st.sampled_from(["centikelvin", "raw_counts"]),
    rotation_deg=st.sampled_from([None, 0, 90, 180, 270]),
    reference_box=st.none() | st.just(Box(1.0, 2.5, 8.0, 9.0)),
    reference_temperature_c=st.none() | st.floats(0.0, 100.0),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    info=infos,
    telemetry=st.lists(telemetries, min_size=1, max_size=5),
    counts=st.integers(0, 2**32 - 1),
    start_s=st.floats(0.0, 1e7),
)
def test_a_recording_plays_what_was_seen(
    tmp_path: Path, info: CameraInfo, telemetry: list[Telemetry], counts: int, start_s: float
) -> None:
    path = tmp_path / "rec.npz"
    path.unlink(missing_ok=True)
    pictures = np.random.default_rng(counts).integers(0, 65_536, (len(telemetry), 16, 20)).astype(np.uint16)
    seen = [
        Frame(picture, n, start_s + n * 0.115, info.unit, one)
        for n, (picture, one) in enumerate(zip(pictures, telemetry, strict=True))
    ]

    camera = recorded(path, *seen, info=info)
    again = played(camera)

    assert camera.info == info
    assert len(again) == len(seen)
    for before, after in zip(seen, again, strict=True):
        assert (after.counts == before.counts).all()
        assert (after.seq, after.unit) == (before.seq, before.unit)
        assert after.t_s == pytest.approx(before.t_s - start_s, abs=1e-6)
        for field in Telemetry.__dataclass_fields__:
            told_with_every_frame = all(getattr(one, field) is not None for one in telemetry)
            if told_with_every_frame or field == "tlinear":
                assert getattr(after.telemetry, field) == getattr(before.telemetry, field), field


def test_numpy_reads_it_with_the_documented_keys(tmp_path: Path) -> None:
    path = tmp_path / "rec.npz"
    recorded(path, frame(0), frame(1), info=CameraInfo("FLIR Lepton 3.5", 16, 20, rotation_deg=90))

    with np.load(path, allow_pickle=False) as archive:
        assert set(archive.files) == {"frames", "time_s", "time_on_ms", "last_ffc_ms", "shutter", "attrs"}
        assert archive["frames"].shape == (2, 16, 20)
        told = json.loads(str(archive["attrs"]))
    assert told["software_version"] == "0.1.0"
    assert told["orientation"] == "upright = rotate the stored frame 90 degrees clockwise"
    assert (told["pixel_unit"], told["camera_model"]) == ("centikelvin", "FLIR Lepton 3.5")


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "rec.npz"
    path.write_bytes(b"somebody's")

    with pytest.raises(RecordingError, match="not overwritten"):
        RecordingWriter(path, INFO, EXTRA)

    assert path.read_bytes() == b"somebody's"
    assert os.listdir(tmp_path) == ["rec.npz"]


@pytest.mark.parametrize("links", [True, False], ids=["ext4", "FAT"])
def test_a_file_that_appears_meanwhile_is_not_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    if not links:
        monkeypatch.setattr(os, "link", refuse_links)
    path = tmp_path / "rec.npz"
    writer = RecordingWriter(path, INFO, EXTRA)
    writer.append(frame(0))
    path.write_bytes(b"somebody's")

    with pytest.raises(RecordingError, match="not overwritten"):
        writer.finish()

    assert path.read_bytes() == b"somebody's"
    path.unlink()
    writer.finish()
    assert ReplayCamera(path).frame_count == 1


def refuse_links(*_: object) -> None:
    raise OSError(errno.EPERM, os.strerror(errno.EPERM))


def test_memory_sticks_have_no_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "link", refuse_links)

    assert recorded(tmp_path / "rec.npz", frame(0)).frame_count == 1
    assert os.listdir(tmp_path) == ["rec.npz"]


def test_the_name_stands_for_a_whole_recording_only(tmp_path: Path) -> None:
    path = tmp_path / "rec.npz"
    shares: list[float] = []

    def hear(share: float) -> None:
        shares.append(share)
        assert not path.exists(), "there too early"

    writer = RecordingWriter(path, INFO, EXTRA)
    writer.append(frame(0))
    assert not path.exists()

    writer.finish(hear)

    assert shares[-1] == 1.0
    assert os.listdir(tmp_path) == ["rec.npz"]


def test_what_was_seen_before_an_error_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "rec.npz"

    def record_until_ctrl_c() -> None:
        with RecordingWriter(path, INFO, EXTRA) as writer:
            writer.append(frame(0))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        record_until_ctrl_c()

    assert ReplayCamera(path).frame_count == 1


def test_nothing_seen_is_no_recording(tmp_path: Path) -> None:
    with (
        pytest.raises(RecordingError, match="not a single frame"),
        RecordingWriter(tmp_path / "rec.npz", INFO, EXTRA),
    ):
        pass

    assert os.listdir(tmp_path) == []


def test_a_full_disk_while_recording_loses_no_earlier_frame(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "rec.npz"
    writer = RecordingWriter(path, INFO, EXTRA)
    writer.append(frame(0))
    real = os.pwrite

    def half(fd: int, data: bytes, offset: int) -> int:
        return real(fd, data[: len(data) // 2], offset)

    monkeypatch.setattr(os, "pwrite", half)
    with pytest.raises(RecordingError, match="No space left") as error:
        writer.append(frame(1))
    assert "磁盘空间" in error.value.zh
    monkeypatch.undo()
    writer.append(frame(2))
    writer.finish()

    assert [int(one.counts[0, 0]) for one in played(ReplayCamera(path))] == [29_500, 29_502]


def test_a_disk_that_is_full_at_the_end_may_be_given_space(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "rec.npz"
    writer = RecordingWriter(path, INFO, EXTRA)
    writer.append(frame(0))

    def full(fd: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(RecordingError, match="No space left"):
        writer.finish()
    assert not path.exists()
    assert len(os.listdir(tmp_path)) == 1, "the frames wait, the part is gone"

    monkeypatch.undo()
    assert ReplayCamera(writer.finish()).frame_count == 1


@pytest.mark.parametrize(
    ("changes", "en"),
    [
        ({"counts": np.zeros((20, 16), np.uint16)}, "not this camera's"),
        ({"counts": np.zeros((16, 20), np.uint8)}, "not this camera's"),
        ({"unit": "raw_counts"}, "not this camera's"),
        ({"t_s": 1_000.0}, "not later"),
        ({"t_s": float("nan")}, "not later"),
    ],
)
def test_a_frame_that_does_not_fit_is_refused(tmp_path: Path, changes: dict[str, Any], en: str) -> None:
    writer = RecordingWriter(tmp_path / "rec.npz", INFO, EXTRA)
    writer.append(frame(0))

    with pytest.raises(RecordingError, match=en):
        writer.append(frame(1, **changes))

    assert writer.frame_count == 1
    writer.discard()
    assert os.listdir(tmp_path) == []


def test_a_first_frame_without_a_time_is_refused(tmp_path: Path) -> None:
    writer = RecordingWriter(tmp_path / "rec.npz", INFO, EXTRA)

    with pytest.raises(RecordingError, match="not later"):
        writer.append(frame(0, t_s=float("nan")))

    writer.discard()


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="check the disk's space and the folder"):
        RecordingWriter(tmp_path / "none" / "rec.npz", INFO, EXTRA)
    with pytest.raises(RecordingError, match=r"must end in \.npz"):
        RecordingWriter(tmp_path / "rec.zip", INFO, EXTRA)


def test_a_recording_that_reached_the_limit_plays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from edge.adapters import recording
    from edge.core import recording as rules

    limit_bytes = 4 * INFO.rows * INFO.columns * 2
    for module in (recording, rules):
        monkeypatch.setattr(module, "MAX_BYTES", limit_bytes)
    path = tmp_path / "rec.npz"

    def record_until_refused() -> None:
        with RecordingWriter(path, INFO, EXTRA) as writer:
            for n in range(5):
                writer.append(frame(n))

    with pytest.raises(RecordingError, match="begin another one"):
        record_until_refused()

    assert len(played(ReplayCamera(path))) == 4
