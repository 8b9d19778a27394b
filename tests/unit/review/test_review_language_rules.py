"""Rules as a team changes them: switched off, other levels, rules and languages of their own; and what they offer."""

import tomllib
from typing import Any

import pytest

from app.review import edits
from app.review.language import Ruleset, broken_case, check, check_session, rules
from app.review.language_rules import RulesProblem, ruleset, shipped, shipped_table
from app.review.records import Session


def team(text: str) -> Ruleset:
    return ruleset(shipped_table("en"), tomllib.loads(text))


def found(text: str, using: Ruleset | None = None) -> dict[str, str]:
    return {finding.rule.id: finding.rule.level for finding in check(text, using)}


def test_a_rule_is_switched_off_and_the_others_stay() -> None:
    text = "Clearly it was human error."
    assert found(text) == {"B02": "error", "H01": "warn"}
    assert found(text, team('off = ["H01"]')) == {"B02": "error"}
    assert len(team('off = ["H01", "V01"]').rules) == len(rules()) - 2


def test_a_level_is_changed() -> None:
    assert found("Clearly.", team('levels = { H01 = "error" }')) == {"H01": "error"}


def test_root_cause_is_allowed_by_one_setting() -> None:
    assert "S01" in found("The root cause was the pool.")
    assert "S01" in found("The root cause was the pool.", team("allow_root_cause = false"))
    assert found("The root cause was the pool.", team("allow_root_cause = true")) == {}


OWN = """
[[rule]]
id = "X01"
group = "blame"
level = "error"
pattern = '{person} (?:yolo)ed'
say = "Say which step was left out."
hit = ["we yoloed it"]
no_hit = ["yoloed"]
[[rule.offer]]
find = '{person} yoloed (\\w+)'
write = 'The rollout of \\1 had no …'
"""


def test_a_rule_of_the_team_uses_the_parts_and_blames_as_others_do() -> None:
    using = team(OWN)
    (finding,) = check("we yoloed it", using)
    assert (finding.rule.id, finding.words) == ("X01", "we yoloed")
    assert finding.rewrite is not None
    assert finding.rewrite.applied("we yoloed it") == "The rollout of it had no …"
    session = edits.set_narrative(Session(), summary="we yoloed it")
    assert [place.finding.rule.id for place in check_session(session, using)] == ["X01"]
    assert check_session(session) == ()
    assert broken_case(using) == ""


def test_a_rule_of_the_same_name_takes_the_place_of_the_one_that_ships() -> None:
    using = team(OWN.replace("X01", "B01"))
    assert len(using.rules) == len(rules())
    assert found("it was her fault", using) == {}
    assert found("we yoloed it", using) == {"B01": "error"}


def test_a_team_names_its_people() -> None:
    using = team('people = ["Alice Ng", "Zoë"]')
    assert found("Alice Ng broke production; Zoë deleted it", using) == {"B03": "error"}
    assert found("alice ng broke production", using) == {}
    assert found("Bob broke production, Zoë deleted it", using.naming(["@Bob"])) == {"B03": "error"}
    assert using.naming(["@Bob"]) is using.naming(["Bob"])
    assert using.naming([]) is using.naming(["<b>"]) is using


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('of = ["H01"]', "“of” is not a setting of the rules; there are allow_root_cause, language, levels"),
        ('off = ["H99"]', "There is no rule “H99” to change: write one of B01, B02"),
        ('off = "H01"', "“off” in the team's rules must be a list of texts."),
        ('levels = { X9 = "warn" }', "There is no rule “X9” to change"),
        ('levels = { H01 = "high" }', "The level of the rule H01 is “high”: write error, warn or info."),
        ("levels = 3", "“levels” must be a table: [levels]."),
        ("rule = 3", "Rules are written as [[rule]], each with id, group, level, pattern and say."),
        ('[[rule]]\nid = "X1"', "The rule X1 has no group: give it one, as text in quotes."),
        ('[[rule]]\ngroup = "X1"', "The rule without an id has no id"),
        (
            OWN.replace("(?:yolo)", "(?:yolo"),
            "A pattern of the rule X01 cannot be read (missing ), unterminated",
        ),
        (
            OWN.replace("yoloed (", "yoloed (" * 2),
            "A pattern of the rule X01 cannot be read (missing ), unterminated",
        ),
        (OWN.replace("{person} (?:yolo)ed", "x*"), "A pattern of the rule X01 fits the empty text"),
        (
            OWN.replace("hit", "hits", 1),
            "“hits” in the rule X01 is not known; there are allow, group, hit, id",
        ),
        (OWN.replace('level = "error"', 'level = "loud"'), "The level of the rule X01 is “loud”"),
        (OWN.replace("write", "wrote"), "An offer of the rule X01 needs a find and a write"),
        (
            OWN.replace("hit", 'needs = ["Yolo ed"]\nhit', 1),
            "Every one of needs in the rule X01 is part of one word",
        ),
    ],
)
def test_rules_that_cannot_be_used_are_one_sentence(text: str, said: str) -> None:
    with pytest.raises(RulesProblem) as problem:
        team(text)
    assert str(problem.value).startswith(said)
    assert str(problem.value).endswith(".")


@pytest.mark.parametrize("code", ["xx", "../en", "EN", ""])
def test_a_language_that_does_not_ship_says_where_its_file_goes(code: str) -> None:
    with pytest.raises(RulesProblem, match=r"put language\..*toml beside your rules"):
        shipped(code)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"hit": ["nothing of the kind"]}, "The rule X01 does not find “nothing of the kind”"),
        ({"no_hit": ["we yoloed"]}, "The rule X01 finds “we yoloed”"),
        ({"needs": ["jolo"]}, "The rule X01 does not find “we yoloed it”"),
    ],
)
def test_a_rule_that_fails_its_own_cases_is_spoken_of(change: dict[str, Any], said: str) -> None:
    changes = tomllib.loads(OWN)
    changes["rule"][0] |= change
    problem = broken_case(ruleset(shipped_table("en"), changes))
    assert problem.startswith(said)


