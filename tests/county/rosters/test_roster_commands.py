"""What an administrator types: the table, approvals, observations, windows, the key; and who did it."""

import stat
from pathlib import Path

import pytest

from county.core.environment import Environment
from county.rosters.changing import roll_of
from county.rosters.models import Badge, Change, Person, School, SchoolClass
from county.rosters.signing import FILE_NAME, make_key, public_line, read_key
from edge.adapters.roster_file import read_public_keys
from edge.core.errors import ConfigError, RosterError
from edge.core.roster import UNTIL_RELEASED
from tests.county.gate_client import GateClient
from tests.county.rosters.helpers import SCHOOL, TABLE, import_table, run


def roll() -> dict[str, tuple[object, ...]]:
    found = roll_of(School.objects.get(name=SCHOOL)).people
    return {key: (one.approved, one.observation_until, one.health_record) for key, one in found.items()}


def test_a_table_is_imported_and_shown(data: Path, gate: GateClient) -> None:
    said = import_table(data)
    assert "4 in the table, 0 others stay" in said
    assert "roster version 1" in said
    shown = run("show_roster", SCHOOL)
    assert "4 people, 3 approved, 1 under observation, 1 without a health record" in shown
    assert "C2  三年级二班  00:00–24:00  1 人" in shown


def test_with_one_mistake_nothing_is_imported(data: Path) -> None:
    import_table(data)
    before = roll()
    for wrong in (TABLE.replace("S3,", "S1,"), TABLE.replace("A3", "A1"), TABLE + "S9,新来的,校长,,,,,\n"):
        with pytest.raises(RosterError, match="nothing was imported"):
            import_table(data, wrong.replace("李小明", "李大明"))
        assert roll() == before
        assert School.objects.get().version == 1
    assert not Person.objects.filter(name="李大明").exists()
    with pytest.raises(RosterError, match="cannot read"):
        run("import_roster", SCHOOL, str(data / "none.csv"))


def test_a_school_that_no_roster_could_name_is_refused_and_not_made(data: Path) -> None:
    for name in (" 第一小学", "x" * 61, ""):
        with pytest.raises(RosterError):
            import_table(data, school=name)
    assert not School.objects.exists()


def test_a_second_table_changes_adds_and_keeps_or_takes_off(data: Path) -> None:
    import_table(data)
    run("observe", SCHOOL, "--person", "S2", "--release")
    second = (
        "编号,姓名,角色,班级,卡号\nS1,李小明,学生,三年级二班,A2\nS2,王芳,学生,三年级一班,A1\nS9,新来的,学生,四年级,A9\n"
    )
    import_table(data, second)
    assert set(roll()) == {"S1", "S2", "S3", "S9", "T1"}
    assert roll()["S1"] == (True, None, True), "columns that are not there change nothing"
    holders = {badge.badge: badge.person.person_id for badge in Badge.objects.select_related("person")}
    assert holders == {"A2": "S1", "A1": "S2", "A9": "S9", "A3": "S3", "T-1": "T1"}
    assert SchoolClass.objects.get(name="四年级").class_id == "C3"
    assert "2 others taken off" in import_table(data, second, "--remove-missing")
    assert set(roll()) == {"S1", "S2", "S9"}


def test_nobody_under_observation_is_released_by_a_table(data: Path) -> None:
    import_table(data)
    import_table(data, TABLE.replace("待解除", ""))
    assert roll()["S2"][1] == UNTIL_RELEASED
    with pytest.raises(RosterError, match="--release"):
        import_table(data, TABLE.replace("S2,王芳", "S8,王芳").replace("A2", "A8"), "--remove-missing")
    assert "S2" in roll()


def test_returns_are_approved_by_class_and_person_and_withdrawn(data: Path) -> None:
    import_table(data)
    run("approve_return", SCHOOL, "--class", "三年级一班", "--class", "三年级二班", "--withdraw")
    assert [roll()[key][0] for key in ("S1", "S2", "S3", "T1")] == [False, False, False, True]
    run("approve_return", SCHOOL, "--person", "S1", "--person", "S3")
    assert [roll()[key][0] for key in ("S1", "S2", "S3")] == [True, False, True]


