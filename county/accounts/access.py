"""Who asks, and may they: the only door through which a page of the county learns of it.

@signed_in("officer", "school")
def people(request, school):
    who = account(request)
    if not may_see(who, school):
        raise PermissionDenied
    log_look(request, "people", "三年级二班", school)
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import wraps

from django.contrib.auth.models import User
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

from county.accounts.address import address_of
from county.accounts.models import Appointment, Look
from county.core.roles import ROLES, SEE_PEOPLE, Role
from county.database import writing
from county.gates.models import Gate
from county.rosters.models import School

__all__ = ["Account", "Role", "account", "log_look", "may_see", "signed_in", "visible_schools"]

# A page that renews itself every 15 s is one look, not 60.
SAME_LOOK = timedelta(minutes=15)
View = Callable[..., HttpResponseBase]


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who is signed in; school is set exactly for role "school"."""

    user: User
    role: Role
    school: str | None

    @property
    def name(self) -> str:
        """The name they sign in with, which stands in every log."""
        return self.user.get_username()


def account_or_none(request: HttpRequest) -> Account | None:
    """Who asks; None: nobody is signed in, or somebody without a role."""
    if not request.user.is_authenticated:
        return None
    found = Appointment.objects.filter(user_id=request.user.pk).first()
    if found is None or found.role not in ROLES:
        return None
    return Account(request.user, found.role, found.school)


def account(request: HttpRequest) -> Account:
    """Who asks. PermissionDenied (the 403 page): nobody is signed in, or somebody without a role."""
    found = account_or_none(request)
    if found is None:
        raise PermissionDenied
    return found


def signed_in(*roles: Role) -> Callable[[View], View]:
    """Only for accounts of these roles (none named: of any role).

    Whoever is not signed in is sent to the sign-in page, everybody else gets the 403 page.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def answer(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
            if not request.user.is_authenticated:
                # A form that was sent after the session's end cannot be sent again by following an address.
                return redirect_to_login(request.get_full_path() if request.method in {"GET", "HEAD"} else "/")
            if account(request).role not in (roles or ROLES):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return answer

    return decorate


def may_see(account: Account, school: str) -> bool:
    """Whether they may see the people of this school: names, readings, health data."""
    return account.role in SEE_PEOPLE and (account.role != "school" or account.school == school)


def visible_schools(account: Account) -> list[str]:
    """The schools whose people they may see, sorted: those with a roster or a gate, or the account's own. Of a
    technician none."""
    if account.role not in SEE_PEOPLE:
        return []
    if account.role == "school":
        return [] if account.school is None else [account.school]
    gates = Gate.objects.order_by().values_list("school", flat=True).distinct()
    return sorted({*School.objects.values_list("name", flat=True), *gates})


def log_look(request: HttpRequest, what: str, about: str, school: str = "") -> None:
    """Note that the asking account looks at personal data.

    what: the page, in a word ("gate", "people", "history", "export"); about: a person's id, a class or a gate, empty
    for a whole school. Called before the page is made: what cannot be noted is not shown. PermissionDenied: nobody
    is signed in.
    """
    who, now = account(request), timezone.now()
    told = {
        "by": who.name,
        "role": who.role,
        "address": address_of(request),
        "what": what[:64],
        "school": school[:100],
        "about": about.replace("\0", "\ufffd")[:200],
    }
    with writing(), transaction.atomic():
        same = Look.objects.filter(**told, at__gt=now - SAME_LOOK, at__lte=now).order_by("-at").first()
        if same is None:
            Look.objects.create(at=now, last_at=now, **told)
        else:
            Look.objects.filter(pk=same.pk).update(times=F("times") + 1, last_at=now)
