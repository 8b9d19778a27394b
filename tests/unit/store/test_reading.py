"""Reading a session file: bounded, cleaned, and every error one sentence that names the place."""

import time

import pytest

from app.review.records import Session
from app.store import reading
from app.store.errors import NewerSchema, Unreadable
from app.store.reading import load, parse

HEAD = 'schema = 1\nid = "PM-1"\n'


def refused(text: str | bytes, kind: type[Exception] = Unreadable) -> str:
    with pytest.raises(kind) as caught:
        load(text if isinstance(text, bytes) else text.encode())
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "it is empty"),
        ("\n  \n", "it is empty"),
        ("# only a remark\n", "it is empty"),
        ("schema = 1\nid = \n", "at line 2, column 6: invalid value"),
        ('id = "x\n', "at line 1, column 8: illegal character '\\n'"),
        ("[incident\n", "at line 1, column 10: expected ']' at the end of a table declaration"),
        ("id = 'a'\nid = 'b'\n", "at line 2, column 9: cannot overwrite a value"),
        (b"id = 'x'\nname = '\xff'\n", "line 2 holds bytes that are not UTF-8 text"),
        ("schema = 'one'", "`schema` needs a whole number from 1 to 1"),
        ("schema = true", "`schema` needs a whole number from 1 to 1"),
        ("schema = 0", "`schema` needs a whole number from 1 to 1"),
        ("[[events]]\nid = 'E1'\n", "`events` is not a key of a session; records stand under `[[event]]`"),
        ("x = " + "[" * 5000 + "]" * 5000, "its values are nested too deeply"),
        ("x = " + "9" * 5000, "Exceeds the limit (4300 digits)"),
        (
            "[[event]]\nid = 'E7'\nat = 2025-02-09T10:05:23\n",
            "event E7: `at` needs a date and time with an offset, such as 2025-02-09T10:05:23Z",
        ),
        (
            "[[event]]\n[[event]]\nat = 'soon'\n",
            "event number 2: `at` needs a date and time with an offset, such as 2025-02-09T10:05:23Z",
        ),
        ("[[action]]\nid = 'AI-001'\ndue = 7.5\n", "action AI-001: `due` needs a date, such as 2025-02-16"),
        (
            "[[action]]\nid = 'AI-001'\nstatus = 'later'\n",
            "action AI-001: `status` needs one of 'open', 'in-progress', 'done' or 'declined'",
        ),
        ("[[event]]\nid = 'E1'\ntext = 7\n", "event E1: `text` needs text in quotes"),
        ("[[event]]\nid = 'E1'\nstarred = 'yes please'\n", "event E1: `starred` needs true or false"),
        ("[[event]]\nid = 'E1'\ntags = 'a'\n", 'event E1: `tags` needs a list, such as ["a", "b"]'),
        (
            "[[event]]\nid = 'E1'\n[[event.evidence]]\nline = 'x'\n",
            "event E1: `evidence[1].line` needs a whole number",
        ),
        ("[[impact]]\nid = 'I1'\nfrom = 1.5e300\n", "impact I1: `from` needs a date and time with an offset"),
        ("[[source]]\nid = 'S1'\nsettings = 3\n", "source S1: `settings` needs a table"),
        ("event = 3\n", '`event` needs a list, such as ["a", "b"]'),
        ("event = [3]\n", "event number 1: `event` needs a table"),
        ("[incident]\ntitle = 3\nseverity = 4\n", "`incident.title` needs text in quotes (and 1 more)"),
        ("incident = 'x'\n", "`incident` needs a table"),
        ("[[event]]\nid = 'E1'\n[[event]]\nid = 'E1'\n", "two event records are called E1"),
    ],
)
def test_every_error_is_one_sentence_that_names_the_place(text: str | bytes, words: str) -> None:
    message = refused(text)
    assert words in message
    assert "\n" not in message
    assert len(message) < 300


