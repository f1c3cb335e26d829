"""A county's morning after an outage, small: everything arrives once and adds up, on either database."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tools.postgres_cluster import ABSENT, programs

ROOT = Path(__file__).parents[2]
PATIENCE_S = 120
pytestmark = pytest.mark.system


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_nothing_lost_nothing_twice_and_the_reports_add_up(database: str) -> None:
    if database == "postgresql" and programs() is None:
        pytest.skip(ABSENT)
    options = ("--gates", "3", "--people", "20", "--outage-days", "2", "--cut-off", "1", "--database", database)

    done = subprocess.run(
        [sys.executable, "-m", "tools.county_load", *options],
        cwd=ROOT,
        env={**os.environ, "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "adds up: nothing lost, nothing twice, the reports of 1 schools are right" in done.stdout
    told = re.search(r"(\d+) records created, (\d+) sent again", done.stdout)
    assert told is not None
    # Three mornings of one gate and one of two others; every first batch was sent twice.
    assert 80 < int(told[1]) <= 100
    assert int(told[2]) == int(told[1])
    assert re.search(r"latency of a batch: p50 [\d.]+ s, p99 [\d.]+ s", done.stdout)
