"""Whoever guesses is slowed down: failures are counted by name and address, and after too many all have to wait."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from county.accounts.models import SignInFailure
from county.database import stand_in_line, writing

WINDOW = timedelta(minutes=15)
FAILURES_OF_NAME = 5
FAILURES_OF_ADDRESS = 20


def counted(name: str, address: str) -> bool:
    """Count an attempt as a failure until it succeeds; False: there were too many, and it was not counted."""
    now = timezone.now()
    # Those who count at the same moment do it one after the other.
    with writing(), transaction.atomic(durable=True):
        stand_in_line("sign in", address)
        SignInFailure.objects.filter(at__lte=now - WINDOW).delete()
        failures = SignInFailure.objects.filter(address=address)
        if failures.count() >= FAILURES_OF_ADDRESS or failures.filter(name=name).count() >= FAILURES_OF_NAME:
            return False
        SignInFailure.objects.create(name=name, address=address, at=now)
        return True


def forgiven(name: str, address: str) -> None:
    """It succeeded: earlier failures of this name from this address count no more."""
    with writing():
        SignInFailure.objects.filter(name=name, address=address).delete()
