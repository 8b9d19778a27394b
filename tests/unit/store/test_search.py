"""Search over all reviews: every word, anywhere people write, without parsing files that cannot hold it."""

from pathlib import Path

import pytest

from app.history import Desk
from app.review import edits
from app.review.records import Event, Incident, Narrative, Session
from app.store import shelf as shelf_module
from app.store.search import Hit, search
from tests.fakes.classic_review import classic_review


def found(root: Path, query: str) -> list[tuple[str, str]]:
    return [(hit.folder.name, hit.where) for hit in search(root, query) if isinstance(hit, Hit)]


def test_every_word_must_be_in_one_text_in_any_case(tmp_path: Path) -> None:
    Desk.create(tmp_path / "one", classic_review()).close()
    assert found(tmp_path, "grafana METRICS") == [("one", "AI-001 text")]
    assert found(tmp_path, "grafana runbook") == []
    assert found(tmp_path, '"pool metrics"') == [("one", "AI-001 text")]
    assert found(tmp_path, '"metrics pool"') == []
    assert ("one", "lessons 1") in found(tmp_path, "connection-level")
    assert found(tmp_path, "") == []


def test_an_edit_that_is_only_in_the_journal_is_found_and_what_it_replaced_is_not(tmp_path: Path) -> None:
    desk = Desk.create(tmp_path / "one", classic_review())
    desk.apply("x", lambda s: edits.change(s, "actions", {"AI-001"}, text="Äpfel zählen"))
    desk.flush()
    assert found(tmp_path, "äpfel") == [("one", "AI-001 text")]
    assert found(tmp_path, "grafana") == []
    desk.close()


def test_a_text_with_signs_that_toml_escapes_is_found(tmp_path: Path) -> None:
    text = 'say "hi" \\ back\nnext line'
    session = Session(incident=Incident(title="x"), event=(Event(id="E1", text=text),))
    Desk.create(tmp_path / "one", session).close()
    for query in ("hi back", "\\", "next", '"hi'):
        assert found(tmp_path, query) == [("one", "E1 text")], query


def test_the_snippet_stands_around_the_first_word_on_one_line(tmp_path: Path) -> None:
    summary = "a " * 60 + "needle\nin the hay " + "b " * 60
    Desk.create(tmp_path / "one", Session(narrative=Narrative(summary=summary))).close()
    (hit,) = search(tmp_path, "needle")
    assert isinstance(hit, Hit)
    assert hit.snippet.startswith("…a a")
    assert "needle in the hay b" in hit.snippet
    assert hit.snippet.endswith("…")
    assert len(hit.snippet) < 110


def test_reviews_that_cannot_hold_the_words_are_not_parsed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Desk.create(tmp_path / "one", classic_review()).close()
    Desk.create(tmp_path / "two", Session(incident=Incident(title="Other"))).close()
    parsed: list[str] = []
    examine = shelf_module.examine

    def watched(folder: Path, *args: object, **kwargs: object) -> object:
        parsed.append(folder.name)
        return examine(folder, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(shelf_module, "examine", watched)
    assert found(tmp_path, "grafana") == [("one", "AI-001 text")]
    assert parsed == ["one"]


def test_a_review_that_cannot_be_read_is_passed_on_with_its_problem(tmp_path: Path) -> None:
    Desk.create(tmp_path / "one", classic_review()).close()
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "session.toml").write_text("grafana = [")
    problems = [each.problem for each in search(tmp_path, "grafana") if not isinstance(each, Hit)]
    assert len(problems) == 1
    assert problems[0]
