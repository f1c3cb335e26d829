"""Confirms a report: the only place where versions and receipts are made."""

import re
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from county.core.day import local_day
from county.core.reporting import LINES
from county.core.school_report import Version, body_of, sha256
from county.database import writing
from county.reports.composing import compose_now, end_of, from_ms
from county.reports.models import Receipt, Report, SchoolTownship
from edge.core.texts import Text

# Somebody who read for longer than this reads again: more may have happened.
READING = timedelta(minutes=30)
_NAME = re.compile(r"[^\x00-\x1f\x7f-\x9f\u2028\u2029]{1,60}")
_REASON = re.compile(r"[^\x00-\x1f\x7f-\x9f\u2028\u2029]{2,200}")

CHANGED = Text(
    "您查看之后数字有变化，请核对后再次确认",
    "the figures have changed since you looked: check them and confirm again",
)
NO_NAME = Text("请填写确认人姓名（1–60 个字）", "give the name of who confirms (1 to 60 characters)")
NO_REASON = Text("更正须写明原因（2–200 个字）", "an amendment needs a reason (2 to 200 characters)")
NOT_YET = Text("这一天还没有到", "this day has not come yet")


def confirm(
    school: str, day: date, shown: tuple[int, str, int], name: str, reason: str, account: str, now: datetime
) -> Report | Text:
    """Confirm what somebody saw, and lodge it with both lines. Text: why it may not be, and nothing was confirmed.

    shown: up to when (milliseconds since 1970 UTC), the fingerprint of the figures, and after which version, 0: none.
    A version after the first is an amendment and needs a reason; what it follows stays as it is.
    """
    until, after = from_ms(shown[0]), shown[2]
    if day > local_day(now, timezone.get_default_timezone()):
        return NOT_YET
    if not _NAME.fullmatch(name):
        return NO_NAME
    if after and not _REASON.fullmatch(reason):
        return NO_REASON
    if not end_of(day, now) - READING <= until <= end_of(day, now):
        return CHANGED
    try:
        return _confirmed(school, day, shown, name, reason, account, now)
    except IntegrityError:
        # Two who confirm at once: the second one's number is taken (one_report_per_version).
        return CHANGED


def _confirmed(
    school: str, day: date, shown: tuple[int, str, int], name: str, reason: str, account: str, now: datetime
) -> Report | Text:
    until, figures_sha256, after = from_ms(shown[0]), shown[1], shown[2]
    with writing(), transaction.atomic():
        last = Report.objects.filter(school=school, day=day).order_by("-version").first()
        if (0 if last is None else last.version) != after:
            return CHANGED
        composed = compose_now(school, day, until)
        if composed.figures_sha256 != figures_sha256:
            return CHANGED
        version = Version() if last is None else Version(last.version + 1, last.sha256, reason)
        return _write(composed.plain, version, until, name, account, now, day)


def _write(plain: Any, version: Version, until: datetime, name: str, account: str, now: datetime, day: date) -> Report:
    body = body_of(plain, version)
    report = Report(
        school=plain["school"],
        day=day,
        version=version.number,
        until=until,
        records=plain["figures"]["records"] + plain["figures"]["unreadable"],
        body=body,
        sha256=sha256(body),
        confirmed_at=now,
        account=account,
        confirmed_by=name,
        reason=version.reason,
    )
    report.save()
    lies_in = SchoolTownship.objects.filter(school=report.school).first()
    township = "" if lies_in is None else lies_in.township
    for line in LINES:
        Receipt.objects.create(report=report, line=line, township=township, lodged_at=now)
    return report
