"""What the doctor looks at on the board itself: the release in use, heat and power, the card's wear."""

import json
import shutil
import subprocess
import time
from pathlib import Path
from typing import Literal

Said = tuple[Literal["ok", "warning", "wrong"], str, str]

RELEASE_STATE = Path("/var/lib/foregate-release/state.json")
# Raspberry Pi documentation, vcgencmd get_throttled: bits of now, and the same 16 higher for "since boot".
THROTTLED = {
    0: ("供电电压过低", "the supply's voltage is too low"),
    1: ("频率被限制", "the clock is capped"),
    2: ("正在降频", "it is throttled"),
    3: ("达到软温限", "the soft temperature limit is reached"),
}
SINCE_BOOT = 16
# The Pi slows down from 80 C on (Raspberry Pi documentation, frequency management).
HOT_C, TOO_HOT_C = 70.0, 80.0
# A card of 32 GB that bears 3,000 cycles of each cell lasts ten years at 26 GB a day; cheap ones bear a tenth of that.
MUCH_MB_A_DAY = 2_600.0
LEAST_UPTIME_S = 3600.0
SECTOR_BYTES = 512
_TOO_MANY_BYTES = 65_536


def release(state_file: Path = RELEASE_STATE) -> Said:
    """What the last upgrade came to; of an installation that is no package, nothing."""
    try:
        state = json.loads(state_file.read_bytes()[:_TOO_MANY_BYTES])
        what, current, zh, en = (str(state[key]) for key in ("state", "current", "zh", "en"))
    except FileNotFoundError:
        return "ok", "不是由软件包安装", "not installed from a package"
    except (OSError, ValueError, RecursionError, KeyError, TypeError) as error:
        return (
            "warning",
            f"{state_file} 读不出（{type(error).__name__}）；请运行 sudo dpkg-reconfigure foregate",
            f"{state_file} cannot be read ({type(error).__name__}); run sudo dpkg-reconfigure foregate",
        )
    if what == "went_back":
        return (
            "warning",
            f"升级失败，已退回 {current}：{zh}；请把原因报告维护者，修好后再升级",
            f"an upgrade went wrong and {current} runs again: {en}; report why, and upgrade once it is repaired",
        )
    if what == "watching":
        return "ok", f"{current}，刚升级，正在观察", f"{current}, just upgraded and being watched"
    return "ok", current, current


def heat(thermal: Path = Path("/sys/class/thermal"), throttled: int | None = None) -> Said:
    """The board's temperature in C and, on a Pi, whether it was slowed down for heat or power. throttled: its bits."""
    bits = _throttled() if throttled is None else throttled
    found = [_number(zone / "temp") for zone in sorted(thermal.glob("thermal_zone*"))]
    warmest_c = max((milli / 1000 for milli in found if milli is not None), default=None)
    if warmest_c is None and bits is None:
        return "ok", "这台机器不报温度", "this machine tells no temperature"
    told = "" if warmest_c is None else f"{warmest_c:.0f} °C"
    for shift, level, zh, en in ((0, "wrong", "现在", "now"), (SINCE_BOOT, "warning", "开机以来曾经", "since boot")):
        causes = [words for bit, words in THROTTLED.items() if bits is not None and bits >> (bit + shift) & 1]
        if causes:
            remedy = _remedy(bits or 0, shift)
            said_zh, said_en = "、".join(one[0] for one in causes), ", ".join(one[1] for one in causes)
            sure: Literal["warning", "wrong"] = "wrong" if level == "wrong" else "warning"
            return sure, f"{told}；{zh}{said_zh}；{remedy[0]}", f"{told}; {en}: {said_en}; {remedy[1]}"
    if warmest_c is not None and warmest_c >= HOT_C:
        too_hot = warmest_c >= TOO_HOT_C
        return (
            "wrong" if too_hot else "warning",
            f"{told}；请加散热片，避开阳光，打开外壳的通风口",
            f"{told}; fit a heat sink, keep the sun off it, open the housing's vents",
        )
    return "ok", told or "未降频", told or "not throttled"


def wear(folder: Path, stat: Path | None = None, uptime_s: float | None = None) -> Said:
    """How much is written to the disk of this folder in a day, in MB, by the kernel's own count since boot."""
    file = _stat_file(folder) if stat is None else stat
    sectors = None if file is None else _field(file, 6)
    up_s = time.clock_gettime(time.CLOCK_BOOTTIME) if uptime_s is None else uptime_s
    if sectors is None:
        return "ok", "这个磁盘不报写入量", "this disk does not count what is written"
    if up_s < LEAST_UPTIME_S:
        return "ok", "开机不到一小时，还看不出", "not an hour since boot: too soon to tell"
    mb_a_day = sectors * SECTOR_BYTES / 1e6 / (up_s / 86_400)
    said = f"{mb_a_day:.0f} MB/d"
    if mb_a_day > MUCH_MB_A_DAY:
        return (
            "warning",
            f"每天写入 {said}，存储卡会早坏；请看是谁在写（sudo iotop -ao），见 docs/card.md",
            f"{said} are written, which wears a card out early; see who writes (sudo iotop -ao) and docs/card.md",
        )
    return "ok", f"每天写入 {said}", f"{said} are written"


def _throttled() -> int | None:
    file = Path("/sys/devices/platform/soc/soc:firmware/get_throttled")
    try:
        return int(file.read_text(encoding="ascii"), 16)
    except (OSError, ValueError):
        pass
    if shutil.which("vcgencmd") is None:
        return None
    try:
        said = subprocess.run(["vcgencmd", "get_throttled"], capture_output=True, text=True, timeout=5, check=False)
        return int(said.stdout.strip().partition("=")[2], 16)
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None


def _remedy(bits: int, shift: int) -> tuple[str, str]:
    if bits >> shift & 1:
        return "请换官方 5 V 3 A 电源和短粗的线", "use the official 5 V 3 A supply and a short, thick cable"
    return "请加散热片，避开阳光", "fit a heat sink and keep the sun off it"


def _stat_file(folder: Path) -> Path | None:
    """The kernel's counters of the block device below this folder (sysfs); None: it is none (tmpfs, overlay)."""
    device = folder.stat().st_dev
    here = Path(f"/sys/dev/block/{device >> 8 & 0xFFF}:{device & 0xFF}/stat")
    return here if here.exists() else None


def _field(file: Path, index: int) -> int | None:
    try:
        return int(file.read_text(encoding="ascii").split()[index])
    except (OSError, ValueError, IndexError):
        return None


def _number(file: Path) -> int | None:
    return _field(file, 0)
