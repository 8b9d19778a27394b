"""The blocks of a document as a tree of parts: what stands under which heading, and what the heading means.

A label in bold can be a heading as well: a line of its own (``**Timeline:**``), or the first words of an item
right under the title (``- **Impact**: …``), as reports without headings have them.
"""

import re
from dataclasses import dataclass, field, replace
from typing import Final

from app.importing.blocks import Block
from app.importing.stamps import POSTED, stamps_of, tracked
from app.importing.times import Clock, Timed
from app.importing.words import FIELDS, Role, label_of, role_of

_LABEL_LEVEL: Final = 7
_ITEM_LEVEL: Final = 10
_PLAIN: Final = re.compile(r"(?:\*\*|__)?(?P<label>[^\W\d_][^.:!?*\n]{2,60})[:：](?:\*\*|__)?")
_LABELLED: Final[frozenset[Role]] = frozenset(
    {"timeline", "key_events", "factors", "causes", "whys", "actions", "impact"}
)


@dataclass
class Part:
    """What stands under one heading."""

    title: str
    role: Role | None
    level: int
    head: Block | None = None
    """The block of the heading; none for the document itself, and where its words go on on the same line."""
    blocks: list[Block] = field(default_factory=list)
    parts: list["Part"] = field(default_factory=list)
    depth: int = 0
    """Of an item that is a heading."""
    labelled: bool = False
    """Whether its items are headings, as in a log of incidents: ``- **Key events**``, ``- **Impact**: …``."""

    def everything(self) -> "list[Part]":
        """This part and all below it."""
        return [self, *(each for part in self.parts for each in part.everything())]


def tree(found: list[Block], clock: Clock) -> Part:
    """The parts of a document. *clock* tells headings that are times, which are rows of the timeline."""
    root = Part("", None, 0)
    stack = [root]
    for place, block in enumerate(found):
        following = found[place + 1] if place + 1 < len(found) else None
        if block.kind == "heading":
            _heading(block, stack, clock, _below_heading(found, place))
            continue
        if said := _plain_label(block, following):
            _push(stack, Part(said, role_of(said), _LABEL_LEVEL, block))
            continue
        if stack[-1].role != "timeline" and _is_update(block, clock):
            # Updates of a status page stand below the last part of what was written about it.
            stack[1:] = stack[1:2] if stack[1:] and stack[1].level <= 1 else []
            _push(stack, Part("Updates", "timeline", _LABEL_LEVEL))
        while stack[-1].level >= _ITEM_LEVEL and (
            block.depth < stack[-1].depth or _next_item(block, stack[-1])
        ):
            stack.pop()
        if stack[-1].level >= _ITEM_LEVEL:
            stack[-1].blocks.append(block)
        elif block.kind == "paragraph" and block.depth == 0 and _is_label(block):
            label = label_of(block.text)
            role = role_of(label[0]) if label else None
            _push(stack, Part(label[0] if label else "", role, _LABEL_LEVEL, block))
        elif (
            block.kind == "paragraph" and block.depth == 0 and (found_label := _said_behind(block, stack[-1]))
        ):
            # "**Impact:**" with its words on the next lines, in a part such as the summary.
            part = Part(found_label[0], role_of(found_label[0]), _LABEL_LEVEL)
            part.blocks.append(replace(block, text=found_label[1]))
            _push(stack, part)
        elif (
            block.kind == "item"
            and (stack[-1].level <= 1 or stack[-1].labelled)
            and (label := label_of(block.text))
        ):
            part = Part(label[0], role_of(label[0]), _ITEM_LEVEL + block.depth, depth=block.depth)
            if label[1]:
                part.blocks.append(replace(block, text=label[1]))
            else:
                part.head = block
            _push(stack, part)
        else:
            stack[-1].blocks.append(block)
    return root


def _heading(block: Block, stack: list[Part], clock: Clock, behind: list[Block]) -> None:
    time = clock.look(block.text)
    in_timeline = next((part for part in reversed(stack) if part.role == "timeline"), None)
    alone = time.leads and not time.text
    below = in_timeline is not None and block.level > in_timeline.level - (in_timeline.head is None)
    told = below and _tells(time, behind, clock)
    if time.leads and (time.has_clock or (alone and in_timeline) or told):
        # A row, or the date of the rows below it: it opens no part, whatever its level.
        holder = in_timeline or stack[-1]
        while stack[-1] is not holder:
            stack.pop()
        if holder.parts:
            # Rows behind other parts of the timeline stay behind them.
            _push(stack, Part(holder.title, holder.role, holder.level + 1))
        stack[-1].blocks.append(block)
        return
    role = role_of(block.text)
    labelled = role is None and block.level > 1 and _are_labels(behind)
    _push(stack, Part(block.text, role, block.level, block, labelled=labelled))


