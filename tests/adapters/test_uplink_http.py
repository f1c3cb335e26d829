"""HTTP to the county: what is sent, to whom, what is kept secret, how long it may take."""

import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from edge.adapters.uplink_http import MAX_ANSWER_BYTES, HttpUplink, enrol, read_token, write_token
from edge.core.answer import Answer
from edge.core.errors import UplinkError
from edge.core.lodging import missing
from edge.core.record import Record
from tests.fakes.authority import Authority
from tests.fakes.http_county import TOKEN, Handler, HttpCounty, answers, redirects_without_end, says_nothing, stored
from tests.fakes.passages import passage, stamp
from tests.fakes.proxy import Proxy
from tests.fakes.signing import bytes_of

UUID = "3a9d4a52-6b4e-4c57-9d0b-0e8f3ad1c001"
RECORD = Record(UUID, "gate-1", 1, stamp(), passage(), "0.1.0", "none")
BODY = bytes_of(RECORD)


@pytest.fixture
def county() -> Iterator[HttpCounty]:
    with HttpCounty() as running:
        yield running


@pytest.fixture
def uplink(county: HttpCounty) -> Iterator[HttpUplink]:
    opened = HttpUplink(county.url, TOKEN, answer_timeout_s=5.0)
    yield opened
    opened.close()


def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_batch_arrives_byte_for_byte_compressed_and_with_the_token(county: HttpCounty, uplink: HttpUplink) -> None:
    others = [bytes_of(replace(RECORD, uuid=f"3a9d4a52-6b4e-4c57-9d0b-{n:012d}", seq=n)) for n in range(2, 500)]
    assert uplink.send([BODY, *others]) == Answer(200, stored([BODY, *others]))
    assert list(county.kept.values()) == [BODY, *others]
    assert county.requests == [("POST", "/api/v1/records")]
    sent = {name: county.headers[name] for name in ("Authorization", "Content-Type", "Content-Encoding")}
    assert sent == {
        "Authorization": f"Bearer {TOKEN}",
        "Content-Type": "application/x-ndjson",
        "Content-Encoding": "gzip",
    }
    assert 0 < int(county.headers["Content-Length"]) < len(BODY) * 250, "less than half of what it says"
    assert "Transfer-Encoding" not in county.headers


def test_the_status_arrives_as_it_is(county: HttpCounty, uplink: HttpUplink) -> None:
    county.lacking = [[3, 5]]
    answer = uplink.status(b'{"head":null,"health":{}}')
    assert missing(answer) == ((3, 5),)
    assert county.statuses == [{"head": None, "health": {}}]
    assert county.headers["Content-Type"] == "application/json"


def test_a_path_before_the_interface_and_a_final_slash_are_kept_apart(county: HttpCounty) -> None:
    uplink = HttpUplink(county.url + "/foregate/", TOKEN)
    uplink.send([BODY])
    assert county.requests == [("POST", "/foregate/api/v1/records")]
    uplink.close()


def test_one_connection_serves_many_records_and_is_made_anew_when_the_county_drops_it(
    county: HttpCounty, uplink: HttpUplink
) -> None:
    for _ in range(10):
        assert uplink.send([BODY]).status == 200
    assert county.connections == 1
    county.behaviour = says_nothing
    assert uplink.send([BODY]).status is None
    county.behaviour = None
    assert uplink.send([BODY]).status == 200
    assert county.connections == 2


def test_a_county_that_is_away_is_an_answer_that_says_so() -> None:
    uplink = HttpUplink(f"http://127.0.0.1:{unused_port()}", TOKEN)
    answer = uplink.send([BODY])
    assert answer.status is None
    assert not answer.connected
    assert "refused" in answer.failure
    uplink.close()


def test_a_name_that_does_not_exist_is_an_answer_that_says_so() -> None:
    # RFC 2606: .invalid never resolves.
    uplink = HttpUplink("https://county.invalid", TOKEN)
    answer = uplink.send([BODY])
    assert answer.status is None
    assert not answer.connected
    assert "county.invalid" in answer.failure
    uplink.close()


def test_an_answer_that_never_comes_ends_at_the_deadline_and_was_about_a_sent_record() -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        uplink = HttpUplink(f"http://127.0.0.1:{deaf.getsockname()[1]}", TOKEN, answer_timeout_s=0.2)
        answer = uplink.send([BODY])
        assert answer.status is None
        assert answer.connected
        assert "imed out" in answer.failure
        uplink.close()


