"""What a gate is told when its request cannot be taken: the status, the code, both languages, and nothing is stored."""

import socket
from collections.abc import Iterator
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client, override_settings

from county.core.problems import MAX_BATCH_BYTES
from county.gates import bodies
from county.gates.api import MAX_STATUS_BYTES
from county.gates.models import Gate, Record
from tests.county.gate_client import Answer, GateClient
from tests.county.records import a_body


@pytest.fixture(autouse=True)
def _nothing_is_stored(database: Path) -> Iterator[None]:
    yield
    assert not Record.objects.exists()


def refused(answer: Answer) -> tuple[int, str]:
    """Status and code, after looking at the form that all refusals have."""
    error = answer.json()["error"]
    assert set(error) == {"code", "zh", "en"}
    assert all(error.values())
    assert answer["Content-Type"] == "application/json"
    return answer.status_code, error["code"]


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer wrong",
        "Basic RzE6dG9rZW4=",
        "Bearer \xff\xfe",
        "Token x y z",
        "Bearer " + "x" * 9000,
    ],
)
def test_without_a_known_token_nothing_is_taken(gate: GateClient, header: str) -> None:
    answer = gate.send(a_body()[1], headers={"Authorization": header})

    assert refused(answer) == (401, "bad_token")
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_no_authorization_header_at_all(gate: GateClient) -> None:
    assert refused(gate.send(a_body()[1], headers={})) == (401, "bad_token")


def test_the_kept_fingerprint_is_no_token(gate: GateClient) -> None:
    sha256 = Gate.objects.get().token_sha256

    assert refused(gate.send(a_body()[1], headers={"Authorization": f"Bearer {sha256}"})) == (401, "bad_token")


def test_a_revoked_gate_is_turned_away(gate: GateClient) -> None:
    call_command("revoke_gate", "G1", stdout=StringIO())

    assert refused(gate.send(a_body()[1])) == (401, "bad_token")
    assert refused(gate.get("records")) == (401, "bad_token")


def test_a_body_over_the_limit_is_not_even_read(gate: GateClient) -> None:
    class Untouchable(BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise AssertionError("the body was read")

    assert refused(gate.send(b"x" * MAX_BATCH_BYTES)) == (413, "too_large")
    for path, most in (("records", MAX_BATCH_BYTES), ("status", MAX_STATUS_BYTES)):
        for length in (str(most + 1), "9" * 5000):
            answer = gate.post(path, b"", environ={"wsgi.input": Untouchable(), "CONTENT_LENGTH": length})
            assert refused(answer) == (413, "too_large")


@pytest.mark.parametrize("length", ["", "-1", "ten", "１２"])
def test_the_length_has_to_be_told(gate: GateClient, length: str) -> None:
    assert refused(gate.send(b"x", environ={"CONTENT_LENGTH": length})) == (411, "length_required")


def test_a_gate_that_falls_silent_is_told_to_try_again(gate: GateClient) -> None:
    class Silent(BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise BlockingIOError("nothing came")

    assert refused(gate.send(environ={"wsgi.input": Silent(), "CONTENT_LENGTH": "9"})) == (408, "incomplete")
    _, body = a_body()
    cut_off = {"wsgi.input": BytesIO(body), "CONTENT_LENGTH": str(len(body) + 1)}
    assert refused(gate.send(environ=cut_off)) == (408, "incomplete")


def test_a_gate_that_sends_drop_by_drop_is_given_up(gate: GateClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "WHOLE_BODY_S", 0.05)
    ours, theirs = socket.socketpair()
    with ours, theirs, ours.makefile("rb") as stream:
        theirs.sendall(b"a drop")
        answer = gate.send(environ={"wsgi.input": stream, "CONTENT_LENGTH": "100", "gunicorn.socket": ours})

    assert refused(answer) == (408, "incomplete")


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "", "application/jsonx"])
@pytest.mark.parametrize("path", ["records", "status", "enrol"])
def test_only_json_is_taken(gate: GateClient, path: str, content_type: str) -> None:
    assert refused(gate.post(path, b"{}", content_type=content_type)) == (415, "content_type")


@pytest.mark.parametrize(
    ("path", "allowed"),
    [("records", "GET, POST"), ("status", "POST"), ("enrol", "POST"), ("health", "GET"), ("roster", "GET")],
)
@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "BREW"])
def test_other_methods_are_named_and_refused(gate: GateClient, path: str, allowed: str, method: str) -> None:
    answer = Client(headers=gate.headers).generic(method, f"/api/v1/{path}")

    assert refused(answer) == (405, "method")
    assert answer["Allow"] == allowed


@pytest.mark.parametrize("path", ["/api/v1", "/api/v2/records", "/api/v1/records/a/b", "/api/v1/records/a"])
def test_unknown_addresses_below_api_answer_json(gate: GateClient, path: str) -> None:
    assert refused(Client().put(path)) == (404, "not_found")


def test_a_wrong_host_name_is_no_refusal_of_the_record(gate: GateClient) -> None:
    with override_settings(ALLOWED_HOSTS=["county.example"]):
        assert refused(gate.send(a_body()[1])) == (421, "host")


@pytest.mark.parametrize("since", ["-1", "x", "1.5", "", "９", str(2**53 + 1), "1" * 5000])
def test_since_seq_is_a_whole_number(gate: GateClient, since: str) -> None:
    assert refused(gate.get("records", since_seq=since)) == (400, "since_seq")
