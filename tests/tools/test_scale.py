"""What counties of any size cost: a bureau buys machines by it."""

import pytest

from tools import scale


def test_a_morning_of_a_county_is_worked_out_from_one_record(capsys: pytest.CaptureFixture[str]) -> None:
    assert scale.main(["1000"]) == 0
    county, hundred, _ = capsys.readouterr().out.splitlines()
    # 35 gates x 1,160 people x 1 ms; 3,500 gates in 2,400 s.
    assert "a morning takes 41 core s, 0.02 cores within 40 min" in county
    assert "4,060 core s, 1.69 cores within 40 min; 30 days on 4 cores 8.5 h" in hundred


@pytest.mark.parametrize("arguments", [[], ["c"], ["1", "2"]])
def test_what_is_no_number_is_refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert scale.main(arguments) == 2
    assert "make county-load" in capsys.readouterr().err
