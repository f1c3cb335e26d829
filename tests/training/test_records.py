"""Beside every network lies what it was made of: the files are those that the records name."""

import hashlib
import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.core.face_answers import LOOK_EDGES, LOOK_PX

TRAINING = Path(__file__).resolve().parents[2] / "training"
SHIPPED = TRAINING.parent / "edge" / "adapters" / "models"
STEMS = [f"{fold}{network}" for fold in ("all", "without_a", "without_bc") for network in ("", "_look")]


def record(folder: str, stem: str) -> dict[str, object]:
    told: dict[str, object] = json.loads((TRAINING / folder / f"{stem}.json").read_text())
    return told


def model(folder: str, stem: str) -> Path:
    names = {"all": "thermal_face.onnx", "all_look": "thermal_look.onnx"}
    ships = folder == "heldout" and stem in names
    return SHIPPED / names[stem] if ships else TRAINING / folder / f"{stem}.onnx"


def sha256(folder: str, stem: str) -> str:
    return hashlib.sha256(model(folder, stem).read_bytes()).hexdigest()


@pytest.mark.parametrize("stem", STEMS)
def test_each_network_is_the_one_that_its_record_names(stem: str) -> None:
    tuned = ("tuned",) if stem.endswith("_look") else ()
    for folder in ("wide", "narrow", *tuned, "heldout"):
        assert record(folder, stem)["model_sha256"] == sha256(folder, stem)


@pytest.mark.parametrize("stem", STEMS)
def test_each_network_was_made_of_the_one_before(stem: str) -> None:
    assert record("narrow", stem)["wide_model_sha256"] == sha256("wide", stem)
    tuned = "tuned" if stem.endswith("_look") else "heldout"
    assert record(tuned, stem)["narrow_model_sha256"] == sha256("narrow", stem)
    if stem.endswith("_look"):
        assert record("heldout", stem)["tuned_model_sha256"] == sha256("tuned", stem)
        for folder in ("tuned", "heldout"):
            assert record(folder, stem)["first_model_sha256"] == sha256("heldout", stem.removesuffix("_look"))


@pytest.mark.parametrize("stem", [stem for stem in STEMS if stem.endswith("_look")])
def test_what_learnt_to_doubt_puts_edges_where_it_put_them_before(stem: str) -> None:
    looks = np.random.default_rng(1).uniform(-1, 1, (4, 2, LOOK_PX, LOOK_PX)).astype(np.float32)
    before, after = (answers(model(folder, stem), looks) for folder in ("tuned", "heldout"))
    assert np.array_equal(before[:, LOOK_EDGES:], after[:, LOOK_EDGES:])
    assert not np.allclose(before[:, :LOOK_EDGES], after[:, :LOOK_EDGES])


def answers(file: Path, looks: np.ndarray) -> np.ndarray:
    net = cv2.dnn.readNetFromONNX(str(file))
    net.setInput(looks)
    return np.array(net.forward())
