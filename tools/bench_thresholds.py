"""Section of `make bench`: which skin temperature is a fever? Facial against oral temperatures of hundreds of people,
"Facial and oral temperature data from a large set of human subject volunteers" (PhysioNet; first round).

A rule's alarms are set so that 95 % of the people without a fever lie below; by people who are not asked (ten folds,
twenty times shuffled), so that what is printed of a rule was not seen by the choice of its alarms.
"""

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge.core.policy import Policy

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "physionet"
CAMERAS = {"FLIR": FOLDER / "flir.csv", "ICI": FOLDER / "ici.csv"}
FEVER_ORAL_C = 37.5
SPECIFICITY = 0.95
FOREHEAD, FACE = "forehead_center_max_r1", "face_max_r1"
SITES = {
    "forehead, 3 x 3 in the centre": "forehead_center_3x3_r1",
    "forehead, maximum in the centre": FOREHEAD,
    "forehead, maximum": "forehead_max_r1",
    "face, maximum": FACE,
}
FOLDS, SHUFFLES = 10, 20
# Of the 5 % of false alarms that are granted, so many are the forehead's under "either".
FOREHEAD_SHARES = (0.1, 0.2, 0.4)
SHIPPED_SHARE = 0.4
# Among alarms of "both" that give the specificity, so many of the forehead's are tried.
TRIED = 40

Column = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class People:
    """Skin temperatures in C of the same people, and who had a fever."""

    forehead_c: Column
    face_c: Column
    fever: NDArray[np.bool_]

    def some(self, which: NDArray[np.intp]) -> "People":
        return People(self.forehead_c[which], self.face_c[which], self.fever[which])


@dataclass(frozen=True, slots=True)
class Rule:
    """Alarms in C and how they go together; fit finds them on people."""

    name: str
    fit: Callable[[People], tuple[float, float]]
    together: np.ufunc = np.logical_or

    def alarms(self, people: People, forehead_c: float, face_c: float) -> NDArray[np.bool_]:
        found: NDArray[np.bool_] = self.together(people.forehead_c >= forehead_c, people.face_c >= face_c)
        return found


def report() -> str:
    """The whole section, in Markdown."""
    lines = ["### Thresholds", ""]
    if not all(path.is_file() for path in CAMERAS.values()):
        return "\n".join([*lines, "The data (`../shared/physionet`) is not here: nothing computed."])
    return "\n".join([*lines, *_sites(CAMERAS["FLIR"]), "", *_rules()])


