"""From a session to a report: one small template per section, put together in the order of a preset.

Templates only place things. Every value passes the encoder of its format, also where a template's author
forgets to ask for it: Markdown through Jinja2's *finalize*, HTML through its autoescape.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from app import markdown
from app.redaction.session import masked, masked_text
from app.report import encode, prose
from app.report.bases import stated, with_bases
from app.report.carried import comment
from app.report.chart import bars
from app.report.presets import SHIPPED, Preset, PresetProblem, presets
from app.report.strip import COUNTED, Indicator, strip
from app.report.view import Report, view, zone_label
from app.review import edits
from app.review.checklist import checklist
from app.review.durations import durations
from app.review.people import shown
from app.review.plain import one_line
from app.review.records import Session
from app.review.sections import HEADINGS, in_places
from app.review.zones import in_other_zone, zone_of

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

    from app.report.public import Removal
    from app.review.claims import Judgement

Format = Literal["md", "html", "json", "txt", "slack", "confluence", "csv"]
FORMATS: Final[tuple[Format, ...]] = get_args(Format)
JSON_FORMAT: Final = 1
"""The version of the JSON report; a key is only ever added under the same number."""

PRESETS: Final = SHIPPED
"""The presets that ship, by name."""

SECTIONS_OUTSIDE: Final = ("tickets", "notes")
"""Parts that only the version for readers outside leaves out by name."""
_TEMPLATES = Path(__file__).parent / "templates"


class ReportProblem(Exception):
    """A report cannot be made as asked; ``str()`` is one sentence that says what to do."""


class _Encoded(str):
    """Text that already is in the output's format."""

    __slots__ = ()


@dataclass(frozen=True)
class Shape:
    """How a report is wanted: its preset, for whom, and with whose templates."""

    preset: str = "seed"
    public: bool = False
    """For readers outside; the preset ``customer`` always is."""
    keep: tuple[str, ...] = ()
    """Sections that are shown although the preset, or who reads it, says otherwise."""
    drop: tuple[str, ...] = ()
    """Sections that are left out."""
    templates: Path | None = None
    """A team's folder of templates."""
    indicator: Indicator | None = None
    """The series of the incident, for the picture in the page; it is evidence, which a review only points to."""
    zone: str = ""
    """The zone, by its name, that times are shown in; that of the review where it is empty."""


def render(
    session: Session,
    format: str = "md",
    *,
    preset: str = "seed",
    exact: bool = False,
    shape: Shape | None = None,
) -> str:
    """The report of *session* in one of :data:`FORMATS`; *shape* says more than *preset* does.

    With *exact*, Markdown ends in a comment from which the same review can be read again (see :mod:`app.carry`):
    for files, not for what is pasted where comments can be seen.

    JSON has the keys ``format`` (version of this layout), ``session`` (all of it, keys as in the session
    file), ``durations`` (``name``, ``label``, ``formula``, ``seconds`` or null, ``problem``, ``about``) and
    ``checklist`` (``name``, ``text``, ``done``, ``missing``) and ``bases`` (``where``, ``words``, ``basis``: what
    a number stands on that its records do not give). Raises :class:`ReportProblem`.
    """
    shape = shape or Shape(preset)
    chosen = chosen_preset(shape)
    if format not in FORMATS:
        raise ReportProblem(f"There is no report format “{format}”: choose one of {', '.join(FORMATS)}.")
    outside = shape.public or chosen.public
    told, _ = for_readers(with_bases(session), shape)
    if format == "json":
        # Roles are a matter of showing: a program gets the names, unless it is for readers outside.
        own = masked(session)
        return _json(told, (), shape.zone) if outside else _json(own, stated(own), shape.zone)
    told = in_other_zone(told, shape.zone)
    # Who asks for the fishbone here has it, also where the review does not want it in every report.
    report = view(edits.set_analysis(told, fishbone=True) if "fishbone" in shape.keep else told)
    if format == "html":
        report = replace(
            report, bars_svg=bars(report.measures), strip_svg=_strip(told, shape, outside=outside)
        )
    chosen = _with_choice(chosen, shape, outside=outside)
    if "appendix" not in chosen.sections:
        report = replace(report, further_rows=())
    if format == "md":
        pieces = _markdown(report, chosen, shape.templates)
        text = "\n\n".join(each for _, each in pieces) + "\n"
        classic = chosen.name == "seed" and shape.templates is None and not outside
        if not (exact and classic):
            return text
        words, _ = for_readers(session, shape)
        return f"{text}\n{comment(words, report, [name for name, _ in pieces])}\n"
    match format:
        case "slack":
            from app.report.slack import as_slack

            return as_slack(report)
        case "csv":
            from app.report.sheets import report_csv

            return report_csv(told, report)
        case "txt":
            from app.report.plaintext import as_text

            return as_text("".join(_parts(_drawn_as_text(report), chosen, shape.templates)))
        case "confluence":
            from app.report.confluence import as_storage

            return as_storage("".join(_parts(_drawn_as_text(report), chosen, shape.templates)))
    return _html(report, chosen, shape.templates)


