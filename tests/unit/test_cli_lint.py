"""``blamefree lint``: files and reviews in, findings and an exit code out."""

import io
import json
import re
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from app.__main__ import main
from app.cli import cli
from app.history import Desk
from app.review import edits
from app.review.language import accept, check_session
from app.review.records import Event, Session

BLAME = "# Report\n\nAll was well.\nThen it was **human error**, clearly.\n"
HERE = Path(__file__).parents[2]


class Answer(NamedTuple):
    code: int
    out: str
    err: str


Blamefree = Callable[..., Answer]


@pytest.fixture
def blamefree(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Blamefree:
    monkeypatch.chdir(tmp_path)

    def run(*words: str, stdin: bytes = b"") -> Answer:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
        capsys.readouterr()
        code = main(["lint", *words])
        return Answer(code, *capsys.readouterr())

    return run


def write(text: str | bytes, name: str = "report.md") -> str:
    Path(name).write_bytes(text.encode() if isinstance(text, str) else text)
    return name


def test_a_finding_is_one_line_with_its_place_and_one_with_the_better_wording(blamefree: Blamefree) -> None:
    answer = blamefree(write("The engineer failed to check the plan.\n"))
    assert answer == (
        1,
        "report.md:1:1: error B04 “The engineer failed to” - Say what happened instead and what information was"
        " available at that moment.\n    better: The procedure had no step to check the plan.\n",
        "1 text: 1 error.\n",
    )


def test_lines_and_columns_are_those_of_the_file(blamefree: Blamefree) -> None:
    for text in (BLAME, BLAME.replace("\n", "\r\n"), "\ufeff" + BLAME):
        lines = blamefree(write(text)).out.splitlines()
        assert [line.partition(" “")[0] for line in lines if "better" not in line] == [
            "report.md:4:15: error B02",
            "report.md:4:30: warn H01",
        ]


@pytest.mark.parametrize(
    ("text", "level", "code"),
    [
        ("All is well.", "info", 0),
        ("In hindsight.", "error", 0),
        ("In hindsight.", "warn", 0),
        ("In hindsight.", "info", 1),
        ("Clearly.", "error", 0),
        ("Clearly.", "warn", 1),
        ("Human error.", "error", 1),
        ("Human error.", "info", 1),
    ],
)
def test_the_exit_code_says_whether_something_is_at_the_level(
    blamefree: Blamefree, text: str, level: str, code: int
) -> None:
    assert blamefree(write(text), "--level", level).code == code
    assert blamefree("-", "--level", level, stdin=text.encode()).code == code


def test_an_error_is_what_counts_unless_said_otherwise(blamefree: Blamefree) -> None:
    assert blamefree(write("Clearly.")).code == 0
    assert blamefree(write("Human error.")).code == 1


def test_several_files_and_standard_input_are_checked_in_the_order_given(blamefree: Blamefree) -> None:
    answer = blamefree(write("human error"), "-", write("fine", "b.md"), stdin=b"human error")
    assert re.findall(r"^(\S+): error", answer.out, re.MULTILINE) == ["report.md:1:1", "-:1:1"]
    assert answer.err == "3 texts: 2 errors.\n"


def test_nothing_to_say_is_said_beside_the_data(blamefree: Blamefree) -> None:
    assert blamefree(write("fine")) == (0, "", "1 text: nothing to say.\n")


def test_json_has_everything_and_what_was_accepted_with_its_reason(blamefree: Blamefree) -> None:
    text = 'We failed to look.\n\n<!-- blamefree: allow B02 "quoted" -->\nIt was human error.\n'
    answer = blamefree(write(text), "--json")
    first, second = json.loads(answer.out)
    assert answer.code == 1
    assert answer.err == ""
    assert first == {
        "path": "report.md",
        "line": 1,
        "column": 1,
        "end_line": 1,
        "end_column": 13,
        "level": "error",
        "rule": "B04",
        "group": "blame",
        "words": "We failed to",
        "sentence": "We failed to look.",
        "say": "Say what happened instead and what information was available at that moment.",
        "rewrite": {"start": 0, "end": 17, "text": "The procedure had no step to look"},
        "accepted": None,
    }
    assert (second["rule"], second["line"], second["accepted"]) == ("B02", 4, "quoted")


def test_a_file_whose_findings_are_all_accepted_is_clean(blamefree: Blamefree) -> None:
    answer = blamefree(write('It was human error. <!-- blamefree: allow B02 "quoted" -->'), "--level", "info")
    assert answer == (0, "", "1 text: nothing to say.\n")


def test_github_gets_one_annotation_per_finding(blamefree: Blamefree) -> None:
    answer = blamefree(write("Clearly it was human error; in hindsight.\n"), "--github")
    kinds = re.findall(
        r"^::(\w+) file=report.md,line=1,endLine=1,col=\d+,endColumn=\d+,", answer.out, re.MULTILINE
    )
    assert kinds == ["warning", "error", "notice"]
    assert len(answer.out.splitlines()) == 3
    assert "title=B02 blame::“human error” - Describe what" in answer.out


def test_no_text_can_end_an_annotation_or_begin_another(blamefree: Blamefree) -> None:
    hostile = write("@a\nbroke 9%0A::set-output, \x1b[2Jb\n", "a,b:100%.md")
    (line,) = blamefree(hostile, "--github").out.splitlines()
    assert line.startswith(
        "::error file=a%2Cb%3A100%25.md,line=1,endLine=2,col=1,endColumn=6,title=B03 blame::“@a broke”"
    )
    assert line.endswith("%0Abetter: The rollout of … was followed by … in 9%250A::set-output, ^[[2Jb")


def test_control_characters_of_a_file_never_reach_the_terminal(blamefree: Blamefree) -> None:
    answer = blamefree(write("The engineer failed to check \x1b[31mthe\x9b plan.\n"))
    assert "\x1b" not in answer.out
    assert "\x9b" not in answer.out
    assert "^[[31m" in answer.out


RULES = """
off = ["H01"]
levels = { B02 = "info" }
allow_root_cause = true
"""


def test_a_team_changes_the_rules_in_a_file(blamefree: Blamefree) -> None:
    report = write("Clearly the root cause was human error. We failed to look.")
    answer = blamefree(report, "--rules", write(RULES, "rules.toml"))
    assert re.findall(r" (\w+ [A-Z]\d\d) ", answer.out) == ["info B02", "error B04"]


def test_a_language_of_the_team_s_own_lies_beside_its_rules(blamefree: Blamefree) -> None:
    Path("team").mkdir()
    write(
        '[[rule]]\nid = "D1"\ngroup = "blame"\nlevel = "error"\npattern = "menschliches Versagen"\n'
        'say = "Beschreibe, was zu sehen war."\n',
        "team/language.de.toml",
    )
    rules = write('language = "de"\n', "team/rules.toml")
    answer = blamefree(write("Human error. Es war menschliches Versagen.\n"), "--rules", rules)
    assert answer.out == "report.md:1:21: error D1 “menschliches Versagen” - Beschreibe, was zu sehen war.\n"


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ("off = [", "rules.toml is not TOML ("),
        (b"\xff", "rules.toml is not TOML ("),
        ('off = ["X"]', "rules.toml: There is no rule “X” to change"),
        (
            'language = "xx"',
            "rules.toml: There are no rules for the language “xx”: put language.xx.toml beside",
        ),
        ("language = 3", "rules.toml: There are no rules for the language “3”"),
        (
            '[[rule]]\nid="X"\ngroup="x"\nlevel="info"\npattern="x"\nsay="x"\nhit=["y"]',
            "rules.toml: The rule X does not find “y”",
        ),
    ],
)
def test_rules_that_cannot_be_used_are_bad_input(blamefree: Blamefree, rules: str, said: str) -> None:
    answer = blamefree(write("human error"), "--rules", write(rules, "rules.toml"))
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith(said)
    assert answer.err.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "Name a file to check, - for standard input, or a review with --session; see"),
        (("none.md",), "none.md could not be used (No such file or directory)"),
        ((".",), ". could not be used (Is a directory)"),
        (("binary.md",), "binary.md is not text in UTF-8: convert it, or leave it out."),
        (("fine.md", "none.md"), "none.md could not be used"),
        (("fine.md", "--json", "--github"), "Choose one of --json and --github"),
        (("fine.md", "--level", "loud"), "Invalid value for '--level'"),
        (("fine.md", "--rules", "none.toml"), "none.toml cannot be read"),
        (("--session", "none"), "no session fits 'none'"),
    ],
)
def test_bad_input_is_one_sentence_and_exit_code_2(
    blamefree: Blamefree, words: tuple[str, ...], said: str
) -> None:
    write("human error", "fine.md")
    write(b"\xff\xfe\x00", "binary.md")
    answer = blamefree(*words)
    assert (answer.code, answer.out) == (2, "")
    assert said in answer.err
    assert answer.err.count("\n") == 1