def _sites(path: Path) -> list[str]:
    columns = _read(path)
    lines = [
        f"Fever: oral temperature >= {FEVER_ORAL_C} C. Threshold: {SPECIFICITY:.0%} of the others lie below.",
        "",
        "| site | people | with fever | first percentile without fever (C) | threshold (C) | sensitivity there |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for name, column in SITES.items():
        people = _people(columns, column, column)
        with_c, without_c = people.face_c[people.fever], people.face_c[~people.fever]
        threshold_c = float(np.quantile(without_c, SPECIFICITY))
        lines.append(
            f"| {name} | {people.fever.size} | {people.fever.sum()} | {np.quantile(without_c, 0.01):.2f} "
            f"| {threshold_c:.2f} | {np.mean(with_c >= threshold_c):.2f} |"
        )
    return lines


def rules() -> list[Rule]:
    """The rules that are compared, the shipped one among them."""
    return [
        Rule("forehead only", lambda people: (_quantile(people.forehead_c, people, SPECIFICITY), np.inf)),
        Rule("face maximum only", lambda people: (np.inf, _quantile(people.face_c, people, SPECIFICITY))),
        *[Rule(_name(share), _either(share)) for share in FOREHEAD_SHARES],
        Rule("both", _both, np.logical_and),
    ]


def _name(share: float) -> str:
    percent = 100 * (1 - SPECIFICITY)
    shipped = " (shipped)" if share == SHIPPED_SHARE else ""
    return f"either; of {percent:.0f} % false alarms {percent * share:g} % the forehead's{shipped}"


def _rules() -> list[str]:
    policy = Policy()
    lines = [
        f"The forehead (maximum in the centre) and the face's maximum as alarms. Each rule's alarms are set for a "
        f"specificity of {SPECIFICITY:.0%} by other people than those who are asked ({FOLDS} folds, {SHUFFLES} times "
        f"shuffled); the alarms in the table are those of everybody. The gate ships with {policy.fever_forehead_c:g} "
        f"and {policy.fever_face_max_c:g} C, rounded from FLIR's: to ICI they are another camera's.",
        "",
        "| rule | camera | people | with fever | alarms: forehead, face (C) | sensitivity | specificity |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for camera, path in CAMERAS.items():
        people = _people(_read(path), FOREHEAD, FACE)
        for rule in rules():
            sensitivity, specificity = cross_validated(rule, people)
            alarms = ", ".join("none" if np.isinf(c) else f"{c:.2f}" for c in rule.fit(people))
            lines.append(
                f"| {rule.name} | {camera} | {people.fever.size} | {people.fever.sum()} | {alarms} "
                f"| {sensitivity:.3f} | {specificity:.3f} |"
            )
        shipped = Rule("", lambda _: (policy.fever_forehead_c, policy.fever_face_max_c))
        found = shipped.alarms(people, policy.fever_forehead_c, policy.fever_face_max_c)
        lines.append(
            f"| the policy's numbers as they are | {camera} | {people.fever.size} | {people.fever.sum()} "
            f"| {policy.fever_forehead_c:.2f}, {policy.fever_face_max_c:.2f} | {found[people.fever].mean():.3f} "
            f"| {1 - found[~people.fever].mean():.3f} |"
        )
    return lines


def cross_validated(rule: Rule, people: People) -> tuple[float, float]:
    """Sensitivity and specificity of alarms that were set by other people than those who are asked."""
    rng = np.random.default_rng(1)
    with_fever, without = np.nonzero(people.fever)[0], np.nonzero(~people.fever)[0]
    found, false = [], []
    for _ in range(SHUFFLES):
        # Every fold has its share of fevers.
        order = np.concatenate([rng.permutation(with_fever), rng.permutation(without)])
        for fold in range(FOLDS):
            asked = people.some(order[fold::FOLDS])
            others = people.some(np.delete(order, np.s_[fold::FOLDS]))
            alarms = rule.alarms(asked, *rule.fit(others))
            found.append(alarms[asked.fever])
            false.append(alarms[~asked.fever])
    return float(np.concatenate(found).mean()), float(1 - np.concatenate(false).mean())


def _either(share: float) -> Callable[[People], tuple[float, float]]:
    def fit(people: People) -> tuple[float, float]:
        forehead_c = _quantile(people.forehead_c, people, 1 - (1 - SPECIFICITY) * share)
        return forehead_c, _rest(people.face_c[~people.fever & (people.forehead_c < forehead_c)], people, forehead_c)

    return fit


def _rest(face_c: Column, people: People, forehead_c: float) -> float:
    """The face's alarm that leaves the specificity, given the false alarms that the forehead makes."""
    spent = int((people.forehead_c[~people.fever] >= forehead_c).sum())
    granted = round((1 - SPECIFICITY) * int((~people.fever).sum())) - spent
    return float(np.sort(face_c)[-granted]) if granted > 0 else np.inf


def _both(people: People) -> tuple[float, float]:
    best = (-1.0, 0.0, 0.0)
    granted = round((1 - SPECIFICITY) * int((~people.fever).sum()))
    for quantile in np.linspace(0.2, SPECIFICITY, TRIED):
        forehead_c = _quantile(people.forehead_c, people, quantile)
        beside_c = np.sort(people.face_c[~people.fever & (people.forehead_c >= forehead_c)])
        face_c = float(beside_c[-granted]) if beside_c.size >= granted else -np.inf
        found = (people.forehead_c >= forehead_c) & (people.face_c >= face_c)
        best = max(best, (float(found[people.fever].mean()), forehead_c, face_c))
    return best[1], best[2]


def _quantile(skin_c: Column, people: People, share: float) -> float:
    return float(np.quantile(skin_c[~people.fever], share))


def _read(path: Path) -> dict[str, Column]:
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    wanted = {"aveOralM", *SITES.values()}
    return {name: np.array([float(row[name] or "nan") for row in rows]) for name in wanted}


def _people(columns: dict[str, Column], forehead: str, face: str) -> People:
    oral_c = columns["aveOralM"]
    known = np.isfinite(columns[forehead]) & np.isfinite(columns[face]) & np.isfinite(oral_c)
    return People(columns[forehead][known], columns[face][known], oral_c[known] >= FEVER_ORAL_C)
