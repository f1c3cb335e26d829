"""foregate-county changepassword: another password for an officer, in place of Django's command of this name."""

from argparse import ArgumentParser
from typing import Any

from county.accounts.console import find_user, take_name
from county.accounts.passwords import SHOWN_ONCE, new_password, take_generate
from county.gates.console import CountyCommand


class Command(CountyCommand):
    help = "更换密码，已登录的立即失效。Change a password; whoever is signed in with the old one is signed out."

    def add_arguments(self, parser: ArgumentParser) -> None:
        take_name(parser)
        take_generate(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        user = find_user(options["name"])
        password = new_password(user, options["generate"])
        user.set_password(password)
        user.save(update_fields=["password"])
        if options["generate"]:
            self.stdout.write(password)
            self.stderr.write(SHOWN_ONCE)
        else:
            self.stdout.write(f"已更换 / changed: {user.username}")
