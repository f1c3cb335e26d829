"""foregate-county change-account: somebody has another role from now on; a session that is open, too."""

from argparse import ArgumentParser
from typing import Any

from county.accounts.console import UNKNOWN_SCHOOL, check_school, find_user, is_known, take_name, take_role
from county.accounts.models import Appointment
from county.gates.console import CountyCommand


class Command(CountyCommand):
    help = (
        "更改账号的角色或学校，立即生效，已登录的也是；密码不变。"
        "Give an account another role or school, at once, also where it is signed in; the password stays."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        take_name(parser)
        take_role(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        user, role, school = find_user(options["name"]), options["role"], options["school"]
        check_school(role, school)
        Appointment.objects.update_or_create(user=user, defaults={"role": role, "school": school})
        if school is not None and not is_known(school):
            self.stderr.write(UNKNOWN_SCHOOL.format(school=school))
        self.stdout.write(f"{user.username}：{role} {school or ''}".rstrip())
