"""The models that are asked about cameras which their training never saw."""

from pathlib import Path

from edge.adapters.detector_dnn import DnnFaceDetector, Models
from edge.core.faces import SURE_SCORE

FOLDER = Path(__file__).resolve().parents[1] / "training" / "heldout"
FOLDS = ("without_a", "without_bc")


def models(min_score: float = SURE_SCORE, weak_score: float | None = None) -> dict[str, DnnFaceDetector]:
    """The held-out models by the fold of their training; scores as `DnnFaceDetector` has them."""
    return {fold: DnnFaceDetector(_read(fold), min_score, weak_score) for fold in FOLDS}


def _read(fold: str) -> Models:
    return Models((FOLDER / f"{fold}.onnx").read_bytes(), (FOLDER / f"{fold}_look.onnx").read_bytes())
