"""What is ordered on the rosters' pages: about people who are ticked or filtered, and about a class's entry window."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from county.accounts.access import account, signed_in
from county.core.roll import WHOLE_DAY, Roll, chosen, class_called, with_people, with_window
from county.core.roll_orders import order
from county.core.roster_words import minute
from county.rosters import listing
from county.rosters.changing import change_roll
from county.rosters.models import School
from county.rosters.schools import asked_school, county_day
from edge.core.errors import RosterError
from edge.core.texts import Text


@never_cache
@require_POST
@signed_in("officer", "school")
def change_people(request: HttpRequest, school: str) -> HttpResponse:
    """Do what `order` says to the people of `person` (any number), or with scope=filtered to all whom the filter shows.

    expected: how many those were on the page; when others have come or gone meanwhile nothing is done.
    """
    found, today = asked_school(request, school), county_day()

    def edit(roll: Roll) -> Roll:
        change = order(request.POST.get("order", ""), request.POST.get("until", ""), today.isoformat())
        people = chosen(roll, _ids(request, found), [])
        return with_people(roll, map(change, people))

    return _changed(request, found, edit, reverse("roster", kwargs={"school": found.name}))


@never_cache
@require_POST
@signed_in("officer", "school")
def change_class(request: HttpRequest, school: str) -> HttpResponse:
    """Set the entry window of `class` (earliest, latest), or with all_day lift it; or, with `order`, do that to all
    people of the class."""
    found, today = asked_school(request, school), county_day()

    def edit(roll: Roll) -> Roll:
        window = class_called(roll, request.POST.get("class", ""))
        if code := request.POST.get("order"):
            change = order(code, request.POST.get("until", ""), today.isoformat())
            return with_people(roll, map(change, chosen(roll, [], [window.class_id])))
        if request.POST.get("all_day"):
            return with_window(roll, window.class_id, *WHOLE_DAY)
        times = (minute(request.POST.get(name, "")) for name in ("earliest", "latest"))
        return with_window(roll, window.class_id, *times)

    return _changed(request, found, edit, reverse("roster-classes", kwargs={"school": found.name}))


def _ids(request: HttpRequest, school: School) -> list[str]:
    if request.POST.get("scope") != "filtered":
        ids = request.POST.getlist("person")
        if not ids:
            raise RosterError("请先勾选人员", "tick the people first")
        return ids
    wanted = listing.asked(request.POST)
    ids = list(listing.people(school, wanted, county_day()).values_list("person_id", flat=True))
    if str(len(ids)) != request.POST.get("expected"):
        raise RosterError(
            "名单在此期间有变化，什么都没有改；请核对后再提交",
            "the list has changed meanwhile and nothing was done; look again and send it again",
        )
    return ids


def _changed(request: HttpRequest, school: School, edit: Callable[[Roll], Roll], back: str) -> HttpResponse:
    try:
        changed, found = change_roll(school.name, account(request).name, timezone.now(), edit)
        who = len({one.who for one in found})
        listing.flash(
            request,
            Text(f"已修改 {who} 项，名单版本 {changed.version}", f"{who} changed, roster version {changed.version}"),
        )
    except RosterError as error:
        listing.flash(request, Text(error.zh, error.en))
    onward = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(onward, {request.get_host()}, require_https=request.is_secure())
    return redirect(onward if safe and onward.startswith("/") else back)
