"""Where everything is: the interface for gates below /api/v1/, the pages for people beside it."""

from django.urls import path

from county.accounts import looks, own_pages, signing_in
from county.fleet import pages as fleet_pages
from county.gates import api, assets, pages
from county.policies import pages as policy_pages
from county.policies.api import get_settings
from county.reports import downloads as report_files
from county.reports import lines as report_lines
from county.reports import pages as reports
from county.rosters import ordering, uploading
from county.rosters import pages as roster_pages
from county.rosters.api import get_roster

urlpatterns = [
    path("api/v1/health", api.health),
    path("api/v1/enrol", api.enrol),
    path("api/v1/status", api.status_of_gate),
    path("api/v1/records", api.records),
    path("api/v1/openapi.json", api.openapi),
    path("api/v1/roster", get_roster),
    path("api/v1/settings", get_settings),
    path("api/<path:rest>", api.no_such_address),
    path("", pages.gates, name="gates"),
    path("gates/<str:gate_id>", pages.gate, name="gate"),
    path("fleet", fleet_pages.fleet, name="fleet"),
    path("fleet/gates/<str:gate_id>", fleet_pages.gate, name="fleet-gate"),
    path("fleet/gates/<str:gate_id>/settle", fleet_pages.settle, name="fleet-settle"),
    path("fleet/stage/<path:school>", fleet_pages.stage, name="fleet-stage"),
    path("sign-in", signing_in.sign_in, name="sign-in"),
    path("sign-in/once/<str:token>", signing_in.sign_in_once, name="sign-in-once"),
    path("sign-in/code", signing_in.sign_in_code, name="sign-in-code"),
    path("sign-out", signing_in.sign_out, name="sign-out"),
    path("account", own_pages.own, name="account"),
    path("account/totp/begin", own_pages.begin, name="account-totp-begin"),
    path("account/totp/confirm", own_pages.confirm, name="account-totp-confirm"),
    path("account/totp/end", own_pages.end, name="account-totp-end"),
    path("looks", looks.looks, name="looks"),
    path("looks.csv", looks.looks_csv, name="looks-csv"),
    path("rosters", roster_pages.schools, name="rosters"),
    # The school last: its name may hold anything, a slash too.
    path("rosters/people/<path:school>", roster_pages.people, name="roster"),
    path("rosters/person/<str:person_id>/<path:school>", roster_pages.person, name="roster-person"),
    path("rosters/classes/<path:school>", roster_pages.classes, name="roster-classes"),
    path("rosters/history/<path:school>", roster_pages.history, name="roster-history"),
    path("rosters/change-people/<path:school>", ordering.change_people, name="roster-change"),
    path("rosters/change-class/<path:school>", ordering.change_class, name="roster-class"),
    path("rosters/import/<path:school>", uploading.form, name="roster-import"),
    path("rosters/upload/<path:school>", uploading.upload, name="roster-upload"),
    path("rosters/confirm/<path:school>", uploading.confirm, name="roster-confirm"),
    path("settings", policy_pages.schools, name="settings"),
    path("settings/<path:school>", policy_pages.school, name="settings-school"),
    path("reports", reports.reports, name="reports"),
    path("reports/school", reports.school, name="report"),
    path("reports/confirm", reports.confirm_report, name="report-confirm"),
    path("reports/history", reports.history, name="report-history"),
    path("reports/line/<str:line>", report_lines.line, name="reports-line"),
    path("reports/taken", report_lines.take, name="report-taken"),
    path("reports/school/file.<str:form>", report_files.school_file, name="report-file"),
    path("reports/county.<str:form>", report_files.county_file, name="reports-file"),
    path("style-<str:version>.css", assets.style_sheet, name="style"),
    path("favicon.svg", assets.favicon, name="favicon"),
]

handler400 = pages.bad_request
handler500 = pages.server_error
