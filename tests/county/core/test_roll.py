"""The roll: what a table and an officer may do to it, and what they may not."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from county.core.roll import Roll, check, chosen, differences, longer, with_people, with_window
from county.core.roster_csv import Row
from county.core.roster_merge import merge
from edge.core.errors import RosterError
from edge.core.roster import UNTIL_RELEASED, EntryWindow, Person, compose

TODAY = "2026-03-02"
LI = Person("S1", "李小明", "pupil", "C1", ("A1",), True, None, True)
WANG = Person("S2", "王芳", "pupil", "C1", ("A2",), False, UNTIL_RELEASED, True)
ROLL = Roll({"C1": EntryWindow("C1", "三年级一班", 450, 470)}, {"S1": LI, "S2": WANG})


def row(person_id: str, number: int = 2, class_name: str | None = None, **cells: object) -> Row:
    of_class = {} if class_name is None else {"class": class_name}
    return Row(number, person_id, {"name": "李小明", "role": "pupil", **of_class, **cells})


def refusal(*rows: Row, remove_missing: bool = False) -> RosterError:
    with pytest.raises(RosterError) as caught:
        merge(ROLL, rows, TODAY, remove_missing)
    return caught.value


def test_columns_that_are_not_there_change_nothing() -> None:
    assert merge(ROLL, [row("S1")], TODAY).roll == ROLL


def test_who_is_new_is_not_approved_and_has_no_health_record_unless_it_is_said() -> None:
    merged = merge(ROLL, [row("S3")], TODAY)
    assert merged.roll.people["S3"] == Person("S3", "李小明", "pupil", None, (), False, None, False)
    assert merged.missing == 2
    assert set(merged.roll.people) == {"S1", "S2", "S3"}


def test_a_new_class_gets_a_number_and_may_enter_all_day() -> None:
    merged = merge(ROLL, [row("S3", class_name="二班"), row("S4", 3, class_name="二班")], TODAY)
    assert merged.roll.classes["C2"] == EntryWindow("C2", "二班", 0, 1440)
    assert {merged.roll.people[key].class_id for key in ("S3", "S4")} == {"C2"}
    assert merge(ROLL, [row("S3", class_name="三年级一班")], TODAY).roll.people["S3"].class_id == "C1"


def test_a_table_does_not_end_or_shorten_an_observation() -> None:
    for day in (None, "2026-03-05"):
        merged = merge(ROLL, [row("S2", name="王芳", observation_until=day)], TODAY)
        assert merged.roll.people["S2"] == WANG
        assert merged.kept_longer == ("S2",)
    merged = merge(ROLL, [row("S1", observation_until="2026-03-05")], TODAY)
    assert merged.roll.people["S1"].observation_until == "2026-03-05"
    assert merged.kept_longer == ()


def test_who_is_missing_goes_only_when_told_and_not_under_observation() -> None:
    assert "S2 is under observation" in refusal(row("S1"), remove_missing=True).en
    roll = with_people(ROLL, [replace(WANG, observation_until="2026-03-01")])
    assert set(merge(roll, [row("S1")], TODAY, remove_missing=True).roll.people) == {"S1"}


def test_a_card_may_pass_from_one_to_another_in_one_table_but_not_have_two_holders() -> None:
    swapped = merge(ROLL, [row("S1", badges=("A2",)), row("S2", 3, name="王芳", badges=("A1",))], TODAY).roll
    assert swapped.people["S1"].badges == ("A2",)
    error = refusal(row("S9", 7, badges=("A1",)))
    assert "第 7 行：卡号 A1 同时属于" in error.zh
    assert "row 7: badge A1 belongs to" in error.en


def test_somebody_twice_in_a_table_is_told_with_both_rows() -> None:
    error = refusal(row("S3", 4), row("S3", 9))
    assert "第 9 行：编号 S3 与第 4 行相同" in error.zh


def test_a_visitor_needs_a_last_day_and_a_pass_does_not_end_before_it_begins() -> None:
    assert "valid_until" in refusal(row("V1", role="visitor")).en
    error = refusal(row("V1", role="visitor", valid_from="2026-03-03", valid_until="2026-03-02"))
    assert "ends before it begins" in error.en


def test_people_and_classes_are_chosen_once_each_and_have_to_be_there() -> None:
    assert chosen(ROLL, ["S2"], ["三年级一班", "C1"]) == (WANG, LI)
    with pytest.raises(RosterError, match="nobody on the roll has the id S9"):
        chosen(ROLL, ["S9"], [])
    with pytest.raises(RosterError, match="there is no class 九班; there are 三年级一班"):
        chosen(ROLL, [], ["九班"])


def test_an_entry_window_begins_before_it_ends() -> None:
    assert with_window(ROLL, "三年级一班", 400, 420).classes["C1"] == EntryWindow("C1", "三年级一班", 400, 420)
    for earliest_min, latest_min in ((420, 400), (-1, 5), (0, 1441)):
        with pytest.raises(RosterError, match="before it ends"):
            with_window(ROLL, "C1", earliest_min, latest_min)


def test_what_no_gate_would_take_is_refused() -> None:
    check(ROLL, ROLL.people.values())
    for wrong in (replace(LI, name=" "), replace(LI, badges=("a b",)), replace(LI, badges=("A2",))):
        with pytest.raises(RosterError):
            check(with_people(ROLL, [wrong]), [wrong])


def test_every_difference_is_named_with_before_and_after() -> None:
    new = with_window(with_people(ROLL, [replace(LI, approved=False, badges=("A1", "B"))]), "C1", 400, 470)
    told = {(one.who, one.what): (one.before, one.after) for one in differences(ROLL, new)}
    assert told == {
        ("C1", "earliest_min"): ("450", "400"),
        ("S1", "approved"): ("True", "False"),
        ("S1", "badges"): ("A1", "A1 B"),
    }
    gone = differences(ROLL, replace(ROLL, people={"S2": WANG}))
    assert [(one.who, one.what, one.after) for one in gone] == [("S1", "entry", None)]
    assert differences(ROLL, ROLL) == ()


DAYS = st.none() | st.dates().map(lambda day: day.isoformat())


@given(DAYS, DAYS)
def test_of_two_observations_the_longer_one_holds(old: str | None, new: str | None) -> None:
    assert longer(old, new) in (old, new)
    assert (longer(old, new) or "") >= max(old or "", new or "")


@given(
    st.lists(
        st.builds(
            row,
            st.sampled_from(["S1", "S2", "S3", "S4"]),
            number=st.integers(2, 9),
            badges=st.lists(st.sampled_from(["A1", "A2", "A3"]), max_size=2, unique=True).map(tuple),
            observation_until=DAYS,
            approved=st.booleans(),
        ),
        max_size=4,
    ),
    st.booleans(),
)
def test_whatever_is_merged_can_be_composed_and_releases_nobody(rows: list[Row], remove_missing: bool) -> None:
    try:
        new = merge(ROLL, rows, TODAY, remove_missing).roll
    except RosterError:
        return
    compose("第一小学", 1, 0, new.classes.values(), new.people.values())
    assert new.people["S2"].observation_until == UNTIL_RELEASED
