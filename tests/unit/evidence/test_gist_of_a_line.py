import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.evidence.message import message


@pytest.mark.parametrize(
    ("line", "gist"),
    [
        (
            '10.0.3.15 - - [09/Feb/2025:10:05:23 +0000] "POST /v1/orders HTTP/1.1" 503 197 "-"',
            "POST /v1/orders 503",
        ),
        ('[pod/api-x2k4p/api] 2025-02-09T09:58:12.12Z level=info msg="starting api v2"', "starting api v2"),
        (
            '2025-02-09T10:00:00Z level=error msg="timed out" query=orders after=2s',
            "timed out query=orders after=2s",
        ),
        ("2025-02-09 10:18:45 UTC [warning] api-db slow", "api-db slow"),
        ("2025-02-09 10:00:00,123 ERROR [main] x", "[main] x"),
        ('{"level":"error","ts":"2025-02-09T10:00:00Z","msg":"pool exhausted"}', "pool exhausted"),
        ('{"level":"error"}', '{"level":"error"}'),
        ("2025-02-09T09:58:11Z pod/api Started container api", "pod/api Started container api"),
        ("E0209 10:05:23.000000       1 main.go:7] boom", "1 main.go:7] boom"),
        ("Feb  9 10:05:23 web1 sshd[1]: hello", "web1 sshd[1]: hello"),
        ("no stamp at all", "no stamp at all"),
        ("", ""),
    ],
)
def test_stamp_level_and_wrapping_go_and_the_words_stay(line, gist):
    assert message(line) == gist


@given(st.text(max_size=80))
def test_no_text_breaks_it_and_none_becomes_empty(text):
    assert bool(message(text)) == bool(text)
