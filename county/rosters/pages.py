"""The pages of the rosters for reading: schools, people, one person, classes, who changed what and when."""

from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from county.accounts.access import account, log_look, signed_in, visible_schools
from county.core.roll_orders import ORDERS
from county.core.roll_told import told
from county.rosters import listing
from county.rosters.models import Change, Person, School
from county.rosters.schools import asked_school, class_names, county_day, frame

PAGE_ROWS = 50


@never_cache
@require_safe
@signed_in("officer", "school", "auditor")
def schools(request: HttpRequest) -> HttpResponse:
    """All schools that the account sees, with their numbers; a school's account goes straight to its own."""
    who = account(request)
    if who.school is not None:
        return redirect("roster", school=who.school)
    today = county_day()
    counted = {
        one.name: one
        for one in School.objects.annotate(
            people_n=Count("people"),
            approved_n=Count("people", filter=Q(people__approved=True)),
            observed_n=Count("people", filter=Q(people__observation_until__gte=today)),
            no_health_n=Count("people", filter=Q(people__health_record=False)),
        )
    }
    rows = [(name, counted.get(name)) for name in visible_schools(who)]
    return render(request, "rosters/schools.html", {"rows": rows})


@never_cache
@require_safe
@signed_in("officer", "school", "auditor")
def people(request: HttpRequest, school: str) -> HttpResponse:
    """The people of a school: ?q=name, id or badge &class=class_id &state= &page=."""
    found, wanted, today = asked_school(request, school), listing.asked(request.GET), county_day()
    names = class_names(found)
    log_look(request, "people", listing.told_look(wanted, lambda one: names.get(one, one)), found.name)
    page = Paginator(listing.people(found, wanted, today), PAGE_ROWS).get_page(request.GET.get("page"))
    context = {
        **frame(request, found, "people"),
        "asked": wanted,
        "query": wanted.query,
        "page": page,
        "lines": listing.lines(list(page), today),
        "classes": [*sorted(names.items(), key=lambda one: one[1]), (listing.NO_CLASS, "无班级 / no class")],
        "states": listing.STATES,
        "orders": ORDERS,
    }
    return render(request, "rosters/people.html", context)


@never_cache
@require_safe
@signed_in("officer", "school", "auditor")
def person(request: HttpRequest, person_id: str, school: str) -> HttpResponse:
    """One person, and everything that was changed about them; also of somebody who was taken off."""
    found = asked_school(request, school)
    if "\0" in person_id:
        raise Http404
    rows = list(Person.objects.filter(school=found, person_id=person_id).select_related("school_class"))
    changes = Change.objects.filter(school=found, who=person_id)
    if not rows and not changes.exists():
        raise Http404
    log_look(request, "person", person_id, found.name)
    context = {
        **frame(request, found, "people"),
        "person_id": person_id,
        "line": next(iter(listing.lines(rows, county_day())), None),
        "badges": [one.badge for row in rows for one in row.badges.order_by("pk")],
        "orders": ORDERS,
        **_history(request, found, person_id),
    }
    return render(request, "rosters/person.html", context)


@never_cache
@require_safe
@signed_in("officer", "school", "auditor")
def classes(request: HttpRequest, school: str) -> HttpResponse:
    """The classes of a school: entry windows and numbers."""
    found = asked_school(request, school)
    context = {**frame(request, found, "classes"), "rows": listing.class_lines(found, county_day())}
    return render(request, "rosters/classes.html", context)


@never_cache
@require_safe
@signed_in("officer", "school", "auditor")
def history(request: HttpRequest, school: str) -> HttpResponse:
    """Who changed what and when, newest first: ?who=person or class."""
    found = asked_school(request, school)
    who = request.GET.get("who", "").replace("\0", "").strip()[:64]
    log_look(request, "history", who, found.name)
    context = {**frame(request, found, "history"), "who": who, **_history(request, found, who)}
    return render(request, "rosters/history.html", context)


def _history(request: HttpRequest, school: School, who: str) -> dict[str, object]:
    changes = Change.objects.filter(school=school).order_by("-pk")
    names = class_names(school)
    page = Paginator(changes.filter(who=who) if who else changes, PAGE_ROWS).get_page(request.GET.get("page"))
    return {
        "page": page,
        "changes": [(one, told(one.who, one.what, one.before, one.after, names)) for one in page],
        "class_names": names,
        "query": urlencode({"who": who}) if who and "who" in request.GET else "",
    }
