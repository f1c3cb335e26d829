"""foregate-county add-officer: somebody who may sign in to the county's page."""

import secrets
import sys
from argparse import ArgumentParser
from getpass import getpass
from typing import Any

from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError

from county.gates.console import CountyCommand
from edge.core.errors import ConfigError


class Command(CountyCommand):
    help = "新建登录账号，没有默认密码。Create a sign-in; there is no default password."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", metavar="NAME", help="登录名 / the name to sign in with")
        parser.add_argument(
            "--generate",
            action="store_true",
            help="生成随机密码并显示一次 / make a random password and show it once",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        name = options["name"]
        _check_name(name)
        password = secrets.token_urlsafe(15) if options["generate"] else _typed(User(username=name))
        User.objects.create_user(name, password=password)
        if options["generate"]:
            self.stdout.write(password)
            self.stderr.write("密码只显示这一次 / the password is shown this once")
        else:
            self.stdout.write(f"已新建 / created: {name}")


def _check_name(name: str) -> None:
    try:
        UnicodeUsernameValidator()(name)
    except ValidationError as error:
        raise ConfigError(
            f"登录名 {name!r} 无效；请用文字、数字和 @ . + - _",
            f"{name!r} is no name to sign in with; use letters, digits and @ . + - _",
        ) from error
    if len(name) > 150 or User.objects.filter(username=name).exists():
        raise ConfigError(
            f"登录名 {name} 过长或已存在；更换密码请运行 foregate-county changepassword {name}",
            f"{name} is too long or exists already; for another password run foregate-county changepassword {name}",
        )


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
