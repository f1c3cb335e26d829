"""The rosters' pages: who sees which school, finding people, ordering things about them, and what stays noted."""

import re
from pathlib import Path

import pytest
from django.test import Client

from county.accounts.access import Role
from county.accounts.making import make_account
from county.accounts.models import Look
from county.rosters.models import Change, Person, SchoolClass
from tests.county.databases import on_both
from tests.county.gate_client import Answer
from tests.county.reading_pages import table
from tests.county.rosters.helpers import SCHOOL, TABLE, import_table

OTHER = "第二小学/分校"
PEOPLE, CHANGE = f"/rosters/people/{SCHOOL}", f"/rosters/change-people/{SCHOOL}"
pytestmark = [on_both, pytest.mark.usefixtures("database")]


def signed(role: Role, school: str | None = None, csrf: bool = False) -> Client:
    browser = Client(enforce_csrf_checks=csrf)
    browser.force_login(make_account(f"{role}-{school}", role, school).user)
    return browser


@pytest.fixture(autouse=True)
def _rosters(database: Path, tmp_path: Path) -> None:
    import_table(tmp_path)
    import_table(tmp_path, TABLE.replace("S1,李小明", "X1,外校生"), school=OTHER)


@pytest.fixture
def school() -> Client:
    return signed("school", SCHOOL)


def ids(answer: Answer) -> list[str]:
    assert answer.status_code == 200
    return re.findall(r"<small>([A-Z][0-9]+)</small>", answer.content.decode())


def order(browser: Client, code: str, *people: str, **more: str) -> Answer:
    return browser.post(CHANGE, {"order": code, "person": list(people), **more})


def one(person_id: str, school: str = SCHOOL) -> Person:
    return Person.objects.get(school=school, person_id=person_id)


def test_an_officer_and_an_auditor_see_every_school_and_a_school_its_own(school: Client) -> None:
    for role in ("officer", "auditor"):
        page = signed(role).get("/rosters").content.decode()
        assert SCHOOL in page
        assert OTHER in page
    assert school.get("/rosters", follow=True).status_code == 200
    assert OTHER not in school.get("/rosters", follow=True).content.decode()


@pytest.mark.parametrize("what", ["people", "classes", "history", "import"])
def test_no_school_sees_another_s(school: Client, what: str) -> None:
    assert school.get(f"/rosters/{what}/{OTHER}").status_code == 404
    assert school.get(f"/rosters/{what}/{SCHOOL}").status_code == 200
    assert school.get(f"/rosters/{what}/没有的学校").status_code == 404


def test_no_school_sees_or_changes_another_s_person(school: Client) -> None:
    assert school.get(f"/rosters/person/X1/{OTHER}").status_code == 404
    assert school.get(f"/rosters/person/X1/{SCHOOL}").status_code == 404
    for address in ("change-people", "change-class", "upload", "confirm"):
        fields = {"order": "withdraw", "person": "X1", "class": "C1"}
        assert school.post(f"/rosters/{address}/{OTHER}", fields).status_code == 404
    order(school, "withdraw", "X1")

    assert one("X1", OTHER).approved
    assert Change.objects.filter(what="approved").count() == 0


@pytest.mark.parametrize("path", ["/rosters", PEOPLE, f"/rosters/person/S1/{SCHOOL}", f"/rosters/history/{SCHOOL}"])
def test_a_technician_sees_nobody(path: str) -> None:
    assert signed("technician").get(path).status_code == 403


