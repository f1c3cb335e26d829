"""What was seen is not lost: neither to a disk that fills while a recording is packed, nor to a killed program."""

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.adapters.camera_replay import ReplayCamera
from edge.adapters.recording import RecordingWriter, leftovers, recover
from edge.core.errors import RecordingError
from edge.core.frame import Frame, Telemetry
from tests.adapters.test_recording import EXTRA, INFO, frame, played
from tests.fakes.mounts import CAN_MOUNT, with_mount

ROOT = Path(__file__).parents[2]


def spools(folder: Path) -> list[Path]:
    return sorted(folder.glob(".*.spool"))


def interrupted(path: Path, *frames: Frame) -> Path:
    """The spool of a recording whose program was killed: nobody holds it, nobody has packed it."""
    writer = RecordingWriter(path, INFO, EXTRA)
    for one in frames:
        writer.append(one)
    (spool,) = spools(path.parent)
    copy = spool.read_bytes()
    writer.discard()
    spool.write_bytes(copy)
    return spool


def full(fd: int) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_recording_that_cannot_be_packed_stays_and_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = [frame(n, telemetry=Telemetry(uptime_ms=n, fpa_c=30.25 + n)) for n in range(3)]

    def record_onto_a_full_disk() -> None:
        with RecordingWriter(tmp_path / "rec.npz", INFO, EXTRA) as writer:
            for one in seen:
                writer.append(one)
            monkeypatch.setattr(os, "fsync", full)

    with pytest.raises(RecordingError, match="No space left") as error:
        record_onto_a_full_disk()

    (spool,) = spools(tmp_path)
    for text in (error.value.zh, error.value.en):
        assert str(spool) in text
    assert "腾出空间" in error.value.zh
    assert "make space" in error.value.en
    assert os.listdir(tmp_path) == [spool.name], "no half-packed file stays"
    monkeypatch.undo()
    camera = ReplayCamera(recover(spool))
    assert [one.telemetry for one in played(camera)] == [one.telemetry for one in seen]
    assert os.listdir(tmp_path) == ["rec.npz"]


def test_ctrl_c_while_it_is_packed_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def ctrl_c(fd: int) -> None:
        raise KeyboardInterrupt

    def record() -> None:
        with RecordingWriter(tmp_path / "rec.npz", INFO, EXTRA) as writer:
            writer.append(frame(0))
            monkeypatch.setattr(os, "fsync", ctrl_c)

    with pytest.raises(KeyboardInterrupt):
        record()

    monkeypatch.undo()
    (spool,) = spools(tmp_path)
    assert str(spool) in caplog.text
    assert len(played(ReplayCamera(recover(spool)))) == 1


KILLED = """
import sys
from pathlib import Path
from edge.adapters.recording import RecordingWriter
from tests.adapters.test_recording import EXTRA, INFO, frame

writer = RecordingWriter(Path(sys.argv[1]), INFO, EXTRA)
for n in range(4):
    writer.append(frame(n))
print("recorded", flush=True)
sys.stdin.read()
"""


def test_after_kill_9_every_frame_is_recovered_and_before_it_the_spool_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "rec.npz"
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, str(path)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as recorder:
        assert recorder.stdout is not None
        assert recorder.stdout.readline() == "recorded\n"
        (spool,) = spools(tmp_path)
        with pytest.raises(RecordingError, match="still being recorded"):
            recover(spool)
        assert leftovers(tmp_path) == []
        recorder.send_signal(signal.SIGKILL)

    assert leftovers(tmp_path) == [spool]
    assert recover(spool) == path
    again = played(ReplayCamera(path))

    assert [int(one.counts[0, 0]) for one in again] == [29_500, 29_501, 29_502, 29_503]
    assert [one.t_s for one in again] == pytest.approx([0.0, 0.115, 0.23, 0.345])
    assert again[3].telemetry == frame(3).telemetry
    assert os.listdir(tmp_path) == ["rec.npz"]


