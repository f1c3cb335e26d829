"""Beside every network lies what it was made of: the files are those that the records name."""

import hashlib
import json
from pathlib import Path

import pytest

TRAINING = Path(__file__).resolve().parents[2] / "training"
SHIPPED = TRAINING.parent / "edge" / "adapters" / "models"
STEMS = [f"{fold}{network}" for fold in ("all", "without_a", "without_bc") for network in ("", "_look")]


def record(folder: str, stem: str) -> dict[str, object]:
    told: dict[str, object] = json.loads((TRAINING / folder / f"{stem}.json").read_text())
    return told


def sha256(folder: str, stem: str) -> str:
    names = {"all": "thermal_face.onnx", "all_look": "thermal_look.onnx"}
    ships = folder == "heldout" and stem in names
    file = SHIPPED / names[stem] if ships else TRAINING / folder / f"{stem}.onnx"
    return hashlib.sha256(file.read_bytes()).hexdigest()


@pytest.mark.parametrize("stem", STEMS)
def test_each_network_is_the_one_that_its_record_names(stem: str) -> None:
    for folder in ("wide", "narrow", "heldout"):
        assert record(folder, stem)["model_sha256"] == sha256(folder, stem)


@pytest.mark.parametrize("stem", STEMS)
def test_each_network_was_made_of_the_one_before(stem: str) -> None:
    assert record("narrow", stem)["wide_model_sha256"] == sha256("wide", stem)
    assert record("heldout", stem)["narrow_model_sha256"] == sha256("narrow", stem)
    if stem.endswith("_look"):
        assert record("heldout", stem)["first_model_sha256"] == sha256("heldout", stem.removesuffix("_look"))