@pytest.mark.parametrize(("size", "status"), [(MAX_ANSWER_BYTES, 500), (MAX_ANSWER_BYTES + 1, None)])
def test_an_answer_has_a_largest_size(county: HttpCounty, uplink: HttpUplink, size: int, status: int | None) -> None:
    county.behaviour = answers(500, b"x" * size)
    assert uplink.send([BODY]).status == status
    county.behaviour = None
    assert uplink.send([BODY]).status == 200


def test_a_redirect_is_not_followed_and_the_token_goes_nowhere_else(county: HttpCounty, uplink: HttpUplink) -> None:
    with HttpCounty() as other:
        for status in (301, 302, 303, 307, 308):
            county.behaviour = answers(status, b"", Location=f"{other.url}/api/v1/records")
            assert uplink.send([BODY]).status == status
        county.behaviour = redirects_without_end(other.url)
        assert uplink.send([BODY]).status is None
        assert other.connections == 0


def test_a_malformed_redirect_is_an_answer_like_any_other(county: HttpCounty, uplink: HttpUplink) -> None:
    county.behaviour = answers(302, b"", Location="http://[half:an/address")
    assert uplink.send([BODY]).status == 302


def test_an_answer_in_a_strange_encoding_is_not_decoded(county: HttpCounty, uplink: HttpUplink) -> None:
    county.behaviour = answers(200, b"\x1f\x8b broken gzip", Content_Encoding="gzip")
    assert uplink.send([BODY]) == Answer(200, b"\x1f\x8b broken gzip")


def test_cookies_are_not_kept(county: HttpCounty, uplink: HttpUplink) -> None:
    county.behaviour = answers(503, b"", Set_Cookie="portal=1; Path=/")
    uplink.send([BODY])
    uplink.send([BODY])
    assert "Cookie" not in county.headers


def test_the_environment_changes_nothing(county: HttpCounty, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{unused_port()}")
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    uplink = HttpUplink(county.url, TOKEN)
    assert uplink.send([BODY]).status == 200
    assert county.headers["Authorization"] == f"Bearer {TOKEN}"
    uplink.close()


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("2", 2.0),
        ("0", 0.0),
        ("999999999", 999_999_999.0),
        ("-5", None),
        ("1e9", None),
        ("soon", None),
        ("٣", None),
        ("", None),
        ("Mon, 99 Nev 2026 08:00:00 GMT", None),
        ("Mon, 05 Jan 1970 08:00:00 GMT", 0.0),
    ],
)
def test_the_county_may_say_when_to_come_back(
    county: HttpCounty, uplink: HttpUplink, header: str, seconds: float | None
) -> None:
    def answer(handler: Handler, bodies: list[bytes]) -> None:
        handler.wfile.write(f"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nRetry-After: {header}\r\n\r\n".encode())

    county.behaviour = answer
    assert uplink.send([BODY]) == Answer(503, retry_after_s=seconds)


def test_a_date_to_come_back_counts_from_now(county: HttpCounty, uplink: HttpUplink) -> None:
    in_an_hour = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    county.behaviour = answers(429, b"", Retry_After=in_an_hour)
    wish_s = uplink.send([BODY]).retry_after_s
    assert wish_s is not None
    assert 3500 < wish_s <= 3600


def test_the_token_is_in_no_text(county: HttpCounty, uplink: HttpUplink, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    county.behaviour = says_nothing
    failed = uplink.send([BODY])
    county.behaviour = None
    good = uplink.send([BODY])
    assert good.status == 200
    assert county.url in repr(uplink)
    for text in (repr(uplink), repr(failed), repr(good), caplog.text):
        assert TOKEN not in text


@pytest.mark.parametrize(
    "url",
    [
        "http://county.example",
        "http://192.168.1.10:8600",
        "http://127.0.0.1.example",
        "http://localhost.example",
        "ftp://127.0.0.1",
        "county.example",
        "",
        "https://",
        "https://gate:secret@county.example",
        "https://county.example/?token=secret",
        "https://county.example/#secret",
        "https://county.example:99999",
        "https://[::1",
        " https://county.example",
    ],
)
def test_an_address_that_is_unsafe_or_none_is_refused_without_repeating_secrets(url: str) -> None:
    with pytest.raises(UplinkError) as caught:
        HttpUplink(url, TOKEN)
    assert "https://" in caught.value.en
    assert "；请" in caught.value.zh
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1", "http://127.8.0.1", "http://[::1]:1", "http://localhost", "https://x"]
)
def test_plain_http_is_for_this_machine_https_for_all(url: str) -> None:
    HttpUplink(url, TOKEN).close()


