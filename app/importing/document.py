"""A report as a whole: its parts go where their headings say, and everything else stays text under its heading."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Final, get_args

from app.carry import COUNTED, is_placeholder
from app.importing.blocks import Block, blocks, head
from app.importing.causes import cause_of, factors_of, with_rungs
from app.importing.draft import LISTS, Draft
from app.importing.effects import are_entries, effects_of, entries_of, entry, is_prose
from app.importing.fields import Fields, is_head, is_name, names_in, tells_facts
from app.importing.front import by_evidence, read_front
from app.importing.heads import (
    day_said,
    declared_zone,
    month_first,
    says_about,
    says_more,
    says_not,
    spoken_day,
    title_of,
    titled_or_labelled,
    told_day,
)
from app.importing.loose import settled
from app.importing.parts import Part, item_groups, title_level, tree
from app.importing.rows import Rows, has_times, is_dated, is_row, is_told, manners
from app.importing.tables import has_times_first, is_actions, is_timeline
from app.importing.tasks import action_of, actions_of, are_checkboxes
from app.importing.taskwords import state_in
from app.importing.times import Clock
from app.importing.words import FIELDS, Role, bare, before_dash, joined, plain
from app.markdown import words as decoded
from app.review.sections import HEAD, PLACES
from app.review.timewords import UTC_ZONE, Zone

_PROSE: Final = ("summary", "detection", "response", "prevention")
_GENERIC: Final = re.compile(
    r"(?:(?:after[- ]action|incident|outage|post[- ]?incident|post[- ]?mortem|root cause analysis|rca) ?)+"
    r"(?:report|review)?",
    re.IGNORECASE,
)
"""What is the name of a kind of document, and no title where there is one."""
_TITLED: Final = re.compile(
    r"[^\w*]*\*\*(?:(?:incident|outage) )?post-?mortem: (?P<title>\S[^*\n]*)\*\*\s*", re.IGNORECASE
)
"""A line in bold that is the title of a report without headings above it."""
_GROUPS: Final[frozenset[Role]] = frozenset({"prevention", "detection", "response", "impact"})
_OPINIONS: Final[frozenset[Role]] = frozenset({"went_well", "was_hard", "lucky"})
_INHERITED: Final[frozenset[Role]] = frozenset({"timeline", "actions", "factors", "causes", "whys", "impact"})
_SECTIONS: Final[dict[str, str]] = {
    "causes": "root_cause", "factors": "factors", "whys": "factors", "timeline": "timeline", "key_events": "timeline",
} | {
    role: role
    for role in get_args(Role)
    if role in PLACES
}  # fmt: skip
"""The section of the report that a role is told in."""
INTRODUCTION: Final = "Introduction"


@dataclass(frozen=True)
class Options:
    """What is known about a document beside its words."""

    zone: Zone | None = None
    """That its times are in; what the document itself declares counts where this is none."""
    undeclared: Zone = UTC_ZONE
    """What its times are taken for where nobody says a zone."""
    day: date | None = None
    """The day of times without one, whatever the document says."""
    fallback: date | None = None
    """The day of times without one, where neither a title nor a label of the document says another."""
    name: str = ""
    """What to call it where it has no title."""


def read_markdown(text: str, options: Options) -> Draft:
    """Read a report in Markdown or plain text. *text* has passed :func:`app.review.plain.visible`."""
    reading = _Reading(text.split("\n"), options)
    reading.read()
    return reading.draft


class _Reading:
    def __init__(self, lines: list[str], options: Options) -> None:
        self.draft = Draft(lines)
        self.options = options
        self.clock = Clock(zone=options.zone, undeclared=options.undeclared, day=options.day)
        self.rows = Rows(self.draft, self.clock)
        self.fields = Fields(self.draft, self.clock, options.zone)

    def read(self) -> None:
        draft = self.draft
        before = head(draft.lines)
        if before.notice:
            draft.use(0, before.notice, "text", "Notice")
            draft.keep("Notice", "\n".join(["```", *draft.lines[: before.notice], "```"]))
        published = read_front(before, draft, self.clock, self.fields)
        draft.place = HEAD
        found = self._written(settled(blocks(draft.lines, before.front), draft.lines, self.clock))
        self.clock.month_first = month_first("\n".join(draft.lines))
        if self.options.zone is None and (zone := declared_zone(found)):
            self.clock.in_zone(zone)
        day = None
        if self.clock.day is None:
            # A review that the document goes into knows its day better than a sentence of the document.
            day = titled_or_labelled(found, self.clock) or self.options.fallback
            day = day or spoken_day(found, self.clock)
        if day or (published and (day := told_day(found, self.clock, published))):
            self.clock.on(day)
        by_evidence(found, draft, self.clock, self.options.name)
        draft.dues.day = self.clock.day
        self.clock.about = any(
            says_about(block.text) for block in found if block.kind in {"heading", "paragraph"}
        )
        root = tree(found, self.clock)
        every = root.everything()
        self._has_summary = any(part.role == "summary" for part in every)
        self._has_timeline = any(part.role == "timeline" for part in every)
        self._incidents = sum(part.labelled for part in every)
        tops = [part for part in root.parts if part.level == 1 and part.role and part.role not in FIELDS]
        self._flat = len(tops) > 1 or any(
            part.role == "summary" and "—" not in part.title and is_prose(part.blocks) for part in tops
        )
        self._title_level = title_level(root)
        self._lead(root)
        for part in root.parts:
            self._part(part, None, "", "")
        draft.finish()
        if not draft.incident.get("title"):
            draft.incident["title"] = self.options.name
        draft.remarks += self.clock.doubts
        draft.proved = list(self.clock.proved)

    def _written(self, found: list[Block]) -> list[Block]:
        """*found* without what this program wrote itself: where nobody wrote anything, and what it counted."""
        kept: list[Block] = []
        self._unwritten: set[int] = set()
        for block in found:
            counted = block.kind == "table" and block.rows and block.rows[0].cells == COUNTED
            if counted or (block.kind == "paragraph" and is_placeholder(block.text)):
                self.draft.use(block.begin, block.end, "computed")
                self._unwritten |= {kept[-1].begin} if kept and kept[-1].kind == "heading" else set()
            else:
                kept.append(block)
        return kept

    # Before the first heading, and around the title

    def _lead(self, part: Part) -> None:
        """What stands above the first heading that means something: fields of the head, and an introduction."""
        groups = item_groups(part.blocks)
        self._listed, self._logged = manners(groups, self.clock)
        for place, group in enumerate(groups):
            block = group[0]
            begin, end = block.begin, group[-1].end
            if block.kind == "rule":
                self.draft.use(begin, end, "layout")
            elif place == 0 and part.head is None and (said := _TITLED.fullmatch(block.text)):
                self.draft.incident["title"] = decoded(bare(said["title"]))
                self.draft.use(begin, end, "header", "title")
            elif (
                (self._is_above_rows(groups[place + 1 : place + 2]) and self.rows.dates(block))
                or self.fields.lines(group)
                or self._loose(group)
                or self.fields.table(block)
            ):
                pass
            elif self._has_summary or block.kind == "other":
                self.draft.passage(INTRODUCTION, begin, end)
            else:
                self.draft.say("summary", begin, end)

    def _is_above_rows(self, behind: list[list[Block]]) -> bool:
        return bool(behind) and not self._has_timeline and is_row(behind[0][0], self.clock)

    def _loose(self, group: list[Block]) -> bool:
        """A timeline or a list of actions that stands under no heading of its own."""
        block = group[0]
        loose = Part("", None, 0, blocks=group)
        if block.kind == "table" and is_timeline(block.rows, self.clock):
            self.rows.part(loose, heading="Timeline")
        elif block.kind == "table" and is_actions(block.rows[0].cells):
            actions_of(loose, self.draft, heading="Action Items")
        elif (
            not self._has_timeline
            and block.kind in {"item", "paragraph", "fence", "heading"}
            and (
                is_row(block, self.clock, told=self._listed) or (self._logged and is_dated(block, self.clock))
            )
        ):
            self.rows.part(loose, heading="Timeline")
        else:
            return False
        return True

    def _part(self, part: Part, above: Role | None, track: str, root: str) -> None:
        role = part.role or (above if above in _INHERITED and not says_not(part.title) else None)
        if above == "actions" and role in _GROUPS:
            # "Action items" has "Prevention" and "Detection" as names of groups.
            role = "actions"
        if above in _OPINIONS and (role is None or role in _GROUPS) and are_entries(part):
            role = above
        if role in {"whys", "causes", "factors"}:
            part = with_rungs(part)
        heading = part.title
        day = self.clock.look(part.title)
        if part.head and part.level and day.is_date and day.understood.start and day.understood.dated:
            self.clock.on(day_said(part.title, self.clock) or day.understood.start.lo.date())
        # Where the sections are headings of the first rank, as in mails, the first of them is no title.
        section = self._flat and part.role is not None and part.role not in FIELDS
        if part.level <= self._title_level and part.head and not section and not self._is_title_taken(part):
            self.draft.incident["title"] = title_of(decoded(bare(part.title)))
            self.draft.use(part.head.begin, part.head.end, "header", "title")
            self._lead(part)
            # "Root cause analysis" over a whole report does not make causes of all that stands in it.
            role = None
        else:
            before = len(self.draft.passages)
            if part.head:
                self.draft.use(part.head.begin, part.head.end, "heading", heading)
            self.draft.place = _SECTIONS.get(role, self.draft.place) if role else self.draft.place
            if part.head and part.role == "timeline" and says_more(plain(heading), self.clock):
                self.draft.keep("Timeline", decoded(bare(heading)))
            elif part.head and part.role not in {None, "timeline"} and (named := before_dash(plain(heading))):
                self.draft.keep(named, decoded(bare(heading)))
            if (above == "timeline" and part.role is None) or (part.labelled and self._incidents > 1):
                track = decoded(bare(heading))
            self._body(part, role, above, track, root)
            empty = not part.parts and not part.blocks and len(self.draft.passages) == before
            if role is None and part.head and empty and bare(heading) and not self._is_unwritten(part):
                self.draft.keep(decoded(bare(heading)), "")
        self._below(part, role, track, root)

    def _is_unwritten(self, part: Part) -> bool:
        return part.head is not None and part.head.begin in self._unwritten

    def _below(self, part: Part, role: Role | None, track: str, root: str) -> None:
        for each in part.parts:
            below = root
            if each.role in {"causes", "factors"} and each.level >= 7 and role == "timeline" and not below:
                # Causes of one of several incidents hang below its name.
                below = self.draft.factor(0, 0, text=decoded(bare(part.title)), kind="event")
            self._part(each, role, track, below)

    def _is_title_taken(self, part: Part) -> bool:
        title = self.draft.incident.get("title")
        return bool(
            title
            and plain(part.title) != title
            and (
                self._flat
                or _GENERIC.fullmatch(plain(part.title))
                or self._has_headings()
                or not any(use and use.where == "Front matter" for use in self.draft.uses)
            )
        )

    def _has_headings(self) -> bool:
        """Whether a heading was read that is not the title: what stands behind it is none either."""
        return any(use and use.became == "heading" for use in self.draft.uses)

    def _body(self, part: Part, role: Role | None, above: Role | None, track: str, root: str) -> None:
        draft, heading = self.draft, decoded(bare(part.title))
        if part.head and self.rows.update(part):
            pass
        elif role in {"timeline", "key_events"}:
            self.rows.part(
                part, track=track, heading=track or heading, key_events=role == "key_events", told=True
            )
        elif role == "actions" and not self._has_timeline and is_told(part, self.clock, whole=True):
            self.rows.part(part, heading=heading)
        elif above == "actions" and part.role is None and action_of(part, draft):
            pass
        elif role == "actions":
            group = joined(part.title) if above == "actions" else ""
            actions_of(part, draft, heading=heading, group=group, status=state_in(part.title))
        elif part.role is None and role in {"factors", "causes"} and cause_of(part, draft, root=root):
            pass
        elif role in {"factors", "whys"}:
            factors_of(part, draft, heading=track or heading, root=root)
        elif role == "causes":
            prose = "" if root or track else "trigger"
            if (
                prose
                and part.role is None
                and part.head
                and any(each.kind == "paragraph" for each in part.blocks)
            ):
                # What the author called a part of the cause is not lost with its heading.
                draft.say(prose, part.head.begin, part.head.end, f"**{heading}**")
            factors_of(part, draft, heading=track or heading, root=root, prose=prose)
        elif role == "impact":
            effects_of(part, draft, self.fields)
        elif role == "prevention" and are_checkboxes(part.blocks):
            actions_of(part, draft, heading=heading)
        elif role in _PROSE and not self._has_timeline and is_told(part, self.clock):
            self.rows.part(part, heading=heading)
        elif role in _PROSE:
            self._say(part, str(role))
        elif role in LISTS:
            entries_of(part, str(role), draft, group="" if part.role == role else joined(part.title))
        elif role == "questions":
            for asked in item_groups(part.blocks):
                draft.question(asked[0].begin, asked[-1].end, entry(self.draft, asked))
        elif role == "authors" and (names := names_in(part.blocks)):
            draft.use(part.blocks[0].begin, names[0].begin, "text", heading)
            draft.use(names[0].begin, names[-1].end, "header", heading)
            self.fields.take(role, "\n".join(decoded(bare(block.text)) for block in names))
        elif role in FIELDS and len(part.blocks) == 1 and "\n" not in part.blocks[0].text:
            block = part.blocks[0]
            draft.use(block.begin, block.end, "header", heading)
            if not self.fields.take(role, decoded(block.text)):
                draft.keep(heading, draft.item(block.begin, block.end) if part.head else block.text)
        elif role in {"authors", "services"} and part.blocks and all(is_name(block) for block in part.blocks):
            draft.use(part.blocks[0].begin, part.blocks[-1].end, "header", heading)
            self.fields.take(role, "\n".join(decoded(bare(block.text)) for block in part.blocks))
        elif role is None and is_head(part.blocks):
            for facts in item_groups(part.blocks):
                self.fields.lines(facts)
        elif (
            not self._has_timeline
            and has_times(part, self.clock)
            and not any(tells_facts(block) for block in part.blocks)
        ):
            self.rows.part(part, heading=heading)
        else:
            self._kept(part, heading)

    def _kept(self, part: Part, heading: str) -> None:
        """A part that only its author has a name for."""
        for group in item_groups(part.blocks):
            begin, end = group[0].begin, group[-1].end
            tables = group[0].kind == "table" and not tells_facts(group[0])
            if tables and is_timeline(group[0].rows, self.clock) and not self._has_timeline:
                self.rows.part(Part(part.title, None, 0, blocks=group), heading=heading)
            elif tables and is_actions(group[0].rows[0].cells):
                actions_of(Part(part.title, None, 0, blocks=group), self.draft, heading=heading)
            elif self.fields.table(group[0]):
                pass
            elif part.head is None and group[0] is part.blocks[0]:
                # The words behind a label: the label is the heading.
                self.draft.use(begin, end, "text", heading)
                self.draft.keep(
                    heading, "\n".join([group[0].text, self.draft.raw_below(group[0].end, end)]).strip()
                )
            else:
                first = self.draft.lines[part.blocks[0].begin]
                self._run(heading, begin, end, len(first) - len(first.lstrip()))

    def _run(self, heading: str, begin: int, end: int, indent: int) -> None:
        """Keep a block under its heading; blank lines as they are where it follows the one before."""
        draft = self.draft
        last = begin
        while last and not draft.lines[last - 1].strip():
            last -= 1
        before = draft.uses[last - 1] if last else None
        gap = "\n" * (begin - last)
        text = "\n".join(
            line[indent:] if not line[:indent].strip() else line for line in draft.raw(begin, end).split("\n")
        )
        if (
            draft.passages
            and draft.passages[-1].heading == heading
            and before
            and before.where == heading
            and before.became == "text"
        ):
            before_it = draft.passages[-1].text
            draft.passages[-1] = draft.passages[-1].model_copy(update={"text": f"{before_it}\n{gap}{text}"})
        else:
            draft.keep(heading, text)
        draft.use(begin, end, "text", heading)

    def _say(self, part: Part, role: str) -> None:
        while part.blocks and part.blocks[-1].kind == "rule":
            # What parts a section from the next is no word of it.
            rule = part.blocks.pop()
            self.draft.use(rule.begin, rule.end, "layout")
        if not part.blocks:
            return
        left: list[Block] = []
        for block in part.blocks:
            if block.kind == "table" and not self._has_timeline and has_times_first(block.rows, self.clock):
                self.rows.part(Part("", None, 0, blocks=[block]), heading=decoded(bare(part.title)))
            elif block.kind != "table" or not self.fields.table(block):
                left.append(block)
        if role == "summary" and part.head:
            left = [block for block in left if not self.fields.lines([block], known=True)]
        if not left:
            return
        if len(left) < len(part.blocks):
            for block in left:
                self.draft.say(role, block.begin, block.end)
            return
        begin, end = part.blocks[0].begin, part.blocks[-1].end
        text = part.blocks[0].text if part.head is None and len(part.blocks) == 1 else None
        self.draft.say(role, begin, end, text)
