"""What the commands of the rosters share: which school, who acts, which people; and telling what has changed."""

import getpass
import os
from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

from django.utils import timezone

from county.core.day import local_day
from county.core.roll import Roll, chosen, with_people
from county.gates.console import CountyCommand
from county.gates.models import Gate
from county.rosters.changing import change_roll
from county.rosters.models import School
from edge.core.errors import RosterError
from edge.core.roster import Person


class RosterCommand(CountyCommand):
    """A command about the roster of one school."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """SCHOOL as the first argument."""
        parser.add_argument(
            "school", metavar="SCHOOL", help="学校名称，与闸机登记的一致 / the school, as its gates name it"
        )

    def change(self, options: dict[str, Any], edit: Callable[[Roll], Roll]) -> None:
        """Change the roll of the school and say what came of it."""
        school, found = change_roll(options["school"], options["by"], timezone.now(), edit)
        who = len({one.who for one in found})
        self.stdout.write(
            f"{school.name}：名单版本 {school.version}，{who} 项有变化 / roster version {school.version}, {who} changed"
        )
        if not Gate.objects.filter(school=school.name).exists():
            self.stderr.write(
                f"还没有闸机登记在 {school.name}；请核对名称（add-gate --school）/"
                " no gate is registered at this school; check its name"
            )


def take_by(parser: ArgumentParser) -> None:
    """--by NAME: who answers for the change; without it whoever is signed in to this machine."""
    parser.add_argument(
        "--by",
        default=_user(),
        metavar="NAME",
        help="谁作的修改 / who answers for the change (%(default)s)",
    )


def _user() -> str:
    try:
        return os.environ.get("SUDO_USER") or getpass.getuser()
    except (KeyError, OSError):
        # A user without a name, as containers have them.
        return f"uid {os.getuid()}"


def take_people(parser: ArgumentParser) -> None:
    """--person ID and --class NAME, each as often as wanted."""
    parser.add_argument(
        "--person", action="append", default=[], metavar="ID", help="编号，可重复 / an id, may be repeated"
    )
    parser.add_argument(
        "--class",
        action="append",
        default=[],
        dest="class_name",
        metavar="NAME",
        help="班级名称，可重复 / a class, may be repeated",
    )


def known_school(name: str) -> School:
    """The school. RosterError: nothing was imported for it."""
    found = School.objects.filter(name=name).first()
    if found is None:
        known = "、".join(School.objects.order_by("name").values_list("name", flat=True)) or "-"
        raise RosterError(
            f"没有 {name} 的名单；请先运行 foregate-county import-roster；现有 {known}",
            f"there is no roster of {name}; run foregate-county import-roster first; there are {known}",
        )
    return found


def on_each(options: dict[str, Any], change: Callable[[Person], Person]) -> Callable[[Roll], Roll]:
    """What does this to all the people that --person and --class name. RosterError: nobody is named."""
    known_school(options["school"])
    if not options["person"] and not options["class_name"]:
        raise RosterError("请用 --person 或 --class 指明是谁", "say with --person or --class who it is about")

    def edit(roll: Roll) -> Roll:
        people = chosen(roll, options["person"], options["class_name"])
        if not people:
            raise RosterError("这些班级里没有人", "there is nobody in these classes")
        return with_people(roll, map(change, people))

    return edit


def today() -> str:
    """The county's day, as ISO date."""
    return local_day(timezone.now(), timezone.get_default_timezone()).isoformat()
