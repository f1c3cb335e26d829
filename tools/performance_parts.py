"""What is measured of the whole: each part a command of this repository, and where its figures stand in what it prints.

A figure's name is its key in a saved run. Words are Chinese and English. most, least: the goal, None: it has none.
"""

import re
from dataclasses import dataclass
from re import Pattern

from edge.core.texts import Text

NUMBER = r"([-+]?[\d,]+(?:\.\d+)?)"
STAGES = {
    "haar": Text("OpenCV 正脸级联（基准）", "OpenCV's frontal Haar cascade (the baseline)"),
    "decode": Text("解码：取出计数和遥测", "decode: counts and telemetry out of the packet"),
    "radiometry": Text("辐射测温：计数到温度，转正", "radiometry: counts to degrees, upright"),
    "detection": Text("检测：神经网络", "detection: the network"),
    "reference": Text("参考：查看、跟踪", "reference: looked at and followed"),
    "forehead": Text("额头：读数和不确定度", "forehead: readings with their uncertainty"),
    "tracking": Text("跟踪与测量判断", "tracking, and what a track is worth"),
    "decision": Text("判定：是谁、放不放行、信号", "decision: who it is, verdict, signals"),
    "screen": Text("屏幕：状态和画面（一位观看者）", "screen: state and picture for one viewer"),
    "gate": Text("整台闸机，含记录", "the gate's whole loop, records included"),
}
CAMERAS = {"lepton": "Lepton 160×120", "boson": "Boson 320×256"}
GOAL_HAAR = 0.25
GOAL_CORE = {"lepton": 0.15, "boson": 0.40}
GOAL_INSTRUCTIONS_M = {"lepton": 20.0, "boson": None}


@dataclass(frozen=True, slots=True)
class Figure:
    """One number. pattern: finds it, by its only group; without a group it says yes where it is found."""

    key: str
    words: Text
    unit: str
    pattern: Pattern[str]
    most: float | None = None
    least: float | None = None
    digits: int = 2

    def met(self, value: float) -> bool | None:
        """Whether the goal is met; None: there is none."""
        if self.most is None and self.least is None:
            return None
        return (self.most is None or value <= self.most) and (self.least is None or value >= self.least)


@dataclass(frozen=True, slots=True)
class Part:
    """command: after the interpreter. long: left out unless it is asked for by name."""

    name: str
    words: Text
    command: tuple[str, ...]
    figures: tuple[Figure, ...]
    long: bool = False


def _figure(
    key: str, zh: str, en: str, unit: str, pattern: str, *, most: float | None = None, least: float | None = None,
    digits: int = 2,
) -> Figure:  # fmt: skip
    return Figure(key, Text(zh, en), unit, re.compile(pattern.replace("#", NUMBER), re.M), most, least, digits)


def _cost(camera: str) -> tuple[Figure, ...]:
    found = []
    for stage, words in STAGES.items():
        line, whole = rf"^cost {camera} {stage}: ", stage == "gate"
        most = GOAL_HAAR if whole and camera == "lepton" else None
        core = GOAL_CORE[camera] if whole else None
        count = GOAL_INSTRUCTIONS_M[camera] if whole else None
        key = f"{camera}.{stage}"
        found += [
            _figure(f"{key}.ratio", words.zh, words.en, "Haar", f"{line}# of Haar", most=most, digits=3),
            _figure(f"{key}.instructions", words.zh, words.en, "M", f"{line}.*?# M instructions", most=count),
            _figure(f"{key}.core", words.zh, words.en, "", f"{line}.*?# of a core", most=core, digits=4),
        ]
    return tuple(found)


