"""The signed calibration on paper: PDF and HTML, Chinese first and English beside it, with plots and a QR code.

The QR code holds the profile's id and fingerprint: whoever has the file can tell whether it is the one on the paper.
"""

import html
from collections.abc import Sequence
from datetime import UTC, datetime
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import segno
from reportlab.graphics import renderSVG
from reportlab.graphics.shapes import Drawing
from reportlab.lib.colors import Color, HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import Flowable, Image, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from calibration import plots
from calibration.acceptance import NAMES
from calibration.prompts import LINES
from edge.core.errors import CalibrationError
from edge.core.profile import Profile, fingerprint
from edge.core.texts import Text

# One of the standard fonts of Chinese PDF readers; it is named in the file, not embedded.
FONT = "STSong-Light"
INK, PALE, GOOD, BAD = HexColor("#1a2430"), HexColor("#eef2f5"), HexColor("#00624a"), HexColor("#a62a12")
TITLE = Text("测温闸机校准证书", "Certificate of calibration")
CAPTIONS = (
    Text("残差：修正后读数减真值", "Residuals: corrected reading minus truth"),
    Text("均匀性修正图（圈为测量处）", "Map of non-uniformity (rings: where it was read)"),
    Text("漂移：相机自己对参考的读数", "Drift: what the camera alone claims of the reference"),
    Text("不确定度分量（k = 1，编号见表）", "Contributions (k = 1, numbered as in the table)"),
)

Row = Sequence[str]


