"""The real server as a process: how it starts, stops, and what it has after it was killed."""

import os
import queue
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, Thread

import pytest
import requests

from edge.core.record import parse
from tests.county.records import Writer, a_body
from tests.county.server import PATIENCE_S, READY, ROOT, CountyProcess, running_county

pytestmark = pytest.mark.system


@pytest.fixture
def county(tmp_path: Path) -> Iterator[CountyProcess]:
    county = CountyProcess(tmp_path)
    county.start()
    yield county
    county.kill()


def send(county: CountyProcess, body: bytes, gate_id: str = "G1") -> str:
    """Offer one record; what is said of it."""
    headers = {"Authorization": f"Bearer {county.token_of(gate_id)}", "Content-Type": "application/x-ndjson"}
    answer = requests.post(f"{county.base_url}/api/v1/records", body, headers=headers, timeout=PATIENCE_S)
    assert answer.status_code == 200, answer.text
    (told,) = answer.json()["answers"]
    return str(told.get("status") or told["error"]["code"])


def kept(county: CountyProcess, gate_id: str = "G1") -> dict[str, int]:
    headers = {"Authorization": f"Bearer {county.token_of(gate_id)}"}
    answer = requests.get(f"{county.base_url}/api/v1/records", headers=headers, timeout=PATIENCE_S).json()
    assert not answer["more"]
    return {row["uuid"]: row["seq"] for row in answer["records"]}


