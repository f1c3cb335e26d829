"""LeptonCamera on the real flirpy, OpenCV and uvcvideo, and a simulated PureThermal board: run in the guest.

`make rig` runs it from the host (tools/rig.sh). Standard library's unittest: the guest has no other test runner.
Times are the guest's, whose processor may be emulated: they bound what may take how long, and measure nothing.
"""

import os
import subprocess
import sys
import tempfile
import time
import unittest
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np

from edge.adapters.camera_flirpy import LeptonCamera
from edge.adapters.camera_replay import ReplayCamera
from edge.adapters.recording import RecordingWriter
from edge.core.frame import Counts, Frame, NoFrame
from tests.adapters.lepton_images import CLOSED, lepton_image

RECORDING = Path("/src/shared/thermal/rec01.npz")
READ_S = 1.0
# The port's promise: a read comes back within its timeout and half a second, whatever the device does.
LATE_S = 0.5


def board(*command: str) -> None:
    subprocess.run(["rig-lepton", "ctl", *command], check=True, stdout=subprocess.DEVNULL)


def plug(verb: str) -> None:
    subprocess.run(["systemctl", "start" if verb == "in" else "stop", "rig-camera"], check=True)


class Guest(unittest.TestCase):
    def setUp(self) -> None:
        plug("in")
        self._calm()
        self.addCleanup(self._calm)
        self.camera = LeptonCamera()
        self.addCleanup(self.camera.close)

    def _calm(self) -> None:
        # A board that was just plugged in takes a moment to listen.
        for _ in range(50):
            if subprocess.run(["rig-lepton", "ctl", "synth"], capture_output=True, check=False).returncode == 0:
                break
            time.sleep(0.1)
        board("run")
        board("fpa", "307.15")

    def read(self) -> Frame | NoFrame:
        began_s = time.monotonic()
        got = self.camera.read(READ_S)
        took_s = time.monotonic() - began_s
        assert took_s < READ_S + LATE_S, f"a read took {took_s:.2f} s"
        return got

    def until(self, wanted: Callable[[Frame | NoFrame], bool], within_s: float = 30.0) -> Frame | NoFrame:
        end_s = time.monotonic() + within_s
        seen: dict[str, int] = {}
        while time.monotonic() < end_s:
            got = self.read()
            if wanted(got):
                return got
            what = f"{got.reason}: {got.detail}" if isinstance(got, NoFrame) else "frame"
            seen[what] = seen.get(what, 0) + 1
        raise AssertionError(f"not within {within_s} s; came instead: {seen}")

    def frame(self, within_s: float = 30.0) -> Frame:
        got = self.until(lambda got: isinstance(got, Frame), within_s)
        assert isinstance(got, Frame)
        return got

    def refused(self, reason: str, within_s: float = 30.0) -> NoFrame:
        got = self.until(lambda got: isinstance(got, NoFrame) and got.reason == reason, within_s)
        assert isinstance(got, NoFrame)
        return got

    def play(self, frames: list[Counts]) -> None:
        path = Path(tempfile.mkdtemp()) / "frames.npy"
        np.save(path, np.stack(frames))
        board("play", str(path), "8.7")

    def test_frames_come_with_telemetry_fresh_and_in_order(self) -> None:
        got = [self.frame() for _ in range(20)]

        assert [frame.seq for frame in got] == list(range(20))
        assert all(a.t_s < b.t_s for a, b in pairwise(got))
        assert time.monotonic() - got[-1].t_s < 1.0
        hottest_c = got[-1].counts.max() / 100 - 273.15
        assert abs(hottest_c - 36.6) < 0.2
        telemetry = got[-1].telemetry
        assert (telemetry.shutter, telemetry.gain, telemetry.tlinear) == ("open", "unknown", None)
        assert abs((telemetry.fpa_c or 0.0) - 34.0) < 0.01
        assert (telemetry.frame_counter or 0) > (got[0].telemetry.frame_counter or 0)

    def test_nothing_old_comes_after_a_pause_of_the_reader(self) -> None:
        self.frame()
        time.sleep(3.0)

        assert time.monotonic() - self.frame().t_s < 1.0

    def test_a_stream_that_freezes_stalls_and_comes_back(self) -> None:
        self.frame()
        board("freeze")
        self.refused("stalled")
        # Past OpenCV's own timeouts, so that the object is given up and opened anew.
        for _ in range(8):
            self.read()
        board("run")

        self.frame()

    def test_a_still_picture_is_seen(self) -> None:
        self.frame()
        board("still")
        self.refused("repeated")
        board("run")

        self.frame()

    def test_short_frames_stall_and_the_next_whole_ones_come(self) -> None:
        self.frame()
        board("short")
        self.refused("stalled")
        board("run")

        self.frame()

    def test_the_shutter_is_told_while_it_is_closed_and_dated_afterwards(self) -> None:
        before = self.frame().telemetry
        board("ffc", "2")
        self.until(lambda got: isinstance(got, Frame) and got.telemetry.shutter == "closed")
        after = self.until(lambda got: isinstance(got, Frame) and got.telemetry.shutter == "open")

        assert isinstance(after, Frame)
        assert (after.telemetry.last_ffc_ms or 0) > (before.last_ffc_ms or 0)

    def test_a_hot_sensor_reads_hot(self) -> None:
        board("fpa", "330")

        self.until(lambda got: isinstance(got, Frame) and abs((got.telemetry.fpa_c or 0) - 56.85) < 0.01)

    def test_unplugged_and_plugged_in_again(self) -> None:
        self.frame()
        plug("out")
        self.refused("not_connected")
        plug("in")

        self.frame()

    def test_it_comes_back_as_another_video_node(self) -> None:
        self.frame()
        # Somebody who does not let go of the dead node makes the kernel choose another one.
        pinned = os.open("/dev/video0", os.O_RDWR)
        self.addCleanup(plug, "in")
        self.addCleanup(plug, "out")
        self.addCleanup(os.close, pinned)
        plug("out")
        self.refused("not_connected")
        plug("in")
        self.frame()

        assert not Path("/sys/class/video4linux/video0").exists(), "the test did not force another node"

    def test_a_recording_that_is_played_comes_through(self) -> None:
        replay = ReplayCamera(RECORDING)
        stored = [got.counts for _ in range(40) if isinstance(got := replay.read(1.0), Frame)]
        replay.close()
        self.play(stored)
        places = {picture.tobytes(): place for place, picture in enumerate(stored)}
        self.until(lambda got: isinstance(got, Frame) and got.counts.tobytes() in places)

        seen = [places[self.frame().counts.tobytes()] for _ in range(15)]

        steps = [(b - a) % len(stored) for a, b in pairwise(seen)]
        assert all(1 <= step <= 5 for step in steps), f"out of order: {seen}"

    def test_a_live_camera_is_recorded_and_replayed(self) -> None:
        path = Path(tempfile.mkdtemp()) / "live.npz"
        with RecordingWriter(path, self.camera.info, {"software_version": "rig"}) as writer:
            live = [self.frame() for _ in range(10)]
            for frame in live:
                writer.append(frame)

        replay = ReplayCamera(path)
        for before in live:
            after = replay.read(1.0)
            assert isinstance(after, Frame)
            assert (after.counts == before.counts).all()
            assert after.telemetry == before.telemetry

    def test_the_modes_of_the_sensor_are_checked(self) -> None:
        self.frame()
        for words, reason in (({"gain": 1}, "low_gain"), ({"tlinear": 0}, "not_radiometric")):
            with self.subTest(reason):
                self.play([lepton_image(counter, **words) for counter in range(1, 20)])
                self.refused(reason)
        with self.subTest("raw counts without telemetry's row C"):
            self.play([np.full((120, 160), 8_000 + n, np.uint16) for n in range(5)])
            self.refused("not_radiometric")
        with self.subTest("the shutter as the sensor tells it"):
            self.play([lepton_image(counter, status=CLOSED) for counter in range(1, 20)])
            self.until(lambda got: isinstance(got, Frame) and got.telemetry.shutter == "closed")

    def test_another_program_has_it_then_lets_go(self) -> None:
        self.frame()
        second = LeptonCamera()
        self.addCleanup(second.close)
        refusals = [second.read(READ_S) for _ in range(5)]
        assert all(isinstance(got, NoFrame) for got in refusals), refusals
        self.frame()
        self.camera.close()

        self.camera = second
        self.frame()

    def test_without_permission_the_group_is_named(self) -> None:
        asked = (
            "from edge.adapters.camera_flirpy import LeptonCamera\n"
            "camera = LeptonCamera()\n"
            "while True: camera.read(1.0)\n"
        )
        done = subprocess.run(
            ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", sys.executable, "-c", asked],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

        assert "CameraError" in done.stderr, done.stderr
        assert "belongs to the group video" in done.stderr
        assert "usermod -aG" in done.stderr


if __name__ == "__main__":
    unittest.main(verbosity=2)
