"""foregate-county forget: erases what is kept no longer, of records and of who looked; the chain stays provable."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from county.accounts.retention import forget_looks
from county.gates.console import CountyCommand
from county.gates.retention import forget


class Command(CountyCommand):
    help = (
        "删除超过 FOREGATE_COUNTY_KEEP_DAYS 天（默认 400）的记录内容：人员、体温、说明；"
        "链接、指纹和签名保留，仍可查证；谁看过个人数据的记录保存 FOREGATE_COUNTY_KEEP_LOOKS_DAYS 天（默认 1100）。"
        "Erase the contents of records older than FOREGATE_COUNTY_KEEP_DAYS (400): person, temperatures, notes. "
        "Links, fingerprints and signatures stay provable. Who looked at personal data is kept for "
        "FOREGATE_COUNTY_KEEP_LOOKS_DAYS (1100). Run it every night."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        days, looks_days = settings.ENVIRONMENT.keep_days, settings.ENVIRONMENT.keep_looks_days
        now = timezone.now()
        done = forget(now - timedelta(days=days))
        looks = forget_looks(now - timedelta(days=looks_days))
        self.stdout.write(
            f"已删除 {days} 天以前的内容：记录 {done.records} 条，异常 {done.anomalies} 条 / "
            f"erased what is older than {days} days: {done.records} records, {done.anomalies} anomalies\n"
            f"已删除 {looks_days} 天以前的查看记录 {looks} 条 / erased {looks} looks older than {looks_days} days"
        )
