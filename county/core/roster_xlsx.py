"""The bytes of a workbook (XLSX) -> the cells of its first sheet, as text. A workbook is a stranger's zip file.

Nothing in it is computed: a formula is refused, not believed, and links and macros are not looked at. What it unpacks
to is bounded before anything is unpacked; the sizes in a zip's directory bind, since no more than them is read.
"""

import io
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from county.core.roster_csv import Complaint
from edge.core.errors import RosterError

MAGIC = b"PK\x03\x04"
MOST_MEMBERS = 500
MOST_UNPACKED_BYTES = 48 * 2**20
MOST_ROWS = 20_000
MOST_COLUMNS = 60
# A spreadsheet keeps 15 digits of a number; of a longer card number the rest are zeros that nobody typed.
FIRST_INEXACT = 10**15
# What zipfile, the XML parser and openpyxl raise at files that are damaged or made to damage.
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    ParseError,
    InvalidFileException,
    KeyError,
    ValueError,
    TypeError,
    IndexError,
    AttributeError,
    OverflowError,
    EOFError,
    OSError,
    RuntimeError,
    NotImplementedError,
    AssertionError,
)


def sheet_cells(content: bytes) -> tuple[list[list[str]], list[Complaint]]:
    """The rows of the first sheet, and what is wrong with single cells, by row. RosterError: this is no workbook that
    could be read, or it is too large."""
    try:
        _check_size(content)
        return _read(content)
    except _DAMAGED as error:
        raise RosterError(
            f"无法读取这个工作簿（{type(error).__name__}）；请在表格软件里另存为 .xlsx 或 CSV 再上传",
            f"this workbook cannot be read ({type(error).__name__}); save it anew as .xlsx or CSV",
        ) from error


def _check_size(content: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = archive.infolist()
    unpacked = sum(one.file_size for one in members)
    if len(members) > MOST_MEMBERS or unpacked > MOST_UNPACKED_BYTES:
        raise RosterError(
            f"工作簿解压后超过 {MOST_UNPACKED_BYTES // 2**20} MiB；请只保留名单这一张表",
            f"the workbook unpacks to more than {MOST_UNPACKED_BYTES // 2**20} MiB; keep the one sheet of the roster",
        )
    if any(one.flag_bits & 1 for one in members):
        raise RosterError("工作簿有密码；请去掉密码再上传", "the workbook has a password; remove it first")


def _read(content: bytes) -> tuple[list[list[str]], list[Complaint]]:
    book = load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
    try:
        sheet = book.worksheets[0]
        # The size that a file claims of itself may be anything.
        sheet.reset_dimensions()
        rows: list[list[str]] = []
        complaints: list[Complaint] = []
        for number, cells in enumerate(sheet.iter_rows(max_row=MOST_ROWS + 2, max_col=MOST_COLUMNS), 1):
            if number > MOST_ROWS + 1:
                raise RosterError(
                    f"超过 {MOST_ROWS} 行；请按学校拆分，并删去末尾的空行",
                    f"more than {MOST_ROWS} rows; split it by school, and delete empty rows at the end",
                )
            rows.append(list(_texts(number, cells, complaints)))
        return rows, complaints
    finally:
        book.close()


def _texts(number: int, cells: Any, complaints: list[Complaint]) -> Iterator[str]:
    for column, cell in enumerate(cells, 1):
        value, kind = cell.value, getattr(cell, "data_type", "n")
        if kind == "f":
            zh, en = "是公式；请复制后“选择性粘贴为数值”", "is a formula; copy it and paste as values"
        elif kind == "e":
            zh, en = f"是错误值 {value}；请改正", f"is an error, {value}; correct it"
        elif isinstance(value, int | float) and not isinstance(value, bool) and abs(value) >= FIRST_INEXACT:
            zh, en = (
                "数字太长，末尾几位已丢失；请设为“文本”后重新填写",
                "is too long a number, its end is lost; make it text",
            )
        else:
            yield _text(value)
            continue
        complaints.append(Complaint(number, f"第 {column} 列{zh}", f"column {column} {en}"))
        yield ""


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)
