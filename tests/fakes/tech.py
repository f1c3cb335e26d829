"""A technician's desk on a gate of fakes: the camera's frames and the gate's loop are moved by the test."""

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from edge.app.config_file import load
from edge.app.tech_bench import Bench
from edge.app.tech_calibration import TechCalibration
from edge.app.tech_clip import TechClip
from edge.app.tech_files import tech_files
from edge.app.tech_lines import TechLines
from edge.app.tech_log import TechLog
from edge.app.tech_picture import TechPicture
from edge.app.tech_sessions import TechSessions
from edge.app.tech_settings import TechSettings
from edge.app.tech_work import TechWork
from edge.core.frame import CameraInfo
from edge.core.tech import TechAnswer
from edge.core.texts import Text
from tests.fakes.clock import FakeClock
from tests.fakes.fake_gate_io import FakeGateIO
from tests.fakes.guards import FakeGuards

PIN = "508213"
WAIT_S = 20.0
CONFIG = """\
# 东门 / the east gate
[gate]
id = "gate-7"
name = "东门"

[camera]
kind = "sim"

[policy]
fever_forehead_c = 36.2  # 冬天 / in winter

[pins]
exit = 5
fire = 6
"""


class TechDesk:
    """See the head. `ask` is one command of whoever has signed in, `told` its answer; `turn` one round of the loop."""

    def __init__(
        self,
        folder: Path,
        config: str = CONFIG,
        pinned: dict[str, Text] | None = None,
        now_s: Callable[[], float] | None = None,
        **bench: Any,
    ) -> None:
        self.file = folder / "gate.toml"
        self.file.write_text(config, encoding="utf-8")
        self.config = load(self.file)
        self.clock = FakeClock()
        now_s = now_s or self.clock.now_s
        self.gate_io, self.technicians = FakeGateIO(), FakeGuards()
        self.technicians.add("ma", "technician", PIN)
        self.said: list[str] = []
        self.restarted = 0
        self.log = TechLog(self.said.append)
        self.lines = TechLines(self.gate_io, self.log.say, now_s)
        self.picture = TechPicture(now_s)
        info = CameraInfo("sim", 120, 160, rotation_deg=90)
        self.clip = TechClip(folder / "clip.d", info, "1.0", self.log.say)
        self.bench = Bench(
            config=self.config,
            camera=info,
            rotation_deg=90,
            sessions=TechSessions(self.technicians, now_s),
            lines=self.lines,
            picture=self.picture,
            log=self.log,
            calibration=TechCalibration(self.config, info, self.picture, self.log.say),
            clip=self.clip,
            settings=TechSettings(self.file, folder / "settings.d", lambda: pinned or {}),
            restart=self._restart,
            files=tech_files(self.config, self.file, self.log, self.clip, lambda: self.clock.stamp().utc_ms),
            **bench,
        )
        self.work = TechWork(self.bench)
        self.session: str | None = None

    def ask(self, do: str, **fields: Any) -> TechAnswer:
        answer = self.work.ask(json.dumps({"do": do, **fields}).encode(), self.session)
        if answer.session is not None:
            self.session = answer.session
        return answer

    def told(self, do: str, **fields: Any) -> dict[str, Any]:
        return dict(self.ask(do, **fields).told)

    def signs_in(self, who: str = "ma") -> None:
        assert self.told("sign_in", who=who, pin=PIN)["code"] == "signed_in"

    def turn(self) -> bool:
        """One round of the gate's loop."""
        return self.lines.turn(self.clock.now_s())

    def while_the_gate_turns(self, what: Callable[[], Any]) -> Any:
        """What is waited for by somebody, while the gate's loop goes on."""
        found: list[Any] = []
        asking = threading.Thread(target=lambda: found.append(what()))
        asking.start()
        while asking.is_alive():
            self.turn()
            asking.join(0.01)
        return found[0]

    def _restart(self) -> None:
        self.restarted += 1
