"""foregate-county approve-return: classes or people may come back, or may not after all."""

from argparse import ArgumentParser
from dataclasses import replace
from typing import Any

from county.rosters.console import RosterCommand, on_each, take_by, take_people


class Command(RosterCommand):
    help = "批准返校（或用 --withdraw 撤回）。Approve a return, or withdraw the approval."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        take_people(parser)
        parser.add_argument("--withdraw", action="store_true", help="撤回批准 / withdraw the approval")
        take_by(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        approved = not options["withdraw"]
        self.change(options, on_each(options, lambda one: replace(one, approved=approved)))
