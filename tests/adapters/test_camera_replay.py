"""Recordings and picture sequences play as stored; what is damaged is refused with a remedy, before its first frame."""

import errno
import io
import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.adapters.camera_replay import ReplayCamera
from edge.core.errors import RecordingError
from edge.core.frame import Frame, NoFrame, Telemetry
from edge.core.geometry import Box

SHARED = Path(__file__).parents[2] / ".." / "shared" / "thermal"
ATTRS = {
    "camera_model": "FLIR Lepton 3.5",
    "pixel_unit": "centikelvin",
    "orientation": "upright = rotate the stored frame 90 degrees clockwise",
    "reference_box": [127, 87, 139, 100],
}


def arrays(count: int = 5, **changes: Any) -> dict[str, Any]:
    frames = np.full((count, 120, 160), 29_515, dtype=np.uint16) + np.arange(count, dtype=np.uint16)[:, None, None]
    made: dict[str, Any] = {
        "frames": frames,
        "time_s": np.arange(count) * 0.115,
        "time_on_ms": (100_000 + np.arange(count) * 115).astype(np.uint32),
        "last_ffc_ms": np.full(count, 60_000, dtype=np.uint32),
        "attrs": np.array(json.dumps(ATTRS)),
    }
    made |= changes
    return {key: value for key, value in made.items() if value is not None}


def written(folder: Path, **changes: Any) -> Path:
    path = folder / "rec.npz"
    np.savez_compressed(path, **arrays(**changes))
    return path


def test_a_player_that_is_closed_in_the_middle_lets_go_of_the_file(tmp_path: Path) -> None:
    path = written(tmp_path)
    camera = ReplayCamera(path)
    camera.read(1.0)

    camera.close()

    held = [link.readlink() for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]
    assert path not in held


def attrs(**changes: Any) -> Any:
    return np.array(json.dumps(ATTRS | changes))


def played(camera: ReplayCamera) -> list[Frame]:
    frames = []
    while isinstance(got := camera.read(1.0), Frame):
        frames.append(got)
    assert got == NoFrame("ended")
    camera.close()
    return frames


def test_a_recording_plays_as_it_is_stored(tmp_path: Path) -> None:
    camera = ReplayCamera(written(tmp_path))
    frames = played(camera)

    assert camera.frame_count == 5
    assert [frame.seq for frame in frames] == [0, 1, 2, 3, 4]
    assert [int(frame.counts[0, 0]) for frame in frames] == [29_515, 29_516, 29_517, 29_518, 29_519]
    assert [frame.t_s for frame in frames] == pytest.approx([0.0, 0.115, 0.23, 0.345, 0.46])
    assert frames[1].telemetry == Telemetry(uptime_ms=100_115, last_ffc_ms=60_000)


def test_what_attrs_tell_of_the_camera(tmp_path: Path) -> None:
    info = ReplayCamera(written(tmp_path)).info

    assert (info.name, info.rows, info.columns, info.unit) == ("rec.npz", 120, 160, "centikelvin")
    assert info.rotation_deg == 90
    assert info.reference_box == Box(127, 87, 139, 100)
    assert info.reference_temperature_c is None


@pytest.mark.parametrize(
    ("changes", "rotation_deg"),
    [
        ({"orientation": "upright as stored"}, 0),
        ({"orientation": "nobody knows"}, None),
        ({"orientation": None}, None),
        ({"rotation_deg": 270}, 270),
    ],
)
def test_the_mounting_is_a_number_or_a_phrase(tmp_path: Path, changes: dict[str, Any], rotation_deg: int) -> None:
    assert ReplayCamera(written(tmp_path, attrs=attrs(**changes))).info.rotation_deg == rotation_deg


def test_a_recording_may_tell_its_references_temperature(tmp_path: Path) -> None:
    path = written(tmp_path, attrs=attrs(reference_temperature_c=37.2))

    assert ReplayCamera(path).info.reference_temperature_c == 37.2


def test_odd_counts_are_for_the_pipeline_to_judge(tmp_path: Path) -> None:
    path = written(tmp_path, frames=np.zeros((5, 120, 160), np.uint16))

    assert len(played(ReplayCamera(path))) == 5


@pytest.mark.skipif(not SHARED.is_dir(), reason="the development recordings are not beside this checkout")
def test_every_development_recording_plays_completely() -> None:
    paths = sorted(SHARED.glob("*.npz"))
    cameras = [ReplayCamera(path) for path in paths]

    assert sum(len(played(camera)) for camera in cameras) == 6_891
    turned = {camera.info.rotation_deg for camera in cameras if camera.info.unit == "centikelvin"}
    assert turned == {90}


