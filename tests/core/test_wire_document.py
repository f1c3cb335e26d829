"""The contract as it is written down: its example and its tables are those of the code."""

import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from edge.core.contents import KINDS, Measurement
from edge.core.record import SCHEMA, Link, Stamp, canonical_bytes, fingerprint
from tests.core.records import ONE_OF_EACH, PASSAGE, record_of

DOCUMENT = (Path(__file__).resolve().parents[2] / "docs" / "wire.md").read_text(encoding="utf-8")
BYTES = canonical_bytes(record_of(PASSAGE))
ROW = re.compile(r"^\| `(?P<name>\w+)` \| (?P<what>[^|]+) \| (?P<holds>[^|]+) \|$", re.MULTILINE)
HEADINGS: dict[str, type[Any]] = {
    "Stamp": Stamp,
    "Measurement": Measurement,
    **{f"{kind.__name__} (`{word}`)": kind for word, kind in KINDS.items()},
}


def rows_under(heading: str) -> dict[str, str]:
    """Field -> what it may hold, from the table under this heading."""
    section = DOCUMENT.split(f"### {heading}\n")[1].split("\n#")[0]
    found = [(row["name"], row["holds"]) for row in ROW.finditer(section)]
    assert len(found) == len(dict(found)), "a field stands there twice"
    return dict(found)


@pytest.mark.parametrize("heading", HEADINGS)
def test_the_table_of_every_kind_is_that_of_the_code_in_its_order(heading: str) -> None:
    told = [(field.name, field.metadata["rule"].holds) for field in fields(HEADINGS[heading])]
    assert list(rows_under(heading).items()) == told


def test_the_table_of_the_link_names_every_key_of_its_json() -> None:
    rules = {field.name: field.metadata["rule"].holds for field in fields(Link)}
    assert list(rows_under("Link").items()) == list({"schema": str(SCHEMA), **rules}.items())


def test_the_example_and_its_fingerprint_are_those_of_the_code() -> None:
    assert f"```json\n{BYTES.decode()}\n```" in DOCUMENT
    assert f"`{fingerprint(BYTES)}`" in DOCUMENT


@pytest.mark.parametrize("kind", ONE_OF_EACH)
def test_every_kind_has_an_example(kind: str) -> None:
    body = canonical_bytes(record_of(ONE_OF_EACH[kind])).decode()
    assert body.partition('"content":')[2].partition(',"salt"')[0] in DOCUMENT
