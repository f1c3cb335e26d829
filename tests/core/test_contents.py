"""What a gate writes down: every field of every kind at its edges, and what must not be said together."""

from dataclasses import replace
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.core import contents
from edge.core.contents import KINDS, Content, Passage, Verdict, check, kind_of
from edge.core.errors import RecordError
from edge.core.record import canonical_bytes, parse
from edge.core.texts import VERDICTS
from tests.core.records import (
    CASE,
    MEASURED,
    MISSING,
    ONE_OF_EACH,
    OTHER_UUID,
    PASSAGE,
    altered,
    passages,
    paths,
    record_of,
)
from tests.core.records import contents as any_content

# The field's way, values that it may have, values that it may not have. Of each the least that shows the edge.
CELSIUS = [-60.0, 200.0, None], [-60.001, 200.001, 36, "36.5", True, 36.1234]
SECONDS = [0.0, 1e10], [-0.001, 1e10 + 1, 1, 0.0001, "0", None, True]
CODES = ["a", "a" * 40, "a_1"], ["", "a" * 41, "_a", "1a", "A", "ok\n", "好", None, 7]
NAMES = ["p", "P" * 64, "a.b_c-9"], ["", "P" * 65, "-a", ".a", "a b", "a/b", "门", "a\n", "a\x00", 7]
NOTES = ["", "好" * 200, '"\\ {}', "\U0001f600"], ["好" * 201, "a\nb", "\x00", "\x7f", "\x9f", "\u2028", "\ud800", None]
UUIDS = [OTHER_UUID], [OTHER_UUID.upper(), OTHER_UUID.replace("-", ""), OTHER_UUID + " ", "", 7]
MEASUREMENT = "measurement"

Edges = list[tuple[tuple[str, ...], list[Any], list[Any]]]
EDGES: dict[str, Edges] = {
    "passage": [
        ((MEASUREMENT,), [None], [[], {}, 1, "pass"]),
        ((MEASUREMENT, "t_first_s"), [0.0, 101.25], [-0.001, 101.251, 100, None, True]),
        ((MEASUREMENT, "t_last_s"), [100.0, 1e10], [99.999, 1e10 + 1, None, "101"]),
        ((MEASUREMENT, "frames"), [1, 10**7], [0, 10**7 + 1, 1.0, None, True]),
        ((MEASUREMENT, "forehead_c"), CELSIUS[0][:2], [*CELSIUS[1], None]),
        ((MEASUREMENT, "face_max_c"), *CELSIUS),
        ((MEASUREMENT, "u_c"), [0.0, 100.0], [-0.001, 100.001, None, 1]),
        ((MEASUREMENT, "forehead_raw_c"), *CELSIUS),
        ((MEASUREMENT, "reference_raw_c"), *CELSIUS),
        ((MEASUREMENT, "reference_c"), *CELSIUS),
        ((MEASUREMENT, "threshold_c"), [20.0, 50.0], [19.999, 50.001, None, 37]),
        ((MEASUREMENT, "finding"), ["pass", "fever", "not_measured"], ["Pass", "refused", "", None, ["pass"], 0]),
        ((MEASUREMENT, "reason"), *CODES),
        (("identified",), ["known"], ["Known", "", None, 0, ["known"]]),
        (("person_id",), NAMES[0], [*NAMES[1], None]),
        (("means",), ["card", "code", "typed", None], ["face", "", 0, ["card"]]),
        (("roster_version",), [1, 2**53, None], [0, -1, 2**53 + 1, 1.0, True, "1"]),
        (("crowd_c",), *CELSIUS),
        (("verdict",), ["refused", "fever", "not_measured"], ["Refused", "", None, ["pass"], {"pass": 1}, 0]),
        (("reasons",), [["a"], ["a"] * 16, ["a" * 40]], [[], ["a"] * 17, ["A"], [""], [None], "ok", None, {"ok": 1}]),
    ],
    "override": [
        (("passage_uuid",), UUIDS[0], [*UUIDS[1], None]),
        (("person_id",), [*NAMES[0], None], NAMES[1]),
        (("by",), NAMES[0], [*NAMES[1], None]),
        (("reason",), *CODES),
        (("note",), *NOTES),
    ],
    "case": [
        (("case_id",), UUIDS[0], [*UUIDS[1], None]),
        (
            ("step",),
            ["alarm", "symptom", "identified", "contact", "observation", "informed", "released", "closed"],
            ["Alarm", "open", "", None, 0, ["alarm"]],
        ),
        (("person_id",), [*NAMES[0], None], NAMES[1]),
        (("passage_uuid",), [*UUIDS[0], None], UUIDS[1]),
        (("by",), NAMES[0], [*NAMES[1], None]),
        (("symptom",), [*CODES[0], None], [code for code in CODES[1] if code is not None]),
        (("contact_c",), [20.0, 50.0, None], [19.999, 50.001, 37, "37.0", True]),
        (("note",), *NOTES),
    ],
    "event": [
        (("code",), *CODES),
        (("by",), [*NAMES[0], None], NAMES[1]),
        (("count",), [0, 10**7, None], [-1, 10**7 + 1, 1.0, True, "1"]),
        (("duration_s",), [*SECONDS[0], None], [value for value in SECONDS[1] if value is not None]),
        (("note",), *NOTES),
    ],
}
GOOD = [(kind, path, value) for kind, edges in EDGES.items() for path, good, _ in edges for value in good]
BAD = [(kind, path, value) for kind, edges in EDGES.items() for path, _, bad in edges for value in bad]
PATHS = [(kind, path) for kind, content in ONE_OF_EACH.items() for path in paths(content)]


