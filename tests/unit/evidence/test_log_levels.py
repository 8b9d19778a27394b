import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.evidence.levels import hints_in, is_error, level

DECLARED = [
    ('1.1.1.1 - - [x] "GET / HTTP/1.1" 503 197 "-"', "error"),
    ('1.1.1.1 - - [x] "GET /error HTTP/1.1" 200 197 "-"', "info"),
    ('1.1.1.1 - - [x] "GET / HTTP/2.0" 404 0 "-"', "info"),
    ('{"level":"error","msg":"x"}', "error"),
    ('{"severity": "CRITICAL"}', "fatal"),
    ('{"level":50,"msg":"pino"}', "error"),
    ('{"level":30,"msg":"error in the text"}', "info"),
    ('{"log.level":"WARN"}', "warn"),
    ('time=x level=info msg="no ERROR here"', "info"),
    ("level=fatal msg=x", "fatal"),
    ("2025-02-09 10:00:00,000 ERROR [main] x", "error"),
    ("2025-02-09 10:00:00,000 WARNING x", "warn"),
    ("2025/02/09 10:00:00 [crit] 31#31: x", "fatal"),
    ("2025/02/09 10:00:00 [notice] 31#31: x", "info"),
    ("E0209 10:05:23.000000       1 main.go:7] boom", "error"),
    ("2025-02-09T10:05:23Z W0209 10:05:23.000000 1 main.go:7] x", "warn"),
    ("panic: runtime error: index out of range", "fatal"),
    ("Traceback (most recent call last):", "fatal"),
    ("2025-02-09T10:00:00Z 0 errors so far", ""),
    ("2025-02-09T10:00:00Z the error rate is normal again", ""),
    ("2025-02-09T10:00:00Z TERRORS of NON-ERROR", ""),
    ("", ""),
]


@pytest.mark.parametrize(("line", "expected"), DECLARED)
def test_only_a_declared_level_counts(line, expected):
    assert level(line.encode()) == expected


@pytest.mark.parametrize(("line", "expected"), DECLARED)
def test_the_quick_way_agrees_with_the_thorough_one(line, expected):
    assert is_error(line.encode()) == (expected in ("error", "fatal"))
    if expected in ("error", "fatal"):
        assert is_error(line.encode(), hints_in(b"some\n" + line.encode() + b"\nmore"))


WORDS = [
    "error",
    "ERROR",
    "Error",
    "FATAL",
    "fatal",
    "crit",
    "Crit",
    "CRITICAL",
    "panic",
    "Panic",
    "EMERG",
    "alert",
    "ALERT",
    "SEVERE",
    "err",
    "50",
]
SHAPES = [
    '{{"level":{}}}',
    '{{"level":"{}"}}',
    "level={} x",
    "x {} y",
    "[{}] x",
    '{{"severity": "{}"}}',
    "2025-02-09T10:00:00Z {}: x",
]


@given(st.sampled_from(SHAPES), st.sampled_from(WORDS), st.text("abcéE0: \t", max_size=5))
def test_no_declared_error_is_missed_by_the_searches_that_come_first(shape, word, tail):
    line = (shape.format(word) + tail).encode()
    if level(line) in ("error", "fatal"):
        assert is_error(line)
        assert is_error(line, hints_in(b"before\n" + line))


@given(st.binary(max_size=300))
def test_no_bytes_break_it(line):
    assert level(line) in ("", "debug", "info", "warn", "error", "fatal")
