"""The fishbone as text and as SVG: every factor once, nothing over another, attacks shown as text."""

import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.fishbone import lay_out
from app.report.fishbone import described, render
from app.report.render import Shape
from app.report.render import render as render_report
from app.review import edits
from app.review.records import Event, Factor, Incident, Session
from app.review.ribs import UNSORTED, effect, ribs
from app.text import cell_len
from tests.tui.hostile import EVERYTHING, LONG
from tests.why_tree import sorted_tree

SVG = "{http://www.w3.org/2000/svg}"
CATEGORIES = ("", "Change & code", "Dependencies", "Detection & alerting", "Own words", "漢字")


def review(*factors: Factor) -> Session:
    return Session(incident=Incident(title="Checkout down"), factors=factors)


SMALL = review(
    Factor(id="F1", text="pool of 20 was full", category="Data & capacity", mark="immediate", events=("E1",)),
    Factor(
        id="F2", parent="F1", text="query without an index", category="Change & code", mark="contributing"
    ),
    Factor(id="F3", parent="F2", text="no plan was shown", category="Process & review", mark="systemic"),
    Factor(id="F4", parent="F2", text="no load test", category="Process & review"),
    Factor(id="F5", parent="F4", text="no data of that size", category="Process & review"),
)


def test_a_small_fishbone_is_as_it_was_accepted() -> None:
    kept = Path(__file__).parents[2] / "golden" / "fishbone.txt"
    shown = render(SMALL, "text", 80)
    assert shown == kept.read_text("utf-8")


def test_the_effect_is_the_only_root_that_happened_else_the_incident() -> None:
    happened = Factor(id="F1", text="orders failed", kind="event", category="Dependencies")
    assert effect(review(happened)).key == "F1"
    assert effect(review(Factor(id="F1", text="orders failed"))).key == "F1"
    condition = Factor(id="F1", text="pool full", category="Data & capacity")
    for session in (review(condition), review(happened, Factor(id="F2", text="x")), review()):
        assert (effect(session).text, effect(session).key) == ("Checkout down", "")
    assert "F1" in lay_out(review(happened), 80).places


def test_ribs_keep_the_order_of_the_list_and_of_the_tree() -> None:
    found = {rib.name: [(twig.factor.id, twig.depth) for twig in rib.twigs] for rib in ribs(SMALL)}
    assert list(found)[:2] == ["Change & code", "Data & capacity"]
    assert found["Process & review"] == [("F3", 0), ("F4", 0), ("F5", 1)]
    own = edits.set_analysis(SMALL, categories=("Process & review", "New"))
    assert [rib.name for rib in ribs(own)] == ["Process & review", "New", "Data & capacity", "Change & code"]
    assert ribs(review(Factor(id="F1", text="a"), Factor(id="F2", text="b")))[-1].name == UNSORTED


FACTORS = st.lists(
    st.builds(
        Factor,
        text=st.text(max_size=120) | st.sampled_from([EVERYTHING, LONG, "", "漢字" * 40, "word " * 30]),
        category=st.sampled_from(CATEGORIES),
        mark=st.sampled_from(["", "immediate", "systemic"]),
        label=st.sampled_from(["", "Gap"]),
    ),
    max_size=14,
)


@settings(max_examples=60, deadline=None)
@given(FACTORS, st.lists(st.integers(0, 14), max_size=14), st.integers(40, 200))
def test_every_factor_stands_once_and_no_text_lies_over_another(
    factors: list[Factor], parents: list[int], width: int
) -> None:
    named = [
        factor.model_copy(update={"id": f"F{n}", "parent": f"F{up}" if up < n else ""})
        for n, (factor, up) in enumerate(zip(factors, [*parents, *[0] * 14], strict=False), 1)
    ]
    session = review(*named)
    drawing = lay_out(session, width)
    assert set(drawing.places) == {factor.id for factor in named}
    for row in drawing.rows:
        end = 0
        for span in sorted(row):
            assert span.x >= end, row
            end = span.x + cell_len(span.text)
    svg = ElementTree.fromstring(render(session, "svg", width))
    assert svg.tag == f"{SVG}svg"


