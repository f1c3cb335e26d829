"""What the county keeps: gates and the records they sent."""

from django.db import models


class Gate(models.Model):
    """One gate and the fingerprint of its token. `records` and `highest_seq` follow each stored record.

    They save counting all records of a gate whenever the page is looked at: highest_seq - records are missing.
    """

    gate_id = models.CharField(primary_key=True, max_length=64)
    name = models.CharField(max_length=100)
    school = models.CharField(max_length=100)
    token_sha256 = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    last_seen_at = models.DateTimeField(null=True)
    records = models.BigIntegerField(default=0)
    highest_seq = models.BigIntegerField(default=0)

    class Meta:
        ordering = ("school", "name", "gate_id")

    def __str__(self) -> str:
        return self.gate_id


class Record(models.Model):
    """One record of a gate: its canonical bytes as they were received, and columns of it to look things up.

    counted_at and counted_on (day at the county) come from the gate's clock, or from the arrival when clock_ok is
    False. kind: passage, override, case or event (edge/core/contents.py). person_id: whom it is about; passage_uuid:
    the passage that an override or a case step is about. The rest is empty but for passages: reasons, the gravest
    first, with commas between; temperatures in degrees Celsius, u_c the standard uncertainty.
    """

    uuid = models.UUIDField(primary_key=True)
    gate = models.ForeignKey(Gate, on_delete=models.PROTECT, related_name="+", db_index=False)
    seq = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    body = models.BinaryField()
    received_at = models.DateTimeField()
    counted_at = models.DateTimeField()
    counted_on = models.DateField()
    clock_ok = models.BooleanField()
    kind = models.CharField(max_length=16)
    person_id = models.CharField(max_length=64)
    passage_uuid = models.UUIDField(null=True)
    verdict = models.CharField(max_length=16)
    reasons = models.CharField(max_length=16 * 41)
    identified = models.CharField(max_length=16)
    finding = models.CharField(max_length=16)
    forehead_c = models.FloatField(null=True)
    u_c = models.FloatField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("gate", "seq"), name="one_record_per_gate_and_seq"),)
        indexes = (
            models.Index(fields=("gate", "counted_on", "kind", "counted_at"), name="day_of_a_gate"),
            models.Index(fields=("counted_on", "gate", "kind", "verdict"), name="counts_of_a_day"),
            models.Index(fields=("passage_uuid",), condition=models.Q(kind="override"), name="overrides_of_a_passage"),
        )

    def __str__(self) -> str:
        return f"{self.gate_id} {self.seq}"