def test_in_real_time_a_frame_comes_when_it_is_due(tmp_path: Path) -> None:
    now_s, waits = [50.0], []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        now_s[0] += seconds

    path = written(tmp_path, time_s=np.array([3.0, 3.1, 5.1, 5.2, 5.3]))
    camera = ReplayCamera(path, speed="real", now_s=lambda: now_s[0], wait=wait)
    got = [camera.read(0.5) for _ in range(6)]

    assert [one.t_s if isinstance(one, Frame) else one.reason for one in got] == [
        3.0, 3.1, "stalled", "stalled", "stalled", 5.1,
    ]  # fmt: skip
    assert waits == pytest.approx([0.1, 0.5, 0.5, 0.5, 0.5])
    assert now_s[0] == pytest.approx(52.1)


BAD: dict[str, tuple[dict[str, Any], str, str]] = {
    "8-bit frames": ({"frames": np.zeros((5, 120, 160), np.uint8)}, "8 位", "8-bit"),
    "int32 frames": ({"frames": np.zeros((5, 120, 160), np.int32)}, "uint16", "uint16"),
    "mis-shaped frames": ({"frames": np.zeros((5, 19_200), np.uint16)}, "uint16", "frames, rows, columns"),
    "tiny frames": ({"frames": np.zeros((5, 2, 160), np.uint16)}, "不是热像仪", "no thermal camera"),
    "no frames": ({"count": 0}, "一帧也没有", "not a single frame"),
    "frames missing": ({"frames": None}, "缺少 frames", "lacks frames"),
    "time_s missing": ({"time_s": None}, "缺少 time_s", "lacks time_s"),
    "attrs missing": ({"attrs": None}, "缺少 attrs", "lacks attrs"),
    "too few times": ({"time_s": np.arange(4) * 0.1}, "5 个数", "5 numbers"),
    "times as text": ({"time_s": np.array(["a"] * 5)}, "5 个数", "5 numbers"),
    "times that stand": ({"time_s": np.array([0, 0.1, 0.1, 0.2, 0.3])}, "递增", "must rise"),
    "times that go back": ({"time_s": np.array([0, 0.1, 0.05, 0.2, 0.3])}, "递增", "must rise"),
    "NaN times": ({"time_s": np.array([0, 0.1, np.nan, 0.2, 0.3])}, "NaN", "must rise"),
    "infinite times": ({"time_s": np.array([0, 0.1, 0.2, 0.3, np.inf])}, "递增", "must rise"),
    "one NaN time": ({"count": 1, "time_s": np.array([np.nan])}, "NaN", "must rise"),
    "pickled frames": ({"frames": np.array([None] * 5, dtype=object)}, "程序对象", "pickled"),
    "pickled attrs": ({"attrs": np.array({"a": 1}, dtype=object)}, "程序对象", "pickled"),
    "attrs as a number": ({"attrs": np.array(7)}, "不是一段文字", "no piece of text"),
    "attrs no JSON": ({"attrs": np.array("{")}, "不是 JSON", "no JSON"),
    "attrs nested too deep": ({"attrs": np.array("[" * 100_000)}, "不是 JSON", "no JSON"),
    "attrs a list": ({"attrs": np.array("[]")}, "JSON 对象", "JSON object"),
    "unit unknown": ({"attrs": attrs(pixel_unit="kelvin")}, "pixel_unit", "pixel_unit"),
    "unit a list": ({"attrs": attrs(pixel_unit=["centikelvin"])}, "pixel_unit", "pixel_unit"),
    "odd rotation": ({"attrs": attrs(rotation_deg=45)}, "rotation_deg", "rotation_deg"),
    "rotation a list": ({"attrs": attrs(rotation_deg=[90])}, "rotation_deg", "rotation_deg"),
    "box outside": ({"attrs": attrs(reference_box=[150, 0, 170, 10])}, "reference_box", "reference_box"),
    "box of text": ({"attrs": attrs(reference_box=["0", "0", "1", "1"])}, "reference_box", "reference_box"),
    "reference in kelvin": ({"attrs": attrs(reference_temperature_c=310.0)}, "0 … 100", "0 … 100"),
    "telemetry too short": ({"time_on_ms": np.zeros(3, np.uint32)}, "time_on_ms", "time_on_ms"),
    "telemetry of text": ({"last_ffc_ms": np.array(["x"] * 5)}, "last_ffc_ms", "last_ffc_ms"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_recordings_are_refused_in_both_languages(tmp_path: Path, case: str) -> None:
    changes, zh, en = BAD[case]

    with pytest.raises(RecordingError) as error:
        ReplayCamera(written(tmp_path, **changes))

    assert zh in error.value.zh
    assert en in error.value.en
    assert "rec.npz" in error.value.zh
    assert "rec.npz" in error.value.en


def truncated(raw: bytes) -> bytes:
    return raw[: len(raw) // 2]


def spoilt(raw: bytes) -> bytes:
    middle = len(raw) // 2
    return raw[:middle] + bytes(255 - b for b in raw[middle : middle + 64]) + raw[middle + 64 :]


@pytest.mark.parametrize(
    ("harm", "en"),
    [
        pytest.param(truncated, "incomplete or damaged", id="truncated"),
        pytest.param(spoilt, "incomplete or damaged", id="spoilt in the middle"),
        pytest.param(lambda raw: b"", "no recording", id="empty file"),
        pytest.param(lambda raw: b"hello\n", "no recording", id="a text"),
    ],
)
def test_damaged_files_are_refused_before_their_first_frame(
    tmp_path: Path, harm: Callable[[bytes], bytes], en: str
) -> None:
    noise = np.random.default_rng(1).integers(29_000, 30_000, (5, 120, 160)).astype(np.uint16)
    path = written(tmp_path, frames=noise)
    path.write_bytes(harm(path.read_bytes()))

    with pytest.raises(RecordingError, match=en):
        ReplayCamera(path)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_bytes_crash_the_player(tmp_path: Path, data: st.DataObject) -> None:
    buffer = io.BytesIO()
    np.savez(buffer, **arrays(2, frames=np.full((2, 16, 16), 29_515, np.uint16), attrs=attrs(reference_box=None)))
    raw = bytearray(buffer.getvalue())
    for _ in range(data.draw(st.integers(1, 8))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / "fuzzed.npz"
    path.write_bytes(raw)

    try:
        camera = ReplayCamera(path)
    except RecordingError:
        return
    assert len(played(camera)) == camera.frame_count


def bomb(path: Path, shape: tuple[int, ...], declared: int) -> Path:
    """An archive whose frames claim to be more than there is."""
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(  # type: ignore[no-untyped-call]  # numpy has no types here
        header, {"descr": "<u2", "fortran_order": False, "shape": shape}
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("frames.npy", "w", force_zip64=True) as member:
            member.write(header.getvalue())
            for _ in range(declared >> 20):
                member.write(bytes(1 << 20))
        for key, array in arrays().items():
            if key != "frames":
                small = io.BytesIO()
                np.save(small, array)
                archive.writestr(key + ".npy", small.getvalue())
    return path


def test_a_header_that_claims_terabytes_is_not_believed(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="at most 2"):
        ReplayCamera(bomb(tmp_path / "a.npz", (10_000_000, 1_000, 1_000), 1 << 20))
    with pytest.raises(RecordingError, match="damaged"):
        ReplayCamera(bomb(tmp_path / "b.npz", (1_000, 120, 160), 1 << 20))


def test_a_zip_that_unpacks_to_more_than_the_limit_is_not_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from edge.core import recording

    path = bomb(tmp_path / "a.npz", (100, 120, 160), 4 << 20)
    monkeypatch.setattr(recording, "MAX_BYTES", 3 << 20)

    with pytest.raises(RecordingError, match="at most 2"):
        ReplayCamera(path)


def with_member(path: Path, key: str, raw: bytes) -> Path:
    """A recording, one array of which is these bytes."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in arrays().items():
            small = io.BytesIO()
            np.save(small, array)
            archive.writestr(name + ".npy", raw if name == key else small.getvalue())
    return path


def npy(descr: str, shape: tuple[int, ...], values: bytes = b"") -> bytes:
    header = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + values


ODD: dict[str, tuple[str, bytes]] = {
    "times in a shape beyond all numbers": ("time_s", npy("<f8", (0, 10**30))),
    "attrs in a shape beyond all numbers": ("attrs", npy("<U1", (0, 10**30))),
    "telemetry in a shape beyond all numbers": ("time_on_ms", npy("<u4", (0, 10**30))),
    "frames in a shape beyond all numbers": ("frames", npy("<u2", (0, 10**30, 10**30))),
    "a quintillion texts of no length": ("attrs", npy("<U0", (10**18,))),
    "a character that is none": ("attrs", npy("<U1", (), (0x7FFFFFFF).to_bytes(4, "little"))),
    "half a character": ("attrs", npy("<U1", (), (0xD800).to_bytes(4, "little"))),
    "a header of 4 GB": ("time_s", b"\x93NUMPY\x02\x00\xff\xff\xff\xff" + b" " * 2_000_000),
    "times for 100,000 frames": ("time_s", npy("<f8", (100_000,), bytes(800_000))),
}


@pytest.mark.parametrize("case", ODD)
def test_odd_arrays_are_refused(tmp_path: Path, case: str) -> None:
    with pytest.raises(RecordingError):
        ReplayCamera(with_member(tmp_path / "rec.npz", *ODD[case]))


def test_an_array_that_nobody_asks_for_is_not_unpacked(tmp_path: Path) -> None:
    path = written(tmp_path, notes=np.zeros(1 << 20, np.uint8))

    assert len(played(ReplayCamera(path))) == 5


def test_frames_without_telemetry_share_one(tmp_path: Path) -> None:
    frames = played(ReplayCamera(written(tmp_path, time_on_ms=None, last_ffc_ms=None)))

    assert frames[0].telemetry is frames[4].telemetry
    assert frames[0].telemetry == Telemetry()


def test_a_path_that_cannot_be_opened_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(RecordingError, match="too long"):
        ReplayCamera(tmp_path / ("n" * 300 + ".npz"))
    fifo = tmp_path / "pipe.npz"
    os.mkfifo(fifo)
    with pytest.raises(RecordingError, match="there is no file"):
        ReplayCamera(fifo)

    # The superuser may look into every folder: only the answer can be imitated.
    def forbidden(path: Path) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(Path, "iterdir", forbidden)
    with pytest.raises(RecordingError, match="Permission denied") as error:
        ReplayCamera(tmp_path)
    assert "权限" in error.value.zh


def test_a_missing_file_and_an_empty_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="there is no"):
        ReplayCamera(tmp_path / "none.npz")
    with pytest.raises(RecordingError, match="no TIFF or PNG"):
        ReplayCamera(tmp_path)


def picture(count: int, dtype: Any = np.uint16, shape: tuple[int, ...] = (120, 160)) -> Any:
    return np.full(shape, count, dtype=dtype)


def test_a_folder_of_pictures_plays_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    for number in (10, 2, 1):
        cv2.imwrite(str(tmp_path / f"frame{number}.png"), picture(29_000 + number))
    cv2.imwrite(str(tmp_path / "frame11.TIFF"), picture(29_011))
    (tmp_path / "notes.txt").write_text("not a picture")
    camera = ReplayCamera(tmp_path, fps=4.0)
    frames = played(camera)

    assert [int(frame.counts[0, 0]) for frame in frames] == [29_001, 29_002, 29_010, 29_011]
    assert [frame.t_s for frame in frames] == [0.0, 0.25, 0.5, 0.75]
    assert (camera.info.rows, camera.info.columns, camera.info.rotation_deg) == (120, 160, None)


@pytest.mark.parametrize("pages", [1, 3, 70])
def test_a_file_of_many_pages_plays(tmp_path: Path, pages: int) -> None:
    path = tmp_path / "many.tif"
    cv2.imwritemulti(str(path), [picture(8_000 + page) for page in range(pages)])
    camera = ReplayCamera(path, unit="raw_counts")

    assert [int(frame.counts[0, 0]) for frame in played(camera)] == [8_000 + page for page in range(pages)]
    assert camera.info.unit == "raw_counts"


@pytest.mark.parametrize(
    ("second", "en"),
    [
        pytest.param(picture(90, np.uint8), "8-bit", id="8 bits"),
        pytest.param(picture(29_000, shape=(120, 160, 3)), "uint16", id="colour"),
        pytest.param(picture(29_000, shape=(60, 80)), "move this file away", id="another size"),
    ],
)
def test_a_picture_that_does_not_fit_is_named(tmp_path: Path, second: Any, en: str) -> None:
    cv2.imwrite(str(tmp_path / "1.png"), picture(29_000))
    cv2.imwrite(str(tmp_path / "2.png"), second)

    with pytest.raises(RecordingError, match=en) as error:
        ReplayCamera(tmp_path)

    assert "2.png" in error.value.zh


@pytest.mark.parametrize("name", ["cut.png", "cut.tif"])
def test_a_picture_file_that_is_cut_off_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    cv2.imwritemulti(str(path), [picture(29_000 + page) for page in range(4 if name.endswith("tif") else 1)])
    path.write_bytes(truncated(path.read_bytes()))

    with pytest.raises(RecordingError, match="incomplete or damaged"):
        ReplayCamera(path)


@pytest.mark.parametrize("fps", [0.0, -1.0, float("nan"), 1e9])
def test_an_impossible_rate_is_refused(tmp_path: Path, fps: float) -> None:
    cv2.imwrite(str(tmp_path / "1.png"), picture(29_000))

    with pytest.raises(RecordingError, match="frames per second"):
        ReplayCamera(tmp_path, fps=fps)


def test_a_file_that_vanishes_while_it_plays_is_an_error_not_a_crash(tmp_path: Path) -> None:
    for number in range(3):
        cv2.imwrite(str(tmp_path / f"{number}.png"), picture(29_000))
    camera = ReplayCamera(tmp_path)
    camera.read(1.0)
    (tmp_path / "1.png").unlink()

    with pytest.raises(RecordingError, match="incomplete or damaged"):
        camera.read(1.0)
