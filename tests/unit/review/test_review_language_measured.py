"""The figures in docs/language.md: made from the reports that lie beside, every hit read by hand."""

from pathlib import Path

from app.review.language import rules
from app.review.language_text import layout
from tests.bench import language as bench

PAGE = (Path(__file__).parents[3] / "docs" / "language.md").read_text("utf-8")


def test_every_hit_has_a_verdict_and_every_verdict_a_hit() -> None:
    assert {hit for hit, _ in bench.hits()} == set(bench.verdicts())
    assert set(bench.verdicts().values()) == {"right", "false"}


def test_the_published_table_is_what_is_counted() -> None:
    assert bench.table() in PAGE


def test_every_rule_is_on_the_page_with_its_level() -> None:
    assert all(f"| {rule.id} | {rule.level} | " in PAGE for rule in rules())


def test_every_report_is_there_and_mostly_prose() -> None:
    texts = list(bench.reports())
    assert len(texts) == 8
    for _, text, _ in texts:
        assert sum(end - start for start, end in layout(text, document=True).spans) > len(text) / 3


def test_most_of_what_is_found_can_be_reworded() -> None:
    found = [finding for _, finding in bench.hits()]
    assert sum(finding.rewrite is not None for finding in found) > 0.7 * len(found)
