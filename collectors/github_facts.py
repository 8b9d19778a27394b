"""What the records of GitHub's API say happened: one fact for each deployment, release, merge, run, commit.

Pure: a record goes in, a fact comes out, or nothing where the record lacks a time or an identity.
"""

from typing import Any, Final

from app.evidence.facts import Fact
from collectors.answers import dig, moment, prose, words
from collectors.changes import DEPLOYS, web_address

_NOTABLE_STATES: Final = {"success", "failure", "error"}
_BAD: Final = {"failure", "error", "timed_out", "startup_failure"}


def deployment(repo: str, record: Any, page: str) -> Fact | None:
    """A deployment begins; *page* is where a person looks at it."""
    at, key = moment(record, "created_at"), words(record, "id")
    if at is None or not key:
        return None
    why = words(record, "description", limit=200)
    return Fact(
        at,
        f"Deployment of {_version(record)} to {_where(record)} begins{f': {why}' if why else ''}",
        "change",
        f"{repo}/deployment/{key}",
        actor=words(record, "creator", "login"),
        object=repo,
        url=page,
    )


def status(repo: str, of: Any, record: Any, page: str) -> Fact | None:
    """What became of the deployment *of*; only its ends are notable."""
    at, key, state = moment(record, "created_at"), words(record, "id"), words(record, "state")
    if at is None or not key or not state:
        return None
    why = words(record, "description", limit=200)
    return Fact(
        at,
        f"Deployment of {_version(of)} to {_where(of)}: {state.replace('_', ' ')}"
        + (f" ({why})" if why else ""),
        "change",
        f"{repo}/deployment-status/{key}",
        actor=words(record, "creator", "login"),
        object=repo,
        url=web_address(record, "log_url") or web_address(record, "target_url") or page,
        level="error" if state in _BAD else "",
        notable=state in _NOTABLE_STATES,
    )


def release(repo: str, record: Any) -> Fact | None:
    """A release was published; a draft has no time, and is nothing."""
    at, key = moment(record, "published_at"), words(record, "id")
    if at is None or not key:
        return None
    name, tag = words(record, "name", limit=200), words(record, "tag_name", limit=200)
    title = tag if name in ("", tag) else f"{tag} “{name}”"
    early = " (pre-release)" if dig(record, "prerelease") is True else ""
    return Fact(
        at,
        f"Release {title}{early} of {repo} is published",
        "change",
        f"{repo}/release/{key}",
        actor=words(record, "author", "login"),
        object=repo,
        url=web_address(record, "html_url"),
    )


def pull_request(repo: str, record: Any) -> Fact | None:
    """A pull request was merged."""
    at = moment(record, "pull_request", "merged_at") or moment(record, "closed_at")
    number = words(record, "number")
    if at is None or not number:
        return None
    return Fact(
        at,
        f"Pull request {number} is merged: {words(record, 'title', limit=500)}",
        "change",
        f"{repo}/pull/{number}",
        actor=words(record, "user", "login"),
        object=repo,
        url=web_address(record, "html_url"),
    )


def run(repo: str, record: Any) -> Fact | None:
    """A workflow ran; it is notable where it sounds like a deployment."""
    at, key = moment(record, "run_started_at") or moment(record, "created_at"), words(record, "id")
    if at is None or not key:
        return None
    name = words(record, "name", limit=200) or words(record, "display_title", limit=200)
    done = words(record, "status") == "completed"
    result = words(record, "conclusion") if done else words(record, "status")
    title, branch = words(record, "display_title", limit=300), words(record, "head_branch", limit=200)
    return Fact(
        at,
        f"Workflow {name} {words(record, 'run_number')} on {branch or 'no branch'}: {result or 'unknown'}"
        + (f" ({title})" if title and title != name else ""),
        "change",
        f"{repo}/run/{key}",
        until=moment(record, "updated_at") if done else None,
        actor=words(record, "triggering_actor", "login") or words(record, "actor", "login"),
        object=repo,
        url=web_address(record, "html_url"),
        level="error" if result in _BAD else "",
        notable=bool(DEPLOYS.search(f"{name} {words(record, 'path')}"))
        or words(record, "event") in ("deployment", "release"),
    )


def commit(repo: str, record: Any) -> Fact | None:
    """A commit, by the time of its committer: to be searched."""
    at, sha = moment(record, "commit", "committer", "date"), words(record, "sha")
    if at is None or not sha:
        return None
    subject = prose(record, "commit", "message").partition("\n")[0]
    return Fact(
        at,
        f"Commit {sha[:10]}: {subject}",
        "change",
        f"{repo}/commit/{sha}",
        actor=words(record, "author", "login") or words(record, "commit", "author", "name", limit=100),
        object=repo,
        url=web_address(record, "html_url"),
        notable=False,
    )


def _version(record: Any) -> str:
    ref, sha = words(record, "ref", limit=200), words(record, "sha")[:10]
    return ref if not sha or sha.startswith(ref) or ref.startswith(sha) else f"{ref} ({sha})"


def _where(record: Any) -> str:
    return words(record, "environment", limit=200) or "no environment"
