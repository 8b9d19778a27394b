"""Which kinds of source there are: the built-in ones, and what other packages bring along."""

from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points

from app.text import one_line
from collectors.interface import Collector

GROUP = "blamefree.collectors"
BUILT_IN = {
    "alertmanager": "collectors.alertmanager:AlertmanagerCollector",
    "command": "collectors.command:CommandCollector",
    "file": "collectors.file:FileCollector",
    "git": "collectors.git:GitCollector",
    "github": "collectors.github:GitHubCollector",
    "gitlab": "collectors.gitlab:GitLabCollector",
    "grafana": "collectors.grafana:GrafanaCollector",
    "kubernetes": "collectors.kubernetes:KubernetesCollector",
    "loki": "collectors.loki:LokiCollector",
    "pagerduty": "collectors.pagerduty:PagerDutyCollector",
    "prometheus": "collectors.prometheus:PrometheusCollector",
    "slack": "collectors.slack:SlackCollector",
    "slack-export": "collectors.slack_export:SlackExportCollector",
}


@dataclass(frozen=True)
class Registry:
    """The collectors by kind, and one sentence for each that could not be loaded."""

    collectors: dict[str, Collector]
    problems: tuple[str, ...] = ()


def load() -> Registry:
    """Every collector that can be loaded.

    The built-in ones do not depend on installed metadata. A package of a team may add kinds, and may
    replace a built-in one by its name; one that is broken is a sentence, not a crash.
    """
    points = {name: EntryPoint(name, value, GROUP) for name, value in BUILT_IN.items()}
    points |= {point.name: point for point in entry_points(group=GROUP)}
    found: dict[str, Collector] = {}
    problems: list[str] = []
    for name, point in sorted(points.items()):
        try:
            found[name] = _made(point)
        except Exception as error:
            problems.append(
                f"The collector “{one_line(name)}” ({one_line(point.value)}) could not be loaded "
                f"({type(error).__name__}: {one_line(str(error))}): repair or remove its package."
            )
    return Registry(found, tuple(problems))


def collectors() -> dict[str, Collector]:
    """The collectors by kind."""
    return load().collectors


def _made(point: EntryPoint) -> Collector:
    if point.value == BUILT_IN.get(point.name):
        module, _, name = point.value.partition(":")
        made = getattr(import_module(module), name)()
    else:
        made = point.load()()
    if not isinstance(made, Collector):
        raise TypeError("it is not a Collector")
    return made
