"""The fishbone of a review as text and as SVG: for a report, a pull request, a slide."""

import re
from typing import Final, Literal, get_args

from app.fishbone import Drawing, Span, lay_out
from app.redaction.session import masked
from app.review.records import Session
from app.review.ribs import effect, ribs
from app.text import cell_len, visible

Format = Literal["text", "svg"]
FORMATS: Final[tuple[Format, ...]] = get_args(Format)
WIDTH: Final = 120
"""Columns that the drawing is made for when nobody says otherwise."""
LEAST, MOST = 40, 400

_CELL_W, _CELL_H = 8.4, 19.0
_FONT = 14
_LEGEND = "● evidence   ○ no evidence yet   ! immediate   + contributing   § systemic"
_STYLE = """
.fishbone .paper{fill:#fff}
.fishbone .bone{fill:none;stroke:#57606a;stroke-width:1.6;stroke-linejoin:round}
.fishbone .spine{stroke-width:3.2}
.fishbone .arrow{fill:#57606a}
.fishbone .box{fill:#ddf4ff;stroke:#0969da;stroke-width:1.6}
.fishbone text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;
fill:#1f2328;white-space:pre}
.fishbone .name{font-weight:700;fill:#0550ae}
.fishbone .effect{font-weight:700}
.fishbone .empty{fill:#57606a}
@media (prefers-color-scheme:dark){
.fishbone .paper{fill:#0d1117}
.fishbone .bone{stroke:#9198a1}
.fishbone .arrow{fill:#9198a1}
.fishbone .box{fill:#121d2f;stroke:#4493f8}
.fishbone text{fill:#f0f6fc}
.fishbone .name{fill:#79c0ff}
.fishbone .empty{fill:#9198a1}
}
"""

# What XML 1.0 cannot hold, even as a reference; control characters were made visible before.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(session: Session, format: Format = "text", width: int = WIDTH) -> str:
    """The fishbone of *session*, laid out for *width* columns; it becomes wider where the ribs need it."""
    session = masked(session)
    drawing = lay_out(session, max(LEAST, min(MOST, width)))
    return drawing.text() if format == "text" else svg(session, drawing)


def svg(session: Session, drawing: Drawing) -> str:
    """A drawing as an SVG that stands alone: no script, nothing loaded, light and dark, readable aloud."""
    columns = max(drawing.width, 1 + cell_len(_LEGEND), *(_end(span) for row in drawing.rows for span in row))
    width, height = (columns + 2) * _CELL_W, (drawing.height + 3) * _CELL_H
    title = f"Fishbone: {effect(session).text}"
    parts = [
        f'<svg class="fishbone" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.1f} {height:.1f}"'
        f' width="{width:.0f}" height="{height:.0f}" role="img" aria-labelledby="fishbone-title fishbone-desc">',
        f'<title id="fishbone-title">{_xml(title)}</title>',
        f'<desc id="fishbone-desc">{_xml(described(session))}</desc>',
        f"<style>{_STYLE}</style>",
        f'<rect class="paper" width="{width:.1f}" height="{height:.1f}" rx="6"/>',
    ]
    *bones, spine = drawing.bones
    parts += [f'<polyline class="bone" points="{_points(bone.points)}"/>' for bone in bones]
    parts.append(f'<polyline class="bone spine" points="{_points(spine.points)}"/>')
    tip_x, tip_y = _at(*spine.points[-1])
    parts.append(f'<path class="arrow" d="M{tip_x - 3:.1f} {tip_y - 7:.1f}l10 7l-10 7z"/>')
    x, y, box_width, box_height = drawing.box
    left, top = x * _CELL_W + _CELL_W * 1.4, y * _CELL_H + _CELL_H * 1.5
    parts.append(
        f'<rect class="box" x="{left:.1f}" y="{top:.1f}" width="{(box_width - 0.8) * _CELL_W:.1f}"'
        f' height="{(box_height - 1) * _CELL_H:.1f}" rx="6"/>'
    )
    for number, row in enumerate(drawing.rows):
        parts += [
            _text(span, number)
            for span in row
            if span.part not in {"bone", "lead", "box"} and span.text.strip()
        ]
        parts += [_twig(span, number) for span in row if span.part == "lead"]
    parts.append(_text(Span(1, _LEGEND, "empty"), drawing.height + 1))
    return "\n".join([*parts, "</svg>", ""])


def described(session: Session) -> str:
    """The drawing in words: every category with what stands on its rib."""
    head = effect(session)
    sentences = [f"The effect: {head.text}."]
    for rib in ribs(session, head.key):
        texts = "; ".join(" ".join(twig.factor.text.split()) for twig in rib.twigs)
        sentences.append(f"{rib.name}: {texts or 'nothing yet'}.")
    return " ".join(sentences)


def _end(span: Span) -> int:
    return span.x + cell_len(span.text)


def _at(x: float, y: float) -> tuple[float, float]:
    """The middle of a cell's row in the picture's units."""
    return (x + 1) * _CELL_W, (y + 1.5) * _CELL_H


def _points(points: tuple[tuple[float, float], ...]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in (_at(*point) for point in points))


def _twig(span: Span, row: int) -> str:
    (left, middle), (right, _) = _at(span.x - 0.5, row), _at(span.x + 1.4, row)
    return f'<path class="bone" d="M{left:.1f} {middle:.1f}H{right:.1f}"/>'


def _text(span: Span, row: int) -> str:
    x, middle = _at(span.x, row)
    text = span.text.rstrip()
    # A font may lack a letter and take it from a wider one: the room that was laid out holds.
    fixed = "" if text.isascii() else f' textLength="{cell_len(text) * _CELL_W:.1f}"'
    return f'<text class="{span.part}" x="{x:.1f}" y="{middle + _FONT * 0.35:.1f}"{fixed}>{_xml(text)}</text>'


def _xml(text: str) -> str:
    clean = _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", visible(text))
    return clean.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
