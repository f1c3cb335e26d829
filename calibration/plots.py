"""The certificate's four plots as vector drawings; labels are numbers and units, words stand in the captions beside."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from reportlab.graphics.shapes import Circle, Drawing, Group, Line, PolyLine, Rect, String
from reportlab.lib.colors import Color, HexColor

from edge.core.correction import Surface

WIDTH, HEIGHT = 250.0, 150.0
LEFT, BOTTOM, RIGHT, TOP = 38.0, 22.0, 8.0, 8.0
FONT, SIZE = "Helvetica", 7
INK, GRID = HexColor("#1a2430"), HexColor("#d5dbe1")
# Apart for the colour-blind too (Okabe and Ito).
COLOURS = {"low": HexColor("#0072B2"), "verify": HexColor("#009E73"), "high": HexColor("#D55E00")}

Points = Sequence[tuple[float, float]]


def residuals(evidence: Mapping[str, Any]) -> Drawing:
    """Corrected reading minus truth, K, over the seconds of each point."""
    return _lines({
        name: [(t, c - point["true_c"]) for t, c in zip(point["t_s"], point["corrected_c"], strict=True)]
        for name, point in _in_order(evidence)
    })  # fmt: skip


def drift(evidence: Mapping[str, Any]) -> Drawing:
    """What the camera alone claims of its reference, K from its first claim, over the seconds of each point."""
    first_c = evidence["points"]["low"]["level_c"][0]
    return _lines({
        name: [(t, c - first_c) for t, c in zip(point["t_s"], point["level_c"], strict=True)]
        for name, point in _in_order(evidence)
    })  # fmt: skip


def uniformity(surface: Surface | None, evidence: Mapping[str, Any]) -> Drawing:
    """The map over the stored frame, K, with the places where it was measured."""
    drawing, most_k = Drawing(WIDTH, HEIGHT), 0.05
    rows, columns = 24, 32
    map_k = (surface or Surface((0.0,) * 6, (0.0, 0.0), (0.0, 0.0))).over(rows, columns)
    most_k = max(most_k, float(abs(map_k).max()))
    wide, high = (WIDTH - LEFT - 44) / columns, (HEIGHT - BOTTOM - TOP) / rows
    for row in range(rows):
        for column in range(columns):
            x, y = LEFT + column * wide, HEIGHT - TOP - (row + 1) * high
            fill = _diverging(float(map_k[row, column]) / most_k)
            drawing.add(_bar(x, y, wide + 0.3, high + 0.3, fill))
    for u, v, _ in evidence["spots"]:
        x, y = LEFT + (u + 1) / 2 * columns * wide, HEIGHT - TOP - (v + 1) / 2 * rows * high
        drawing.add(Circle(x, y, 2.2, fillColor=None, strokeColor=INK, strokeWidth=0.8))
    for step in range(21):
        share = step / 10 - 1
        y = BOTTOM + (share + 1) / 2 * (HEIGHT - BOTTOM - TOP - 6)
        drawing.add(_bar(WIDTH - 38, y, 9, 6.5, _diverging(share)))
    for share in (-1, 0, 1):
        y = BOTTOM + (share + 1) / 2 * (HEIGHT - BOTTOM - TOP - 6)
        drawing.add(_text(WIDTH - 27, y + 1, f"{share * most_k:+.2f}"))
    drawing.add(_text(LEFT, 8, "px, stored frame"))
    drawing.add(_text(WIDTH - 38, 8, "K"))
    return drawing


def budget(evidence: Mapping[str, Any]) -> Drawing:
    """The contributions as bars, K (k = 1), numbered as in the table, and the combined one."""
    drawing = Drawing(WIDTH, HEIGHT)
    shares = [(str(n + 1), one["share_k"]) for n, one in enumerate(evidence["contributions"])]
    shares.append(("u", evidence["combined_k"]))
    most_k = max(share for _, share in shares) or 1.0
    step = (HEIGHT - 12) / len(shares)
    for n, (name, share_k) in enumerate(shares):
        y = HEIGHT - 6 - (n + 1) * step
        length = share_k / most_k * (WIDTH - LEFT - 50)
        fill = HexColor("#33475b") if name == "u" else HexColor("#7d9bb8")
        drawing.add(_text(LEFT - 6, y + 2, name, "end"))
        drawing.add(_bar(LEFT, y, max(0.5, length), step * 0.7, fill))
        drawing.add(_text(LEFT + length + 4, y + 2, f"{share_k:.3f} K"))
    return drawing


def _in_order(evidence: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return [(name, evidence["points"][name]) for name in COLOURS]


def _lines(series: Mapping[str, Points]) -> Drawing:
    drawing = Drawing(WIDTH, HEIGHT)
    xs = [x for points in series.values() for x, _ in points]
    ys = [y for points in series.values() for _, y in points]
    reach = max(0.05, *(abs(y) for y in ys)) * 1.15
    right = max(1.0, *xs)

    def place(x: float, y: float) -> tuple[float, float]:
        return (
            LEFT + x / right * (WIDTH - LEFT - RIGHT),
            BOTTOM + (y + reach) / (2 * reach) * (HEIGHT - BOTTOM - TOP),
        )

    for share in (-1.0, -0.5, 0.0, 0.5, 1.0):
        x0, y0 = place(0, share * reach)
        dark = share == 0.0
        drawing.add(Line(x0, y0, WIDTH - RIGHT, y0, strokeColor=INK if dark else GRID, strokeWidth=0.6))
        drawing.add(_text(LEFT - 4, y0 - 2.5, f"{share * reach:+.2f}", "end"))
    for share in (0.0, 0.5, 1.0):
        drawing.add(_text(place(share * right, 0)[0], 10, f"{share * right:.0f}", "end" if share else "start"))
    drawing.add(_text(WIDTH / 2 + 34, 10, "s"))
    drawing.add(_text(2, HEIGHT - 8, "K"))
    for n, (name, points) in enumerate(series.items()):
        flat = [edge for point in points for edge in place(*point)]
        drawing.add(PolyLine(flat, strokeColor=COLOURS[name], strokeWidth=0.9))
        key = Group()
        key.add(Line(LEFT + 60 * n, 4, LEFT + 60 * n + 12, 4, strokeColor=COLOURS[name], strokeWidth=1.6))
        key.add(_text(LEFT + 60 * n + 15, 1.5, {"low": "33", "high": "40", "verify": "37"}[name] + " °C"))
        drawing.add(key)
    return drawing


def _bar(x: float, y: float, wide: float, high: float, fill: Color) -> Rect:
    bar = Rect(x, y, wide, high)
    bar.fillColor, bar.strokeColor = fill, None
    return bar


def _text(x: float, y: float, text: str, anchor: Literal["start", "end"] = "start") -> String:
    return String(x, y, text, fontName=FONT, fontSize=SIZE, fillColor=INK, textAnchor=anchor)


def _diverging(share: float) -> Color:
    """Blue below, white at none, orange above."""
    share = min(1.0, max(-1.0, share))
    end = (0.835, 0.369, 0.0) if share > 0 else (0.0, 0.447, 0.698)
    return Color(*(1 + abs(share) * (one - 1) for one in end))
