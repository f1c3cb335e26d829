"""A report as a file: CSV and XLSX for spreadsheets, PDF for print. No cell of them is ever a formula."""

import csv
import io
import re
from collections.abc import Sequence
from xml.sax.saxutils import escape

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, TableStyle
from reportlab.platypus import Table as Grid

from county.core.report_words import Cell, Table
from edge.core.texts import Text

# One of Adobe's own names for simplified Chinese (reportlab's documentation, "Asian fonts"): it is not embedded, a
# viewer takes a Chinese font of its machine. Noto's are CFF outlines, which reportlab cannot embed.
CHINESE = "STSong-Light"
LATIN = "Helvetica"
# What a spreadsheet takes for the beginning of a formula (OWASP, CSV injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
# What XML, and so XLSX, cannot carry.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LATIN_RUN = re.compile(r"[\x20-\x7e\u00b0]+")
_WIDE = 8


def to_csv(facts: Sequence[tuple[Text, str]], tables: Sequence[Table]) -> bytes:
    """Facts, then one table below the other; UTF-8 with the mark by which spreadsheets know it."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    for name, value in facts:
        writer.writerow([harmless(str(name)), harmless(value)])
    for table in tables:
        writer.writerow([])
        writer.writerow([harmless(str(table.title))])
        writer.writerow([harmless(str(name)) for name in table.head])
        writer.writerows([_plain(cell) for cell in row] for row in table.rows)
    return b"\xef\xbb\xbf" + out.getvalue().encode("utf-8", "replace")


def to_xlsx(facts: Sequence[tuple[Text, str]], tables: Sequence[Table]) -> bytes:
    """One sheet for the facts and one for each table; every text is a text, whatever it begins with."""
    book = Workbook()
    first = book.active
    assert first is not None
    first.title = "报告"
    for name, value in facts:
        first.append([harmless(str(name)), harmless(value)])
    first.column_dimensions["A"].width, first.column_dimensions["B"].width = 34, 72
    for table in tables:
        sheet = book.create_sheet(table.title.zh[:31])
        sheet.append([harmless(str(name)) for name in table.head])
        for row in table.rows:
            sheet.append([_plain(cell) for cell in row])
        for cell in sheet[1]:
            cell.font = Font(bold=True)
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            sheet.column_dimensions[cell.column_letter].width = 60 if len(table.head) == 1 else 20
        sheet.freeze_panes = "A2"
    for sheet in book.worksheets:
        for row_ in sheet.iter_rows():
            for one in row_:
                if isinstance(one.value, str):
                    one.data_type = "s"
                    one.quotePrefix = True
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def to_pdf(title: Text, facts: Sequence[tuple[Text, str]], tables: Sequence[Table]) -> bytes:
    """A4 for print, with page numbers and a line for a signature; landscape when a table is wide."""
    if CHINESE not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(UnicodeCIDFont(CHINESE))
    page = landscape(A4) if any(len(table.head) > _WIDE for table in tables) else A4
    out = io.BytesIO()
    margin = 14 * mm
    document = SimpleDocTemplate(
        out,
        pagesize=page,
        leftMargin=margin,
        rightMargin=margin,
        topMargin=margin,
        bottomMargin=18 * mm,
        title=str(title),
        author="Foregate",
    )
    width = page[0] - 2 * margin
    story: list[Flowable] = [Paragraph(_marked(str(title)), _style(15, bold=True)), Spacer(1, 3 * mm)]
    story.append(_grid([[_cell(name), _cell(value)] for name, value in facts], [0.3 * width, 0.7 * width], head=False))
    for table in tables:
        story += [Spacer(1, 4 * mm), Paragraph(_marked(str(table.title)), _style(11, bold=True)), Spacer(1, 1 * mm)]
        narrow = len(table.head) > 3
        head = [_cell(name, bold=True, narrow=narrow) for name in table.head]
        rows = [[_cell(cell, narrow=narrow) for cell in row] for row in table.rows]
        story.append(_grid([head, *rows], _widths(table, width), head=True))
    signature = "签字 / Signature：____________________    日期 / Date：________________"
    story += [Spacer(1, 8 * mm), Paragraph(_marked(signature), _style(10))]
    document.build(story, onFirstPage=_numbered, onLaterPages=_numbered)
    return out.getvalue()


def harmless(text: str) -> str:
    """The text with an apostrophe before what a spreadsheet would take for a formula, without control characters."""
    clean = _CONTROL.sub("�", text)
    return "'" + clean if clean.lstrip().startswith(_FORMULA) or clean.startswith(_FORMULA) else clean


def _plain(cell: Cell) -> str | int | float:
    if cell is None:
        return ""
    return cell if isinstance(cell, int | float) else harmless(str(cell))


def _cell(cell: Cell, bold: bool = False, narrow: bool = False) -> list[Paragraph]:
    """A cell's paragraphs; in a narrow column the two languages stand one below the other."""
    if narrow and isinstance(cell, Text):
        # Only Chinese may break anywhere.
        return [
            Paragraph(_marked(cell.zh), _style(8.5, bold)),
            Paragraph(_marked(cell.en), _style(6.5, bold, anywhere=False)),
        ]
    text = "—" if cell is None or cell == "" else f"{cell:g}" if isinstance(cell, float) else str(cell)
    return [Paragraph(_marked(text), _style(8.5, bold))]


def _style(size: float, bold: bool = False, anywhere: bool = True) -> ParagraphStyle:
    colour = colors.HexColor("#0f4c5c") if bold else colors.black
    wrap = "CJK" if anywhere else None
    return ParagraphStyle(
        f"s{size}{bold}", fontName=CHINESE, fontSize=size, leading=size * 1.4, textColor=colour, wordWrap=wrap
    )


def _marked(text: str) -> str:
    """Markup of a text: Chinese in the one font, Latin in the other, whose letters stand as far apart as meant."""
    clean = _CONTROL.sub("�", text)
    # The font's encoding (UniGB-UCS2) ends with the basic plane; a sign that it has not is shown as one.
    basic = "".join(one if ord(one) < 0x10000 else "〓" for one in clean)
    return _LATIN_RUN.sub(lambda run: f'<font name="{LATIN}">{escape(run[0])}</font>', basic)


def _widths(table: Table, width: float) -> list[float]:
    many = len(table.head)
    if many == 1:
        return [width]
    first = width * (0.6 if many == 2 else 0.24 if many <= _WIDE else 0.14)
    return [first] + [(width - first) / (many - 1)] * (many - 1)


def _grid(rows: list[list[list[Paragraph]]], widths: list[float], head: bool) -> Grid:
    grid = Grid(rows, colWidths=widths, repeatRows=1 if head else 0)
    everywhere = ((0, 0), (-1, -1))
    style = TableStyle(
        [
            ("GRID", *everywhere, 0.4, colors.HexColor("#9fb0b7")),
            ("VALIGN", *everywhere, "TOP"),
            ("TOPPADDING", *everywhere, 2),
            ("BOTTOMPADDING", *everywhere, 3),
        ]
    )
    if head:
        style.add("BACKGROUND", (0, 0), (-1, 0), colors.HexColor("#eaf0f2"))
    grid.setStyle(style)
    return grid


def _numbered(canvas: Canvas, document: SimpleDocTemplate) -> None:
    canvas.setFont(LATIN, 8)
    canvas.drawRightString(document.pagesize[0] - 14 * mm, 9 * mm, f"- {canvas.getPageNumber()} -")
