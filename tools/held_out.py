"""The models that are asked about cameras which their training never saw."""

from pathlib import Path

from edge.adapters.detector_dnn import DnnFaceDetector, Models

FOLDER = Path(__file__).resolve().parents[1] / "training" / "heldout"
FOLDS = ("without_a", "without_bc")


def models(min_score: float = 0.5) -> dict[str, DnnFaceDetector]:
    """The held-out models by the fold of their training; detections below min_score (0 to 1) are not reported."""
    return {fold: DnnFaceDetector(_read(fold), min_score) for fold in FOLDS}


def _read(fold: str) -> Models:
    return Models((FOLDER / f"{fold}.onnx").read_bytes(), (FOLDER / f"{fold}_look.onnx").read_bytes())
