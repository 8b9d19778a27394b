"""The history of a local clone as a source: commits, merges and tags of the window, who made them and when.

The clone may be somebody else's. git is asked so that nothing in its configuration or its folder runs: no hook, no
pager, no monitor, no external diff, no signature program, no helper, no fetch of what is missing. Only history is read.
"""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

from app.evidence.coverage import corrected
from app.evidence.facts import Fact
from app.evidence.times import parse_instant
from app.evidence.window import Window
from app.review.records import Gap
from app.text import cut, decode, one_line
from collectors.apart import collect_apart
from collectors.interface import Collected, Collector, CollectProblem, Command, Examination, Field, Job
from collectors.program import Program, program_of

_TIMEOUT_S = 120.0
_MOST_BYTES = 64_000_000
_MOST_COMMITS = 5_000
_FEW = 12
"""Plain commits of one window that are offered as rows; more would drown the timeline."""
_DAY = timedelta(days=1)
_SAFE = (
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.pager=cat",
    "core.attributesFile=/dev/null",
    "core.sshCommand=false",
    "credential.helper=",
    "diff.external=",
    "gpg.program=false",
    "gpg.ssh.program=false",
    "gpg.x509.program=false",
    "log.showSignature=false",
    "log.mailmap=false",
    "protocol.allow=never",
    "submodule.recurse=false",
)
"""Settings that a clone's own configuration could use to start a program; what is given here stands above it."""
_FIELDS = ("%H", "%h", "%P", "%an", "%aI", "%cn", "%cI", "%s")
_REF = re.compile(r"[0-9A-Za-z][0-9A-Za-z._/@{}^~-]{0,200}")


class GitCollector(Collector):
    """Asks the git of this machine, in a thread; see the module."""

    kind: ClassVar[str] = "git"
    title: ClassVar[str] = "git log of a local clone"
    fields: ClassVar[tuple[Field, ...]] = (
        Field("path", "Clone", required=True, example="~/src/api", kind="path"),
        Field("ref", "Branch or tag", example="main; all branches and tags, where none is named"),
    )

    def check(self, settings: Mapping[str, Any]) -> str:
        """The clone must be named; a branch must look like one."""
        if not _text(settings, "path"):
            return "A git source needs the folder of a clone: name it."
        ref = _text(settings, "ref")
        if ref and not _REF.fullmatch(ref):
            return f"“{one_line(ref)}” is no name of a branch or tag: correct it."
        return ""

    def describe(self, settings: Mapping[str, Any]) -> str:
        """The clone's name and the branch."""
        name = Path(_text(settings, "path")).name or "clone"
        return one_line(f"git {name} {_text(settings, 'ref')}").strip()

    async def examine(self, job: Job) -> Examination | None:
        """Whether the clone is there and git is; git is asked only when it is collected from."""
        try:
            folder = _clone(job)
            program_of(Command(("git",), folder), job.environment)
        except CollectProblem as problem:
            return Examination(reachable=False, sentences=(str(problem),))
        return Examination(reachable=True, authorised=os.access(folder, os.R_OK | os.X_OK))

    async def collect(self, job: Job) -> Collected:
        """Keep what git says of the window, and the facts in it."""
        return await collect_apart(_collect, job)


def _text(settings: Mapping[str, Any], name: str) -> str:
    value = settings.get(name, "")
    return value.strip() if isinstance(value, str) else ""


def _collect(job: Job) -> Collected:
    if job.window is None:
        raise CollectProblem("git is asked for the window, and the incident has no start yet: set it.")
    folder = _clone(job)
    ref = job.setting("ref")
    job.report(step="asking git for commits")
    # By the clock of those who committed: what the correction adds to this source's times is taken off.
    own = job.window.shifted(-job.source.clock_offset_s)
    # By when they were committed; a day more on both ends, for git stops at the first older commit it meets.
    window = Window(own.start - _DAY, own.end + _DAY)
    log = (
        "log",
        "--no-show-signature",
        "--no-ext-diff",
        "--no-textconv",
        "--no-color",
        "--no-decorate",
        "--no-mailmap",
        "--encoding=UTF-8",
        f"--max-count={_MOST_COMMITS + 1}",
        f"--since-as-filter={_stamp(window.start)}",
        f"--until={_stamp(window.end)}",
        "--format=" + "%x00".join(_FIELDS) + "%x00%x01",
        *((ref,) if ref else ("--branches", "--remotes", "--tags")),
        "--",
    )
    commits = _asked(job, folder, log, "commits")
    job.report(step="asking git for tags")
    tags = _asked(
        job,
        folder,
        (
            "for-each-ref",
            "--format=%(refname:short)%00%(objectname:short)%00%(taggername)%00%(creatordate:iso-strict)%00"
            "%(contents:subject)%00%(objecttype)%00%01",
            "refs/tags",
        ),
        "tags",
    )
    shallow = _asked(job, folder, ("rev-parse", "--is-shallow-repository"), "").strip() == b"true"
    where = one_line(folder.name)
    found = list(_records(commits, len(_FIELDS)))
    facts = [fact for record in found if (fact := _commit(record, where)) and own.holds(fact.at)]
    facts += [fact for record in _records(tags, 6) if (fact := _tag(record, where)) and own.holds(fact.at)]
    artifacts = tuple(job.keeper.kept)
    gaps, notes = _holes(own, facts, len(found), shallow, where)
    name, asked = f"{where}.git.facts", f"git log of {folder}"
    artifacts += (job.keep_facts(name, _offered(facts), asked, own),)
    if not facts:
        notes += (f"{where} has no commit and no tag in the window.",)
    job.report(rows=len(facts), done=1.0, covered=((job.window.start, job.window.end),))
    return Collected(artifacts, corrected(gaps, job.source.clock_offset_s), notes)


