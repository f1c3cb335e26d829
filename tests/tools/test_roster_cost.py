"""The tool that prints what a roster costs."""

import re

import pytest

from tools import roster_cost


def test_it_prints_memory_and_times(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["roster_cost", "300"])
    roster_cost.main()
    first, second = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r"300 people: file 0\.1 MB, memory -?[\d.]+ MB \(body and index\), peak \d+ MB", first)
    assert re.fullmatch(r"verified in [\d.]+ s, a look-up by badge takes \d+ us", second)
