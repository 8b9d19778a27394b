"""The rows of the timeline in parallel tracks: one column for each source, actor, tag or course of events."""

from collections import Counter
from collections.abc import Sequence
from typing import Final, Literal

from app.review.records import Event
from screens.timeline_rows import MadeRows, TimelineRows
from widgets.columns import Column, Row

By = Literal["", "source", "actor", "tags", "track"]
"""What tells tracks apart; nothing for one list."""
NAMES: Final[dict[By, str]] = {"source": "source", "actor": "actor", "tags": "tag", "track": "track"}

LEAST: Final = 16
"""Cells of the narrowest track."""
_TIME, _KIND, _TEXT, _STAR = 0, 2, 3, 6
"""Places of the columns of the one list."""
_NONE: Final = "(none)"
_STEM: Final = "│"
"""Stands in a track between its rows: it goes on, although nothing is recorded there now."""


def tracks_of(event: Event, by: By) -> tuple[str, ...]:
    """The tracks that a row belongs to."""
    if by == "tags":
        return event.tags or (_NONE,)
    value = getattr(event, by) if by else ""
    return (value if value not in {"", "-"} else _NONE,)


def kinds_of_tracks(events: Sequence[Event]) -> tuple[By, ...]:
    """What the rows can be told apart by: there must be at least two tracks."""
    return tuple(by for by in NAMES if len({name for row in events for name in tracks_of(row, by)}) > 1)


class LaneRows(MadeRows):
    """The same rows as :class:`TimelineRows`, each text in the column of its track."""

    def __init__(self, rows: TimelineRows, by: By, room: int) -> None:
        """*room* is the width of the terminal: tracks that find no place share the last column."""
        self._rows, self._by = rows, by
        # Names that are shown as roles are no titles either.
        self._tracks = {event.id: tracks_of(rows.told(event), by) for event in rows.events}
        counts = Counter(name for names in self._tracks.values() for name in names)
        known = list(counts)
        most = max(2, (room - 14) // (LEAST + 2))
        kept = known
        if len(known) > most:
            # The busiest have columns of their own, in the order in which they first appear.
            busiest = {name for name, _ in counts.most_common(most - 1)}
            kept = [name for name in known if name in busiest]
        self._others = len(known) - len(kept)
        self.lanes: tuple[str, ...] = (*kept, f"{self._others} others") if self._others else tuple(kept)
        self._place = {name: place for place, name in enumerate(kept)}
        self._reach: dict[int, tuple[int, int]] = {}
        for event in rows.events:
            index = rows.index_of(event.id) or 0
            for place in self._places(event.id):
                first, last = self._reach.get(place, (index, index))
                self._reach[place] = min(first, index), max(last, index)

    def _places(self, key: str) -> tuple[int, ...]:
        last = len(self.lanes) - 1
        return tuple(dict.fromkeys(self._place.get(name, last) for name in self._tracks.get(key, ())))

    def __len__(self) -> int:
        return len(self._rows)

    def index_of(self, key: str) -> int | None:
        """Where a row stands, by its key."""
        return self._rows.index_of(key)

    def _row(self, index: int) -> Row:
        row = self._rows[index]
        if row.banner:
            return row
        here = self._places(row.key)
        text = f"★ {row.cells[_TEXT]}" if row.cells[_STAR] else row.cells[_TEXT]
        lanes = []
        for place in range(len(self.lanes)):
            first, last = self._reach.get(place, (index + 1, index))
            if place in here:
                # Where tracks share a column, the row says which is its own.
                shared = self._others and place == len(self.lanes) - 1
                mine = [name for name in self._tracks[row.key] if name not in self._place]
                lanes.append(f"[{', '.join(mine)}] {text}" if shared and mine else text)
            else:
                lanes.append(_STEM if first < index < last else "")
        cells = (row.cells[_TIME], row.cells[_KIND], *lanes, row.cells[_STAR])
        edits: tuple[str, ...] = ()
        if row.edit_cells:
            words = row.edit_cells[_TEXT]
            edits = (
                row.edit_cells[_TIME],
                row.edit_cells[_KIND],
                *[words for _ in lanes],
                row.edit_cells[_STAR],
            )
        styles = (
            row.cell_styles[0] if row.cell_styles else "",
            "",
            *["" if place in here else "muted" for place in range(len(lanes))],
        )
        return Row(row.key, cells, row.style, styles, edits)


def lane_columns(columns: Sequence[Column], lanes: Sequence[str]) -> tuple[Column, ...]:
    """The columns of the tracks, between time and kind on the left and the milestone on the right.

    Each of them is the row's text: it can be edited wherever the cursor stands.
    """
    named = {column.key: column for column in columns}
    return (
        named["time"],
        named["kind"],
        *(Column("text", lane, grow=1, min_width=LEAST) for lane in lanes),
        named["milestone"],
    )
