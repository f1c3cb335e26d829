"""foregate-county revoke-officer: somebody may not sign in any more, and is signed out."""

from argparse import ArgumentParser
from typing import Any

from county.gates.console import CountyCommand, find_officer, take_officer
from county.gates.models import SignInLink


class Command(CountyCommand):
    help = "停用登录账号，已登录的立即失效。End a sign-in; whoever is signed in with it is signed out."

    def add_arguments(self, parser: ArgumentParser) -> None:
        take_officer(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        officer = find_officer(options["name"])
        officer.is_active = False
        officer.save(update_fields=["is_active"])
        SignInLink.objects.filter(officer=officer).delete()
        self.stdout.write(f"已停用 / revoked: {officer.username}")
