"""A Linear with one team, ``ENG``: every query runs through graphql-core against the schema in ``linear.graphql``."""

from functools import cache
from pathlib import Path
from typing import Any

from graphql import GraphQLError, GraphQLSchema, build_schema, graphql_sync

from tests.fakes.ticket_server import Reply, TicketServer

TOKEN = "lin_api_for_tests"
TEAM = "9cfb482a-81e3-4154-b5b9-2c805e70a02d"
PEOPLE = {"bob@acme.example": "u-bob", "alice": "u-alice", "charlie": "u-charlie"}


@cache
def schema() -> GraphQLSchema:
    return build_schema(Path(__file__).with_name("linear.graphql").read_text("utf-8"))


class FakeLinear(TicketServer):
    """An id is taken for ever, also when its issue is in the trash."""

    def __init__(self) -> None:
        super().__init__()
        self.issues: list[dict[str, Any]] = []
        self.labels = {"post-mortem": "l-pm"}
        self.projects = {"Q2": "p-q2"}

    @property
    def environment(self) -> dict[str, str]:
        return {"LINEAR_URL": self.url, "LINEAR_API_KEY": TOKEN}

    def allowed(self, headers: dict[str, str]) -> bool:
        return headers.get("authorization") == TOKEN

    def creates(self, method: str, path: str, body: Any) -> bool:
        return "issueCreate" in (body or {}).get("query", "")

    def limit(self) -> Reply:
        error = {"message": "Rate limit exceeded", "extensions": {"code": "RATELIMITED"}}
        return 400, {"errors": [error]}, {}

    def everything(self) -> list[dict[str, Any]]:
        return self.issues

    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> Reply:
        if (method, path) != ("POST", "/graphql"):
            return 404, {"message": "Not Found"}, {}
        root = {
            "issueCreate": self._create, "issueUpdate": self._update, "issue": self._issue, "issues": self._by_id,
            "teams": self._teams, "users": self._users, "issueLabels": self._labels, "projects": self._projects,
        }  # fmt: skip
        result = graphql_sync(schema(), body["query"], root, variable_values=body["variables"])
        answer: dict[str, Any] = {"data": result.data}
        if result.errors:
            answer["errors"] = [
                {"message": each.message, "extensions": each.extensions or {}, "path": each.path}
                for each in result.errors
            ]
            if not any((each.extensions or {}).get("code") for each in result.errors):
                self.violations += [each.message for each in result.errors]
        return (400 if result.data is None and result.errors else 200), answer, {}

    # Resolvers

    def _create(self, _info: Any, input: dict[str, Any]) -> dict[str, Any]:
        if any(each["id"] == input["id"] for each in self.issues):
            raise GraphQLError("Entity already exists", extensions={"code": "INVALID_INPUT"})
        if input["teamId"] != TEAM:
            raise GraphQLError("Entity not found: Team", extensions={"code": "INVALID_INPUT"})
        return {"success": True, "issue": self.add(input)}

    def add(self, input: dict[str, Any]) -> dict[str, Any]:
        number = len(self.issues) + 1
        issue = {
            "number": number, "identifier": f"ENG-{number}", "trashed": None, "state": {"type": "backlog"},
            "url": f"https://linear.app/acme/issue/ENG-{number}/a-title", "priority": 0, "labelIds": [], **input,
        }  # fmt: skip
        self.issues.append(issue)
        return issue

    def _update(self, _info: Any, id: str, input: dict[str, Any]) -> dict[str, Any]:
        issue = self._issue(_info, id)
        issue |= input
        return {"success": True, "issue": issue}

    def _issue(self, _info: Any, id: str) -> dict[str, Any]:
        for each in self.issues:
            if id in (each["id"], each["identifier"]):
                return each
        raise GraphQLError("Entity not found: Issue", extensions={"code": "INPUT_ERROR"})

    def _by_id(self, _info: Any, filter: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {"nodes": [each for each in self.visible(self.issues) if each["id"] in filter["id"]["in"]]}

    def _teams(self, _info: Any, filter: dict[str, Any]) -> dict[str, Any]:
        known = filter["key"]["eqIgnoreCase"].upper() == "ENG"
        return {"nodes": [{"id": TEAM, "key": "ENG", "name": "Engineering"}] if known else []}

    def _users(self, _info: Any, filter: dict[str, Any]) -> dict[str, Any]:
        wanted = {str(rule["eqIgnoreCase"]).lower() for part in filter["or"] for rule in part.values()}
        return {"nodes": [{"id": number} for name, number in PEOPLE.items() if name in wanted]}

    def _labels(self, _info: Any, filter: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {
            "nodes": [
                {"id": self.labels[each], "name": each}
                for each in filter["name"]["in"]
                if each in self.labels
            ]
        }

    def _projects(self, _info: Any, filter: dict[str, Any]) -> dict[str, Any]:
        name = filter["name"]["eqIgnoreCase"]
        return {"nodes": [{"id": self.projects[name], "name": name}] if name in self.projects else []}