PARTS = (
    Part("cost", Text("每帧的开销", "What a frame costs"), ("tools.bench_cost",), (*_cost("lepton"), *_cost("boson"))),
    Part(
        "store",
        Text("写入", "Writing"),
        ("tools.store_cost",),
        (
            _figure("store.haar", "写一条记录（链、签名、fsync）", "one record (chain, signature, fsync)", "Haar",
                    r"一条记录 / one record: #", digits=2),
            _figure("store.bytes", "每人写入", "bytes written per person", "kB", r"合计 / in all: #", digits=1),
            _figure("store.year", "1,160 人、200 天一年", "1,160 people on 200 days a year", "GB", r"a year: # GB",
                    digits=1),
        ),
    ),
    Part(
        "start",
        Text("启动", "Start"),
        ("tools.start_cost",),
        (
            _figure("start.cpu", "从启动到就绪，处理器时间", "processor time until ready", "s",
                    r"until ready: #", most=2.0),
            _figure("start.first", "相机第一帧到第一帧可判定", "camera's first frame to the first decided on", "s",
                    r"first decided: #", most=2.0),
            _figure("start.memory", "内存，闸机和同步", "memory of gate and sync", "MB", r"= # MB", most=250.0,
                    digits=0),
        ),
    ),
    Part(
        "delay",
        Text("从判定的一帧到继电器", "From the frame that decides to the relay's wire"),
        ("tools.bench_delay",),
        (
            _figure("delay.people", "放行的人数", "people let in", "", r"# were let in", digits=0),
            _figure("delay.median", "中位数", "median", "ms", r"median # ms", digits=1),
            _figure("delay.p99", "99 百分位", "99th percentile", "ms", r"p99 # ms", most=20.0, digits=1),
            _figure("delay.worst", "最坏", "worst", "ms", r"worst # ms", digits=1),
        ),
        long=True,
    ),
    Part(
        "memory",
        Text("24 小时的内存", "Memory over 24 hours"),
        ("tools.memory_day",),
        (
            _figure("memory.frames", "帧", "frames", "", r"# 帧", least=100_000, digits=0),
            _figure("memory.end", "24 小时后", "after 24 hours", "MB", r"# \(end\)", digits=0),
            _figure("memory.growth", "每天增长", "growth in a day", "MB", r"growth: #", most=5.0, digits=1),
        ),
        long=True,
    ),
    Part(
        "soak",
        Text("整整一天（`make soak`）", "A whole day (`make soak`)"),
        ("tools.soak",),
        (
            _figure("soak.frames", "帧", "frames", "", r"^# 帧", least=70_000, digits=0),
            _figure("soak.people", "人", "people", "", r"# 人 / people", least=3_000, digits=0),
            _figure("soak.measured", "测到", "measured", "", r"measured #", digits=0),
            _figure("soak.unseen", "从未检测到（闸门未开）", "never detected (the gate stayed shut)", "",
                    r"stayed shut: #", most=30, digits=0),
            _figure("soak.twice", "同一人的第二条记录", "second records of one person", "", r"lost sight of #", most=30,
                    digits=0),
            _figure("soak.away", "相机拔出次数", "times the camera was unplugged", "", r"unplugged # 次", digits=0),
            _figure("soak.end", "最后的内存", "memory at the end", "MB", r"MB: .*, # \(\d+\)$", digits=0),
            _figure("soak.adds_up", "全部相符", "everything adds up", "", r"everything adds up", least=1, digits=0),
        ),
        long=True,
    ),
    Part(
        "morning",
        Text("早高峰（`make morning`）", "A morning's crowd (`make morning`)"),
        ("tools.morning",),
        (
            _figure("morning.people", "人", "people", "", r"^# 人，", digits=0),
            _figure("morning.adds_up", "全部相符", "everything adds up", "", r"adds up|全部相符", least=1, digits=0),
            _figure("morning.rate", "每分钟人数，两条通道", "people a minute, two lanes", "", r"# 人/分", digits=1),
        ),
        long=True,
    ),
    Part(
        "backlog",
        Text("60 天的积压", "A backlog of 60 days"),
        ("tools.backlog", "--days", "60"),
        (
            _figure("backlog.minutes", "送完", "until it is sent", "min", r"\(# min\)", digits=1),
            _figure("backlog.rate", "同步", "sync", "/s", r"min\), #/s", digits=0),
            _figure("backlog.today", "其间当天记录最长等待", "longest wait of a record of today meanwhile", "s",
                    r"longest # s"),
        ),
        long=True,
    ),
    Part(
        "county",
        Text("县级服务器，SQLite", "The county's server, SQLite"),
        ("tools.county_load",),
        (
            _figure("county.rate", "接收", "taken in", "/s", r"throughput # records", digits=0),
            _figure("county.us", "每条记录用一个核", "of a core per record", "µs", r"used # us", digits=0),
            _figure("county.per_core", "每核每秒", "per second and core", "/s", r"# records/s per core", digits=0),
            _figure("county.p99", "一批的 99 百分位", "a batch, 99th percentile", "s", r"p99 # s"),
            _figure("county.adds_up", "全部相符", "everything adds up", "", r"^adds up", least=1, digits=0),
        ),
        long=True,
    ),
    Part(
        "county-pg",
        Text("县级服务器，PostgreSQL", "The county's server, PostgreSQL"),
        ("tools.county_load", "--database", "postgresql"),
        (
            _figure("pg.rate", "接收", "taken in", "/s", r"throughput # records", digits=0),
            _figure("pg.us", "每条记录用一个核", "of a core per record", "µs", r"used # us", digits=0),
            _figure("pg.per_core", "每核每秒", "per second and core", "/s", r"# records/s per core", digits=0),
            _figure("pg.p99", "一批的 99 百分位", "a batch, 99th percentile", "s", r"p99 # s"),
            _figure("pg.adds_up", "全部相符", "everything adds up", "", r"^adds up", least=1, digits=0),
        ),
        long=True,
    ),
    Part("profile", Text("时间去了哪里", "Where the time goes"), ("tools.profile_gate",), ()),
)  # fmt: skip


def found_in(part: Part, printed: str) -> dict[str, float]:
    """The figures of this part in what its command printed; those that are not there are left out, and what only says
    yes is 1 or 0."""
    values = {}
    for figure in part.figures:
        match = figure.pattern.search(printed)
        if not figure.pattern.groups:
            values[figure.key] = float(match is not None)
        elif match is not None:
            values[figure.key] = float(match[1].replace(",", ""))
    return values
