"""A gate is enrolled: what is asked, what lies on the disk afterwards, and what every refusal says to do."""

import errno
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.adapters.device_key import DeviceKey
from edge.adapters.uplink_http import read_token
from edge.app.cli import main
from edge.app.enrol_command import enrol
from edge.core.errors import ForegateError, UplinkError
from tests.fakes.authority import Authority
from tests.fakes.http_county import TOKEN, HttpCounty, answers, closes_mid_body, said

CODE = "ABCD-EFGH-JKLM"


@pytest.fixture
def county() -> Iterator[HttpCounty]:
    with HttpCounty() as running:
        running.codes = {"gate-7": CODE}
        yield running


def a_config(folder: Path, text: str) -> Path:
    path = folder / "gate.toml"
    path.write_text('[store]\npath = "data/records.sqlite"\n' + text)
    (folder / "data").mkdir()
    return path


def full(county: HttpCounty) -> str:
    return f'[gate]\nid = "gate-7"\n[county]\nurl = "{county.url}"\ntoken_file = "data/token"\n'


def nobody(question: str) -> str:
    raise AssertionError(f"asked: {question}")


def run(path: Path, code: str | None = CODE, **given: str) -> list[str]:
    told: list[str] = []
    asked = {"county": None, "gate_id": None, "code": code, **given}
    assert enrol(path, [], asked, nobody, told.append) == 0
    return told


def test_a_gate_gets_a_token_and_the_county_the_key_that_is_made_for_it(county: HttpCounty, tmp_path: Path) -> None:
    told = run(a_config(tmp_path, full(county)))
    assert read_token(tmp_path / "data" / "token") == TOKEN
    assert (tmp_path / "data" / "token").stat().st_mode & 0o777 == 0o600
    assert county.enrolled == {"gate-7": DeviceKey(tmp_path / "data" / "device.key").public_key}
    assert len(told) == 1
    assert "gate-7 已在" in told[0]
    assert "is enrolled" in told[0]
    assert TOKEN not in told[0]


def test_a_key_that_is_there_stays(county: HttpCounty, tmp_path: Path) -> None:
    path = a_config(tmp_path, full(county))
    before = DeviceKey(tmp_path / "data" / "device.key").public_key
    run(path)
    assert county.enrolled == {"gate-7": before}


def test_what_is_not_given_is_asked_for_and_the_lines_to_write_are_told(county: HttpCounty, tmp_path: Path) -> None:
    path = a_config(tmp_path, "")
    replies = {"县级服务器地址": f" {county.url}\n", "闸机编号": "gate-7", "登记码": CODE + " "}
    told: list[str] = []

    def ask(question: str) -> str:
        return replies.pop(question.partition(" / ")[0])

    assert enrol(path, [], {"county": None, "gate_id": None, "code": None}, ask, told.append) == 0
    assert replies == {}
    assert read_token(tmp_path / "token") == TOKEN
    assert told[1].splitlines()[1:] == [
        "[gate]",
        'id = "gate-7"',
        "[county]",
        f'url = "{county.url}"',
        'token_file = "token"',
    ]
    path.write_text(path.read_text() + "\n".join(told[1].splitlines()[1:]))
    assert main(["config", "check", str(path)]) == 0


@pytest.mark.parametrize("code", ["code_unknown", "code_used", "code_expired", "slow_down"])
def test_a_refusal_is_told_in_the_county_s_words_and_leaves_the_old_token(
    county: HttpCounty, tmp_path: Path, code: str
) -> None:
    path = a_config(tmp_path, full(county))
    (tmp_path / "data" / "token").write_text("old\n")
    county.behaviour = answers(403, said(code))
    with pytest.raises(UplinkError) as caught:
        run(path)
    assert f"原因 {code}" in caught.value.zh
    assert f"because of {code}" in caught.value.en
    assert (tmp_path / "data" / "token").read_text() == "old\n"


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"{}", b'{"token": 7}', b'{"token": "two words"}', b"[" * 9000])
def test_an_answer_that_is_not_the_county_s_is_no_token(county: HttpCounty, tmp_path: Path, body: bytes) -> None:
    county.behaviour = answers(201, body)
    with pytest.raises(UplinkError) as caught:
        run(a_config(tmp_path, full(county)))
    assert "county.url" in caught.value.en
    assert not (tmp_path / "data" / "token").exists()


def test_a_lost_answer_says_that_the_code_may_be_spent(county: HttpCounty, tmp_path: Path) -> None:
    county.behaviour = closes_mid_body_of_an_enrolment
    with pytest.raises(UplinkError) as caught:
        run(a_config(tmp_path, full(county)))
    assert "ask the county for a new one" in caught.value.en
    assert "新的登记码" in caught.value.zh


def closes_mid_body_of_an_enrolment(handler: object, bodies: list[bytes]) -> None:
    closes_mid_body(handler, [])  # type: ignore[arg-type]  # whatever it sends is cut off


def test_a_stranger_s_certificate_gets_no_code(tmp_path: Path) -> None:
    own = Authority("own")
    certificate = Authority("stranger").issue(tmp_path / "server.pem", "127.0.0.1")
    own.write(tmp_path / "ca.pem")
    with HttpCounty(certificate=str(certificate)) as county:
        path = a_config(tmp_path, full(county) + 'ca_file = "ca.pem"\n')
        with pytest.raises(UplinkError) as caught:
            run(path)
        assert county.requests == []
    assert "county.ca_file" in caught.value.zh
    assert "county.ca_file" in caught.value.en


def test_nothing_is_asked_of_the_county_when_the_token_would_have_no_place(county: HttpCounty, tmp_path: Path) -> None:
    path = a_config(tmp_path, full(county).replace("data/token", "missing/token"))
    with pytest.raises(UplinkError) as caught:
        run(path)
    assert str(tmp_path / "missing") in caught.value.en
    assert county.requests == []


def test_on_a_full_disk_the_code_is_not_spent_and_the_old_token_stays(
    county: HttpCounty, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = a_config(tmp_path, full(county))
    run(path)
    fsync = os.fsync
    seen = county.enrolled.copy()

    def full_disk(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full_disk)
    county.codes = {"gate-7": "NEXT-CODE-0001"}
    with pytest.raises(UplinkError, match="has room"):
        run(path, "NEXT-CODE-0001")
    monkeypatch.setattr(os, "fsync", fsync)
    assert county.codes == {"gate-7": "NEXT-CODE-0001"}
    assert county.enrolled == seen
    assert read_token(tmp_path / "data" / "token") == TOKEN
    assert sorted(one.name for one in (tmp_path / "data").iterdir()) == ["device.key", "token"]


def test_an_address_that_is_unsafe_is_refused_like_the_configuration_s(tmp_path: Path) -> None:
    with pytest.raises(ForegateError) as caught:
        run(a_config(tmp_path, ""), county="http://county.example", gate_id="gate-7")
    assert "use https://" in caught.value.en


def test_without_a_terminal_the_command_says_what_to_give(
    tmp_path: Path, county: HttpCounty, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(question: str) -> str:
        raise EOFError

    monkeypatch.setattr("builtins.input", gone)
    path = a_config(tmp_path, full(county))
    assert main(["enrol", "--config", str(path)]) == 2
    assert "--code" in capsys.readouterr().err
    assert main(["enrol", "--config", str(path), "--code", CODE]) == 0
    assert json.dumps(county.enrolled).startswith('{"gate-7"')
