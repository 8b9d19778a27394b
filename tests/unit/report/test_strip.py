"""The picture of the incident: what it is drawn from, and what it says to those who do not see it."""

import shutil
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from app.indicator import drawn
from app.report.render import Shape, render
from app.report.strip import COUNTED, Indicator, strip
from app.review.records import Incident, Session
from tests.fakes.classic_review import at, classic_review
from tests.unit.report.test_render import PAYLOADS, SAMPLE, full_of, shipped_sample

SVG = "{http://www.w3.org/2000/svg}"
START = at("10:05:00").timestamp()
SERIES = Indicator(
    "req/s <b>", "all requests & more", tuple((START + 60.0 * n, float(n % 7)) for n in range(36))
)


def texts(svg: str) -> list[str]:
    return [each.text or "" for each in ET.fromstring(svg).iter(f"{SVG}text")]


def test_phases_milestones_and_the_curve_are_told_in_words_with_their_definitions() -> None:
    svg = strip(shipped_sample(), SERIES)
    told = ET.fromstring(svg).findtext(f"{SVG}desc") or ""
    assert "undetected: 1 min 22 s" in told
    assert "started at 10:05:23" in told
    assert "req/s <b>, at most 6: all requests & more" in told
    said = texts(svg)
    assert "started 10:05:23" in said
    assert any(each.startswith("Phases: undetected 1 min 22 s (started to detected);") for each in said)
    assert "Curve: req/s <b>: all requests & more" in said


def test_without_evidence_the_phases_are_drawn_and_without_both_nothing() -> None:
    svg = strip(shipped_sample(), None)
    assert 'class="phase' in svg
    assert 'class="area"' not in svg
    assert strip(Session(), None) == ""
    assert strip(Session(), SERIES) == ""
    bare = Session(incident=Incident(started_at=at("10:05:23"), ended_at=at("10:40:00")))
    assert strip(bare, None) == ""
    assert 'class="edge"' in strip(bare, SERIES)


def test_times_are_those_of_the_reviews_zone() -> None:
    session = shipped_sample()
    berlin = session.model_copy(
        update={"incident": session.incident.model_copy(update={"timezone": "Europe/Berlin"})}
    )
    assert "started 11:05:23" in texts(strip(berlin, None))


def test_a_hole_in_the_series_is_a_hole_in_the_curve() -> None:
    holed = tuple(each for each in SERIES.points if not 600 < each[0] - START < 1200)
    assert strip(shipped_sample(), Indicator("x", "y", holed)).count('class="edge"') == 2
    assert strip(shipped_sample(), SERIES).count('class="edge"') == 1


@pytest.mark.parametrize(
    "values", [(0.0,), (-3.0, 2.0), (1e300, 1.0), (float("nan"), 1.0), (0.0001, 0.00005)]
)
def test_any_numbers_make_a_picture(values: tuple[float, ...]) -> None:
    points = tuple((START + 60.0 * number, value) for number, value in enumerate(values * 9))
    svg = strip(classic_review(), Indicator("x", "y", points))
    assert "nan" not in svg
    assert "inf" not in svg.replace("info", "")
    ET.fromstring(svg)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_hostile_names_are_only_text(payload: str) -> None:
    svg = strip(full_of(payload), Indicator(payload, payload, SERIES.points))
    if svg:
        assert {each.tag.removeprefix(SVG) for each in ET.fromstring(svg).iter()} <= {
            "svg", "title", "desc", "style", "text", "rect", "line", "polyline", "polygon", "circle",
        }  # fmt: skip


def test_readers_outside_are_told_no_name_of_a_series() -> None:
    for label, seen in ((COUNTED, True), ("qps{host='db-1'}", False)):
        shape = Shape(public=True, indicator=Indicator(label, "y", SERIES.points))
        page = render(shipped_sample(), "html", shape=shape)
        assert (label[:4] in page) is seen
        assert 'class="edge"' in page


def test_the_samples_curve_is_read_from_its_logs(tmp_path: Path) -> None:
    # A copy: what is read once is kept beside the evidence.
    folder = shutil.copytree(SAMPLE, tmp_path / "sample")
    found = drawn(shipped_sample(), folder)
    assert found is not None
    assert found.label == COUNTED
    assert max(value for _, value in found.points) > 1_000
    assert drawn(classic_review(), folder) is None
