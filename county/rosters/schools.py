"""Which school a page is about, and whether the asking account may see it."""

from datetime import date

from django.http import Http404, HttpRequest
from django.utils import timezone

from county.accounts.access import account, visible_schools
from county.core.day import local_day
from county.core.roles import CHANGE_PEOPLE
from county.rosters import listing
from county.rosters.models import School, SchoolClass


def asked_school(request: HttpRequest, name: str) -> School:
    """The school; one without a roster yet is not in the database, with version 0. Http404: the account may not see
    it, or there is none: who may not see it does not learn which."""
    if name not in visible_schools(account(request)):
        raise Http404
    return School.objects.filter(name=name).first() or School(name=name)


def frame(request: HttpRequest, school: School, here: str) -> dict[str, object]:
    """What every page about a school shows; here: which of the pages it is."""
    who = account(request)
    return {
        "school": school,
        "here": here,
        "may_change": who.role in CHANGE_PEOPLE,
        "one_of_many": who.school is None,
        "told": listing.flashed(request),
    }


def county_day() -> date:
    """Today at the county."""
    return local_day(timezone.now(), timezone.get_default_timezone())


def class_names(school: School) -> dict[str, str]:
    """Names by class_id."""
    return dict(SchoolClass.objects.filter(school=school).values_list("class_id", "name"))
