"""A session becomes the classic report to the letter, and hostile text harms no format."""

import json
import re
import tomllib
from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from app.report.render import ReportProblem, Shape, render
from app.review.records import (
    Action,
    Distribution,
    Event,
    Factor,
    Gap,
    Impact,
    Incident,
    Narrative,
    Parked,
    Pointer,
    Session,
    Source,
    Ticket,
)
from tests.fakes.classic_review import ACTIONS, TIMELINE, at, classic_review

SAMPLE = Path(__file__).parents[3] / "sessions" / "2025-02-09-api-service-degradation"


def section(report: str, heading: str) -> str:
    """The text under a heading of the second level."""
    return re.split(r"^## ", report, flags=re.MULTILINE)[
        [each.split("\n")[0] for each in re.split(r"^## ", report, flags=re.MULTILINE)].index(heading)
    ].partition("\n")[2]


def shipped_sample() -> Session:
    return Session.model_validate(tomllib.loads((SAMPLE / "session.toml").read_text("utf-8")))


@pytest.mark.parametrize("review", [classic_review, shipped_sample])
def test_the_timeline_and_action_tables_are_the_classic_ones_to_the_letter(review) -> None:
    report = render(review())
    assert section(report, "Timeline (all times UTC)").strip() == TIMELINE.strip()
    assert section(report, "Action Items").strip() == ACTIONS.strip()


def test_the_sections_come_in_the_classic_order() -> None:
    report = render(classic_review())
    assert report.startswith(
        "# Post-Mortem: API Service Degradation (2025-02-09)\n\n**Date**: 2025-02-09  \n"
    )
    assert re.findall(r"^## (.+)$", report, re.MULTILINE) == [
        "Summary", "Impact", "Root Cause", "Timeline (all times UTC)", "Contributing Factors", "Action Items",
        "What Went Well", "Lessons Learned", "Prevention", "Definitions of Durations",
    ]  # fmt: skip
    assert re.findall(r"^### (.+)$", report, re.MULTILINE) == [
        "Immediate Cause", "Contributing Factors", "Systemic Issues",
    ]  # fmt: skip
    assert "1. **Monitoring Gap**: Connection pool utilization not monitored\n2. **Testing Gap**" in report


def test_the_duration_is_counted_and_says_how() -> None:
    report = render(classic_review())
    assert "**Duration**: 34 min 37 s (10:05:23 - 10:40:00 UTC, start to end of the incident)  \n" in report


def test_an_unknown_duration_is_unknown_and_says_why() -> None:
    begun = Session(incident=Incident(title="x", started_at=at("10:00:00")))
    assert "**Duration**: unknown (the incident has no end yet; it began at 10:00 UTC)" in render(begun)
    backwards = Session(incident=Incident(started_at=at("10:00:00"), ended_at=at("09:00:00")))
    assert "**Duration**: unknown (the incident ends before it starts: check both times)" in render(backwards)


def test_an_empty_review_says_what_is_missing_and_invents_nothing() -> None:
    report = render(Session())
    assert section(report, "Summary").strip() == "*Not written yet.*"
    assert section(report, "Action Items").strip() == "*None agreed yet.*"
    assert "What Went Well" not in report
    assert "Definitions" not in report


def test_without_a_star_every_row_is_shown_and_with_one_the_rest_is_counted() -> None:
    rows = tuple(Event(id=f"E{n}", at=at(f"10:0{n}:00"), text=f"row {n}") for n in range(3))
    assert section(render(Session(event=rows)), "Timeline (all times UTC)").count("| row") == 3
    starred = (rows[0].model_copy(update={"starred": True}), *rows[1:])
    shown = section(render(Session(event=starred)), "Timeline (all times UTC)")
    assert shown.count("| row") == 1
    assert "*1 of 3 rows: those that were starred; the others are in the appendix.*" in shown


@pytest.mark.parametrize("form", ["md", "html", "txt", "confluence", "csv", "json"])
def test_rows_without_a_star_are_in_the_appendix_in_every_format(form: str) -> None:
    rows = tuple(Event(id=f"E{n}", at=at(f"10:0{n}:00"), text=f"row{n} here") for n in range(3))
    session = Session(event=(rows[0].model_copy(update={"starred": True}), *rows[1:]))
    text = render(session, form)
    assert [text.count(f"row{n} here") for n in range(3)] == [1, 1, 1]
    if form in {"md", "html", "txt", "confluence"}:
        assert text.index("row0 here") < text.index("Appendix") < text.index("row1 here")
        without = render(session, form, shape=Shape(drop=("appendix",)))
        assert "row1 here" not in without
        assert "1 of 3 rows: those that were starred." in " ".join(without.split())
        assert "row1 here" not in render(session, form, shape=Shape(public=True))


def test_rows_of_another_day_carry_their_day() -> None:
    rows = (
        Event(id="E1", at=at("23:59:00"), text="before"),
        Event(id="E2", at=at("23:59:00") + timedelta(minutes=2), text="after"),
    )
    report = render(Session(incident=Incident(started_at=at("23:59:00")), event=rows))
    assert "| 23:59:00 | before |" in report
    assert "| 02-10 00:01:00 | after |" in report


