"""The doctor: what it finds on a good machine, and what it says of each thing that is wrong."""

import json
import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from edge.adapters.web_screen import WebScreen
from edge.app import cli, doctor, doctor_network
from edge.app.bootstrap import open_store
from edge.app.config import CountySection
from edge.app.config_file import load
from edge.app.config_screen import ScreenSection
from edge.app.doctor import Finding


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def config_file(tmp_path: Path) -> Path:
    path = tmp_path / "gate.toml"
    path.write_text(f"[camera]\nkind = 'sim'\n[store]\npath = 'r.sqlite'\n[screen]\nport = {free_port()}\n")
    return path


def found(findings: list[Finding]) -> dict[str, Finding]:
    return {finding.name: finding for finding in findings}


def test_good_machine_has_nothing_wrong(config_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["doctor", "--config", str(config_file)]) == 0
    text = capsys.readouterr().out
    names = ("python", "packages", "opencv", "numpy", "config", "camera", "pins", "store", "disk", "clock", "county")
    assert all(f"  {name} " in text for name in (*names, "screen"))
    assert "WRONG" not in text


def test_json_holds_the_same(config_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["doctor", "--json", "--config", str(config_file)]) == 0
    findings = json.loads(capsys.readouterr().out)
    assert {"name": "camera", "level": "warning", "zh": "sim：不是真相机", "en": "sim: no real camera"} in findings


def test_bad_configuration_is_one_finding_and_the_rest_is_still_examined(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["doctor", "--config", str(tmp_path / "none.toml")]) == 1
    text = capsys.readouterr().out
    assert "no such configuration file" in text
    assert "opencv" in text


@pytest.mark.parametrize("owners", [[], ["opencv-python", "opencv-python-headless"]])
def test_cv2_has_exactly_one_owner(owners: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "packages_distributions", lambda: {"cv2": owners})
    finding = doctor.one_opencv()
    assert finding.level == "wrong"
    assert "install opencv-python-headless alone" in finding.en
    monkeypatch.setattr(doctor, "packages_distributions", lambda: {"cv2": ["opencv-python-headless"] * 3})
    assert doctor.one_opencv().level == "ok"


@pytest.mark.parametrize(("number", "level"), [("2.3.5", "ok"), ("1.26.4", "ok"), ("2.4.0", "wrong"), ("3.0", "wrong")])
def test_numpy_must_suit_flirpy(number: str, level: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "version", lambda name: number)
    assert doctor.numpy_version().level == level


def test_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "PACKAGES", ("numpy", "no-such-package"))
    finding = doctor.packages()
    assert finding.level == "wrong"
    assert "no-such-package missing" in finding.en


def test_store_is_counted_and_a_foreign_file_is_wrong(config_file: Path) -> None:
    config = load(config_file)
    with closing(open_store(config)):
        pass
    assert "0 records" in found(doctor.examine(config_file, []))["store"].en
    config.store.path.write_bytes(b"this is no database, but a text that somebody saved under its name" * 20)
    assert found(doctor.examine(config_file, []))["store"].level == "wrong"


def test_folder_of_the_records_must_be_there(config_file: Path) -> None:
    findings = found(doctor.examine(config_file, ["store.path=/no/such/folder/r.sqlite"]))
    assert (findings["store"].level, findings["disk"].level) == ("wrong", "ok")


@pytest.mark.parametrize(("free_mb", "level"), [(10, "wrong"), (200, "warning"), (5_000, "ok")])
def test_little_disk_is_told(free_mb: int, level: str, config_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Usage:
        free = free_mb * 1_000_000

    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage)
    assert found(doctor.examine(config_file, []))["disk"].level == level


def test_real_camera_and_pins_that_are_not_there(config_file: Path) -> None:
    findings = found(doctor.examine(config_file, ["camera.kind=boson", "pins.factory=lgpio"]))
    assert findings["camera"].level == "wrong"
    assert "check the USB cable" in findings["camera"].en
    assert findings["pins"].level == "wrong"


