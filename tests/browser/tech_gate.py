"""A gate for the technician's pages that costs little: desk and lines are real, what the camera sees is drawn."""

import threading
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from playwright.sync_api import Page, expect

from edge.adapters.clock_system import SystemClock
from edge.adapters.web_screen import WebScreen
from edge.app.doctor import Finding
from edge.app.tech_charts import charts
from edge.app.upkeep import Kept, file_of, write_kept
from edge.core.frame import Frame, Telemetry
from edge.core.geometry import Box
from edge.core.tech import Look
from edge.core.upkeep import Day
from tests.fakes.tech import PIN, TechDesk

FRAME_S = 0.12
WAIT_MS = 90_000
PAGES = ("picture", "lines", "calibration", "charts", "settings", "check")
FINDINGS = (
    Finding("python", "ok", "Python 3.11", "Python 3.11"),
    Finding("disk", "warning", "只剩 1.2 GB：请清理", "1.2 GB left: make space"),
    Finding("camera", "wrong", "找不到相机：请检查 USB 线", "no camera found: check its USB cable"),
)
BINS = [0] * 8 + [1, 3, 7, 12, 18, 14, 8, 5, 2, 1, 0, 0, 2, 1] + [0] * 10


class TechGate(TechDesk):
    """See the head. url: of its screen; `close` ends it."""

    def __init__(self, folder: Path) -> None:
        clock = SystemClock()
        super().__init__(folder, now_s=clock.now_s, charts=self._charts, doctor=_doctor)
        first = datetime.now(UTC).date() - timedelta(days=28)
        days = tuple(Day(first + timedelta(days=n), 0.3 + 0.012 * n, 35.3 + 0.1 * (n % 3), 400 + n) for n in range(29))
        write_kept(file_of(self.config), Kept(days, clock.stamp().utc_ms, ("clock",)))
        self._utc_ms = clock.stamp().utc_ms
        self.log.say("屏幕 / screen: http://127.0.0.1:8601/")
        self.screen = WebScreen(port=0)
        self.screen.attend(self.work)
        self.url = self.screen.url
        self.frozen = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def close(self) -> None:
        self._stop.set()
        self._thread.join()
        self.bench.calibration.stop()
        self.screen.close()
        self.clip.close()

    def _run(self) -> None:
        rng = np.random.default_rng(1)
        seq = 0
        while not self._stop.wait(FRAME_S):
            self.turn()
            self.lines.inputs()
            if self.frozen.is_set():
                continue
            seq += 1
            stored = _room(rng)
            frame = Frame(stored, seq, seq * FRAME_S, telemetry=Telemetry(serial="SIM-1", fpa_c=31.5, shutter="open"))
            self.clip.offer(frame)
            if self.picture.wanted and not self.bench.calibration.brings_pictures:
                corrected_c = np.rot90(stored.astype(np.float32) / np.float32(100) - np.float32(272.15), -1)
                self.picture.saw(Look(frame, 90, corrected_c, "ok", Box(20, 130, 33, 143), 36.0, 1.0))

    def _charts(self) -> Mapping[str, Any]:
        hours = [
            {"hour": hour, "count": sum(BINS), "median_c": 35.1 + hour / 50, "counts": BINS} for hour in (7, 8, 13, 14)
        ]
        made = [
            {
                "id": f"cal-{n}",
                "day": f"2026-0{n}-11",
                "gain": 1.02,
                "offset_k": 0.1,
                "error_k": 0.02 * n,
                "expanded_k": 0.4,
            }
            for n in (3, 6, 9)
        ]
        return {**charts(self.config, self._utc_ms), "hours": hours, "calibrations": made}


def _room(rng: np.random.Generator) -> np.ndarray[Any, np.dtype[np.uint16]]:
    """A stored frame, 120 x 160, lying on its side: a room, a person, a reference at 36 C."""
    upright = np.full((160, 120), 22.0)
    y, x = np.mgrid[:160, :120]
    upright[((x - 60) / 22) ** 2 + ((y - 60) / 30) ** 2 < 1] = 34.5
    upright[((x - 60) / 45) ** 2 + ((y - 150) / 50) ** 2 < 1] = 29.0
    upright[(x - 26.5) ** 2 + (y - 136.5) ** 2 < 40] = 36.0
    upright += rng.normal(0, 0.04, upright.shape)
    return np.rint((np.rot90(upright) + 273.15) * 100).astype(np.uint16)


def _doctor() -> Mapping[str, Any]:
    return {"findings": [{"name": one.name, "level": one.level, "zh": one.zh, "en": one.en} for one in FINDINGS]}


def opens(page: Page, url: str, name: str = "picture") -> None:
    """The technician's page, signed in, at this part of it."""
    page.goto(f"{url}tech")
    assert urlsplit(page.url).path == "/tech.html"
    signs_in(page)
    goes_to(page, name)


def signs_in(page: Page, pin: str = PIN) -> None:
    page.fill("[name=who]", "ma")
    page.fill("[name=pin]", pin)
    page.keyboard.press("Enter")
    expect(page.locator("#who")).to_have_text("ma", timeout=WAIT_MS)


def goes_to(page: Page, name: str) -> None:
    page.click(f"nav a[href='#{name}']")
    expect(page.locator(f"#{name}")).to_be_visible()
