"""Who may open what: four roles on the present pages, and that every look at people is noted."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone

from county.accounts.access import Account, Role, account, log_look, may_see, signed_in, visible_schools
from county.accounts.making import make_account
from county.accounts.models import Look
from tests.county.databases import on_both
from tests.county.gate_client import register

pytestmark = [on_both, pytest.mark.usefixtures("database")]


def signed(name: str, role: Role, school: str | None = None) -> Client:
    browser = Client()
    browser.force_login(make_account(name, role, school).user)
    return browser


def asking(who: Account) -> HttpRequest:
    request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.1")
    request.user = who.user
    return request


def test_only_a_school_s_account_has_a_school() -> None:
    for role, school in (("school", None), ("officer", "第一小学")):
        with pytest.raises(IntegrityError):
            make_account("x", role, school)  # type: ignore[arg-type]
    assert not User.objects.exists()


def test_who_is_not_signed_in_comes_back_after_signing_in(browser: Client) -> None:
    assert browser.get("/gates/G1?kind=case")["Location"] == "/sign-in?next=/gates/G1%3Fkind%3Dcase"


def test_a_form_that_came_too_late_leads_to_a_page_that_there_is(browser: Client) -> None:
    assert browser.post("/account/totp/end", {"code": "1"})["Location"] == "/sign-in?next=/"


def test_somebody_without_a_role_sees_nothing(browser: Client) -> None:
    browser.force_login(User.objects.create_user("li"))

    answer = browser.get("/")

    assert answer.status_code == 403
    assert "没有权限" in answer.content.decode()
    assert "Not permitted" in answer.content.decode()


def test_a_school_sees_its_own_gates_only() -> None:
    register("G1", school="第一小学")
    register("G2", school="第二小学")
    school = signed("zhang", "school", "第二小学")

    page = school.get("/").content.decode()

    assert "G2" in page
    assert "/gates/G1" not in page
    assert (school.get("/gates/G2").status_code, school.get("/gates/G1").status_code) == (200, 403)


def test_a_technician_sees_what_happened_to_a_gate_and_nobody() -> None:
    register("G1")
    technician = signed("wu", "technician")

    assert technician.get("/", follow=True).status_code == 200
    assert technician.get("/gates/G1").status_code == 200
    for kind in ("passage", "override", "case"):
        assert technician.get(f"/gates/G1?kind={kind}").status_code == 403
    assert not Look.objects.exists()


@pytest.mark.parametrize(
    ("role", "school", "seen"),
    [
        ("officer", None, ["第一小学", "第二小学"]),
        ("auditor", None, ["第一小学", "第二小学"]),
        ("school", "第二小学", ["第二小学"]),
        ("technician", None, []),
    ],
)
def test_whose_people_each_role_sees(role: Role, school: str | None, seen: list[str]) -> None:
    register("G1", school="第一小学")
    register("G2", school="第二小学")
    who = make_account("x", role, school)

    assert visible_schools(who) == seen
    assert [name for name in ("第一小学", "第二小学") if may_see(who, name)] == seen


def test_the_decorator_lets_the_named_roles_in_and_no_other() -> None:
    @signed_in("auditor")
    def view(request: object) -> HttpResponse:
        return HttpResponse("in")

    assert view(asking(make_account("a", "auditor"))).status_code == 200
    for role in ("officer", "technician"):
        with pytest.raises(PermissionDenied):
            view(asking(make_account(role, role)))


def test_a_look_says_who_where_what_and_about_whom() -> None:
    register("G1")
    officer = signed("li", "officer")

    officer.get("/gates/G1?kind=case", REMOTE_ADDR="192.0.2.7")

    found = Look.objects.get()
    assert (found.by, found.role, found.address) == ("li", "officer", "192.0.2.7")
    assert (found.what, found.school, found.about) == ("gate case", "第一小学", "G1")


def test_a_page_that_renews_itself_is_one_look_each_quarter_of_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    request, began = asking(make_account("li", "officer")), timezone.now()
    for minute in (0, 1, 14, 16):
        monkeypatch.setattr(timezone, "now", lambda minute=minute: began + timedelta(minutes=minute))
        log_look(request, "people", "三年级一班", "第一小学")

    assert list(Look.objects.order_by("at").values_list("times", flat=True)) == [3, 1]


def test_nobody_looks_unnoted(monkeypatch: pytest.MonkeyPatch) -> None:
    register("G1")
    officer = signed("li", "officer")
    officer.raise_request_exception = False

    def full(*_: object, **__: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(Look.objects, "create", full)
    assert officer.get("/gates/G1").status_code == 500


def test_a_request_of_nobody_has_no_account() -> None:
    from django.contrib.auth.models import AnonymousUser

    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    with pytest.raises(PermissionDenied):
        account(request)


@pytest.mark.parametrize("path", ["/gates/G%00", "/fleet/gates/G%00", "/fleet/stage/G%00", "/rosters/people/G%00"])
def test_an_address_that_no_database_takes_is_no_page(path: str) -> None:
    assert signed("li", "officer").get(path).status_code == 404
