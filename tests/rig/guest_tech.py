"""The technician's pages of the gate as its hardened unit runs it: run in the guest.

What the pages ask for needs more than judging frames does: a process of their own for the doctor, a configuration
that may be written, lines that are tried one by one. A filter that forbids one of these is only seen here.
"""

import io
import json
import subprocess
import unittest
import zipfile
from http.cookiejar import CookieJar
from typing import Any
from urllib.error import HTTPError
from urllib.request import HTTPCookieProcessor, Request, build_opener

from edge.adapters.guards_file import add_guard
from edge.app.config_file import load
from tests.rig import scenes, service
from tests.rig.lines import OFF, Header, level, levels, until

GATE = f"relay_pulse_s = 4.0\n{scenes.CAMERA}"
SITE, PIN = "http://127.0.0.1:8601", "274951"
SLOW_S = 300.0
# What docs/technician-pages.md has a site do that lets the page write there.
MAY_WRITE = f"WatchdogSec=300\nReadWritePaths={service.SETTINGS}\n"


class Technician:
    """Somebody at the gate's own browser."""

    def __init__(self) -> None:
        self._opener = build_opener(HTTPCookieProcessor(CookieJar()))

    def get(self, path: str) -> bytes:
        with self._opener.open(f"{SITE}{path}", timeout=SLOW_S) as answer:
            return bytes(answer.read())

    def ask(self, do: str, **fields: object) -> dict[str, Any]:
        body = json.dumps({"do": do, **fields}).encode()
        headers = {"Content-Type": "application/json", "Origin": SITE}
        try:
            with self._opener.open(Request(f"{SITE}/tech/ask", body, headers), timeout=SLOW_S) as answer:
                told: dict[str, Any] = json.load(answer)
        except HTTPError as error:
            raise AssertionError(f"{do}: {error.code} {error.read().decode()}") from error
        return told


class Pages(Header):
    """One visit of a technician."""

    def test_a_technician_looks_tries_changes_and_restarts(self) -> None:
        scenes.camera("run")
        scenes.show("empty")
        self.addCleanup(scenes.camera, "run")
        service.install(GATE, MAY_WRITE)
        self.addCleanup(service.stop)
        file = service.SETTINGS / "gate.toml"
        for path in (service.SETTINGS, file):
            subprocess.run(["chgrp", "foregate", path], check=True)
            subprocess.run(["chmod", "g+w", path], check=True)
        guards = load(file, ()).guards_file
        service.STATE.mkdir(exist_ok=True)
        add_guard(guards, "ma", "马师傅", "technician", PIN)
        subprocess.run(["chown", "-R", "foregate:foregate", service.STATE], check=True)
        service.start()
        pid = service.pid()
        ma = Technician()
        assert ma.ask("sign_in", who="ma", pin=PIN)["ok"]

        with self.subTest("every pixel"):
            assert len(ma.get("/tech/frame?after=0")) > 2 * 120 * 160
        with self.subTest("the doctor is a process of its own"):
            names = {one["name"] for one in ma.ask("doctor")["findings"]}
            assert {"picture", "clock", "disk"} <= names, names
        with self.subTest("each lamp is tried, and nothing is let through meanwhile"):
            assert ma.ask("maintenance", on=True)["ok"]
            ticket = ma.ask("state")["ticket"]
            assert ma.ask("try_output", name="green", ticket=ticket)["ok"]
            until(lambda: level("green") == 1, "green", 30.0)
            until(lambda: level("green") == 0, "dark again", 60.0)
            assert level("relay") == 0
            assert ma.ask("maintenance", on=False)["ok"]
        with self.subTest("the support bundle"):
            bundle = zipfile.ZipFile(io.BytesIO(ma.get("/tech/file/support.zip")))
            assert bundle.testzip() is None
            assert bundle.namelist()
        with self.subTest("a setting is saved, and counts after the restart"):
            base = ma.ask("settings")["base"]
            assert ma.ask("settings_save", changes={"pins.relay_pulse_s": "3.0"}, base=base)["ok"]
            assert "relay_pulse_s = 3.0" in file.read_text()
            state = ma.ask("state")
            assert state["restart_needed"]
            assert ma.ask("restart", ticket=state["ticket"])["code"] == "restarting"
            until(lambda: service.pid() not in (0, pid), "it is started again", SLOW_S)
            service.until_state("active")
            assert levels() == OFF
            again = Technician()
            assert again.ask("sign_in", who="ma", pin=PIN)["ok"]
            assert not again.ask("state")["restart_needed"]


if __name__ == "__main__":
    unittest.main(verbosity=2)
