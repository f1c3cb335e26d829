"""The README's picture of the guard's screen: a simulated gate, seen in Debian's Chromium.

python -m tools.screenshot docs/images/screen.png
"""

import sys
import tempfile
import threading
from pathlib import Path

from playwright.sync_api import sync_playwright

from edge.app.config import Config
from edge.app.gate_loop import run_gate

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WITHIN_MS = 60_000


def main() -> None:
    """Wait until the gate has let somebody in who still stands there, and write the picture."""
    stop, url, said = threading.Event(), threading.Event(), list[str]()

    def announce(line: str) -> None:
        said.append(line)
        url.set()

    with tempfile.TemporaryDirectory() as folder:
        config = Config.model_validate(
            {
                "gate": {"id": "gate-1", "name": "第一小学东门"},
                "camera": {"kind": "sim"},
                "sim": {"people_every_s": 5.0},
                "store": {"path": str(Path(folder) / "records.sqlite")},
                "screen": {"port": 0},
            }
        )
        gate = threading.Thread(target=run_gate, args=(config, stop, announce))
        gate.start()
        try:
            url.wait(30)
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
                page = browser.new_page(viewport={"width": 1280, "height": 800}, locale="zh-CN")
                page.goto(said[0].split()[-1])
                page.get_by_text("额温低于报警值").first.wait_for(timeout=WITHIN_MS)
                page.wait_for_timeout(300)
                page.screenshot(path=sys.argv[1])
                browser.close()
        finally:
            stop.set()
            gate.join()


if __name__ == "__main__":
    main()
