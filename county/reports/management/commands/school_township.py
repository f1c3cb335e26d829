"""foregate-county school-township: in which township a school lies, so that its reports are lodged there."""

from argparse import ArgumentParser
from typing import Any

from county.gates.console import CountyCommand
from county.gates.models import Gate
from county.reports.models import SchoolTownship
from county.rosters.models import School
from edge.core.errors import ConfigError


class Command(CountyCommand):
    help = (
        "登记学校所属乡镇，以后的日报报送到该乡镇。"
        "Note in which township a school lies; its reports are lodged there from now on."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("school", metavar="SCHOOL", help="学校名称 / the school")
        parser.add_argument("township", metavar="TOWNSHIP", help="乡镇名称，1–60 个字 / the township")

    def handle(self, *args: Any, **options: Any) -> None:
        school, township = options["school"], options["township"].strip()
        if not (School.objects.filter(name=school).exists() or Gate.objects.filter(school=school).exists()):
            raise ConfigError(
                f"没有学校 {school}；请核对名称（import-roster、add-gate --school）",
                f"there is no school {school}; check its name (import-roster, add-gate --school)",
            )
        if not 1 <= len(township) <= 60:
            raise ConfigError("乡镇名称须为 1–60 个字", "a township's name has 1 to 60 characters")
        SchoolTownship.objects.update_or_create(school=school, defaults={"township": township})
        self.stdout.write(f"{school}：{township}")
