"""The documents: no link of them leads nowhere, and no command that they name is missing."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
LINK = re.compile(r"\]\(([^)\s]+)\)")
OUTSIDE = re.compile(r"[a-z]+:")


def _anchor(heading: str) -> str:
    """What GitHub makes of a heading: small letters, no punctuation, hyphens for spaces."""
    words = re.sub(r"[^\w\- ]", "", re.sub(r"!?\[([^]]*)\]\([^)]*\)", r"\1", heading).strip().lower())
    return words.replace(" ", "-")


def _anchors(page: Path) -> set[str]:
    return {_anchor(found[1]) for found in re.finditer(r"(?m)^#+ (.*)$", page.read_text(encoding="utf-8"))}


def _leads_nowhere(page: Path, link: str) -> bool:
    file, _, anchor = link.partition("#")
    there = page.parent / file if file else page
    return not there.exists() or bool(anchor and there.suffix == ".md" and anchor not in _anchors(there))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_no_link_leads_nowhere(page: Path) -> None:
    links = [link for link in LINK.findall(page.read_text(encoding="utf-8")) if not OUTSIDE.match(link)]
    assert [link for link in links if _leads_nowhere(page, link)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_each_target_of_make_that_is_named_exists(page: Path) -> None:
    targets = set(re.findall(r"(?m)^([a-z0-9-]+):", (ROOT / "Makefile").read_text(encoding="utf-8")))
    named = set(re.findall(r"`(?:\w+=\S+ )*make ([a-z0-9-]+)", page.read_text(encoding="utf-8")))
    assert named - targets == set()


def test_a_dead_link_a_dead_anchor_and_a_good_one_are_told_apart(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# 安装 / Install\n\n## It's `done`, now\n", encoding="utf-8")
    assert not _leads_nowhere(page, "page.md#安装--install")
    assert not _leads_nowhere(page, "#its-done-now")
    assert _leads_nowhere(page, "#uninstall")
    assert _leads_nowhere(page, "other.md")
