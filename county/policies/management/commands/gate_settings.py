"""foregate-county gate-settings: what a school's gates go by, shown and changed."""

from argparse import ArgumentParser
from typing import Any

from django.utils import timezone

from county.gates.models import Gate
from county.policies.changing import change_settings, raise_version, settings_of, typed_value
from county.rosters.console import RosterCommand, take_by
from edge.core.commanded import KEYS, written
from edge.core.errors import ConfigError


class Command(RosterCommand):
    help = (
        "显示或更改一所学校的闸机设置，例如 gate-settings 第一小学 --set policy.fever_forehead_c=36.2；"
        "闸机先显示十分钟再生效。"
        "Show or change what a school's gates go by; a gate shows it for ten minutes before it is in force."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--set", action="append", default=[], metavar="KEY=VALUE", help="设置一项，可重复 / set one, repeatable"
        )
        parser.add_argument(
            "--unset",
            action="append",
            default=[],
            metavar="KEY",
            help="改回闸机自己的配置，可重复 / as the gate is configured, repeatable",
        )
        parser.add_argument(
            "--raise-version",
            type=int,
            metavar="N",
            help="把版本号提高到 N（从备份恢复之后）/ raise the version to N (after a backup was restored)",
        )
        take_by(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        school = options["school"]
        if not Gate.objects.filter(school=school).exists():
            raise ConfigError(
                f"没有闸机登记在 {school}；请核对名称（add-gate --school）",
                f"no gate is registered at {school}; check its name (add-gate --school)",
            )
        edits = {**dict(map(_edit, options["set"])), **dict.fromkeys(options["unset"])}
        if edits:
            change_settings(school, options["by"], timezone.now(), edits)
        if options["raise_version"] is not None:
            raise_version(school, options["raise_version"], timezone.now())
        self._show(school)

    def _show(self, school: str) -> None:
        found = settings_of(school)
        version = "–" if found is None else found.version
        self.stdout.write(f"{school}：设置版本 {version} / settings version {version}")
        for name, value in ({} if found is None else found.settings).items():
            self.stdout.write(f"  {name} = {written(name, value)}  {KEYS[name].text}")
        self.stdout.write("可用的键 / keys: " + ", ".join(KEYS))


def _edit(given: str) -> tuple[str, object]:
    name, equals, typed = given.partition("=")
    name = name.strip()
    if not equals or not typed.strip():
        raise ConfigError(f"--set {given}：请写成 键=值", f"--set {given}: write KEY=VALUE")
    # An unknown key is told by whoever checks all of them.
    return name, typed_value(name, typed.strip()) if name in KEYS else typed.strip()
