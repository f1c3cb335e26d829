"""Reports as files: one school's day, or the county's; in which form the address says."""

from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from county.accounts.access import account, log_look, signed_in, visible_schools
from county.core.report_words import Table, county_table, state_text, tables
from county.core.school_report import Version, body_of, doubts
from county.reports import composing
from county.reports.exporting import to_csv, to_pdf, to_xlsx
from county.reports.models import Report
from county.reports.pages import asked_school, day_of
from county.reports.reading import plain_of, standing_of
from edge.core.texts import Text

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
    "json": "application/json",
}
NOT_CONFIRMED = Text("尚未确认", "not confirmed")
Facts = list[tuple[Text, str]]


@require_safe
@signed_in("officer", "school", "auditor")
def school_file(request: HttpRequest, form: str) -> HttpResponse:
    """The report of ?school= on ?day= as csv, xlsx, pdf or json: the last version, ?version=n, or what is composed.

    json: the canonical bytes themselves, whose SHA-256 stands on the receipt.
    """
    if form not in TYPES:
        raise Http404
    name, day = asked_school(request), day_of(request)
    log_look(request, "export", f"{day.isoformat()} {form}", name)
    now, zone = timezone.now(), timezone.get_default_timezone()
    versions = list(Report.objects.filter(school=name, day=day).prefetch_related("receipts"))
    asked = request.GET.get("version")
    chosen = [one for one in versions if asked is None or str(one.version) == asked]
    if asked is not None and not chosen:
        raise Http404
    composed = composing.compose_now(name, day, composing.end_of(day, now)).plain
    report = chosen[-1] if chosen else None
    plain = composed if report is None else plain_of(report)
    file_name = f"{name} {day.isoformat()}" + (f" v{report.version}" if report is not None else " draft")
    if form == "json":
        return _file(bytes(report.body) if report is not None else body_of(plain, Version()), form, file_name)
    title = Text(f"{name} 体温筛查日报", "Daily fever-screening report")
    state = state_text(standing_of(name, day, versions, composed, now))
    facts = [
        (Text("学校", "School"), name),
        (Text("日期", "Day"), day.isoformat()),
        (Text("状态", "State"), str(state)),
        (Text("零报告", "Zero report"), "是 / yes" if plain["zero"] else "否 / no"),
        (Text("统计截至", "Counted until"), _moment(composing.from_ms(plain["until_utc_ms"]))),
        *(_confirmation(report) if report is not None else [(Text("确认", "Confirmation"), str(NOT_CONFIRMED))]),
    ]
    return _made(form, title, facts, list(tables(plain, zone)), file_name)


@require_safe
@signed_in("officer", "school", "auditor")
def county_file(request: HttpRequest, form: str) -> HttpResponse:
    """The day of all schools that the account may see, one row each, as csv, xlsx or pdf."""
    if form not in TYPES or form == "json":
        raise Http404
    day, now = day_of(request), timezone.now()
    log_look(request, "export", f"{day.isoformat()} {form}")
    rows = composing.rows(visible_schools(account(request)), day, now)
    zone = timezone.get_default_timezone()
    table = county_table([row.standing for row in rows], [row.plain for row in rows], zone)
    title = Text("全县体温筛查日报", "The county's daily fever-screening reports")
    facts = [
        (Text("日期", "Day"), day.isoformat()),
        (Text("截止时间", "Deadline"), _moment(composing.deadline(day))),
        (Text("制表时间", "Made at"), _moment(now)),
        (Text("学校数", "Schools"), str(len(rows))),
        (Text("有说明事项的学校", "Schools with notes"), str(sum(bool(doubts(row.plain)) for row in rows))),
    ]
    return _made(form, title, facts, [table] if rows else [], f"county {day.isoformat()}")


def _confirmation(report: Report) -> Facts:
    told = [
        (Text("版本", "Version"), str(report.version)),
        (Text("确认人", "Confirmed by"), f"{report.confirmed_by} ({report.account})"),
        (Text("确认时间", "Confirmed at"), _moment(report.confirmed_at)),
        (Text("指纹", "SHA-256"), report.sha256),
        (Text("回执", "Receipts"), "  ".join(one.number for one in report.receipts.all())),
    ]
    return told + [(Text("更正原因", "Reason of the amendment"), report.reason)] * bool(report.reason)


def _made(form: str, title: Text, facts: Facts, found: list[Table], file_name: str) -> HttpResponse:
    if form == "csv":
        return _file(to_csv(facts, found), form, file_name)
    if form == "xlsx":
        return _file(to_xlsx(facts, found), form, file_name)
    return _file(to_pdf(title, facts, found), form, file_name)


def _file(content: bytes, form: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=TYPES[form])
    response["Content-Disposition"] = content_disposition_header(True, f"foregate {name}.{form}") or "attachment"
    response["Cache-Control"] = "no-store"
    return response


def _moment(at: datetime) -> str:
    return timezone.localtime(at).strftime("%Y-%m-%d %H:%M:%S")
