"""Section of `make bench`: which skin temperature is a fever? Facial against oral temperatures of hundreds of people,
"Facial and oral temperature data from a large set of human subject volunteers" (PhysioNet; FLIR, first round)."""

import csv
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

DATA = Path(__file__).resolve().parents[2] / "shared" / "physionet" / "flir.csv"
FEVER_ORAL_C = 37.5
SPECIFICITY = 0.95
SITES = {
    "forehead, 3 x 3 in the centre": "forehead_center_3x3_r1",
    "forehead, maximum in the centre": "forehead_center_max_r1",
    "forehead, maximum": "forehead_max_r1",
    "face, maximum": "face_max_r1",
}


def report() -> str:
    """The whole section, in Markdown."""
    lines = ["### Thresholds", ""]
    if not DATA.is_file():
        return "\n".join([*lines, "The data (`../shared/physionet`) is not here: nothing computed."])
    with DATA.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    oral_c = _column(rows, "aveOralM")
    lines += [
        f"Fever: oral temperature >= {FEVER_ORAL_C} C. Threshold: {SPECIFICITY:.0%} of the others lie below.",
        "",
        "| site | people | with fever | first percentile without fever (C) | threshold (C) | sensitivity there |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for name, column in SITES.items():
        skin_c = _column(rows, column)
        known = np.isfinite(skin_c) & np.isfinite(oral_c)
        fever = oral_c[known] >= FEVER_ORAL_C
        with_c, without_c = skin_c[known][fever], skin_c[known][~fever]
        threshold_c = float(np.quantile(without_c, SPECIFICITY))
        lines.append(
            f"| {name} | {known.sum()} | {fever.sum()} | {np.quantile(without_c, 0.01):.2f} | {threshold_c:.2f} "
            f"| {np.mean(with_c >= threshold_c):.2f} |"
        )
    return "\n".join(lines)


def _column(rows: list[dict[str, str]], name: str) -> NDArray[np.float64]:
    return np.array([float(row[name] or "nan") for row in rows])
