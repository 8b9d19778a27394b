"""Actions of a document: items and tables, with owner, date, priority, state and ticket where they stand there."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from app.importing.blocks import Block
from app.importing.draft import Draft
from app.importing.parts import Part, item_groups
from app.importing.tables import ACTION_COLUMNS, match_columns, with_extras
from app.importing.tongues import meaning
from app.importing.words import bare, joined, label_of, plain
from app.markdown import words as decoded
from app.review.dates import read_due
from app.review.vocabulary import ACTION_KINDS

_PRIORITY: Final = (
    (r"(?:high(?:est)?|critical|urgent|p[01]|blocker|major)(?: priority)?", "high"),
    (r"(?:medium|med|normal|p2)(?: priority)?", "medium"),
    (r"(?:low(?:est)?|minor|p[345])(?: priority)?", "low"),
)
_STATUS: Final = (
    (r"(?:done|completed?|closed|resolved|fixed|finished|merged|x|yes|✓|✔️?|☑️?|✅)", "done"),
    (r"(?:in[- _]?progress|started|doing|ongoing|wip|in review)", "in-progress"),
    (r"(?:declined|won[’']?t (?:do|fix)|rejected|cancell?ed|dropped|not[ _]doing|deleted)", "declined"),
    (r"(?:open|to-?do|new|planned|not started|backlog|outstanding)", "open"),
)
_LEADING_PRIORITY = re.compile(
    r"\s*(?:\*\*|__|\[|\(){1,2}\s*(?P<word>high|medium|low|critical|p[0-5])\s*(?:priority)?\s*(?:\*\*|__|\]|\)){1,2}"
    r"[:\s–-]*",
    re.IGNORECASE,
)
_CHECKBOX = re.compile(r"\s*\[(?P<mark>[ xX])\]\s+")
_TAIL_STATUS = re.compile(
    r"[(\[]\s*(?P<word>done|completed?|in progress|wip|won't do|declined)\s*[)\]]\.?\s*\Z", re.IGNORECASE
)
_OWNER = re.compile(
    r"\b(?i:owner|assignee|assigned to|responsible|dri|who|verantwortlich|zuständig|responsable|responsável|encargado"
    r"|担当|担当者|オーナー)\s*[:=：]\s*(?P<name>@?\w(?:[\w.-]*\w)?(?: (?:[A-ZÀ-Þ]\w[\w.-]*|team)\b(?!\s*[:=]))?)"
)
_HANDLE = re.compile(r"(?:^|[\s(\[])(?P<name>@[A-Za-z0-9][\w.-]*\w|@[A-Za-z0-9])[)\]]?\s*[.,]?\s*\Z")
_BETWEEN = re.compile(
    # "… — @lea — due 2026-04-20"
    r"[-–—|(\[,]\s*(?P<name>@[A-Za-z0-9](?:[\w.-]*\w)?)(?=\s*(?:[-–—|)\],]|\Z))"
)
_FIRST = re.compile(
    r"\s*(?:\[(?P<name>@[A-Za-z0-9][\w.-]*)\]|(?P<bare>@[A-Za-z0-9](?:[\w.-]*\w)?))(?:\s*[:–—]|\s+-\s|\s+to\s)"
)
_SLASHED = re.compile(r"([0-9]{1,2})([/.])([0-9]{1,2})\2([0-9]{4})")
_PAIR = re.compile(
    # Who and until when in brackets: (mk, until …)
    r"\((?P<name>@?[\w.-]{2,20}(?: [A-ZÀ-Þ][\w-]+)?), ?(?:until|by|due|bis|jusqu.au|hasta|até)\b"
)
# "… | @joe | 2026-05-01 | P2"
_SEGMENT_DAY = re.compile(r"(?:\s[-–—]|\|)\s*(?P<day>\d{4}-\d{2}-\d{2})(?=\s*(?:\Z|[|)]|[-–—]\s))")
_SEGMENT_PRIORITY = re.compile(
    r"(?:(?:\s[-–—]|\|)\s*|[\[(])(?P<word>P[0-5]|(?i:high|medium|low)(?: priority)?)(?=\s*(?:\Z|[|)\]]|[-–—]\s))"
)
_SAID_PRIORITY = re.compile(
    r"\b(?i:prio(?:rity)?|priorität|priorité|prioridad|prioridade|優先度)\s*[:=：]\s*(?P<word>[\w-]+)"
)
_SAID_STATUS = re.compile(
    r"\b(?i:status|state|statut|estado|状態)\s*[:=：]\s*(?P<word>[A-Za-z’']+(?:[ -][A-Za-z’']+)?)"
)
_DUE = re.compile(
    r"(?:\b(?:due(?: (?:on|by|date))?|deadline|by|until|eta|fällig(?: am)?|bis|frist|échéance|avant le|plazo"
    r"|prazo|para el|até)|期限|期日)\s*[:=：]?\s*"
    r"(?P<day>\d{4}-\d{2}-\d{2}\b|[A-Z][a-z]{2,8}\.? \d{1,2}(?:st|nd|rd|th)?,? \d{4}\b"
    r"|\d{1,2}\.? [A-Z][a-z]{2,8}\.?,? \d{4}\b)",
    re.IGNORECASE,
)
_SEGMENTS = re.compile(
    r"\s+(?:[-–—|]|\()\s*(?:(?P<owner>@[\w.-]+|[A-ZÀ-Þ]\w+(?: [A-ZÀ-Þ]\w+)?)\s*(?:[-–—|,;]|by)\s*)"
    r"(?P<day>\d{4}-\d{2}-\d{2})\)?\.?\s*\Z"
)
"""A name and a date that end an action: "… - Tom - 2025-03-15"."""
_MARKED_STATUS = re.compile(r"(?:\*\*|__|\b)(?P<word>DONE|TODO|WIP|FIXED|CLOSED|OPEN)(?:\*\*|__|\b)\s*\Z")
_ANY_LINK = re.compile(r"https?://[^\s)>\]|\"]+")
_KINDS: Final = {
    "mitigate": "limit",
    "mitigation": "limit",
    "prevention": "prevent",
    "detection": "detect",
    "repair": "recover",
}
_TICKET = re.compile(
    r"https?://[^\s)>\]|\"]*?(?:/issues/(?P<github>\d+)|/-/issues/(?P<gitlab>\d+)|/browse/(?P<jira>[A-Z][A-Z0-9]+-\d+)"
    r"|linear\.app/[^\s)>\]|\"]*/issue/(?P<linear>[A-Z]+-\d+)|/issues/(?:[\w.-]+/)+(?P<zenhub>\d+))[^\s)>\]|\"]*"
)
_SENTENCE = re.compile(r"[^\W\d_a-z][^.!?]{4,200}[.!]")
_COLON_LINE = re.compile(r"\S[^\n]{0,80}:\s*\Z")


def actions_of(part: Part, draft: Draft, *, heading: str, group: str = "", status: str = "") -> None:
    """The actions of *part*; a line that only names a group is the heading of those behind it."""
    above, status = group, status or _state_in(group)
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
            _table(block, draft, group)
        elif block.kind == "item":
            _item(found, draft, group, status)
        elif block.kind == "paragraph" and follows_list and _is_group(block.text):
            own = bare(block.text).rstrip(":").strip()
            status = _state_in(own) or _state_in(above)
            group = f"{above}: {own}" if above else own
            draft.use(block.begin, block.end, "heading", group)
        elif block.kind == "rule":
            draft.use(block.begin, block.end, "layout")
        elif block.kind == "paragraph" and len(groups) == 1 and _are_sentences(block):
            for number, line in enumerate(block.text.split("\n"), block.begin):
                _item([Block("item", number, number + 1, line.strip())], draft, group, status)
        else:
            draft.passage(heading, block.begin, found[-1].end)


def _are_sentences(block: Block) -> bool:
    """Whether each of several lines is a sentence of its own, and no part of running text."""
    lines = [line.strip() for line in block.text.split("\n")]
    return len(lines) == block.end - block.begin > 1 and all(_SENTENCE.fullmatch(line) for line in lines)


def _is_group(text: str) -> bool:
    label = label_of(text)
    return bool(label and not label[1]) or bool(_COLON_LINE.fullmatch(text))


def _state_in(words: str) -> str:
    """What the heading of a group says of all its actions: “Immediate Actions (Completed)”."""
    found = re.search(r"\b(completed|done|in progress|ongoing)\b", words, re.IGNORECASE)
    return _word(found[1], _STATUS) if found else ""


def _word(text: str, known: Sequence[tuple[str, str]]) -> str:
    # "✅ Done": the word says it, and the mark where there is no word.
    words = plain(text).strip(" .!:")
    words = re.sub(r"\A[^\w\s]+\s*(?=\w)|(?<=\w)\s*[^\w\s]+\Z", "", words)
    found = next((name for pattern, name in known if re.fullmatch(pattern, words, re.IGNORECASE)), "")
    other = "" if found else meaning("words", words)
    return found or (other if any(name == other for _, name in known) else "")


def _item(found: list[Block], draft: Draft, group: str, status: str) -> None:
    block = found[0]
    begin, end = block.begin, found[-1].end
    fields: dict[str, Any] = {"group": group, "status": status or "open"}
    text = block.text
    if box := _CHECKBOX.match(text):
        text = text[box.end() :]
        fields["status"] = "done" if box["mark"] in "xX" else fields["status"]
    if lead := _LEADING_PRIORITY.match(text):
        fields["priority"] = _word(lead["word"], _PRIORITY)
        text = text[lead.end() :]
    if tail := _TAIL_STATUS.search(text):
        fields["status"] = _word(tail["word"], _STATUS) or fields["status"]
    text = joined(text)
    # Labels may be in bold.
    flat = text.replace("*", "").replace("__", "")
    if owner := _OWNER.search(flat) or _HANDLE.search(flat) or _BETWEEN.search(flat) or _PAIR.search(flat):
        fields["owner"] = owner["name"]
    elif owner := _FIRST.match(flat):
        fields["owner"] = owner["name"] or owner["bare"]
    if (due := _DUE.search(flat) or _SEGMENT_DAY.search(flat)) and (day := _date(due["day"])):
        fields["due"] = day
    if (said := _SAID_PRIORITY.search(flat)) and (priority := _word(said["word"], _PRIORITY)):
        fields["priority"] = priority
    elif segment := _SEGMENT_PRIORITY.search(flat):
        fields.setdefault("priority", _word(segment["word"], _PRIORITY))
    if said := _SAID_STATUS.search(flat):
        words = (said["word"], said["word"].split()[0])
        fields["status"] = next(
            (name for name in (_word(each, _STATUS) for each in words) if name), fields["status"]
        )
    if segments := _SEGMENTS.search(text):
        fields.setdefault("owner", segments["owner"])
        fields.setdefault("due", _date(segments["day"]))
    if ticket := ticket_of(text):
        fields["ticket"] = ticket
    if (label := label_of(text)) and label[1]:
        text = f"{label[0]}: {label[1]}"
    text = decoded(text)
    if len(found) > 1:
        text += "\n\n" + draft.raw_below(block.end, end)
    draft.action(begin, end, text=text, **fields)


def ticket_of(text: str) -> dict[str, Any] | None:
    """The ticket that a link in *text* leads to; links to anything else are only words."""
    found = _TICKET.search(text)
    if found is None:
        return None
    kind, name = next((kind, value) for kind, value in found.groupdict().items() if value)
    tracker = "github" if kind == "github" and "github.com/" in found[0] else kind if kind != "github" else ""
    return {"tracker": tracker, "url": found[0], "number": int(name) if name.isdigit() else 0}


def _table(block: Block, draft: Draft, group: str) -> None:
    head = block.rows[0].cells
    for row in block.rows[1:]:
        fields = action_fields(row.cells, head, shown=True)
        if fields is None:
            draft.use(row.line, row.line + 1, "layout")
        else:
            draft.action(row.line, row.line + 1, group=group, **fields)
    draft.use(block.begin, block.end, "layout")


def action_fields(cells: Sequence[str], head: Sequence[str], *, shown: bool = False) -> dict[str, Any] | None:
    """The fields of the action that a row says; None for a row without words.

    What has no field goes to its note, or (*shown*, in a report) to its words.
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
        day = _date(due)
        if day:
            fields["due"] = day
        else:
            notes.append(f"{plain(head[places['due']])}: {due}")
    if priority := cell("priority"):
        fields["priority"] = _word(priority, _PRIORITY) or priority
    if status := cell("status"):
        known = _word(status, _STATUS)
        fields["status"] = known or "open"
        if not known:
            notes.append(f"{plain(head[places['status']])}: {status}")
    ticket_text = cell("ticket")
    if mark := _MARKED_STATUS.search(ticket_text):
        # "Bug 5554823 **TODO**"
        fields["status"] = _word(mark["word"], _STATUS)
        ticket_text = ticket_text[: mark.start()].strip()
    if ticket_text.casefold() in {"n/a", "none"}:
        ticket_text = ""
    if ticket := ticket_of(ticket_text) or ticket_of(" ".join(cells)):
        fields["ticket"] = ticket
    elif link := _ANY_LINK.search(ticket_text):
        fields["ticket"] = {"url": link[0]}
    elif ticket_text:
        notes.append(f"{plain(head[places['ticket']])}: {ticket_text}")
    if (kind := _KINDS.get(cell("kind").casefold(), cell("kind").casefold())) in ACTION_KINDS:
        fields["kind"] = kind
    elif kind:
        notes.append(f"{plain(head[places['kind']])}: {cell('kind')}")
    if reason := cell("reason"):
        fields["reason"] = reason
    taken = set(places.values())
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


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip()[:10])
    except ValueError:
        if other := _SLASHED.fullmatch(text.strip()):
            one, two = int(other[1]), int(other[3])
            day, month = (one, two) if one > 12 or other[2] == "." else (two, one)
            # "03/04/2026" may be either, and is left as it was written.
            sure = (one > 12) != (two > 12) or other[2] == "." or one == two
            return date(int(other[4]), month, day) if sure and month <= 12 and day <= 31 else None
        # Words such as "fri" count from a day that a document does not give.
        found = read_due(text, date(2000, 1, 1)) if re.search(r"\b(?:19|20)\d\d\b", text) else None
        return found if found and str(found.year) in text else None
