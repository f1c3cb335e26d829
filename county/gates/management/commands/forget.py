"""foregate-county forget: erases the contents of records whose time is over; the chain stays provable."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from county.gates.console import CountyCommand
from county.gates.retention import forget


class Command(CountyCommand):
    help = (
        "删除超过 FOREGATE_COUNTY_KEEP_DAYS 天（默认 400）的记录内容：人员、体温、说明；"
        "链接、指纹和签名保留，仍可查证。"
        "Erase the contents of records older than FOREGATE_COUNTY_KEEP_DAYS (400): person, temperatures, notes. "
        "Links, fingerprints and signatures stay provable. Run it every night."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        days = settings.ENVIRONMENT.keep_days
        done = forget(timezone.now() - timedelta(days=days))
        self.stdout.write(
            f"已删除 {days} 天以前的内容：记录 {done.records} 条，异常 {done.anomalies} 条 / "
            f"erased what is older than {days} days: {done.records} records, {done.anomalies} anomalies"
        )