def _is_update(block: Block, clock: Clock) -> bool:
    """Whether a paragraph is one update of a status page, or several."""
    stamps = stamps_of(block, clock)
    return bool(tracked(block) or (stamps and POSTED.match(block.text.split("\n")[stamps[0]])))


def _below_heading(found: list[Block], place: int) -> list[Block]:
    """The blocks behind *place* up to the next heading."""
    end = place + 1
    while end < len(found) and found[end].kind != "heading":
        end += 1
    return found[place + 1 : end]


def _are_labels(below: list[Block]) -> bool:
    """Whether the items below a heading are labels, and one of them is over key events or a timeline."""
    labels = [label_of(each.text) for each in below if each.kind == "item" and each.depth == 1]
    roles = {role_of(label[0]) for label in labels if label}
    return len(labels) > 1 and all(labels) and bool(roles & {"key_events", "timeline"})


def _tells(time: Timed, below: list[Block], clock: Clock) -> bool:
    """Whether a heading such as ``27 August: Attacks cascade`` is a row: what stands below it has no times."""
    if not time.leads or not time.is_date or not time.understood.dated:
        return False
    lines = (line for each in below for line in each.text.split("\n"))
    return not any((found := clock.look(line)).leads and found.has_clock for line in lines)


def _push(stack: list[Part], part: Part) -> None:
    while len(stack) > 1 and stack[-1].level >= part.level:
        stack.pop()
    stack[-1].parts.append(part)
    stack.append(part)


def _next_item(block: Block, part: Part) -> bool:
    return block.kind == "item" and block.depth == part.depth


def _is_label(block: Block) -> bool:
    label = label_of(block.text)
    return bool(label and not label[1] and role_of(label[0]) in _LABELLED)


def _plain_label(block: Block, following: Block | None) -> str:
    """The words of a line such as ``Timeline:`` or ``* Timeline:`` above what they name; empty for any other."""
    found = _PLAIN.fullmatch(block.text) if block.kind in {"paragraph", "item"} and block.depth <= 1 else None
    role = role_of(found["label"]) if found else None
    if not found or role is None or role in FIELDS or following is None:
        return ""
    # What is indented below an item is its own, and read as such.
    inside = block.kind == "item" and following.depth > block.depth
    inside = inside or (block.kind == "item" and following.kind != "item" and following.depth == block.depth)
    return "" if inside else found["label"]


def _said_behind(block: Block, part: Part) -> tuple[str, str] | None:
    """The label and the words of a paragraph that begins with one in bold that means a part of the report."""
    inside = part.level == _LABEL_LEVEL or part.role == "summary" or (part.role is None and part.level > 1)
    label = label_of(block.text) if inside else None
    lines = block.text.split("\n")
    if label is None or not label[1] or role_of(label[0]) not in {"impact", "causes", "factors"}:
        return None
    # Several labels on lines one after another are fields.
    return None if any(label_of(line.strip()) for line in lines[1:]) else label


def item_groups(found: list[Block]) -> list[list[Block]]:
    """Each item with all that is indented under it; blocks that stand in no list are groups of their own."""
    groups: list[list[Block]] = []
    for block in found:
        first = groups[-1][0] if groups else None
        inside = first is not None and first.kind == "item" and block.depth >= first.depth
        if inside and not (block.kind == "item" and first and block.depth == first.depth):
            groups[-1].append(block)
        else:
            groups.append([block])
    return groups


def title_level(root: Part) -> int:
    """The rank of the heading that is the title: the first, also where the report was cut out of a larger page."""
    levels = [part.level for part in root.parts if part.head and part.head.kind == "heading"]
    alone = len(levels) == 1 and levels[0] == 2 and root.parts[-1].level == 2
    return 2 if alone and root.parts[-1].role is None and len(root.parts[-1].parts) > 1 else 1
