"""A generated corpus: what is found of it, by kind, and how often harmless lines are taken for secrets."""

from collections import Counter

import pytest

from app.redaction.engine import find, mask
from app.redaction.kinds import KINDS
from tests import secret_corpus_lists
from tests.secret_corpus import Case, clean, secrets


def survives(case: Case) -> bool:
    """Whether eight characters in a row of the secret are still there."""
    left = mask(case.text, lambda kind, secret: "[x:000000]")
    windows = max(1, len(case.secret) - 7)
    return any(case.secret[place : place + 8] in left for place in range(windows))


@pytest.mark.parametrize("seed", [7, 8])
def test_no_generated_secret_survives_and_the_figures_are_printed(seed: int, capsys) -> None:
    cases = secrets(seed)
    missed = Counter(case.kind for case in cases if survives(case))
    kinds = Counter(case.kind for case in cases)
    with capsys.disabled():
        print(f"\nsecrets: {len(kinds)} kinds, {len(cases) - missed.total()} of {len(cases)} masked")
    assert len(kinds) >= 40
    assert not missed


@pytest.mark.parametrize("seed", [31, 32])
def test_the_kinds_of_published_lists_are_masked_and_the_figures_are_printed(seed: int, capsys) -> None:
    cases = list(secret_corpus_lists.secrets(seed))
    missed = Counter(case.kind for case in cases if survives(case))
    count = len(secret_corpus_lists.kinds())
    with capsys.disabled():
        print(f"\nby published lists: {count} kinds, {len(cases) - missed.total()} of {len(cases)} masked")
    assert count >= 60
    # A password in a sentence that has letters only is taken for a word, in about one of twenty.
    assert missed.keys() <= {"chat-password"}
    assert missed.total() <= len(cases) // count // 4


@pytest.mark.parametrize("seed", [31, 32])
def test_ids_digests_and_names_are_left_alone_and_the_figure_is_printed(seed: int, capsys) -> None:
    lines = list(secret_corpus_lists.benign(seed))
    altered = [(name, line) for name, line in lines if find(line)]
    with capsys.disabled():
        kinds = len(secret_corpus_lists.benign_kinds())
        print(f"\nfalse alarms: {len(altered)} of {len(lines)} lines of {kinds} harmless kinds")
    assert not altered


@pytest.mark.parametrize("seed", [11, 12])
def test_no_harmless_line_is_altered_and_the_figure_is_printed(seed: int, capsys) -> None:
    lines = clean(seed)
    altered = [line for line in lines if find(line)]
    with capsys.disabled():
        print(f"\nfalse alarms: {len(altered)} of {len(lines)} harmless lines")
    assert not altered


def test_every_kind_that_is_known_is_found_somewhere_in_the_corpus() -> None:
    cases = (*secrets(each=5), *secret_corpus_lists.secrets(7, each=5))
    seen = {secret.kind for case in cases for secret in find(case.text)}
    assert seen == {kind.name for kind in KINDS}


def test_what_stands_around_a_secret_stays() -> None:
    tags = [mask(text, lambda kind, secret: f"[{kind}]") for text in (
        "postgres://api:hunter2x@db-1:5432/shop",
        '{"user":"api","password":"hunter2x","ok":true}',
        "Authorization: Bearer abcdefghijklmno123",
        "ask bob@acme.example, please.",
    )]  # fmt: skip
    assert tags == [
        "postgres://api:[url-password]@db-1:5432/shop",
        '{"user":"api","password":"[password]","ok":true}',
        "Authorization: [authorization]",
        "ask [e-mail], please.",
    ]


def test_what_is_masked_is_not_masked_again() -> None:
    for case in secrets(each=2):
        once = mask(case.text, lambda kind, secret: f"[{kind}:0a1b2c]")
        assert mask(once, lambda kind, secret: "AGAIN") == once, case


def test_a_private_key_that_was_cut_off_does_not_swallow_the_sentence_behind_it() -> None:
    text = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n\nThe pool was exhausted."
    assert mask(text, lambda kind, secret: "[k]") == "[k]\n\nThe pool was exhausted."
    assert mask(
        "a BEGIN line such as -----BEGIN PRIVATE KEY----- was in the log", lambda k, s: "[k]"
    ).endswith(" was in the log")


@pytest.mark.parametrize(
    "text",
    [
        "a" * 500_000 + "@",
        "password=" * 60_000,
        "://:" * 100_000,
        "-----BEGIN PRIVATE KEY-----" * 20_000,
        "kind: Secret " * 40_000,
        "eyJ" + "a." * 200_000,
        "1234567890123456 " * 30_000,
    ],
    ids=["at", "password", "url", "pem", "kubernetes", "jwt", "digits"],
)
def test_a_hostile_line_of_half_a_megabyte_is_read_to_its_end(text: str) -> None:
    mask(text, lambda kind, secret: "[x:000000]")
