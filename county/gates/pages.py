"""The pages for people: all gates, what happened at one gate, and what is said when something is wrong."""

from datetime import date, datetime, time, timedelta

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_safe

from county.accounts.access import account, log_look, may_see, signed_in, visible_schools
from county.core import problems
from county.core.day import local_day
from county.core.labels import KINDS
from county.gates import overview
from county.gates.api import refuse
from county.gates.models import Gate
from county.gates.rows import rows
from county.reports.composing import signals_in_drafts

PAGE_ROWS = 50
REFRESH_S = 15


@require_safe
@signed_in()
def gates(request: HttpRequest) -> HttpResponse:
    """All gates with today's counts."""
    now = timezone.now()
    today = local_day(now, timezone.get_default_timezone())
    who = account(request)
    shown = Gate.objects.filter(school=who.school) if who.role == "school" else Gate.objects.all()
    found = overview.gate_rows(shown, today, _began(today), now)
    context = {
        "rows": found,
        "today": today,
        "now": now,
        "seen_today": sum(row.presence == "today" for row in found),
        "in_service": sum(row.presence != "revoked" for row in found),
        "passed": sum(row.passed for row in found),
        "fever": sum(row.fever for row in found),
        "refused": sum(row.refused for row in found),
        "not_measured": sum(row.not_measured for row in found),
        "overrides": sum(row.kinds["override"] for row in found),
        "signals": signals_in_drafts(visible_schools(who), today),
    }
    return _fresh(render(request, "gates/gates.html", context), live=True)


@require_safe
@signed_in()
def gate(request: HttpRequest, gate_id: str) -> HttpResponse:
    """What happened at one gate on ?day=YYYY-MM-DD (today when absent), ?kind=passage|override|case|event, ?page=n."""
    now = timezone.now()
    today = local_day(now, timezone.get_default_timezone())
    day = _day(request.GET.get("day"), today)
    found = get_object_or_404(Gate, pk=gate_id)
    sees_people = may_see(account(request), found.school)
    kind = request.GET.get("kind", "passage" if sees_people else "event")
    if kind not in KINDS:
        raise Http404
    # A technician looks at what happened to the gate, and at nobody.
    if not sees_people and (kind != "event" or account(request).role != "technician"):
        raise PermissionDenied
    if sees_people:
        log_look(request, f"gate {kind}", found.gate_id, found.school)
    row = overview.gate_rows(Gate.objects.filter(pk=found.pk), day, _began(today), now)[0]
    page = Paginator(overview.of_day(found, day, kind), PAGE_ROWS).get_page(request.GET.get("page"))
    context = {
        "row": row,
        "missing_text": overview.missing_text(found),
        "kind": kind,
        "lists": [(name, text, row.kinds[name]) for name, text in KINDS.items() if sees_people or name == "event"],
        "rows": rows(found, list(page)),
        "list_template": f"gates/list_{kind}.html",
        "page": page,
        "day": day,
        "today": today,
        "day_before": day - timedelta(days=1),
        "day_after": day + timedelta(days=1) if day < today else None,
    }
    return _fresh(render(request, "gates/gate.html", context), live=day == today and page.number == 1)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A wrong host name or a malformed request; a gate must not take it for a refusal of its record (400)."""
    if request.path.startswith("/api/"):
        return refuse(problems.HOST)
    return HttpResponse(render_to_string("400.html"), status=400)


def server_error(request: HttpRequest) -> HttpResponse:
    """A fault of the server: JSON for gates, a page for people."""
    if request.path.startswith("/api/"):
        return refuse(problems.INTERNAL)
    # Without the request: who is signed in would be asked of a database that may be the fault.
    return HttpResponse(render_to_string("500.html"), status=500)


def _day(text: str | None, today: date) -> date:
    if text is None:
        return today
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise Http404 from error
    # Beyond these there are no records, and not every calendar function has a day before or after.
    if not date(2020, 1, 1) <= day <= today:
        raise Http404
    return day


def _began(day: date) -> datetime:
    return datetime.combine(day, time(), timezone.get_default_timezone())


def _fresh(response: HttpResponse, live: bool) -> HttpResponse:
    # Temperatures of people stay in no cache; today's list renews itself without a script.
    response["Cache-Control"] = "no-store"
    if live:
        response["Refresh"] = str(REFRESH_S)
    return response
