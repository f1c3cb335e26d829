"""foregate-county sign-in-link: an address that signs an officer in once."""

from argparse import ArgumentParser
from typing import Any

from django.urls import reverse

from county.accounts.console import find_user, take_name
from county.accounts.signing_in import new_link
from county.gates.console import CountyCommand


class Command(CountyCommand):
    help = (
        "打印一次性登录路径（24 小时内有效），接在服务器地址之后使用。"
        "Print a path that signs in once within 24 hours; append it to the server's address."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        take_name(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(reverse("sign-in-once", kwargs={"token": new_link(find_user(options["name"]))}))