def bytes_with(kind: str, path: tuple[str, ...], value: Any) -> bytes:
    return altered(record_of(ONE_OF_EACH[kind]), ("content", *path), value)


def test_every_field_of_every_kind_has_its_edges_tried() -> None:
    assert {(kind, path) for kind, edges in EDGES.items() for path, _, _ in edges} == set(PATHS)
    assert set(EDGES) == set(KINDS)


@pytest.mark.parametrize(("kind", "path", "value"), GOOD)
def test_a_field_may_be_at_the_edge_of_its_range(kind: str, path: tuple[str, ...], value: Any) -> None:
    body = bytes_with(kind, path, value)
    assert canonical_bytes(parse(body)) == body


@pytest.mark.parametrize(("kind", "path", "value"), BAD)
def test_a_field_beyond_its_range_is_refused(kind: str, path: tuple[str, ...], value: Any) -> None:
    with pytest.raises(RecordError) as caught:
        parse(bytes_with(kind, path, value))
    assert "；请" in caught.value.zh
    assert "check" in caught.value.en


@pytest.mark.parametrize(("kind", "path"), PATHS)
def test_every_field_must_be_there(kind: str, path: tuple[str, ...]) -> None:
    with pytest.raises(RecordError):
        parse(bytes_with(kind, path, MISSING))


@pytest.mark.parametrize(("kind", "path"), [*((kind, ("extra",)) for kind in KINDS), ("passage", (MEASUREMENT, "x"))])
def test_no_field_may_be_added(kind: str, path: tuple[str, ...]) -> None:
    with pytest.raises(RecordError):
        parse(bytes_with(kind, path, None))


@pytest.mark.parametrize("kind", list(KINDS))
@pytest.mark.parametrize("other", list(KINDS))
def test_one_kind_is_never_read_as_another(kind: str, other: str) -> None:
    body = altered(record_of(ONE_OF_EACH[kind]), ("kind",), other)
    if kind == other:
        assert kind_of(parse(body).content) == kind
        return
    with pytest.raises(RecordError):
        parse(body)


@given(any_content)
def test_whatever_is_in_range_and_free_of_contradiction_is_accepted_and_knows_its_kind(content: Content) -> None:
    check(content)
    assert isinstance(content, KINDS[kind_of(content)])


