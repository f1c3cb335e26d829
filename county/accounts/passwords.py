"""Passwords at the command line: typed twice by a person, or made and shown once."""

import secrets
import sys
from argparse import ArgumentParser
from getpass import getpass

from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from edge.core.errors import ConfigError

SHOWN_ONCE = "密码只显示这一次 / the password is shown this once"


def take_generate(parser: ArgumentParser) -> None:
    """--generate."""
    parser.add_argument(
        "--generate",
        action="store_true",
        help="生成随机密码并显示一次 / make a random password and show it once",
    )


def new_password(officer: User, generate: bool) -> str:
    """A password for this officer: a random one (120 bits), or what is typed. ConfigError: no terminal, or too weak."""
    return secrets.token_urlsafe(15) if generate else _typed(officer)


def _typed(officer: User) -> str:
    if not sys.stdin.isatty():
        raise ConfigError(
            "没有终端可输入密码；请加 --generate 生成密码", "no terminal to type a password at; add --generate"
        )
    password = getpass("密码 / password: ")
    if getpass("再输入一次 / once more: ") != password:
        raise ConfigError("两次输入不同；请重试", "the two are different; try again")
    try:
        validate_password(password, officer)
    except ValidationError as error:
        raise ConfigError(
            "密码太弱：" + " ".join(error.messages),
            "the password is too weak: take 10 characters or more, not only digits, nothing common, not the name",
        ) from error
    return password
