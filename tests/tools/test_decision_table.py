"""The document of all verdicts is what the code decides now, and says it readably in both languages."""

from pathlib import Path

import pytest

from edge.core.entry_policy import REASONS
from tools.decision_table import SEEN, WHEN, WHO, document, main

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "decision-table.md"


def test_the_document_is_not_stale() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == document(), "stale: run `make decision-table`"


def test_every_reason_and_every_kind_stands_in_both_chapters() -> None:
    chinese, english = document().split("# The table of verdicts")
    for chapter, of in ((chinese, "zh"), (english, "en")):
        assert all(f"| `{row.code}` |" in chapter for row in REASONS)
        for text, _ in [*WHO.values(), *SEEN.values()]:
            assert getattr(text, of) in chapter
    assert f"= {len(WHO) * len(SEEN) * len(WHEN)}" in chinese


def test_tables_are_whole_and_few_rows_long() -> None:
    lines = document().splitlines()
    rows = [line for line in lines if line.startswith("|")]
    assert {line.count("|") for line in rows} == {6, 8}
    assert len(rows) < 130


def test_the_command_writes_the_file_that_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["decision_table", str(tmp_path / "table.md")])
    main()
    assert (tmp_path / "table.md").read_text(encoding="utf-8") == document()
