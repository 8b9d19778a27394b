"""Actions of a document: items and tables, with owner, date, priority, state and ticket where they stand there."""

import re
from collections.abc import Sequence
from typing import Any

from app.importing.blocks import Block
from app.importing.draft import Draft
from app.importing.due import Due, Dues
from app.importing.parts import Part, item_groups
from app.importing.tables import ACTION_COLUMNS, match_columns, with_extras
from app.importing.taskwords import (
    ACTION_KIND_WORDS,
    ANY_LINK,
    MARKED_STATUS,
    PRIORITY,
    STATUS,
    priority_in,
    read_field,
    read_words,
    state_in,
    ticket_of,
    word_of,
)
from app.importing.words import bare, joined, label_of, plain, role_of
from app.markdown import words as decoded
from app.review.plain import one_line
from app.review.vocabulary import ACTION_KINDS

_SENTENCE = re.compile(r"[^\W\d_a-z][^.!?]{4,200}[.!]")
_NUMBERED = re.compile(r"\W*(?:(?:action|task|item)\s*)?#?[0-9]{1,2}\s*[.:)–—-]\s*(?=\S)", re.IGNORECASE)
_KIND = re.compile(r"\[(?P<kind>[a-z]+)\]\s*\Z", re.IGNORECASE)
_COLON_LINE = re.compile(r"\S[^\n]{0,80}:\s*\Z")


def actions_of(part: Part, draft: Draft, *, heading: str, group: str = "", status: str = "") -> None:
    """The actions of *part*; a line that only names a group is the heading of those behind it."""
    above, status, priority = group, status or state_in(group), priority_in(group)
    blocks = part.blocks
    groups = item_groups(blocks)
    for place, found in enumerate(groups):
        block = found[0]
        follows_list = place + 1 < len(groups) and groups[place + 1][0].kind == "item"
        # Under their heading a table of actions needs no owner and no date to be one.
        if (
            block.kind == "table"
            and block.rows
            and "text" in match_columns(block.rows[0].cells, ACTION_COLUMNS)
        ):
            _table(block, draft, group, status, priority)
        elif block.kind == "item" or (block.kind == "paragraph" and _is_action(block.text)):
            _item(found, draft, group, status, priority)
        elif block.kind == "paragraph" and follows_list and _is_group(block.text):
            own = bare(block.text).rstrip(":").strip()
            status = state_in(own) or state_in(above)
            priority = priority_in(own) or priority_in(above)
            group = f"{above}: {own}" if above else own
            draft.use(block.begin, block.end, "heading", group)
        elif block.kind == "rule":
            draft.use(block.begin, block.end, "layout")
        elif block.kind == "paragraph" and len(groups) == 1 and _are_sentences(block):
            for number, line in enumerate(block.text.split("\n"), block.begin):
                _item([Block("item", number, number + 1, line.strip())], draft, group, status, priority)
        else:
            draft.passage(heading, block.begin, found[-1].end)


def action_of(part: Part, draft: Draft) -> bool:
    """A heading among actions that is one of them, as ``### 1) Better alerts @dma``, with its words below it.

    False where the heading is none, and nothing was taken.
    """
    found = _NUMBERED.match(part.title)
    said = [block for block in part.blocks if block.kind != "rule"]
    if found is None or part.head is None or part.parts or any(block.kind != "paragraph" for block in said):
        return False
    title = part.title[found.end() :].strip()
    kind = _KIND.search(title)
    fields: dict[str, Any] = {"status": "open"}
    if (
        kind
        and (known := ACTION_KIND_WORDS.get(kind["kind"].casefold(), kind["kind"].casefold())) in ACTION_KINDS
    ):
        fields["kind"] = known
        title = title[: kind.start()].strip()
    handle = re.search(r"`(?P<name>@[\w.-]+)`\s*\Z", title)
    title = title if handle is None else f"{title[: handle.start()]}{handle['name']}"
    own, text, due = read_words(title, draft.dues)
    told = "\n\n".join(decoded(joined(block.text)) for block in said)
    _doubt(due, text, draft)
    end = said[-1].end if said else part.head.end
    draft.action(part.head.begin, end, **fields | own, text=f"{text}\n\n{told}".strip())
    for block in part.blocks:
        if block.kind == "rule":
            draft.use(block.begin, block.end, "layout")
    return True


def _are_sentences(block: Block) -> bool:
    """Whether each of several lines is a sentence of its own, and no part of running text."""
    lines = [line.strip() for line in block.text.split("\n")]
    return len(lines) == block.end - block.begin > 1 and all(_SENTENCE.fullmatch(line) for line in lines)


def are_checkboxes(found: list[Block]) -> bool:
    """Whether the items of a part are all boxes to tick: what is to be done, whatever the part is called."""
    items = [group[0] for group in item_groups(found) if group[0].kind == "item"]
    return bool(items) and all(re.match(r"\[[ xX]\]\s", block.text) for block in items)


def _is_action(text: str) -> bool:
    """Whether a paragraph says that it is one: “**Action item:** declare incidents earlier.”"""
    label = label_of(text)
    return bool(label and label[1] and role_of(label[0]) == "actions")


def _is_group(text: str) -> bool:
    label = label_of(text)
    return bool(label and not label[1]) or bool(_COLON_LINE.fullmatch(text))


