"""What an incident did to its users, and what went well and was hard: items, sentences, tables of what was counted."""

import re
from typing import Final

from app.importing.blocks import Block
from app.importing.causes import told_lines
from app.importing.draft import Draft
from app.importing.fields import Fields
from app.importing.parts import Part, item_groups
from app.importing.words import bare, joined, label_of, role_of
from app.markdown import words as decoded

_PICTURE: Final = re.compile(r"[\u2190-\u2bff\U0001f000-\U0001faff]\ufe0f?\s*(?=\S)")
"""What lists of those who write without bullets begin their lines with: ✅, ❌, →."""


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


def is_prose(found: list[Block]) -> bool:
    """Whether a part begins with running text, and with no label of a fact."""
    return bool(found) and found[0].kind == "paragraph" and label_of(found[0].text, plain_too=True) is None


def are_entries(part: Part) -> bool:
    """Whether there is nothing but items below a heading, which is the name of a group of them."""
    kinds = {block.kind for block in part.blocks}
    return part.head is not None and "item" in kinds and kinds <= {"item", "rule"}


def entries_of(part: Part, role: str, draft: Draft, *, group: str = "") -> None:
    """The entries of what went well, was hard or was learned; the name of their *group* stands before each."""
    groups = item_groups(part.blocks)
    before = f"**{decoded(bare(group))}:** " if group else ""
    ended = False
    for place, found in enumerate(groups):
        begin, end = found[0].begin, found[-1].end
        if found[0].kind == "rule":
            draft.use(begin, end, "layout")
            ended = any(each[0].kind == "item" for each in groups[:place])
        elif ended and found[0].kind != "item":
            # A line closes the list: what stands below it is about the whole document.
            draft.passage(decoded(bare(part.title)), begin, end)
        elif lines := told_lines(found[0]) or _pictured(found[0]):
            for number, line in lines:
                draft.entry(role, number, number + 1, line)
            draft.use(begin, end, "layout")
        else:
            draft.entry(role, begin, end, before + entry(draft, found))


def _pictured(block: Block) -> list[tuple[int, str]]:
    """The lines of a paragraph that is a list with pictures for bullets, with their numbers."""
    lines = block.text.split("\n")
    if block.kind != "paragraph" or len(lines) < 2 or len(lines) != block.end - block.begin:
        return []
    if not all(_PICTURE.match(line.strip()) for line in lines):
        return []
    return [(block.begin + place, line.strip()) for place, line in enumerate(lines)]
