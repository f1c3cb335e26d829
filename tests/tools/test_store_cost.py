"""The tool that prints what the records' file costs a card."""

import re

import pytest

from tools import store_cost


def test_it_prints_what_each_step_writes(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["store_cost", "40"])
    store_cost.main()
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("40 人 / people")
    cost_kb = [float(found[1]) for line in lines if (found := re.search(r": ([\d.]+) kB$", line))]
    assert len(cost_kb) == 4
    # Less than a page of 4 kB cannot be written.
    assert min(cost_kb[:2]) >= 4.0
    assert cost_kb[3] == pytest.approx(sum(cost_kb[:3]), abs=0.3)
