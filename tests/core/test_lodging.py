"""The status as it is sent, and what its answer lays open."""

import json

import pytest

from edge.core.answer import Answer
from edge.core.chain import Head
from edge.core.errors import RecordError
from edge.core.health import Health, of_plain
from edge.core.lodging import is_away, missing, status_body, trouble
from tests.fakes.clock import BOOT_ID
from tests.fakes.uplink import refusal

HEALTH = Health(
    utc_ms=1_767_600_000_000,
    clock_ok=True,
    boot_id=BOOT_ID,
    uptime_s=12.5,
    software_version="0.1.0",
    calibration_version="none",
    calibration_expires_utc_ms=None,
    camera="ok",
    reference="reference",
    written=7,
    acknowledged=5,
    set_aside=1,
    pause_s=0.0,
    disk_free_fraction=0.5,
    readings=12,
    median_forehead_c=34.75,
    roster_version=3,
    settings_version=None,
    drift_k=None,
    drift_leaves_utc_ms=None,
    offset_stepped_k=None,
)
HEAD = Head(7, "a" * 64, "S" * 86 + "==")


def test_the_status_says_head_and_health_as_the_county_reads_them() -> None:
    plain = json.loads(status_body(HEAD, HEALTH))
    assert plain["head"] == {"seq": 7, "sha256": "a" * 64, "signature": "S" * 86 + "=="}
    assert of_plain(plain["health"]) == HEALTH
    assert json.loads(status_body(None, HEALTH))["head"] is None


def test_a_value_that_no_json_has_is_refused() -> None:
    broken = Health(
        **{**{name: getattr(HEALTH, name) for name in Health.__dataclass_fields__}, "uptime_s": float("nan")}
    )
    with pytest.raises(RecordError):
        status_body(HEAD, broken)


def test_what_is_missing_is_read_from_a_200_alone() -> None:
    body = json.dumps({"head": None, "missing": [[1, 1], [5, 9]]}).encode()
    assert missing(Answer(200, body)) == ((1, 1), (5, 9))
    assert missing(Answer(200, b'{"missing": []}')) == ()
    for answer in (Answer(201, body), Answer(None, body), Answer(200, b"<html>"), Answer(200, b"{}")):
        assert missing(answer) is None


@pytest.mark.parametrize(
    ("answer", "away", "words"),
    [
        (Answer(None, failure="reset"), True, "(reset)"),
        (Answer(503), True, "cannot take"),
        (refusal(429, "slow_down"), True, "because of slow_down"),
        (Answer(404, b"<html>"), False, "check the address"),
        (refusal(400, "not_a_status"), False, "records are sent as ever"),
        (refusal(401, "bad_token"), False, "foregate enrol"),
    ],
)
def test_what_goes_wrong_is_told_and_only_silence_holds_records_back(answer: Answer, away: bool, words: str) -> None:
    assert is_away(answer) is away
    assert words in trouble(answer).en
    assert any("\u4e00" <= sign <= "\u9fff" for sign in trouble(answer).zh)
