"""The whole procedure as a pure state machine: step(state, event) -> (state, notes).

sensor -> about -> warm_up -> reference -> low (33) -> high (40) -> verify (37, never a fit point) -> uniformity (3 x 3)
-> distance -> geometry -> lines -> acceptance -> sign -> done

`prompts.prompt(state)` says what it waits for now. Whatever happens, a state that was written can be gone on with.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np

from calibration import concluding, pixels
from calibration.answering import on_typed
from calibration.fit import Series
from calibration.moves import Note, Step, following, note, refused, to
from calibration.observing import Seen
from calibration.prompts import DISTANCES_M, GRID, PLACES
from calibration.state import POINTS, Sample, Setup, State

WARM_UP_S, UNKNOWN_WARM_UP_S = 1_800.0, 600.0
WATCH_S = 120.0
# A Lepton's level goes up and down by 0.3 K/min when it is warm; one that warms up moves by several.
MOST_LEVEL_K_PER_MIN, MOST_FPA_K_PER_MIN = 0.8, 0.6
SETTLED_S, SETTLED_K_PER_MIN, SETTLED_SPREAD_K = 60.0, 0.03, 0.08
CALM_S, CALM_SPAN_K = 10.0, 0.12
JUMP_K = 0.3
MISMATCH_K = 2.0
MOST_WAITED = 600
CELL = 0.13
NOMINAL_C = {"low": 33.0, "high": 40.0, "verify": 37.0}


@dataclass(frozen=True, slots=True)
class Typed:
    """What the technician typed, or an empty line."""

    text: str


@dataclass(frozen=True, slots=True)
class Pixels:
    """What `pixels.bad_pixels` found while warming up."""

    found: tuple[tuple[int, int], ...] | pixels.Refusal


@dataclass(frozen=True, slots=True)
class Signed:
    """The profile was signed and lies where the gate reads it."""

    profile_id: str


Event = Seen | Typed | Pixels | Signed


def start(setup: Setup) -> State:
    return State(setup)


def step(state: State, event: Event) -> Step:
    """One event further."""
    if state.over is not None:
        return state, ()
    if isinstance(event, Seen):
        if event.serial is not None and state.serial is not None and event.serial != state.serial:
            return replace(state, over="sensor_exchanged"), (note("sensor_exchanged", refused=True),)
        return _on_seen(state, event)
    if isinstance(event, Pixels):
        if isinstance(event.found, str):
            return state, (Note(event.found, pixels.REFUSALS[event.found], refused=True),)
        return replace(state, bad=event.found), ()
    if isinstance(event, Signed):
        return to(replace(state, profile_id=event.profile_id), "done"), ()
    return on_typed(state, event.text.strip())


def _on_seen(state: State, seen: Seen) -> Step:
    stage = state.stage
    if stage == "sensor":
        if seen.serial is None:
            return replace(state, serial_told=True), ()
        return following(replace(state, serial=seen.serial, serial_told=False)), ()
    if stage == "warm_up":
        return _warming(state, seen)
    if stage == "reference" and seen.box is not None and state.region is None:
        box = seen.box
        return replace(state, region=(box.x0, box.y0, box.x1, box.y1)), ()
    if state.armed and stage in (*POINTS, "uniformity", "distance"):
        return _reading(state, seen)
    return state, ()


def _warming(state: State, seen: Seen) -> Step:
    if seen.reference_c is None:
        return state, ()
    began_s = state.levels[0][0] if state.levels else seen.t_s
    # The first reading stays: since when it has been watched.
    kept = [one for one in state.levels if one[0] == began_s or seen.t_s - one[0] <= WATCH_S]
    fpa_c = 0.0 if seen.fpa_c is None else seen.fpa_c
    state = replace(state, levels=(*kept, (seen.t_s, seen.reference_c, fpa_c)))
    recent = np.array([one for one in state.levels if seen.t_s - one[0] <= WATCH_S])
    on_s = seen.uptime_s if seen.uptime_s is not None else seen.t_s - began_s
    needed_s = WARM_UP_S if seen.uptime_s is not None else UNKNOWN_WARM_UP_S
    if on_s < needed_s or seen.t_s - began_s < WATCH_S or len(recent) < 20:
        return state, ()
    minutes = (recent[:, 0] - recent[0, 0]) / 60.0
    level, fpa = (abs(float(np.polyfit(minutes, recent[:, column], 1)[0])) for column in (1, 2))
    if level > MOST_LEVEL_K_PER_MIN or fpa > MOST_FPA_K_PER_MIN:
        return state, ()
    return following(state), (note("warm"),)


def _reading(state: State, seen: Seen) -> Step:
    state = replace(state, waited=state.waited + 1)
    if state.waited > MOST_WAITED:
        return replace(state, armed=False, window=(), waited=0), (note("not_settled", refused=True),)
    if seen.why_not is not None or seen.seen_c is None or seen.reference_c is None:
        code = seen.why_not or "no_source"
        # The camera's own pause is nobody's fault: what was read before it counts on, the reference bridges it.
        return (state, ()) if code == "settling" else (replace(state, window=()), (note(code),))
    sample = Sample(seen.t_s, seen.seen_c, seen.reference_c, seen.u, seen.v, seen.radius_px)
    target = GRID[state.step] if state.stage == "uniformity" else None
    if target is not None and max(abs(seen.x - target[0]), abs(seen.y - target[1])) > CELL:
        return replace(state, window=()), (note("elsewhere"),)
    window = state.window
    if len(window) >= 5 and abs(sample.seen_c - float(np.median([w.seen_c for w in window[-5:]]))) > JUMP_K:
        return replace(state, window=(sample,)), (note("disturbed"),)
    reach_s = SETTLED_S if state.stage in POINTS else CALM_S
    state = replace(state, window=(*(w for w in window if sample.t_s - w.t_s <= reach_s), sample))
    if state.stage in POINTS:
        return _point(state)
    return _spot(state)


def _series(window: tuple[Sample, ...]) -> Series:
    return Series(0.0, 0.0, tuple(w.t_s for w in window), tuple(w.seen_c for w in window))


def _point(state: State) -> Step:
    window, typed_c = state.window, state.number(state.stage)
    if len(window) < 20:
        return state, ()
    recent = _series(window[-20:])
    miss_k = recent.mean_c - typed_c
    # A source that still moves is not judged yet; one that stands elsewhere will not come.
    if abs(miss_k) > MISMATCH_K and abs(recent.slope_k_per_min) < 0.5:
        others = [c for stage, c in NOMINAL_C.items() if stage != state.stage]
        code = "swapped" if any(abs(recent.mean_c - c) < MISMATCH_K for c in others) else "not_that_temperature"
        return replace(state, armed=False, window=(), waited=0), (note(code, refused=True),)
    whole = _series(window)
    spans_s = window[-1].t_s - window[0].t_s
    if spans_s < SETTLED_S - 2.5 or abs(whole.slope_k_per_min) > SETTLED_K_PER_MIN:
        return state, ()
    if whole.spread_k > SETTLED_SPREAD_K:
        return state, ()
    state = replace(state, points={**state.points, state.stage: window})
    refusal = concluding.fit_refusal(state) if state.stage != "low" else None
    if refusal is not None:
        return to(state, "low"), (refused(refusal),)
    return following(state), (note("point_done"),)


def _spot(state: State) -> Step:
    window = state.window
    values_c = [w.seen_c for w in window]
    if len(window) < 6 or window[-1].t_s - window[0].t_s < CALM_S - 3.0:
        return state, ()
    if max(values_c) - min(values_c) > CALM_SPAN_K:
        return state, ()
    mean_c, done = float(np.mean(values_c)), note("place_done")
    if state.stage == "uniformity":
        spot = float(np.mean([w.u for w in window])), float(np.mean([w.v for w in window])), mean_c
        return _counted(replace(state, spots=(*state.spots[: state.step], spot)), len(PLACES), done)
    measured = DISTANCES_M[state.step], mean_c, float(np.mean([w.radius_px for w in window]))
    return _counted(replace(state, distances=(*state.distances[: state.step], measured)), len(DISTANCES_M), done)


def _counted(state: State, count: int, done: Note) -> Step:
    if state.step + 1 < count:
        return replace(state, step=state.step + 1, armed=False, window=(), waited=0), (done,)
    if state.stage == "uniformity":
        refusal = concluding.map_refusal(state)
        if refusal is not None:
            return to(state, "uniformity"), (refused(refusal),)
    radii_px = [radius for _, _, radius in state.distances]
    if state.stage == "distance" and any(a < b for a, b in pairwise(radii_px)):
        return to(state, "distance"), (note("distances_swapped", refused=True),)
    return following(state), (done,)


def progress(state: State) -> Mapping[str, Any]:
    """How far the waiting is: seconds read, K/min, spread; for a status line."""
    if len(state.window) < 3:
        return {"read_s": 0.0, "seen_c": state.window[-1].seen_c if state.window else None}
    series = _series(state.window)
    return {
        "read_s": series.t_s[-1] - series.t_s[0],
        "seen_c": series.seen_c[-1],
        "slope_k_per_min": series.slope_k_per_min,
        "spread_k": series.spread_k,
    }
