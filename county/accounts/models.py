"""Who may sign in as what, and what each of them has looked at."""

from django.conf import settings
from django.db import models


class Appointment(models.Model):
    """What somebody who signs in is here: a role (county/core/roles.py), and for role `school` which one."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="appointment"
    )
    role = models.CharField(max_length=16)
    school = models.CharField(max_length=100, null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(role="school", school__isnull=False)
                | ~models.Q(role="school") & models.Q(school=None),
                name="a_school_for_role_school_only",
            ),
        )

    def __str__(self) -> str:
        return f"{self.user_id} {self.role} {self.school or ''}".strip()


class SignInLink(models.Model):
    """The fingerprint of an address that signs somebody in once."""

    token_sha256 = models.CharField(primary_key=True, max_length=64)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.user_id} {self.expires_at}"


class SignInFailure(models.Model):
    """A password that was refused, or is being looked at: who, from where, when."""

    name = models.CharField(max_length=150)
    address = models.CharField(max_length=64)
    at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.name} {self.address} {self.at}"


class SecondFactor(models.Model):
    """The secret that somebody's telephone makes one-time codes with, sealed (county/accounts/second_factor.py).

    confirmed_at: since when signing in asks for a code; None while nobody has shown that the telephone has the secret.
    last_counter: the half-minute, counted from 1970, of the last code that was taken; it and earlier ones are used up.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="second_factor"
    )
    sealed = models.TextField()
    confirmed_at = models.DateTimeField(null=True)
    last_counter = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.user_id} {self.confirmed_at}"


class RecoveryCode(models.Model):
    """The fingerprint of a code for the day when the telephone is lost; taking it deletes it."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    code_sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("user", "code_sha256"), name="one_row_per_recovery_code"),)

    def __str__(self) -> str:
        return f"{self.user_id}"


class Look(models.Model):
    """Somebody looked at personal data: who, from where, at which page, about whom or which class.

    A page that renews itself, or is looked at again within a quarter of an hour, counts up `times` and moves `last_at`.
    by, role: as they were then. school: whose people; empty when the page is about no single one.
    """

    at = models.DateTimeField(db_index=True)
    last_at = models.DateTimeField()
    times = models.IntegerField(default=1)
    by = models.CharField(max_length=150)
    role = models.CharField(max_length=16)
    address = models.CharField(max_length=64)
    what = models.CharField(max_length=64)
    school = models.CharField(max_length=100)
    about = models.CharField(max_length=200)

    class Meta:
        indexes = (
            models.Index(fields=("by", "at"), name="looks_of_one"),
            models.Index(fields=("about", "at"), name="looks_at_one"),
            models.Index(fields=("school", "at"), name="looks_at_a_school"),
        )

    def __str__(self) -> str:
        return f"{self.at} {self.by} {self.what} {self.about}"
