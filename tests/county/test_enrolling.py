"""A gate enrols with a code that is typed once: what it gets, what else the code opens, and how guessing is slowed."""

import base64
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from county.core.tokens import code_sha256, new_code
from county.gates.models import DeviceKey, EnrolCode, EnrolFailure, Gate, Record
from tests.county.databases import on_both
from tests.county.gate_client import Answer, GateClient
from tests.county.records import Writer
from tests.fakes.signing import FakeSigner

pytestmark = [on_both, pytest.mark.usefixtures("database")]
ONE, TWO = FakeSigner(1), FakeSigner(2)


def run(command: str, *arguments: str) -> str:
    out = StringIO()
    call_command(command, *arguments, stdout=out, stderr=StringIO(), no_color=True)
    return out.getvalue().strip()


def a_code(gate_id: str = "G1") -> str:
    return run("add_gate", gate_id, "--name", "东门", "--school", "第一小学")


def enrol(code: str, gate_id: str = "G1", public_key: str = ONE.public_key, **more: Any) -> Answer:
    body = {"gate_id": gate_id, "code": code, "public_key": public_key, **more}
    return Client().post("/api/v1/enrol", body, content_type="application/json")


def refusal(answer: Answer) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def test_the_code_is_worth_a_token_and_the_key_is_the_gates() -> None:
    code = a_code()

    answer = enrol(code)

    assert answer.status_code == 201
    assert set(answer.json()) == {"token"}
    gate = GateClient(answer.json()["token"])
    assert gate.send(*Writer(signer=ONE).many(2)).json()["answers"][1]["status"] == "created"


def test_a_code_is_kept_as_its_fingerprint_only() -> None:
    code = a_code()

    assert EnrolCode.objects.get().code_sha256 == code_sha256(code)
    assert Gate.objects.get().token_sha256 is None


def test_a_code_may_be_typed_as_people_type() -> None:
    assert enrol(" " + a_code().lower().replace("-", " ").replace("0", "o").replace("1", "l")).status_code == 201


def test_a_code_works_once() -> None:
    code = a_code()
    first = enrol(code)

    assert refusal(enrol(code, public_key=TWO.public_key)) == (403, "code_used")
    assert GateClient(first.json()["token"]).get("records").status_code == 200
    assert DeviceKey.objects.get().public_key == ONE.public_key


def test_a_code_is_for_its_gate_only() -> None:
    code = a_code()
    a_code("G2")

    assert refusal(enrol(code, "G2")) == (403, "code_unknown")
    assert refusal(enrol(new_code())) == (403, "code_unknown")
    assert refusal(enrol(code, "G9")) == (403, "code_unknown")
    assert enrol(code).status_code == 201


def test_a_code_grows_old() -> None:
    code = a_code()
    EnrolCode.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    assert refusal(enrol(code)) == (403, "code_expired")


def test_another_code_makes_the_unused_one_void() -> None:
    first = a_code()
    second = run("renew_gate", "G1")

    assert refusal(enrol(first)) == (403, "code_unknown")
    assert enrol(second).status_code == 201


def test_guessing_is_slowed_down_by_address_and_a_success_clears_it() -> None:
    code = a_code()
    for _ in range(19):
        enrol(new_code())
    assert enrol(code).status_code == 201
    assert not EnrolFailure.objects.exists()
    for _ in range(20):
        enrol(new_code())

    answer = enrol(run("renew_gate", "G1"))

    assert refusal(answer) == (429, "slow_down")
    assert int(answer["Retry-After"]) == 900
    EnrolFailure.objects.update(at=timezone.now() - timedelta(minutes=16))
    assert enrol(run("renew_gate", "G1")).status_code == 201


def test_a_renewed_gate_has_a_new_token_and_key_and_the_old_key_stays_listed() -> None:
    old = GateClient(enrol(a_code()).json()["token"])
    writer = Writer(signer=ONE)
    old.send(*writer.many(2))
    code = run("renew_gate", "G1")
    assert old.get("records").status_code == 200, "until the code is used"

    new = GateClient(enrol(code, public_key=TWO.public_key).json()["token"])

    assert old.get("records").status_code == 401
    keys = dict(DeviceKey.objects.values_list("public_key", "revoked_at"))
    assert keys[ONE.public_key] is not None
    assert keys[TWO.public_key] is None
    assert new.send(*writer.bodies).json()["answers"][0]["status"] == "already"
    assert Record.objects.count() == 2


def test_the_same_device_enrols_again_with_its_key() -> None:
    enrol(a_code())
    assert enrol(run("renew_gate", "G1")).status_code == 201

    assert list(DeviceKey.objects.values_list("public_key", "revoked_at")) == [(ONE.public_key, None)]


def test_a_revoked_gate_has_neither_token_nor_key_nor_code() -> None:
    token = enrol(a_code()).json()["token"]
    code = run("renew_gate", "G1")

    run("revoke_gate", "G1")

    assert GateClient(token).get("records").status_code == 401
    assert refusal(enrol(code)) == (403, "code_unknown")
    assert DeviceKey.objects.get().revoked_at is not None
    assert enrol(run("renew_gate", "G1")).status_code == 201
    assert DeviceKey.objects.filter(revoked_at=None).count() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"public_key": "x"},
        {"public_key": base64.b64encode(b"x" * 31).decode()},
        {"public_key": ONE.public_key[:-2] + "\u00e9="},
        {"public_key": 7},
        {"code": ""},
        {"code": "x" * 65},
        {"code": None},
        {"gate_id": "../x"},
        {"gate_id": ["G1"]},
        {"gate_id": "G1\x00"},
        {"more": 1},
    ],
    ids=str,
)
def test_what_is_no_enrolment_is_refused(wrong: dict[str, Any]) -> None:
    body = {"gate_id": "G1", "code": a_code(), "public_key": ONE.public_key, **wrong}

    assert refusal(Client().post("/api/v1/enrol", body, content_type="application/json")) == (400, "not_an_enrolment")


@pytest.mark.parametrize("code", ["\ud800", "\x00", "代码", "🙈" * 60], ids=ascii)
def test_strange_codes_are_unknown(code: str) -> None:
    assert refusal(enrol(code)) == (403, "code_unknown")


@pytest.mark.parametrize("sent", [b"", b"[]", b"null", b"{", b"\xff", b"[" * 1_000], ids=str)
def test_other_bytes_are_no_enrolment(sent: bytes) -> None:
    answer = Client().post("/api/v1/enrol", sent, content_type="application/json", CONTENT_LENGTH=str(len(sent)))

    # Django's client leaves the type of an empty body out.
    assert refusal(answer) in {(400, "not_an_enrolment"), (415, "content_type")}
