"""foregate-county add-officer: somebody who may sign in to the county's page."""

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import User
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError

from county.gates.console import CountyCommand, take_officer
from county.gates.passwords import SHOWN_ONCE, new_password, take_generate
from edge.core.errors import ConfigError


class Command(CountyCommand):
    help = "新建登录账号，没有默认密码。Create a sign-in; there is no default password."

    def add_arguments(self, parser: ArgumentParser) -> None:
        take_officer(parser)
        take_generate(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        name = options["name"]
        _check_name(name)
        password = new_password(User(username=name), options["generate"])
        User.objects.create_user(name, password=password)
        if options["generate"]:
            self.stdout.write(password)
            self.stderr.write(SHOWN_ONCE)
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
    if User.objects.filter(username=name, is_active=False).exists():
        raise ConfigError(
            f"账号 {name} 已停用，不再启用；请换一个登录名", f"{name} was revoked and stays so; take another name"
        )
    if len(name) > 150 or User.objects.filter(username=name).exists():
        raise ConfigError(
            f"登录名 {name} 过长或已存在；更换密码请运行 foregate-county changepassword {name}",
            f"{name} is too long or exists already; for another password run foregate-county changepassword {name}",
        )
