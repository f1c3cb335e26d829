"""foregate-county show-roster: a school's roster, its classes and one person's history."""

from argparse import ArgumentParser
from typing import Any

from django.db import transaction
from django.utils import timezone

from county.core.roll import clock, person, told_until, under_observation
from county.rosters.changing import roll_of
from county.rosters.console import RosterCommand, known_school, today
from county.rosters.models import Change, School
from edge.core.errors import RosterError
from edge.core.roster import person_line

# A number that no import ever reaches, and that leaves room for those that follow.
HIGHEST_VERSION = 2**52


class Command(RosterCommand):
    help = (
        "显示名单版本、班级和人数；--person 显示一人及其修改记录。"
        "Show version, classes and counts; --person shows one entry and who changed it when."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--person", metavar="ID", help="一个人 / one person")
        parser.add_argument(
            "--raise-version",
            type=int,
            metavar="N",
            help="把版本号提高到 N（从备份恢复之后）/ raise the version to N (after a backup was restored)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["raise_version"] is not None:
            _raise_version(options["school"], options["raise_version"])
        school = known_school(options["school"])
        if options["person"]:
            self._show_person(school, options["person"])
        else:
            self._show_school(school)

    def _show_school(self, school: School) -> None:
        roll, day = roll_of(school), today()
        people = list(roll.people.values())
        approved = sum(one.approved for one in people)
        observed = sum(under_observation(one, day) for one in people)
        without = sum(not one.health_record for one in people)
        self.stdout.write(f"{school.name}：名单版本 {school.version} / roster version {school.version}")
        self.stdout.write(
            f"{len(people)} 人，批准 {approved}，医学观察 {observed}，缺健康记录 {without} / {len(people)} people,"
            f" {approved} approved, {observed} under observation, {without} without a health record"
        )
        for window in sorted(roll.classes.values(), key=lambda one: one.class_id):
            count = sum(one.class_id == window.class_id for one in people)
            self.stdout.write(
                f"  {window.class_id}  {window.name}  {clock(window.earliest_min)}–{clock(window.latest_min)}"
                f"  {count} 人 / people"
            )

    def _show_person(self, school: School, person_id: str) -> None:
        one = person(roll_of(school), person_id)
        self.stdout.write(person_line(one).decode())
        if one.observation_until is not None:
            self.stdout.write(f"医学观察至 / under observation until: {told_until(one.observation_until)}")
        for change in Change.objects.filter(school=school, who=person_id).order_by("pk"):
            at = timezone.localtime(change.at).strftime("%Y-%m-%d %H:%M:%S")
            before, after = (("-" if value is None else value) for value in (change.before, change.after))
            self.stdout.write(f"  {at}  v{change.version}  {change.by}  {change.what}: {before} → {after}")


def _raise_version(name: str, version: int) -> None:
    with transaction.atomic():
        school = known_school(name)
        if not school.version < version <= HIGHEST_VERSION:
            raise RosterError(
                f"版本号只能从 {school.version} 往上提高", f"the version can only be raised above {school.version}"
            )
        school.version = version
        school.save(update_fields=["version"])
