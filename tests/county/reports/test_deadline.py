"""By when a report is due is a setting, checked when the server starts."""

import pytest

from county.core.environment import read
from edge.core.errors import ConfigError


def test_half_past_nine_unless_told_otherwise() -> None:
    assert read({}).report_deadline_min == 570
    assert read({"FOREGATE_COUNTY_REPORT_DEADLINE": " 08:05 "}).report_deadline_min == 485
    assert read({"FOREGATE_COUNTY_REPORT_DEADLINE": "00:00"}).report_deadline_min == 0
    assert read({"FOREGATE_COUNTY_REPORT_DEADLINE": "23:59"}).report_deadline_min == 1439


@pytest.mark.parametrize("value", ["24:00", "9:30", "09:60", "0930", "half past nine", "-1:00", "09:30:00"])
def test_what_is_no_time_of_day_is_refused(value: str) -> None:
    with pytest.raises(ConfigError, match="REPORT_DEADLINE"):
        read({"FOREGATE_COUNTY_REPORT_DEADLINE": value})
