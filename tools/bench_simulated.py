"""Section of `make bench`: simulated people, whose true temperatures are known. Are the readings right, is everybody
measured who does what they are told, and is the stated uncertainty an honest one?

A simulated sensor has no faults that nobody knows, so its readings are better than any real gate's. Therefore each gate
and each person here is given what the budget says may be wrong: reference, drift and calibration of a gate in how warm
its reference truly is; uniformity, emissivity, reflection and size of source of a person in how warm their skin truly
is. All are drawn from the budget's own terms. Then the truth has to lie inside the stated interval as often as it says.
"""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from edge.adapters.camera_sim import PersonTruth, SimCamera, SimSettings, Visitor
from edge.adapters.camera_sim.people import CHILD_FACE_M, FACE_M, FOCAL_PX, Attire
from edge.adapters.camera_sim.sensor import Faults
from edge.app.bootstrap import open_detector
from edge.app.settings import pipeline_settings
from edge.core import pipeline
from edge.core.deciding import Measured
from edge.core.forehead import budget_of
from edge.core.frame import NoFrame
from edge.core.radiometry import Budget
from edge.ports import FaceDetector
from tools.bench_play import DEFAULTS

PEOPLE, GATES = 1_000, 50
AMBIENTS_C, DISTANCES_M = (5.0, 35.0), (0.5, 1.2)
EVERY_S, STEP_M = 3.5, 0.4
REFERENCE_C = 37.0
# A Lepton whose uniformity, gain and reference were calibrated (docs/calibration.md): U about 0.25 K.
CALIBRATED = Budget(
    reference_k=0.05,
    uniformity_k=0.05,
    drift_k=0.05,
    emissivity_k=0.07,
    reflection_k=0.02,
    size_of_source_k=0.03,
    calibration_k=0.03,
)
GOAL_K, COVERAGE = 0.3, 1.96
CLOSER = ("too_far", "too_few_pixels")


@dataclass(frozen=True, slots=True)
class Met:
    """Somebody who came, how warm their skin truly is, and what the gate made of it (None: it saw nobody)."""

    truth_c: float
    ambient_c: float
    distance_m: float
    seen: Measured | None
    came_again: bool = False

    @property
    def measured(self) -> bool:
        return self.seen is not None and self.seen.measurement.finding != "not_measured"

    @property
    def error_k(self) -> float:
        assert self.seen is not None
        assert self.seen.measurement.forehead_c is not None
        return self.seen.measurement.forehead_c - self.truth_c

    @property
    def inside(self) -> bool:
        assert self.seen is not None
        assert self.seen.measurement.u_c is not None
        return abs(self.error_k) <= COVERAGE * self.seen.measurement.u_c


