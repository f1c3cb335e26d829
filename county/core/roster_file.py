"""A school's list as it is uploaded: a workbook or a table of text, told apart by what is in it, not by its name."""

from county.core.roster_csv import Table, read_cells, read_table
from county.core.roster_xlsx import MAGIC, sheet_cells
from edge.core.errors import RosterError

# Excel's old binary format (OLE2), which nothing here reads; a workbook with a password is wrapped in it too.
_OLD_EXCEL = bytes.fromhex("d0cf11e0a1b11ae1")


def read_file(content: bytes) -> Table:
    """The rows of the list. RosterError: all that is wrong with it, a line for each row, in both languages."""
    if content.startswith(_OLD_EXCEL):
        raise RosterError(
            "这是旧式 .xls 或加了密码的文件；请另存为不带密码的 .xlsx 或 CSV",
            "this is an old .xls or has a password; save it as .xlsx or CSV without a password",
        )
    if content.startswith(MAGIC):
        return read_cells(*sheet_cells(content))
    if b"\0" in content[:4096] and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise RosterError("这不是 XLSX 也不是 CSV 文件", "this is neither XLSX nor CSV")
    return read_table(content)
