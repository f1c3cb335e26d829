"""Who has looked at whom: the auditor's page, filtered, and the same as CSV."""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from county.accounts.access import signed_in
from county.accounts.models import Look
from county.core.labels import LOOKS, text_of
from county.core.roles import TEXTS
from county.core.spreadsheet import as_text

PAGE_ROWS = 100
# Excel shows no more rows than 1,048,576.
MOST_ROWS = 1_000_000
_COLUMNS = (
    "时间 at",
    "最后 last",
    "次数 times",
    "账号 account",
    "角色 role",
    "地址 address",
    "页面 page",
    "学校 school",
    "对象 about",
)


@dataclass(frozen=True, slots=True)
class Filter:
    """What is asked for; empty: everything. day: of the county."""

    by: str
    school: str
    about: str
    day: date | None


@never_cache
@require_safe
@signed_in("auditor")
def looks(request: HttpRequest) -> HttpResponse:
    """The looks at personal data, newest first: ?by=account &school= &about=person, class or gate &day=YYYY-MM-DD."""
    asked = _filter(request.GET)
    page = Paginator(_found(asked), PAGE_ROWS).get_page(request.GET.get("page"))
    without_page = request.GET.copy()
    without_page.pop("page", None)
    context = {
        "asked": asked,
        "page": page,
        "rows": [(one, text_of(one.role, TEXTS), text_of(one.what, LOOKS)) for one in page],
        "query": without_page.urlencode(),
    }
    return render(request, "accounts/looks.html", context)


@never_cache
@require_safe
@signed_in("auditor")
def looks_csv(request: HttpRequest) -> StreamingHttpResponse:
    """The same as CSV (UTF-8 with BOM, for Excel)."""
    found = _found(_filter(request.GET))[:MOST_ROWS].iterator(chunk_size=2000)
    answer = StreamingHttpResponse(_lines(found), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="looks.csv"'
    return answer


def _filter(given: QueryDict) -> Filter:
    day = given.get("day", "").strip()
    try:
        on = date.fromisoformat(day) if day else None
    except ValueError as error:
        raise Http404 from error
    if on is not None and not date(2020, 1, 1) <= on <= date(2999, 12, 31):
        raise Http404
    by, school, about = (given.get(name, "").strip().replace("\0", "")[:200] for name in ("by", "school", "about"))
    return Filter(by, school, about, on)


def _found(asked: Filter) -> QuerySet[Look]:
    found = Look.objects.order_by("-at", "-pk")
    for name in ("by", "school", "about"):
        if value := getattr(asked, name):
            found = found.filter(**{name: value})
    if asked.day is not None:
        began = datetime.combine(asked.day, time(), timezone.get_default_timezone())
        found = found.filter(at__gte=began, at__lt=began + timedelta(days=1))
    return found


def _lines(found: Iterable[Look]) -> Iterator[bytes]:
    yield b"\xef\xbb\xbf" + _line(_COLUMNS)
    for one in found:
        at, last = (timezone.localtime(moment).strftime("%Y-%m-%d %H:%M:%S") for moment in (one.at, one.last_at))
        words = (one.by, one.role, one.address, one.what, one.school, one.about)
        yield _line((at, last, str(one.times), *map(as_text, words)))


def _line(cells: Iterable[str]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue().encode()
