"""What the county remembers of gates' health, and how far the schools' gates are."""

from django.db import models

from county.gates.models import Gate


class HealthNote(models.Model):
    """A quarter of an hour of a gate: the worst it said of itself in it (county/fleet/keeping.py)."""

    gate = models.ForeignKey(Gate, on_delete=models.CASCADE, related_name="+", db_index=False)
    quarter = models.BigIntegerField()
    at = models.DateTimeField()
    camera = models.CharField(max_length=64)
    reference = models.CharField(max_length=64)
    waiting = models.BigIntegerField()
    set_aside = models.BigIntegerField()
    disk_free_fraction = models.FloatField()
    clock_ok = models.BooleanField()
    software_version = models.CharField(max_length=64)
    median_forehead_c = models.FloatField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("gate", "quarter"), name="one_note_per_quarter"),)

    def __str__(self) -> str:
        return f"{self.gate_id} {self.at}"


class GateDay(models.Model):
    """The median forehead of a gate on a day, as the gate last told it, in C, and of how many readings."""

    gate = models.ForeignKey(Gate, on_delete=models.CASCADE, related_name="+", db_index=False)
    day = models.DateField()
    median_c = models.FloatField()
    readings = models.BigIntegerField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("gate", "day"), name="one_median_per_day"),)

    def __str__(self) -> str:
        return f"{self.gate_id} {self.day}"


class Site(models.Model):
    """How far a school's gates are (county/core/stages.py); a stage's day is when it was, or is planned to be."""

    school = models.CharField(primary_key=True, max_length=100)
    kind = models.CharField(max_length=16)
    stage = models.CharField(max_length=16)
    planned_on = models.DateField(null=True)
    installed_on = models.DateField(null=True)
    commissioned_on = models.DateField(null=True)
    in_service_on = models.DateField(null=True)

    def __str__(self) -> str:
        return f"{self.school} {self.stage}"


class SiteChange(models.Model):
    """Who moved a school to which stage, when; told: the plan as it was entered."""

    school = models.CharField(max_length=100, db_index=True)
    at = models.DateTimeField()
    by = models.CharField(max_length=150)
    told = models.CharField(max_length=200)

    def __str__(self) -> str:
        return f"{self.at} {self.by} {self.school}"
