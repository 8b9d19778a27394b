"""What stands around the tree of whys: where one is, what is worth a question, what was asked so far."""

from collections.abc import Sequence
from datetime import date, tzinfo

from textual.content import Content

from app.review.moments import show
from app.review.prompts import child_prompt, covered, families
from app.review.records import Factor, Session
from app.review.remarks import Remark
from app.review.timeline import in_order
from app.text import cell_len, cut
from widgets.safe import content

SIDE_FROM = 120
"""Columns from which on the warnings stand beside the tree."""
SIDE_OF_FISHBONE_FROM = 160
"""The same for the fishbone, which is wide itself."""
SIGNS = "● evidence  ○ no evidence yet  ! immediate  + contributing  § systemic"
_MOST_NOTES = 2
_SHORT_SIGNS = ("○ no evidence yet", "● evidence", "! immediate", "+ contributing", "§ systemic")
_SIGNS_BELOW_FROM = 100
"""Columns of a view below which the signs are explained above it, as far as there is room."""


VIEWS = {"tree": ("t", "tree"), "fishbone": ("f", "fishbone"), "list": ("c", "categories")}


def heading(view: str, path: Sequence[Factor], width: int) -> Content:
    """The name of the step's method, the ways to look at it, and where the branch that is shown hangs."""
    parts = [content("Five whys", "bold"), content("  ")]
    for name, (key, word) in VIEWS.items():
        if name == view:
            parts.append(content(f" {key} ▸{word} ", "bold $text-accent"))
        else:
            parts += [content(f" {key} ", "bold"), content(f"{word} ", "$text-muted")]
    line = Content.assemble(*parts)
    if not path:
        known = ""
        for sign in _SHORT_SIGNS:
            if line.cell_length + cell_len(known) + cell_len(sign) + 4 > width or width >= _SIGNS_BELOW_FROM:
                break
            known += f"  {sign}"
        return Content.assemble(line, content(known, "$text-muted"))
    return Content.assemble(line, content(f"  {breadcrumb(path, max(12, width - line.cell_length - 4))}"))


def breadcrumb(path: Sequence[Factor], width: int) -> str:
    """Where the branch that fills the view hangs; what is far above gives way first."""
    names = [cut(factor.text, max(12, width // max(1, len(path)) - 3)) for factor in path]
    line = " ▸ ".join(["all", *names])
    while cell_len(line) > width and len(names) > 1:
        names.pop(0)
        line = " ▸ ".join(["all", "…", *names])
    return cut(line, max(1, width))


def notes(remarks: Sequence[Remark], width: int) -> list[str]:
    """The first warnings in a line each, and how many more there are."""
    lines = [f"▲ {remark.say}" for remark in remarks[:_MOST_NOTES]]
    more = len(remarks) - _MOST_NOTES
    if more > 0:
        tail = f"  +{more} more  W"
        lines[-1] = cut(lines[-1], max(1, width - cell_len(tail))) + tail
    return [cut(line, max(1, width)) for line in lines]


def legend(session: Session, width: int) -> str:
    """What the signs mean, and which families of questions were asked."""
    asked = tick_list(session)
    wide = f"{SIGNS}   asked {asked}"
    return wide if cell_len(wide) <= width else cut(f"asked {asked}", max(1, width))


def tick_list(session: Session) -> str:
    """The families of questions, ticked where they are covered."""
    done = covered(session)
    words = [f"{'✓' if each.name in done else '○'}{each.name}" for each in families()]
    return ("how only · " if session.analysis.hows else "") + " ".join(words)


def side(
    session: Session, here: Factor | None, remarks: Sequence[Remark], zone: tzinfo, day: date
) -> Content:
    """The column beside the tree: the node under the cursor, and what is worth a question."""
    parts: list[Content] = []
    if here is not None:
        parts += _node(session, here, zone, day)
    if remarks:
        parts += [content("worth a question   w next  W all", "bold")]
        parts += [
            Content.assemble(content("▲ ", "$text-warning"), content(remark.say, "$text-warning"))
            for remark in remarks
        ]
    elif session.factors:
        parts.append(content("✓ Nothing to ask about the tree.", "$text-success"))
    if session.factors:
        stop = "Stop where the next answer repeats, or is outside what this group can see or change."
        parts += [content(""), content(stop, "$text-muted")]
    return Content("\n").join(parts)


def _node(session: Session, here: Factor, zone: tzinfo, day: date) -> list[Content]:
    """What is known of a node, line by line."""
    facts = " · ".join(fact for fact in (here.kind, here.mark, here.category) if fact)
    parts = [
        Content.assemble(content(here.id, "bold"), content(f"  {facts or 'no kind, mark or category yet'}"))
    ]
    if here.question:
        parts.append(content(here.question, "italic $text-accent"))
    rows = {row.id: row for row in in_order(session)}
    for key in here.events:
        row = rows.get(key)
        text = f"● {key} {show(row, zone, day)} {row.text}" if row else f"● {key} is not on the timeline"
        parts.append(content(cut(text, 80)))
    parts += [
        content(cut(f"● {each.artifact or each.url or each.query or each.source}", 80))
        for each in here.evidence[:5]
    ]
    if not (here.events or here.evidence):
        parts.append(content("○ no evidence yet: v points to a row, V to a line", "$text-muted"))
    if here.also_under:
        parts.append(content(f"↗ also below {', '.join(here.also_under)}"))
    count = sum(each.parent == here.id for each in session.factors)
    asked = child_prompt(count, hows=session.analysis.hows)
    parts += [Content.assemble(content("tab ", "bold"), content(asked, "italic")), content("")]
    return parts