def test_recording_that_is_not_there(config_file: Path) -> None:
    findings = found(doctor.examine(config_file, ["camera.kind=replay", "camera.path=/none.npz"]))
    assert findings["camera"].level == "wrong"


@contextmanager
def county(status: int, body: bytes = b"") -> Iterator[tuple[str, list[tuple[str, str | None]]]]:
    asked: list[tuple[str, str | None]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append((self.path, self.headers["Authorization"]))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Silence: the test looks at `asked`."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", asked
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(
    ("status", "level"), [(200, "ok"), (401, "wrong"), (403, "wrong"), (500, "wrong"), (302, "wrong")]
)
def test_county_is_asked_with_the_token(status: int, level: str, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("abcdefgh12345678\n")
    token.chmod(0o600)
    with county(status) as (url, asked):
        answer = doctor_network.ask_county(CountySection(url=url, token_file=token), "G1")
    assert answer[0] == level
    assert asked == [("/api/v1/records?since_seq=0", "Bearer abcdefgh12345678")]
    assert "abcdefgh" not in str(answer)


@pytest.mark.parametrize(("own_id", "level"), [("G1", "ok"), ("G7", "wrong")])
def test_token_of_another_gate_is_wrong(own_id: str, level: str, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("abcdefgh12345678\n")
    token.chmod(0o600)
    with county(200, b'{"gate_id": "G1", "records": [], "more": false}') as (url, _):
        answer = doctor_network.ask_county(CountySection(url=url, token_file=token), own_id)
    assert answer[0] == level


def test_county_that_is_away_is_a_warning_only(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("abcdefgh12345678\n")
    token.chmod(0o600)
    level, _, en = doctor_network.ask_county(
        CountySection(url=f"http://127.0.0.1:{free_port()}", token_file=token), "G1"
    )
    assert level == "warning"
    assert "records are kept" in en


def test_a_ca_file_that_is_missing_is_wrong_and_not_a_county_that_is_away(config_file: Path) -> None:
    token = config_file.with_name("token")
    token.write_text("abcdefgh12345678\n")
    token.chmod(0o600)
    overrides = ["gate.id=g", f"county.url=https://127.0.0.1:{free_port()}", f"county.token_file={token}"]
    county = found(doctor.examine(config_file, [*overrides, "county.ca_file=/none.pem"]))["county"]
    assert (county.level, "CA file /none.pem" in county.en) == ("wrong", True)


@pytest.mark.parametrize("status", [401, 403])
def test_a_token_that_is_refused_names_the_command_for_another(status: int, config_file: Path) -> None:
    token = config_file.with_name("token")
    token.write_text("abcdefgh12345678\n")
    token.chmod(0o600)
    with county(status) as (url, _):
        _, zh, en = doctor_network.ask_county(CountySection(url=url, token_file=token), "G1")
    assert "foregate enrol" in zh
    assert "foregate enrol" in en


def test_token_that_is_missing_is_wrong(config_file: Path) -> None:
    overrides = ["gate.id=g", "county.url=http://127.0.0.1:9", "county.token_file=/none"]
    assert "token file" in found(doctor.examine(config_file, overrides))["county"].en


def test_port_in_use_by_another_program() -> None:
    with county(200) as (url, _):
        level, _, en = doctor_network.look_at_port(ScreenSection(port=int(url.rpartition(":")[2])))
    assert level == "wrong"
    assert "change screen.port" in en


def test_port_in_use_by_our_own_screen() -> None:
    with closing(WebScreen("127.0.0.1", 0)) as screen:
        port = int(screen.url.rstrip("/").rpartition(":")[2])
        level, _, en = doctor_network.look_at_port(ScreenSection(port=port))
    assert (level, en) == ("ok", f"http://127.0.0.1:{port}/ is being served")
