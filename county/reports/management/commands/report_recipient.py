"""foregate-county report-recipient: an officer who receives reports for the bureau, or for a township."""

from argparse import ArgumentParser
from typing import Any

from county.accounts.models import Appointment
from county.core.reporting import LINES
from county.gates.console import CountyCommand
from county.reports.models import Recipient, SchoolTownship
from edge.core.errors import ConfigError


class Command(CountyCommand):
    help = (
        "登记日报接收人：县教育局应急办或乡镇；其可在页面上签收。"
        "Note who receives the reports, for the bureau's emergency office or a township, and may take note of them."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", metavar="NAME", help="登录名 / the name to sign in with")
        how = parser.add_mutually_exclusive_group(required=True)
        how.add_argument("--line", choices=sorted(LINES), help="报送对象 / the line")
        how.add_argument("--none", action="store_true", help="不再接收 / no longer")
        parser.add_argument("--township", default="", metavar="T", help="只收该乡镇 / of this township only")

    def handle(self, *args: Any, **options: Any) -> None:
        name, line, township = options["name"], options["line"], options["township"].strip()
        found = Appointment.objects.filter(user__username=name, user__is_active=True, role="officer").first()
        if found is None:
            raise ConfigError(
                f"没有县级值班账号 {name}；请先运行 foregate-county add-account",
                f"there is no officer {name}; run foregate-county add-account first",
            )
        if options["none"]:
            Recipient.objects.filter(user_id=found.user_id).delete()
            self.stdout.write(f"{name}：— / no line")
            return
        if township and (line != "township" or not SchoolTownship.objects.filter(township=township).exists()):
            raise ConfigError(
                f"没有学校属于乡镇 {township}；请先运行 foregate-county school-township"
                "（--township 只用于 --line township）",
                f"no school lies in {township}; run foregate-county school-township first (--township goes with"
                " --line township)",
            )
        Recipient.objects.update_or_create(user_id=found.user_id, defaults={"line": line, "township": township})
        self.stdout.write(f"{name}：{LINES[line]} {township}".rstrip())
