"""The pages of the gates' settings: which schools have which, one school's form, who changed what and when."""

from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from county.accounts.access import account, signed_in
from county.gates.models import Gate, GateStatus
from county.gates.status import health_of
from county.policies.changing import change_settings, settings_of, typed_value
from county.policies.models import SchoolSettings, SettingChange
from edge.core.commanded import KEYS, Key
from edge.core.errors import ConfigError, RecordError
from edge.core.texts import Text

CHANGES = 50


@dataclass(frozen=True, slots=True)
class Field:
    """One setting in the form: what was typed or stands, empty when the gate's own configuration holds."""

    key: Key
    value: str


@dataclass(frozen=True, slots=True)
class GateRow:
    """A gate, and by which version it goes (None: it has not said, or by none)."""

    gate: Gate
    version: int | None
    current: bool


@require_safe
@never_cache
@signed_in("officer", "technician", "auditor")
def schools(request: HttpRequest) -> HttpResponse:
    """All schools with gates: which version is commanded, and how many of the gates go by it."""
    known = {one.school: one for one in SchoolSettings.objects.all()}
    rows = []
    for school in sorted({*known, *Gate.objects.order_by().values_list("school", flat=True).distinct()}):
        gates = _gates(school, known.get(school))
        rows.append((school, known.get(school), len(gates), sum(row.current for row in gates)))
    return render(request, "policies/schools.html", {"rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@signed_in("officer", "technician", "auditor")
def school(request: HttpRequest, school: str) -> HttpResponse:
    """One school's settings: GET the form, POST it (officers alone); what cannot be is said above it (422)."""
    found = settings_of(school)
    if found is None and not Gate.objects.filter(school=school).exists():
        raise Http404
    who = account(request)
    if request.method != "POST":
        standing = {} if found is None else found.settings
        return _form(request, school, found, {name: _typed(standing.get(name)) for name in KEYS}, None)
    if who.role != "officer":
        return HttpResponse(status=403)
    typed = {name: request.POST.get(name, "").strip()[:40] for name in KEYS}
    try:
        change_settings(school, who.name, timezone.now(), {name: typed_value(name, typed[name]) for name in KEYS})
    except ConfigError as error:
        return _form(request, school, found, typed, Text(error.zh, error.en), 422)
    return redirect("settings-school", school)


def _typed(value: object) -> str:
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _form(
    request: HttpRequest,
    school: str,
    found: SchoolSettings | None,
    typed: dict[str, str],
    problem: Text | None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "school": school,
        "found": found,
        "may_change": account(request).role == "officer",
        "numbers": [Field(key, typed[name]) for name, key in KEYS.items() if not key.words],
        "words": [Field(key, typed[name]) for name, key in KEYS.items() if key.words],
        "problem": problem,
        "gates": _gates(school, found),
        "changes": [
            (one, KEYS[one.key].text if one.key in KEYS else Text(one.key, one.key))
            for one in SettingChange.objects.filter(school=school).order_by("-pk")[:CHANGES]
        ],
    }
    return render(request, "policies/school.html", context, status=status)


def _gates(school: str, found: SchoolSettings | None) -> list[GateRow]:
    current = None if found is None else found.version
    gates = Gate.objects.filter(school=school).order_by("gate_id")
    told = {kept.gate_id: _version(kept) for kept in GateStatus.objects.filter(gate__school=school)}
    return [GateRow(gate, told.get(gate.pk), told.get(gate.pk) == current) for gate in gates]


def _version(kept: GateStatus) -> int | None:
    try:
        return health_of(kept).settings_version
    except RecordError:
        # An older gate's; it says the next one within a minute.
        return None