def _clone(job: Job) -> Path:
    written = Path(job.setting("path")).expanduser()
    inside = job.folder / written
    path = inside if not written.is_absolute() and inside.exists() else written
    if not path.is_dir():
        raise CollectProblem(f"There is no folder {one_line(str(written))}: name the folder of a clone.")
    return path.absolute()


def _asked(job: Job, folder: Path, words: tuple[str, ...], name: str) -> bytes:
    """What git answers, kept under *name*; raises CollectProblem with what it said when it fails."""
    safe = tuple(word for setting in _SAFE for word in ("-c", setting))
    command = Command(
        ("git", "--no-pager", "--no-optional-locks", "--no-replace-objects", *safe, *words), folder
    )
    program = Program(
        command, _environment(job.environment), job.cancelled, timeout_s=_TIMEOUT_S, most_bytes=_MOST_BYTES
    )
    with program:
        content = b"".join(program.blocks())
    where = one_line(str(folder))
    if program.cut:
        raise CollectProblem(f"git in {where} {program.cut}: name a branch, so that there is less to read.")
    if program.exit_code:
        if "dubious ownership" in program.said:
            raise CollectProblem(
                f"{where} belongs to another user, and git does not read it: if you trust it, run "
                f"`git config --global --add safe.directory {where}`."
            )
        raise CollectProblem(
            f"git cannot read {where} ({cut(program.said, 200) or f'exit code {program.exit_code}'}): "
            "name the folder of a clone, and a branch that it has."
        )
    if name:
        job.keeper.keep(
            f"{folder.name}.{name}.txt",
            content,
            query=one_line(f"git {' '.join(words)} in {folder}"),
            format="attachment",
        )
    return content


def _environment(environment: Mapping[str, str]) -> dict[str, str]:
    """The person's own, without what turns git to another repository or another program.

    Their own configuration and the machine's stay: both are theirs, and say which folders of others they trust.
    """
    kept = {name: value for name, value in environment.items() if not name.startswith("GIT_")}
    return kept | {
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_ALLOW_PROTOCOL": "none",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "LC_ALL": "C.UTF-8",
    }


def _stamp(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S+00:00}"


def _records(content: bytes, size: int) -> Iterator[list[str]]:
    """Fields end with NUL and records with SOH: no subject and no name can hold the first."""
    for raw in content.split(b"\x00\x01"):
        fields = raw.lstrip(b"\n").split(b"\x00")
        if len(fields) == size:
            yield [one_line(decode(field, 1_000)) for field in fields]


def _commit(record: list[str], where: str) -> Fact | None:
    whole, short, parents, author, written, committer, committed, subject = record
    at = parse_instant(committed)
    if at is None:
        return None
    what = "Merge" if " " in parents else "Commit"
    text = f"{what} {short}: {subject}"
    if written[:19] != committed[:19] or author != committer:
        text += f" (written {written} by {author}, committed by {committer})"
    return Fact(at, text, "change", f"commit {whole}", actor=author, object=where)


def _tag(record: list[str], where: str) -> Fact | None:
    name, short, tagger, created, subject, kind = record
    at = parse_instant(created)
    if at is None:
        return None
    says = f": {subject}" if subject and kind == "tag" else ""
    return Fact(
        at, f"Tag {name} ({short}){says}", "change", f"tag {name} {short}", actor=tagger, object=where
    )


def _offered(facts: list[Fact]) -> list[Fact]:
    """Tags, merges and reverts are offered for the timeline; plain commits only where there are few of them."""
    plain = [fact for fact in facts if fact.text.startswith("Commit ") and not _is_revert(fact)]
    if len(plain) <= _FEW:
        return facts
    held = {fact.key for fact in plain}
    return [replace(fact, notable=fact.key not in held) for fact in facts]


def _is_revert(fact: Fact) -> bool:
    return ': Revert "' in fact.text


def _holes(
    window: Window, facts: list[Fact], commits: int, shallow: bool, where: str
) -> tuple[tuple[Gap, ...], tuple[str, ...]]:
    """What the clone cannot know: commits beyond the limit, or older than where it was cut off."""
    why = what = ""
    if commits > _MOST_COMMITS:
        why = f"{where} has more than {_MOST_COMMITS:,} commits about the window; older ones were not read"
        what = "name a branch"
    elif shallow:
        why = f"{where} is a shallow clone; commits before it was cut off are missing"
        what = "run `git fetch --unshallow`"
    oldest = min((fact.at for fact in facts), default=window.end)
    if not why or oldest <= window.start:
        return (), ()
    return (Gap(from_=window.start, to=oldest, why=why),), (f"{why}: {what}.",)