@pytest.mark.parametrize(
    "text",
    [
        ".".join(["a"] * 50_000) + " = 1\n",
        "[" + ".".join(["a"] * 50_000) + "]\n",
        "[[" + " . ".join(["'a'"] * 20_000) + "]]\n",
        "x = {" + ".".join(['"a b"'] * 20_000) + " = 1}\n",
    ],
)
def test_a_bomb_of_dotted_keys_is_refused_before_it_is_parsed(text: str) -> None:
    began = time.process_time()
    assert "has more than 64 parts" in refused(HEAD + text)
    # Python 3.11 takes half a minute for the first of these.
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    "text",
    [
        "x = '" + "a." * 500 + "'",
        'x = """\n' + "a." * 500 + '\n"""',
        "# " + "a." * 500,
        'x = "' + "'.'." * 99 + '"',
    ],
)
def test_dots_in_text_and_remarks_are_no_bomb(text: str) -> None:
    assert load((HEAD + text + "\n").encode()).session.id == "PM-1"


def test_a_huge_file_is_refused_by_its_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "SIZE_LIMIT", 100)
    assert refused("#" * 101) == "it has 101 bytes; a session file has at most 100"


def test_control_characters_are_made_visible_wherever_they_stand() -> None:
    text = '"k\\u001bey" = "\\u0007"\n[[event]]\nid = "E1"\ntext = "\\u001b[31mred\\u202E"\n'
    text += '[event.x]\ny = ["\\u0000"]\n'
    session = load(text.encode()).session
    assert session.model_extra == {"k^[ey": "^G"}
    assert session.events[0].text == "^[[31mred<202E>"
    assert session.events[0].model_extra == {"x": {"y": ["^@"]}}


@pytest.mark.parametrize("raw", ["\ufeff" + HEAD, HEAD.replace("\n", "\r\n")])
def test_marks_of_other_editors_do_no_harm(raw: str) -> None:
    assert load(raw.encode()).session.id == "PM-1"


def test_records_without_an_id_get_the_next_one_and_it_is_said() -> None:
    loaded = load(b"[[event]]\ntext = 'a'\n[[event]]\nid = 'E4'\n[[event]]\n[[action]]\n")
    assert [event.id for event in loaded.session.events] == ["E5", "E4", "E6"]
    assert loaded.session.actions[0].id == "AI-001"
    assert loaded.notices == ("event without an id: given E5, E6", "action without an id: given AI-001")


def test_a_newer_file_is_shown_with_a_word_about_it() -> None:
    loaded = load(b"schema = 9\nid = 'PM-1'\nnew = 1\n[[event]]\nid = 'E1'\nmood = 'calm'\n")
    assert loaded.newer == 9
    assert loaded.session.schema_ == 9
    assert loaded.notices == (
        "written by a newer version (schema 9; this one knows 1): opened for reading only",
    )


def test_a_newer_file_that_cannot_be_shown_asks_for_an_update() -> None:
    assert refused("schema = 9\nevent = 'many'\n", NewerSchema) == (
        "a newer version wrote it (schema 9; this one knows 1); update blamefree"
    )


def test_an_older_file_is_brought_up_to_date(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "SCHEMA", 3)
    monkeypatch.setattr(
        reading,
        "MIGRATIONS",
        {
            1: lambda table: {**table, "id": table["id"] + "-2"},
            2: lambda table: {**table, "id": table["id"] + "-3"},
        },
    )
    loaded = load(HEAD.encode())
    assert loaded.session.id == "PM-1-2-3"
    assert (loaded.session.schema_, loaded.migrated_from) == (3, 1)


def test_a_schema_nobody_can_bring_up_to_date_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "SCHEMA", 3)
    assert refused(HEAD) == "schema 1 is not known to this version"


def test_a_file_with_nothing_but_an_unknown_key_is_a_session() -> None:
    assert load(b"team = 'payments'\n").session == Session.model_validate({"team": "payments"})
    assert parse(b"team = 'payments'\n") == {"team": "payments"}
