"""A technician calibrates a gate in the browser, from warm-up to certificate, though its process is killed midway."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from edge.adapters.guards_file import add_guard
from edge.app import bootstrap
from edge.app.config_file import load
from edge.core.profile import Profile
from tests.browser.conftest import Visit
from tests.browser.tech_gate import goes_to, signs_in
from tests.fakes.tech import PIN

MAIN = "import sys; from edge.app.cli import main; sys.exit(main())"
START_S, WHOLE_S = 180.0, 1800.0
# Wherever somebody may pull the plug: while something is typed, settles, is moved about, is tried, is judged.
KILLED_AT = ("about", "high", "uniformity", "lines", "acceptance")
ANSWERS = {"technician": "马师傅", "source_serial": "BB-0042", "source_date": "2026-01-02",
           "low": "33", "high": "40", "verify": "37"}  # fmt: skip
CONFIG = """\
[gate]
id = "gate-7"
name = "东门"
[camera]
kind = "sim"
settling_s = 1.0
[sim]
people_every_s = 3600
[pins]
exit = 5
[screen]
port = {port}
"""


class Process:
    """`foregate run` with its own screen, which can be killed and started again."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.file = folder / "gate.toml"
        self.file.write_text(CONFIG.format(port=self.port), encoding="utf-8")
        self.config = load(self.file)
        add_guard(self.config.guards_file, "ma", "马师傅", "technician", PIN)
        self.url = f"http://127.0.0.1:{self.port}/"
        self._log = (folder / "log").open("w", encoding="utf-8")
        self.start()

    def start(self) -> None:
        self._child = subprocess.Popen(
            [sys.executable, "-c", MAIN, "run", "--config", str(self.file)],
            stdout=self._log,
            stderr=subprocess.STDOUT,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )
        until_s = time.monotonic() + START_S
        while time.monotonic() < until_s:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.1)
        raise AssertionError("the gate has not started")

    def kill(self) -> None:
        self._child.send_signal(signal.SIGKILL)
        self._child.wait()

    def close(self) -> None:
        self._child.terminate()
        assert self._child.wait(60) == 0
        self._log.close()


@pytest.fixture(autouse=True)
def _patience() -> Iterator[None]:
    """A gate on a busy machine answers late."""
    expect.set_options(timeout=120_000)
    yield
    expect.set_options(timeout=None)


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Process]:
    running = Process(tmp_path)
    yield running
    running.close()


def answers(page: Page) -> str | None:
    """Do what is asked for now; its code, None: nothing is."""
    code = page.locator("#cal_form").get_attribute("data-code")
    if not code or page.locator("#cal_form").is_hidden():
        return None
    if code.startswith("line_"):
        page.locator("#cal_form [data-key=try], #cal_form [data-key=listen]").click()
        page.locator("#cal_form [data-key=cal_yes]").click()
    elif page.locator("#cal_field").is_visible():
        page.fill("#cal_form [name=answer]", ANSWERS.get(code, ""))
        page.click("#cal_form .main")
    else:
        page.click("#cal_form .main")
    # Until the gate has taken it.
    page.wait_for_function(
        "code => document.querySelector('#cal_form').dataset.code !== code", arg=code, timeout=120_000
    )
    return code


def goes_on(page: Page) -> None:
    """Signed in anew, at the calibration, gone on with where it was."""
    expect(page.locator("#sign_in")).to_be_visible(timeout=120_000)
    signs_in(page)
    goes_to(page, "calibration")
    page.click("#cal_go_on")
    expect(page.locator("#cal_begin")).to_be_hidden()


def test_the_whole_procedure_in_the_browser_killed_and_gone_on_with(gate: Process, visit: Visit) -> None:
    page = visit.page
    page.set_default_timeout(120_000)
    page.goto(f"{gate.url}tech.html")
    signs_in(page)
    goes_to(page, "calibration")
    page.fill("#cal_days", "90")
    page.click("#cal_start")
    expect(page.locator("#mode")).to_contain_text("不放行")
    killed: list[str] = []
    asked: list[str] = []
    until_s = time.monotonic() + WHOLE_S
    while page.locator("#cal_result a[href$='certificate.pdf']").count() == 0:
        assert time.monotonic() < until_s, (killed, asked)
        code = page.locator("#cal_form").get_attribute("data-code") or ""
        at = next((one for one in KILLED_AT if _stage_of(code) == one and one not in killed), None)
        if at is not None:
            visit.keep(f"tech-calibration-{at}")
            gate.kill()
            killed.append(at)
            expect(page.locator("#trouble")).to_be_visible()
            gate.start()
            goes_on(page)
            expect(page.locator("#cal_form")).to_have_attribute("data-code", code)
        elif (done := answers(page)) is not None:
            asked.append(done)
        else:
            page.wait_for_timeout(200)
    visit.keep("tech-calibration-done")
    assert tuple(killed) == KILLED_AT
    assert len(asked) == len(set(asked)) > 25
    made = bootstrap.open_profile(gate.config)
    assert isinstance(made, Profile)
    assert made.plain["answers"]["technician"] == "马师傅"
    expect(page.locator("#cal_result")).to_contain_text(made.id)
    for kind, begins in (("pdf", b"%PDF"), ("html", b"<!doctype html>")):
        with page.expect_download() as download:
            page.click(f"#cal_result a[href$='certificate.{kind}']")
        content = Path(download.value.path()).read_bytes()
        assert content[: len(begins)].lower() == begins.lower()
        assert download.value.suggested_filename == f"{made.id}.{kind}"
    page.click("#maintenance")
    expect(page.locator("#mode")).to_contain_text("正常工作")
    goes_to(page, "charts")
    expect(page.locator("#chart_list")).to_contain_text("历次校准")
    expect(page.locator("#chart_list .spread")).to_have_count(1)


def _stage_of(code: str) -> str:
    """The stage to which a prompt belongs."""
    for prefix, found in (("place_", "uniformity"), ("line_", "lines"), ("technician", "about")):
        if code.startswith(prefix):
            return found
    return code
