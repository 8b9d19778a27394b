"""What changed in a project, as GitLab tells it; ``gitlab-openapi.json`` says what it is held to."""

import json
import re
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import unquote

from tests.fakes.contract import ContractServer, Reply

DOCUMENT = Path(__file__).with_name("gitlab-openapi.json")
TOKEN = "glpat-for-tests"
WEB = "https://gitlab.acme.example/acme/api"


class FakeGitLab(ContractServer):
    """One project, ``acme/api``."""

    public = "https://gitlab.acme.example/api/v4"
    prefix = "/api/v4"
    contract: ClassVar[dict[str, Any]] = json.loads(DOCUMENT.read_text("utf-8"))

    def __init__(self) -> None:
        super().__init__()
        self.records: dict[str, list[dict[str, Any]]] = {
            "deployments": [], "releases": [], "merge_requests": [], "pipelines": [],
        }  # fmt: skip
        self.environment = {"GITLAB_HOST": "127.0.0.1", "GITLAB_TOKEN": TOKEN, "PATH": ""}

    @property
    def home(self) -> str:
        """The address that a person would enter."""
        return self.url.removesuffix(self.prefix)

    def deploy(self, number: int, at: str, status: str, ended: str, **more: Any) -> None:
        self.records["deployments"].append({
            "id": number, "iid": number, "ref": "main", "sha": f"{number:040x}", "created_at": at, "updated_at": ended,
            "status": status, "user": _user("carol"), "deployable": None,
            "environment": {"id": 1, "name": "production", "external_url": None}, **more,
        })  # fmt: skip

    def release(self, tag: str, at: str, name: str = "") -> None:
        self.records["releases"].append({
            "tag_name": tag, "name": name or tag, "created_at": at, "released_at": at, "author": _user("carol"),
            "_links": {"self": f"{WEB}/-/releases/{tag}"},
        })  # fmt: skip

    def merge(self, number: int, merged: str, title: str, updated: str = "", **more: Any) -> None:
        self.records["merge_requests"].append({
            "id": number, "iid": number, "project_id": 1, "title": title, "state": "merged", "merged_at": merged,
            "created_at": merged, "updated_at": updated or merged, "target_branch": "main", "source_branch": "x",
            "author": _user("bob"), "merged_by": _user("dan"), "web_url": f"{WEB}/-/merge_requests/{number}", **more,
        })  # fmt: skip

    def pipeline(self, number: int, at: str, status: str, **more: Any) -> None:
        self.records["pipelines"].append({
            "id": number, "iid": number, "project_id": 1, "status": status, "source": "push", "ref": "main",
            "sha": "a" * 40, "web_url": f"{WEB}/-/pipelines/{number}", "created_at": at, "updated_at": at, **more,
        })  # fmt: skip

    def refusal(self, headers: dict[str, str]) -> Reply | None:
        if headers.get("private-token") != TOKEN:
            return 401, {"message": "401 Unauthorized"}, {}
        return None

    def answer(self, path: str, query: dict[str, str]) -> Reply:
        match = re.fullmatch(r"/projects/acme/api/(\w+)", unquote(path))
        if not match or match[1] not in self.records:
            return 404, {"message": "404 Project Not Found"}, {}
        what = match[1]
        order = query.get("order_by", "released_at" if what == "releases" else "id")
        if what == "deployments" and "updated_after" in query and order != "updated_at":
            return 400, {"message": "`updated_at` filter and `updated_at` sorting must be paired"}, {}
        after, before = query.get("updated_after", ""), query.get("updated_before", "9")
        found = [
            each
            for each in self.records[what]
            if after <= each.get("updated_at", after) <= before
            and query.get("environment") in (None, each.get("environment", {}).get("name"))
            and query.get("target_branch") in (None, each.get("target_branch"))
            and query.get("ref") in (None, each.get("ref"))
        ]
        found.sort(key=lambda each: str(each[order]), reverse=query.get("sort", "desc") == "desc")
        shown, link = self.page(f"/projects/acme%2Fapi/{what}", query, found, 20)
        return 200, shown, link


def _user(name: str) -> dict[str, Any]:
    return {
        "id": 1, "name": name.title(), "username": name, "state": "active", "avatar_url": None,
        "web_url": f"https://gitlab.acme.example/{name}",
    }  # fmt: skip
