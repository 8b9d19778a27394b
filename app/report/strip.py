"""The incident over its time, as an SVG that stands in the page: phases, the indicator, milestones on one axis.

No script, nothing loaded; colours are those of the page, light, dark and in print, and nothing is said by colour alone.
"""

import math
import textwrap
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from html import escape
from typing import Final

from app.review.durations import spell
from app.review.extent import buckets, span
from app.review.phases import Phase, road
from app.review.plain import visible
from app.review.records import Session
from app.review.timeline import instant, milestones
from app.review.zones import zone_of
from app.text import cut

_WIDTH, _LEFT, _RIGHT = 900, 64, 16
_PLOT: Final = _WIDTH - _LEFT - _RIGHT
_PARTS: Final = 208
"""Parts of the axis: each is four units wide."""
_PHASES, _CHART, _AXIS, _LINE = 26, 130, 26, 20
_STEPS: Final = (10, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 604800)
_COLUMNS: Final = 3

_STYLE = (
    ".strip text{font:13px system-ui,sans-serif;fill:var(--text,#1d2330)}.strip .soft{fill:var(--soft,#5a6374)}"
    ".strip .rule{stroke:var(--line,#d5dae3);stroke-width:1}.strip .area{fill:var(--series,#1a5fb4);fill-opacity:.22}"
    ".strip .edge{fill:none;stroke:var(--series,#1a5fb4);stroke-width:1.6}"
    ".strip .mark{fill:none;stroke:var(--text,#1d2330);stroke-width:1;stroke-dasharray:3 3;stroke-opacity:.75}"
    ".strip .dot{fill:var(--text,#1d2330)}.strip .number{fill:var(--ground,#fff);font-size:11px;font-weight:700}"
    ".strip .phase{stroke:var(--ground,#fff);stroke-width:1.5}"
    ".strip .p0{fill:var(--p0,#f3c6c2)}.strip .p1{fill:var(--p1,#f6dfb0)}.strip .p2{fill:var(--p2,#f2cfae)}"
    ".strip .p3{fill:var(--p3,#c5daf2)}.strip .p4{fill:var(--p4,#c9e6cd)}"
)
COUNTED: Final = "errors/min"
"""The label of the indicator that is counted from logs."""
_TONES: Final = {"detected": 0, "acknowledged": 1, "mitigated": 2, "recovered": 3, "resolved": 4}


@dataclass(frozen=True)
class Indicator:
    """A series that tells how the incident went: points are seconds since 1970 and a value, in order."""

    label: str
    definition: str
    """How its numbers are counted."""
    points: tuple[tuple[float, float], ...]


def strip(session: Session, indicator: Indicator | None) -> str:
    """The picture; nothing where neither two milestones nor a series are known."""
    shown = span(session)
    phases = road(session).phases
    if shown is None or not (phases or indicator):
        return ""
    return _Strip(session, shown, phases, indicator).svg()


