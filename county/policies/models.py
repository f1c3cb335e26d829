"""What the county commands of a school's gates, version by version, and who changed what."""

from django.db import models


class SchoolSettings(models.Model):
    """A school's settings as gates get them, by key (edge.core.commanded); no row: none were ever made."""

    school = models.CharField(primary_key=True, max_length=60)
    version = models.IntegerField()
    issued_at = models.DateTimeField()
    settings = models.JSONField()

    def __str__(self) -> str:
        return f"{self.school} {self.version}"


class SettingChange(models.Model):
    """Who changed which setting when; None: the gate's own configuration holds."""

    school = models.CharField(max_length=60, db_index=True)
    version = models.IntegerField()
    at = models.DateTimeField()
    by = models.CharField(max_length=150)
    key = models.CharField(max_length=64)
    before = models.CharField(max_length=64, null=True)
    after = models.CharField(max_length=64, null=True)

    def __str__(self) -> str:
        return f"{self.at} {self.by} {self.school} {self.key}"