def foregate_county(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("FOREGATE_", "DJANGO_"))}
    return subprocess.run(
        [sys.executable, "-m", "county.manage", *arguments],
        env={**clean, **variables, "PYTHONUTF8": "1"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )


def test_the_helper_that_others_use(tmp_path: Path) -> None:
    with running_county(tmp_path) as (base_url, token_of):
        _, body = a_body()
        headers = {"Authorization": f"Bearer {token_of('G1')}", "Content-Type": "application/x-ndjson"}
        answer = requests.post(f"{base_url}/api/v1/records", body, headers=headers, timeout=PATIENCE_S)
        assert answer.json()["answers"][0]["status"] == "created"
        assert token_of("G1") == token_of("G1")
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{base_url}/api/v1/health", timeout=PATIENCE_S)


def test_the_same_record_from_many_at_once_is_created_once(county: CountyProcess) -> None:
    county.token_of("G1")
    together = Barrier(8)

    def offer(body: bytes) -> str:
        together.wait(PATIENCE_S)
        return send(county, body)

    writer = Writer()
    with ThreadPoolExecutor(8) as pool:
        for body in writer.many(5):
            assert sorted(pool.map(offer, [body] * 8)) == ["already"] * 7 + ["created"]
        rivals = [writer.cut(5).write() for _ in range(8)]
        assert sorted(pool.map(offer, rivals)) == ["created"] + ["seq_taken"] * 7
    assert sorted(kept(county).values()) == [1, 2, 3, 4, 5, 6]


def test_what_was_acknowledged_outlives_being_killed(county: CountyProcess) -> None:
    county.token_of("G1")
    waiting = dict(enumerate(Writer().many(80), start=1))
    everything = {parse(body).uuid: seq for seq, body in waiting.items()}

    for until in (3, 11, 6):
        acknowledged = _killed_while_sending(county, waiting, until)
        county.start()
        assert len(acknowledged) >= until
        assert {parse(waiting.pop(seq)).uuid for seq in acknowledged} <= set(kept(county))

    # Of those that were under way, some were stored and some not; both are told apart and end up kept once.
    for body in waiting.values():
        assert send(county, body) in {"created", "already"}
    assert kept(county) == everything


def _killed_while_sending(county: CountyProcess, bodies: dict[int, bytes], until: int) -> list[int]:
    """Kill the server once it has acknowledged `until` of the bodies; all the sequence numbers acknowledged."""
    news: queue.SimpleQueue[int | None] = queue.SimpleQueue()

    def send_all() -> None:
        try:
            for seq, body in bodies.items():
                send(county, body)
                news.put(seq)
        except requests.RequestException:
            pass  # killed: what this test waits for
        news.put(None)

    sender = Thread(target=send_all)
    sender.start()
    told = [news.get(timeout=PATIENCE_S) for _ in range(until)]
    county.kill()
    sender.join(PATIENCE_S)
    while told[-1] is not None:
        told.append(news.get(timeout=PATIENCE_S))
    return [seq for seq in told if seq is not None]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    county = CountyProcess(tmp_path)
    county.start()
    try:
        assert requests.get(f"{county.base_url}/api/v1/health", timeout=PATIENCE_S).ok
        assert county.stop(number) == 0
    finally:
        county.kill()
    assert "Traceback" not in county.log.read_text()
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{county.base_url}/api/v1/health", timeout=PATIENCE_S)


def test_a_body_without_a_length_and_a_huge_one_leave_the_server_well(county: CountyProcess) -> None:
    token = county.token_of("G1")
    url = f"{county.base_url}/api/v1/records"
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    assert requests.post(url, data=iter([b"{}"]), headers=headers, timeout=PATIENCE_S).status_code == 411
    with socket.create_connection(("127.0.0.1", int(county.base_url.rpartition(":")[2])), PATIENCE_S) as line:
        head = f"POST /api/v1/records HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
        line.sendall((head + "Content-Type: application/json\r\nContent-Length: 999999999\r\n\r\n").encode())
        assert line.recv(12) == b"HTTP/1.1 413", "answered before any of it was sent"
    assert send(county, a_body()[1]) == "created"


def test_a_sign_in_link_that_was_asked_for_wrongly_still_works_and_is_not_in_the_log(county: CountyProcess) -> None:
    county.command("add-account", "li", "--role", "officer", "--generate")
    path = county.command("sign-in-link", "li")
    address, token = county.base_url + path, path.rpartition("/")[2]

    assert requests.head(address, timeout=PATIENCE_S).status_code == 405
    assert requests.post(address, timeout=PATIENCE_S).status_code in {403, 405}
    assert requests.get(address + "/", timeout=PATIENCE_S).status_code == 404
    assert requests.get(address.replace("/once/", "/ONCE%2F"), timeout=PATIENCE_S).status_code == 404
    for line in (f"GET {path} HTTP/9", f"G(T {path} HTTP/1.1", f"GET {path.replace('/', '%2F')} HTTP/x"):
        with socket.create_connection(("127.0.0.1", int(county.base_url.rpartition(":")[2])), PATIENCE_S) as raw:
            raw.sendall(f"{line}\r\nHost: 127.0.0.1\r\n\r\n".encode())
            assert raw.recv(12) == b"HTTP/1.1 400"

    log = county.log.read_text()
    assert "/sign-in/once/" in log, "it is said that something was refused"
    assert token not in log
    assert requests.get(address, allow_redirects=False, timeout=PATIENCE_S).status_code == 302


def test_a_port_in_use_is_named(county: CountyProcess) -> None:
    where = county.base_url.removeprefix("http://")

    second = foregate_county("serve", "--bind", where, FOREGATE_COUNTY_DATA=str(county.data))

    assert second.returncode == 2
    assert f"{where} 已被占用" in second.stderr
    assert f"{where} is in use" in second.stderr


def test_before_migrate_it_does_not_start(tmp_path: Path) -> None:
    early = foregate_county("serve", "--bind", "127.0.0.1:0", FOREGATE_COUNTY_DATA=str(tmp_path))

    assert early.returncode == 2
    assert "foregate-county migrate" in early.stderr
    assert READY not in early.stdout


def test_without_a_data_folder_no_command_runs_but_all_explain_themselves() -> None:
    refused = foregate_county("migrate")
    assert refused.returncode == 2
    assert refused.stderr.splitlines()[0].startswith("未设置 FOREGATE_COUNTY_DATA")
    assert "FOREGATE_COUNTY_DATA is not set" in refused.stderr

    overview = foregate_county()
    assert overview.returncode == 0
    for command in ("migrate", "add-gate", "revoke-gate", "add-account", "revoke-account", "sign-in-link", "serve"):
        assert command in overview.stdout


@pytest.mark.parametrize(
    "command",
    [
        "migrate",
        "add-gate",
        "renew-gate",
        "verify-gate",
        "forget",
        "add-account",
        "revoke-account",
        "changepassword",
        "sign-in-link",
        "serve",
    ],
)
def test_every_command_has_help_in_both_languages(command: str) -> None:
    shown = foregate_county(command, "--help")

    assert shown.returncode == 0
    assert f"foregate-county {command}" in shown.stdout
    assert any("\u4e00" <= letter <= "\u9fff" for letter in shown.stdout)
    assert "--settings" not in shown.stdout


def test_the_network_is_not_entered_by_accident(county: CountyProcess) -> None:
    data = {"FOREGATE_COUNTY_DATA": str(county.data)}

    alone = foregate_county("serve", "--bind", "0.0.0.0:0", **data)
    nobody = foregate_county("serve", "--bind", "0.0.0.0:0", "--allow-remote", **data)

    assert (alone.returncode, nobody.returncode) == (2, 2)
    assert "--behind-proxy" in alone.stderr
    assert "FOREGATE_COUNTY_HOSTS" in nobody.stderr


@pytest.mark.parametrize("options", [(), ("--behind-proxy",)], ids=["alone", "behind a proxy"])
def test_a_proxy_s_word_counts_only_when_there_is_one(tmp_path: Path, options: tuple[str, ...]) -> None:
    county = CountyProcess(tmp_path)
    county.start(*options)
    try:
        answer = requests.get(f"{county.base_url}/sign-in", headers={"X-Forwarded-Proto": "https"}, timeout=PATIENCE_S)
    finally:
        county.stop()

    assert answer.ok
    assert ("Strict-Transport-Security" in answer.headers) == bool(options)
    assert ("; Secure" in answer.headers["Set-Cookie"]) == bool(options)


@pytest.mark.parametrize(
    "arguments", [("serve", "--bind", "127.0.0.1:0", "--behind"), ("add-gate", "G1", "--nam", "东门", "--school", "x")]
)
def test_an_option_is_written_out(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    data = {"FOREGATE_COUNTY_DATA": str(tmp_path)}
    assert foregate_county("migrate", **data).returncode == 0

    refused = foregate_county(*arguments, **data)

    assert refused.returncode == 2
    assert READY not in refused.stdout
    assert "unrecognized arguments: --" in refused.stderr


def test_of_many_guesses_at_once_five_are_looked_at(county: CountyProcess) -> None:
    county.command("add-account", "li", "--role", "officer", "--generate")
    address = f"{county.base_url}/sign-in"
    together = Barrier(16)

    def guess(number: int) -> int:
        with requests.Session() as browser:
            form = browser.get(address, timeout=PATIENCE_S).text
            csrf = form.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
            fields = {"csrfmiddlewaretoken": csrf, "name": "li", "password": f"guess {number}"}
            together.wait(PATIENCE_S)
            return browser.post(address, fields, timeout=PATIENCE_S).status_code

    with ThreadPoolExecutor(16) as pool:
        assert sorted(pool.map(guess, range(16))) == [401] * 5 + [429] * 11


def test_everything_it_writes_is_for_its_owner_only(county: CountyProcess) -> None:
    send(county, a_body()[1])

    files = list(county.data.iterdir())
    assert {"county.sqlite3", "secret-key"} <= {path.name for path in files}
    assert all(path.stat().st_mode & 0o077 == 0 for path in [county.data, *files])
