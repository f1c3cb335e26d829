"""What people write into the cells of a school's table -> what a roster holds. RosterError: it is no such thing."""

import re
import unicodedata
from datetime import date

from edge.core.errors import RosterError
from edge.core.roster import UNTIL_RELEASED, normal_badge

ROLES = {
    "pupil": ("学生", "幼儿", "pupil", "student"),
    "staff": ("教职工", "教师", "老师", "职工", "staff", "teacher"),
    "visitor": ("访客", "visitor"),
    "guard": ("保安", "门卫", "guard"),
    "medic": ("校医", "medic"),
}
YES = ("是", "有", "已批准", "批准", "同意", "齐全", "√", "✓", "y", "yes", "true", "1")
NO = ("否", "无", "没有", "未批准", "不批准", "不同意", "缺", "×", "x", "n", "no", "false", "0", "")
OPEN_END = ("待解除", "解除为止", "until released")
MOST_BADGES = 8
_DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_SCIENTIFIC = re.compile(r"\d(\.\d+)?E\+?\d+", re.IGNORECASE)
_BETWEEN_BADGES = re.compile(r"[;；,，、|\s]+")


def plain(cell: str) -> str:
    """A cell without blanks around it, its full-width letters and digits as the ASCII that is meant."""
    return unicodedata.normalize("NFKC", cell).strip()


def role(cell: str) -> str:
    """One of the roster's roles."""
    word = plain(cell).lower()
    found = next((one for one, words in ROLES.items() if word in words), None)
    if found is None:
        listed = "、".join(words[0] for words in ROLES.values())
        raise RosterError(f"{cell!r} 不是角色；可写 {listed}", f"{cell!r} is no role; write one of {listed}")
    return found


def yes_or_no(cell: str) -> bool:
    """Whether; an empty cell is a no."""
    word = plain(cell).lower()
    if word not in YES and word not in NO:
        raise RosterError(f"{cell!r} 看不懂；请写 是 或 否", f"{cell!r} is not understood; write 是 (yes) or 否 (no)")
    return word in YES


def day(cell: str) -> str | None:
    """A day as ISO date; None: an empty cell."""
    word = plain(cell)
    if not word:
        return None
    match = _DAY.fullmatch(word)
    try:
        return date(*(int(part) for part in match.groups())).isoformat() if match else _no_day(cell)
    except ValueError:
        return _no_day(cell)


def last_day(cell: str) -> str | None:
    """A day, or until somebody releases them; None: an empty cell."""
    return UNTIL_RELEASED if plain(cell).lower() in OPEN_END else day(cell)


def badges(cell: str) -> tuple[str, ...]:
    """Every badge in a cell, normalised, each once, between ; , 、 or blanks."""
    found: list[str] = []
    for word in _BETWEEN_BADGES.split(plain(cell)):
        if not word:
            continue
        badge = normal_badge(word)
        if _SCIENTIFIC.fullmatch(word):
            raise RosterError(
                f"{word!r} 已被表格软件改成科学计数法；请把该列设为“文本”后重新填写",
                f"badge {word!r} was turned into scientific notation; format the column as text and fill it in again",
            )
        if badge is None:
            raise RosterError(
                f"{word!r} 无效；请用 1–64 个字母、数字和 . _ -",
                f"{word!r} is no badge; use 1 to 64 letters, digits and . _ -",
            )
        if badge not in found:
            found.append(badge)
    if len(found) > MOST_BADGES:
        raise RosterError(f"一人最多 {MOST_BADGES} 个卡号", f"a person has at most {MOST_BADGES} badges")
    return tuple(found)


def minute(text: str) -> int:
    """A time of the day such as 07:30, as minutes from midnight (24:00 is 1440)."""
    match = re.fullmatch(r"(\d{1,2}):(\d{2})", plain(text))
    minutes = int(match[1]) * 60 + int(match[2]) if match and int(match[2]) < 60 else -1
    if not 0 <= minutes <= 1440:
        raise RosterError(f"{text!r} 不是时间；请写成 07:30", f"{text!r} is no time of day; write it as 07:30")
    return minutes


def _no_day(cell: str) -> str:
    raise RosterError(f"{cell!r} 不是日期；请写成 2026-03-02", f"{cell!r} is no date; write it as 2026-03-02")
