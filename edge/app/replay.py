"""`foregate replay`: recordings through the very same pipeline as the gate, as JSON lines (docs/replay.md)."""

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Literal, TextIO, get_args

from tqdm import tqdm

from edge.adapters.camera_replay import ReplayCamera
from edge.app.bootstrap import open_detector
from edge.app.config import Config
from edge.app.settings import DEFAULT_REFERENCE_C, pipeline_settings
from edge.core import pipeline
from edge.core.contents import Finding
from edge.core.deciding import Measured
from edge.core.errors import ForegateError, RecordingError
from edge.core.events import frame_event, passage_event
from edge.core.frame import CameraInfo, NoFrame
from edge.core.texts import VERDICTS
from edge.ports import FaceDetector

Write = Callable[[dict[str, Any]], None]
Speed = Literal["max", "real"]

ENDED = NoFrame("ended")
READ_TIMEOUT_S = 0.5


def replay(paths: Sequence[Path], config: Config, events: str | None, speed: Speed = "max") -> int:
    """Play each recording and write its events to a file, or to standard output ("-"); the number of refused ones.

    A recording that cannot be read is reported on standard error, and the others are played all the same.
    """
    _keep_recordings(paths, events)
    totals: Counter[str] = Counter()
    refused = 0
    with _writer(events) as write:
        detector = open_detector()
        names = _names(paths)
        for path, name in tqdm(list(zip(paths, names, strict=True)), unit="rec", disable=None, file=sys.stderr):
            try:
                totals += replay_one(path, name, config, detector, write, speed)
            except RecordingError as error:
                refused += 1
                print(f"{path}:\n{error}", file=sys.stderr)
    _summary(totals, len(paths) - refused, refused)
    return refused


def replay_one(
    path: Path, name: str, config: Config, detector: FaceDetector, write: Write, speed: Speed = "max"
) -> Counter[str]:
    """Play one recording: (frames by status, people by finding) in one counter.

    RecordingError: it cannot be read.
    """
    counts: Counter[str] = Counter()
    camera = ReplayCamera(path, speed=speed, unit=config.camera.unit, fps=config.camera.fps)
    try:
        settings = pipeline_settings(config, camera.info)
        counts += _assumed(config, camera.info)
        state = pipeline.start(settings)
        people: tuple[Measured, ...]
        while (frame := camera.read(READ_TIMEOUT_S)) != ENDED:
            if isinstance(frame, NoFrame):
                continue  # in real time: the next one is not due yet
            picture = pipeline.picture(frame, settings)
            boxes = () if picture is None else detector.detect(picture)
            state, outputs = pipeline.step(state, frame, boxes, frame.t_s)
            write(frame_event(name, outputs.frame, settings))
            counts[outputs.frame.status] += 1
            people = outputs.ended
            _passages(name, people, write, counts)
        _, _, people = pipeline.finish(state, "left_early")
        _passages(name, people, write, counts)
    finally:
        camera.close()
    return counts


def _assumed(config: Config, info: CameraInfo) -> Counter[str]:
    """What neither site nor recording has said, so that a default stands in for it."""
    given = config.reference.temperature_c, info.reference_temperature_c
    turned = config.camera.rotation_deg, info.rotation_deg
    return Counter(
        {
            "assumed_reference": int(given == (None, None) and info.unit == "centikelvin"),
            "assumed_rotation": int(turned == (None, None)),
        }
    )


def _passages(name: str, people: Sequence[Measured], write: Write, counts: Counter[str]) -> None:
    for person in people:
        write(passage_event(name, person))
        counts[person.measurement.finding] += 1


def _names(paths: Sequence[Path]) -> list[str]:
    """What events call each recording: its file's stem, or its whole path where two share a stem."""
    stems = Counter(path.stem for path in paths)
    return [path.stem if stems[path.stem] == 1 else str(path) for path in paths]


def _keep_recordings(paths: Sequence[Path], events: str | None) -> None:
    """ForegateError: the events would be written over one of the recordings."""
    if events in (None, "-"):
        return
    out = Path(str(events))
    if any(path == out or (path.exists() and out.exists() and path.samefile(out)) for path in paths):
        raise ForegateError(
            f"{out} 本身就是要播放的录像，不会覆盖；请换一个 --events 文件名",
            f"{out} is one of the recordings and is not overwritten; choose another name for --events",
        )


@contextmanager
def _writer(events: str | None) -> Iterator[Write]:
    """Where events go: nowhere, standard output ("-") or a file. ForegateError: it cannot be written."""
    if events is None:
        yield lambda event: None
        return
    try:
        # A file's name may hold bytes that are no UTF-8; it is still this recording's name.
        out = sys.stdout if events == "-" else Path(events).open("w", encoding="utf-8", errors="backslashreplace")  # noqa: SIM115 - closed below, where its last bytes may fail
    except OSError as error:
        raise _not_written(events, error) from error

    def write(event: dict[str, Any]) -> None:
        try:
            print(_line(event), file=out)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise _not_written(events, error) from error

    try:
        yield write
    finally:
        _close(out, events)


def _close(out: TextIO, events: str) -> None:
    try:
        out.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise _not_written(events, error) from error
    finally:
        if out is not sys.stdout:
            # What could not be flushed has just been told.
            with suppress(OSError):
                out.close()


def _not_written(events: str, error: OSError) -> ForegateError:
    name = "标准输出 / the standard output" if events == "-" else events
    return ForegateError(
        f"事件没有写完（{name}）：{error.strerror}；请换一个可写的路径或腾出磁盘空间，然后重放",
        f"the events were not all written ({name}): {error.strerror}; choose a path that can be written "
        "or free disk space, and replay again",
    )


def _line(event: dict[str, Any]) -> str:
    return json.dumps(event, ensure_ascii=False, allow_nan=False)


def _summary(totals: Counter[str], played: int, refused: int) -> None:
    people = "，".join(f"{VERDICTS[finding].zh} {totals[finding]}" for finding in get_args(Finding))
    people_en = ", ".join(f"{VERDICTS[finding].en} {totals[finding]}" for finding in get_args(Finding))
    statuses = ("ok", "shutter", "settling", "no_reference", "stale", "invalid")
    frames = sum(totals[status] for status in statuses)
    if count := totals["assumed_reference"]:
        print(
            f"{count} 个录像没有说明参考源的真实温度，按 {DEFAULT_REFERENCE_C} °C 计算"
            "（--set reference.temperature_c=…）\n"
            f"{count} recordings do not tell the reference's true temperature: {DEFAULT_REFERENCE_C} C assumed",
            file=sys.stderr,
        )
    if count := totals["assumed_rotation"]:
        print(
            f"{count} 个录像没有说明安装方向，按直立处理（--set camera.rotation_deg=…）\n"
            f"{count} recordings do not tell how the camera was mounted: upright assumed",
            file=sys.stderr,
        )
    print(f"录像 {played} 个（无法读取 {refused} 个），{frames} 帧；{people}", file=sys.stderr)
    print(f"{played} recordings ({refused} refused), {frames} frames; {people_en}", file=sys.stderr)
