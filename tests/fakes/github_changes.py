"""What changed in a repository, as GitHub tells it; held to GitHub's own OpenAPI document (see cut_openapi.py)."""

import json
import re
from datetime import UTC, datetime
from typing import Any, ClassVar

from tests.fakes.contract import ContractServer, Reply
from tests.fakes.github import DOCUMENT, PUBLIC, TOKEN, _user

_REPO_URLS = (
    "archive_url", "assignees_url", "blobs_url", "branches_url", "collaborators_url", "comments_url", "commits_url",
    "compare_url", "contents_url", "contributors_url", "deployments_url", "downloads_url", "events_url", "forks_url",
    "git_commits_url", "git_refs_url", "git_tags_url", "hooks_url", "html_url", "issue_comment_url",
    "issue_events_url", "issues_url", "keys_url", "labels_url", "languages_url", "merges_url", "milestones_url",
    "notifications_url", "pulls_url", "releases_url", "stargazers_url", "statuses_url", "subscribers_url",
    "subscription_url", "tags_url", "teams_url", "trees_url", "url",
)  # fmt: skip
HOME = f"{PUBLIC}/repos/acme/api"
MOST = 1000


class FakeChanges(ContractServer):
    """One repository, ``acme/api``: lists newest first, a thousand results of a search at most."""

    public = PUBLIC
    contract: ClassVar[dict[str, Any]] = json.loads(DOCUMENT.read_text("utf-8"))

    def __init__(self) -> None:
        super().__init__()
        self.deployments: list[dict[str, Any]] = []
        self.statuses: dict[int, list[dict[str, Any]]] = {}
        self.releases: list[dict[str, Any]] = []
        self.pulls: list[dict[str, Any]] = []
        self.runs: list[dict[str, Any]] = []
        self.commits: list[dict[str, Any]] = []
        self.incomplete = False
        self.environment = {"GH_HOST": "127.0.0.1", "GH_ENTERPRISE_TOKEN": TOKEN, "PATH": ""}

    # What there is

    def deploy(self, number: int, at: str, *statuses: tuple[str, str], **more: Any) -> None:
        self.deployments.insert(0, {
            "id": number, "node_id": f"D_{number}", "sha": f"{number:040x}", "ref": f"v{number}", "task": "deploy",
            "environment": "production", "creator": _user("carol"), "payload": {}, "description": None,
            "statuses_url": HOME, "repository_url": HOME, "url": HOME, "created_at": at, "updated_at": at, **more,
        })  # fmt: skip
        self.statuses[number] = [
            {
                "id": number * 100 + place, "node_id": "S", "state": state, "creator": _user("deploy-bot"),
                "description": "", "deployment_url": HOME, "target_url": "", "repository_url": HOME, "url": HOME,
                "log_url": f"https://github.com/acme/api/actions/runs/{number}", "created_at": when, "updated_at": when,
            }
            for place, (state, when) in enumerate(statuses)
        ]  # fmt: skip

    def release(self, number: int, at: str | None, tag: str, **more: Any) -> None:
        self.releases.insert(0, {
            "assets_url": HOME, "upload_url": HOME, "tarball_url": HOME, "zipball_url": HOME,
            "created_at": at or "2025-02-09T09:00:00Z", "published_at": at, "draft": at is None, "id": number,
            "node_id": "R", "author": _user("carol"), "html_url": f"https://github.com/acme/api/releases/tag/{tag}",
            "name": tag, "prerelease": False, "tag_name": tag, "target_commitish": "main", "assets": [], "url": HOME,
            **more,
        })  # fmt: skip

    def pull(self, number: int, merged_at: str, title: str, base: str = "main") -> None:
        self.pulls.append({
            "assignee": None, "closed_at": merged_at, "comments": 0, "comments_url": HOME, "events_url": HOME,
            "html_url": f"https://github.com/acme/api/pull/{number}", "id": number, "node_id": "P", "labels": [],
            "labels_url": HOME, "milestone": None, "number": number, "repository_url": HOME, "state": "closed",
            "locked": False, "title": title, "url": HOME, "user": _user("bob"), "author_association": "MEMBER",
            "created_at": merged_at, "updated_at": merged_at, "score": 1,
            "pull_request": {
                "merged_at": merged_at, "diff_url": None, "html_url": None, "patch_url": None, "url": None,
            },
            "body": base,
        })  # fmt: skip

    def run(self, number: int, at: str, name: str, conclusion: str | None = "success", **more: Any) -> None:
        self.runs.insert(0, {
            "id": number, "node_id": "W", "head_branch": "main", "run_number": number, "display_title": name,
            "event": "push", "status": "completed" if conclusion else "in_progress", "conclusion": conclusion,
            "head_sha": "a" * 40, "path": f".github/workflows/{name}.yml", "workflow_id": 1, "url": HOME,
            "html_url": f"https://github.com/acme/api/actions/runs/{number}", "created_at": at, "updated_at": at,
            "run_started_at": at, "head_commit": None, "head_repository": _repository(),
            "repository": _repository(), "jobs_url": HOME, "logs_url": HOME, "check_suite_url": HOME,
            "cancel_url": HOME, "rerun_url": HOME, "artifacts_url": HOME, "workflow_url": HOME,
            "pull_requests": [], "name": name, "actor": _user("carol"), "triggering_actor": _user("dan"), **more,
        })  # fmt: skip

    def commit(self, sha: str, at: str, message: str) -> None:
        person = {"name": "Bob", "email": "bob@acme.example", "date": at}
        self.commits.insert(0, {
            "url": HOME, "sha": sha, "node_id": "C", "html_url": f"https://github.com/acme/api/commit/{sha}",
            "comments_url": HOME, "author": _user("bob"), "committer": _user("bob"), "parents": [],
            "commit": {
                "url": HOME, "author": person, "committer": person, "message": message, "comment_count": 0,
                "tree": {"sha": sha, "url": HOME},
            },
        })  # fmt: skip

    # How it answers

    def refusal(self, headers: dict[str, str]) -> Reply | None:
        if headers.get("authorization") != f"Bearer {TOKEN}":
            return 401, {"message": "Bad credentials"}, {}
        if headers.get("accept") != "application/vnd.github+json":
            self.violations.append(f"Accept is {headers.get('accept')}")
        return None

    def answer(self, path: str, query: dict[str, str]) -> Reply:
        home = "/repos/acme/api"
        if path == "/search/issues":
            return self._search(query)
        if path == f"{home}/actions/runs":
            return self._runs(query)
        if match := re.fullmatch(rf"{home}/deployments/(\d+)/statuses", path):
            return self._listed(path, query, self.statuses[int(match[1])][::-1])
        if path == f"{home}/deployments":
            wanted = query.get("environment")
            shown = [each for each in self.deployments if wanted in (None, each["environment"])]
            return self._listed(path, query, shown)
        if path == f"{home}/releases":
            return self._listed(path, query, self.releases)
        if path == f"{home}/commits":
            since, until = query.get("since", ""), query.get("until", "9")
            shown = [each for each in self.commits if since <= each["commit"]["committer"]["date"] <= until]
            return self._listed(path, query, shown)
        return 404, {"message": "Not Found", "documentation_url": "https://docs.github.com"}, {}

    def _listed(self, path: str, query: dict[str, str], records: list[Any]) -> Reply:
        shown, link = self.page(path, query, records, 30)
        return 200, shown, link

    def _search(self, query: dict[str, str]) -> Reply:
        words = query["q"].split()
        assert {"repo:acme/api", "is:pr", "is:merged"} <= set(words)
        found = self.pulls
        for word in words:
            name, _, value = word.partition(":")
            if name == "merged":
                found = [each for each in found if _within(each["closed_at"], value)]
            if name == "base":
                found = [each for each in found if each["body"] == value]
        shown, link = self.page("/search/issues", query, found[:MOST], 30)
        content = {
            "total_count": len(found), "incomplete_results": self.incomplete, "items": shown, "search_type": "lexical",
        }  # fmt: skip
        return 200, content, link

    def _runs(self, query: dict[str, str]) -> Reply:
        found = [
            each
            for each in self.runs
            if _within(each["created_at"], query.get("created", "2000-01-01T00:00:00Z..2100-01-01T00:00:00Z"))
            and query.get("branch") in (None, each["head_branch"])
        ]
        shown, link = self.page("/repos/acme/api/actions/runs", query, found[:MOST], 30)
        return 200, {"total_count": len(found), "workflow_runs": shown}, link


def _within(at: str, span: str) -> bool:
    start, _, end = span.partition("..")
    return _moment(start) <= _moment(at) <= _moment(end)


def _moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def _repository() -> dict[str, Any]:
    return dict.fromkeys(_REPO_URLS, HOME) | {
        "id": 1, "node_id": "R", "name": "api", "full_name": "acme/api", "private": True, "fork": False,
        "owner": _user("acme"), "description": None,
    }  # fmt: skip
