"""An export of a Slack workspace, as a zip or unpacked: the messages of the chosen channels in the window.

An export holds ``users.json``, ``channels.json`` (``groups.json`` for private ones) and a folder for each channel with
a file for each day. Nothing is ever extracted, and only files whose names are made here are read: what an archive
calls its other members is of no consequence. What a message says is the rule of :mod:`collectors.slack_messages`.
"""

import json
import os
import re
import stat
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar, Protocol

from app.evidence.coverage import corrected
from app.evidence.facts import Fact
from app.evidence.index import Cancel
from app.evidence.window import Window
from app.review.records import Gap
from app.text import cut, one_line
from collectors.apart import collect_apart
from collectors.interface import Collected, Collector, CollectProblem, Examination, Field, Job
from collectors.slack_messages import Room, fact, left_out, names, stamp

MOST_MEMBERS = 200_000
"""Files in an archive: a large workspace has a file for each channel and day."""
MOST_READ = 20_000
LARGEST = 64_000_000
LARGEST_TOGETHER = 512_000_000
RATIO = 200
_SMALL = 1_000_000
"""Bytes below which a file may be packed as tightly as it likes: it fits any memory."""
_BLOCK = 256 * 1024
_DAY_FILE = re.compile(r"(\d{4})-(\d\d)-(\d\d)\.json")
_LISTS = ("channels.json", "groups.json")


class SlackExportCollector(Collector):
    """Reads an export in a thread; see the module."""

    kind: ClassVar[str] = "slack-export"
    title: ClassVar[str] = "export of Slack (zip or folder)"
    fields: ClassVar[tuple[Field, ...]] = (
        Field("path", "Zip or folder", required=True, example="acme-export.zip", kind="path"),
        Field("channels", "Channels", example="incident-1234, ops"),
    )

    def check(self, settings: Mapping[str, Any]) -> str:
        """The path must be named."""
        return "" if _text(settings, "path") else "An export of Slack needs a path: name the zip or folder."

    def describe(self, settings: Mapping[str, Any]) -> str:
        """The channels, or the file."""
        wanted = _wanted(settings)
        return one_line(
            f"slack #{', #'.join(wanted)}" if wanted else f"slack {Path(_text(settings, 'path')).name}"
        )

    async def examine(self, job: Job) -> Examination | None:
        """Whether the export is there and can be read; it is not opened."""
        try:
            path = _path(job)
        except CollectProblem as problem:
            return Examination(reachable=False, sentences=(str(problem),))
        return Examination(reachable=True, authorised=os.access(path, os.R_OK))

    async def collect(self, job: Job) -> Collected:
        """Keep the days of the window as they came, and what was said as facts."""
        return await collect_apart(_collect, job)


def _text(settings: Mapping[str, Any], name: str) -> str:
    value = settings.get(name, "")
    return value.strip() if isinstance(value, str) else ""


def _wanted(settings: Mapping[str, Any]) -> tuple[str, ...]:
    words = re.split(r"[,\s]+", _text(settings, "channels"))
    return tuple(dict.fromkeys(word.lstrip("#") for word in words if word.lstrip("#")))


class _Files(Protocol):
    """The files of an export by their names in it."""

    def listed(self) -> Iterable[str]: ...

    def read(self, name: str) -> bytes: ...


class _Folder:
    def __init__(self, root: Path) -> None:
        self._root = root
        self._read = 0

    def listed(self) -> Iterator[str]:
        for count, path in enumerate(self._root.glob("*/*.json")):
            if count > MOST_MEMBERS:
                raise CollectProblem(_too_many(self._root))
            if not path.is_symlink() and not path.parent.is_symlink():
                yield path.relative_to(self._root).as_posix()
        yield from (path.name for path in self._root.glob("*.json") if not path.is_symlink())

    def read(self, name: str) -> bytes:
        path = self._root / name
        if not path.resolve().is_relative_to(self._root.resolve()) or not path.is_file():
            raise CollectProblem(f"{one_line(name)} leads out of the export: take that link away.")
        size = path.stat().st_size
        self._read += size
        _bound(name, size, self._read)
        return path.read_bytes()