def test_a_review_is_checked_field_by_field_with_its_people_and_what_it_accepted(
    blamefree: Blamefree,
) -> None:
    session = edits.set_narrative(Session(id="PM-1"), summary="Fine.\nIt was human error. Human error again.")
    session = edits.add(session, "events", Event(text="Alice broke prod", actor="@alice"))
    session = accept(session, check_session(session)[0].finding, "their words")
    Desk.create(Path("sessions/one"), session).close()
    answer = blamefree("--session", "one")
    assert answer.code == 1
    assert re.findall(r"^(\S+): (\w+ \w+)", answer.out, re.MULTILINE) == [
        ("one/summary:2:21", "error B02"),
        ("one/E1:1:1", "error B03"),
    ]
    assert "one/E1: “Alice broke” - " in blamefree("--session", "one", "--github").out
    facts = json.loads(blamefree("--session", "one", "--json").out)
    assert [fact["accepted"] for fact in facts] == ["their words", None, None]
    # A file beside it: the same sentence stands there too, and Alice is a person.
    report = blamefree(
        write("It was *human error*.\n\nAlice broke prod, Bob broke it"), "--session", "one"
    ).out
    assert re.findall(r"report.md:(\S+): (\w+ \w+)", report) == [("3:1", "error B03")]


def test_the_hook_that_ships_runs_a_command_that_there_is() -> None:
    text = (HERE / ".pre-commit-hooks.yaml").read_text("utf-8")
    hook = dict(re.findall(r"^[- ] (\w+): (.+)$", text, re.MULTILINE))
    program, command = hook["entry"].split()[:2]
    project = tomllib.loads((HERE / "pyproject.toml").read_text("utf-8"))["project"]
    assert program in project["scripts"]
    assert command in cli.commands
    assert (hook["language"], hook["types"]) == ("python", "[markdown]")