def _item(found: list[Block], draft: Draft, group: str, status: str, priority: str) -> None:
    block = found[0]
    begin, end = block.begin, found[-1].end
    said, text, due = read_words(block.text, draft.dues)
    fields = {"group": group, "status": status or "open", "priority": priority} | said
    below, rest = _below(found[1:], draft)
    fields |= below
    if rest:
        text += f"\n\n{rest}"
    _doubt(due, text, draft)
    draft.action(begin, end, text=text, **fields)


def _below(found: list[Block], draft: Draft) -> tuple[dict[str, Any], str]:
    """The fields that the lines below an action say, and the other ones as they stand there."""
    fields: dict[str, Any] = {}
    left: list[Block] = []
    for block in found:
        lines = [line.strip() for line in block.text.split("\n") if line.strip()]
        said = [read_field(line, draft.dues) for line in lines if block.kind in {"item", "paragraph"}]
        names = [name for each in said for name in each]
        if said and all(said) and len({*names, *fields}) == len(names) + len(fields):
            fields |= {name: value for each in said for name, value in each.items()}
        else:
            left.append(block)
    if left and not fields:
        return {}, draft.raw_below(found[0].begin, found[-1].end)
    return fields, "\n".join(draft.raw_below(block.begin, block.end) for block in left)


def _doubt(due: Due, text: str, draft: Draft) -> None:
    if due.day and due.other:
        draft.remarks.append(
            f"The due date of “{one_line(text)[:40]}” is read as {due.day}; {due.other} would be another reading."
        )


def _table(block: Block, draft: Draft, group: str, status: str, priority: str) -> None:
    head = block.rows[0].cells
    for row in block.rows[1:]:
        fields = action_fields(row.cells, head, shown=True, draft=draft)
        if fields is None:
            draft.use(row.line, row.line + 1, "layout")
        else:
            whole = {"group": group, "status": status or "open", "priority": priority} | fields
            draft.action(row.line, row.line + 1, **whole)
    draft.use(block.begin, block.end, "layout")


def action_fields(
    cells: Sequence[str], head: Sequence[str], *, shown: bool = False, draft: Draft | None = None
) -> dict[str, Any] | None:
    """The fields of the action that a row says; None for a row without words.

    What has no field goes to its note, or (*shown*, in a report) to its words. Doubts go to the remarks of *draft*.
    """
    places = match_columns(head, ACTION_COLUMNS)

    def cell(name: str) -> str:
        place = places.get(name)
        value = decoded(cells[place]).strip() if place is not None and place < len(cells) else ""
        return "" if value in {"-", "–", "—"} else value

    if not any(each.strip() for each in cells):
        return None
    notes: list[str] = []
    fields: dict[str, Any] = {"text": cell("text"), "owner": cell("owner"), "done_when": cell("done_when")}
    name = plain(cell("id"))
    if re.fullmatch(r"[A-Za-z][A-Za-z0-9]*-?\d+", name):
        fields["id"] = name
    elif name and not (shown and name.strip("#.").isdigit()):
        notes.append(f"{plain(head[places['id']])}: {name}")
    if due := cell("due"):
        read = (draft.dues if draft else Dues()).read(due)
        if read.day:
            fields["due"] = read.day
        if draft:
            _doubt(read, fields["text"], draft)
        if not read.day or read.other:
            notes.append(f"{plain(head[places['due']])}: {due}")
    if priority := cell("priority"):
        fields["priority"] = word_of(priority, PRIORITY) or priority
    if status := cell("status"):
        known = word_of(status, STATUS)
        fields["status"] = known or "open"
        if not known:
            notes.append(f"{plain(head[places['status']])}: {status}")
    ticket_text = cell("ticket")
    if mark := MARKED_STATUS.search(ticket_text):
        # "Bug 5554823 **TODO**"
        fields["status"] = word_of(mark["word"], STATUS)
        ticket_text = ticket_text[: mark.start()].strip()
    if ticket_text.casefold() in {"n/a", "none"}:
        ticket_text = ""
    if ticket := ticket_of(ticket_text) or ticket_of(" ".join(cells)):
        fields["ticket"] = ticket
    elif link := ANY_LINK.search(ticket_text):
        fields["ticket"] = {"url": link[0]}
    elif ticket_text:
        notes.append(f"{plain(head[places['ticket']])}: {ticket_text}")
    if (kind := ACTION_KIND_WORDS.get(cell("kind").casefold(), cell("kind").casefold())) in ACTION_KINDS:
        fields["kind"] = kind
    elif kind:
        notes.append(f"{plain(head[places['kind']])}: {cell('kind')}")
    if reason := cell("reason"):
        fields["reason"] = reason
    taken = set(places.values())
    if "status" not in places and not MARKED_STATUS.search(cell("ticket")):
        # "Done" stands among the remarks.
        for place in (each for each in range(len(cells)) if each not in taken):
            if state := word_of(cells[place], STATUS) if cells[place].strip() not in {"", "x", "X"} else "":
                fields["status"] = state
                taken.add(place)
                break
    notes += [
        f"{plain(head[place])}: {decoded(value).strip()}"
        if place < len(head) and head[place].strip()
        else value.strip()
        for place, value in enumerate(cells)
        if place not in taken and value.strip() not in {"", "-"}
    ]
    if notes and shown:
        fields["text"] = with_extras(fields["text"], notes)
    elif notes:
        fields["note"] = "\n".join(notes)
    return fields