class _Zip:
    def __init__(self, path: Path, archive: zipfile.ZipFile) -> None:
        members = archive.infolist()
        if len(members) > MOST_MEMBERS:
            raise CollectProblem(_too_many(path))
        self._archive = archive
        self._members = {
            member.filename: member
            for member in members
            if not member.is_dir() and not stat.S_ISLNK(member.external_attr >> 16)
        }
        # Some tools pack the folder itself: what lies deepest above the list of channels is in front of every name.
        lists = [name for name in self._members if name.rpartition("/")[2] in _LISTS]
        self._prefix = min((name.rpartition("/")[0] for name in lists), key=len, default="")
        self._prefix += "/" if self._prefix else ""
        self._read = 0

    def listed(self) -> Iterator[str]:
        return (name.removeprefix(self._prefix) for name in self._members if name.startswith(self._prefix))

    def read(self, name: str) -> bytes:
        member = self._members[self._prefix + name]
        content = bytearray()
        try:
            with self._archive.open(member) as file:
                while block := file.read(_BLOCK):
                    content += block
                    # What comes out is counted, whatever the archive says about it.
                    self._read += len(block)
                    _bound(name, len(content), self._read)
                    if len(content) > _SMALL and len(content) > RATIO * max(1, member.compress_size):
                        raise CollectProblem(
                            f"{one_line(name)} unpacks to more than {RATIO} times its size: this is no export of Slack."
                        )
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, OSError) as error:
            raise CollectProblem(
                f"{one_line(name)} cannot be unpacked ({one_line(str(error))[:120]}): get the export again."
            ) from error
        return bytes(content)


def _bound(name: str, size: int, together: int) -> None:
    if size > LARGEST or together > LARGEST_TOGETHER:
        raise CollectProblem(
            f"{one_line(name)} is larger than can be read ({LARGEST // 1_000_000} MB a file, "
            f"{LARGEST_TOGETHER // 1_000_000} MB together): choose fewer channels or a shorter window."
        )


def _too_many(path: Path) -> str:
    return f"{one_line(path.name)} holds more than {MOST_MEMBERS:,} files: unpack the channels of the incident only."


def _collect(job: Job) -> Collected:
    path = _path(job)
    if path.is_dir():
        return _read(job, _Folder(path), path)
    try:
        with zipfile.ZipFile(path) as archive:
            return _read(job, _Zip(path, archive), path)
    except zipfile.BadZipFile as error:
        raise CollectProblem(f"{one_line(path.name)} is no zip: name the export as Slack gave it.") from error


def _path(job: Job) -> Path:
    written = Path(job.setting("path")).expanduser()
    inside = job.folder / written
    path = inside if not written.is_absolute() and inside.exists() else written
    if not path.exists():
        raise CollectProblem(f"There is no export {one_line(str(written))}: correct the path.")
    return path


def _read(job: Job, files: _Files, path: Path) -> Collected:
    if job.window is None:
        raise CollectProblem("An export is read for the window, and the incident has no start yet: set it.")
    # By Slack's clock: what the correction adds to this source's times is taken off the window.
    window = job.window.shifted(-job.source.clock_offset_s)
    listed = set(files.listed())
    days = _days(listed)
    if not days:
        raise CollectProblem(
            f"{one_line(path.name)} holds no channels of Slack: name the export as Slack gave it."
        )
    rooms = _rooms(files, listed)
    chosen = _chosen(job, days, window)
    read = [(channel, day) for channel in chosen for day in sorted(days[channel]) if _may_hold(day, window)]
    if len(read) > MOST_READ:
        raise CollectProblem(f"The window has more than {MOST_READ:,} files: choose fewer channels.")
    facts: list[Fact] = []
    notes: list[str] = []
    for done, (channel, day) in enumerate(read):
        if job.cancelled():
            raise Cancel
        job.report(step=f"reading #{one_line(channel)} {day}", rows=len(facts), done=done / len(read))
        name = f"{channel}/{day}.json"
        try:
            content = files.read(name)
        except CollectProblem:
            # What was read until here is not lost over one file.
            if facts:
                job.keep_facts("slack.facts", facts, f"{', '.join(chosen)} of {path.name}")
            raise
        messages = _list(content)
        if messages is None:
            notes.append(f"{one_line(name)} is no list of messages, and was left out.")
            continue
        artifact = job.keeper.keep(
            f"{channel}-{day}.json",
            content,
            query=one_line(f"{name} of {path.name}"),
            format="attachment",
        )
        room = rooms.get(channel) or Room(channel, one_line(channel))
        facts += _facts(messages, room, window, artifact.path)
    artifacts = tuple(job.keeper.kept)
    kept = job.keep_facts("slack.facts", facts, f"{', '.join(chosen)} of {path.name}", window)
    artifacts += (kept,)
    if not facts:
        notes.append(
            f"Nothing was said in {', '.join(f'#{one_line(each)}' for each in chosen)} in the window."
        )
    gaps = corrected(_holes(window, days, one_line(path.name)), job.source.clock_offset_s)
    job.report(rows=len(facts), done=1.0)
    return Collected(artifacts, gaps, tuple(notes))


