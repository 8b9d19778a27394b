"""The durations as bars on one scale, as an SVG that stands in the page: no script, light and dark, readable aloud."""

from html import escape

from app.report.view import Measure

_ROW, _LABEL, _BAR, _END = 26, 190, 360, 150
_STYLE = (
    ".bars .bar{fill:var(--series,#1a5fb4)}.bars text{font:13px system-ui,sans-serif;fill:var(--text,#1d2330)}"
    ".bars .rule{stroke:var(--line,#d5dae3)}"
)


def bars(measures: tuple[Measure, ...]) -> str:
    """One bar for each duration; nothing where there is none. Each is of this incident: there is no mean."""
    longest = max((each.seconds for each in measures), default=0.0)
    if longest <= 0:
        return ""
    width, height = _LABEL + _BAR + _END, _ROW * len(measures) + 8
    told = "; ".join(f"{each.label} {each.value}" for each in measures)
    parts = [
        f'<svg class="bars" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}"'
        f' height="{height}" role="img" aria-labelledby="bars-title bars-desc">',
        '<title id="bars-title">Durations of this incident</title>',
        f'<desc id="bars-desc">{escape(told)}</desc>',
        f"<style>{_STYLE}</style>",
        f'<line class="rule" x1="{_LABEL}" y1="2" x2="{_LABEL}" y2="{height - 2}"/>',
    ]
    for number, each in enumerate(measures):
        top = 4 + number * _ROW
        length = max(1.0, _BAR * each.seconds / longest)
        parts += [
            f'<text x="{_LABEL - 8}" y="{top + 16}" text-anchor="end">{escape(each.label)}</text>',
            f'<rect class="bar" x="{_LABEL}" y="{top + 4}" width="{length:.1f}" height="16" rx="2"/>',
            f'<text x="{_LABEL + length + 8:.1f}" y="{top + 16}">{escape(each.value)}</text>',
        ]
    return "\n".join([*parts, "</svg>", ""])
