"""What a gate needs a technician for, and which gate first. Pure.

The order of the needs is that of their harm, and it is this file's order:

    contradiction   what it sent contradicts what is kept: evidence, nobody touches the gate before it is looked at
    camera          it measures nobody
    reference       it measures nobody: without a reference in the picture no fever is found
    calibration     the calibration has run out, or there is none: what it measures is worth nothing
    silent          in school hours not heard of for 15 minutes, otherwise not for 3 days
    disk            under 10 % free: soon it can write nothing and stays shut
    set_aside       records that the county refused wait for somebody to look
    backlog         1,200 records wait to be sent (a day of a school), or sending has held back for 10 minutes
    clock           its clock is not set: entry windows are not judged
    missing         sequence numbers never came
    drift           its median has moved and its neighbours' have not (county/core/drift.py)
    stepped         its offset at an opening was far from the days before: somebody touched reference or camera
    drift_soon      it will have drifted by more than its readings allow for within 14 days
    calibration_soon  runs out within 14 days
    version         not the software that most gates run

First comes the gate with the gravest need; of two with the same gravest the one with more needs; then by school and id.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from county.core.drift import Drift
from edge.core.health import OK, Health
from edge.core.texts import FAULTS, STATUSES, Text

SILENT_IN_HOURS_S = 15 * 60
SILENT_S = 3 * 86_400
DISK_FREE = 0.10
WAITING = 1_200
PAUSE_S = 600
SOON_MS = 14 * 86_400_000
_UNITS = ((86_400, "天", "days"), (3_600, "小时", "h"), (60, "分钟", "min"))
_CALIBRATE = Text("带黑体到现场校准", "Go there with a blackbody and calibrate")
# In the order of their harm.
REMEDIES = {
    "contradiction": Text(
        "这是证据：不要动存储卡，先由县级值班查看矛盾清单",
        "Evidence: leave its card alone, an officer looks at the list of contradictions first",
    ),
    "camera": Text("检查相机的 USB 线；不行就换相机", "Check the camera's cable, else exchange the camera"),
    "reference": Text(
        "检查参考黑体的电源和位置，预热 30 分钟", "Check the blackbody's power and place, warm it up for 30 min"
    ),
    "calibration": _CALIBRATE,
    "silent": Text(
        "请学校查看闸机是否通电、网线是否插好；还不行就到现场运行 foregate doctor",
        "Ask the school whether it has power and network; if so go and run foregate doctor there",
    ),
    "disk": Text("清理或更换存储卡（先同步完）", "Clear or exchange the card, after everything was sent"),
    "set_aside": Text("在闸机上运行 foregate records 查看原因", "foregate records at the gate says why"),
    "backlog": Text("检查学校的网络和县服务器地址", "Check the school's network and the county's address"),
    "clock": Text("检查网络对时（NTP）", "Check the network's time service (NTP)"),
    "missing": Text(
        "等同步补齐；一天后仍缺，就在闸机上运行 foregate verify",
        "Let the sync fill them in; if they still miss tomorrow, run foregate verify at the gate",
    ),
    "drift": Text(
        "清洁镜头和参考黑体，核对黑体温度；仍偏移就重新校准",
        "Clean lens and reference, check the reference's temperature; calibrate anew if it stays",
    ),
    "stepped": Text(
        "请学校查看参考黑体和相机是否被动过、镜头是否脏了；查不出就到现场",
        "Ask the school whether reference or camera was touched, or the lens is dirty; else go there",
    ),
    "drift_soon": Text("在那天之前带黑体到现场校准", "Go there with a blackbody and calibrate before that day"),
    "calibration_soon": _CALIBRATE,
    "version": Text("放学后升级软件", "Upgrade it after school"),
}
ORDER = tuple(REMEDIES)


@dataclass(frozen=True, slots=True)
class Need:
    """why: what is wrong."""

    code: str
    why: Text

    @property
    def remedy(self) -> Text:
        """What to do about it."""
        return REMEDIES[self.code]

    @property
    def grave(self) -> bool:
        """Whether the gate does not do its work, or what it says cannot be trusted."""
        return ORDER.index(self.code) <= ORDER.index("silent")


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a gate.

    working: its school's stage says that it should run; silent_s: since it was last heard of, None: never; health: the
    last it said of itself, None: nothing yet; contradictions: that nobody has settled; missing: numbers that never
    came; version: what most gates run, None: unknown; school_hours: whether school begins, is on or ends now;
    kept: how many of its records are here.
    """

    gate_id: str
    school: str
    working: bool
    silent_s: float | None
    health: Health | None
    contradictions: int
    missing: int
    drift: Drift | None
    version: str | None
    now_utc_ms: int
    school_hours: bool
    kept: int = 0

    @property
    def waiting(self) -> int:
        """Records that wait at the gate: as it told, less what has come since."""
        if self.health is None:
            return 0
        written = self.health.written - self.health.set_aside
        return max(0, written - max(self.health.acknowledged, self.kept))


