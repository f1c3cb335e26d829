"""A gate that talks to the county's views in this process."""

from collections.abc import Mapping
from io import StringIO
from typing import TYPE_CHECKING, Any

from django.core.management import call_command
from django.http import HttpResponse
from django.test import Client

if TYPE_CHECKING:
    # Django's test client hands out responses with json(); only the stubs have a name for them.
    from django.test.client import _MonkeyPatchedWSGIResponse

    Answer = _MonkeyPatchedWSGIResponse
else:
    Answer = HttpResponse


def register(gate_id: str, *options: str, name: str = "东门", school: str = "第一小学") -> str:
    """Register a gate; its token."""
    out = StringIO()
    call_command(
        "add_gate", gate_id, "--name", name, "--school", school, *options, stdout=out, stderr=StringIO(), no_color=True
    )
    return out.getvalue().strip()


class GateClient:
    """What a gate can ask; every answer is the raw HTTP answer."""

    def __init__(self, token: str) -> None:
        self.headers = {"Authorization": f"Bearer {token}"}
        self._client = Client()

    def put(
        self,
        uuid: str,
        body: bytes,
        content_type: str = "application/json",
        headers: Mapping[str, str] | None = None,
        environ: Mapping[str, Any] | None = None,
    ) -> Answer:
        """Offer a body under a uuid; headers replace the gate's own, environ parts of the WSGI environment."""
        given = self.headers if headers is None else headers
        # Django's client sends no Content-Type with an empty body; a gate would.
        extra = {"CONTENT_TYPE": content_type, "CONTENT_LENGTH": str(len(body)), **(environ or {})}
        return self._client.put(f"/api/v1/records/{uuid}", body, headers=given, **extra)

    def get(self, path: str, **query: str) -> Answer:
        """Ask for something below /api/v1/."""
        return self._client.get(f"/api/v1/{path}", query, headers=self.headers)