def _strip(told: Session, shape: Shape, *, outside: bool) -> str:
    """The picture of the incident; readers outside are told a count of errors, and no name of a series."""
    indicator = shape.indicator
    if indicator is not None:
        plain = outside and indicator.label != COUNTED
        label = "indicator" if plain else masked_text(told, indicator.label)
        indicator = replace(indicator, label=label)
    return strip(told, indicator)


def _drawn_as_text(report: Report) -> Report:
    """For formats without pictures: the drawing in letters."""
    from html import escape

    text = f"<pre>{escape(report.fishbone)}</pre>" if report.fishbone else ""
    return replace(report, fishbone_svg=text, bars_svg="")


def for_readers(session: Session, shape: Shape) -> "tuple[Session, tuple[Removal, ...]]":
    """The review as its readers see it, and for those outside everything that was taken out."""
    if not (shape.public or chosen_preset(shape).public):
        return masked(shown(session)), ()
    from app.report.public import CHOICES, PublicProblem, public

    keep = tuple(each for each in shape.keep if each in CHOICES or each not in HEADINGS)
    drop = tuple(each for each in shape.drop if each in CHOICES or each not in HEADINGS)
    try:
        told, removed = public(session, keep=keep, drop=drop)
    except PublicProblem as problem:
        raise ReportProblem(str(problem)) from problem
    return masked(told), removed


def chosen_preset(shape: Shape) -> Preset:
    """The preset by its name. Raises :class:`ReportProblem`."""
    try:
        known = presets(shape.templates)
    except PresetProblem as problem:
        raise ReportProblem(str(problem)) from problem
    if shape.preset not in known:
        raise ReportProblem(f"There is no report preset “{shape.preset}”: choose one of {', '.join(known)}.")
    return known[shape.preset]


def _with_choice(preset: Preset, shape: Shape, *, outside: bool) -> Preset:
    """The preset with the sections that were chosen in it, and without those that were chosen to be left out."""
    known = {*HEADINGS, "passages", *SECTIONS_OUTSIDE, *preset.sections}
    for name in (*shape.keep, *shape.drop):
        if name not in known:
            raise ReportProblem(
                f"There is no section “{name}” to choose: name one of {', '.join(sorted(known))}."
            )
    gone = {*shape.drop, *({"appendix", "facts"} if outside else ())} - set(shape.keep)
    sections = [each for each in preset.sections if each not in gone]
    for name in shape.keep:
        if name in (*HEADINGS, "passages") and name not in sections:
            sections.insert(
                sections.index("definitions") if "definitions" in sections else len(sections), name
            )
    return replace(preset, sections=tuple(sections), custom=preset.custom and "passages" not in shape.drop)


def _pieces(report: Report, preset: Preset) -> Iterator[tuple[str, str, Report]]:
    """What stands in the report, in order: the piece's name, its section, and what that section may show."""
    passages = report.narrative.passages
    whole = "passages" in preset.sections
    for each in in_places(preset.sections, passages if preset.custom or whole else (), whole=whole):
        if isinstance(each, str):
            yield each, each, report
            continue
        for number in each:
            only = report.narrative.model_copy(update={"passages": (passages[number],)})
            yield f"passage {number}", "passages", replace(report, narrative=only)


def _markdown(report: Report, preset: Preset, folder: Path | None) -> list[tuple[str, str]]:
    """The pieces by name, those left out that have nothing to show."""
    made = ((name, _section(shown, preset, part, folder)) for name, part, shown in _pieces(report, preset))
    return [(name, text) for name, text in made if text]


