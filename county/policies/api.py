"""What a gate asks for its settings: GET /api/v1/settings?version=V, with the gate's token."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from county.core import environment, problems
from county.core.problems import Problem
from county.gates import ingest
from county.gates.api import answers, of_a_gate, whole_number
from county.gates.models import Gate
from county.policies.changing import settings_of, signed_file
from county.rosters.signing import read_key


@of_a_gate
def settings_of_gate(request: HttpRequest, gate: Gate) -> HttpResponse | Problem:
    """200 with the signed settings of the gate's school when they are newer than version, 204 when they are not."""
    version = whole_number(request.GET.get("version", "0"))
    if version is None:
        return problems.BAD_VERSION
    found = settings_of(gate.school)
    ingest.seen(gate, timezone.now())
    current = 0 if found is None else found.version
    if version > current:
        return problems.settings_behind(current, version)
    if found is None or version == current:
        response = HttpResponse(status=204)
    else:
        key = read_key(environment.need_data(settings.ENVIRONMENT))
        if key is None:
            return problems.NO_ROSTER_KEY
        response = HttpResponse(signed_file(found, key), content_type="application/octet-stream")
    response["Cache-Control"] = "no-store"
    return response


get_settings = answers(GET=settings_of_gate)
