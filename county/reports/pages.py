"""The pages of the daily reports: the county's day, one school's report, its history, and what a line has received."""

from datetime import date, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from county.accounts.access import account, log_look, may_see, signed_in, visible_schools
from county.core.day import local_day
from county.core.report_words import changed_words, state_text, tables, told_signal
from county.core.reporting import STATES, Confirmed, countdown_text, differences, states, tally
from county.core.school_report import SchoolReport, doubts
from county.reports import composing
from county.reports.filing import confirm
from county.reports.models import Report
from county.reports.reading import history_of, plain_of, standing_of
from edge.core.texts import Text

REFRESH_S = 60
# Of a whole county's reports that change all morning: a page is not held up by all of them at once.
MOST_ANEW = 6
HISTORY_DAYS = 30
EARLIEST = date(2020, 1, 1)


@require_safe
@signed_in("officer", "school", "auditor")
def reports(request: HttpRequest) -> HttpResponse:
    """Every school's report of ?day=YYYY-MM-DD (today when absent): who has confirmed, who is late, what stands out."""
    who, now = account(request), timezone.now()
    day = day_of(request)
    schools = visible_schools(who)
    if who.role == "school" and schools:
        return redirect(school_url(schools[0], day))
    rows = composing.rows(schools, day, now, MOST_ANEW)
    deadline = composing.deadline(day)
    shown = [
        {
            "row": row,
            "url": school_url(row.standing.school, day),
            "state": state_text(row.standing),
            "doubts": doubts(row.plain),
            "overdue": countdown_text(-row.standing.overdue) if row.standing.overdue else None,
        }
        for row in rows
    ]
    counts = tally([row.standing for row in rows])
    context = {
        **_days(day, now),
        "rows": shown,
        "counts": [(state, text, counts[state]) for state, text in STATES.items()],
        "amended": counts["amended"],
        "due": counts["due"],
        "signals": [(told_signal(one), url) for row, url in _with_urls(rows, day) for one in row.plain["signals"]],
        "deadline": deadline,
        "countdown": countdown_text(deadline - now),
        "in_time": now <= deadline,
        "now": now,
    }
    return fresh(render(request, "reports/reports.html", context), live=day == today_of(now))


@require_safe
@signed_in("officer", "school", "auditor")
def school(request: HttpRequest) -> HttpResponse:
    """The report of ?school= on ?day=; ?version=n: a confirmed one as it was."""
    name, day = asked_school(request), day_of(request)
    log_look(request, "report", day.isoformat(), name)
    return _school(request, name, day)


@require_POST
@signed_in("officer", "school")
def confirm_report(request: HttpRequest) -> HttpResponse:
    """Confirm what the form shows, as the first version or as an amendment."""
    name, day = asked_school(request), day_of(request)
    log_look(request, "report", day.isoformat(), name)
    given = request.POST
    try:
        shown = (int(given.get("until", "")), given.get("figures", ""), int(given.get("after", "")))
    except ValueError as error:
        raise Http404 from error
    if not (0 <= shown[0] < 2**43 and 0 <= shown[2] < 10_000):
        raise Http404
    by, reason = given.get("name", "").strip(), given.get("reason", "").strip()
    done = confirm(name, day, shown, by, reason, account(request).name, timezone.now())
    if isinstance(done, Text):
        return _school(request, name, day, done, by, reason, status=409)
    return redirect(school_url(name, day))


@require_safe
@signed_in("officer", "school", "auditor")
def history(request: HttpRequest) -> HttpResponse:
    """The last 30 days of ?school= up to ?day=: where each report stands, and all its versions."""
    name, day, now = asked_school(request), day_of(request), timezone.now()
    found = []
    for one, versions in history_of(name, day, HISTORY_DAYS):
        told = [Confirmed(name, each.version, each.confirmed_at) for each in versions]
        # What nobody confirmed alone depends on it.
        heard = [name] if not versions and composing.has_basis(name, one) else []
        came = {name: composing.arrived_since(versions[-1])} if versions else {}
        standing = states(told, [name], now, composing.deadline(one), heard, came)[0]
        found.append({"day": one, "url": school_url(name, one), "standing": standing, "versions": versions})
        found[-1]["state"] = state_text(standing)
    return fresh(
        render(request, "reports/history.html", {"school": name, "days": found, "back": school_url(name, day)})
    )


