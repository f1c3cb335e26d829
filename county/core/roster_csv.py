"""The bytes of a school's table (CSV, UTF-8 or GBK) -> rows, or everything that is wrong with it, by row."""

import csv
import io
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from county.core import roster_words as words
from edge.core.contents import NAME
from edge.core.errors import RosterError

MOST_BYTES = 64 * 2**20
MOST_TOLD = 20


@dataclass(frozen=True, slots=True)
class Row:
    """One person of the table: the row's number as a spreadsheet counts, and what its cells say, by field."""

    number: int
    person_id: str
    given: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Table:
    """unused: columns that mean nothing here."""

    rows: tuple[Row, ...]
    unused: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Complaint:
    """What is wrong, and in which row (1 is the first)."""

    row: int
    zh: str
    en: str


def _person_id(cell: str) -> str:
    found = words.plain(cell)
    if not NAME.fullmatch(found):
        raise RosterError(
            f"{cell!r} 无效；请用 1–64 个字母、数字和 . _ -，以字母或数字开头",
            f"{cell!r} is no id; use 1 to 64 letters, digits and . _ -, a letter or digit first",
        )
    return found


def _name(cell: str) -> str:
    found = cell.strip()
    if not 1 <= len(found) <= 60:
        raise RosterError("姓名须为 1–60 个字", "a name has 1 to 60 characters")
    return found


def _class_name(cell: str) -> str | None:
    found = cell.strip()
    return _name(found) if found else None


# Field -> what its column may be called, and how its cells are read. The first word is the one to teach.
COLUMNS: dict[str, tuple[tuple[str, ...], Callable[[str], Any]]] = {
    "person_id": (("编号", "学号", "工号", "id"), _person_id),
    "name": (("姓名", "name"), _name),
    "role": (("角色", "身份", "role"), words.role),
    "class": (("班级", "class"), _class_name),
    "badges": (("卡号", "证件号", "badges", "badge"), words.badges),
    "approved": (("返校批准", "approved"), words.yes_or_no),
    "observation_until": (("医学观察至", "observation_until"), words.last_day),
    "health_record": (("健康记录", "health_record"), words.yes_or_no),
    "valid_from": (("有效期自", "valid_from"), words.day),
    "valid_until": (("有效期至", "valid_until"), words.day),
}
NEEDED = ("person_id", "name", "role")


def read_table(content: bytes) -> Table:
    """The rows of a table. RosterError: all that is wrong with it, a line for each row, in both languages."""
    if len(content) > MOST_BYTES:
        raise RosterError("文件超过 64 MiB；请按学校拆分", "the file has more than 64 MiB; split it by school")
    text = _decoded(content)
    first = text.partition("\n")[0]
    separator = max(",\t;", key=first.count)
    return read_cells(csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=separator))


def read_cells(cells_of_rows: Iterable[list[str]], complaints: Iterable[Complaint] = ()) -> Table:
    """The same of cells, the first row being the head; complaints: what is known to be wrong already."""
    found = list(complaints)
    rows: list[Row] = []
    number = 1
    reader = iter(cells_of_rows)
    try:
        places, unused = _places(next(reader, []))
        for number, cells in enumerate(reader, 2):
            if any(cell.strip() for cell in cells):
                _read_row(number, cells, places, rows, found)
    except csv.Error as error:
        found.append(
            Complaint(number + 1, f"不是 CSV（{error}）；请检查引号", f"is no CSV ({error}); check the quotes")
        )
    if not rows and not found:
        found.append(Complaint(2, "没有人", "there is nobody"))
    refuse(found)
    return Table(tuple(rows), unused)


def refuse(complaints: Iterable[Complaint]) -> None:
    """RosterError when there are any, with the first of them; nothing is imported then."""
    found = sorted(complaints, key=lambda one: one.row)
    if not found:
        return
    zh = [f"第 {one.row} 行：{one.zh}" for one in found[:MOST_TOLD]]
    en = [f"row {one.row}: {one.en}" for one in found[:MOST_TOLD]]
    if more := len(found) - MOST_TOLD if len(found) > MOST_TOLD else 0:
        zh.append(f"……还有 {more} 处")
        en.append(f"... and {more} more")
    raise RosterError("\n".join([*zh, "什么都没有导入"]), "\n".join([*en, "nothing was imported"]))


def column_name(field: str) -> str:
    """What a field's column is called in Chinese."""
    return COLUMNS[field][0][0]


def _decoded(content: bytes) -> str:
    utf16 = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    # What spreadsheet programs in China write when they are asked for CSV; GB 18030 contains GBK.
    for encoding in ("utf-16",) if utf16 else ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise RosterError(
        "文件不是 UTF-8 也不是 GBK；请另存为“CSV UTF-8”", "the file is neither UTF-8 nor GBK; save it as CSV UTF-8"
    )


def _places(head: list[str]) -> tuple[dict[str, int], tuple[str, ...]]:
    places: dict[str, int] = {}
    unused: list[str] = []
    for place, title in enumerate(head):
        word = words.plain(title).lower()
        field = next((one for one, (titles, _) in COLUMNS.items() if word in titles), None)
        if field is None:
            unused += [title.strip()] if word else []
        elif field in places:
            refuse([Complaint(1, f"有两列“{column_name(field)}”", f"two columns are {column_name(field)} ({field})")])
        else:
            places[field] = place
    if missing := [field for field in NEEDED if field not in places]:
        zh = "、".join(map(column_name, missing))
        refuse([Complaint(1, f"缺少列 {zh}", f"there is no column {zh} ({', '.join(missing)})")])
    return places, tuple(unused)


def _read_row(
    number: int, cells: list[str], places: Mapping[str, int], rows: list[Row], complaints: list[Complaint]
) -> None:
    given: dict[str, Any] = {}
    for field, place in places.items():
        try:
            given[field] = COLUMNS[field][1](cells[place] if place < len(cells) else "")
        except RosterError as error:
            title = column_name(field)
            complaints.append(Complaint(number, f"{title}：{error.zh}", f"{title} ({field}): {error.en}"))
    if "person_id" in given:
        rows.append(Row(number, given.pop("person_id"), given))
