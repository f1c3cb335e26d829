"""A gate that talks to the county's views in this process."""

import gzip
from collections.abc import Mapping
from dataclasses import replace
from io import StringIO
from typing import TYPE_CHECKING, Any

from django.core.management import call_command
from django.http import HttpResponse
from django.test import Client

from edge.core.errors import RecordError
from edge.core.record import NOTHING_BEFORE, canonical_bytes, parse, signed
from tests.fakes.signing import SIGNER, FakeSigner

if TYPE_CHECKING:
    # Django's test client hands out responses with json(); only the stubs have a name for them.
    from django.test.client import _MonkeyPatchedWSGIResponse

    Answer = _MonkeyPatchedWSGIResponse
else:
    Answer = HttpResponse


def register(gate_id: str, *options: str, name: str = "东门", school: str = "第一小学", key: str = "") -> str:
    """Register a gate with its key, at once; its token."""
    out = StringIO()
    arguments = ("--name", name, "--school", school, "--public-key", key or SIGNER.public_key, *options)
    call_command("add_gate", gate_id, *arguments, stdout=out, stderr=StringIO(), no_color=True)
    return out.getvalue().strip()


class GateClient:
    """What a gate can ask; every answer is the raw HTTP answer."""

    def __init__(self, token: str) -> None:
        self.headers = {"Authorization": f"Bearer {token}"}
        self._client = Client()

    def send(
        self,
        *bodies: bytes,
        packed: bool = False,
        content_type: str = "application/x-ndjson",
        headers: Mapping[str, str] | None = None,
        environ: Mapping[str, Any] | None = None,
    ) -> Answer:
        """Offer these bodies as a batch; headers replace the gate's own, environ parts of the WSGI environment."""
        sent = b"".join(body + b"\n" for body in bodies)
        return self.post("records", sent, packed, content_type, headers, environ)

    def post(
        self,
        path: str,
        sent: bytes,
        packed: bool = False,
        content_type: str = "application/json",
        headers: Mapping[str, str] | None = None,
        environ: Mapping[str, Any] | None = None,
    ) -> Answer:
        """Send something to an address below /api/v1/."""
        given = {**(self.headers if headers is None else headers), **({"Content-Encoding": "gzip"} if packed else {})}
        sent = gzip.compress(sent) if packed else sent
        # Django's client sends no Content-Type with an empty body; a gate would.
        extra = {"CONTENT_TYPE": content_type, "CONTENT_LENGTH": str(len(sent)), **(environ or {})}
        return self._client.post(f"/api/v1/{path}", sent, content_type=content_type, headers=given, **extra)

    def put(self, uuid: str, body: bytes, signer: FakeSigner = SIGNER) -> Any:
        """Offer one record, written anew after the one that the county keeps before it; what is said of it.

        For tests that are about one record, and not about the chain.
        """
        answer = self.send(following(body, signer))
        assert answer.status_code == 200, answer.content
        return answer.json()["answers"][0]

    def get(self, path: str, **query: str) -> Answer:
        """Ask for something below /api/v1/."""
        return self._client.get(f"/api/v1/{path}", query, headers=self.headers)


def following(body: bytes, signer: FakeSigner = SIGNER) -> bytes:
    """The record in these bytes, after the one that the county keeps before it; what is no record as it is."""
    from county.gates.models import Record

    try:
        record = parse(body)
    except RecordError:
        return body
    kept = Record.objects.filter(gate_id=record.gate_id, seq=record.seq - 1).values_list("sha256", flat=True).first()
    before = kept or (NOTHING_BEFORE if record.seq == 1 else record.previous_sha256)
    return canonical_bytes(signed(replace(record, previous_sha256=before), signer.sign))
