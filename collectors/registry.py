"""Which kinds of source there are: the built-in ones, and what other packages bring along."""

from collections.abc import Iterator, Mapping
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
    known = _Kinds()
    return Registry(dict(known), tuple(known.problems[name] for name in sorted(known.problems)))


def collectors() -> Mapping[str, Collector]:
    """The collectors by kind; each is loaded when it is asked for, for a review has few kinds of them."""
    return _Kinds()


class _Kinds(Mapping[str, Collector]):
    """Collectors that are loaded one by one. One that cannot be loaded is not there, and is a problem."""

    def __init__(self) -> None:
        self.problems: dict[str, str] = {}
        self._points = {name: EntryPoint(name, value, GROUP) for name, value in BUILT_IN.items()}
        self._points |= {point.name: point for point in entry_points(group=GROUP)}
        self._loaded: dict[str, Collector] = {}

    def __getitem__(self, kind: str) -> Collector:
        if kind not in self._loaded:
            point = self._points[kind]
            try:
                self._loaded[kind] = _made(point)
            except Exception as error:
                self.problems[kind] = (
                    f"The collector “{one_line(kind)}” ({one_line(point.value)}) could not be loaded "
                    f"({type(error).__name__}: {one_line(str(error))}): repair or remove its package."
                )
                raise KeyError(kind) from error
        return self._loaded[kind]

    def __iter__(self) -> Iterator[str]:
        return (name for name in sorted(self._points) if name in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _made(point: EntryPoint) -> Collector:
    if point.value == BUILT_IN.get(point.name):
        module, _, name = point.value.partition(":")
        made = getattr(import_module(module), name)()
    else:
        made = point.load()()
    if not isinstance(made, Collector):
        raise TypeError("it is not a Collector")
    return made