def write_certificate(profile: Profile, folder: Path) -> tuple[Path, Path]:
    """<id>.pdf and <id>.html in this folder. CalibrationError: they cannot be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        pdf, page = folder / f"{profile.id}.pdf", folder / f"{profile.id}.html"
        pdf.write_bytes(pdf_bytes(profile))
        page.write_text(html_text(profile), encoding="utf-8")
    except OSError as error:
        raise CalibrationError(
            f"无法写入证书 {folder}（{error.strerror}）；请换一个可写的文件夹",
            f"cannot write the certificate to {folder} ({error.strerror}); name a folder that can be written",
        ) from error
    return pdf, page


def identification(profile: Profile) -> list[Row]:
    """What was calibrated, with what, by whom, when."""
    answers, plain = profile.plain["answers"], profile.plain
    source = f"{answers['source_serial']}  ({answers['source_date']}, U = {answers['source_expanded_k']} K)"
    serial = profile.serial + ("（手输 / typed）" if profile.serial_typed else "")
    return [
        ("编号 / Number", profile.id),
        ("闸机 / Gate", profile.gate_id),
        ("传感器 / Sensor", serial),
        ("黑体 / Blackbody", source),
        ("参考黑体 / Reference", f"{profile.reference_c:.2f} °C"),
        ("环境 / Room", f"{answers['ambient_c']} °C"),
        ("技术员 / Technician", str(answers["technician"])),
        ("日期 / Made", _day(profile.made_utc_ms)),
        ("有效期至 / Valid until", _day(profile.expires_utc_ms)),
        ("上一份 / Former one", str(plain["previous"] or "—")),
        ("增益，零点 / Gain, offset", f"{profile.correction.gain:.4f}, {profile.correction.offset_k:+.3f} K (37 °C)"),
        ("坏点 / Bad pixels", str(len(profile.correction.bad))),
        ("灯与输入 / Lines", _lines(profile)),
    ]  # fmt: skip


def verdict(profile: Profile) -> tuple[bool, Text]:
    """Pass or fail in plain words."""
    made = profile.plain["acceptance"]
    total_k = abs(made["error_k"]) + made["expanded_k"]
    sum_of_both = f"|E| + U = {abs(made['error_k']):.3f} + {made['expanded_k']:.3f} = {total_k:.3f} K"
    if made["passed"]:
        return True, Text(f"合格。{sum_of_both}", f"Passed. {sum_of_both}")
    zh = "；".join(one["zh"] for one in made["advice"])
    en = "; ".join(one["en"] for one in made["advice"])
    return False, Text(
        f"不合格。{sum_of_both}。单凭这台相机达不到；可以改进的是：{zh}",
        f"Failed. {sum_of_both}. This camera alone does not reach it. What would help: {en}",
    )


def requirements(profile: Profile) -> list[Row]:
    """Each requirement: name, value, limit, margin, pass or fail."""
    rows: list[Row] = [("要求 / Requirement", "值 / Value, K", "限值 / Limit, K", "余量 / Margin, K", "结论 / Result")]
    for item in profile.plain["acceptance"]["items"]:
        value, limit, name = item["value_k"], item["limit_k"], NAMES[item["code"]]
        if value is None:
            rows.append((str(name), "—", f"{limit:.1f}", "—", "首次，不判 / not judged"))
        else:
            result = "合格 / pass" if value <= limit else "不合格 / FAIL"
            rows.append((str(name), f"{value:.3f}", f"{limit:.1f}", f"{limit - value:+.3f}", result))
    return rows


def budget_rows(profile: Profile) -> list[Row]:
    """The uncertainty budget."""
    evidence, made = profile.plain["evidence"], profile.plain["acceptance"]
    rows: list[Row] = [("#", "来源 / Source", "分布 / Distribution", "u", "c", "ν", "|c| u, K")]
    for n, one in enumerate(evidence["contributions"], 1):
        source = Text(one["source"]["zh"], one["source"]["en"])
        kind = {"normal": "正态 / normal", "rectangular": "均匀 / rectangular"}[one["distribution"]]
        dof = "∞" if one["dof"] is None else f"{one['dof']:g}"
        u = f"{one['u']:.4f}" + (" K" if one["unit"] == "K" else "")
        rows.append((str(n), str(source), kind, u, f"{one['sensitivity']:.3g}", dof, f"{one['share_k']:.3f}"))
    effective = evidence["effective_dof"]
    dof = "∞" if effective is None else f"{effective:.0f}" if effective < 1000 else "> 999"
    rows.append(("u", "合成 / combined", "", "", "", dof, f"{evidence['combined_k']:.3f}"))
    rows.append(("U", f"扩展 / expanded, k = {made['coverage']:.2f}", "", "", "", "", f"{made['expanded_k']:.3f}"))
    return rows


def drawings(profile: Profile) -> tuple[Drawing, Drawing, Drawing, Drawing]:
    """Residuals, uniformity, drift, budget."""
    evidence = profile.plain["evidence"]
    return (
        plots.residuals(evidence),
        plots.uniformity(profile.correction.surface, evidence),
        plots.drift(evidence),
        plots.budget(evidence),
    )


def qr_text(profile: Profile) -> str:
    """What the QR code says."""
    return f"foregate {profile.id} sha256:{fingerprint(profile.plain)}"


def pdf_bytes(profile: Profile) -> bytes:
    """The certificate as PDF, A4."""
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    into = BytesIO()
    document = SimpleDocTemplate(into, pagesize=A4, leftMargin=16 * mm, rightMargin=16 * mm,
                                 topMargin=14 * mm, bottomMargin=14 * mm, title=f"Foregate {profile.id}")  # fmt: skip
    document.build(_story(profile))
    return into.getvalue()


def _story(profile: Profile) -> list[Flowable]:
    passed, words = verdict(profile)
    colour = GOOD if passed else BAD
    head = Table(
        [[[_p(TITLE.zh, 18), _p(TITLE.en, 11)], _qr(profile)]],
        colWidths=[144 * mm, 34 * mm],
        style=[("VALIGN", (0, 0), (-1, -1), "TOP")],
    )
    pairs = zip(drawings(profile), CAPTIONS, strict=True)
    cells = [[drawing, _p(caption.zh, 8), _p(caption.en, 7)] for drawing, caption in pairs]
    return [
        head,
        Table([[_p(words.zh, 10, colour)], [_p(words.en, 9, colour)]], colWidths=[178 * mm],
              style=[("BOX", (0, 0), (-1, -1), 1, colour), ("BACKGROUND", (0, 0), (-1, -1), PALE)]),
        Spacer(1, 4 * mm),
        _table(identification(profile), (48 * mm, 130 * mm), header=False),
        Spacer(1, 4 * mm),
        _table(requirements(profile), (82 * mm, 21 * mm, 21 * mm, 23 * mm, 31 * mm)),
        Spacer(1, 4 * mm),
        Table([cells[:2], cells[2:]], colWidths=[90 * mm, 88 * mm]),
        Spacer(1, 4 * mm),
        _table(budget_rows(profile), (8 * mm, 76 * mm, 30 * mm, 20 * mm, 14 * mm, 14 * mm, 16 * mm)),
        Spacer(1, 3 * mm),
        _p(_note(profile), 7),
    ]  # fmt: skip


def _note(profile: Profile) -> str:
    return (
        "37 °C 的验证不参与拟合。本证书不是型式认证；限值取自公开资料。 / "
        "The verification at 37 °C is no point of the fit. This is no type approval; "
        "the limits are those publicly known. "
        f"SHA-256 {fingerprint(profile.plain)}"
    )


def _table(rows: list[Row], widths: Sequence[float], header: bool = True) -> Table:
    cells = [[_p(html.escape(cell), 8) for cell in row] for row in rows]
    style: list[Any] = [
        ("LINEBELOW", (0, 0), (-1, -1), 0.3, HexColor("#c3ccd4")),
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
        ("TOPPADDING", (0, 0), (-1, -1), 1.6),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 2.4),
    ]
    if header:
        style.append(("BACKGROUND", (0, 0), (-1, 0), PALE))
    return Table(cells, colWidths=list(widths), style=TableStyle(style), repeatRows=1 if header else 0)


def _p(text: str, size: float, colour: Color = INK) -> Paragraph:
    style = ParagraphStyle("cell", fontName=FONT, fontSize=size, leading=size * 1.3, textColor=colour, wordWrap="CJK")
    # In a Chinese font the degree sign alone is as wide as a character.
    return Paragraph(text.replace("°C", "℃"), style)


def _qr(profile: Profile) -> Image:
    into = BytesIO()
    segno.make(qr_text(profile), error="m").save(into, kind="png", scale=6, border=2)
    into.seek(0)
    return Image(into, 32 * mm, 32 * mm)


def html_text(profile: Profile) -> str:
    """The certificate as one HTML file that needs nothing else."""
    passed, words = verdict(profile)
    figures = "".join(
        f"<figure>{_svg(drawing)}<figcaption>{caption.zh}<br><span lang=en>{caption.en}</span></figcaption></figure>"
        for drawing, caption in zip(drawings(profile), CAPTIONS, strict=True)
    )
    qr = segno.make(qr_text(profile), error="m").svg_inline(scale=3, border=2)
    esc = html.escape
    return f"""<!doctype html>
