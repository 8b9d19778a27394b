"""What an incident did to its users: items, sentences, and tables of what was counted."""

from app.importing.blocks import Block
from app.importing.draft import Draft
from app.importing.fields import Fields
from app.importing.parts import Part, item_groups
from app.importing.words import bare, joined, label_of, role_of
from app.markdown import words as decoded


def effects_of(part: Part, draft: Draft, fields: Fields) -> None:
    """The effects that *part* tells of; the severity among them is a fact of the head that has none."""
    for group in item_groups(part.blocks):
        begin, end = group[0].begin, group[-1].end
        if group[0].kind == "rule":
            draft.use(begin, end, "layout")
        elif _counted(group[0], draft) or _severity(group, draft, fields):
            continue
        elif group[0].kind == "fence" and draft.impacts and draft.impacts[-1].text.endswith(":"):
            # What the sentence before it speaks of.
            last = draft.impacts[-1]
            draft.use(begin, end, "impact", last.id)
            fresh = last.model_copy(update={"text": f"{last.text}\n{draft.raw(begin, end)}"})
            draft.impacts[-1] = fresh
        else:
            draft.impact(begin, end, _text(group, draft))


def entry(draft: Draft, group: list[Block]) -> str:
    """The words of an entry of a list, with what is indented under it."""
    if group[0].kind == "paragraph" and len(group) == 1 and "\n" not in group[0].text:
        return group[0].text
    if group[0].kind == "item":
        return draft.item(group[0].begin, group[-1].end)
    return draft.raw(group[0].begin, group[-1].end)


def _text(group: list[Block], draft: Draft) -> str:
    if len(group) > 1 or group[0].kind not in {"item", "paragraph"}:
        return entry(draft, group)
    text = joined(group[0].text)
    if (label := label_of(text)) and label[1]:
        text = f"{label[0].rstrip(':')}: {label[1]}"
    return decoded(text)


def _counted(block: Block, draft: Draft) -> bool:
    """A table of what was counted: an effect for each row; whether it was one."""
    if block.kind != "table" or len(block.rows[0].cells) != 2 or len(block.rows) < 2:
        return False
    head = block.rows[0].cells
    # The head is a row itself where it has a number; it says nothing where it is empty or names the columns.
    rows = block.rows if any(letter.isdigit() for letter in head[1]) else block.rows[1:]
    for row in rows:
        label, value = (decoded(cell).strip() for cell in (*row.cells, "", "")[:2])
        if label or value:
            text = f"{bare(label)}: {value}" if label and value else label or value
            draft.impact(row.line, row.line + 1, text)
    draft.use(block.begin, block.end, "layout")
    return True


def _severity(group: list[Block], draft: Draft, fields: Fields) -> bool:
    """“**Severity:** Major” among the effects, where the head of the report does not say it."""
    label = label_of(group[0].text) if len(group) == 1 else None
    if label is None or not label[1] or "\n" in group[0].text or role_of(label[0]) != "severity":
        return False
    if draft.incident.get("severity"):
        return False
    draft.use(group[0].begin, group[0].end, "header", label[0])
    return fields.take("severity", decoded(label[1]))