def needs(facts: Facts) -> list[Need]:
    """What the gate needs, the gravest first; a gate that is not to work yet needs nothing but what contradicts."""
    found = [Need("contradiction", _contradictions(facts.contradictions))] if facts.contradictions else []
    if facts.working:
        found.extend(_silent(facts))
        found.extend(_of_records(facts))
        if facts.health is not None:
            found.extend(_of_health(facts.health, facts))
            found.extend(_of_calibration(facts.health.calibration_expires_utc_ms, facts.now_utc_ms))
            found.extend(_of_upkeep(facts.health, facts.now_utc_ms))
    return sorted(found, key=lambda need: ORDER.index(need.code))


def first_to_go(gates: Iterable[tuple[Facts, Sequence[Need]]]) -> list[tuple[Facts, Sequence[Need]]]:
    """The gates that need somebody, the first to go to first; those that need nobody are left out."""
    return sorted(
        ((facts, found) for facts, found in gates if found),
        key=lambda one: (
            min(ORDER.index(need.code) for need in one[1]),
            -len(one[1]),
            one[0].school,
            one[0].gate_id,
        ),
    )


def _contradictions(count: int) -> Text:
    return Text(f"有 {count} 处与县里保存的记录矛盾", f"{count} contradictions with what the county keeps")


def _silent(facts: Facts) -> Iterator[Need]:
    if facts.silent_s is None:
        yield Need("silent", Text("从未连接", "Never heard of"))
    elif facts.silent_s > (SILENT_IN_HOURS_S if facts.school_hours else SILENT_S):
        size_s, zh, en = next(unit for unit in _UNITS if facts.silent_s >= unit[0])
        ago = int(facts.silent_s // size_s)
        yield Need("silent", Text(f"{ago} {zh}没有消息", f"Not heard of for {ago} {en}"))


def _of_records(facts: Facts) -> Iterator[Need]:
    if facts.missing:
        yield Need("missing", Text(f"缺 {facts.missing} 条记录", f"{facts.missing} records never came"))
    if facts.drift is not None and facts.drift.counts:
        k = facts.drift.moved_k
        yield Need("drift", Text(f"额温中位数偏移 {k:+.2f} K", f"Median forehead moved by {k:+.2f} K"))


def _of_health(health: Health, facts: Facts) -> Iterator[Need]:
    if health.camera != OK:
        yield Need("camera", told(health.camera))
    if health.reference != OK:
        yield Need("reference", told(health.reference))
    if health.disk_free_fraction < DISK_FREE:
        left = f"{health.disk_free_fraction:.0%}"
        yield Need("disk", Text(f"磁盘只剩 {left}", f"{left} of the disk left"))
    if health.set_aside:
        yield Need("set_aside", Text(f"{health.set_aside} 条记录被搁置", f"{health.set_aside} records set aside"))
    waiting = facts.waiting
    if waiting >= WAITING or health.pause_s >= PAUSE_S:
        yield Need("backlog", Text(f"{waiting} 条记录等待发送", f"{waiting} records wait to be sent"))
    if not health.clock_ok:
        yield Need("clock", Text("时间未校准", "The clock is not set"))
    own = health.software_version
    if facts.version is not None and own != facts.version:
        yield Need("version", Text(f"软件 {own}，多数为 {facts.version}", f"Runs {own}, most run {facts.version}"))


def _of_calibration(expires_utc_ms: int | None, now_utc_ms: int) -> Iterator[Need]:
    if expires_utc_ms is None:
        yield Need("calibration", Text("没有校准证书", "No certificate of calibration"))
    elif expires_utc_ms <= now_utc_ms:
        yield Need("calibration", Text("校准已过期", "The calibration has run out"))
    elif expires_utc_ms - now_utc_ms < SOON_MS:
        days = (expires_utc_ms - now_utc_ms) // 86_400_000
        yield Need("calibration_soon", Text(f"校准 {days} 天后到期", f"The calibration ends in {days} days"))


def _of_upkeep(health: Health, now_utc_ms: int) -> Iterator[Need]:
    """What the gate itself finds out about its drift between calibrations."""
    if health.offset_stepped_k is not None:
        k = health.offset_stepped_k
        yield Need("stepped", Text(f"开门时零点突变 {k:+.2f} K", f"The offset at opening has jumped by {k:+.2f} K"))
    leaves_ms = health.drift_leaves_utc_ms
    if leaves_ms is None or leaves_ms - now_utc_ms >= SOON_MS:
        return
    moved = "" if health.drift_k is None else f" {health.drift_k:+.2f} K"
    if leaves_ms <= now_utc_ms:
        yield Need("drift_soon", Text(f"漂移{moved}，已超出允许", f"Drifted{moved}, more than its readings allow for"))
        return
    days = max(1, (leaves_ms - now_utc_ms) // 86_400_000)
    yield Need(
        "drift_soon",
        Text(f"漂移{moved}，{days} 天后超出允许", f"Drifted{moved}, more than allowed for in {days} days"),
    )


def told(code: str) -> Text:
    """What a camera's or a reference's code is called."""
    return STATUSES.get(code) or FAULTS.get(code) or Text(code, code)
