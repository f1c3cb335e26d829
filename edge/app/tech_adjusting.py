"""The technician's commands that change how the gate measures: its settings, and its calibration."""

from dataclasses import asdict, replace
from typing import Any

from edge.app.tech_bench import Bench, Task, Told, refused, said
from edge.app.tech_keys import Setting
from edge.app.tech_settings import Checked, TechSettings
from edge.app.tech_tasks import GateTasks

LEAST_DAYS, MOST_DAYS = 1, 730
MOST_CHANGES, LONGEST_CHANGE = 100, 2000
LONGEST_TYPED = 200


class SettingTasks:
    """What was there before each change is kept; each change names the text that it was made from."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench

    def tasks(self) -> dict[str, Task]:
        """By the name of the command."""
        return {
            "settings": Task(self._settings),
            "settings_check": Task(self._check, {"changes": dict}),
            "settings_save": Task(self._save, {"changes": dict, "base": str}),
            "settings_former": Task(self._former, {"version": str}),
            "settings_restore": Task(self._restore, {"version": str, "base": str}),
        }

    def _settings(self, who: str) -> Told:
        settings = self._file
        return {
            "settings": [_setting(one) for one in settings.settings()],
            "base": settings.base(),
            "versions": settings.versions(),
            "restart_needed": settings.restart_needed,
            "can_restart": self._bench.restart is not None,
        }

    def _check(self, who: str, changes: dict[str, Any]) -> Told:
        return _checked(self._file.check(_typed(changes)))

    def _save(self, who: str, changes: dict[str, Any], base: str) -> Told:
        checked = self._file.save(_typed(changes), base, who)
        self._note(checked, f"配置已修改 / configuration changed: {', '.join(changes)} ({who})")
        return _checked(checked)

    def _former(self, who: str, version: str) -> Told:
        return _checked(self._file.restorable(version))

    def _restore(self, who: str, version: str, base: str) -> Told:
        checked = self._file.restore(version, base, who)
        self._note(checked, f"配置已退回 / configuration taken back: {version} ({who})")
        return _checked(checked)

    def _note(self, checked: Checked, line: str) -> None:
        if not checked.problems and checked.diff:
            self._bench.log.say(line)

    @property
    def _file(self) -> TechSettings:
        settings = self._bench.settings
        if settings is None:
            raise refused("闸机未用配置文件启动，无处可存", "the gate runs without a configuration file to write to")
        return settings


class CalibrationTasks:
    """Somebody holds blackbodies before the camera: while it begins or goes on, nobody is let in."""

    def __init__(self, bench: Bench, gate: GateTasks) -> None:
        self._bench, self._gate = bench, gate

    def tasks(self) -> dict[str, Task]:
        """By the name of the command."""
        return {
            "calibration": Task(self._view, poll=True),
            "calibration_start": Task(self._start, {"again": bool, "valid_days": (int, float)}),
            "calibration_type": Task(self._type, {"code": str, "text": str}),
            "calibration_stop": Task(self._stop),
        }

    def _view(self, who: str) -> Told:
        return {**self._gate.state(who), **self._bench.calibration.view()}

    def _start(self, who: str, again: bool, valid_days: float) -> Told:
        if not LEAST_DAYS <= valid_days <= MOST_DAYS:
            raise refused(f"有效期须为 {LEAST_DAYS} 至 {MOST_DAYS} 天", f"valid for {LEAST_DAYS} to {MOST_DAYS} days")
        self._bench.lines.begin(who)
        self._bench.log.say(f"校准开始 / calibration begins: {who}")
        self._bench.calibration.start(again, float(valid_days))
        return self._view(who)

    def _type(self, who: str, code: str, text: str) -> Told:
        taken = len(text) <= LONGEST_TYPED and self._bench.calibration.type(code, text)
        return {"ok": taken, "code": "taken" if taken else "not_understood"}

    def _stop(self, who: str) -> Told:
        self._bench.calibration.stop()
        return self._view(who)


def _setting(one: Setting) -> Told:
    return {**asdict(replace(one, pinned=None)), "pinned": None if one.pinned is None else said(one.pinned)}


def _checked(checked: Checked) -> Told:
    return {
        "ok": not checked.problems,
        "problems": [{"key": key, "text": said(text)} for key, text in checked.problems],
        "diff": list(checked.diff),
    }


def _typed(changes: dict[str, Any]) -> dict[str, str]:
    fit = all(isinstance(v, str) and len(v) <= LONGEST_CHANGE and "\n" not in v for v in changes.values())
    if len(changes) > MOST_CHANGES or not fit:
        raise refused("请求无效，请刷新页面", "this is no change of the page's: load it again")
    return changes
