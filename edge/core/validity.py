"""Is this frame a picture to measure on? Shutter, settling, frozen and spoilt frames.

A Lepton stops for about 2 s when its shutter closes, comes back 0.5 to 0.75 K higher and wanders on (measured on
the recordings: no frame is marked). Telemetry names the time of the last shutter event where there is telemetry;
a step of the whole picture, a gap in the stream and a picture without any structure tell it where there is none.
"""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from edge.core.frame import Counts, Frame, refusal
from edge.core.quantiles import middle, quantiles

FrameStatus = Literal["ok", "shutter", "settling", "no_reference", "stale", "invalid"]

# The whole picture moves by 12 mK from frame to frame and by 20-60 mK at its quickest; a shutter event by 500.
COMMON_STEP_K = 0.25
# The stream's gap around a shutter event is 1.94 to 2.05 s; other gaps are 0.46 and 0.80 s.
SHUTTER_GAP_S = 1.2
# A closed shutter fills the picture: what is left is fixed pattern and noise (0.1 K); any scene spans more.
UNIFORM_SPAN_K = 0.6
# Older than this is no live picture, and one from the future comes from a clock gone wrong.
OLDEST_FRAME_S = 0.5


@dataclass(frozen=True, slots=True)
class Validity:
    """What earlier frames say about the next one; `unsettled_until_s` is on the frames' own clock."""

    counts: Counts | None = None
    frame_counter: int | None = None
    t_s: float = float("-inf")
    unsettled_until_s: float = float("-inf")


def judge(
    state: Validity, frame: Frame, now_s: float, rows: int, columns: int, settling_s: float, warm_up_s: float = 0.0
) -> tuple[Validity, FrameStatus]:
    """The frame's status, `ok` when nothing of the camera speaks against it (the reference is judged elsewhere).

    now_s and frame.t_s in seconds on one clock; settling_s: how long readings are not trusted after a shutter event;
    warm_up_s: after the sensor's power-on, or after the first frame of one that does not tell its own.
    """
    if refusal(frame.counts, frame.unit, rows, columns) is not None:
        return state, "invalid"
    if abs(now_s - frame.t_s) > OLDEST_FRAME_S or frame.t_s <= state.t_s:
        return state, "stale"
    # A closed shutter holds the picture, counter and all: that is no frozen camera.
    closed = frame.telemetry.shutter == "closed" or _is_uniform(frame)
    if not closed and _repeats(state, frame):
        return state, "stale"
    until_s = max(state.unsettled_until_s, _unsettled_until_s(state, frame, settling_s))
    until_s = max(until_s, _cold_until_s(state, frame, warm_up_s))
    state = replace(
        state,
        counts=frame.counts,
        frame_counter=frame.telemetry.frame_counter,
        t_s=frame.t_s,
        unsettled_until_s=until_s,
    )
    if closed:
        return replace(state, unsettled_until_s=max(until_s, frame.t_s + settling_s)), "shutter"
    return state, "settling" if frame.t_s < until_s or _never_had_a_shutter_event(frame) else "ok"


def _cold_until_s(state: Validity, frame: Frame, warm_up_s: float) -> float:
    uptime_ms = frame.telemetry.uptime_ms
    if uptime_ms is not None:
        left_s = warm_up_s - uptime_ms / 1000.0
        return frame.t_s + left_s if left_s > 0 else float("-inf")
    return frame.t_s + warm_up_s if state.counts is None else float("-inf")


def _never_had_a_shutter_event(frame: Frame) -> bool:
    """A sensor that tells its state, and tells of no event since power-on, has no flat field to measure with."""
    return frame.telemetry.frame_counter is not None and frame.telemetry.shutter == "unknown"


def _repeats(state: Validity, frame: Frame) -> bool:
    counter = frame.telemetry.frame_counter
    if counter is not None and counter == state.frame_counter:
        return True
    return state.counts is not None and np.array_equal(state.counts, frame.counts)


def _unsettled_until_s(state: Validity, frame: Frame, settling_s: float) -> float:
    telemetry = frame.telemetry
    until_s = float("-inf")
    if telemetry.uptime_ms is not None and telemetry.last_ffc_ms is not None:
        since_s = (telemetry.uptime_ms - telemetry.last_ffc_ms) / 1000.0
        if 0.0 <= since_s < settling_s:
            until_s = frame.t_s + settling_s - since_s
    if state.counts is not None and frame.unit == "centikelvin":
        gap = frame.t_s - state.t_s > SHUTTER_GAP_S
        step_k = abs(_common_step_k(state.counts, frame.counts))
        # Where telemetry dates the shutter, a gap alone says nothing: the service may have been held up.
        if step_k > COMMON_STEP_K or (gap and telemetry.last_ffc_ms is None):
            until_s = frame.t_s + settling_s
    return until_s


def _common_step_k(before: Counts, now: Counts) -> float:
    # Every fourth pixel in both directions tells the median as well.
    difference = now[::4, ::4].astype(np.int32) - before[::4, ::4]
    return middle(difference) / 100.0


def _is_uniform(frame: Frame) -> bool:
    if frame.unit == "raw_counts":
        return False
    low, high = quantiles(frame.counts[::4, ::4], 0.5, 99.5)
    return (high - low) / 100.0 < UNIFORM_SPAN_K
