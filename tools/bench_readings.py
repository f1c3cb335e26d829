"""Section of `make bench`: the readings. On recordings: do they repeat, and do they follow what is changed? (Nobody
knows these people's true temperatures.) On the simulation, where the truth is known: are they right, and do they say
honestly how right?"""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from edge.adapters.camera_sim import PersonTruth, SimCamera, SimSettings
from edge.adapters.detector_dnn import DnnFaceDetector
from edge.app.settings import pipeline_settings
from edge.core import pipeline
from edge.core.frame import Frame, NoFrame
from edge.core.pipeline import Measured
from tools.bench_play import DEFAULTS, Change, Played, Recording, detectors, play, recordings
from training.dataset import RECORDINGS

LEAST_FRAMES_OF_A_HALF = 4
CENTIKELVIN = 100
SIMULATED_PEOPLE, SCENES = 240, 8
AMBIENTS_C = (5.0, 35.0)
SKIN_WARMER_THAN_FOREHEAD_BY_K = -4.0


def report() -> str:
    """The whole section, in Markdown."""
    return "\n".join(["### Readings", "", *_recorded(), "", *_simulated()])


def _recorded() -> list[str]:
    if not RECORDINGS.is_dir():
        return ["The recordings (`../shared/thermal`) are not here: nothing measured on them."]
    taken, models = recordings(), detectors()
    plain = [play(one.frames, one.settings, models[one.camera]) for one in taken]
    halves_k = [difference for played in plain for difference in _halves_k(played)]
    shown = [(one, played) for one, played in zip(taken, plain, strict=True) if _verdicts(played)]
    lines = [
        f"{len(taken)} recordings, models that never saw the camera: {len(halves_k)} visits with two halves of at "
        f"least {LEAST_FRAMES_OF_A_HALF} usable frames; first half minus second half: standard deviation "
        f"{statistics.pstdev(halves_k):.3f} K, median {statistics.median(halves_k):+.3f} K, "
        f"worst {max(halves_k, key=abs):+.2f} K.",
        "",
        f"{len(shown)} recordings with a verdict, changed before they are read:",
        "",
        "| change | verdicts that changed | readings moved by, median (K) | worst (K) |",
        "| --- | --- | --- | --- |",
    ]
    for name, make, expected_k in _changes():
        again = [play(one.frames, one.settings, models[one.camera], make(one, played)) for one, played in shown]
        lines.append(_compared(name, [played for _, played in shown], again, expected_k))
    return lines


Make = Callable[[Recording, Played], Change]


def _changes() -> list[tuple[str, Make, float]]:
    rng = np.random.default_rng(1)

    def level(k: float) -> Make:
        return lambda one, played: lambda f: replace(f, counts=(f.counts + np.int32(k * CENTIKELVIN)).astype(np.uint16))

    def noisy(f: Frame) -> Frame:
        noise = rng.normal(0, 0.05 * CENTIKELVIN, f.counts.shape)
        return replace(f, counts=np.rint(f.counts + noise).astype(np.uint16))

    return [
        ("the whole frame 3 K colder", level(-3.0), 0.0),
        ("the whole frame 3 K warmer", level(3.0), 0.0),
        ("skin 2 K warmer", _warmer_skin, 2.0),
        ("50 mK more noise", lambda one, played: noisy, 0.0),
        ("every second frame dropped", lambda one, played: lambda f: f if f.seq % 2 == 0 else None, 0.0),
    ]


def _warmer_skin(one: Recording, played: Played) -> Change:
    """2 K on what is nearly as warm as the forehead, in and around the faces that were seen; the reference stays."""
    faces = {report.seq: report.faces for report in played.reports}

    def change(frame: Frame) -> Frame:
        counts = frame.counts.copy()
        upright = np.rot90(counts, -1)
        for face in faces.get(frame.seq, ()):
            if face.reading.box is not None:
                forehead = face.reading.box.crop(upright)
                warm = np.median(forehead) + SKIN_WARMER_THAN_FOREHEAD_BY_K * CENTIKELVIN if forehead.size else np.inf
                skin = face.face.box.crop(upright)
                skin[skin > warm] += 2 * CENTIKELVIN
        return replace(frame, counts=counts)

    return change


