"""What the county keeps of gates: their keys, the records they sent, what they say of themselves, what contradicts."""

from django.db import models
from django.db.models.expressions import RawSQL

from edge.core.record import Parts, joined

# Written into the statement: of a value that is bound SQLite does not know that an index of this kind alone will do.
OVERRIDE = RawSQL("'override'", ())
CASE = RawSQL("'case'", ())


class Gate(models.Model):
    """One gate and the fingerprint of its token (None: it has not enrolled yet).

    `records`, `highest_seq` and `complete_to` (1 to this number are all kept) follow each stored record. They save
    counting all records of a gate whenever the page is looked at: highest_seq - records are missing.
    """

    gate_id = models.CharField(primary_key=True, max_length=64)
    name = models.CharField(max_length=100)
    school = models.CharField(max_length=100)
    token_sha256 = models.CharField(max_length=64, unique=True, null=True)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    last_seen_at = models.DateTimeField(null=True)
    records = models.BigIntegerField(default=0)
    highest_seq = models.BigIntegerField(default=0)
    complete_to = models.BigIntegerField(default=0)

    class Meta:
        ordering = ("school", "name", "gate_id")

    def __str__(self) -> str:
        return self.gate_id


class EnrolCode(models.Model):
    """The fingerprint of a code that enrols a gate once; used ones stay, so that a second use can be told."""

    code_sha256 = models.CharField(primary_key=True, max_length=64)
    gate = models.ForeignKey(Gate, on_delete=models.CASCADE, related_name="+")
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.gate_id} {self.expires_at}"


class EnrolFailure(models.Model):
    """A code that was refused, or is being looked at: from where, when."""

    address = models.CharField(max_length=64)
    at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.address} {self.at}"


class DeviceKey(models.Model):
    """A public key (Ed25519, base64) that a gate's records are signed with.

    Revoked ones stay: what they signed is checked with them for ever. A key that is enrolled again has another row.
    """

    gate = models.ForeignKey(Gate, on_delete=models.PROTECT, related_name="+")
    public_key = models.CharField(max_length=44)
    registered_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.gate_id} {self.public_key}"


class Boot(models.Model):
    """When a boot of a gate was, by its first record whose clock was set: dates those that it wrote before."""

    gate = models.ForeignKey(Gate, on_delete=models.CASCADE, related_name="+", db_index=False)
    boot_id = models.CharField(max_length=64)
    monotonic_s = models.FloatField()
    utc_ms = models.BigIntegerField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("gate", "boot_id"), name="one_row_per_boot"),)

    def __str__(self) -> str:
        return f"{self.gate_id} {self.boot_id}"


class Record(models.Model):
    """One record of a gate: its parts as they were received, and columns of it to look things up.

    sealed: None once it was erased (`foregate-county forget`). counted_at and counted_on (day at the county) come from
    the gate's clock, from a later record of the same boot, or from the arrival when clock_ok is False. kind: passage,
    override, case or event (edge/core/contents.py). person_id: whom it is about; passage_uuid: the passage that an
    override or a case step is about. The rest is empty but for passages: reasons, the gravest first, with commas
    between; temperatures in degrees Celsius, u_c the standard uncertainty.
    """

    uuid = models.UUIDField(primary_key=True)
    gate = models.ForeignKey(Gate, on_delete=models.PROTECT, related_name="+", db_index=False)
    seq = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    previous_sha256 = models.CharField(max_length=64)
    link = models.BinaryField()
    sealed = models.BinaryField(null=True)
    signature = models.CharField(max_length=88)
    boot_id = models.CharField(max_length=64)
    monotonic_s = models.FloatField()
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
            models.Index(
                fields=("gate", "passage_uuid"), condition=models.Q(kind="override"), name="overrides_of_a_gate"
            ),
            models.Index(fields=("gate", "counted_on"), condition=models.Q(kind="case"), name="cases_of_a_gate"),
            models.Index(fields=("gate", "boot_id"), condition=models.Q(clock_ok=False), name="undated_of_a_boot"),
        )

    def __str__(self) -> str:
        return f"{self.gate_id} {self.seq}"

    @property
    def body(self) -> bytes | None:
        """The record's canonical bytes as they were received; None once its content was erased."""
        if self.sealed is None:
            return None
        return joined(Parts(bytes(self.link), bytes(self.sealed), self.signature))


class LodgedHead(models.Model):
    """What a gate said its last record was, at some time. signature: checked against the record once that is here."""

    gate = models.ForeignKey(Gate, on_delete=models.PROTECT, related_name="+", db_index=False)
    seq = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    signature = models.CharField(max_length=88)
    lodged_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("gate", "seq", "sha256"), name="one_row_per_head"),)

    def __str__(self) -> str:
        return f"{self.gate_id} {self.seq}"


class Anomaly(models.Model):
    """Something a gate sent that contradicts what is kept of it: evidence, counted up when it comes again.

    code: county/core/evidence.py; seq, uuid, sha256: of what arrived, 0 and "" where that has none. body: what arrived,
    at most as long as a record; None when that was forgotten, or nothing but words came. settled_at, settled_by: when
    somebody answered for it.
    """

    gate = models.ForeignKey(Gate, on_delete=models.PROTECT, related_name="+", db_index=False)
    code = models.CharField(max_length=32)
    seq = models.BigIntegerField()
    uuid = models.CharField(max_length=36)
    sha256 = models.CharField(max_length=64)
    body = models.BinaryField(null=True)
    at = models.DateTimeField()
    last_at = models.DateTimeField()
    times = models.IntegerField(default=1)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.CharField(max_length=150, default="")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("gate", "code", "seq", "sha256"), name="one_row_per_contradiction"),
        )

    def __str__(self) -> str:
        return f"{self.gate_id} {self.code} {self.seq}"


class GateStatus(models.Model):
    """The last thing a gate said of itself, and when. health: JSON values, see edge/core/health.py."""

    gate = models.OneToOneField(Gate, on_delete=models.CASCADE, primary_key=True, related_name="status")
    at = models.DateTimeField()
    health = models.JSONField()

    def __str__(self) -> str:
        return f"{self.gate_id} {self.at}"
