"""Claims of a review, or of any report in Markdown, compared with its own records."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from app.commands.common import Problem, put_json, remark, say, writing
from app.problems import MISSING
from app.review.plain import one_line

if TYPE_CHECKING:
    from app.review.claims import Judgement

_SUFFIXES: Final = frozenset((".md", ".markdown", ".txt", ".html", ".htm"))


def document(wanted: str, root: Path | None) -> Path | None:
    """The file that *wanted* names, where it names a report rather than a review."""
    path = Path(wanted)
    return path if path.suffix.lower() in _SUFFIXES and not path.is_dir() else None


def check_file(path: Path, *, as_json: bool) -> int:
    """Print what the records of a report say to its claims; 1 where one does not hold. Raises Problem."""
    from app.importing.document import Options
    from app.importing.read import SIZE_LIMIT, read
    from app.importing.result import session_of
    from app.review.claims import judged, open_claims

    raw = path.read_bytes()
    if len(raw) > SIZE_LIMIT:
        raise Problem(f"{path} is larger than {SIZE_LIMIT // 2**20} MiB: name a report.")
    try:
        text = raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise Problem(f"{path} is not text in UTF-8: convert it first.") from error
    session = session_of(read(text, Options(name=path.stem), path.name))
    found = judged(session)
    wrong = open_claims(found)
    if as_json:
        put_json([{"path": str(path), "line": _line(text, each.words), **facts(each)} for each in found])
    else:
        for each in wrong:
            say(f"{path}:{_line(text, each.words)}: {each.kind}: {one_line(each.say)}")
        remark(
            f"{len(found)} claims could be checked against {_counted(len(session.events), 'row')}: {_told(len(wrong))}."
        )
    return MISSING if wrong else 0


def say_claims(found: "tuple[Judgement, ...]") -> None:
    """Print what does not hold, and what stands with a basis."""
    wrong = [each for each in found if not each.holds]
    left = sum(not each.basis for each in wrong)
    say(f"[{' ' if left else 'x'}] Claims agree with the records ({len(found)} checked)")
    for each in wrong:
        basis = f"  (stands: {one_line(each.basis)})" if each.basis else f"  (screen: {each.spot.screen})"
        say(f"    {one_line(each.say)}{basis}")


def accept_claim(wanted: str, root: Path | None, words: str, basis: str) -> None:
    """Let the one claim stand that *words* are part of. Raises Problem."""
    from app.review.claims import accept, judged

    with writing(root, wanted) as desk:
        wrong = [each for each in judged(desk.session) if not each.holds]
        fitting = {each.words: each for each in wrong if words.casefold() in each.words.casefold()}
        if len(fitting) != 1:
            how = "no claim that does not hold" if not fitting else f"{len(fitting)} claims that do not hold"
            raise Problem(f"“{words}” is in {how}: `blamefree check {wanted}` lists them.")
        [chosen] = fitting.values()
        desk.apply(f"Let “{chosen.words[:40]}” stand", lambda session: accept(session, chosen, basis))


def facts(each: "Judgement") -> dict[str, Any]:
    """A judged claim for programs."""
    return {
        "kind": each.kind,
        "holds": each.holds,
        "words": each.words,
        "say": each.say,
        "where": each.where,
        "basis": each.basis,
    }


def _line(text: str, words: str) -> int:
    """The line that the words begin on, counted from 1; 1 where they are nowhere as they stand."""
    wanted = _letters(words)
    if not wanted:
        return 1
    joined, lines = [], []
    for number, line in enumerate(text.split("\n"), 1):
        letters = _letters(line)
        joined.append(letters)
        lines += [number] * len(letters)
    place = "".join(joined).find(wanted)
    if place < 0:
        place = "".join(joined).find(wanted[:24])
    return lines[place] if place >= 0 else 1


def _letters(text: str) -> str:
    return "".join(each for each in text.casefold() if each.isalnum())


def _told(wrong: int) -> str:
    return "none is contradicted" if not wrong else f"{_counted(wrong, 'contradiction')}"


def _counted(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"
