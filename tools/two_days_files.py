"""What the exported files of a report say, read back: CSV, XLSX and (through poppler's pdftotext) PDF."""

import csv
import io
import re
import subprocess
from collections.abc import Iterable

from openpyxl import load_workbook

from county.core.report_words import FIGURES

TOTALS = "合计"
Totals = dict[str, int]


def of_csv(data: bytes) -> Totals:
    """Its totals, by their Chinese names."""
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    began = next(n for n, row in enumerate(rows) if row and row[0].startswith(TOTALS))
    return _named((row[0], row[1]) for row in rows[began + 2 : began + 2 + len(FIGURES)])


def of_xlsx(data: bytes) -> Totals:
    """The same of a workbook."""
    book = load_workbook(io.BytesIO(data), read_only=True)
    return _named((str(row[0]), str(row[1])) for row in book[TOTALS].iter_rows(min_row=2, values_only=True))


def of_pdf(text: str) -> Totals:
    """The same of what pdftotext made of a PDF."""
    found = {}
    for one in FIGURES.values():
        match = re.search(rf"{one.zh}\s*/\s*{re.escape(one.en)}\s+(\d+)\b", text)
        if match is not None:
            found[one.zh] = int(match[1])
    return found


def text_of_pdf(path: str) -> str:
    """What is printed in it. CalledProcessError: it is no PDF; FileNotFoundError: there is no poppler here."""
    done = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, text=True, timeout=60, check=True)
    return done.stdout


def schools_of_csv(data: bytes) -> dict[str, dict[str, str]]:
    """The county's table: school -> column (in Chinese) -> what stands there."""
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    began = next(n for n, row in enumerate(rows) if row and row[0].startswith("学校 / School") and len(row) > 2)
    head = [name.partition(" / ")[0] for name in rows[began]]
    return {row[0]: dict(zip(head, row, strict=True)) for row in rows[began + 1 :] if row}


def _named(pairs: Iterable[tuple[str, str]]) -> Totals:
    # Whole numbers, and seconds of downtime.
    return {name.partition(" / ")[0]: round(float(value)) for name, value in pairs}
