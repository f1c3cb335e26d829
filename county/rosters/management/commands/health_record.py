"""foregate-county health-record: whose 14-day health record is complete."""

from argparse import ArgumentParser
from dataclasses import replace
from typing import Any

from county.rosters.console import RosterCommand, on_each, take_by, take_people


class Command(RosterCommand):
    help = (
        "登记 14 天健康记录已齐（或用 --missing 登记为缺）。"
        "Note that the 14-day health record is complete, or that it is missing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        take_people(parser)
        parser.add_argument("--missing", action="store_true", help="健康记录缺失 / it is missing")
        take_by(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        complete = not options["missing"]
        self.change(options, on_each(options, lambda one: replace(one, health_record=complete)))