def report() -> str:
    """The whole section, in Markdown."""
    detector = open_detector()
    met = [one for gate in range(GATES) for one in people_at(gate, PEOPLE // GATES, detector)]
    return "\n".join(
        [
            "### Simulated people",
            "",
            f"{len(met)} people at {DISTANCES_M[0]:g} to {DISTANCES_M[1]:g} m before {GATES} gates, ambient "
            f"{AMBIENTS_C[0]:.0f} to {AMBIENTS_C[1]:.0f} C. Whoever is told that they are too far, or is "
            f"not seen to stand there, comes {STEP_M} m nearer; whoever was not measured for another reason comes once "
            f"more. Hidden errors are drawn from the budget of a calibrated sensor (combined "
            f"{CALIBRATED.combined_k:.2f} K for a face of 36 px). The shipped detector has seen drawn people and "
            f"others of this simulator, but not these.",
            "",
            "| | people | measured at once | measured in the end | bias (K) | standard deviation (K) "
            f"| within {GOAL_K} K | truth inside the 95 % interval |",
            "| --- | --- | --- | --- | --- | --- | --- | --- |",
            _line("all", met),
            *[_line(name, some) for name, some in _parts(met) if some],
        ]
    )


def _parts(met: Sequence[Met]) -> list[tuple[str, list[Met]]]:
    cold, warm = (AMBIENTS_C[0] + k * (AMBIENTS_C[1] - AMBIENTS_C[0]) / 3 for k in (1, 2))
    return [
        (f"ambient below {cold:.0f} C", [one for one in met if one.ambient_c < cold]),
        (f"{cold:.0f} to {warm:.0f} C", [one for one in met if cold <= one.ambient_c < warm]),
        (f"from {warm:.0f} C", [one for one in met if one.ambient_c >= warm]),
        ("came to less than 0.7 m", [one for one in met if one.distance_m < 0.7]),
        ("0.7 to 0.9 m", [one for one in met if 0.7 <= one.distance_m < 0.9]),
        ("0.9 m and more", [one for one in met if one.distance_m >= 0.9]),
    ]


def _line(name: str, met: Sequence[Met]) -> str:
    read = [one for one in met if one.measured]
    at_once = sum(one.measured and not one.came_again for one in met) / len(met)
    if len(read) < 2:
        return f"| {name} | {len(met)} | {at_once:.3f} | {len(read) / len(met):.3f} | – | – | – | – |"
    errors_k = [one.error_k for one in read]
    within = sum(abs(k) <= GOAL_K for k in errors_k) / len(read)
    inside = sum(one.inside for one in read) / len(read)
    return (
        f"| {name} | {len(met)} | {at_once:.3f} | {len(read) / len(met):.3f} | {statistics.fmean(errors_k):+.3f} "
        f"| {statistics.stdev(errors_k):.3f} | {within:.3f} | {inside:.3f} |"
    )


def people_at(gate: int, people: int, detector: FaceDetector) -> list[Met]:
    """Everybody before one gate, with what is wrong with it and with them."""
    rng = np.random.default_rng((gate, 0xB5))
    ambient_c = AMBIENTS_C[0] + (AMBIENTS_C[1] - AMBIENTS_C[0]) * gate / max(1, GATES - 1)
    wrong_k = rng.normal(0, [CALIBRATED.reference_k, CALIBRATED.drift_k, CALIBRATED.calibration_k]).sum()
    settings = SimSettings(
        seed=100 + gate,
        ambient_c=ambient_c,
        reference_temperature_c=REFERENCE_C + float(wrong_k),
        faults=Faults(offset_k=float(rng.normal(0, 2))),
    )
    first = [
        Visitor(n, EVERY_S * n, stands_m=float(rng.uniform(*DISTANCES_M)), attire=_attire(rng)) for n in range(people)
    ]
    met = _played(settings, first, detector)
    again: dict[int, Visitor] = {}
    for visitor, (_, seen) in zip(first, met, strict=True):
        if seen is None or seen.measurement.finding == "not_measured":
            far = seen is None or seen.measurement.reason in CLOSER
            stands_m = max(DISTANCES_M[0], (visitor.stands_m or 0.0) - STEP_M * far)
            again[visitor.person] = replace(visitor, enters_s=EVERY_S * len(again), stands_m=stands_m)
    second = dict(zip(again, _played(settings, list(again.values()), detector), strict=True))
    found = []
    for visitor, once in zip(first, met, strict=True):
        truth, seen = second.get(visitor.person, once)
        distance_m = again.get(visitor.person, visitor).stands_m or 0.0
        truth_c = truth.forehead_c - _wrong_with(truth, distance_m, rng)
        found.append(Met(truth_c, ambient_c, distance_m, seen, visitor.person in again))
    return found


def _attire(rng: np.random.Generator) -> frozenset[Attire]:
    """Glasses and masks; who is asked to has taken off their hat and lifted their fringe."""
    worn: set[Attire] = set()
    if rng.random() < 0.3:
        worn.add("glasses")
    if rng.random() < 0.2:
        worn.add("mask")
    return frozenset(worn)


def _wrong_with(truth: PersonTruth, distance_m: float, rng: np.random.Generator) -> float:
    """By how much this person reads too warm: where they stand in the picture, how their skin radiates, how far."""
    width_px = FOCAL_PX * (CHILD_FACE_M if truth.child else FACE_M) / distance_m
    budget = budget_of(CALIBRATED, width_px, 0.0, 0.0)
    terms_k = [budget.uniformity_k, budget.emissivity_k, budget.reflection_k, budget.size_of_source_k]
    return float(rng.normal(0, terms_k).sum())


def _played(
    settings: SimSettings, visitors: Sequence[Visitor], detector: FaceDetector
) -> list[tuple[PersonTruth, Measured | None]]:
    """Each visitor's truth, and the passage that shares most of their time before the camera."""
    if not visitors:
        return []
    camera = SimCamera(settings, schedule=visitors)
    told = replace(pipeline_settings(DEFAULTS, camera.info), reference_c=REFERENCE_C, budget=CALIBRATED)
    state, ended = pipeline.start(told), list[Measured]()
    while not isinstance(frame := camera.read(1.0), NoFrame):
        picture = pipeline.picture(frame, told)
        boxes = () if picture is None else detector.detect(picture)
        state, outputs = pipeline.step(state, frame, boxes, frame.t_s)
        ended += outputs.ended
    ended += pipeline.finish(state, "left_early")[2]
    return [(truth, _of(truth, ended)) for truth in sorted(camera.people(), key=lambda one: one.person)]


def _of(truth: PersonTruth, ended: Sequence[Measured]) -> Measured | None:
    def shared_s(person: Measured) -> float:
        return min(truth.t_last_s, person.measurement.t_last_s) - max(truth.t_first_s, person.measurement.t_first_s)

    # The next in line come into view before this one has gone.
    theirs = [p for p in ended if shared_s(p) > 0.5 * (p.measurement.t_last_s - p.measurement.t_first_s)]
    return max(theirs, key=shared_s, default=None)