def test_the_next_recording_in_the_folder_recovers_it_first(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    interrupted(tmp_path / "first.npz", frame(0), frame(1))

    with RecordingWriter(tmp_path / "second.npz", INFO, EXTRA) as writer:
        writer.append(frame(7))

    assert sorted(os.listdir(tmp_path)) == ["first.npz", "second.npz"]
    assert len(played(ReplayCamera(tmp_path / "first.npz"))) == 2
    assert "first.npz" in caplog.text


def test_a_second_try_under_the_same_name_does_not_replace_what_was_recovered(tmp_path: Path) -> None:
    interrupted(tmp_path / "rec.npz", frame(0), frame(1))

    with pytest.raises(RecordingError, match="recovered just now"):
        RecordingWriter(tmp_path / "rec.npz", INFO, EXTRA)

    assert os.listdir(tmp_path) == ["rec.npz"]


def test_a_name_that_was_taken_meanwhile_gets_a_number(tmp_path: Path) -> None:
    spool = interrupted(tmp_path / "rec.npz", frame(0))
    (tmp_path / "rec.npz").write_bytes(b"somebody's")
    (tmp_path / "rec-2.npz").write_bytes(b"somebody's")

    assert recover(spool) == tmp_path / "rec-3.npz"
    assert (tmp_path / "rec.npz").read_bytes() == b"somebody's"


def test_a_disk_that_is_still_full_refuses_the_next_recording_and_keeps_the_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool = interrupted(tmp_path / "first.npz", frame(0))
    monkeypatch.setattr(os, "fsync", full)

    with pytest.raises(RecordingError, match="No space left") as error:
        RecordingWriter(tmp_path / "second.npz", INFO, EXTRA)

    assert str(spool) in error.value.zh
    assert os.listdir(tmp_path) == [spool.name]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(share=st.floats(0.0, 1.0))
def test_wherever_the_disk_ended_the_whole_frames_are_recovered(tmp_path: Path, share: float) -> None:
    for old in tmp_path.iterdir():
        old.unlink()
    spool = interrupted(tmp_path / "rec.npz", *(frame(n) for n in range(4)))
    raw = spool.read_bytes()
    frame_bytes = 512 + INFO.rows * INFO.columns * 2
    kept_bytes = round(len(raw) * share)
    whole = max(0, 4 - -(-(len(raw) - kept_bytes) // frame_bytes))
    spool.write_bytes(raw[:kept_bytes])

    if whole == 0:
        with pytest.raises(RecordingError, match=r"no spool|delete this file"):
            recover(spool)
        return
    assert len(played(ReplayCamera(recover(spool)))) == whole


def test_a_frame_that_the_disk_lost_in_the_middle_is_left_out(tmp_path: Path) -> None:
    spool = interrupted(tmp_path / "rec.npz", *(frame(n) for n in range(4)))
    raw = bytearray(spool.read_bytes())
    last_but_one = len(raw) - 2 * (512 + INFO.rows * INFO.columns * 2)
    raw[last_but_one + 600 : last_but_one + 900] = bytes(300)
    spool.write_bytes(raw)

    again = played(ReplayCamera(recover(spool)))

    assert [int(one.counts[0, 0]) for one in again] == [29_500, 29_501, 29_503]


def test_what_is_no_spool_of_ours_is_left_alone(tmp_path: Path) -> None:
    blank = interrupted(tmp_path / "blank.npz")
    (tmp_path / ".mail.spool").write_bytes(b"somebody's")

    with RecordingWriter(tmp_path / "rec.npz", INFO, EXTRA) as writer:
        writer.append(frame(0))

    assert sorted(os.listdir(tmp_path)) == [".mail.spool", "rec.npz"], f"{blank.name} held nothing"
    with pytest.raises(RecordingError, match="no spool"):
        recover(tmp_path / ".mail.spool")
    with pytest.raises(RecordingError, match="cannot be recovered"):
        recover(tmp_path / ".none.spool")


SMALL_DISK = """
import os, sys
from pathlib import Path
import numpy as np
from edge.adapters.camera_replay import ReplayCamera
from edge.adapters.recording import RecordingWriter
from edge.core.errors import RecordingError
from edge.core.frame import CameraInfo, Frame

folder, info = Path(sys.argv[1]), CameraInfo("FLIR Lepton 3.5", rows=120, columns=160)
rng = np.random.default_rng(1)
try:
    with RecordingWriter(folder / "noise.npz", info, {}) as writer:
        for n in range(150):
            # Noise does not get smaller by being packed: 5.8 MB and again 5.8 MB are more than the disk has.
            writer.append(Frame(rng.integers(0, 65_536, (120, 160)).astype(np.uint16), n, n * 0.115))
except RecordingError as error:
    (spool,) = folder.glob(".*.spool")
    assert str(spool) in error.en and "No space left" in error.en, error
    assert os.listdir(folder) == [spool.name], os.listdir(folder)
else:
    raise AssertionError("it fitted")
os.system(f"mount -o remount,size=32m {folder}")
with RecordingWriter(folder / "next.npz", info, {}) as writer:
    writer.append(Frame(np.full((120, 160), 29_515, np.uint16), 0, 0.0))
print(ReplayCamera(folder / "noise.npz").frame_count, sorted(os.listdir(folder)))
"""


@pytest.mark.skipif(not CAN_MOUNT, reason="only root may mount a small disk")
def test_a_disk_of_8_mb_that_fills_while_5_mb_are_packed(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    done = subprocess.run(
        with_mount(f"mount -t tmpfs -o size=8m tmpfs {disk}", sys.executable, "-c", SMALL_DISK, str(disk)),
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip

    assert done.stdout == "150 ['next.npz', 'noise.npz']\n", done.stderr


def test_a_moment_without_a_number_is_no_time(tmp_path: Path) -> None:
    writer = RecordingWriter(tmp_path / "rec.npz", INFO, EXTRA)

    with pytest.raises(RecordingError, match="not later"):
        writer.append(frame(0, t_s=float("inf")))

    writer.discard()


def test_what_is_noted_with_it_is_never_too_long_to_be_played(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="shorten it"):
        RecordingWriter(tmp_path / "rec.npz", INFO, {"notes": "x" * 300_000})

    assert os.listdir(tmp_path) == []