PASSED = replace(PASSAGE, verdict="pass", reasons=("ok",))
UNREAD = replace(MEASURED, forehead_c=None, u_c=None, finding="not_measured", reason="obscured")
CONTRADICTIONS: dict[str, Content] = {
    "a pass with something against it": replace(PASSED, reasons=("not_approved",)),
    "a pass with something against it beside the ok": replace(PASSED, reasons=("ok", "too_early")),
    "a pass of nobody who was seen": replace(PASSED, measurement=None),
    "a pass of somebody not measured": replace(PASSED, measurement=UNREAD),
    "a pass of somebody feverish": replace(PASSED, measurement=replace(MEASURED, finding="fever")),
    "a pass without the badge that was asked for": replace(PASSED, identified="no_badge", person_id=None),
    "a pass of a stranger": replace(PASSED, identified="unknown", person_id=None),
    "a fever of nobody who was seen": replace(PASSAGE, measurement=None, verdict="fever"),
    "a fever that was not measured": replace(PASSAGE, measurement=UNREAD, verdict="fever"),
    "somebody known without a name": replace(PASSAGE, person_id=None),
    "somebody unknown with a name": replace(PASSAGE, identified="unknown"),
    "somebody without a badge with a name": replace(PASSAGE, identified="no_badge"),
    "somebody not asked with a name": replace(PASSAGE, identified="not_asked"),
    "a finding without a reading": replace(PASSAGE, measurement=replace(MEASURED, forehead_c=None)),
    "a finding without its uncertainty": replace(PASSAGE, measurement=replace(MEASURED, u_c=None)),
    "somebody who left before they came": replace(PASSAGE, measurement=replace(MEASURED, t_last_s=99.0)),
    **{
        f"a step {step} that nobody took": replace(CASE, step=step, by=None)
        for step in get_args(contents.Step)
        if step not in ("alarm", "symptom")
    },
}


@pytest.mark.parametrize("content", CONTRADICTIONS.values(), ids=CONTRADICTIONS)
def test_what_contradicts_itself_is_refused_though_each_field_is_in_range(content: Content) -> None:
    with pytest.raises(RecordError):
        check(content)
    with pytest.raises(RecordError):
        parse(canonical_bytes(record_of(content)))


HARMLESS: dict[str, Content] = {
    "a pass at a site that asks nobody": replace(PASSED, identified="not_asked", person_id=None, means=None),
    "a pass of somebody known": PASSED,
    "a fever that only the crowd's baseline shows": replace(PASSAGE, verdict="fever", reasons=("above_crowd",)),
    "a badge that nobody stood behind": replace(PASSAGE, measurement=None, reasons=("no_face",)),
    "somebody not measured, with a reading that was too cold": replace(
        PASSAGE,
        measurement=replace(MEASURED, forehead_c=30.5, finding="not_measured", reason="too_cold"),
        verdict="not_measured",
        reasons=("too_cold",),
    ),
    "an alarm that the gate raised by itself": replace(CASE, step="alarm", by=None),
    "a cough that the button told of": replace(CASE, step="symptom", symptom="cough", by=None),
}


@pytest.mark.parametrize("content", HARMLESS.values(), ids=HARMLESS)
def test_what_may_be_said_together(content: Content) -> None:
    assert parse(canonical_bytes(record_of(content))).content == content


@given(passages(), st.sampled_from(get_args(Verdict)))
def test_no_record_says_pass_of_somebody_unmeasured_feverish_unknown_or_refused(
    passage: Passage, verdict: Verdict
) -> None:
    altered_passage = replace(passage, verdict=verdict)
    try:
        check(altered_passage)
    except RecordError:
        return
    if verdict == "pass":
        assert altered_passage.measurement is not None
        assert altered_passage.measurement.finding == "pass"
        assert altered_passage.measurement.forehead_c is not None
        assert altered_passage.reasons == ("ok",)
        assert altered_passage.identified in ("known", "not_asked")


def test_every_verdict_and_finding_has_its_words() -> None:
    assert set(VERDICTS) == set(get_args(Verdict))
    assert set(get_args(contents.Finding)) < set(VERDICTS)
