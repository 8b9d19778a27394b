"""The layout of a fishbone in cells: the spine to the effect, a rib for every category, a twig for every factor.

It knows cells only; the screen draws it, and the report writes it as text and as SVG. Ribs that hold something
are drawn, in pairs above and below the spine; those that hold nothing are named, since an empty rib asks
whether anybody looked there.
"""

from collections.abc import Sequence
from typing import NamedTuple

from app.review.records import Factor, Session
from app.review.remarks import has_evidence
from app.review.ribs import Effect, Rib, Twig, effect, ribs
from app.text import cell_len, cut, fit, wrap

LEAST_RIB = 25
"""Cells between two ribs of one side: narrower, and every text is a column of words."""
MOST_RIB = 46
MOST_LINES = 4
"""Lines that the text of a factor may take."""
MARK_SIGNS = {"immediate": "!", "contributing": "+", "systemic": "§"}
FRESH = "+"
"""The key of a factor that has no id yet: it is being typed."""

_MARGIN = 1
_GAP = 2


class Span(NamedTuple):
    """A piece of a row: where it begins, what it says, what it is, and the factor that it belongs to."""

    x: int
    text: str
    part: str
    """``bone``, ``lead`` (of a twig), ``name``, ``text``, ``effect``, ``box``, or ``empty``."""
    key: str = ""


class Place(NamedTuple):
    """Where a factor stands: its text begins at *x* and *y*, and takes *width* cells and *height* rows."""

    x: int
    y: int
    width: int
    height: int
    column: int
    """The pair of ribs, from left to right; the effect stands in the last column."""
    below: bool
    """Whether it stands below the spine."""
    category: str


class Bone(NamedTuple):
    """A line of the skeleton in cells: from one point over others to the last."""

    points: tuple[tuple[float, float], ...]


class Drawing(NamedTuple):
    """A fishbone: its rows, where each factor stands, and its lines for whoever draws them smoothly."""

    width: int
    height: int
    rows: tuple[tuple[Span, ...], ...]
    places: dict[str, Place]
    bones: tuple[Bone, ...]
    box: tuple[int, int, int, int]
    """The frame around the effect: x, y, width, height."""

    def text(self) -> str:
        """The drawing as plain text."""
        return "\n".join(_line(row) for row in self.rows).rstrip() + "\n"


def _line(row: Sequence[Span]) -> str:
    line, at = [], 0
    for span in sorted(row):
        line.append(" " * (span.x - at) + span.text)
        at = max(at, span.x) + cell_len(span.text)
    return "".join(line).rstrip()


class _Row(NamedTuple):
    """One row of a rib: a piece of a factor's text, and whether a twig begins here."""

    key: str
    text: str
    indent: int
    first: bool


def signs(factor: Factor) -> str:
    """The signs behind a factor's text: its mark, and whether anything shows it."""
    return f"{MARK_SIGNS.get(factor.mark, '')} {'●' if has_evidence(factor) else '○'}".strip()


