"""What the commands about accounts share: naming one and finding it."""

from argparse import ArgumentParser

from django.contrib.auth.models import User

from county.core.roles import ROLES
from county.gates.models import Gate
from county.rosters.models import School
from edge.core.errors import ConfigError

UNKNOWN_SCHOOL = (
    "还没有名为 {school} 的闸机或名单；请核对名称（须与 add-gate --school 一字不差）/"
    " no gate and no roster is of this school; check its name"
)


def take_name(parser: ArgumentParser) -> None:
    """NAME as the first argument."""
    parser.add_argument("name", metavar="NAME", help="登录名 / the name to sign in with")


def take_role(parser: ArgumentParser) -> None:
    """--role and, with a school's account, --school."""
    parser.add_argument("--role", required=True, choices=ROLES, help="角色 / the role")
    parser.add_argument("--school", help="角色 school 的学校，与闸机登记的一致 / the school of a school's account")


def check_school(role: str, school: str | None) -> None:
    """ConfigError: a school's account names no school, or another's names one."""
    if (role == "school") != (school is not None) or school == "" or len(school or "") > 60:
        raise ConfigError(
            "角色 school 须用 --school 写明学校（1–60 个字），其他角色不写",
            "a school's account names its --school (1 to 60 characters), the other roles name none",
        )


def is_known(school: str) -> bool:
    """Whether a gate or a roster is of this school."""
    return Gate.objects.filter(school=school).exists() or School.objects.filter(name=school).exists()


def find_user(name: str) -> User:
    """The user. ConfigError: nobody of this name may sign in."""
    user = User.objects.filter(username=name, is_active=True).first()
    if user is None:
        raise ConfigError(
            f"没有名为 {name} 的有效账号；请先运行 foregate-county add-account",
            f"nobody called {name} may sign in; run foregate-county add-account first",
        )
    return user
