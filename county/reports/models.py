"""The confirmed reports, with whom they were lodged, and what was composed last. A version is never written again."""

from typing import Any

from django.conf import settings
from django.db import models


class Report(models.Model):
    """One confirmed version of a school's report of a day. body: its canonical bytes, sha256: their fingerprint.

    until: what was decided later is not in it; records: how many it counts. account: who was signed in; confirmed_by:
    the name they gave. reason: why it was amended, empty for the first version.
    """

    school = models.CharField(max_length=100)
    day = models.DateField()
    version = models.IntegerField()
    until = models.DateTimeField()
    records = models.IntegerField()
    body = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    confirmed_at = models.DateTimeField()
    account = models.CharField(max_length=150)
    confirmed_by = models.CharField(max_length=60)
    reason = models.CharField(max_length=200)

    class Meta:
        ordering = ("day", "school", "version")
        constraints = (models.UniqueConstraint(fields=("school", "day", "version"), name="one_report_per_version"),)
        indexes = (models.Index(fields=("day", "school"), name="reports_of_a_day"),)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write it down, once. What is there is never written again: an amendment is a further version."""
        super().save(*args, **{**kwargs, "force_insert": True})

    def __str__(self) -> str:
        return f"{self.school} {self.day} {self.version}"


class Receipt(models.Model):
    """A version lodged with one line (county/core/reporting.py); township: of the school, then. taken_at: when somebody
    of the line said that they have it."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="receipts")
    line = models.CharField(max_length=16)
    township = models.CharField(max_length=60)
    lodged_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True)
    taken_by = models.CharField(max_length=150, default="")

    class Meta:
        ordering = ("line",)
        constraints = (models.UniqueConstraint(fields=("report", "line"), name="one_receipt_per_line"),)

    @property
    def number(self) -> str:
        """What the receipt is called: B or T for its line, the day, a number that no other receipt has."""
        return f"{self.line[0].upper()}{self.report.day:%Y%m%d}-{self.pk:06d}"

    def __str__(self) -> str:
        return self.number


class Recipient(models.Model):
    """An officer who receives reports for a line; township: whose schools, empty: all of them."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="+")
    line = models.CharField(max_length=16)
    township = models.CharField(max_length=60)

    def __str__(self) -> str:
        return f"{self.user_id} {self.line} {self.township}".strip()


class SchoolTownship(models.Model):
    """In which township a school lies; its reports are lodged there."""

    school = models.CharField(primary_key=True, max_length=100)
    township = models.CharField(max_length=60)

    def __str__(self) -> str:
        return f"{self.school} {self.township}"


class Draft(models.Model):
    """What was composed last for a school's day: thrown away when `inputs`, a fingerprint of what it stands on, differ.

    body: the plain report as JSON.
    """

    school = models.CharField(max_length=100)
    day = models.DateField()
    inputs = models.CharField(max_length=64)
    composed_at = models.DateTimeField()
    figures_sha256 = models.CharField(max_length=64)
    body = models.BinaryField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("school", "day"), name="one_draft_per_day"),)

    def __str__(self) -> str:
        return f"{self.school} {self.day}"