class _Strip:
    def __init__(
        self,
        session: Session,
        shown: tuple[float, float],
        phases: tuple[Phase, ...],
        indicator: Indicator | None,
    ) -> None:
        self.zone: tzinfo = zone_of(session)
        self.shown = shown
        self.phases = phases
        self.indicator = indicator
        moments = [
            (at, name)
            for name, event in milestones(session).items()
            if (at := instant(session, event)) is not None and shown[0] <= at.timestamp() <= shown[1]
        ]
        self.moments = sorted(moments)
        self.parts: list[str] = []
        self.top = 0.0

    def x(self, at: float) -> float:
        """Where an instant is."""
        return _LEFT + _PLOT * (at - self.shown[0]) / (self.shown[1] - self.shown[0])

    def clock(self, at: datetime, *, seconds: bool = True) -> str:
        """An instant as the rows show it."""
        return at.astimezone(self.zone).strftime("%H:%M:%S" if seconds else "%H:%M")

    def svg(self) -> str:
        """All of it."""
        heads = 24.0
        self.top = heads
        # Lines lie behind the bars of the phases, so that no number crosses their names.
        drawn = self.parts
        self.parts = []
        if self.phases:
            self._phases()
        if self.indicator is not None:
            self._chart(self.indicator)
        bars, self.parts = self.parts, drawn
        self._marks(heads, self.top)
        self.parts += bars
        self._axis()
        self._legend()
        height = self.top + 4
        head = (
            f'<svg class="strip" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height:.0f}"'
            f' width="{_WIDTH}" height="{height:.0f}" role="img" aria-labelledby="strip-title strip-desc">'
        )
        title = "The incident over time"
        return "\n".join(
            [
                head,
                f'<title id="strip-title">{title}</title>',
                f'<desc id="strip-desc">{escape(self._told())}</desc>',
                f"<style>{_STYLE}</style>",
                *self.parts,
                "</svg>",
                "",
            ]
        )

    def _told(self) -> str:
        """What the picture shows, for those who hear it."""
        said = [f"{each.name}: {spell(each.length)}" for each in self.phases]
        said += [f"{name} at {self.clock(at)}" for at, name in self.moments]
        if self.indicator is not None:
            values = [value for _, value in self._inside() if math.isfinite(value)]
            highest = f", at most {_number(max(values))}" if values else ""
            said.append(f"{self.indicator.label}{highest}: {self.indicator.definition}")
        return visible("; ".join(said))

    def _phases_told(self) -> str:
        """The phases in words, with the milestones that each lies between."""
        told = (f"{each.name} {spell(each.length)} ({each.start} to {each.end})" for each in self.phases)
        return f"Phases: {'; '.join(told)}" if self.phases else ""

    def _inside(self) -> list[tuple[float, float]]:
        points = self.indicator.points if self.indicator else ()
        return [(at, value) for at, value in points if self.shown[0] <= at <= self.shown[1]]

    def _text(self, x: float, y: float, text: str, *, anchor: str = "start", kind: str = "") -> None:
        place = f' text-anchor="{anchor}"' if anchor != "start" else ""
        named = f' class="{kind}"' if kind else ""
        self.parts.append(f'<text x="{x:.1f}" y="{y:.1f}"{place}{named}>{escape(visible(text))}</text>')

    def _phases(self) -> None:
        top = self.top
        self._text(_LEFT - 10, top + 17, "phases", anchor="end", kind="soft")
        for each in self.phases:
            left = self.x(each.at.timestamp())
            width = max(1.0, self.x((each.at + each.length).timestamp()) - left)
            self.parts.append(
                f'<rect class="phase p{_TONES[each.end]}" x="{left:.1f}" y="{top:.1f}" width="{width:.1f}"'
                f' height="{_PHASES}"><title>{escape(each.name)}: {escape(spell(each.length))}</title></rect>'
            )
            room = int((width - 8) / 7.2)
            length = spell(each.length)
            wordings = (f"{each.name} · {length}", f"{each.short} · {length}", each.short)
            said = next((text for text in wordings if len(text) <= room), "")
            if said:
                self._text(left + width / 2, top + 18, said, anchor="middle")
        self.top += _PHASES + 12

    def _chart(self, indicator: Indicator) -> None:
        bottom = self.top + _CHART
        values = buckets(indicator.points, self.shown, _PARTS)
        known = [each for each in values if each is not None]
        high = _ceiling(max(known, default=0.0))
        low = min(0.0, *known) if known else 0.0
        reach = (high - low) or 1.0
        for value in (high, (high + low) / 2, low):
            y = bottom - _CHART * (value - low) / reach
            self.parts.append(
                f'<line class="rule" x1="{_LEFT}" y1="{y:.1f}" x2="{_LEFT + _PLOT}" y2="{y:.1f}"/>'
            )
            self._text(_LEFT - 10, y + 4, _number(value), anchor="end", kind="soft")
        step = _PLOT / _PARTS
        run: list[tuple[float, float]] = []
        for number, each in enumerate([*values, None]):
            if each is not None:
                y = bottom - _CHART * (each - low) / reach
                run += [(_LEFT + number * step, y), (_LEFT + (number + 1) * step, y)]
            elif run:
                line = " ".join(f"{x:.1f},{y:.1f}" for x, y in run)
                floor = bottom - _CHART * (0 - low) / reach
                self.parts.append(
                    f'<polygon class="area" points="{run[0][0]:.1f},{floor:.1f} {line} {run[-1][0]:.1f},{floor:.1f}"/>'
                )
                self.parts.append(f'<polyline class="edge" points="{line}"/>')
                run = []
        self.top = bottom

    def _marks(self, top: float, bottom: float) -> None:
        """Milestones as numbered lines."""
        last = -99.0
        for number, (at, _) in enumerate(self.moments, 1):
            x = self.x(at.timestamp())
            # The circle moves aside where the one before is too close; its line stays where the moment is.
            centre = max(x, last + 18)
            last = centre
            self.parts.append(
                f'<polyline class="mark" points="{centre:.1f},{top - 4:.1f} {x:.1f},{top:.1f} {x:.1f},{bottom:.1f}"/>'
            )
            self.parts.append(f'<circle class="dot" cx="{centre:.1f}" cy="{top - 13:.1f}" r="8"/>')
            self._text(centre, top - 9, str(number), anchor="middle", kind="number")

    def _axis(self) -> None:
        y = self.top
        self.parts.append(f'<line class="rule" x1="{_LEFT}" y1="{y:.1f}" x2="{_LEFT + _PLOT}" y2="{y:.1f}"/>')
        length = self.shown[1] - self.shown[0]
        step = next(
            (each for each in _STEPS if length / each <= 8), _STEPS[-1] * max(1, int(length / _STEPS[-1] / 8))
        )
        try:
            first = datetime.fromtimestamp(self.shown[0], UTC).astimezone(self.zone)
            midnight = first.replace(hour=0, minute=0, second=0, microsecond=0)
        except (OverflowError, ValueError):
            return
        count = math.ceil((first - midnight).total_seconds() / step)
        for number in range(count, count + 12):
            at = (midnight.astimezone(UTC) + timedelta(seconds=number * step)).astimezone(self.zone)
            if at.timestamp() > self.shown[1]:
                break
            x = self.x(at.timestamp())
            self.parts.append(f'<line class="rule" x1="{x:.1f}" y1="{y:.1f}" x2="{x:.1f}" y2="{y + 5:.1f}"/>')
            day = step >= 86_400
            said = f"{at:%m-%d}" if day else self.clock(at, seconds=step < 60)
            self._text(x, y + 19, said, anchor="middle", kind="soft")
        self.top += _AXIS + 6

    def _legend(self) -> None:
        """The numbers in words: nothing is told by its place alone."""
        for number, (at, name) in enumerate(self.moments):
            column, line = number % _COLUMNS, number // _COLUMNS
            x, y = _LEFT + column * (_PLOT / _COLUMNS), self.top + line * _LINE + 14
            self.parts.append(f'<circle class="dot" cx="{x + 8:.1f}" cy="{y - 4:.1f}" r="8"/>')
            self._text(x + 8, y, str(number + 1), anchor="middle", kind="number")
            self._text(x + 22, y, f"{name} {self.clock(at)}")
        self.top += _LINE * math.ceil(len(self.moments) / _COLUMNS)
        for said in textwrap.wrap(self._phases_told(), 118):
            self._text(_LEFT, self.top + 16, said, kind="soft")
            self.top += _LINE - 2
        if self.indicator is not None:
            said = f"Curve: {self.indicator.label}: {self.indicator.definition}"
            self._text(_LEFT, self.top + 16, cut(visible(said), 118), kind="soft")
            self.top += _LINE + 2


def _ceiling(value: float) -> float:
    """The next round number, so that the axis reads well."""
    if value <= 0 or not math.isfinite(value):
        return 1.0
    power = float(10 ** math.floor(math.log10(value)))
    return next(
        (each * power for each in (1, 1.5, 2, 3, 4, 5, 6, 8, 10) if each * power >= value), 10 * power
    )


def _number(value: float) -> str:
    if abs(value) >= 1e6:
        return f"{value:.3g}"
    return f"{value:,.0f}" if value == int(value) else f"{value:,.3g}"
