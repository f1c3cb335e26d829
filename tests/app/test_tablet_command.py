"""`foregate tablet`: a certificate that a tablet takes, told so that a person can compare it."""

import re
import socket
import ssl
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256

from edge.app import bootstrap, cli, doctor_tablet
from edge.app.config_file import load
from edge.core.errors import ConfigError
from tests.adapters.web_clients import WAIT_S
from tests.fakes.authority import Authority

SECTION = '[camera]\nkind = "sim"\n[screen]\nport = 0\n[tablet]\nhost = "127.0.0.1"\nnames = ["gate.school.example"]\n'


@pytest.fixture
def config_file(tmp_path: Path) -> Path:
    path = tmp_path / "gate.toml"
    path.write_text(SECTION, encoding="utf-8")
    return path


def command(config_file: Path, *more: str) -> int:
    return cli.main(["tablet", "--config", str(config_file), *more])


def test_a_certificate_is_made_for_every_address_and_told_with_its_fingerprint(
    config_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(config_file) == 0
    said = capsys.readouterr().out
    found = x509.load_pem_x509_certificate(config_file.with_name("tablet.pem").read_bytes())
    names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [str(one.value) for one in names] == ["gate.school.example", "127.0.0.1"]
    fingerprint = re.search(r"^    ([0-9A-F]{2}(?::[0-9A-F]{2}){31})$", said, re.MULTILINE)
    assert fingerprint is not None
    assert bytes.fromhex(fingerprint[1].replace(":", "")) == found.fingerprint(SHA256())
    assert "https://gate.school.example:8443/" in said
    assert "not in use yet" not in said
    assert found.not_valid_after_utc - found.not_valid_before_utc <= timedelta(days=825)
    assert stat.S_IMODE(config_file.with_name("tablet.key").stat().st_mode) == 0o600


def test_asked_again_it_tells_the_same_one_and_only_again_makes_another(
    config_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command(config_file)
    first = capsys.readouterr().out
    command(config_file)
    assert capsys.readouterr().out == first
    command(config_file, "--again")
    assert capsys.readouterr().out != first


def test_the_sites_own_authority_signs_a_request(config_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(config_file, "--csr", "--address", "192.0.2.7") == 0
    assert "have your authority sign" in capsys.readouterr().out
    request = x509.load_pem_x509_csr(config_file.with_name("tablet.csr").read_bytes())
    assert request.is_signature_valid
    names = request.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [str(one.value) for one in names] == ["gate.school.example", "192.0.2.7"]
    assert not config_file.with_name("tablet.pem").exists()
    # The authority's answer is told, and one of another key is refused.
    config_file.with_name("tablet.pem").write_bytes(Authority("school").sign(request))
    assert command(config_file) == 0
    assert "signed by itself" not in capsys.readouterr().out
    Authority("school").issue(config_file.with_name("tablet.pem"), "192.0.2.7")
    assert command(config_file) == 2
    assert "do not belong together" in capsys.readouterr().err


def test_without_a_section_it_says_what_is_still_to_be_done(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "gate.toml"
    path.write_text('[gate]\nid = "g"\n', encoding="utf-8")
    assert command(path, "--address", "192.0.2.7") == 0
    assert "write the section [tablet]" in capsys.readouterr().out
    assert (tmp_path / "tablet.pem").exists()


@pytest.mark.parametrize(
    ("more", "said"), [(("--address", "gate"), "is no IP address"), (("--set", "tablet.port=0"), "tablet.port")]
)
def test_what_cannot_be_is_refused(
    config_file: Path, capsys: pytest.CaptureFixture[str], more: tuple[str, ...], said: str
) -> None:
    assert command(config_file, *more) == 2
    assert said in capsys.readouterr().err
    assert not config_file.with_name("tablet.key").exists()


def test_the_gate_serves_with_it_and_a_tablet_that_trusts_it_is_content(config_file: Path) -> None:
    command(config_file)
    said: list[str] = []
    screen = bootstrap.open_screen(load(config_file, ["tablet.port=28443"]), said.append)
    try:
        url = f"https://127.0.0.1:{screen.tablet_port}/"
        trusting = requests.Session()
        trusting.trust_env, trusting.verify = False, str(config_file.with_name("tablet.pem"))
        assert "<title>" in trusting.get(url, timeout=WAIT_S).text
        with pytest.raises(requests.exceptions.SSLError):
            requests.get(url, timeout=WAIT_S, verify=True)
    finally:
        screen.close()
    assert said == []


def test_a_gate_whose_certificate_is_spoilt_works_without_tablets_and_says_so(config_file: Path) -> None:
    command(config_file)
    config_file.with_name("tablet.pem").write_text("spoilt")
    said: list[str] = []
    screen = bootstrap.open_screen(load(config_file, ["tablet.port=28443"]), said.append)
    try:
        assert requests.get(screen.url, timeout=WAIT_S).ok
        assert screen.tablet_port is None
        assert screen.requests() == ()
    finally:
        screen.close()
    assert "foregate tablet" in said[0]


def test_the_doctor_looks_at_it(config_file: Path) -> None:
    command(config_file, "--days", "100")
    config = load(config_file)
    now = datetime.now(UTC)
    levels = [doctor_tablet.certificate(config, now + timedelta(days=days))[0] for days in (0, 80, 101)]
    assert levels == ["ok", "warning", "wrong"]
    config_file.with_name("tablet.key").chmod(0o644)
    assert doctor_tablet.certificate(config)[0] == "wrong"
    config_file.with_name("tablet.pem").unlink()
    with pytest.raises(ConfigError, match="foregate tablet --again"):
        doctor_tablet.certificate(config)


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_tls_of_old_is_not_spoken(config_file: Path) -> None:
    command(config_file)
    screen = bootstrap.open_screen(load(config_file, ["tablet.port=28443"]), lambda line: None)
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    old.set_ciphers("ALL:@SECLEVEL=0")
    old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    try:
        with (
            socket.create_connection(("127.0.0.1", screen.tablet_port or 0), timeout=WAIT_S) as plain,
            pytest.raises(ssl.SSLError),
        ):
            old.wrap_socket(plain)
    finally:
        screen.close()
