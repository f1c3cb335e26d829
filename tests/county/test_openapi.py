"""The county's interface does what its OpenAPI document says, whatever is sent: schemathesis draws the requests."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from django.test import Client
from django.test.utils import override_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from schemathesis import GenerationMode
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from county.core.environment import read
from county.database import sqlite
from county.gates.models import EnrolFailure
from county.rosters.signing import make_key
from edge.core.wire import to_plain
from tests.core.test_health import WELL
from tests.county.databases import as_default
from tests.county.gate_client import GateClient, register
from tests.county.records import ONE_OF_EACH, Writer
from tests.fakes.signing import FakeSigner

DOCUMENT: dict[str, Any] = json.loads((Path(__file__).parents[2] / "docs" / "openapi.json").read_text("utf-8"))
FORGER = FakeSigner(9)


def lines() -> st.SearchStrategy[bytes]:
    """Batches of a gate's file, cut and mixed, with forged records and garbage in between."""
    file, forged = Writer(), Writer(signer=FORGER)
    good = [file.write(content=content) for content in ONE_OF_EACH.values() for _ in range(3)]
    one = st.sampled_from(good) | st.sampled_from(forged.many(3)) | st.binary(max_size=200)
    return st.lists(one, max_size=20).map(b"\n".join)


schemathesis.openapi.media_type("application/x-ndjson", lines())


@pytest.fixture(scope="module")
def token(empty_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A county in this process with one gate; its token."""
    folder = tmp_path_factory.mktemp("openapi")
    (folder / "county.sqlite3").write_bytes(empty_database.read_bytes())
    environment = read({"FOREGATE_COUNTY_DATA": str(folder)})
    make_key(folder)
    with as_default(sqlite(folder)), override_settings(ENVIRONMENT=environment):
        yield register("G1")


SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)
SCHEMA.app = get_wsgi_application()
OPERATIONS = [found.ok() for found in SCHEMA.get_all_operations() if isinstance(found, Ok)]
# What has neither body nor parameters cannot be asked wrongly.
ASKED = [(one, GenerationMode.POSITIVE) for one in OPERATIONS] + [
    (one, GenerationMode.NEGATIVE) for one in OPERATIONS if one.body or one.query
]


# That acknowledged records are not more than written ones is a rule that no schema can say; unknown parameters of a
# query are let pass, and what is too long is refused as that (413): `is_wrong` looks after the rest.
UNSAYABLE = [positive_data_acceptance, negative_data_rejection]


def is_wrong(operation: Any, case: Any) -> bool:
    """Whether the body that was drawn is none of the document's."""
    name = {"POST /api/v1/enrol": "Enrolment", "POST /api/v1/status": "Status"}.get(operation.label)
    return name is not None and not Draft202012Validator(part(name)).is_valid(case.body)


@pytest.mark.parametrize(("operation", "mode"), ASKED, ids=lambda one: getattr(one, "label", None) or one.value)
def test_every_answer_is_one_that_the_document_names(operation: Any, mode: GenerationMode, token: str) -> None:
    @settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        # Guesses are slowed down, which has its own tests.
        EnrolFailure.objects.all().delete()
        answer = case.call_and_validate(headers={"Authorization": f"Bearer {token}"}, excluded_checks=UNSAYABLE)
        if mode is GenerationMode.NEGATIVE and is_wrong(operation, case):
            assert 400 <= answer.status_code < 500

    ask()


def part(name: str) -> dict[str, Any]:
    """One of the document's schemas."""
    return {"$ref": f"#/components/schemas/{name}", "components": DOCUMENT["components"]}


def conforms(answer: Any, name: str) -> None:
    Draft202012Validator(part(name)).validate(answer)


def test_what_real_gates_send_and_hear_is_what_the_document_says(gate: GateClient) -> None:
    writer = Writer()
    writer.many(3)
    status = {"head": writer.head, "health": to_plain(WELL)}
    conforms(status, "Status")
    conforms(gate.post("status", json.dumps(status).encode()).json(), "Standing")
    batch = gate.send(*writer.bodies[1:], b"garbage").json()
    conforms(batch, "Batch")
    assert [one.get("line") for one in batch["answers"]] == [None, None, 3]
    conforms(gate.get("records").json(), "Listed")
    conforms(Client().get("/api/v1/records").json(), "Problem")


def test_the_document_is_served(database: Path) -> None:
    assert Client().get("/api/v1/openapi.json").json() == DOCUMENT