def test_times_are_shown_in_the_zone_of_the_incident_and_the_heading_says_so() -> None:
    session = classic_review()
    berlin = session.model_copy(
        update={"incident": session.incident.model_copy(update={"timezone": "Europe/Berlin"})}
    )
    report = render(berlin)
    assert "## Timeline (all times Europe/Berlin, UTC+01:00)" in report
    assert "| 11:05:23 | First 5xx errors appear |" in report
    assert "(11:05:23 - 11:40:00 UTC+01:00," in report


def test_where_the_clocks_change_each_row_carries_its_offset() -> None:
    change = datetime(2025, 10, 26, 0, 30, tzinfo=UTC)
    rows = (Event(id="E1", at=change, text="a"), Event(id="E2", at=change + timedelta(hours=1), text="b"))
    report = render(Session(incident=Incident(timezone="Europe/Berlin"), event=rows))
    assert "(all times Europe/Berlin, UTC+02:00 and UTC+01:00)" in report
    assert "| 02:30:00 +02:00 | a |" in report
    assert "| 02:30:00 +01:00 | b |" in report


def test_a_zone_that_does_not_exist_is_shown_as_utc() -> None:
    assert "(all times UTC)" in render(Session(incident=Incident(timezone="../etc/passwd")))


def test_the_correction_of_a_sources_clock_moves_its_rows() -> None:
    session = Session(
        source=(Source(id="S1", clock_offset_s=-42.0),),
        event=(Event(id="E1", at=at("10:00:42"), text="x", evidence=(Pointer(source="S1"),)),),
    )
    assert "| 10:00:00 | x |" in render(session)


def test_gaps_in_the_data_are_noted() -> None:
    gap = Gap.model_validate(
        {"from": at("10:31:00"), "to": at("10:35:00"), "why": "container restarted; its log was rotated"}
    )
    report = render(
        Session(incident=Incident(started_at=at("10:00:00")), source=(Source(name="api logs", gap=(gap,)),))
    )
    assert section(report, "Gaps in the Data") == (
        "- api logs: 10:31 - 10:35 UTC: container restarted; its log was rotated\n"
    )


@pytest.mark.parametrize(
    ("impact", "line"),
    [
        ({"text": "failed requests", "value": 40000}, "- 40,000 failed requests"),
        (
            {"text": "40,000 failed requests over 1.5 hours", "value": 40000},
            "- 40,000 failed requests over 1.5 hours",
        ),
        (
            {"text": "Revenue impact", "value": 5000, "unit": "USD", "estimated": True},
            "- Revenue impact: 5,000 USD (estimated)",
        ),
        (
            {"text": "slow checkouts", "from": at("10:05:00"), "to": at("10:35:00")},
            "- slow checkouts (10:05 - 10:35 UTC)",
        ),
        (
            {"text": "still slow", "from": at("10:05:00"), "estimated": True},
            "- still slow (from 10:05 UTC, estimated)",
        ),
    ],
)
def test_an_effect_is_shown_with_its_number_span_and_certainty(impact: dict, line: str) -> None:
    assert section(render(Session(impact=(Impact.model_validate(impact),))), "Impact").strip() == line


def test_nothing_that_people_wrote_is_lost() -> None:
    session = Session(
        narrative=Narrative(
            detection="by a customer",
            response="by phone",
            was_hard=("hard",),
            lucky=("lucky",),
            surprises=("odd",),
        ),
        factor=(Factor(id="F1", text="not marked yet"),),
        action=(
            Action(id="AI-001", text="keep", ticket=Ticket(url="https://t.example/1", state="open")),
            Action(id="AI-002", text="drop", status="declined", reason="too dear"),
        ),
        parked=(Parked(id="P1", text="the replica?"), Parked(id="P2", text="settled", outcome="dropped")),
    )
    for report in (render(session), render(session, "html")):
        for text in (
            "by a customer",
            "by phone",
            "hard",
            "lucky",
            "odd",
            "not marked yet",
            "too dear",
            "the replica?",
        ):
            assert text in report
        assert "settled" not in report
    assert "Tickets: [AI-001](https://t.example/1) (open)" in render(session)
    assert "- AI-002: drop (too dear)" in render(session)


def test_json_holds_the_whole_session_and_the_computed_parts() -> None:
    session = classic_review()
    read = json.loads(render(session, "json"))
    assert read["format"] == 1
    assert Session.model_validate(read["session"]) == session
    assert {k: read["durations"][0][k] for k in ("name", "seconds")} == {"name": "TTD", "seconds": 82.0}
    assert [each["done"] for each in read["checklist"]][:3] == [True, True, True]


@pytest.mark.parametrize(("format", "preset"), [("docx", "seed"), ("md", "nope")])
def test_an_unknown_format_or_preset_names_those_there_are(format: str, preset: str) -> None:
    with pytest.raises(ReportProblem, match=r"choose one of (md, html, json|seed)"):
        render(Session(), format, preset=preset)


