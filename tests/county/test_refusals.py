"""What a gate is told when its request cannot be taken: the status, the code, both languages, and nothing is stored."""

from collections.abc import Iterator
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client, override_settings

from county.gates.models import Gate, Record
from edge.core.record import MAX_BYTES
from tests.county.gate_client import Answer, GateClient, register
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
    answer = gate.put(*a_body(), headers={"Authorization": header})

    assert refused(answer) == (401, "bad_token")
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_no_authorization_header_at_all(gate: GateClient) -> None:
    assert refused(gate.put(*a_body(), headers={})) == (401, "bad_token")


def test_the_kept_fingerprint_is_no_token(gate: GateClient) -> None:
    sha256 = Gate.objects.get().token_sha256

    assert refused(gate.put(*a_body(), headers={"Authorization": f"Bearer {sha256}"})) == (401, "bad_token")


def test_a_revoked_gate_is_turned_away(gate: GateClient) -> None:
    call_command("revoke_gate", "G1", stdout=StringIO())

    assert refused(gate.put(*a_body())) == (401, "bad_token")
    assert refused(gate.get("records")) == (401, "bad_token")


def test_a_record_of_another_gate_is_refused(gate: GateClient) -> None:
    register("G2")

    assert refused(gate.put(*a_body(gate_id="G2"))) == (400, "other_gate")


@pytest.mark.parametrize("uuid", ["not-a-uuid", "00000000-0000-4000-8000-000000000000", "%00", "..%2f.."])
def test_the_address_names_the_record(gate: GateClient, uuid: str) -> None:
    assert refused(gate.put(uuid, a_body()[1])) in {(400, "other_uuid"), (404, "not_found")}


def test_bytes_that_are_no_record(gate: GateClient) -> None:
    uuid, body = a_body()

    for broken in (b"", b"{}", b"[]", b"null", body[:-1], body + b" ", body.replace(b'":', b'": '), b"\xff" * 20):
        assert refused(gate.put(uuid, broken)) == (400, "not_a_record")


def test_a_body_over_the_limit_is_not_even_read(gate: GateClient) -> None:
    class Untouchable(BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise AssertionError("the body was read")

    assert refused(gate.put("x", b"x" * (MAX_BYTES + 1))) == (413, "too_large")
    for length in (str(MAX_BYTES + 1), "9" * 5000):
        answer = gate.put("x", b"", environ={"wsgi.input": Untouchable(), "CONTENT_LENGTH": length})
        assert refused(answer) == (413, "too_large")


@pytest.mark.parametrize("length", ["", "-1", "ten", "１２"])
def test_the_length_has_to_be_told(gate: GateClient, length: str) -> None:
    assert refused(gate.put("x", b"x", environ={"CONTENT_LENGTH": length})) == (411, "length_required")


def test_a_gate_that_falls_silent_is_told_to_try_again(gate: GateClient) -> None:
    class Silent(BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise BlockingIOError("nothing came")

    uuid, body = a_body()
    assert refused(gate.put(uuid, b"", environ={"wsgi.input": Silent(), "CONTENT_LENGTH": "9"})) == (408, "incomplete")
    cut_off = {"wsgi.input": BytesIO(body), "CONTENT_LENGTH": str(len(body) + 1)}
    assert refused(gate.put(uuid, b"", environ=cut_off)) == (408, "incomplete")


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "", "application/jsonx"])
def test_only_json_is_taken(gate: GateClient, content_type: str) -> None:
    assert refused(gate.put(*a_body(), content_type=content_type)) == (415, "content_type")


@pytest.mark.parametrize("path", ["records", "records/x", "health"])
@pytest.mark.parametrize("method", ["POST", "DELETE", "PATCH"])
def test_other_methods_are_named_and_refused(gate: GateClient, path: str, method: str) -> None:
    answer = Client(headers=gate.headers).generic(method, f"/api/v1/{path}")

    assert refused(answer) == (405, "method")
    assert answer["Allow"] == ("PUT" if path == "records/x" else "GET")


@pytest.mark.parametrize("path", ["/api/v1", "/api/v2/records", "/api/v1/records/a/b"])
def test_unknown_addresses_below_api_answer_json(gate: GateClient, path: str) -> None:
    assert refused(Client().put(path)) == (404, "not_found")


def test_a_wrong_host_name_is_no_refusal_of_the_record(gate: GateClient) -> None:
    uuid, body = a_body()
    with override_settings(ALLOWED_HOSTS=["county.example"]):
        assert refused(gate.put(uuid, body)) == (421, "host")


@pytest.mark.parametrize("since", ["-1", "x", "1.5", "", "９", str(2**53 + 1), "1" * 5000])
def test_since_seq_is_a_whole_number(gate: GateClient, since: str) -> None:
    assert refused(gate.get("records", since_seq=since)) == (400, "since_seq")
