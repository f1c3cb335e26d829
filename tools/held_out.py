"""The models that are asked about cameras which their training never saw."""

from pathlib import Path

from edge.adapters.detector_dnn import DnnFaceDetector, Models
from edge.core.faces import SURE_SCORE
from tools.bench_baselines import OneNetwork

TRAINING = Path(__file__).resolve().parents[1] / "training"
FOLDS = ("without_a", "without_bc")


def models(min_score: float = SURE_SCORE, weak_score: float | None = None) -> dict[str, DnnFaceDetector]:
    """The held-out models by the fold of their training; scores as `DnnFaceDetector` has them."""
    return {fold: DnnFaceDetector(_read(fold), min_score, weak_score) for fold in FOLDS}


def previous() -> dict[str, OneNetwork]:
    """The previous detector by the fold of its training."""
    return {fold: OneNetwork((TRAINING / "wide" / f"{fold}.onnx").read_bytes()) for fold in FOLDS}


def _read(fold: str) -> Models:
    folder = TRAINING / "heldout"
    return Models((folder / f"{fold}.onnx").read_bytes(), (folder / f"{fold}_look.onnx").read_bytes())