@pytest.mark.parametrize("role", ["auditor", "technician"])
def test_who_only_looks_changes_nothing(role: Role) -> None:
    browser = signed(role)

    for address in ("change-people", "change-class", "upload", "confirm"):
        assert browser.post(f"/rosters/{address}/{SCHOOL}", {"order": "withdraw", "person": "S1"}).status_code == 403
    assert browser.get(f"/rosters/import/{SCHOOL}").status_code == 403
    assert one("S1").approved
    if role == "auditor":
        assert '<button name="order"' not in browser.get(PEOPLE).content.decode()


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, ["S1", "S2", "S3", "T1"]),
        ({"q": "小明"}, ["S1"]),
        ({"q": "s2"}, ["S2"]),
        ({"q": "qr-1"}, ["S1"]),
        ({"class": "C1"}, ["S1", "S2"]),
        ({"class": "-"}, ["T1"]),
        ({"state": "not_approved"}, ["S3"]),
        ({"state": "observed"}, ["S2"]),
        ({"state": "no_health", "class": "C1"}, []),
        ({"state": "nonsense", "q": "\0"}, ["S1", "S2", "S3", "T1"]),
    ],
)
def test_people_are_found_by_name_id_badge_class_and_state(
    school: Client, asked: dict[str, str], found: list[str]
) -> None:
    assert sorted(ids(school.get(PEOPLE, asked))) == found


def test_those_who_are_ticked_are_approved_and_it_is_noted_by_whom(school: Client) -> None:
    answer = order(school, "approve", "S3", "S1")

    assert one("S3").approved
    note = Change.objects.get(what="approved")
    assert (note.who, note.by, note.before, note.after) == ("S3", f"school-{SCHOOL}", "False", "True")
    assert "已修改 1 项" in school.get(answer["Location"]).content.decode()


@pytest.mark.parametrize(
    ("code", "person", "field", "value"),
    [
        ("withdraw", "S1", "approved", False),
        ("health", "S3", "health_record", True),
        ("no_health", "S1", "health_record", False),
        ("release", "S2", "observation_until", None),
    ],
)
def test_each_order_does_what_it_says(school: Client, code: str, person: str, field: str, value: object) -> None:
    order(school, code, person)

    assert getattr(one(person), field) == value


def test_an_observation_is_set_and_only_a_release_shortens_it(school: Client) -> None:
    order(school, "observe", "S1", until="2999-03-02")
    order(school, "observe", "S1", until="2999-03-01")
    assert str(one("S1").observation_until) == "2999-03-02"

    order(school, "observe_open", "S1")
    assert str(one("S1").observation_until) == "9999-12-31"
    order(school, "release", "S1")
    assert one("S1").observation_until is None


@pytest.mark.parametrize("until", ["", "2020-01-01", "2999-02-30", "soon", "<b>"])
def test_an_observation_needs_a_day_that_is_not_over(school: Client, until: str) -> None:
    answer = order(school, "observe", "S1", until=until)

    assert one("S1").observation_until is None
    assert 'role="status"' in school.get(answer["Location"]).content.decode()


def test_all_whom_the_filter_shows(school: Client) -> None:
    fields = {"scope": "filtered", "class": "C1", "order": "no_health", "expected": "2"}
    school.post(CHANGE, fields)

    assert [one(key).health_record for key in ("S1", "S2", "T1")] == [False, False, True]


def test_when_the_list_has_changed_meanwhile_nothing_is_done(school: Client) -> None:
    answer = school.post(CHANGE, {"scope": "filtered", "class": "C1", "order": "no_health", "expected": "3"})

    assert one("S1").health_record
    assert "什么都没有改" in school.get(answer["Location"]).content.decode()


@pytest.mark.parametrize("fields", [{}, {"order": "nonsense", "person": "S1"}, {"order": "approve", "person": "NO"}])
def test_what_cannot_be_done_is_told_and_not_done(school: Client, fields: dict[str, str]) -> None:
    answer = school.post(CHANGE, fields)

    assert answer.status_code == 302
    assert 'role="status"' in school.get(answer["Location"]).content.decode()
    assert not Change.objects.filter(version__gt=1).exists()


@pytest.mark.parametrize("onward", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "evil"])
def test_an_order_never_leads_elsewhere(school: Client, onward: str) -> None:
    assert order(school, "approve", "S3", next=onward)["Location"].startswith("/rosters/people/")