def _section(report: Report, preset: Preset, name: str, folder: Path | None) -> str:
    """One section in Markdown."""
    with _templates(folder):
        template = _markdown_environment(folder).get_template(f"md/{name}.md.j2")
        return template.render(report=report, heading=preset.heading(name), sections=preset.sections).strip()


def _html(report: Report, preset: Preset, folder: Path | None) -> str:
    parts = _parts(report, preset, folder)
    with _templates(None):
        page = _html_environment(folder).get_template("html/page.html.j2")
        return page.render(report=report, parts=parts) + "\n"


def _parts(report: Report, preset: Preset, folder: Path | None) -> "list[Markup]":
    """The sections as HTML."""
    from markupsafe import Markup

    environment = _html_environment(folder)
    parts = []
    for _, name, shown_here in _pieces(report, preset):
        own = folder is not None and (folder / "md" / f"{name}.md.j2").is_file()
        has_html = (_TEMPLATES / "html" / f"{name}.html.j2").is_file() and not own
        if has_html or (folder is not None and (folder / "html" / f"{name}.html.j2").is_file()):
            with _templates(folder):
                template = environment.get_template(f"html/{name}.html.j2")
                text = template.render(
                    report=shown_here, heading=preset.heading(name), sections=preset.sections
                )
        else:
            # A team writes a section once, in Markdown: it is the same section as HTML.
            text = f"<section>\n{prose.to_html(_section(shown_here, preset, name, folder))}</section>\n"
        parts.append(Markup(text))  # noqa: S704 - each part passed its own encoder
    return parts


@contextmanager
def _templates(folder: Path | None) -> Iterator[None]:
    """Whatever a template does wrong becomes one sentence."""
    from jinja2 import TemplateError, TemplateNotFound, TemplateSyntaxError

    try:
        yield
    except TemplateNotFound as error:
        raise ReportProblem(
            f"There is no template {error.name}: put it into the folder of templates, or take the section out."
        ) from error
    except TemplateSyntaxError as error:
        raise ReportProblem(
            f"The template {error.name or ''} is wrong in line {error.lineno}: {one_line(str(error.message))}"
        ) from error
    except (
        TemplateError,
        TypeError,
        AttributeError,
        ValueError,
        ArithmeticError,
        LookupError,
        RecursionError,
    ) as error:
        if folder is None:
            raise
        raise ReportProblem(f"A template in {folder} failed ({one_line(str(error))}): correct it.") from error


def _json(session: Session, based: "tuple[Judgement, ...]", zone: str = "") -> str:
    shown = in_other_zone(session, zone)
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
            "zone": zone_label(shown, zone_of(shown), shown.events),
            "session": session.model_dump(by_alias=True),
            "durations": measured,
            "checklist": items,
            "bases": [{"where": each.where, "words": each.words, "basis": each.basis} for each in based],
        }
    )


def _encoded(encoder: Callable[..., str]) -> Callable[..., _Encoded]:
    return lambda *arguments: _Encoded(encoder(*arguments))


@lru_cache(maxsize=8)
def _markdown_environment(folder: Path | None = None) -> "Environment":
    environment = _environment(
        folder,
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


@lru_cache(maxsize=8)
def _html_environment(folder: Path | None = None) -> "Environment":
    from markupsafe import Markup

    environment = _environment(folder, autoescape=True, finalize=None)
    environment.filters["prose"] = lambda text: Markup(prose.to_html(text))  # noqa: S704 - its HTML is its own
    environment.filters["drawing"] = lambda svg: Markup(svg)  # noqa: S704 - its texts are escaped
    environment.globals["style"] = Markup((_TEMPLATES / "html" / "style.css").read_text("utf-8"))  # noqa: S704
    return environment


def _environment(
    folder: Path | None, *, autoescape: bool, finalize: Callable[[Any], Any] | None
) -> "Environment":
    from jinja2 import FileSystemLoader, StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    options: dict[str, Any] = {"finalize": finalize} if finalize else {}
    return ImmutableSandboxedEnvironment(
        # What a team has takes the place of what ships.
        loader=FileSystemLoader([*([folder] if folder else []), _TEMPLATES]),
        autoescape=autoescape,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        **options,
    )
