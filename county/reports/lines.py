"""The two lines that receive reports: what was lodged with each, what is outstanding, who has taken note."""

from typing import cast, get_args

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from county.accounts.access import account, log_look, signed_in, visible_schools
from county.core.report_words import state_text
from county.core.reporting import LINES, Line
from county.reports import composing
from county.reports.models import Receipt, Recipient, SchoolTownship
from county.reports.pages import MOST_ANEW, day_of, fresh, school_url, today_of


@require_safe
@signed_in("officer", "auditor")
def line(request: HttpRequest, line: str) -> HttpResponse:
    """What a line has received of ?day=, and what is outstanding; ?township= narrows it to one."""
    kind, day, now = _line(line), day_of(request), timezone.now()
    own = Recipient.objects.filter(user=account(request).user, line=kind).first()
    lies_in = dict(SchoolTownship.objects.values_list("school", "township"))
    asked = request.GET.get("township", own.township if own is not None else "")
    if kind == "bureau":
        asked = ""
    schools = [one for one in visible_schools(account(request)) if not asked or lies_in.get(one) == asked]
    log_look(request, "reports of a line", f"{kind} {asked} {day.isoformat()}")
    receipts: dict[str, list[Receipt]] = {}
    lodged = Receipt.objects.filter(line=kind, report__day=day, report__school__in=schools)
    for one in lodged.select_related("report").order_by("report__version"):
        receipts.setdefault(one.report.school, []).append(one)
    rows = [
        {
            "school": row.standing.school,
            "township": lies_in.get(row.standing.school, ""),
            "url": school_url(row.standing.school, day),
            "standing": row.standing,
            "state": state_text(row.standing),
            "zero": row.plain["zero"],
            "receipts": receipts.get(row.standing.school, []),
        }
        for row in composing.rows(schools, day, now, MOST_ANEW)
    ]
    context = {
        "line": kind,
        "line_text": LINES[kind],
        "lines": LINES.items(),
        "day": day,
        "today": today_of(now),
        "received": [row for row in rows if row["receipts"]],
        "outstanding": [row for row in rows if not row["receipts"]],
        "township": asked,
        "townships": sorted(set(lies_in.values())),
        "recipient": own,
    }
    return fresh(render(request, "reports/line.html", context))


@require_POST
@signed_in("officer")
def take(request: HttpRequest) -> HttpResponse:
    """A recipient of the line says that they have a report; once."""
    number = request.POST.get("receipt", "")
    receipt = Receipt.objects.select_related("report").filter(pk=int(number)).first() if _is_key(number) else None
    if receipt is None:
        raise Http404
    own = Recipient.objects.filter(user=account(request).user, line=receipt.line).first()
    if own is None or (own.township and own.township != receipt.township):
        raise Http404
    log_look(request, "report taken", receipt.number, receipt.report.school)
    Receipt.objects.filter(pk=receipt.pk, taken_at=None).update(taken_at=timezone.now(), taken_by=account(request).name)
    day = urlencode({"day": receipt.report.day.isoformat()})
    return redirect(f"{reverse('reports-line', args=[receipt.line])}?{day}")


def _is_key(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 16


def _line(name: str) -> Line:
    if name not in get_args(Line):
        raise Http404
    return cast(Line, name)
