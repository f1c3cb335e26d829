"""foregate-county compose-reports: composes the reports of yesterday and today, or of one day; for a timer."""

from argparse import ArgumentParser
from datetime import date, timedelta
from time import perf_counter
from typing import Any

from django.utils import timezone

from county.core.day import local_day
from county.core.report_words import state_text, told_signal
from county.core.reporting import STATES, tally
from county.core.roster_words import day as read_day
from county.gates.console import CountyCommand
from county.gates.models import Gate
from county.reports import composing
from county.rosters.models import School
from edge.core.errors import ConfigError


class Command(CountyCommand):
    help = (
        "由记录生成日报（默认昨天和今天），列出迟报、未确认、缺报、需更正和早期信号。"
        "Compose the daily reports (of yesterday and today), and list what is late, unconfirmed, missing or to be"
        " amended, and the early signals."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--day", metavar="2026-03-02", help="只这一天 / this day only")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        today = local_day(now, timezone.get_default_timezone())
        asked = read_day(options["day"] or "")
        if asked is not None and not date(2020, 1, 1) <= date.fromisoformat(asked) <= today:
            raise ConfigError(
                f"--day {asked} 还没有到，或早于 2020 年", f"--day {asked} has not come yet, or is before 2020"
            )
        days = [today - timedelta(days=1), today] if asked is None else [date.fromisoformat(asked)]
        names = {*School.objects.values_list("name", flat=True), *Gate.objects.values_list("school", flat=True)}
        for day in days:
            self._compose(sorted(names), day, now)

    def _compose(self, schools: list[str], day: date, now: Any) -> None:
        began_s = perf_counter()
        rows = composing.rows(schools, day, now)
        counts = tally([row.standing for row in rows])
        told = "，".join(f"{text} {counts[state]}" for state, text in STATES.items() if counts[state])
        took_s = perf_counter() - began_s
        self.stdout.write(f"{day.isoformat()}  {len(rows)} 所学校 / schools  {told}  ({took_s:.1f} s)")
        for row in rows:
            if row.standing.state in ("unconfirmed", "missing") or row.standing.arrived.due:
                self.stdout.write(f"  {row.standing.school}: {state_text(row.standing)}")
            for one in row.plain["signals"]:
                self.stdout.write(f"  {row.standing.school}: {told_signal(one)}")
