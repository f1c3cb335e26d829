"""What the technician's page asks of the gate: who may ask, and what they are answered.

One command is one JSON object, `do` and exactly its fields. Nothing but signing in is answered to somebody who has not
signed in. What moves the gate (a relay's pulse, a restart, a new configuration) is a line in the log with who did it.
"""

from edge.app.tech_adjusting import CalibrationTasks, SettingTasks
from edge.app.tech_bench import Bench, Told, is_a
from edge.app.tech_tasks import GateTasks
from edge.core.errors import ForegateError
from edge.core.strict_json import read_object
from edge.core.tech import TechAnswer, TechFile

FRAME_WITHIN_S = 1.0
MOST_BYTES = 64 * 1024
LONGEST_PIN = 64
_BAD = {"ok": False, "code": "not_understood"}


class TechWork:
    """See `edge.ports.Technician`."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._gate = GateTasks(bench)
        self._tasks = {
            **self._gate.tasks(),
            **SettingTasks(bench).tasks(),
            **CalibrationTasks(bench, self._gate).tasks(),
        }

    def ask(self, body: bytes, session: str | None) -> TechAnswer:
        """See the port."""
        asked = read_object(body, MOST_BYTES)
        do = None if asked is None else asked.pop("do", None)
        if asked is None or not isinstance(do, str):
            return TechAnswer(_BAD, 400)
        if do == "sign_in":
            return self._sign_in(asked)
        if do == "sign_out":
            return self._sign_out(session)
        task = self._tasks.get(do)
        # Half an hour of warm-up is no absence.
        acts = task is not None and (not task.poll or self._bench.calibration.running)
        who = self._bench.sessions.who(session, acts)
        if who is None:
            return TechAnswer({"ok": False, "code": "sign_in_first"}, 401, ended=session is not None)
        if task is None or asked.keys() != task.fields.keys():
            return TechAnswer(_BAD, 400)
        if not all(is_a(asked[name], kinds) for name, kinds in task.fields.items()):
            return TechAnswer(_BAD, 400)
        if self._bench.lines.by == who:
            self._bench.lines.still_there()
        try:
            return TechAnswer({"ok": True, **task.do(who, **asked)})
        except ForegateError as error:
            return TechAnswer({"ok": False, "code": "refused", "zh": error.zh, "en": error.en}, 409)

    def frame(self, session: str | None, after: int) -> bytes | None:
        """See the port."""
        if self._bench.sessions.who(session, acts=False) is None:
            return None
        return self._bench.picture.newer(after, FRAME_WITHIN_S)

    def file(self, session: str | None, name: str) -> TechFile | None:
        """See the port."""
        who = self._bench.sessions.who(session, acts=True)
        made = self._bench.files.get(name)
        if who is None or made is None:
            return None
        self._bench.log.say(f"技术员下载 / a technician downloads: {name} ({who})")
        return made()

    def _sign_in(self, asked: Told) -> TechAnswer:
        who, pin = asked.get("who"), asked.get("pin")
        if asked.keys() != {"who", "pin"} or not isinstance(who, str) or not isinstance(pin, str):
            return TechAnswer(_BAD, 400)
        if len(pin) > LONGEST_PIN or len(who) > LONGEST_PIN:
            return TechAnswer(_BAD, 400)
        secret, code = self._bench.sessions.sign_in(who, pin)
        if secret is None:
            return TechAnswer({"ok": False, "code": code}, 403)
        self._bench.log.say(f"技术员登录 / technician signed in: {who}")
        return TechAnswer({"ok": True, "code": code, "who": who}, session=secret)

    def _sign_out(self, session: str | None) -> TechAnswer:
        who = self._bench.sessions.who(session, acts=False)
        self._bench.sessions.sign_out(session)
        if who is not None and self._bench.lines.by == who:
            self._gate.leave("退出 / signed out")
        return TechAnswer({"ok": True, "code": "signed_out"}, ended=True)
