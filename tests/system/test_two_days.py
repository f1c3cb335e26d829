"""Two schools' days end to end: rosters, gates, a guard, sync, county, confirmations, an amendment, files, the log."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.county.test_browser import CHROMIUM
from tools.two_days import main, near_midnight

pytestmark = [
    pytest.mark.browser,
    pytest.mark.system,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"{CHROMIUM} is not installed (Debian package: chromium)"),
    pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is not installed (poppler-utils)"),
]


@pytest.mark.skipif(near_midnight(datetime.now(UTC)), reason="about midnight in Beijing a morning falls on two days")
def test_every_number_of_two_days_is_what_was_played(tmp_path: Path) -> None:
    said: list[str] = []

    code = main(["--people", "6", "--folder", str(tmp_path / "two-days")], said.append)

    assert code == 0, "\n".join(said)
    assert said[-1] == "全部相符 / everything adds up"
    assert len(list((tmp_path / "two-days" / "pictures").glob("*.png"))) == 18
