"""What pages and reports ask of many records is found by an index: the plan names it, whatever the database holds."""

from datetime import date
from uuid import uuid4

import pytest

from county.gates.models import Record
from county.gates.rows import overrides_of
from county.reports.records import case_steps

pytestmark = pytest.mark.usefixtures("database")


def test_the_overrides_of_a_page_are_found_without_walking_through_the_gate() -> None:
    plan = overrides_of(Record.objects.filter(gate_id="G1"), [uuid4(), uuid4()]).explain()

    assert "overrides_of_a_gate" in plan


def test_the_case_steps_of_all_days_before_are_found_without_walking_through_the_passages() -> None:
    plan = case_steps(["G1", "G2"], date(2026, 3, 2)).explain()

    assert "cases_of_a_gate" in plan
