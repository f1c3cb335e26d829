"""foregate-county add-account: somebody who may sign in to the county's pages, in one of four roles."""

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import User
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError

from county.accounts.console import UNKNOWN_SCHOOL, check_school, is_known, take_name, take_role
from county.accounts.making import make_account
from county.accounts.passwords import SHOWN_ONCE, new_password, take_generate
from county.gates.console import CountyCommand
from edge.core.errors import ConfigError


class Command(CountyCommand):
    help = (
        "新建登录账号，没有默认密码。officer 县级值班；school 一所学校；technician 技术人员，看不到个人数据；"
        "auditor 审计，只看不改。"
        "Create a sign-in; there is no default password. officer: everything; school: its own people; technician: no"
        " personal data; auditor: reads all, changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        take_name(parser)
        take_role(parser)
        take_generate(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        name, role, school = options["name"], options["role"], options["school"]
        _check_name(name)
        check_school(role, school)
        password = new_password(User(username=name), options["generate"])
        make_account(name, role, school, password)
        if school is not None and not is_known(school):
            self.stderr.write(UNKNOWN_SCHOOL.format(school=school))
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
