"""New accounts."""

from django.contrib.auth.models import User
from django.db import transaction

from county.accounts.access import Account, Role
from county.accounts.models import Appointment


def make_account(name: str, role: Role, school: str | None = None, password: str | None = None) -> Account:
    """Somebody who may sign in from now on; without a password only by an address from sign-in-link.

    IntegrityError: the name is taken, or a school is missing (role "school") or too much (any other).
    """
    with transaction.atomic():
        user = User.objects.create_user(name, password=password)
        Appointment.objects.create(user=user, role=role, school=school)
    return Account(user, role, school)
