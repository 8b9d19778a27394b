"""The report as a page in a real browser: quiet, loads nothing, runs nothing, prints."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.indicator import drawn
from app.report.pdf import as_pdf
from app.report.render import PRESETS, Shape, render
from tests.unit.report.test_render import PAYLOADS, SAMPLE, full_of, shipped_sample

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(
    not CHROMIUM, reason="no chromium: apt-get install chromium fonts-dejavu-core"
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    api = pytest.importorskip("playwright.sync_api")
    with api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield chromium
        chromium.close()


def visit(browser: Any, path: Path, text: str, scheme: str = "light") -> tuple[Any, list[str], list[str]]:
    """The page, what it asked for besides itself, and what it complained about."""
    path.write_text(text, "utf-8")
    page = browser.new_context(offline=True, color_scheme=scheme).new_page()
    asked: list[str] = []
    complained: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complained.append(message.text))
    page.on("pageerror", lambda error: complained.append(str(error)))
    page.on("dialog", lambda dialog: (complained.append("dialog"), dialog.dismiss()))
    page.goto(path.as_uri())
    return page, [url for url in asked if url != path.as_uri()], complained


@pytest.mark.parametrize("preset", PRESETS)
def test_the_sample_is_quiet_loads_nothing_and_prints(browser: Any, tmp_path: Path, preset: str) -> None:
    page, asked, complained = visit(
        browser, tmp_path / "r.html", render(shipped_sample(), "html", preset=preset)
    )
    assert (asked, complained) == ([], [])
    assert page.locator("script").count() == 0
    assert page.locator("svg.bars").count() == 1
    assert page.pdf().startswith(b"%PDF-")
    page.context.close()


def with_pictures(folder: Path) -> str:
    session = shipped_sample()
    session = session.model_copy(update={"analysis": session.analysis.model_copy(update={"fishbone": True})})
    return render(
        session, "html", shape=Shape(indicator=drawn(session, shutil.copytree(SAMPLE, folder / "sample")))
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_its_pictures_fit_the_page_have_names_and_can_be_read(
    browser: Any, tmp_path: Path, scheme: str
) -> None:
    page, asked, complained = visit(browser, tmp_path / "r.html", with_pictures(tmp_path), scheme)
    assert (asked, complained) == ([], [])
    pictures = page.locator("svg")
    assert pictures.count() == 3
    for number in range(3):
        picture = pictures.nth(number)
        assert picture.get_attribute("role") == "img"
        for part in (picture.get_attribute("aria-labelledby") or "").split():
            assert page.locator(f"#{part}").text_content()
    for width in (1100, 700):
        page.set_viewport_size({"width": width, "height": 800})
        # Nothing stands outside of its picture, and no picture outside of the page.
        outside = page.evaluate(
            """() => [...document.querySelectorAll('svg.strip, svg.bars')].flatMap(svg => {
                const box = svg.getBoundingClientRect(), wide = document.documentElement.clientWidth;
                return [...svg.querySelectorAll('text')].filter(each => {
                    const part = each.getBoundingClientRect();
                    return part.left < box.left - 1 || part.right > box.right + 1 || part.bottom > box.bottom + 1;
                }).map(each => each.textContent).concat(box.right > wide ? ['picture'] : []);
            })"""
        )
        assert outside == []
    # Milestones stand where the axis has their times: started 10:05:23, resolved 10:40:00.
    marks = page.evaluate(
        "() => [...document.querySelectorAll('svg.strip .mark')].map(each => each.points[2].x)"
    )
    assert len(marks) == 8
    assert marks == sorted(marks)
    # 12:00 after 05:23 and 40:00 after it: the same scale for all.
    assert abs((marks[3] - marks[0]) / (marks[7] - marks[0]) - 397 / 2077) < 0.002
    page.context.close()


def test_it_is_dark_where_the_reader_wants_it_dark(browser: Any, tmp_path: Path) -> None:
    grounds = []
    for scheme in ("light", "dark"):
        page, _, _ = visit(browser, tmp_path / "r.html", render(shipped_sample(), "html"), scheme)
        grounds.append(page.evaluate("() => getComputedStyle(document.body).backgroundColor"))
        page.context.close()
    assert grounds == ["rgb(255, 255, 255)", "rgb(23, 26, 33)"]


def test_hostile_text_in_every_field_runs_and_loads_nothing(browser: Any, tmp_path: Path) -> None:
    for number, payload in enumerate(PAYLOADS):
        page, asked, complained = visit(
            browser, tmp_path / f"{number}.html", render(full_of(payload), "html")
        )
        assert (asked, complained) == ([], []), payload
        page.context.close()


def test_the_report_is_printed_to_pdf() -> None:
    printed = as_pdf(render(shipped_sample(), "html"))
    assert printed.startswith(b"%PDF-")
    assert printed.rstrip().endswith(b"%%EOF")
