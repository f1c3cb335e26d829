"""What gates ask the county over HTTP: take this record, which ones do you have, are you there.

A request's way: method, token, body (its size is known before it is read), the wire contract, then ingest.py.
Every refusal is a Problem and leaves as JSON; nothing here answers "stored" before it is on disk.
"""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from county.core import problems, tokens
from county.core.problems import Problem
from county.gates import ingest
from county.gates.models import Gate, Record
from edge.core import record as wire
from edge.core.errors import RecordError

PAGE_RECORDS = 1_000
BIGGEST_SEQ = 2**53

log = logging.getLogger(__name__)
View = Callable[..., HttpResponse]
GateView = Callable[..., HttpResponse | Problem]


def refuse(problem: Problem) -> JsonResponse:
    """The problem as an HTTP answer."""
    response = _json({"error": {"code": problem.code, "zh": problem.zh, "en": problem.en}}, problem.status)
    if problem.retry_after_s is not None:
        response["Retry-After"] = str(problem.retry_after_s)
    if problem.status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="foregate county"'
    return response


def answers(method: str) -> Callable[[View], View]:
    """Only this method; a database in trouble becomes a 503 that says so."""

    def around(view: View) -> View:
        @csrf_exempt
        @wraps(view)
        def answer(request: HttpRequest, **path: Any) -> HttpResponse:
            if request.method != method:
                response = refuse(problems.METHOD)
                response["Allow"] = method
                return response
            try:
                return view(request, **path)
            except DatabaseError as error:
                log.exception("the database is in trouble")
                return refuse(problems.of_database(str(error)))

        return answer

    return around


def of_a_gate(view: GateView) -> View:
    """Only for a gate's token; the view is given the gate, which has been seen now, also when it is refused."""

    @wraps(view)
    def answer(request: HttpRequest, **path: Any) -> HttpResponse:
        gate = _gate_of(request)
        if gate is None:
            return refuse(problems.BAD_TOKEN)
        outcome = view(request, gate, **path)
        if isinstance(outcome, Problem):
            ingest.seen(gate, timezone.now())
            return refuse(outcome)
        return outcome

    return answer


def _gate_of(request: HttpRequest) -> Gate | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return None
    sha256 = tokens.token_sha256(token.strip())
    gate = Gate.objects.filter(token_sha256=sha256).first()
    # The index compares fingerprints, which tell nothing of a token; the last word is a comparison that leaks no time.
    if gate is None or not tokens.same(gate.token_sha256, sha256) or gate.revoked_at is not None:
        return None
    return gate


@answers("PUT")
@of_a_gate
def put_record(request: HttpRequest, gate: Gate, uuid: str) -> JsonResponse | Problem:
    """PUT /api/v1/records/<uuid>, the record's canonical bytes: 201 created, 200 already kept."""
    body = _body(request)
    if isinstance(body, Problem):
        return body
    try:
        record = wire.parse(body)
    except RecordError as error:
        return problems.not_a_record(error.zh, error.en)
    if record.uuid != uuid:
        return problems.other_uuid(record.uuid)
    if record.gate_id != gate.gate_id:
        return problems.other_gate(record.gate_id, gate.gate_id)
    stored = ingest.store(gate, record, body, timezone.now())
    if isinstance(stored, Problem):
        return stored
    return _json(
        {"uuid": record.uuid, "sha256": wire.fingerprint(body), "status": stored}, 201 if stored == "created" else 200
    )


@answers("GET")
@of_a_gate
def list_records(request: HttpRequest, gate: Gate) -> JsonResponse | Problem:
    """GET /api/v1/records?since_seq=n: what is kept of this gate's records from n + 1 on, at most 1,000 at a time."""
    since_seq = whole_number(request.GET.get("since_seq", "0"))
    if since_seq is None:
        return problems.BAD_SINCE_SEQ
    kept = Record.objects.filter(gate=gate, seq__gt=since_seq).order_by("seq").values_list("seq", "uuid", "sha256")
    found = list(kept[: PAGE_RECORDS + 1])
    ingest.seen(gate, timezone.now())
    rows = [{"seq": seq, "uuid": str(uuid), "sha256": sha256} for seq, uuid, sha256 in found[:PAGE_RECORDS]]
    return _json({"gate_id": gate.gate_id, "records": rows, "more": len(found) > PAGE_RECORDS})


@answers("GET")
def health(request: HttpRequest) -> JsonResponse:
    """GET /api/v1/health: 200 when the server and its database answer. Open to all, tells nothing else."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM gates_gate LIMIT 1")
    return _json({"status": "ok"})


@csrf_exempt
def no_such_address(request: HttpRequest, **path: Any) -> JsonResponse:
    """404 as JSON for everything else below /api/."""
    return refuse(problems.NOT_FOUND)


def whole_number(text: str) -> int | None:
    """A number of a query, 0 to 2^53; None: it is none."""
    if not text.isascii() or not text.isdigit() or len(text) > 16 or int(text) > BIGGEST_SEQ:
        return None
    return int(text)


def _body(request: HttpRequest) -> bytes | Problem:
    if request.content_type != "application/json":
        return problems.CONTENT_TYPE
    length = request.META.get("CONTENT_LENGTH") or ""
    # Without a length the body would have to be read to learn that it is too large.
    if not length.isascii() or not length.isdigit():
        return problems.LENGTH_REQUIRED
    if len(length) > 16 or int(length) > wire.MAX_BYTES:
        return problems.TOO_LARGE
    try:
        body = request.read(int(length))
    except OSError:
        # The gate went away, or was silent for longer than the server waits (county/gates/serving.py).
        return problems.TIMEOUT
    return body if len(body) == int(length) else problems.TIMEOUT


def _json(content: dict[str, Any], status: int = 200) -> JsonResponse:
    response = JsonResponse(content, status=status, json_dumps_params={"ensure_ascii": False})
    response["Cache-Control"] = "no-store"
    return response
