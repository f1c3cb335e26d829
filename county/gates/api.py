"""What gates ask the county over HTTP: who am I, take these records, this is how I am, which ones do you have.

A request's way: method, token, body (its size is known before it is read), the wire contract, then ingest.py,
status.py or enrolling.py. Every refusal is a Problem and leaves as JSON; nothing here answers "stored" before it is on
disk. docs/openapi.json says the same for programs, docs/wire.md for people.
"""

import json
import logging
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from county.accounts.address import address_of
from county.core import problems, tokens
from county.core.problems import MAX_BATCH_BYTES, MAX_BATCH_RECORDS, Problem
from county.gates import enrolling, gaps, heads, ingest, keys, status
from county.gates.bodies import JSON, LINES, body
from county.gates.ingest import Taken
from county.gates.models import Gate, Record
from edge.core import record as wire

PAGE_RECORDS = 1_000
MOST_RUNS = 100
MOST_WORDS_BYTES = 240
BIGGEST_SEQ = 2**53
MAX_STATUS_BYTES = 8_192
MAX_ENROLMENT_BYTES = 1_024
DOCUMENT = Path(__file__).with_name("openapi.json")

log = logging.getLogger(__name__)
View = Callable[..., HttpResponse]
GateView = Callable[..., HttpResponse | Problem]


def refuse(problem: Problem) -> JsonResponse:
    """The problem as an HTTP answer."""
    response = _json({"error": _words(problem)}, problem.status)
    if problem.retry_after_s is not None:
        response["Retry-After"] = str(problem.retry_after_s)
    if problem.status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="foregate county"'
    return response


def answers(**views: View) -> View:
    """The view for each method of an address; a database in trouble becomes a 503 that says so."""

    @csrf_exempt
    def answer(request: HttpRequest, **path: Any) -> HttpResponse:
        view = views.get(request.method or "")
        if view is None:
            response = refuse(problems.METHOD)
            response["Allow"] = ", ".join(sorted(views))
            return response
        try:
            return view(request, **path)
        except DatabaseError as error:
            log.exception("the database is in trouble")
            # PostgreSQL's driver has a code beside the words, which may be in any language.
            return refuse(problems.of_database(str(error), getattr(error.__cause__, "sqlstate", None)))

    return answer


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
    if gate is None or not tokens.same(gate.token_sha256 or "", sha256) or gate.revoked_at is not None:
        return None
    return gate


def post_enrolment(request: HttpRequest) -> HttpResponse:
    """POST /api/v1/enrol {"gate_id", "code", "public_key"}: 201 with the gate's token."""
    sent = body(request, MAX_ENROLMENT_BYTES, JSON)
    if isinstance(sent, Problem):
        return refuse(sent)
    asked = _enrolment(sent)
    if isinstance(asked, Problem):
        return refuse(asked)
    token = enrolling.enrol(*asked, address_of(request), timezone.now())
    return refuse(token) if isinstance(token, Problem) else _json({"token": token}, 201)


def _enrolment(sent: bytes) -> tuple[str, str, str] | Problem:
    """Gate, code and public key."""
    try:
        plain = json.loads(sent)
    except (ValueError, RecursionError) as error:
        return problems.not_an_enrolment(str(error)[:200])
    if not isinstance(plain, dict) or set(plain) != {"gate_id", "code", "public_key"}:
        return problems.not_an_enrolment("gate_id, code, public_key")
    gate_id, code, public_key = plain["gate_id"], plain["code"], plain["public_key"]
    if not isinstance(gate_id, str) or not wire.is_gate_id(gate_id):
        return problems.not_an_enrolment("gate_id")
    if not isinstance(code, str) or not 1 <= len(code) <= 64:
        return problems.not_an_enrolment("code")
    if not isinstance(public_key, str) or not keys.is_public_key(public_key):
        return problems.not_an_enrolment("public_key")
    return gate_id, code, public_key


@of_a_gate
def post_records(request: HttpRequest, gate: Gate) -> JsonResponse | Problem:
    """POST /api/v1/records, one record's canonical bytes a line: 200 with an answer for each line."""
    sent = body(request, MAX_BATCH_BYTES, LINES, JSON)
    if isinstance(sent, Problem):
        return sent
    lines = sent.removesuffix(b"\n").split(b"\n") if sent else []
    if len(lines) > MAX_BATCH_RECORDS:
        return problems.TOO_MANY
    outcomes = ingest.store(gate, lines, timezone.now())
    told = [_told(number, outcome) for number, outcome in enumerate(outcomes, start=1)]
    return _json({"answers": told, **_standing(gate)})


def _told(line: int, outcome: Taken | Problem) -> dict[str, Any]:
    if isinstance(outcome, Problem):
        return {"line": line, "error": {name: _short(words) for name, words in _words(outcome).items()}}
    return {"uuid": outcome.uuid, "sha256": outcome.sha256, "status": outcome.status}


def _short(words: str) -> str:
    # Of 500 refused lines the whole answer still has to be one that a gate reads (512 KiB, docs/wire.md).
    written = words.encode("utf-8", "replace")
    return (
        words if len(written) <= MOST_WORDS_BYTES else written[: MOST_WORDS_BYTES - 3].decode("utf-8", "ignore") + "…"
    )


def _standing(gate: Gate) -> dict[str, Any]:
    """What is known of the gate: its highest head, and which numbers up to it have not come."""
    gate.refresh_from_db()
    head = heads.highest(gate)
    runs = gaps.missing(gate, 0 if head is None else head.seq, MOST_RUNS)
    return {"missing": [list(run) for run in runs], "head": status.head_plain(head)}


@of_a_gate
def post_status(request: HttpRequest, gate: Gate) -> JsonResponse | Problem:
    """POST /api/v1/status {"head", "health"}: 200 with the highest head that is known, and what is missing."""
    sent = body(request, MAX_STATUS_BYTES, JSON)
    if isinstance(sent, Problem):
        return sent
    told = status.parse(sent)
    if isinstance(told, Problem):
        return told
    status.keep(gate, told, timezone.now())
    return _json(_standing(gate))


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


def get_health(request: HttpRequest) -> JsonResponse:
    """GET /api/v1/health: 200 when the server and its database answer. Open to all, tells nothing else."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM gates_gate LIMIT 1")
    return _json({"status": "ok"})


def get_openapi(request: HttpRequest) -> HttpResponse:
    """GET /api/v1/openapi.json: what all this is, for programs."""
    response = HttpResponse(DOCUMENT.read_bytes(), content_type="application/json")
    response["Cache-Control"] = "no-store"
    return response


@csrf_exempt
def no_such_address(request: HttpRequest, **path: Any) -> JsonResponse:
    """404 as JSON for everything else below /api/."""
    return refuse(problems.NOT_FOUND)


def whole_number(text: str) -> int | None:
    """A number of a query, 0 to 2^53; None: it is none."""
    if not text.isascii() or not text.isdigit() or len(text) > 16 or int(text) > BIGGEST_SEQ:
        return None
    return int(text)


def _words(problem: Problem) -> dict[str, str]:
    return {"code": problem.code, "zh": problem.zh, "en": problem.en}


def _json(content: dict[str, Any], status: int = 200) -> JsonResponse:
    response = JsonResponse(content, status=status, json_dumps_params={"ensure_ascii": False})
    response["Cache-Control"] = "no-store"
    return response


enrol = answers(POST=post_enrolment)
records = answers(GET=list_records, POST=post_records)
status_of_gate = answers(POST=post_status)
health = answers(GET=get_health)
openapi = answers(GET=get_openapi)
