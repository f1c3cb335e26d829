"""The fleet's pages, for officers, technicians and auditors: nothing on them is about a person."""

from datetime import date

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from county.accounts.access import account, signed_in
from county.core import stages
from county.core.day import local_day
from county.core.evidence import anomaly_text
from county.core.needs import told
from county.core.stages import Plan, complaints
from county.database import stand_in_line, writing
from county.fleet import asking
from county.fleet.models import GateDay, HealthNote, Site, SiteChange
from county.gates.models import Anomaly, Gate
from edge.core.texts import Text

REFRESH_S = 60
NOTES = 96
DAYS = 28
ANOMALIES = 50
LONGEST_NUMBER = 18


@require_safe
@never_cache
@signed_in("officer", "technician", "auditor")
def fleet(request: HttpRequest) -> HttpResponse:
    """All gates: where to go first and why, then school by school."""
    now = timezone.now()
    states = asking.gate_states(Gate.objects.all(), now)
    first = asking.by_urgency(states)
    working = [state for state in states if state.facts.working]
    context = {
        "now": now,
        "first": first,
        "schools": asking.by_school(states),
        "gates": len(states),
        "working": len(working),
        "heard": sum(state.facts.silent_s is not None and state.facts.silent_s < 600 for state in working),
        "grave": sum(any(need.grave for need in state.needs) for state in first),
        "minor": sum(not any(need.grave for need in state.needs) for state in first),
        "contradictions": sum(state.contradictions for state in states),
        "waiting": sum(state.waiting for state in states),
        "people": sum(state.row.kinds["passage"] for state in states),
        "may_change": account(request).role == "officer",
    }
    response = render(request, "fleet/fleet.html", context)
    response["Refresh"] = str(REFRESH_S)
    return response


@require_safe
@never_cache
@signed_in("officer", "technician", "auditor")
def gate(request: HttpRequest, gate_id: str) -> HttpResponse:
    """One gate: what it needs, how it is, how it was, and what contradicts."""
    found = get_object_or_404(Gate, pk=gate_id)
    (state,) = asking.gate_states(Gate.objects.filter(pk=found.pk), timezone.now())
    context = {
        "state": state,
        "row": state.row,
        "may_settle": account(request).role == "officer",
        "camera": None if state.health is None else told(state.health.camera),
        "reference": None if state.health is None else told(state.health.reference),
        "notes": [
            (note, told(note.camera), told(note.reference))
            for note in HealthNote.objects.filter(gate=found).order_by("-quarter")[:NOTES]
        ],
        "days": GateDay.objects.filter(gate=found).order_by("-day")[:DAYS],
        "anomalies": [
            (one, anomaly_text(one.code)) for one in Anomaly.objects.filter(gate=found).order_by("-last_at")[:ANOMALIES]
        ],
    }
    return render(request, "fleet/gate.html", context)


@require_POST
@signed_in("officer")
def settle(request: HttpRequest, gate_id: str) -> HttpResponse:
    """An officer has looked into a contradiction and answers for it; the evidence stays."""
    number = request.POST.get("anomaly", "")
    if not (number.isascii() and number.isdigit() and len(number) <= LONGEST_NUMBER):
        raise Http404
    open_one = Anomaly.objects.filter(pk=int(number), gate_id=gate_id, settled_at=None)
    open_one.update(settled_at=timezone.now(), settled_by=account(request).name)
    return redirect("fleet-gate", gate_id)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@signed_in("officer")
def stage(request: HttpRequest, school: str) -> HttpResponse:
    """How far a school's gates are: GET the form, POST it; what makes no sense is said above it (422)."""
    site = Site.objects.filter(pk=school).first()
    if site is None and not Gate.objects.filter(school=school).exists():
        raise Http404
    if request.method != "POST":
        return _form(request, school, None if site is None else asking.plan_of(site), [])
    plan = _entered(request)
    problems = complaints(plan, local_day(timezone.now(), timezone.get_default_timezone()))
    if problems:
        return _form(request, school, plan, problems, 422)
    days = {f"{name}_on": plan.days.get(name) for name in stages.STAGES}
    told_plan = ", ".join([plan.kind, plan.stage, *(f"{name} {day}" for name, day in plan.days.items())])
    with writing(), transaction.atomic():
        stand_in_line("site", school)
        Site.objects.update_or_create(school=school, defaults={"kind": plan.kind, "stage": plan.stage, **days})
        SiteChange.objects.create(school=school, at=timezone.now(), by=account(request).name, told=told_plan)
    return redirect("fleet")


def _entered(request: HttpRequest) -> Plan:
    days = {}
    for name in stages.STAGES:
        text = request.POST.get(f"{name}_on", "")
        try:
            days[name] = date.fromisoformat(text[:10])
        except ValueError:
            # Not filled in; a stage that needs its day is complained of.
            continue
    return Plan(request.POST.get("kind", ""), request.POST.get("stage", ""), days)


def _form(
    request: HttpRequest, school: str, plan: Plan | None, problems: list[Text], status: int = 200
) -> HttpResponse:
    rows = [(name, text, None if plan is None else plan.days.get(name)) for name, text in stages.STAGES.items()]
    context = {
        "school": school,
        "plan": plan,
        "kinds": stages.KINDS.items(),
        "rows": rows,
        "problems": problems,
        "changes": SiteChange.objects.filter(school=school).order_by("-pk")[:20],
    }
    return render(request, "fleet/stage.html", context, status=status)
