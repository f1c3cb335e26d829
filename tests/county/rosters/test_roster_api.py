"""What a gate gets of its roster: signed, of its own school, when it is newer, and issued anew every day."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.utils import timezone

from county.rosters import issuing
from county.rosters.models import Issue, School
from county.rosters.signing import FILE_NAME, make_key, signature_line
from tests.county.gate_client import GateClient, register
from tests.county.rosters.helpers import SCHOOL, TABLE, ask, import_table, run, taken


@pytest.fixture
def stocked(data: Path, gate: GateClient) -> GateClient:
    """A gate of a school with a roster and a key."""
    make_key(data)
    import_table(data)
    return gate


def at(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    monkeypatch.setattr(timezone, "now", lambda: moment)


def test_a_gate_gets_everybody_of_its_school_signed(stocked: GateClient, data: Path) -> None:
    answer = ask(stocked)
    roster = taken(answer, data)
    assert answer["Content-Type"] == "application/octet-stream"
    assert int(answer["Content-Length"]) == len(answer.content)
    assert answer["Cache-Control"] == "no-store"
    assert (roster.header.school, roster.header.version, roster.header.people) == (SCHOOL, 1, 4)
    assert [window.name for window in roster.header.windows] == ["三年级一班", "三年级二班"]
    person = roster.by_badge("QR-1")
    assert person is not None
    assert (person.person_id, person.class_id, person.approved) == ("S1", "C1", True)


def test_whoever_has_it_hears_that_there_is_nothing_newer_until_something_changes(
    stocked: GateClient, data: Path
) -> None:
    header = taken(ask(stocked), data).header
    answer = ask(stocked, header.version, header.issued_utc_ms)
    assert (answer.status_code, answer.content) == (204, b"")
    run("approve_return", SCHOOL, "--class", "三年级二班")
    roster = taken(ask(stocked, header.version, header.issued_utc_ms), data)
    assert roster.header.version == 2
    person = roster.by_id("S3")
    assert person is not None
    assert person.approved


def test_a_command_that_changes_nothing_makes_no_version(stocked: GateClient, data: Path) -> None:
    first = taken(ask(stocked), data).header
    assert "0 changed" in import_table(data)
    assert ask(stocked, first.version, first.issued_utc_ms).status_code == 204


def test_every_gate_gets_the_same_bytes_and_only_of_its_own_school(stocked: GateClient, data: Path) -> None:
    second = GateClient(register("G2"))
    other = GateClient(register("G3", school="第二小学"))
    assert ask(second).content == ask(stocked).content
    refused = ask(other)
    assert (refused.status_code, refused.json()["error"]["code"]) == (404, "no_roster")
    assert "第二小学" in refused.json()["error"]["zh"]
    import_table(data, "id,name,role\nX1,x,pupil\n", school="第二小学")
    assert taken(ask(other), data, "第二小学").header.people == 1


def test_without_a_token_nobody_learns_who_goes_to_school(stocked: GateClient) -> None:
    for token in ("", "Bearer x"):
        stocked.headers = {"Authorization": token}
        answer = ask(stocked)
        assert answer.status_code == 401
        assert "李小明".encode() not in answer.content


def test_a_county_without_a_key_says_what_to_do_and_when_to_come_again(data: Path, gate: GateClient) -> None:
    import_table(data)
    answer = ask(gate)
    assert (answer.status_code, answer["Retry-After"]) == (503, "300")
    assert "roster-key" in answer.json()["error"]["en"]


@pytest.mark.parametrize("number", ["-1", "x", "1.5", "", "9" * 17, "٣"])
def test_what_is_no_version_is_refused(stocked: GateClient, number: str) -> None:
    for name in ("version", "issued"):
        assert stocked.get("roster", **{name: number}).status_code == 400


def test_a_gate_that_asks_counts_as_seen(stocked: GateClient) -> None:
    from county.gates.models import Gate

    ask(stocked)
    assert Gate.objects.get().last_seen_at is not None


def test_the_same_roster_is_issued_anew_before_it_is_a_day_old(
    stocked: GateClient, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = timezone.now()
    first = taken(ask(stocked), data).header
    at(monkeypatch, now + issuing.ISSUE_ANEW / 2)
    assert ask(stocked, first.version, first.issued_utc_ms).status_code == 204
    at(monkeypatch, now + issuing.ISSUE_ANEW + timedelta(minutes=1))
    second = taken(ask(stocked, first.version, first.issued_utc_ms), data).header
    assert second.version == first.version
    assert second.issued_utc_ms - first.issued_utc_ms >= issuing.ISSUE_ANEW / timedelta(milliseconds=1)
    assert second.body_sha256 == first.body_sha256
    assert timedelta(days=1) > issuing.ISSUE_ANEW


def test_a_county_whose_clock_was_ahead_does_not_stay_there(
    stocked: GateClient, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = timezone.now()
    at(monkeypatch, now + timedelta(days=3650))
    wrong = taken(ask(stocked), data).header
    at(monkeypatch, now)
    right = taken(ask(stocked, wrong.version, wrong.issued_utc_ms), data).header
    assert right.version == wrong.version + 1
    assert right.issued_utc_ms < wrong.issued_utc_ms


def test_a_clock_that_steps_back_a_little_never_issues_the_same_version_earlier(
    stocked: GateClient, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = timezone.now()
    first = taken(ask(stocked), data).header
    key = data / FILE_NAME
    key.unlink()
    make_key(data)
    at(monkeypatch, now - timedelta(minutes=10))
    second = taken(ask(stocked, first.version, first.issued_utc_ms), data).header
    assert (second.version, second.issued_utc_ms) == (first.version, first.issued_utc_ms + 1)


def test_another_key_signs_at_once(stocked: GateClient, data: Path) -> None:
    first = taken(ask(stocked), data).header
    (data / FILE_NAME).unlink()
    make_key(data)
    assert taken(ask(stocked, first.version, first.issued_utc_ms), data).header.version == first.version


def test_a_county_that_was_put_back_in_time_says_so_and_how_to_go_on(stocked: GateClient, data: Path) -> None:
    header = taken(ask(stocked), data).header
    for version, issued in ((9, 0), (header.version, header.issued_utc_ms + 1)):
        answer = ask(stocked, version, issued)
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "roster_behind")
        assert f"--raise-version {version + 1}" in answer.json()["error"]["en"]
    run("show_roster", SCHOOL, "--raise-version", "10")
    assert taken(ask(stocked, 9), data).header.version == 10


def test_what_changes_while_it_is_composed_is_in_the_roster_that_is_handed_out(
    stocked: GateClient, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = signature_line
    changes = iter(["S1"])

    def change_meanwhile(key: Ed25519PrivateKey, header: bytes) -> bytes:
        for person in changes:
            run("approve_return", SCHOOL, "--person", person, "--withdraw")
        return real(key, header)

    monkeypatch.setattr("county.rosters.issuing.signature_line", change_meanwhile)
    roster = taken(ask(stocked), data)
    person = roster.by_id("S1")
    assert person is not None
    assert not person.approved
    assert roster.header.version == School.objects.get().version == Issue.objects.get().version == 2


def test_the_key_is_in_no_table_and_the_database_alone_signs_nothing(stocked: GateClient, data: Path) -> None:
    from django.db import connection

    ask(stocked)
    secret = (data / FILE_NAME).read_bytes()
    pieces = [line for line in secret.splitlines() if line and not line.startswith(b"-")]
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database = Path(str(connection.settings_dict["NAME"])).read_bytes()
    assert "李小明".encode() in database, "or this test looks at nothing"
    assert all(piece not in database for piece in pieces)


def test_a_table_of_a_thousand_people_comes_whole(stocked: GateClient, data: Path) -> None:
    rows = "".join(f"P{n:05d},学生{n},学生,{n % 30}班,B{n},是,,是\n" for n in range(1_160))
    import_table(data, TABLE.splitlines()[0] + "\n" + rows)
    roster = taken(ask(stocked), data)
    assert roster.header.people == 1_164
    assert all(roster.by_badge(f"B{n}") is not None for n in range(1_160))
