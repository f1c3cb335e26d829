"""foregate-county observe: somebody is under medical observation, until a day, until released, or no longer."""

from argparse import ArgumentParser
from dataclasses import replace
from typing import Any

from county.core.roll import longer
from county.core.roster_words import day
from county.rosters.console import RosterCommand, on_each, take_by, take_people
from edge.core.errors import RosterError
from edge.core.roster import UNTIL_RELEASED, Person


class Command(RosterCommand):
    help = (
        "登记医学观察：到某日（含）、到解除为止，或解除；已登记的不会因此缩短。"
        "Put under medical observation until a day (inclusive) or until released, or release; it is never shortened"
        " otherwise."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        take_people(parser)
        how = parser.add_mutually_exclusive_group(required=True)
        how.add_argument("--until", metavar="2026-03-14", help="到这一天（含）/ until this day, inclusive")
        how.add_argument("--until-released", action="store_true", help="到解除为止 / until released")
        how.add_argument("--release", action="store_true", help="解除医学观察 / end the observation")
        take_by(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        until = UNTIL_RELEASED if options["until_released"] else day(options["until"] or "")
        if until is None and not options["release"]:
            raise RosterError("请写日期，例如 --until 2026-03-14", "give a day, such as --until 2026-03-14")

        def change(one: Person) -> Person:
            return replace(one, observation_until=longer(one.observation_until, until) if until else None)

        self.change(options, on_each(options, change))
