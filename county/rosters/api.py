"""What a gate asks for its roster: GET /api/v1/roster?version=V&issued=I, with the gate's token."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from county.core import environment, problems
from county.core.problems import Problem
from county.gates import ingest
from county.gates.api import answers, of_a_gate, whole_number
from county.gates.models import Gate
from county.rosters.issuing import issue_of
from county.rosters.signing import read_key


@of_a_gate
def roster_of_gate(request: HttpRequest, gate: Gate) -> HttpResponse | Problem:
    """200 with the signed roster of the gate's school when it is newer than (version, issued), 204 when it is not."""
    version, issued = (whole_number(request.GET.get(name, "0")) for name in ("version", "issued"))
    if version is None or issued is None:
        return problems.BAD_VERSION
    key = read_key(environment.need_data(settings.ENVIRONMENT))
    if key is None:
        return problems.NO_ROSTER_KEY
    issue = issue_of(gate.school, key, timezone.now())
    ingest.seen(gate, timezone.now())
    if issue is None:
        return problems.no_roster(gate.school)
    if (version, issued) > (issue.version, issue.issued_utc_ms):
        return problems.roster_behind(issue.version, version)
    if (version, issued) == (issue.version, issue.issued_utc_ms):
        response = HttpResponse(status=204)
    else:
        response = HttpResponse(bytes(issue.head) + bytes(issue.body), content_type="application/octet-stream")
    response["Cache-Control"] = "no-store"
    return response


get_roster = answers(GET=roster_of_gate)
