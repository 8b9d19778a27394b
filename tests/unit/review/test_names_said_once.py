"""A sentence that is shown behind a name does not say it again."""

import pytest

from app.review.plain import about


@pytest.mark.parametrize(
    ("name", "sentence", "shown"),
    [
        ("prom 9090", "prom 9090 refused the connection.", "refused the connection."),
        ("hub", "hub: There is no token.", "There is no token."),
        ("hub", "hubris is no hub", "hubris is no hub"),
        ("hub", "the log was rotated away", "the log was rotated away"),
        ("hub", "hub", "hub"),
        ("hub", "hub: ", "hub: "),
        ("", "something", "something"),
    ],
)
def test_the_name_is_left_out_of_a_sentence_that_begins_with_it(name: str, sentence: str, shown: str) -> None:
    assert about(name, sentence) == shown
