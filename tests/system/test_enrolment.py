"""A gate without anything becomes one of the real county's, sends, is renewed with another key, and sends again."""

import contextlib
from pathlib import Path

import pytest

from edge.app import bootstrap, bootstrap_county
from edge.app.cli import main
from edge.app.config_file import load
from edge.core.errors import ForegateError
from edge.core.record import fingerprint
from tests.county.server import CountyProcess
from tests.fakes.passages import passage, stamp

pytestmark = pytest.mark.system

NAMES = ("--name", "北门", "--school", "第一小学")


def code_of(printed: str) -> str:
    """What the county's command printed last: the code."""
    return printed.splitlines()[-1].strip()


def offered(path: Path, n: int) -> int:
    """Write one record and send all that waits; how many the county took."""
    config = load(path)
    with contextlib.closing(bootstrap.open_store(config)) as store:
        store.append(passage(n), stamp(n))
        waiting = store.unsent(100)
        with contextlib.closing(bootstrap_county.open_uplink(config)) as uplink:
            answer = uplink.send([body for _, body in waiting])
        assert answer.status in (200, 401), answer
        taken = [record.uuid for record, body in waiting if fingerprint(body).encode() in answer.body]
        store.settle(taken, {})
    return len(taken)


def test_a_code_enrols_once_and_a_renewed_gate_signs_with_its_new_key(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    county = CountyProcess(tmp_path)
    code = code_of(county.command("add-gate", "G1", *NAMES))
    county.start()
    try:
        path = tmp_path / "gate.toml"
        path.write_text(f'[gate]\nid = "G1"\n[county]\nurl = "{county.base_url}"\ntoken_file = "token"\n')
        assert main(["enrol", "--config", str(path), "--code", "AAAA-BBBB-CCCC"]) == 1
        assert "renew-gate" in capsys.readouterr().err
        assert main(["enrol", "--config", str(path), "--code", code]) == 0
        assert offered(path, 1) == 1
        assert main(["enrol", "--config", str(path), "--code", code]) == 1
        assert "used" in capsys.readouterr().err

        # The device's key is lost: what the new one signs is not taken, and not condemned.
        (tmp_path / "device.key").unlink()
        assert offered(path, 2) == 0
        renewed = code_of(county.command("renew-gate", "G1"))
        assert main(["enrol", "--config", str(path), "--code", renewed]) == 0
        assert offered(path, 3) == 2
        county.command("revoke-gate", "G1")
        assert offered(path, 4) == 0
    finally:
        county.stop()


def test_a_gate_that_was_never_enrolled_is_told_so(tmp_path: Path) -> None:
    path = tmp_path / "gate.toml"
    path.write_text('[gate]\nid = "G1"\n[county]\nurl = "http://127.0.0.1:1"\ntoken_file = "token"\n')
    with pytest.raises(ForegateError, match="foregate enrol"):
        bootstrap_county.open_uplink(load(path))
