"""Who may come in, school by school: people, classes, the roster as it was last signed, and who changed what."""

from django.db import models


class School(models.Model):
    """A school and the version of its roster; every change of a class or a person makes the next one. 0: none yet."""

    name = models.CharField(primary_key=True, max_length=60)
    version = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


class SchoolClass(models.Model):
    """A class and when it may enter: minutes of the local day."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="classes")
    class_id = models.CharField(max_length=64)
    name = models.CharField(max_length=60)
    earliest_min = models.IntegerField()
    latest_min = models.IntegerField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("school", "class_id"), name="one_class_per_id"),)

    def __str__(self) -> str:
        return f"{self.school_id} {self.name}"


class Person(models.Model):
    """One entry of a roster; edge.core.roster.Person says what the fields mean. Days are inclusive."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="people", db_index=False)
    person_id = models.CharField(max_length=64)
    name = models.CharField(max_length=60)
    role = models.CharField(max_length=16)
    school_class = models.ForeignKey(SchoolClass, on_delete=models.PROTECT, null=True, related_name="people")
    approved = models.BooleanField()
    observation_until = models.DateField(null=True)
    health_record = models.BooleanField()
    valid_from = models.DateField(null=True)
    valid_until = models.DateField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("school", "person_id"), name="one_person_per_id"),)

    def __str__(self) -> str:
        return f"{self.school_id} {self.person_id}"


class Badge(models.Model):
    """One card or code of a person; nobody else at the school has it."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+", db_index=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="badges")
    badge = models.CharField(max_length=64)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("school", "badge"), name="one_holder_per_badge"),)

    def __str__(self) -> str:
        return self.badge


class Issue(models.Model):
    """A school's roster as gates get it: composed and signed. key: the public half of what signed it."""

    school = models.OneToOneField(School, on_delete=models.CASCADE, primary_key=True, related_name="issue")
    version = models.BigIntegerField()
    issued_utc_ms = models.BigIntegerField()
    key = models.CharField(max_length=44)
    head = models.BinaryField()
    body = models.BinaryField()

    def __str__(self) -> str:
        return f"{self.school_id} {self.version} {self.issued_utc_ms}"


class Change(models.Model):
    """Who changed what, when: one field of one person or class, from what to what (None: was or is absent)."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="changes", db_index=False)
    version = models.BigIntegerField()
    at = models.DateTimeField()
    by = models.CharField(max_length=150)
    who = models.CharField(max_length=64)
    what = models.CharField(max_length=32)
    before = models.TextField(null=True)
    after = models.TextField(null=True)

    class Meta:
        indexes = (models.Index(fields=("school", "who", "at"), name="history_of_one"),)

    def __str__(self) -> str:
        return f"{self.at} {self.by} {self.who} {self.what}"


class Upload(models.Model):
    """A school's list that somebody uploaded and has not confirmed: good for an hour, then forgotten at the next visit.

    version: of the school's roster when it was shown what would change; by: who may confirm it.
    """

    token = models.CharField(primary_key=True, max_length=64)
    school = models.CharField(max_length=100)
    by = models.CharField(max_length=150)
    at = models.DateTimeField(db_index=True)
    version = models.BigIntegerField()
    name = models.CharField(max_length=100)
    remove_missing = models.BooleanField()
    content = models.BinaryField()

    def __str__(self) -> str:
        return f"{self.at} {self.by} {self.school}"