def asked_school(request: HttpRequest) -> str:
    """The school that ?school= or the form names. PermissionDenied: they may not see it; Http404: there is none."""
    name = request.POST.get("school") or request.GET.get("school", "")
    who = account(request)
    if not may_see(who, name):
        raise PermissionDenied
    if name not in visible_schools(who):
        raise Http404
    return name


def day_of(request: HttpRequest) -> date:
    """The day that ?day= or the form names, today when absent. Http404: no day, or one that has not come."""
    text = request.POST.get("day") or request.GET.get("day")
    today = today_of(timezone.now())
    if text is None:
        return today
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise Http404 from error
    if not EARLIEST <= day <= today:
        raise Http404
    return day


def today_of(now: Any) -> date:
    """The county's day."""
    return local_day(now, timezone.get_default_timezone())


def school_url(name: str, day: date, **more: str) -> str:
    """The address of a school's report."""
    return reverse("report") + "?" + urlencode({"school": name, "day": day.isoformat(), **more})


def fresh(response: HttpResponse, live: bool = False) -> HttpResponse:
    """The answer, kept in no cache; a live one asks again by itself."""
    response["Cache-Control"] = "no-store"
    if live:
        response["Refresh"] = str(REFRESH_S)
    return response


def _school(
    request: HttpRequest,
    name: str,
    day: date,
    refusal: Text | None = None,
    by: str = "",
    reason: str = "",
    status: int = 200,
) -> HttpResponse:
    who, now = account(request), timezone.now()
    zone = timezone.get_default_timezone()
    versions = list(Report.objects.filter(school=name, day=day).prefetch_related("receipts"))
    last = versions[-1] if versions else None
    chosen = _version(request, versions) or last
    until = composing.end_of(day, now)
    composed = composing.compose_now(name, day, until)
    plain = composed.plain if chosen is None else plain_of(chosen)
    standing = standing_of(name, day, versions, composed.plain, now)
    changed = [] if last is None else differences(plain_of(last)["figures"], composed.plain["figures"])
    deadline = composing.deadline(day)
    context = {
        **_days(day, now),
        "school": name,
        "plain": plain,
        "until": composing.from_ms(plain["until_utc_ms"]),
        "tables": tables(plain, zone),
        "chosen": chosen,
        "versions": versions,
        "last": last,
        "standing": standing,
        "state": state_text(standing),
        "changed": changed_words(changed),
        "deadline": deadline,
        "countdown": countdown_text(deadline - now),
        "in_time": now <= deadline,
        "one_of_many": who.role != "school",
        "may_confirm": who.role in ("officer", "school"),
        "form": {**_shown(composed, last), "name": by, "reason": reason},
        "refusal": refusal,
        "now": now,
    }
    return fresh(render(request, "reports/report.html", context, status=status))


def _shown(composed: SchoolReport, last: Report | None) -> dict[str, Any]:
    """What the form carries, by which somebody who confirms says what they saw."""
    return {
        "until": composed.plain["until_utc_ms"],
        "figures": composed.figures_sha256,
        "after": 0 if last is None else last.version,
    }


def _version(request: HttpRequest, versions: list[Report]) -> Report | None:
    text = request.GET.get("version")
    if text is None:
        return None
    for one in versions:
        if str(one.version) == text:
            return one
    raise Http404


def _with_urls(rows: list[composing.Row], day: date) -> list[tuple[composing.Row, str]]:
    return [(row, school_url(row.standing.school, day)) for row in rows]


def _days(day: date, now: Any) -> dict[str, Any]:
    today = today_of(now)
    return {
        "day": day,
        "today": today,
        "day_before": day - timedelta(days=1) if day > EARLIEST else None,
        "day_after": day + timedelta(days=1) if day < today else None,
    }
