"""From a session to a report: one small template per section, put together in the order of a preset.

Templates only place things. Every value passes the encoder of its format, also where a template's author
forgets to ask for it: Markdown through Jinja2's *finalize*, HTML through its autoescape.
"""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from app import markdown
from app.redaction.session import masked
from app.report import encode, prose
from app.report.carried import comment
from app.report.view import Report, view
from app.review.checklist import checklist
from app.review.durations import durations
from app.review.people import shown
from app.review.records import Session

if TYPE_CHECKING:
    from jinja2 import Environment

Format = Literal["md", "html", "json"]
FORMATS: Final[tuple[Format, ...]] = ("md", "html", "json")
JSON_FORMAT: Final = 1
"""The version of the JSON report; a key is only ever added under the same number."""

PRESETS: Final[dict[str, tuple[str, ...]]] = {
    "seed": (
        "header", "summary", "impact", "root_cause", "timeline", "detection", "response", "factors",
        "fishbone", "actions", "declined", "went_well", "was_hard", "lucky", "surprises", "lessons", "prevention",
        "passages", "questions", "gaps", "definitions",
    ),
}  # fmt: skip
"""Sections in order. Those beyond the classic template appear only where people wrote something for them;
summary, impact, root cause, timeline, factors and actions say so when they are missing."""

_TEMPLATES = Path(__file__).parent / "templates"


class ReportProblem(Exception):
    """A report cannot be made as asked; ``str()`` is one sentence that says what to do."""


class _Encoded(str):
    """Text that already is in the output's format."""

    __slots__ = ()


def render(session: Session, format: str = "md", *, preset: str = "seed", exact: bool = False) -> str:
    """The report of *session* as Markdown (GFM), self-contained HTML, or JSON.

    With *exact*, Markdown ends in a comment from which the same review can be read again (see :mod:`app.carry`):
    for files, not for what is pasted where comments can be seen.

    JSON has the keys ``format`` (version of this layout), ``session`` (all of it, keys as in the session
    file), ``durations`` (``name``, ``label``, ``formula``, ``seconds`` or null, ``problem``, ``about``) and
    ``checklist`` (``name``, ``text``, ``done``, ``missing``). Raises :class:`ReportProblem`.
    """
    if preset not in PRESETS:
        raise ReportProblem(f"There is no report preset “{preset}”: choose one of {', '.join(PRESETS)}.")
    match format:
        case "md":
            told = masked(shown(session))
            report = view(told)
            text = _markdown(report, PRESETS[preset])
            return f"{text}\n{comment(told, report)}\n" if exact else text
        case "html":
            return _html(view(masked(shown(session))), PRESETS[preset])
        case "json":
            return _json(masked(session))
    raise ReportProblem(f"There is no report format “{format}”: choose one of {', '.join(FORMATS)}.")


def _markdown(report: Report, sections: tuple[str, ...]) -> str:
    environment = _markdown_environment()
    parts = (environment.get_template(f"md/{name}.md.j2").render(report=report).strip() for name in sections)
    return "\n\n".join(filter(None, parts)) + "\n"


def _html(report: Report, sections: tuple[str, ...]) -> str:
    template = _html_environment().get_template("html/page.html.j2")
    return template.render(report=report, sections=sections) + "\n"


def _json(session: Session) -> str:
    measured = [
        {
            "name": each.name,
            "label": each.label,
            "formula": each.formula,
            "seconds": each.value.total_seconds() if each.value is not None else None,
            "problem": each.problem,
            "about": each.about,
        }
        for each in durations(session)
    ]
    items = [
        {"name": each.name, "text": each.text, "done": each.done, "missing": each.missing}
        for each in checklist(session)
    ]
    return encode.json_text(
        {
            "format": JSON_FORMAT,
            "session": session.model_dump(by_alias=True),
            "durations": measured,
            "checklist": items,
        }
    )


def _encoded(encoder: Callable[..., str]) -> Callable[..., _Encoded]:
    return lambda *arguments: _Encoded(encoder(*arguments))


@lru_cache(maxsize=1)
def _markdown_environment() -> "Environment":
    environment = _environment(
        autoescape=False,
        finalize=lambda value: (
            value if isinstance(value, _Encoded) else markdown.inline(str(value)) if value is not None else ""
        ),
    )
    environment.filters |= {
        "cell": _encoded(markdown.cell),
        "code": _encoded(markdown.code),
        "link": _encoded(markdown.link),
        "prose": _encoded(prose.harmless),
        "item": _encoded(prose.item),
        "fence": _encoded(markdown.fence),
    }
    environment.globals["missing"] = _encoded(lambda sentence: f"*{markdown.inline(sentence)}*")
    return environment


@lru_cache(maxsize=1)
def _html_environment() -> "Environment":
    from markupsafe import Markup

    environment = _environment(autoescape=True, finalize=None)
    environment.filters["prose"] = lambda text: Markup(prose.to_html(text))  # noqa: S704 - its HTML is its own
    environment.filters["drawing"] = lambda svg: Markup(svg)  # noqa: S704 - its texts are escaped
    environment.globals["style"] = Markup((_TEMPLATES / "html" / "style.css").read_text("utf-8"))  # noqa: S704
    return environment


def _environment(*, autoescape: bool, finalize: Callable[[Any], Any] | None) -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    options: dict[str, Any] = {"finalize": finalize} if finalize else {}
    return Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=autoescape,  # noqa: S701 - off for Markdown only, which has its own encoder in finalize
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        **options,
    )
