"""`foregate record`: what the configured camera sees, into a recording that `foregate replay` plays."""

import sys
import threading
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from tqdm import tqdm

from edge.adapters.recording import RecordingWriter
from edge.app import bootstrap
from edge.app.config import Config
from edge.app.settings import pipeline_settings
from edge.core.errors import CameraError
from edge.core.frame import Frame

READ_TIMEOUT_S = 0.5
# The clip is short and somebody waits before the camera: a camera that brings nothing for so long is not there.
PATIENCE_S = 15.0


def record(config: Config, out: Path, seconds: float, stop: threading.Event) -> int:
    """Record for so many seconds (or until `stop` or the source's end); the number of frames written.

    CameraError: no picture came. RecordingError: the file cannot be written.
    """
    clock = bootstrap.open_clock()
    with closing(bootstrap.open_camera(config, clock)) as camera:
        settings = pipeline_settings(config, camera.info)
        told_c, told_box = config.reference.temperature_c, config.reference.box
        known = replace(
            camera.info,
            rotation_deg=settings.rotation_deg,
            reference_temperature_c=camera.info.reference_temperature_c if told_c is None else told_c,
            reference_box=told_box or camera.info.reference_box,
        )
        with RecordingWriter(out, known, {"software": bootstrap.software_version()}) as writer:
            began_s = last_s = clock.now_s()
            with tqdm(total=seconds, unit="s", disable=None, file=sys.stderr, bar_format="{l_bar}{bar}") as bar:
                while not stop.is_set() and clock.now_s() - began_s < seconds:
                    got = camera.read(READ_TIMEOUT_S)
                    if isinstance(got, Frame):
                        writer.append(got)
                        last_s = clock.now_s()
                    elif got.reason == "ended":
                        break
                    elif clock.now_s() - last_s > PATIENCE_S:
                        raise _no_picture(got.reason)
                    bar.update(min(seconds, clock.now_s() - began_s) - bar.n)
            frames = writer.frame_count
    print(f"已录 {frames} 帧 / {frames} frames: {out}", file=sys.stderr)
    return frames


def _no_picture(reason: str) -> CameraError:
    return CameraError(
        f"相机已 {PATIENCE_S:.0f} 秒没有画面（{reason}）；请检查 USB 线并运行 foregate doctor",
        f"no picture from the camera for {PATIENCE_S:.0f} s ({reason}); check its USB cable and run foregate doctor",
    )