def _halves_k(played: Played) -> list[float]:
    """Median reading of the first half of each visit's usable frames minus that of the second."""
    by_track: dict[int, list[float]] = {}
    for report in played.reports:
        for face in report.faces:
            if face.reading.usable and face.reading.temp_c is not None:
                by_track.setdefault(face.track, []).append(face.reading.temp_c)
    return [
        statistics.median(values[: len(values) // 2]) - statistics.median(values[len(values) // 2 :])
        for values in by_track.values()
        if len(values) >= 2 * LEAST_FRAMES_OF_A_HALF
    ]


def _verdicts(played: Played) -> list[Measured]:
    return [person for person in played.people if person.measurement.finding != "not_measured"]


def _compared(name: str, before: Sequence[Played], after: Sequence[Played], expected_k: float) -> str:
    changed, moved_k = 0, []
    total = 0
    for old, new in zip(before, after, strict=True):
        for person in _verdicts(old):
            total += 1
            same = max(_verdicts(new), key=lambda other: _together_s(person, other), default=None)
            if same is None or _together_s(person, same) <= 0:
                changed += 1
                continue
            changed += expected_k == 0.0 and same.measurement.finding != person.measurement.finding
            assert same.measurement.forehead_c is not None
            assert person.measurement.forehead_c is not None
            moved_k.append(same.measurement.forehead_c - person.measurement.forehead_c)
    worst_k = max(moved_k, key=lambda k: abs(k - expected_k))
    note = "" if expected_k == 0.0 else " (not found again)"
    return f"| {name} | {changed} of {total}{note} | {statistics.median(moved_k):+.3f} | {worst_k:+.2f} |"


def _together_s(a: Measured, b: Measured) -> float:
    return min(a.measurement.t_last_s, b.measurement.t_last_s) - max(a.measurement.t_first_s, b.measurement.t_first_s)


def _simulated() -> list[str]:
    measured: list[tuple[PersonTruth, Measured]] = []
    everybody = 0
    for scene in range(SCENES):
        ambient_c = AMBIENTS_C[0] + (AMBIENTS_C[1] - AMBIENTS_C[0]) * scene / (SCENES - 1)
        truths, people = _crowd(100 + scene, SIMULATED_PEOPLE // SCENES, ambient_c)
        # A hat or a fringe covers the forehead: who wears one is asked to bare it, and is not co-operative yet.
        bare = [truth for truth in truths if not {"hat", "fringe"} & set(truth.attire)]
        everybody += len(bare)
        measured += [pair for truth in bare if (pair := _pair(truth, people)) is not None]
    errors_k, inside = [], 0
    for truth, person in measured:
        reading = person.measurement
        assert reading.forehead_c is not None
        assert reading.u_c is not None
        errors_k.append(reading.forehead_c - truth.forehead_c)
        inside += abs(errors_k[-1]) <= 1.96 * reading.u_c
    within = sum(abs(error) <= 0.3 for error in errors_k)
    return [
        f"Simulated: {SIMULATED_PEOPLE} people at 0.55 to 0.75 m, ambient {AMBIENTS_C[0]:.0f} to {AMBIENTS_C[1]:.0f} "
        f"C; {everybody} with a bare forehead. The shipped detector has seen drawn people, not these.",
        "",
        "| measured | bias (K) | standard deviation (K) | within 0.3 K | truth inside the 95 % interval |",
        "| --- | --- | --- | --- | --- |",
        f"| {len(measured) / everybody:.3f} | {statistics.fmean(errors_k):+.3f} | {statistics.stdev(errors_k):.3f} "
        f"| {within / len(errors_k):.3f} | {inside / len(errors_k):.3f} |",
    ]


def _crowd(seed: int, people: int, ambient_c: float) -> tuple[tuple[PersonTruth, ...], list[Measured]]:
    camera = SimCamera(SimSettings(seed=seed, people=people, ambient_c=ambient_c))
    settings = pipeline_settings(DEFAULTS, camera.info)
    detector, state, met = DnnFaceDetector(), pipeline.start(settings), list[Measured]()
    while not isinstance(frame := camera.read(1.0), NoFrame):
        picture = pipeline.picture(frame, settings)
        assert picture is not None
        state, outputs = pipeline.step(state, frame, detector.detect(picture), frame.t_s)
        met += outputs.ended
    return camera.people(), met + list(pipeline.finish(state, "left_early")[2])


def _pair(truth: PersonTruth, people: Sequence[Measured]) -> tuple[PersonTruth, Measured] | None:
    """The passage with a reading that shares most of the person's time before the camera."""

    def shared_s(person: Measured) -> float:
        return min(truth.t_last_s, person.measurement.t_last_s) - max(truth.t_first_s, person.measurement.t_first_s)

    best = max(people, key=shared_s, default=None)
    if best is None or shared_s(best) <= 0 or best.measurement.finding == "not_measured":
        return None
    return truth, best
