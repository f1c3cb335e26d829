"""foregate-county entry-window: when a class may enter."""

from argparse import ArgumentParser
from typing import Any

from county.core.roll import WHOLE_DAY, with_window
from county.core.roster_words import minute
from county.rosters.console import RosterCommand, known_school, take_by
from edge.core.errors import RosterError


class Command(RosterCommand):
    help = (
        "设定班级的入校时段（错峰），例如 entry-window 第一小学 三年级二班 07:30 07:50；--all-day 取消。"
        "Say when a class may enter (staggered entry); --all-day lifts it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("class_name", metavar="CLASS", help="班级名称 / the class")
        parser.add_argument("times", nargs="*", metavar="HH:MM", help="最早和最晚 / earliest and latest")
        parser.add_argument("--all-day", action="store_true", help="全天 / all day")
        take_by(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        times = options["times"]
        if options["all_day"] == bool(times) or len(times) not in (0, 2):
            raise RosterError(
                "请写最早和最晚两个时间，或 --all-day", "give an earliest and a latest time, or --all-day"
            )
        earliest_min, latest_min = WHOLE_DAY if options["all_day"] else map(minute, times)
        known_school(options["school"])
        self.change(options, lambda roll: with_window(roll, options["class_name"], earliest_min, latest_min))
