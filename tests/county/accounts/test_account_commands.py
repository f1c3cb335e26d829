"""What an administrator types about accounts: made, changed and ended; secrets are shown once and never kept."""

import sys
from io import StringIO

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client

from county.accounts import passwords
from county.accounts.models import Appointment
from edge.core.errors import ConfigError

pytestmark = pytest.mark.usefixtures("database")


def run(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out, stderr=StringIO(), no_color=True)
    return out.getvalue().strip()


def test_a_generated_password_works_and_is_not_kept() -> None:
    password = run("add_account", "王医生", "--role", "officer", "--generate")

    assert len(password) == 20
    assert authenticate(username="王医生", password=password) is not None
    assert password not in str(User.objects.values().get())


class _Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def typing(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    answers = iter(lines)
    monkeypatch.setattr(sys, "stdin", _Terminal())
    monkeypatch.setattr(passwords, "getpass", lambda prompt: next(answers))


def test_a_typed_password_works(monkeypatch: pytest.MonkeyPatch) -> None:
    typing(monkeypatch, "correct horse battery", "correct horse battery")

    run("add_account", "li", "--role", "officer")

    assert authenticate(username="li", password="correct horse battery") is not None


@pytest.mark.parametrize(
    "lines", [("correct horse battery", "other"), ("short", "short"), ("1234567890123", "1234567890123")]
)
def test_a_bad_typed_password_makes_no_account(monkeypatch: pytest.MonkeyPatch, lines: tuple[str, str]) -> None:
    typing(monkeypatch, *lines)

    with pytest.raises(ConfigError):
        run("add_account", "li", "--role", "officer")
    assert not User.objects.exists()


def test_without_a_terminal_no_password_is_guessed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", StringIO("password\npassword\n"))

    with pytest.raises(ConfigError, match="--generate"):
        run("add_account", "li", "--role", "officer")
    assert not User.objects.exists()


@pytest.mark.parametrize("name", ["", "a b", "<b>", "x" * 151])
def test_a_name_that_cannot_sign_in_is_refused(name: str) -> None:
    with pytest.raises(ConfigError):
        run("add_account", "--role", "officer", "--generate", "--", name)


def test_an_account_is_not_made_twice() -> None:
    run("add_account", "li", "--role", "officer", "--generate")

    with pytest.raises(ConfigError, match="changepassword"):
        run("add_account", "li", "--role", "officer", "--generate")


def test_a_revoked_account_s_name_is_not_given_away() -> None:
    run("add_account", "li", "--role", "officer", "--generate")
    run("revoke_account", "li")

    with pytest.raises(ConfigError, match="another name"):
        run("add_account", "li", "--role", "officer", "--generate")


def test_a_changed_password_counts_from_now_on(monkeypatch: pytest.MonkeyPatch) -> None:
    first = run("add_account", "li", "--role", "officer", "--generate")
    second = run("changepassword", "li", "--generate")
    assert authenticate(username="li", password=first) is None
    assert authenticate(username="li", password=second) is not None

    typing(monkeypatch, "correct horse battery", "correct horse battery")
    assert "li" in run("changepassword", "li")
    assert authenticate(username="li", password="correct horse battery") is not None


def test_a_bad_new_password_leaves_the_old_one(monkeypatch: pytest.MonkeyPatch) -> None:
    old = run("add_account", "li", "--role", "officer", "--generate")
    typing(monkeypatch, "short", "short")

    with pytest.raises(ConfigError, match="too weak"):
        run("changepassword", "li")
    assert authenticate(username="li", password=old) is not None


def test_another_role_counts_at_once_where_somebody_is_signed_in() -> None:
    run("add_account", "li", "--role", "officer", "--generate")
    browser = Client(headers={"host": "localhost"})
    browser.force_login(User.objects.get(username="li"))
    assert browser.get("/account").status_code == 200
    assert browser.get("/looks").status_code == 403

    run("change_account", "li", "--role", "auditor")
    assert browser.get("/looks").status_code == 200

    run("change_account", "li", "--role", "school", "--school", "一中")
    assert Appointment.objects.get(user__username="li").school == "一中"
    assert browser.get("/looks").status_code == 403


@pytest.mark.parametrize("wrong", [["--role", "school"], ["--role", "auditor", "--school", "一中"]])
def test_a_role_without_its_school_changes_nothing(wrong: list[str]) -> None:
    run("add_account", "li", "--role", "officer", "--generate")
    with pytest.raises(ConfigError):
        run("change_account", "li", *wrong)
    assert Appointment.objects.get(user__username="li").role == "officer"


def test_nobody_s_role_cannot_be_changed() -> None:
    with pytest.raises(ConfigError, match="add-account"):
        run("change_account", "li", "--role", "officer")