def _days(listed: Iterable[str]) -> dict[str, set[str]]:
    """The days that each channel has a file for."""
    days: dict[str, set[str]] = {}
    for name in listed:
        channel, slash, file = name.rpartition("/")
        if slash and _is_name(channel) and _DAY_FILE.fullmatch(file):
            days.setdefault(channel, set()).add(file.removesuffix(".json"))
    return days


def _is_name(channel: str) -> bool:
    """Whether *channel* is the name of one folder and nothing that leads elsewhere."""
    return bool(channel) and channel not in (".", "..") and not set(channel) & set("/\\\0:")


def _rooms(files: _Files, listed: set[str]) -> dict[str, Room]:
    """The channels by name, with the names of people in them."""
    people = names(_list(files.read("users.json")) or ()) if "users.json" in listed else {}
    channels = [each for name in _LISTS if name in listed for each in _list(files.read(name)) or ()]
    known = {
        str(each["id"]): str(each["name"])
        for each in channels
        if isinstance(each, dict) and each.get("id") and each.get("name")
    }
    return {name: Room(one_line(key), one_line(name), people, known) for key, name in known.items()}


def _chosen(job: Job, days: Mapping[str, set[str]], window: Window) -> tuple[str, ...]:
    """The channels that were named; one that stands alone needs no name."""
    wanted = _wanted(job.source.settings)
    spoke = sorted(channel for channel in days if any(_may_hold(day, window) for day in days[channel]))
    there = cut(", ".join(spoke or sorted(days)), 300)
    if not wanted:
        if len(days) == 1:
            return tuple(days)
        raise CollectProblem(
            f"Say which channels to read, as in channels = incident-1234; there are {there}."
        )
    missing = [channel for channel in wanted if channel not in days]
    if missing:
        raise CollectProblem(f"The export has no messages of #{one_line(missing[0])}: there are {there}.")
    return wanted


def _may_hold(day: str, window: Window) -> bool:
    """Whether the file of *day* may hold messages of the window, in whatever zone its day is one."""
    begin = _midnight(day)
    if begin is None:
        return False
    return begin - timedelta(days=1) <= window.end and begin + timedelta(days=2) >= window.start


def _midnight(day: str) -> datetime | None:
    try:
        return datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC)
    except ValueError:
        return None


def _facts(messages: list[Any], room: Room, window: Window, artifact: str) -> Iterator[Fact]:
    begun = {
        each["ts"]: each for each in messages if isinstance(each, dict) and isinstance(each.get("ts"), str)
    }
    for message in messages:
        at = stamp(message)
        if at is None or not window.holds(at) or left_out(message):
            continue
        thread = message.get("thread_ts") if isinstance(message, dict) else None
        found = fact(message, room, begun.get(thread) if isinstance(thread, str) else None)
        if found:
            yield replace(found, ref=artifact)


def _holes(window: Window, days: Mapping[str, set[str]], name: str) -> tuple[Gap, ...]:
    """An export covers some days; it does not say which, but nothing at all after a day says enough."""
    moments = sorted(at for each in days.values() for day in each if (at := _midnight(day)))
    if not moments:
        return ()
    first, last = moments[0], moments[-1] + timedelta(days=1)
    gaps = []
    if first > window.start:
        gaps.append(
            Gap(from_=window.start, to=min(first, window.end), why=f"{name} begins with {first:%Y-%m-%d}")
        )
    if last < window.end:
        ends = moments[-1]
        gaps.append(
            Gap(from_=max(last, window.start), to=window.end, why=f"{name} ends with {ends:%Y-%m-%d}")
        )
    return tuple(gaps)


def _list(content: bytes) -> list[Any] | None:
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, list) else None