def test_what_a_rule_needs_loses_no_hit() -> None:
    everything = " ".join(f"Then {hit}." for rule in rules() for hit in rule.hit)
    data = dict(shipped_table("en"))
    data["rule"] = [{key: value for key, value in row.items() if key != "needs"} for row in data["rule"]]
    slow = check(everything, ruleset(data))
    assert [(each.rule.id, each.start) for each in slow] == [(e.rule.id, e.start) for e in check(everything)]
    assert len(slow) > len(rules())


GERMAN = """
language = "de"
[parts]
person = '(?:@[\\w.-]+|\\b(?:wir|er|sie|niemand|(?:der|die) (?:Entwickler(?:in)?|Kollegin|Kollege))\\b)'
[[rule]]
id = "B02"
group = "blame"
level = "error"
needs = ["versagen", "fehler"]
pattern = '\\bmenschliche[sn]? (?:Versagen|Fehler)\\b'
say = "Beschreibe, was zu sehen war und was das Werkzeug zuließ."
hit = ["durch menschliches Versagen"]
no_hit = ["Fehlerrate"]
[[rule]]
id = "B04"
group = "blame"
level = "error"
needs = ["vergaß", "versäumte"]
pattern = '{person} (?:vergaß|versäumte)n?(?: es)?\\b'
say = "Schreibe, was stattdessen geschah."
hit = ["Die Entwicklerin vergaß es"]
no_hit = ["der Dienst vergaß"]
[[rule.offer]]
find = '{person} (?:vergaß|versäumte), ([^.]+) zu (\\w+)'
write = 'Der Ablauf hatte keinen Schritt, um \\1 zu \\2'
"""


def test_another_language_is_a_file_of_the_same_kind() -> None:
    using = ruleset(tomllib.loads(GERMAN), {"off": ["B02"], "people": ["Jörg"]})
    assert using.language == "de"
    assert broken_case(ruleset(tomllib.loads(GERMAN))) == ""
    text = "Jörg VERGASS es nicht, aber Jörg vergaß, den Cache zu leeren. Menschliches Versagen."
    (finding,) = check(text, using)
    assert finding.words == "Jörg vergaß"
    assert finding.rewrite is not None
    assert "aber der Ablauf hatte keinen Schritt, um den Cache zu leeren." in finding.rewrite.applied(text)
    assert check("It was human error.", using) == ()


@pytest.mark.parametrize(
    ("written", "offered"),
    [
        ("@alice broke production by deploying v2.3.0", "Deploying v2.3.0 was followed by … in production"),
        ("The engineer failed to check the query plan", "The procedure had no step to check the query plan"),
        ("Then the team forgot to bump it.", "Then the procedure had no step to bump it."),
        (
            "We should have had an alert on pool usage.",
            "There was no alert on pool usage; the first signal was ….",
        ),
        (
            "Human error during maintenance",
            "During maintenance, the tool accepted … without …; what it showed was …",
        ),
        ("It was obvious that the pool was full.", "The pool was full (visible in …, to …)."),
        ("Nobody followed the runbook", "The runbook covers …, not …"),
        ("Missed due to lack of attention.", "Missed while … also needed attention."),
        ("The root cause was a missing index", "Contributing factors: a missing index; …"),
        ("# Root cause of the outage", "# What contributed to the outage"),
        (
            "A command was executed that deleted the nodes",
            "A command was executed by … that deleted the nodes",
        ),
        ("Why did you restart it?", "What did you see that made it look right to restart it?"),
        ("who approved this?", "How does this usually get approved?"),
        ("Clearly, the pool was full.", "The pool was full."),
        ("The pool was full, obviously.", "The pool was full."),
        ("It was simply too much.", "It was too much."),
        ("Unfortunately\nit failed.", "It failed."),
        ("It could have been prevented.", "It was made possible by …."),
        ("We failed to check `kubectl get pods`.", "The procedure had no step to check `kubectl get pods`."),
        ("We failed to read **the [plan](https://x.example)**.", None),
        (
            "Had we tested the query, it would be fine.",
            "The query had not been tested at that time; the signal was in ….",
        ),
        ("a careless deploy", "A deploy"),
        ("It was their own fault.", "It was made possible by …."),
        ("it was careless", None),
        ("an 😀 emoji; we forgot to check it", "an 😀 emoji; the procedure had no step to check it"),
    ],
)
def test_a_rule_offers_a_better_wording_in_its_place(written: str, offered: str | None) -> None:
    better = [finding.rewrite for finding in check(written) if finding.rewrite]
    if offered is None:
        assert all(each.applied(written).count("**") % 2 == 0 for each in better)
        return
    assert offered in [each.applied(written) for each in better]


def test_what_is_offered_does_not_call_for_the_same_rule_again() -> None:
    # A deletion may leave another word of the rule; a wording that it would stop at again helps nobody.
    for rule in rules():
        for hit in rule.hit:
            for finding in check(hit):
                if finding.rule is rule and finding.rewrite:
                    again = {each.rule.id for each in check(finding.rewrite.applied(hit))}
                    assert rule.id not in again or len(check(hit)) > 1, (hit, finding.rewrite)


def test_most_rules_have_something_to_offer_for_their_own_cases() -> None:
    without = {
        rule.id
        for rule in rules()
        if not any(finding.rule is rule and finding.rewrite for hit in rule.hit for finding in check(hit))
    }
    assert without == set()