PAYLOADS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    '"><script>x</script>',
    "' onmouseover='alert(1)",
    '" autofocus onfocus="alert(1)',
    "javascript:alert(1)",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "![x](javascript:alert(1))",
    "<javascript:alert(1)>",
    "[x]: javascript:alert(1)\n\n[x]",
    "</style><script>x</script>",
    "</title><script>x",
    "--><script>x</script>",
    "<![CDATA[<script>x</script>]]>",
    "<a href=javascript:alert(1)>x</a>",
    "<iframe srcdoc='<script>x</script>'>",
    "<meta http-equiv=refresh content='0;url=//x'>",
    "<base href=//x>",
    "{{ 7*7 }}{% for x in [1] %}",
    "&lt;script&gt;",
    "[x](&#106;avascript:alert(1))",
    "<math><mi xlink:href='x'>",
    "\x1b]0;title\x07\u202e<b>",
    "`</code><script>x</script>`",
    "```html\n<script>x</script>",
    "| a |\n|---|\n| <b> |",
    "<form action=//x><input name=a>",
    "<link rel=stylesheet href=//x>",
    "[x](vbscript:x)",
    "<style>*{}</style>",
]


def full_of(text: str) -> Session:
    """A session with *text* in every field that takes text."""
    return Session(
        id=text,
        incident=Incident(
            title=text, severity=text, severity_note=text, timezone=text, authors=(text,), services=(text,),
            started_at=at("10:00:00"), reviewed_on=date(2025, 2, 10),
        ),
        narrative=Narrative(
            summary=text, trigger=text, detection=text, response=text, went_well=(text,), was_hard=(text,),
            lucky=(text,), surprises=(text,), lessons=(text,), prevention=text,
        ),
        impact=(Impact(text=text, unit=text, value=1),),
        source=(Source(name=text, gap=(Gap(why=text),)),),
        event=(Event(id=text, at=at("10:00:00"), text=text, source=text, actor=text, written=text),),
        factor=tuple(Factor(id=f"F{n}", text=text, label=text, mark=mark) for n, mark in enumerate(
            ("immediate", "contributing", "systemic", text))),
        action=(
            Action(id=text, text=text, owner=text, priority=text, ticket=Ticket(url=text, state=text)),
            Action(id="AI-2", text=text, ticket=Ticket(url=f"https://x.example/{text}", state=text)),
            Action(id=text, text=text, status="declined", reason=text),
        ),
        parked=(Parked(text=text),),
        distribution=(Distribution(to=text),),
    )  # fmt: skip


class Page(HTMLParser):
    """Collects every tag and attribute of a page."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.text += data


ALLOWED = {
    "html": {"lang"}, "meta": {"charset", "http-equiv", "content", "name"}, "a": {"href", "rel"},
    "td": {"class"}, "th": {"scope", "style"}, "p": {"class"}, "div": {"class"}, "code": {"class"},
}  # fmt: skip
TAGS = {
    "html",
    "head",
    "meta",
    "title",
    "style",
    "body",
    "main",
    "header",
    "section",
    "h1",
    "h2",
    "h3",
    "p",
    "dl",
    "dt",
    "dd",
    "ul",
    "ol",
    "li",
    "div",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "a",
    "strong",
    "em",
    "code",
    "pre",
    "span",
}


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_hostile_text_in_every_field_does_nothing_in_html(payload: str) -> None:
    page = Page(render(full_of(payload), "html"))
    assert set(page.tags) <= TAGS
    assert page.tags.count("meta") == 4
    assert page.tags.count("style") == page.tags.count("title") == 1
    for tag, name, value in page.attributes:
        assert name in ALLOWED.get(tag, set()), (tag, name, value)
        assert name != "href" or re.match(r"https?://|mailto:", value)
    assert "\x1b" not in page.text
    assert "\u202e" not in page.text


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_hostile_text_in_every_field_does_nothing_in_markdown(payload: str) -> None:
    report = render(full_of(payload))
    reader = MarkdownIt("gfm-like", {"html": True})
    reader.validateLink = lambda url: True
    tokens = reader.parse(report)
    every = [sub for token in tokens for sub in (token, *(token.children or []))]
    assert {each.content for each in every if each.type in {"html_inline", "html_block"}} <= {"<br>"}
    links = [str(each.attrs.get("href") or each.attrs.get("src") or "") for each in every]
    assert all(re.match(r"https?:|mailto:|$", each) for each in links)
    tables = [each for each in tokens if each.type == "table_open" and each.level == 0]
    assert len(tables) >= 2
    headings = [
        tokens[place + 1].content
        for place, each in enumerate(tokens)
        if each.type == "heading_open" and each.tag == "h2" and each.level == 0
    ]
    assert headings[0] == "Summary"
    assert headings[-1] == "Gaps in the Data"


def test_the_page_forbids_scripts_and_everything_from_elsewhere() -> None:
    page = Page(render(classic_review(), "html"))
    policy = next(value for tag, name, value in page.attributes if tag == "meta" and name == "content")
    assert policy == (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
    )
    assert not [each for each in page.attributes if each[1] in {"src", "style"}]
