"""What the words of one action say: who does it, until when, how urgent it is, its state and its ticket."""

import re
from collections.abc import Sequence
from typing import Any, Final

from app.importing.due import Due, Dues
from app.importing.tongues import meaning
from app.importing.words import joined, label_of, plain
from app.markdown import words as decoded

PRIORITY: Final = (
    (r"(?:(?:very )?high(?:est)?|critical|urgent|p[01]|blocker|major)(?: priority)?", "high"),
    (r"(?:medium|med|normal|p2)(?: priority)?", "medium"),
    (r"(?:low(?:est)?|minor|p[345])(?: priority)?", "low"),
)
STATUS: Final = (
    (r"(?:done|completed?|closed|resolved|fixed|finished|merged|x|yes|✓|✔️?|☑️?|✅)", "done"),
    (r"(?:in[- _]?progress|started|doing|ongoing|wip|in review)", "in-progress"),
    (r"(?:declined|won[’']?t (?:do|fix)|rejected|cancell?ed|dropped|not[ _]doing|deleted)", "declined"),
    (r"(?:open|to-?do|new|planned|not started|backlog|outstanding|pending|scheduled|tbd|proposed)", "open"),
)
_LEADING_PRIORITY = re.compile(
    r"\s*(?:\*\*|__|\[|\(){1,2}\s*(?P<word>high|medium|low|critical|p[0-5])\s*(?:priority)?\s*(?:\*\*|__|\]|\)){1,2}"
    r"[:\s–-]*",
    re.IGNORECASE,
)
_MARK = re.compile(r"\s*(?P<mark>✅|☑️?|✔️?|✓|🔄|🚧|⏳|⬜|☐|🔲|🔜|📝)\s*(?=\S)")
_MARKS: Final = {"🔄": "in-progress", "🚧": "in-progress", "⏳": "open", "⬜": "open", "☐": "open", "🔲": "open"} | {
    "🔜": "open", "📝": "open",
}  # fmt: skip
"""Pictures that stand before an action; every other one of them says that it is done."""
_CHECKBOX = re.compile(r"\s*\[(?P<mark>[ xX])\]\s+")
_TAIL_STATUS = re.compile(
    r"[(\[]\s*(?P<word>done|completed?|in progress|wip|won't do|declined)(?:\s[^()\[\]\n]{0,40})?[)\]]"
    r"(?:\*\*|__)?\.?\s*\Z",
    re.IGNORECASE,
)
_OWNER = re.compile(
    r"\b(?i:owner|assignee|assigned to|responsible|dri|who|verantwortlich|zuständig|responsable|responsável|encargado"
    r"|担当|担当者|オーナー)\s*[:=：]\s*(?P<name>@?\w(?:[\w.-]*\w)?(?: (?:[A-ZÀ-Þ]\w[\w.-]*|team)\b(?!\s*[:=])){0,3})"
)
_HANDLE = re.compile(r"(?:^|[\s(\[])(?P<name>@[A-Za-z0-9][\w.-]*\w|@[A-Za-z0-9])[)\]]?\s*[.,]?\s*\Z")
_BETWEEN = re.compile(
    # "… — @lea — due 2026-04-20"
    r"[-–—|(\[,]\s*(?P<name>@[A-Za-z0-9](?:[\w.-]*\w)?)(?=\s*(?:[-–—|)\],]|\Z))"
)
_FIRST = re.compile(
    r"\s*(?:\[(?P<name>@[A-Za-z0-9][\w.-]*)\]|(?P<bare>@[A-Za-z0-9](?:[\w.-]*\w)?))(?:\s*[:–—]|\s+-\s|\s+to\s)"
)
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
    r"(?P<day>\d{4}-\d{2}-\d{2}\b|\d{1,2}[/.]\d{1,2}[/.]\d{4}\b|[A-Z][a-z]{2,8}\.? \d{1,2}(?:st|nd|rd|th)?,? \d{4}\b"
    r"|\d{1,2}\.? [A-Z][a-z]{2,8}\.?,? \d{4}\b)",
    re.IGNORECASE,
)
_SEGMENTS = re.compile(
    r"\s+(?:[-–—|]|\()\s*(?:(?P<owner>@[\w.-]+|[A-ZÀ-Þ]\w+(?: [A-ZÀ-Þ]\w+)?)\s*(?:[-–—|,;]|by)\s*)"
    r"(?P<day>\d{4}-\d{2}-\d{2})\)?\.?\s*\Z"
)
"""A name and a date that end an action: "… - Tom - 2025-03-15"."""
MARKED_STATUS = re.compile(r"(?:\*\*|__|\b)(?P<word>DONE|TODO|WIP|FIXED|CLOSED|OPEN)(?:\*\*|__|\b)\s*\Z")
ANY_LINK = re.compile(r"https?://[^\s)>\]|\"]+")
ACTION_KIND_WORDS: Final = {
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
_ACTION_LABEL = re.compile(
    r"(?:action(?: item)?s?|task|follow[- ]?up|to-?do|maßnahme|acción|ação|azione|tâche|アクション)\s*#?\d{0,3}",
    re.IGNORECASE,
)
_ID_LABEL = re.compile(r"[A-Z][A-Z0-9]{0,9}-\d{1,6}")
_FIELD_LABELS: Final = (
    ("owner", r"owners?|assignee|assigned(?: to)?|responsible(?: (?:person|team))?|dri|who"),
    ("due", r"due(?: (?:date|by|on))?|deadline|target(?: date)?|eta|by when|when"),
    ("priority", r"prio(?:rity)?|severity"),
    ("status", r"status|state"),
    ("ticket", r"tickets?|issues?|jira|tracking(?: issue| bug)?|bugs?|links?|prs?"),
    (
        "done_when",
        r"done when|acceptance(?: criteria)?|success (?:criteria|metric)|verification|definition of done",
    ),
)
_LABEL_MEANING: Final = {"owner", "due", "priority", "status", "ticket"}


def read_words(text: str, dues: Dues) -> tuple[dict[str, Any], str, Due]:
    """The fields that the words of an action say, its words without the marks before them, and its due date."""
    fields: dict[str, Any] = {}
    if box := _CHECKBOX.match(text):
        text = text[box.end() :]
        if box["mark"] in "xX":
            fields["status"] = "done"
    if mark := _MARK.match(text):
        fields["status"] = _MARKS.get(mark["mark"], "done")
        text = text[mark.end() :]
    if lead := _LEADING_PRIORITY.match(text):
        fields["priority"] = word_of(lead["word"], PRIORITY)
        text = text[lead.end() :]
    if tail := _TAIL_STATUS.search(text):
        fields["status"] = word_of(tail["word"], STATUS) or fields.get("status")
    text = joined(text)
    text = _without_label(text, fields)
    # Labels may be in bold.
    flat = text.replace("*", "").replace("__", "")
    if owner := _OWNER.search(flat) or _HANDLE.search(flat) or _BETWEEN.search(flat) or _PAIR.search(flat):
        fields["owner"] = owner["name"]
    elif owner := _FIRST.match(flat):
        fields["owner"] = owner["name"] or owner["bare"]
    due = Due(None)
    if found := _DUE.search(flat) or _SEGMENT_DAY.search(flat):
        due = dues.read(found["day"])
    if (said := _SAID_PRIORITY.search(flat)) and (priority := word_of(said["word"], PRIORITY)):
        fields["priority"] = priority
    elif segment := _SEGMENT_PRIORITY.search(flat):
        fields.setdefault("priority", word_of(segment["word"], PRIORITY))
    if said := _SAID_STATUS.search(flat):
        words = (said["word"], said["word"].split()[0])
        if state := next((name for name in (word_of(each, STATUS) for each in words) if name), ""):
            fields["status"] = state
    if segments := _SEGMENTS.search(text):
        fields.setdefault("owner", segments["owner"])
        due = due if due.day else dues.read(segments["day"])
    if ticket := ticket_of(text):
        fields["ticket"] = ticket
    if due.day:
        fields["due"] = due.day
    if (label := label_of(text)) and label[1]:
        text = f"{label[0]}: {label[1]}"
    return fields, decoded(text), due


def _without_label(text: str, fields: dict[str, Any]) -> str:
    """*text* without a label that only says that it is an action, or what its id is."""
    label = label_of(text, plain_too=True)
    if label is None or not label[1]:
        return text
    if _ACTION_LABEL.fullmatch(label[0].strip()):
        return label[1]
    if _ID_LABEL.fullmatch(label[0].strip()) and text.lstrip().startswith(("**", "__")):
        fields["id"] = label[0].strip()
        return label[1]
    return text


def read_field(text: str, dues: Dues) -> dict[str, Any]:
    """The field that one line below an action says: ``Owner: Database Team``; empty where it says none.

    What is taken is taken whole: a line of which something would be left says nothing.
    """
    label = label_of(text, plain_too=True)
    if label is None or not label[1]:
        return {}
    name = next(
        (name for name, words in _FIELD_LABELS if re.fullmatch(words, plain(label[0]), re.IGNORECASE)), ""
    )
    if not name:
        other = meaning("actions", plain(label[0]))
        name = other if other in _LABEL_MEANING else ""
    value = decoded(label[1]).strip()
    if name in {"owner", "done_when"}:
        return {name: value}
    if name == "due" and (due := dues.read(value)).day and due.other is None:
        return {"due": due.day}
    if name == "priority" and (priority := word_of(value, PRIORITY)):
        return {"priority": priority}
    if name == "status" and (status := word_of(value, STATUS)):
        return {"status": status}
    if name == "ticket" and (link := ANY_LINK.search(value)):
        # Of a link with words around it, the words would be lost.
        alone = value.replace(link[0], "").strip("<>[]() ")
        return {"ticket": ticket_of(value) or {"url": link[0]}} if not alone else {}
    return {}


def priority_in(words: str) -> str:
    """What the heading of a group says of all its actions: “High Priority (Sprint 4)”."""
    found = re.match(r"\W*(\w+)[ -]priority\b|\W*priority\W{1,3}(\w+)|\W*(P[0-5])\b", words, re.IGNORECASE)
    return word_of(next(each for each in found.groups() if each), PRIORITY) if found else ""


def state_in(words: str) -> str:
    """What the heading of a group says of all its actions: “Immediate Actions (Completed)”, “Actions taken”."""
    if re.search(r"\bactions? (?:already )?taken\b", words, re.IGNORECASE):
        return "done"
    found = re.search(r"\b(completed|done|in progress|ongoing)\b", words, re.IGNORECASE)
    return word_of(found[1], STATUS) if found else ""


def word_of(text: str, known: Sequence[tuple[str, str]]) -> str:
    """The name in *known* that *text* means; empty for other words.

    "✅ Done": the word says it, and the mark where there is no word.
    """
    words = plain(text).strip(" .!:")
    words = re.sub(r"\A[^\w\s]+\s*(?=\w)|(?<=\w)\s*[^\w\s]+\Z", "", words)
    found = next((name for pattern, name in known if re.fullmatch(pattern, words, re.IGNORECASE)), "")
    other = "" if found else meaning("words", words)
    return found or (other if any(name == other for _, name in known) else "")


def ticket_of(text: str) -> dict[str, Any] | None:
    """The ticket that a link in *text* leads to; links to anything else are only words."""
    found = _TICKET.search(text)
    if found is None:
        return None
    kind, name = next((kind, value) for kind, value in found.groupdict().items() if value)
    tracker = "github" if kind == "github" and "github.com/" in found[0] else kind if kind != "github" else ""
    return {"tracker": tracker, "url": found[0], "number": int(name) if name.isdigit() else 0}
