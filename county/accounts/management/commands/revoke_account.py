"""foregate-county revoke-account: somebody may not sign in any more, and is signed out."""

from argparse import ArgumentParser
from typing import Any

from county.accounts.console import find_user, take_name
from county.accounts.models import SignInLink
from county.gates.console import CountyCommand


class Command(CountyCommand):
    help = "停用登录账号，已登录的立即失效。End a sign-in; whoever is signed in with it is signed out."

    def add_arguments(self, parser: ArgumentParser) -> None:
        take_name(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        user = find_user(options["name"])
        user.is_active = False
        user.save(update_fields=["is_active"])
        SignInLink.objects.filter(user=user).delete()
        self.stdout.write(f"已停用 / revoked: {user.username}")