@pytest.mark.parametrize("token", ["", "=", "hush two words", "hush\nX-Evil: 1", "hush\r", "hush令牌", "hush=x"])
def test_a_token_that_would_break_the_header_is_refused_and_not_shown(token: str) -> None:
    with pytest.raises(UplinkError) as caught:
        HttpUplink("https://county.example", token)
    assert "copy it anew" in caught.value.en
    assert "hush" not in str(caught.value)


# --- certificates ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority("county's own CA")


@pytest.fixture(scope="module")
def ca_file(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return authority.write(tmp_path_factory.mktemp("ca") / "ca.pem")


@contextmanager
def secure(certificate: Path, ca_file: Path | None, host: str = "127.0.0.1") -> Iterator[tuple[HttpCounty, HttpUplink]]:
    with HttpCounty(certificate=str(certificate)) as county:
        uplink = HttpUplink(f"https://{host}:{county.port}", TOKEN, ca_file=ca_file, answer_timeout_s=5.0)
        yield county, uplink
        uplink.close()


def refused_with(answer: Answer, county: HttpCounty) -> str:
    """Nothing was sent; what the technician reads."""
    assert answer.status is None
    assert not answer.connected
    assert county.requests == []
    assert any("\u4e00" <= sign <= "\u9fff" for sign in answer.advice.zh)
    return f"{answer.failure} {answer.advice.en}"


def test_a_county_whose_certificate_its_ca_issued_is_trusted(
    authority: Authority, ca_file: Path, tmp_path: Path
) -> None:
    with secure(authority.issue(tmp_path / "server.pem", "127.0.0.1"), ca_file) as (county, uplink):
        for _ in range(3):
            assert uplink.send([BODY]).status == 200
        assert county.connections == 1


def test_a_certificate_of_another_ca_is_refused_whatever_the_environment_trusts(
    ca_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stranger = Authority("somebody else's CA")
    trusted = stranger.write(tmp_path / "trusted.pem")
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.setenv(name, str(trusted))
    certificate = stranger.issue(tmp_path / "server.pem", "127.0.0.1")
    with secure(certificate, ca_file) as (county, uplink):
        assert "county.ca_file" in refused_with(uplink.send([BODY]), county)


def test_without_a_ca_file_a_county_s_own_certificate_is_refused(authority: Authority, tmp_path: Path) -> None:
    with secure(authority.issue(tmp_path / "server.pem", "127.0.0.1"), None) as (county, uplink):
        assert "ask the county for its CA's certificate" in refused_with(uplink.send([BODY]), county)


@pytest.mark.parametrize(("issued_for", "host"), [("county.example", "127.0.0.1"), ("127.0.0.1", "localhost")])
def test_a_certificate_for_another_name_is_refused(
    authority: Authority, ca_file: Path, tmp_path: Path, issued_for: str, host: str
) -> None:
    with secure(authority.issue(tmp_path / "server.pem", issued_for), ca_file, host) as (county, uplink):
        assert "county.url with the name" in refused_with(uplink.send([BODY]), county)


@pytest.mark.parametrize("days", [(-9, -2), (2, 9)])
def test_a_certificate_out_of_its_time_is_refused_and_the_board_s_date_suspected_first(
    authority: Authority, ca_file: Path, tmp_path: Path, days: tuple[int, int]
) -> None:
    with secure(authority.issue(tmp_path / "server.pem", "127.0.0.1", days), ca_file) as (county, uplink):
        assert "timedatectl" in refused_with(uplink.send([BODY]), county)


def test_a_county_without_tls_gets_nothing_over_https(county: HttpCounty) -> None:
    uplink = HttpUplink(county.url.replace("http:", "https:"), TOKEN)
    assert "host and port" in refused_with(uplink.send([BODY]), county)
    uplink.close()


# --- a proxy ---------------------------------------------------------------------------------------------------------


def test_a_proxy_sees_the_address_and_nothing_else(authority: Authority, ca_file: Path, tmp_path: Path) -> None:
    certificate = authority.issue(tmp_path / "server.pem", "127.0.0.1")
    with HttpCounty(certificate=str(certificate)) as county, Proxy() as proxy:
        uplink = HttpUplink(county.url, TOKEN, ca_file=ca_file, proxy=proxy.url)
        for _ in range(2):
            assert uplink.send([BODY]).status == 200
        uplink.close()
        assert county.kept == {UUID: BODY}
    assert len(proxy.asked) == 1
    assert proxy.asked[0].startswith(f"CONNECT 127.0.0.1:{county.port} HTTP/1.".encode())
    assert TOKEN.encode() not in proxy.asked[0]
    assert TOKEN.encode() not in proxy.passed


def test_the_certificate_is_checked_through_a_proxy_too(ca_file: Path, tmp_path: Path) -> None:
    certificate = Authority("in between").issue(tmp_path / "server.pem", "127.0.0.1")
    with HttpCounty(certificate=str(certificate)) as county, Proxy() as proxy:
        uplink = HttpUplink(county.url, TOKEN, ca_file=ca_file, proxy=proxy.url)
        assert "county.ca_file" in refused_with(uplink.send([BODY]), county)
        uplink.close()


def test_a_proxy_that_refuses_or_is_away_is_told_as_what_it_is(ca_file: Path) -> None:
    with Proxy(answer=b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n") as proxy:
        url = proxy.url
        uplink = HttpUplink("https://county.example", TOKEN, ca_file=ca_file, proxy=url)
        for _ in range(2):
            answer = uplink.send([BODY])
            assert not answer.connected
            assert "county.proxy" in answer.advice.en
        uplink.close()
    away = HttpUplink("https://county.example", TOKEN, ca_file=ca_file, proxy=f"http://127.0.0.1:{unused_port()}")
    answer = away.send([BODY])
    assert not answer.connected
    assert "county.proxy" in answer.advice.en
    away.close()


# --- files -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("content", [None, b"", b"no certificate"])
def test_a_ca_file_that_is_none_is_refused(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UplinkError) as caught:
        HttpUplink("https://county.example", TOKEN, ca_file=path)
    assert str(path) in caught.value.en
    assert "证书" in caught.value.zh


# --- the token's file ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("content", [b"fgt-abc.DEF_123==\n", b"  fgt-abc.DEF_123==\r\n", b"fgt-abc.DEF_123=="])
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o400])
def test_a_token_is_read_without_its_line_end(tmp_path: Path, content: bytes, mode: int) -> None:
    path = tmp_path / "token"
    path.write_bytes(content)
    path.chmod(mode)
    assert read_token(path) == "fgt-abc.DEF_123=="


@pytest.mark.parametrize("mode", [0o644, 0o604, 0o602, 0o666])
def test_a_token_that_others_can_reach_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "token"
    path.write_text("fgt-secret\n")
    path.chmod(mode)
    with pytest.raises(UplinkError) as caught:
        read_token(path)
    assert f"chmod 640 {path}" in caught.value.en
    assert f"chmod 640 {path}" in caught.value.zh
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"two words\n", b"two\nlines\n", b"\xff\xfe", "令牌".encode(), b"a" * 5000]
)
def test_a_file_without_a_token_is_refused_and_not_shown(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "token"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(UplinkError) as caught:
        read_token(path)
    assert "empty or holds no token" in caught.value.en
    assert "two" not in str(caught.value)


def test_a_missing_token_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "missing", tmp_path):
        with pytest.raises(UplinkError) as caught:
            read_token(path)
        assert str(path) in caught.value.en
        assert "令牌" in caught.value.zh


def test_a_token_is_written_for_its_owner_alone_in_place_of_an_older_one(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text("old\n")
    path.chmod(0o644)
    write_token(path, "fgt-new.1")
    assert read_token(path) == "fgt-new.1"
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_token_that_cannot_be_written_leaves_the_old_one_and_says_why(tmp_path: Path) -> None:
    with pytest.raises(UplinkError) as caught:
        write_token(tmp_path / "missing" / "token", "fgt-new.1")
    assert str(tmp_path / "missing" / "token") in caught.value.en
    assert "目录" in caught.value.zh


def test_enrolling_sends_the_question_without_a_token_and_brings_the_answer(county: HttpCounty) -> None:
    county.codes = {"gate-1": "ABCD-EFGH"}
    question = {"gate_id": "gate-1", "code": "ABCD-EFGH", "public_key": "k" * 44}
    answer = enrol(county.url, question)
    assert (answer.status, answer.body) == (201, b'{"token": "%s"}' % TOKEN.encode())
    assert county.enrolled == {"gate-1": "k" * 44}
    assert "Authorization" not in county.headers
    assert enrol(county.url, question).status == 403
