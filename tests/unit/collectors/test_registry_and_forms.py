from importlib.metadata import EntryPoint

import pytest

from collectors import registry
from collectors.interface import Field, settings_from_text, text_from_settings
from collectors.prometheus import PrometheusCollector


def test_the_built_in_kinds_are_there_without_installed_metadata(monkeypatch):
    monkeypatch.setattr(registry, "entry_points", lambda group: ())
    assert sorted(registry.collectors()) == sorted(registry.BUILT_IN)
    assert {"alertmanager", "file", "grafana", "kubernetes", "loki", "prometheus"} <= set(registry.BUILT_IN)


@pytest.mark.parametrize(
    "value", ["no.such.module:X", "collectors.file:NoSuchClass", "json:dumps", "pathlib:Path", "a b"]
)
def test_a_broken_package_is_one_sentence_and_the_others_work(monkeypatch, value):
    points = (EntryPoint("martian\x1b", value, registry.GROUP),)
    monkeypatch.setattr(registry, "entry_points", lambda group: points)
    found = registry.load()
    assert sorted(found.collectors) == sorted(registry.BUILT_IN)
    (problem,) = found.problems
    assert problem.endswith(".")
    assert "\x1b" not in problem


def test_a_team_s_own_collector_is_found_by_its_entry_point(monkeypatch):
    points = (EntryPoint("ours", "collectors.file:FileCollector", registry.GROUP),)
    monkeypatch.setattr(registry, "entry_points", lambda group: points)
    assert "ours" in registry.collectors()


def test_what_is_typed_becomes_settings_and_back():
    typed = {
        "url": " http://prom:9090 ",
        "queries": 'errors = rate(x{code=~"5.."}[5m])\n\nsum(rate(y{a = "b"}[1m])) > 3\n',
        "alerts": "no",
        "step": "",
        "unknown": "x",
    }
    settings = settings_from_text(PrometheusCollector.fields, typed)
    assert settings == {
        "url": "http://prom:9090",
        "queries": {"errors": 'rate(x{code=~"5.."}[5m])', "query 2": 'sum(rate(y{a = "b"}[1m])) > 3'},
        "alerts": False,
    }
    shown = text_from_settings(PrometheusCollector.fields, settings)
    assert settings_from_text(PrometheusCollector.fields, shown) == settings
    assert shown["alerts"] == "no"


def test_a_secret_s_field_asks_for_the_name_of_a_variable():
    secrets = [field for field in PrometheusCollector.fields if field.secret_env]
    assert [field.name for field in secrets] == ["token_env", "password_env"]
    assert all(field.kind == "variable" for field in secrets)
    assert not Field("a", "A").required


@pytest.mark.parametrize("collector", registry.collectors().values(), ids=registry.collectors())
def test_labels_fit_into_the_form(collector):
    assert all(0 < len(field.label) <= 17 for field in collector.fields)
