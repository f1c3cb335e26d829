"""The page of what is safe when something breaks: made from the code as it is, and every proof it names exists."""

import ast
from itertools import chain
from pathlib import Path

import pytest

from edge.core.fail_safe import TABLE
from edge.core.signals import SIGNALS
from tools import fail_safe

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "fail-safe.md"


def test_the_page_is_made_from_the_code_as_it_is() -> None:
    assert PAGE.read_text(encoding="utf-8") == fail_safe.document(), "make fail-safe"


@pytest.mark.parametrize("proof", sorted(set(chain.from_iterable(row.proofs for row in TABLE))))
def test_every_proof_is_a_test(proof: str) -> None:
    file, _, name = proof.partition("::")
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    assert name in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_situation_but_those_of_the_wiring_alone_is_proved() -> None:
    assert [row.situation.en for row in TABLE if not row.proofs] == [
        "no power, or the Pi is broken",
    ]


def test_the_gate_is_open_in_a_fire_alone() -> None:
    assert [row.situation.en for row in TABLE if row.relay == "open"] == ["the fire contact tells, or its wire breaks"]


def test_every_signal_is_on_the_page() -> None:
    assert set(fail_safe.MEANINGS) == set(SIGNALS)
