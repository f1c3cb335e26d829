"""Reports as files: the same figures in each of them, no cell a formula, Chinese that a viewer shows."""

import csv
import io
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from county.core.report_words import Table
from county.reports.exporting import harmless, to_csv, to_pdf, to_xlsx
from edge.core.texts import Text
from tests.county.reports.helpers import DAY, SCHOOL, by, hot, keep_all, make_gate, make_roster
from tests.county.reports.test_report_pages import SignIn, confirm, show

HOSTILE = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1", '=HYPERLINK("http://x")')
TABLE = Table(Text("=合计", "=Totals"), (Text("=甲", "a"), Text("乙", "b")), tuple((one, 1) for one in HOSTILE))
PDFTOTEXT = shutil.which("pdftotext")


@pytest.fixture
def officer(as_role: SignIn) -> Client:
    """An officer of a county with one school, two fevers there, the report confirmed."""
    make_roster(4)
    keep_all(make_gate(), [by(1), hot(2), hot(3)])
    client = as_role("officer")
    confirm(client, show(client))
    return client


def fetch(client: Client, address: str, **query: str) -> bytes:
    answer = client.get(address, {"day": DAY, **query})
    assert answer.status_code == 200
    assert "attachment" in answer["Content-Disposition"]
    return answer.content


def cells_of(content: bytes) -> dict[str, list[list[object]]]:
    book = load_workbook(io.BytesIO(content))
    return {sheet.title: [[cell.value for cell in row] for row in sheet.iter_rows()] for sheet in book.worksheets}


def test_a_schools_day_as_csv_and_xlsx_says_the_same(officer: Client) -> None:
    content = fetch(officer, "/reports/school/file.csv", school=SCHOOL)
    assert content.startswith(b"\xef\xbb\xbf")
    rows = {row[0]: row[1:] for row in csv.reader(io.StringIO(content[3:].decode())) if row}
    sheets = cells_of(fetch(officer, "/reports/school/file.xlsx", school=SCHOOL))
    totals = {row[0]: row[1:] for row in sheets["合计"]}
    for name, value in (
        ("应到人数 / On the roster", 4),
        ("已入校 / Entered", 1),
        ("发热人数 / People with a fever", 2),
    ):
        assert rows[name] == [str(value)]
        assert totals[name] == [value]
    assert rows["确认人 / Confirmed by"][0].startswith("张校长")
    assert re.fullmatch(r"[0-9a-f]{64}", rows["指纹 / SHA-256"][0])
    assert ["三年级C1班", 2, 1, 1, 0, 0, 1] in sheets["各班"]


def test_the_countys_day_has_a_row_for_every_school(officer: Client) -> None:
    make_gate("H1", "第二小学")
    rows = list(csv.reader(io.StringIO(fetch(officer, "/reports/county.csv")[3:].decode())))
    told = {row[0]: row[1] for row in rows if len(row) > 1}
    assert told["第一小学"] == "按时 / On time"
    assert told["第二小学"] == "待确认 / Waiting"
    assert [row[0] for row in cells_of(fetch(officer, "/reports/county.xlsx"))["全县日报"][1:]] == [
        "第一小学",
        "第二小学",
    ]


@pytest.mark.skipif(PDFTOTEXT is None, reason="pdftotext is not installed (Debian package: poppler-utils)")
@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("/reports/school/file.pdf", ("第一小学", "发热人数", "三年级C1班", "张校长")),
        ("/reports/county.pdf", ("第一小学", "按时")),
    ],
)
def test_a_pdf_holds_its_chinese(officer: Client, tmp_path: Path, address: str, words: tuple[str, ...]) -> None:
    path = tmp_path / "report.pdf"
    path.write_bytes(fetch(officer, address, school=SCHOOL))
    assert PDFTOTEXT is not None
    done = subprocess.run([PDFTOTEXT, "-layout", str(path), "-"], stdout=subprocess.PIPE, check=True, timeout=60)
    for word in words:
        assert word in done.stdout.decode()


def test_other_forms_and_versions_are_not_there(officer: Client) -> None:
    for address in ("/reports/school/file.exe", "/reports/county.json", "/reports/county.exe"):
        assert officer.get(address, {"school": SCHOOL, "day": DAY}).status_code == 404
    assert officer.get("/reports/school/file.csv", {"school": SCHOOL, "day": DAY, "version": "2"}).status_code == 404


def test_what_looks_like_a_formula_is_a_text() -> None:
    facts = [(Text("=名", "name"), "=1+1")]
    for row in csv.reader(io.StringIO(to_csv(facts, [TABLE])[3:].decode(), newline="")):
        assert all(not cell.lstrip().startswith(("=", "+", "-", "@", "＝")) for cell in row), row
    book = load_workbook(io.BytesIO(to_xlsx(facts, [TABLE])))
    for sheet in book.worksheets:
        for row_ in sheet.iter_rows():
            for cell in row_:
                assert cell.data_type in ("s", "n")
                assert not str(cell.value).startswith("=")


@given(st.text())
def test_no_text_becomes_a_formula_and_a_plain_one_stays_as_it_is(text: str) -> None:
    told = harmless(text)
    assert not told.lstrip().startswith(("=", "+", "-", "@"))
    assert harmless("三年级" + "（2）班") == "三年级（2）班"


@given(st.lists(st.text(max_size=30), min_size=1, max_size=4))
def test_any_text_can_be_printed_and_put_into_sheets(texts: list[str]) -> None:
    table = Table(Text("表", "table"), (Text("甲", "a"), Text("乙", "b")), tuple((one, None) for one in texts))
    facts = [(Text("名", "name"), texts[0])]
    assert to_pdf(Text(texts[0], texts[0]), facts, [table]).startswith(b"%PDF")
    assert to_xlsx(facts, [table]).startswith(b"PK")
    assert to_csv(facts, [table]).decode("utf-8")
