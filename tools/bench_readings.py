"""Section of `make bench`: the readings on recordings, where nobody knows the people's true temperatures. Do they
repeat, do they follow what is changed, is there none where there must be none, and what is the minute after a shutter
event worth?
"""

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from edge.core.deciding import Measured
from edge.core.pipeline import FaceReport, FrameReport
from tools import bench_minute
from tools.bench_changes import Fault, Variant, faults, injected_at, variants
from tools.bench_play import DEFAULTS, Played, Recording, SamePlaces, detectors, plain, play
from training.dataset import RECORDINGS

LEAST_FRAMES_OF_A_HALF = 4
GOAL_K, TOLERANCE_K = 0.1, 0.1
SAME_FACE_IOU = 0.5


def report() -> str:
    """The whole section, in Markdown."""
    if not RECORDINGS.is_dir():
        return "### Readings\n\nThe recordings (`../shared/thermal`) are not here: nothing measured on them."
    models = detectors()
    lines = ["### Readings", "", *_repeated([played for _, played in plain()]), "", bench_minute.report(plain()), ""]
    shown = [(one, played) for one, played in plain() if verdicts(played)]
    lines += [
        f"All {len(plain())} recordings, {len(shown)} of them with a verdict, changed before they are read:",
        "",
        f"| change | verdicts that changed | verdicts where there was none | readings moved by, median (K) | worst (K) "
        f"| visits within {TOLERANCE_K} K of what they should move by, in the same frames | single frames likewise |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for variant in variants():
        again = [
            play(one.frames, variant.settings(one.settings), models[one.camera], variant.make(one, played))
            for one, played in plain()
        ]
        lines.append(_compared(variant, [played for _, played in plain()], again))
    lines += ["", _in_the_same_places(shown)]
    lines += [
        "",
        "Faults injected amid the readings of the recordings with a verdict:",
        "",
        "| fault | readings given while it lasts | of frames with a reading otherwise | readings afterwards moved by, "
        "median (K) | worst (K) |",
        "| --- | --- | --- | --- | --- |",
    ]
    for fault in faults(shown[0][0].settings.settling_s):
        again = [
            play(one.frames, one.settings, models[one.camera], fault.make(one, injected_at(played) or 0.0))
            for one, played in shown
        ]
        lines.append(_withheld(fault, [played for _, played in shown], again))
    return "\n".join(lines)


def verdicts(played: Played) -> list[Measured]:
    """Everybody with a reading and a verdict on it."""
    return [person for person in played.people if person.measurement.finding != "not_measured"]


def _repeated(plays: Sequence[Played]) -> list[str]:
    stood = sum(len(played.people) for played in plays)
    measured = sum(len(verdicts(played)) for played in plays)
    halves = [halves_c(visit) for played in plays for visit in visits_c(played)]
    return [
        f"{len(plays)} recordings, models that never saw the camera: {stood} people stood in the zone, {measured} were "
        f"measured.",
        "",
        f"| visits with two halves of at least {LEAST_FRAMES_OF_A_HALF} usable frames | visits "
        f"| first half minus second half: standard deviation (K) | median (K) | within {GOAL_K} K | worst (K) |",
        "| --- | --- | --- | --- | --- | --- |",
        _repeated_row("a number told for both halves", [pair for pair in halves if is_told(pair)]),
        _repeated_row(f"all, those told `too_cold` (below {DEFAULTS.policy.too_cold_c} C) as well", halves),
    ]


def _repeated_row(visits: str, halves_c: Sequence[tuple[float, float]]) -> str:
    apart_k = [first - second for first, second in halves_c]
    if not apart_k:
        return f"| {visits} | 0 | – | – | – | – |"
    within = sum(abs(k) <= GOAL_K for k in apart_k)
    return (
        f"| {visits} | {len(apart_k)} | {statistics.pstdev(apart_k):.3f} | {statistics.median(apart_k):+.3f} "
        f"| {within} | {max(apart_k, key=abs):+.2f} |"
    )


def visits_c(played: Played) -> list[list[float]]:
    """The usable readings of each visit with two halves."""
    by_track: dict[int, list[float]] = {}
    for face in usable(played.reports):
        assert face.reading.temp_c is not None
        by_track.setdefault(face.track, []).append(face.reading.temp_c)
    return [visit for visit in by_track.values() if has_halves(visit)]


def has_halves(visit: Sequence[object]) -> bool:
    """Whether both halves of these frames are long enough to be compared."""
    return len(visit) >= 2 * LEAST_FRAMES_OF_A_HALF


def halves_c(values_c: Sequence[float]) -> tuple[float, float]:
    """Median of the first half of a visit's readings, and of the second."""
    half = len(values_c) // 2
    return statistics.median(values_c[:half]), statistics.median(values_c[half:])


def is_told(pair_c: tuple[float, float]) -> bool:
    """Whether the gate as delivered would tell a number for both."""
    return min(pair_c) >= DEFAULTS.policy.too_cold_c


def _compared(variant: Variant, before: Sequence[Played], after: Sequence[Played]) -> str:
    changed, total = 0, 0
    moved_k: list[float] = []
    for old, new in zip(before, after, strict=True):
        for person in verdicts(old):
            total += 1
            same = max(verdicts(new), key=lambda other: _together_s(person, other), default=None)
            if same is None or _together_s(person, same) <= 0:
                changed += 1
                continue
            changed += variant.moves_k == 0.0 and same.measurement.finding != person.measurement.finding
            assert same.measurement.forehead_c is not None
            assert person.measurement.forehead_c is not None
            moved_k.append(same.measurement.forehead_c - person.measurement.forehead_c)
    worst_k = max(moved_k, key=lambda k: abs(k - variant.moves_k))
    pairs = [(old, _frame_by_frame_k(old, new)) for old, new in zip(before, after, strict=True)]
    single_k = [k for _, by_track in pairs for frames_k in by_track.values() for k in frames_k]
    visits_k = [
        statistics.median(by_track[person.track])
        for old, by_track in pairs
        for person in verdicts(old)
        if person.track in by_track
    ]
    came = sum(
        not any(_together_s(person, other) > 0 for other in verdicts(old))
        for old, new in zip(before, after, strict=True)
        for person in verdicts(new)
    )
    note = " (not found again)" if variant.moves_k and changed else ""
    return (
        f"| {variant.name} | {changed} of {total}{note} | {came} | {statistics.median(moved_k):+.3f} | {worst_k:+.2f} "
        f"| {_within(visits_k, variant.moves_k)} of {len(visits_k)} "
        f"| {_within(single_k, variant.moves_k) / len(single_k):.3f} of {len(single_k)} |"
    )


def _within(moved_k: Sequence[float], should_k: float) -> int:
    return sum(abs(k - should_k) <= TOLERANCE_K for k in moved_k)


def _in_the_same_places(shown: Sequence[tuple[Recording, Played]]) -> str:
    """What warmer skin does to the reading alone: faces and foreheads are taken to be where they were."""
    (warmer,) = (variant for variant in variants() if variant.moves_k)
    moved_k: list[float] = []
    for one, played in shown:
        again = play(one.frames, one.settings, SamePlaces(one, played), warmer.make(one, played))
        moved_k += [k for frames_k in _frame_by_frame_k(played, again).values() for k in frames_k]
    worst_k = max(moved_k, key=lambda k: abs(k - warmer.moves_k))
    return (
        f"{warmer.name[0].upper()}{warmer.name[1:]}, read in the very places that were found without it: "
        f"{_within(moved_k, warmer.moves_k)} of {len(moved_k)} single frames within {TOLERANCE_K} K, worst "
        f"{worst_k:+.2f} K."
    )


def _together_s(a: Measured, b: Measured) -> float:
    return min(a.measurement.t_last_s, b.measurement.t_last_s) - max(a.measurement.t_first_s, b.measurement.t_first_s)


def _withheld(fault: Fault, before: Sequence[Played], after: Sequence[Played]) -> str:
    given = otherwise = 0
    moved_k: list[float] = []
    for old, new in zip(before, after, strict=True):
        began_s = injected_at(old)
        if began_s is None:
            continue
        otherwise += sum(1 for _ in usable(_between(old, began_s, began_s + fault.lasts_s)))
        given += sum(1 for _ in usable(_between(new, began_s, began_s + fault.lasts_s)))
        later = replace(new, reports=tuple(_between(new, began_s + fault.lasts_s, np.inf)))
        moved_k += [k for frames_k in _frame_by_frame_k(old, later).values() for k in frames_k]
    afterwards = "– | –"
    if moved_k:
        afterwards = f"{statistics.median(moved_k):+.3f} | {max(moved_k, key=abs):+.2f} (of {len(moved_k)})"
    return f"| {fault.name} | {given} | {otherwise} | {afterwards} |"


def _between(played: Played, from_s: float, until_s: float) -> list[FrameReport]:
    return [report for report in played.reports if from_s <= report.t_s < until_s]


def _frame_by_frame_k(old: Played, new: Played) -> dict[int, list[float]]:
    """By how much the readings of faces that were read in the same frame of both differ, by the old track."""
    found = {report.seq: report for report in new.reports}
    moved_k: dict[int, list[float]] = {}
    for told in old.reports:
        if told.seq not in found:
            continue
        before, after = list(usable([told])), list(usable([found[told.seq]]))
        for face in before:
            alone = len(before) == len(after) == 1  # mirrored, it lies elsewhere
            same = next((o for o in after if alone or o.face.box.iou(face.face.box) > SAME_FACE_IOU), None)
            if same is not None and same.reading.temp_c is not None and face.reading.temp_c is not None:
                moved_k.setdefault(face.track, []).append(same.reading.temp_c - face.reading.temp_c)
    return moved_k


def usable(reports: Iterable[FrameReport]) -> Iterable[FaceReport]:
    """The faces with a reading that may be used."""
    return (face for told in reports for face in told.faces if face.reading.usable)