def test_no_other_site_orders_anything() -> None:
    browser = signed("officer", csrf=True)

    assert order(browser, "withdraw", "S1").status_code == 403
    assert one("S1").approved


def test_a_class_gets_an_entry_window_and_loses_it(school: Client) -> None:
    address = f"/rosters/change-class/{SCHOOL}"

    def window() -> tuple[int, int]:
        found = SchoolClass.objects.get(school=SCHOOL, class_id="C1")
        return found.earliest_min, found.latest_min

    school.post(address, {"class": "C1", "earliest": "07:30", "latest": "07：50"})
    assert window() == (450, 470)
    for earliest, latest in (("08:00", "07:00"), ("7h", "08:00"), ("", ""), ("07:30", "25:00")):
        school.post(address, {"class": "C1", "earliest": earliest, "latest": latest})
    assert window() == (450, 470)
    assert [row[3:6] for row in table(school.get(f"/rosters/history/{SCHOOL}?who=C1"))[:2]] == [
        ["最晚入校 Latest entry", "24:00", "07:50"],
        ["最早入校 Earliest entry", "00:00", "07:30"],
    ]

    school.post(address, {"class": "C1", "all_day": "1"})
    assert window() == (0, 1440)


def test_a_whole_class_is_approved(school: Client) -> None:
    school.post(f"/rosters/change-class/{SCHOOL}", {"class": "C2", "order": "approve"})

    assert one("S3").approved


def test_a_person_s_page_tells_who_changed_what(school: Client) -> None:
    order(school, "withdraw", "S1")

    rows = table(school.get(f"/rosters/person/S1/{SCHOOL}"))

    assert rows[0][1:6] == [f"school-{SCHOOL}", "S1", "返校批准 Approved", "是 yes", "否 no"]
    assert rows[-1][1:6] == ["教务处", "S1", "条目 Entry", "—", "李小明 · 学生 · 三年级一班"]


def test_somebody_who_was_taken_off_keeps_a_history(school: Client, tmp_path: Path) -> None:
    import_table(tmp_path, TABLE.replace("S1,李小明,学生,三年级一班,A1;QR-1,是,,是\n", ""), "--remove-missing")

    page = school.get(f"/rosters/person/S1/{SCHOOL}").content.decode()

    assert "已不在名单上" in page
    assert "李小明" in page


def test_every_look_at_people_is_noted(school: Client) -> None:
    school.get(PEOPLE, {"class": "C1", "q": "小明"})
    school.get(f"/rosters/person/S1/{SCHOOL}")
    school.get(f"/rosters/history/{SCHOOL}?who=C1")

    assert list(Look.objects.order_by("pk").values_list("what", "school", "about")) == [
        ("people", SCHOOL, "三年级一班 · 小明"),
        ("person", SCHOOL, "S1"),
        ("history", SCHOOL, "C1"),
    ]


def test_names_are_text_and_never_markup(school: Client, tmp_path: Path) -> None:
    import_table(tmp_path, TABLE.replace("李小明", "<script>alert(1)</script>").replace("三年级一班", "<b>班"))

    for path in ("people", "person/S1", "classes", "history"):
        page = school.get(f"/rosters/{path}/{SCHOOL}").content.decode()
        assert "<script>" not in page
        assert "<b>班" not in page
        assert "&lt;" in page


@pytest.mark.parametrize("path", ["person/%00", "people/%00", "history", "confirm"])
def test_what_no_database_takes_finds_nothing(school: Client, path: str) -> None:
    if path == "confirm":
        assert school.post(f"/rosters/confirm/{SCHOOL}", {"token": "\0"}).status_code == 422
    else:
        assert school.get(f"/rosters/{path}/{SCHOOL}", {"who": "\0"}).status_code in {200, 404}


def test_nothing_of_people_is_kept_in_a_cache(school: Client) -> None:
    for path in ("people", "person/S1", "history", "import"):
        assert "no-store" in school.get(f"/rosters/{path}/{SCHOOL}")["Cache-Control"]
