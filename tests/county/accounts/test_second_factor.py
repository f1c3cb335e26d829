"""One-time codes: switched on with a first code, asked for at sign-in, each taken once, guesses slowed down."""

import re
from datetime import datetime, timedelta
from io import StringIO

import pyotp
import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client, override_settings
from django.utils import timezone

from county.accounts import second_factor
from county.accounts.making import make_account
from county.accounts.models import RecoveryCode, SecondFactor
from county.accounts.slowing import FAILURES_OF_NAME, WINDOW
from edge.core.errors import ConfigError
from tests.county.databases import on_both
from tests.county.gate_client import Answer

PASSWORD = "correct horse battery"
pytestmark = [on_both, pytest.mark.usefixtures("database")]


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, tzinfo=timezone.get_default_timezone())

    def pass_s(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(timezone, "now", lambda: clock.now)
    return clock


@pytest.fixture
def li(database: object) -> User:
    return make_account("li", "officer", password=PASSWORD).user


def code(secret: str, clock: Clock, steps: int = 0) -> str:
    return pyotp.TOTP(secret).at(int(clock.now.timestamp()) + 30 * steps)


@pytest.fixture
def secret(li: User, clock: Clock) -> str:
    """The secret of li, with codes switched on, and the code of this half-minute used."""
    second_factor.begin(li)
    secret = second_factor.pending_secret(li)
    assert secret is not None
    assert second_factor.confirm(li, code(secret, clock)) is not None
    clock.pass_s(60)
    return secret


def first_half(browser: Client, onward: str = "/gates/G1") -> Answer:
    return browser.post("/sign-in", {"name": "li", "password": PASSWORD, "next": onward})


def second_half(browser: Client, typed: str) -> Answer:
    return browser.post("/sign-in/code", {"code": typed, "next": "/gates/G1"})


def signed_in(browser: Client) -> bool:
    return browser.get("/account").status_code == 200


def test_the_codes_are_those_of_rfc_6238(li: User, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Appendix B, SHA-1, the last six of eight digits; 59 s and 1111111109 s after 1970."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    monkeypatch.setattr(pyotp, "random_base32", lambda length: secret)
    second_factor.begin(li)

    clock.now = datetime.fromtimestamp(59, timezone.get_default_timezone())
    assert second_factor.confirm(li, "287082") is not None
    clock.now = datetime.fromtimestamp(1111111109, timezone.get_default_timezone())
    assert second_factor.take_code(li, "081804")


def test_switching_on_from_page_to_page(browser: Client, li: User, clock: Clock) -> None:
    first_half(browser)
    assert browser.post("/account/totp/begin", {"password": "wrong"}).status_code == 401
    assert not SecondFactor.objects.exists()

    assert browser.post("/account/totp/begin", {"password": PASSWORD}).status_code == 302
    page = browser.get("/account").content.decode()
    shown = re.search(r'class="key">([A-Z2-7 ]+)<', page)
    assert shown is not None
    assert "<svg" in page
    secret = shown[1].replace(" ", "")
    assert not second_factor.is_on(li), "not before the telephone has shown that it has the secret"

    assert browser.post("/account/totp/confirm", {"code": "000000"}).status_code == 401
    done = browser.post("/account/totp/confirm", {"code": code(secret, clock)})

    codes = re.findall(r"<li><code>([A-Z2-7-]{19})</code>", done.content.decode())
    assert len(set(codes)) == 8
    assert second_factor.is_on(li)
    assert secret not in browser.get("/account").content.decode().replace(" ", ""), "never shown again"
    assert browser.get("/account")["Cache-Control"].find("no-store") >= 0


def test_the_password_alone_opens_nothing(browser: Client, secret: str, clock: Clock) -> None:
    answer = first_half(browser)
    assert answer["Location"] == "/sign-in/code?next=%2Fgates%2FG1"
    assert not signed_in(browser)
    assert second_half(browser, "123456").status_code == 401
    assert not signed_in(browser)

    answer = second_half(browser, code(secret, clock))

    assert (answer.status_code, answer["Location"]) == (302, "/gates/G1")
    assert signed_in(browser)


def test_a_code_without_a_password_opens_nothing(browser: Client, secret: str, clock: Clock) -> None:
    assert second_half(browser, code(secret, clock))["Location"] == "/sign-in?next=%2Fgates%2FG1"
    assert not signed_in(browser)


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_a_telephone_s_clock_may_be_a_little_off(browser: Client, secret: str, clock: Clock, steps: int) -> None:
    first_half(browser)
    typed = code(secret, clock, steps)

    assert second_half(browser, f" {typed[:3]} {typed[3:]}").status_code == 302


@pytest.mark.parametrize("steps", [-2, 2])
def test_but_not_by_a_minute(browser: Client, secret: str, clock: Clock, steps: int) -> None:
    first_half(browser)

    assert second_half(browser, code(secret, clock, steps)).status_code == 401


def test_a_code_is_taken_once_and_no_earlier_one_after_it(browser: Client, secret: str, clock: Clock) -> None:
    first_half(browser)
    assert second_half(browser, code(secret, clock)).status_code == 302

    for steps in (0, -1):
        other = Client()
        first_half(other)
        assert second_half(other, code(secret, clock, steps)).status_code == 401


def test_the_first_half_holds_for_five_minutes(browser: Client, secret: str, clock: Clock) -> None:
    first_half(browser)
    clock.pass_s(301)

    assert second_half(browser, code(secret, clock))["Location"].startswith("/sign-in?")


def test_a_changed_password_ends_the_first_half(browser: Client, secret: str, clock: Clock) -> None:
    first_half(browser)
    call_command("changepassword", "li", "--generate", stdout=StringIO(), stderr=StringIO())

    assert second_half(browser, code(secret, clock))["Location"].startswith("/sign-in?")


def test_guesses_of_codes_are_slowed_down_wherever_they_come_from(secret: str, clock: Clock) -> None:
    answers = []
    for guess in range(FAILURES_OF_NAME + 1):
        browser = Client(REMOTE_ADDR=f"192.0.2.{guess}")
        first_half(browser)
        answers.append(second_half(browser, "000000").status_code)
    assert answers == [401] * FAILURES_OF_NAME + [429]
    assert second_half(browser, code(secret, clock)).status_code == 429

    clock.pass_s(WINDOW.total_seconds() + 1)
    first_half(browser)
    assert second_half(browser, code(secret, clock)).status_code == 302


def test_a_link_asks_for_the_code_too(browser: Client, secret: str, clock: Clock) -> None:
    out = StringIO()
    call_command("sign_in_link", "li", stdout=out)

    assert browser.get(out.getvalue().strip())["Location"].startswith("/sign-in/code")
    assert not signed_in(browser)


def test_a_recovery_code_works_once_and_only_its_hash_is_kept(browser: Client, li: User, clock: Clock) -> None:
    second_factor.begin(li)
    secret = second_factor.pending_secret(li)
    assert secret is not None
    codes = second_factor.confirm(li, code(secret, clock))
    assert codes is not None
    assert not any(one in str(list(RecoveryCode.objects.values())) for one in codes)

    first_half(browser)
    assert second_half(browser, codes[0].lower().replace("-", " ")).status_code == 302
    other = Client()
    first_half(other)
    assert second_half(other, codes[0]).status_code == 401
    assert second_half(other, codes[1]).status_code == 302
    assert "剩余恢复码 6 个" in browser.get("/account").content.decode()


def test_a_copied_database_makes_no_codes(li: User, secret: str, clock: Clock) -> None:
    assert secret not in str(SecondFactor.objects.values().get())

    with override_settings(SECRET_KEY="another key of another server, long enough"):
        assert not second_factor.take_code(li, code(secret, clock))


def test_it_is_switched_off_with_a_code(browser: Client, li: User, secret: str, clock: Clock) -> None:
    first_half(browser)
    second_half(browser, code(secret, clock))
    clock.pass_s(60)
    assert browser.post("/account/totp/end", {"code": "000000"}).status_code == 401
    assert second_factor.is_on(li)

    assert browser.post("/account/totp/end", {"code": code(secret, clock)}).status_code == 302

    assert not second_factor.is_on(li)
    assert not RecoveryCode.objects.exists()


def test_beginning_anew_never_replaces_a_secret_in_force(browser: Client, li: User, secret: str, clock: Clock) -> None:
    first_half(browser)
    second_half(browser, code(secret, clock))
    browser.post("/account/totp/begin", {"password": PASSWORD})

    clock.pass_s(60)
    assert second_factor.take_code(li, code(secret, clock))


def test_reset_totp_for_a_lost_telephone(browser: Client, li: User, secret: str) -> None:
    call_command("reset_totp", "li", stdout=StringIO())

    first_half(browser)
    assert signed_in(browser)
    with pytest.raises(ConfigError, match="no one-time codes"):
        call_command("reset_totp", "li", stdout=StringIO())


@pytest.mark.parametrize("path", ["begin", "confirm", "end"])
def test_no_other_site_switches_anything(li: User, path: str) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(li)

    assert browser.post(f"/account/totp/{path}", {"password": PASSWORD, "code": "000000"}).status_code == 403