def test_an_observation_is_lengthened_and_ended_only_by_a_release(data: Path) -> None:
    import_table(data)
    run("observe", SCHOOL, "--person", "S1", "--until", "2026/3/14")
    assert roll()["S1"][1] == "2026-03-14"
    run("observe", SCHOOL, "--person", "S1", "--until", "2026-03-01")
    assert roll()["S1"][1] == "2026-03-14"
    run("observe", SCHOOL, "--person", "S1", "--until-released")
    assert roll()["S1"][1] == UNTIL_RELEASED
    run("observe", SCHOOL, "--person", "S1", "--release")
    assert roll()["S1"][1] is None


def test_a_health_record_is_complete_or_missing(data: Path) -> None:
    import_table(data)
    run("health_record", SCHOOL, "--person", "S3")
    run("health_record", SCHOOL, "--class", "C1", "--missing")
    assert [roll()[key][2] for key in ("S1", "S2", "S3", "T1")] == [False, False, True, True]


def test_a_class_gets_its_window_and_loses_it(data: Path) -> None:
    import_table(data)
    run("entry_window", SCHOOL, "三年级一班", "07:30", "07:50")
    assert "三年级一班  07:30–07:50" in run("show_roster", SCHOOL)
    run("entry_window", SCHOOL, "C1", "--all-day")
    assert "三年级一班  00:00–24:00" in run("show_roster", SCHOOL)


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (("approve_return", SCHOOL), "--person or --class"),
        (("approve_return", SCHOOL, "--person", "S9"), "the id S9"),
        (("health_record", SCHOOL, "--class", "九班"), "no class 九班"),
        (("observe", SCHOOL, "--person", "S1", "--until", "soon"), "is no date"),
        (("observe", SCHOOL, "--person", "S1", "--until", ""), "2026-03-14"),
        (("entry_window", SCHOOL, "三年级一班"), "latest time"),
        (("entry_window", SCHOOL, "三年级一班", "07:50", "07:30"), "before it ends"),
        (("entry_window", SCHOOL, "三年级一班", "07:30", "07:50", "--all-day"), "latest time"),
        (("show_roster", SCHOOL, "--person", "S9"), "the id S9"),
        (("show_roster", SCHOOL, "--raise-version", "1"), "raised above 1"),
        (("show_roster", "第九小学"), "no roster of 第九小学"),
        (("approve_return", "第九小学", "--person", "S1"), "no roster of 第九小学"),
        (("entry_window", "第九小学", "一班", "--all-day"), "no roster of 第九小学"),
    ],
)
def test_what_cannot_be_done_changes_nothing(data: Path, command: tuple[str, ...], told: str) -> None:
    import_table(data)
    before = roll()
    with pytest.raises(RosterError, match=told):
        run(*command)
    assert roll() == before
    assert School.objects.get().version == 1


def test_who_changed_what_is_kept_and_shown(data: Path) -> None:
    import_table(data)
    run("observe", SCHOOL, "--person", "S2", "--release", "--by", "孙校医")
    history = [(one.version, one.by, one.what, one.before, one.after) for one in Change.objects.filter(who="S2")]
    assert [(version, by, what) for version, by, what, _, _ in history] == [
        (1, "教务处", "entry"),
        (2, "孙校医", "observation_until"),
    ]
    assert history[1][3:] == (UNTIL_RELEASED, None)
    shown = run("show_roster", SCHOOL, "--person", "S2")
    assert f"v2  孙校医  observation_until: {UNTIL_RELEASED} → -" in shown


# --- the key ---------------------------------------------------------------------------------------------------------


def test_the_key_is_made_once_for_its_owner_only_and_its_public_half_is_what_a_gate_reads(data: Path) -> None:
    line = run("roster_key")
    assert run("roster_key") == line
    assert stat.S_IMODE((data / FILE_NAME).stat().st_mode) == 0o600
    pinned = data / "roster.pub"
    pinned.write_text(line + "\n")
    key = read_key(data)
    assert key is not None
    assert public_line(key) == line
    assert read_public_keys(pinned) == (key.public_key(),)


def test_a_key_that_others_can_read_and_a_file_that_is_no_key_are_refused(data: Path) -> None:
    make_key(data)
    path = data / FILE_NAME
    path.chmod(0o640)
    with pytest.raises(ConfigError, match="chmod 600"):
        run("roster_key")
    path.chmod(0o600)
    path.write_text("no key\n")
    with pytest.raises(ConfigError, match="holds no signing key"):
        run("roster_key")


def test_without_a_data_folder_there_is_no_key(database: Path, settings_without_data: Environment) -> None:
    with pytest.raises(ConfigError, match="FOREGATE_COUNTY_DATA"):
        run("roster_key")
