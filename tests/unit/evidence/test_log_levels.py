import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.evidence.levels import level

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


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_no_bytes_break_it(line):
    assert level(line) in ("", "debug", "info", "warn", "error", "fatal")