def lay_out(session: Session, width: int, fresh: Factor | None = None) -> Drawing:
    """Lay the factors out for *width* columns; where they do not fit, the drawing is wider.

    *fresh* is a factor that is being typed: it stands behind the others of its category.
    """
    head = effect(session)
    found = _with_fresh(ribs(session, head.key), fresh)
    filled = [rib for rib in found if rib.twigs]
    columns = max(1, (len(filled) + 1) // 2)
    box_width = max(18, min(34, width // 5))
    slant_most = max(3, width // 12)
    room = width - _MARGIN - box_width - slant_most - 3
    pitch = max(LEAST_RIB, min(MOST_RIB, room // columns))
    sides = (filled[0::2], filled[1::2])
    tall = [[_rows(rib, pitch) for rib in side] for side in sides]
    heights = [max((len(rows) + 1 for rows in side), default=0) for side in tall]
    slant = min(slant_most, max(1, *heights))
    box_lines = _effect_lines(head, box_width - 4)
    above = max(heights[0], (len(box_lines) + 2) // 2, 1)
    under = max(heights[1], (len(box_lines) + 3) // 2, 1)
    canvas = _Canvas(above + 1 + under)
    for side, side_ribs in enumerate(sides):
        for column, (rib, rows) in enumerate(zip(side_ribs, tall[side], strict=True)):
            base = _MARGIN + column * pitch
            canvas.rib(rib, rows, base, above, slant, pitch, column, below=bool(side))
    spine_end = _MARGIN + columns * pitch + slant if filled else _MARGIN + 6
    feet = [_MARGIN + column * pitch + slant for column in range(columns)] if filled else []
    canvas.spine(above, spine_end, feet, len(sides[1]))
    box = canvas.effect(head, box_lines, spine_end + 2, above, box_width, columns)
    total = box[0] + box_width + 1
    nothing = [rib.name for rib in found if not rib.twigs]
    if nothing:
        line = f"nothing yet: {' · '.join(nothing)}"
        canvas.rows.append([])
        canvas.rows += [[Span(_MARGIN, piece, "empty")] for piece in wrap(line, max(20, width - 2))]
    return Drawing(
        total,
        len(canvas.rows),
        tuple(tuple(sorted(row)) for row in canvas.rows),
        canvas.places,
        tuple(canvas.bones),
        box,
    )


def _with_fresh(found: Sequence[Rib], fresh: Factor | None) -> list[Rib]:
    """The ribs, with a factor that is being typed on its own."""
    rows = list(found)
    if fresh is None:
        return rows
    twig = Twig(fresh.model_copy(update={"id": FRESH}), 0)
    for number, rib in enumerate(rows):
        if rib.category == fresh.category:
            rows[number] = Rib(rib.category, (*rib.twigs, twig))
            return rows
    return [*rows, Rib(fresh.category, (twig,))]


def _rows(rib: Rib, pitch: int) -> list[_Row]:
    rows: list[_Row] = []
    for twig in rib.twigs:
        indent = min(twig.depth, 3) * 2
        room = pitch - 5 - indent
        rows += [
            _Row(twig.factor.id, piece, indent, number == 0)
            for number, piece in enumerate(_pieces(twig.factor, room))
        ]
    return rows


def _pieces(factor: Factor, room: int) -> list[str]:
    if factor.id == FRESH:
        return [" " * room]
    text = " ".join(factor.text[: room * (MOST_LINES + 1)].split())
    tail = f" {signs(factor)}"
    text = f"{factor.label}: {text}" if factor.label else text
    # The signs stay with the last word: alone on a line they would look like a factor of their own.
    words, _, last = text.rpartition(" ")
    pieces = wrap(text, room)
    if cell_len(pieces[-1]) + cell_len(tail) > room:
        pieces = [*wrap(words, room), last] if words and cell_len(last + tail) <= room else [*pieces, ""]
    pieces[-1] = f"{pieces[-1]}{tail}".strip()
    if len(pieces) > MOST_LINES:
        kept = cut(f"{pieces[MOST_LINES - 1]}…", max(4, room - cell_len(tail) - 1)).rstrip("… ")
        pieces = [*pieces[: MOST_LINES - 1], f"{kept}…{tail}"]
    return pieces


def _effect_lines(head: Effect, room: int) -> list[str]:
    lines = wrap(" ".join(head.text[:1000].split()), room)
    if len(lines) > 7:
        lines = [*lines[:6], cut(f"{lines[6]}…", room)]
    return [fit(line, room) for line in lines]


class _Canvas:
    """Rows of spans that ribs, spine and effect are put on."""

    def __init__(self, height: int) -> None:
        self.rows: list[list[Span]] = [[] for _ in range(height)]
        self.places: dict[str, Place] = {}
        self.bones: list[Bone] = []

    def rib(
        self,
        rib: Rib,
        rows: list[_Row],
        base: int,
        spine: int,
        slant: int,
        pitch: int,
        column: int,
        *,
        below: bool,
    ) -> None:
        """A rib: its name at the outer end, then a row for each piece of text, towards the spine."""

        def offset(steps: int) -> int:
            return slant - min(steps, slant)

        count = len(rows)
        direction = 1 if below else -1
        sign = "╱" if below else "╲"
        for number, row in enumerate(rows):
            # Texts are read from top to bottom on both sides.
            steps = number + 1 if below else count - number
            y, x = spine + direction * steps, base + offset(steps)
            straight = "├" if row.first and not row.indent else "│"
            self.rows[y].append(Span(x, sign if steps < slant else straight, "bone"))
            text_x = x + 1 + row.indent
            if row.first:
                self.rows[y].append(Span(text_x, "─ ", "lead", row.key))
            if row.text:
                self.rows[y].append(Span(text_x + 2, row.text, "text", row.key))
            known = self.places.get(row.key)
            if known is None or not row.first:
                self.places[row.key] = self._place(
                    known, text_x + 2, y, pitch - 5 - row.indent, column, rib, below
                )
        y, x = spine + direction * (count + 1), base + offset(count + 1)
        self.rows[y].append(Span(x, cut(rib.name, pitch - 2), "name"))
        turns = [count + 0.5, *([float(slant)] if count > slant else []), 0.0]
        self.bones.append(
            Bone(tuple((base + slant - min(each, slant) + 0.5, spine + direction * each) for each in turns))
        )

    @staticmethod
    def _place(known: Place | None, x: int, y: int, width: int, column: int, rib: Rib, below: bool) -> Place:
        if known is None:
            return Place(x, y, width, 1, column, below, rib.category)
        return known._replace(height=known.height + 1)

    def spine(self, y: int, end: int, feet: Sequence[int], lower: int) -> None:
        """The spine, with a joint where ribs meet it."""
        line = ["═"] * (end - _MARGIN + 1)
        for number, foot in enumerate(feet):
            line[foot - _MARGIN] = "╪" if number < lower else "╧"
        self.rows[y].append(Span(_MARGIN, "".join(line) + "▶", "bone"))
        self.bones.append(Bone(((float(_MARGIN), float(y)), (end + 1.5, float(y)))))

    def effect(
        self, head: Effect, lines: list[str], x: int, spine: int, width: int, columns: int
    ) -> tuple[int, int, int, int]:
        """The frame with the effect, at the end of the spine."""
        top = spine - (len(lines) + 1) // 2
        self.rows[top].append(Span(x, f"╭{'─' * (width - 2)}╮", "box"))
        for number, line in enumerate(lines, 1):
            self.rows[top + number] += [
                Span(x, "│ ", "box", head.key if number == 1 else ""),
                Span(x + 2, line, "effect", head.key),
                Span(x + 2 + width - 4, " │", "box"),
            ]
        self.rows[top + len(lines) + 1].append(Span(x, f"╰{'─' * (width - 2)}╯", "box"))
        if head.key:
            self.places[head.key] = Place(x + 2, top + 1, width - 4, len(lines), columns, False, "")
        return (x, top, width, len(lines) + 2)
