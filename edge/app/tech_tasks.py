"""The technician at the gate itself: state, maintenance, each line tried, boxes on the picture, a clip, a restart.

What opens the gate or ends it takes a ticket, and a ticket is good for once: a request that is sent again does nothing.
"""

import secrets
import threading
from dataclasses import asdict
from typing import Any

from edge.app.tech_bench import Bench, Task, Told, is_a, refused
from edge.app.tech_clip import LEAST_S, MOST_S
from edge.app.tech_lines import INPUTS, OUTPUTS
from edge.core.geometry import Box, to_sensor

# What the picture's colours run over.
LOW_C, HIGH_C = 15.0, 42.0
FURTHEST_PX = 10_000


class GateTasks:
    """See the head of this file."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._lock = threading.Lock()
        self._ticket = secrets.token_urlsafe(16)

    def tasks(self) -> dict[str, Task]:
        """By the name of the command."""
        return {
            "state": Task(self.state, poll=True),
            "maintenance": Task(self._maintenance, {"on": bool}),
            "try_output": Task(self._try_output, {"name": str, "ticket": str}),
            "listen": Task(self._listen, {"name": str}),
            "drawn": Task(self._drawn, {"box": list}),
            "restart": Task(self._restart, {"ticket": str}),
            "clip": Task(lambda who: self._bench.clip.view(), poll=True),
            "clip_begin": Task(self._clip_begin, {"seconds": int, "agreed": bool}),
            "clip_forget": Task(self._clip_forget),
            "log": Task(self._log, poll=True),
            "charts": Task(lambda who: self._bench.charts()),
            "doctor": Task(lambda who: self._bench.doctor()),
        }

    def state(self, who: str) -> Told:
        """What every page shows at its head, and what the lines are about."""
        bench = self._bench
        listens, heard = bench.lines.heard()
        with self._lock:
            ticket = self._ticket
        return {
            "who": who,
            "gate": bench.config.gate.name or bench.config.gate.id,
            "maintenance": bench.lines.by,
            "ticket": ticket,
            "listens": listens,
            "heard": [asdict(one) for one in heard],
            "outputs": list(OUTPUTS),
            "inputs": [name for name in INPUTS if getattr(bench.config.pins, name) is not None],
            "calibrating": bench.calibration.running,
            "restart_needed": bench.settings is not None and bench.settings.restart_needed,
            "can_restart": bench.restart is not None,
            "face_px": bench.config.policy.min_face_width_px,
            "low_c": LOW_C,
            "high_c": HIGH_C,
        }

    def leave(self, why: str) -> None:
        """The gate works again."""
        self._bench.calibration.stop()
        self._bench.lines.end(why)

    def _maintenance(self, who: str, on: bool) -> Told:
        if on:
            self._bench.lines.begin(who)
        else:
            self.leave("由技术员 / by the technician")
        return self.state(who)

    def _spent(self, ticket: str) -> bool:
        """Whether this was the ticket; it is none any more."""
        with self._lock:
            held, self._ticket = self._ticket, secrets.token_urlsafe(16)
        return secrets.compare_digest(held.encode(), ticket.encode(errors="replace"))

    def _try_output(self, who: str, name: str, ticket: str) -> Told:
        if not self._spent(ticket):
            return {**self.state(who), "ok": False, "code": "once_only"}
        tried = self._bench.lines.try_output(name)
        return {**self.state(who), "ok": tried == "tried", "code": tried}

    def _listen(self, who: str, name: str) -> Told:
        listens = self._bench.lines.listen(name)
        return {**self.state(who), "ok": listens, "code": "listens" if listens else "not_in_maintenance"}

    def _drawn(self, who: str, box: list[Any]) -> Told:
        """A box on the upright picture, as the configuration writes it: over the stored frame."""
        if len(box) != 4 or not all(is_a(one, (int, float)) and abs(one) < FURTHEST_PX for one in box):
            raise refused("请在画面上画一个框", "draw a box on the picture")
        info, turned = self._bench.camera, self._bench.rotation_deg in (90, 270)
        wide, high = (info.rows, info.columns) if turned else (info.columns, info.rows)
        x0, y0, x1, y1 = (float(one) for one in box)
        upright = Box(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)).clipped(wide, high)
        stored = to_sensor(upright, self._bench.rotation_deg, wide, high)
        edges = ", ".join(f"{edge:g}" for edge in (stored.x0, stored.y0, stored.x1, stored.y1))
        return {"region": f"[{edges}]", "face_px": f"{upright.width_px:g}"}

    def _restart(self, who: str, ticket: str) -> Told:
        restart = self._bench.restart
        if restart is None or not self._spent(ticket):
            return {"ok": False, "code": "no_restart" if restart is None else "once_only"}
        self._bench.log.say(f"由技术员重启 / restarted by a technician: {who}")
        restart()
        return {"code": "restarting"}

    def _clip_begin(self, who: str, seconds: int, agreed: bool) -> Told:
        if not agreed:
            raise refused("画面上有人：请先征得同意", "it shows people: have their consent first")
        if not LEAST_S <= seconds <= MOST_S:
            raise refused(f"请录 {LEAST_S} 至 {MOST_S} 秒", f"record for {LEAST_S} to {MOST_S} seconds")
        begun = self._bench.clip.begin(seconds, who)
        return {**self._bench.clip.view(), "ok": begun, "code": "recording" if begun else "too_busy"}

    def _clip_forget(self, who: str) -> Told:
        if not self._bench.clip.recording:
            self._bench.clip.forget()
        return self._bench.clip.view()

    def _log(self, who: str) -> Told:
        return {"lines": [{"at": at, "line": line} for at, line in self._bench.log.lines()]}
