"""The SVG of a fishbone in a real browser: it draws, it stays in its frame, it runs nothing and loads nothing."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.report.fishbone import render
from app.report.render import render as render_report
from app.review import edits
from app.review.records import Factor, Incident, Session
from tests.tui.hostile import EVERYTHING
from tests.why_tree import sorted_tree

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


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A page without a network; whatever it asks for or complains about is kept."""
    context = browser.new_context(offline=True, viewport={"width": 1400, "height": 900})
    page = context.new_page()
    page.asked, page.complained = [], []
    page.on("request", lambda request: page.asked.append(request.url))
    page.on("console", lambda message: page.complained.append(message.text))
    page.on("pageerror", lambda error: page.complained.append(str(error)))
    yield page
    context.close()


def opened(page: Any, path: Path, text: str) -> None:
    path.write_text(text, "utf-8")
    page.goto(path.as_uri())


OUTSIDE = """() => {
  const svg = document.querySelector('svg').getBoundingClientRect();
  return [...document.querySelectorAll('svg text')]
    .map(each => [each.textContent, each.getBoundingClientRect()])
    .filter(([_, box]) => box.left < svg.left - 1 || box.right > svg.right + 1 || box.bottom > svg.bottom + 1)
    .map(([text, _]) => text);
}"""
OVER = """() => {
  const texts = [...document.querySelectorAll('svg text')];
  const boxes = texts.map(each => [each.textContent, each.getBoundingClientRect()]);
  const found = [];
  for (const [one, a] of boxes) for (const [two, b] of boxes)
    if (one < two && a.left < b.right - 2 && b.left < a.right - 2 && a.top < b.bottom - 5 && b.top < a.bottom - 5)
      found.push(one + ' | ' + two);
  return found;
}"""


@pytest.mark.parametrize("width", [80, 160])
def test_the_real_tree_draws_every_text_inside_and_none_over_another(
    page: Any, tmp_path: Path, width: int
) -> None:
    opened(page, tmp_path / "fishbone.svg", render(sorted_tree(), "svg", width))
    assert page.title() == "" or "Fishbone" in page.title()
    assert page.evaluate("document.querySelectorAll('svg text').length") > 40
    assert page.evaluate(OUTSIDE) == []
    assert page.evaluate(OVER) == []
    assert len(page.asked) == 1
    assert page.complained == []


def test_it_follows_the_colours_of_the_reader(page: Any, tmp_path: Path) -> None:
    opened(page, tmp_path / "fishbone.svg", render(sorted_tree(), "svg"))
    paper = "getComputedStyle(document.querySelector('.paper')).fill"
    page.emulate_media(color_scheme="light")
    light = page.evaluate(paper)
    page.emulate_media(color_scheme="dark")
    assert (light, page.evaluate(paper)) == ("rgb(255, 255, 255)", "rgb(13, 17, 23)")


def test_attacks_in_it_stay_text_also_inside_the_report(page: Any, tmp_path: Path) -> None:
    attack = "</text></svg><script>document.title='owned'</script><img src=x onerror=document.title='owned'>"
    session = Session(
        incident=Incident(title=attack),
        factors=(Factor(id="F1", text=attack, category=attack), Factor(id="F2", text=EVERYTHING)),
    )
    report = render_report(edits.set_analysis(session, fishbone=True), "html")
    for name, text in (("fishbone.svg", render(session, "svg", 200)), ("report.html", report)):
        opened(page, tmp_path / name, text)
        assert page.title() != "owned"
        assert page.evaluate("document.querySelectorAll('script, img').length") == 0
        assert "owned" in page.evaluate("document.querySelector('svg').textContent")
    assert page.complained == []
    assert all(url.startswith("file:") for url in page.asked)
