"""From a review to what is sent: the report module renders and masks; nothing here knows a format."""

from app.redaction.session import masked
from app.report.render import ReportProblem, Shape, for_readers, render
from app.report.write import file_name
from app.review.plain import one_line
from app.review.records import Session
from app.sending.interface import Content, SendProblem


def content(session: Session, shape: Shape | None = None) -> Content:
    """The report of *session* in the version that *shape* names, ready for every way of sending it.

    :func:`app.report.render.render` puts roles in the place of names and masks secrets in every format; the title and
    the name are made of a review to which both was done. Raises :class:`SendProblem` where *shape* cannot be made.
    """
    shape = shape or Shape()

    def told(format: str) -> str:
        try:
            return render(session, format, shape=shape)
        except ReportProblem as problem:
            raise SendProblem(str(problem)) from problem

    try:
        seen, _ = for_readers(session, shape)
    except ReportProblem as problem:
        raise SendProblem(str(problem)) from problem
    seen = masked(seen)
    return Content(
        title=one_line(f"Post-mortem: {seen.incident.title or seen.id}"),
        name=file_name(seen, "x").removesuffix(".x"),
        told=told,
    )