<html lang="zh"><head><meta charset="utf-8"><title>{esc(profile.id)}</title><style>
body{{font:14px/1.5 "Noto Sans CJK SC","PingFang SC","Microsoft YaHei",sans-serif;max-width:60rem;margin:2rem auto;
padding:0 1rem;color:#1a2430}} header{{display:flex;justify-content:space-between;align-items:start}}
td:nth-child(n+3){{white-space:nowrap}}
table{{border-collapse:collapse;width:100%;margin:1rem 0}} td,th{{border-bottom:1px solid #c3ccd4;padding:.25rem .5rem;
text-align:left;font-weight:normal}} th{{background:#eef2f5}} .verdict{{border:2px solid;padding:.5rem 1rem}}
.passed{{color:#00624a}} .failed{{color:#a62a12}} .plots{{display:grid;gap:1rem;
grid-template-columns:repeat(auto-fit,minmax(20rem,1fr))}} figure{{margin:0}} figure svg{{width:100%;height:auto}}
footer{{font-size:.8rem;overflow-wrap:anywhere}}</style></head><body>
<header><div><h1>{TITLE.zh}</h1><p lang="en">{TITLE.en}</p></div>{qr}</header>
<p class="verdict {"passed" if passed else "failed"}">{esc(words.zh)}<br><span lang="en">{esc(words.en)}</span></p>
{_html_table(identification(profile), header=False)}
{_html_table(requirements(profile))}
<div class="plots">{figures}</div>
{_html_table(budget_rows(profile))}
<footer>{esc(_note(profile))}</footer></body></html>
"""


def _html_table(rows: list[Row], header: bool = True) -> str:
    made = []
    for n, row in enumerate(rows):
        tag = "th" if header and n == 0 else "td"
        made.append("<tr>" + "".join(f"<{tag}>{html.escape(cell)}</{tag}>" for cell in row) + "</tr>")
    return f"<table>{''.join(made)}</table>"


def _svg(drawing: Drawing) -> str:
    into = StringIO()
    renderSVG.drawToFile(drawing, into)
    text = into.getvalue()
    return text[text.index("<svg") :]


def _lines(profile: Profile) -> str:
    tried = profile.plain["lines"]
    failed = [name for name, works in tried.items() if not works and name in LINES]
    if failed:
        return f"不正常 / not working: {', '.join(failed)}"
    return f"{len(tried)} 项正常 / all {len(tried)} work" if tried else "—"


def _day(utc_ms: int) -> str:
    return datetime.fromtimestamp(utc_ms / 1000, UTC).date().isoformat()
