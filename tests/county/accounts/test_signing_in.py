"""Who may look: name and password, slowed down after failures; or an address that works once."""

from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client, override_settings
from django.utils import timezone

from county.accounts import signing_in
from county.accounts.making import make_account
from county.accounts.models import Look, SignInFailure, SignInLink
from county.accounts.slowing import FAILURES_OF_ADDRESS, FAILURES_OF_NAME, WINDOW
from tests.county.databases import on_both
from tests.county.gate_client import Answer

PASSWORD = "correct horse battery"
pytestmark = [on_both, pytest.mark.usefixtures("database")]


@pytest.fixture(autouse=True)
def _somebody(database: object) -> None:
    make_account("li", "officer", password=PASSWORD)


def attempt(browser: Client, password: str, name: str = "li", onward: str = "/", **extra: Any) -> Answer:
    return browser.post("/sign-in", {"name": name, "password": password, "next": onward}, **extra)


def signed_in(browser: Client) -> bool:
    return browser.get("/").status_code == 200


def link() -> str:
    out = StringIO()
    call_command("sign_in_link", "li", stdout=out)
    return out.getvalue().strip()


def test_the_right_password_opens_the_page_that_was_asked_for(browser: Client) -> None:
    answer = attempt(browser, PASSWORD, onward="/gates/G1")

    assert (answer.status_code, answer["Location"]) == (302, "/gates/G1")
    assert signed_in(browser)


@pytest.mark.parametrize("onward", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""])
def test_signing_in_never_leads_elsewhere(browser: Client, onward: str) -> None:
    assert attempt(browser, PASSWORD, onward=onward)["Location"] == "/"


@pytest.mark.parametrize(("name", "password"), [("li", "wrong"), ("nobody", PASSWORD), ("", ""), ("li\x00", PASSWORD)])
def test_a_wrong_name_and_a_wrong_password_look_the_same(browser: Client, name: str, password: str) -> None:
    answer = attempt(browser, password, name)

    assert answer.status_code == 401
    assert "登录名或密码不正确" in answer.content.decode()
    assert "Wrong name or password" in answer.content.decode()
    assert not signed_in(browser)


def test_after_some_failures_even_the_right_password_has_to_wait(
    browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(FAILURES_OF_NAME):
        attempt(browser, "wrong")

    refused = attempt(browser, PASSWORD)
    assert refused.status_code == 429
    assert "15 分钟" in refused.content.decode()
    assert not signed_in(browser)

    later = timezone.now() + WINDOW + timedelta(seconds=1)
    monkeypatch.setattr(timezone, "now", lambda: later)
    assert attempt(browser, PASSWORD).status_code == 302


def test_one_address_cannot_try_many_names(browser: Client) -> None:
    for k in range(FAILURES_OF_ADDRESS):
        assert attempt(browser, "wrong", f"name{k}").status_code == 401

    assert attempt(browser, "wrong", "another").status_code == 429
    assert attempt(browser, PASSWORD, REMOTE_ADDR="192.0.2.7").status_code == 302, "others are not held up"


def test_guesses_at_once_are_looked_at_no_more_often_than_one_after_the_other(
    browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at: list[str] = []
    answers: list[int] = []

    def slow_look(request: object, username: str, password: str) -> None:
        looked_at.append(password)
        # While this one is being looked at, all others arrive.
        if len(looked_at) < 2 * FAILURES_OF_NAME:
            answers.append(attempt(Client(), "another guess").status_code)

    monkeypatch.setattr(signing_in, "authenticate", slow_look)
    for _ in range(10):
        attempt(browser, "wrong")

    assert len(looked_at) == FAILURES_OF_NAME
    assert 429 in answers


def test_success_forgives_earlier_failures(browser: Client) -> None:
    for _ in range(FAILURES_OF_NAME - 1):
        attempt(browser, "wrong")
    attempt(browser, PASSWORD)

    assert not SignInFailure.objects.exists(), "not even the attempt that succeeded"
    for _ in range(FAILURES_OF_NAME - 1):
        assert attempt(Client(), "wrong").status_code == 401


@pytest.mark.parametrize("behind_proxy", [False, True])
def test_a_forwarded_address_counts_only_behind_a_proxy(browser: Client, behind_proxy: bool) -> None:
    with override_settings(BEHIND_PROXY=behind_proxy):
        for k in range(FAILURES_OF_NAME):
            attempt(browser, "wrong", HTTP_X_FORWARDED_FOR=f"198.51.100.{k}, 192.0.2.1")
        answer = attempt(browser, PASSWORD, HTTP_X_FORWARDED_FOR="192.0.2.2")

    assert answer.status_code == (302 if behind_proxy else 429)


def test_signing_in_and_out_need_the_form_s_token(browser: Client) -> None:
    strict = Client(enforce_csrf_checks=True)

    for path in ("/sign-in", "/sign-out"):
        answer = strict.post(path, {"name": "li", "password": PASSWORD})
        assert answer.status_code == 403
        assert "表单已过期" in answer.content.decode()


def test_signing_out_ends_the_session(browser: Client) -> None:
    attempt(browser, PASSWORD)

    assert browser.get("/sign-out").status_code == 405, "a link on another page must not sign anybody out"
    assert browser.post("/sign-out")["Location"] == "/sign-in"
    assert not signed_in(browser)


def test_who_is_signed_in_needs_no_form(browser: Client) -> None:
    attempt(browser, PASSWORD)

    assert browser.get("/sign-in")["Location"] == "/"


def test_cookies_are_kept_from_scripts_and_from_other_sites(browser: Client) -> None:
    browser.get("/sign-in")
    attempt(browser, PASSWORD)

    for name in ("foregate_county", "csrftoken"):
        assert browser.cookies[name]["httponly"]
        assert browser.cookies[name]["samesite"] == "Lax"


def test_a_link_signs_in_once(browser: Client) -> None:
    address = link()

    assert browser.head(address).status_code == 405, "looking at the link does not use it up"
    assert browser.get(address)["Location"] == "/"
    assert signed_in(browser)
    second = Client()
    assert second.get(address).status_code == 410
    assert not signed_in(second)


def test_a_link_lasts_a_day(browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    early, late, began = link(), link(), timezone.now()

    def at(age: timedelta) -> datetime:
        return began + age

    monkeypatch.setattr(timezone, "now", lambda: at(timedelta(hours=23, minutes=59)))
    assert browser.get(early).status_code == 302
    monkeypatch.setattr(timezone, "now", lambda: at(timedelta(hours=24, minutes=1)))
    assert Client().get(late).status_code == 410


def test_only_the_fingerprint_of_a_link_is_kept() -> None:
    token = link().rpartition("/")[2]

    assert token not in str(list(SignInLink.objects.values()))


@pytest.mark.parametrize("token", ["x", "%00", "0" * 64])
def test_a_made_up_link_opens_nothing(browser: Client, token: str) -> None:
    link()

    assert browser.get(f"/sign-in/once/{token}").status_code == 410
    assert not signed_in(browser)


def test_a_revoked_account_is_out_at_once(browser: Client) -> None:
    attempt(browser, PASSWORD)
    address = link()

    call_command("revoke_account", "li", stdout=StringIO())

    assert not signed_in(browser)
    assert attempt(Client(), PASSWORD).status_code == 401
    assert Client().get(address).status_code == 410


def test_a_sign_in_stands_in_the_log_and_a_refused_one_does_not(browser: Client) -> None:
    attempt(browser, "wrong")
    assert not Look.objects.exists()

    attempt(browser, PASSWORD)

    assert list(Look.objects.values_list("by", "role", "what", "about")) == [("li", "officer", "sign in", "")]
