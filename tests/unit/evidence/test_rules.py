import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.evidence.alerts import Episode
from app.evidence.rules import Rule, described, filled, parse_rules
from tests.unit.collectors.monitored import START

LABELS = {"alertname": "Slow", "job": "api", "severity": "page"}
EPISODE = Episode("Slow", LABELS, START, None)


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{{ $labels.job }} is slow", "api is slow"),
        ("{{$labels.job}} and {{ .Labels.severity }}", "api and page"),
        ('{{- index $labels "job" -}}!', "api!"),
        ("{{ $value | humanize }} of {{ $labels.job }}", "… of api"),
        ("{{ $labels.missing }}.", "."),
        ("{{ $labels.job | title }}", "…"),
        ("{{ if $labels.job }}x{{ end }}", "…x…"),
        ("no template }}{{", "no template }}{{"),
        ("two\nlines\x1b[31m", "two lines^[[31m"),
    ],
)
def test_labels_are_filled_and_what_only_the_server_knows_is_left_open(template, text):
    assert filled(template, LABELS) == text


@given(st.text(max_size=60), st.dictionaries(st.text(max_size=5), st.text(max_size=9)))
def test_any_template_becomes_one_line(template, labels):
    assert "\n" not in filled(template, labels)


def test_the_text_of_the_rule_that_fits_is_taken():
    rules = [
        Rule("Other", {}, "no"),
        Rule("Slow", {"severity": "ticket"}, "no"),
        Rule("Slow", {"severity": "page", "team": "{{ $labels.job }}"}, "no"),
        Rule("Slow", {"severity": "page"}, "{{ $labels.job }} is slow"),
    ]
    assert described(EPISODE, rules).summary == "api is slow"
    assert described(EPISODE, rules[:3]).summary == ""


def test_what_the_server_filled_in_itself_is_better():
    rule = Rule("Slow", {}, "{{ $value }}", now=((LABELS, "api takes 3 s"),))
    assert described(EPISODE, [rule]).summary == "api takes 3 s"


def test_rules_come_out_of_the_answer_with_their_first_text_for_people():
    def rule(**more):
        return {"type": "alerting", "name": "Slow", **more}

    rules = [
        rule(annotations={"description": "d", "summary": "s"}),
        rule(annotations={"description": "d"}),
        rule(),
        {"type": "recording", "name": "x"},
    ]
    content = json.dumps({"status": "success", "data": {"groups": [{"rules": rules}, {"rules": None}]}})
    assert [one.template for one in parse_rules(content.encode())] == ["s", "d", ""]


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b'{"data":{"groups":[1]}}', b'{"data":{"groups":[{"rules":[{"type":"alerting"}]}]}}'],
)
def test_another_answer_has_no_rules(content):
    assert parse_rules(content) is None