def test_more_ribs_than_fit_make_it_wider_and_never_narrower_than_can_be_read() -> None:
    many = review(*(Factor(id=f"F{n}", text="some words here", category=f"C{n}") for n in range(12)))
    assert lay_out(many, 80).width > 150
    assert lay_out(SMALL, 80).width <= 80
    assert "nothing yet: " in render(SMALL, "text", 80)


def test_the_real_report_fits_eighty_columns_of_two_pairs_of_ribs() -> None:
    session = sorted_tree()
    text = render(session, "text", 80)
    assert "Change & code" in text
    drawing = lay_out(session, 80)
    assert len(drawing.places) == len(session.factors) == 18


def test_the_svg_can_be_read_aloud_follows_the_theme_and_runs_nothing() -> None:
    svg = ElementTree.fromstring(render(SMALL, "svg"))
    title, desc = svg.find(f"{SVG}title"), svg.find(f"{SVG}desc")
    assert svg.get("role") == "img"
    assert title is not None
    assert desc is not None
    assert svg.get("aria-labelledby") == f"{title.get('id')} {desc.get('id')}"
    assert title.text == "Fishbone: Checkout down"
    assert desc.text == described(SMALL)
    assert "Process & review: no plan was shown; no load test; no data of that size." in described(SMALL)
    assert "prefers-color-scheme:dark" in render(SMALL, "svg")
    drawn = " ".join("".join(each.itertext()) for each in svg.iter(f"{SVG}text"))
    for word in ("pool", "index", "Change & code", "● evidence"):
        assert word in drawn


def test_attacks_are_text_in_both() -> None:
    attack = "</text><script>alert(1)</script>&amp;\"' ]]> <!-- \ufffe\x1b[31m \ud800"
    hostile = Session(
        incident=Incident(title=attack),
        factors=(Factor(id="F1", text=attack, category=f"Own {attack}"), Factor(id="F2", text=EVERYTHING)),
    )
    text = render(hostile, "svg", 200)
    svg = ElementTree.fromstring(text)
    assert {each.tag.removeprefix(SVG) for each in svg.iter()} <= {
        *("svg", "title", "desc", "style", "rect", "polyline", "path", "text"),
    }
    assert not [
        name for each in svg.iter() for name in each.attrib if name.startswith("on") or "href" in name
    ]
    assert "alert(1)" in "".join(svg.itertext())
    for shown in (text, render(hostile, "text")):
        assert "\x1b" not in shown
        assert "\u202e" not in shown


@pytest.mark.parametrize("form", ["md", "html"])
def test_the_report_shows_it_where_the_review_says_so(form: str) -> None:
    session = SMALL.model_copy(update={"events": (Event(id="E1", text="```\n<b>"),)})
    wanted = edits.set_analysis(session, fishbone=True)
    sign = "═▶" if form == "md" else '<svg class="fishbone"'
    assert sign not in render_report(session, form)
    assert sign in render_report(wanted, form)


@pytest.mark.parametrize("form", ["md", "html"])
@pytest.mark.parametrize("preset", ["seed", "short"])
def test_who_asks_for_it_has_it_in_this_report(form: str, preset: str) -> None:
    sign = "═▶" if form == "md" else '<svg class="fishbone"'
    asked = Shape(preset, keep=("fishbone",))
    assert sign in render_report(SMALL, form, shape=asked)
    assert sign not in render_report(SMALL, form, shape=Shape(preset))


def test_backticks_cannot_end_its_block_in_markdown() -> None:
    text = "````` </pre> # heading"
    session = edits.set_analysis(review(Factor(id="F1", text=text, category="C")), fishbone=True)
    report = render_report(session, "md", exact=False)
    fence = next(line for line in report.splitlines() if line.endswith("text") and line.startswith("`"))
    assert fence == "``````text"
    assert report.count(fence.removesuffix("text")) == 2


def test_two_hundred_factors_are_laid_out() -> None:
    factors = [
        Factor(
            id=f"F{n}", parent=f"F{n // 3}" if n >= 3 else "", text="word " * 20, category=CATEGORIES[n % 6]
        )
        for n in range(200)
    ]
    drawing = lay_out(review(*factors), 80)
    assert len(drawing.places) == 200
