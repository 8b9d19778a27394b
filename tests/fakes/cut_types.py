"""Cut what trackers are held to out of the types that are generated from the vendors' own documents.

usage: python -m tests.fakes.cut_types gitea-js/dist/index.d.ts @linear/sdk/dist/index-*.d.mts adf-schema/full.json

- ``gitea-openapi.json``: from the npm package gitea-js 1.23 (MIT), generated from Gitea's Swagger document. Every
  object is closed. The calls are those of its methods, by hand; null is allowed where Go leaves a pointer empty.
- ``linear.graphql``: from the npm package @linear/sdk 98 (MIT), generated from Linear's schema: inputs whole but
  for what other types they need, objects cut to the fields in use.
- ``adf-schema.json``: from the npm package @atlaskit/adf-schema (Apache-2.0), cut to what a description uses.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
GITEA = ("CreateIssueOption", "EditIssueOption", "Issue", "Label", "Milestone", "User", "PullRequestMeta",
         "RepositoryMeta", "Attachment")  # fmt: skip
PAGED = {"page": "integer", "limit": "integer"}
CALLS: dict[str, dict[str, tuple[dict[str, str], str, str]]] = {
    "/repos/{owner}/{repo}/issues": {
        "get": (
            {"state": "string", "labels": "string", "q": "string", "type": "string", "milestones": "string",
             "since": "string", "before": "string", "created_by": "string", "assigned_by": "string",
             "mentioned_by": "string", **PAGED},
            "", "Issue[]",
        ),
        "post": ({}, "CreateIssueOption", "Issue"),
    },
    "/repos/{owner}/{repo}/issues/{index}": {"get": ({}, "", "Issue"), "patch": ({}, "EditIssueOption", "Issue")},
    "/repos/{owner}/{repo}/labels": {"get": (PAGED, "", "Label[]")},
    "/orgs/{org}/labels": {"get": (PAGED, "", "Label[]")},
    "/repos/{owner}/{repo}/assignees": {"get": ({}, "", "User[]")},
    "/repos/{owner}/{repo}/milestones": {"get": ({"state": "string", "name": "string", **PAGED}, "", "Milestone[]")},
}  # fmt: skip
REFUSALS = {
    ("/repos/{owner}/{repo}/issues", "post"): (403, 404, 412, 422, 423),
    ("/repos/{owner}/{repo}/issues/{index}", "patch"): (403, 404, 412),
}
"""Statuses of refusals as in the comments of go-gitea/gitea: routers/api/v1/repo/issue.go; else 404, as there."""
REFUSAL = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "message": {"type": "string"},
        "url": {"type": "string"},
        "errors": {"type": "array", "nullable": True},
    },
}
LINEAR_INPUTS = ("IssueCreateInput", "IssueUpdateInput")
LINEAR_CUT = {
    "IssueFilter": ("id",), "IssueIdComparator": ("eq", "in", "neq", "nin"), "TeamFilter": ("key",),
    "IssueLabelFilter": ("id", "name", "or", "team"), "NullableTeamFilter": ("id", "null", "key"),
    "UserFilter": ("displayName", "email", "name", "or"), "ProjectFilter": ("name",),
    "IdComparator": ("eq", "in", "neq", "nin"), "StringComparator": ("eq", "eqIgnoreCase", "in", "neq"),
}  # fmt: skip
LINEAR_OBJECTS = {
    "Issue": ("id", "number", "title", "url", "trashed", "state", "identifier", "description", "priority",
              "dueDate", "labelIds"),
    "WorkflowState": ("id", "name", "type"), "Team": ("id", "key", "name"), "User": ("id", "name", "email"),
    "IssueLabel": ("id", "name"), "Project": ("id", "name"), "IssuePayload": ("issue", "success"),
}  # fmt: skip
LINEAR_LISTS = {
    "issues": "Issue",
    "teams": "Team",
    "users": "User",
    "issueLabels": "IssueLabel",
    "projects": "Project",
}


def block(text: str, head: str) -> list[tuple[str, bool, str]]:
    """The members of a type: its name, whether it may be missing, its type."""
    start = re.search(rf"^(?:export )?{head}[^\n]*{{$", text, re.MULTILINE)
    assert start, head
    body = re.sub(r"/\*.*?\*/", "", text[start.end() : text.index("\n}", start.end())], flags=re.DOTALL)
    return [
        (name, bool(optional), kind.strip())
        for name, optional, kind in re.findall(r"^\s+(\w+)(\??): ([^;]+);", body, re.MULTILINE)
    ]


def gitea(text: str) -> dict[str, Any]:
    def schema(kind: str) -> dict[str, Any]:
        if kind.endswith("[]"):
            return {"type": "array", "items": schema(kind[:-2]), "nullable": True}
        plain = {"string": "string", "number": "integer", "boolean": "boolean", "StateType": "string"}.get(
            kind
        )
        if plain:
            return {"type": plain, "nullable": True}
        return {
            "anyOf": [
                {"$ref": f"#/components/schemas/{kind}"},
                {"type": "object", "nullable": True, "maxProperties": 0},
            ]
        }

    schemas = {}
    for name in GITEA:
        members = block(text, f"interface {name} ")
        schemas[name] = {
            "type": "object",
            "additionalProperties": False,
            "properties": {member: schema(kind) for member, _, kind in members},
            "required": [member for member, optional, _ in members if not optional],
        }
        if not schemas[name]["required"]:
            del schemas[name]["required"]
    paths: dict[str, Any] = {}
    for path, methods in CALLS.items():
        names = re.findall(r"\{(\w+)\}", path)
        for method, (query, body, answer) in methods.items():
            content = {"$ref": f"#/components/schemas/{answer.removesuffix('[]')}"}
            if answer.endswith("[]"):
                content = {"type": "array", "items": content}  # type: ignore[dict-item]
            call: dict[str, Any] = {
                "parameters": [
                    *(
                        {"name": each, "in": "path", "required": True, "schema": {"type": "string"}}
                        for each in names
                    ),
                    *(
                        {"name": each, "in": "query", "schema": {"type": kind}}
                        for each, kind in query.items()
                    ),
                ],
                "responses": {
                    "201" if method in ("post", "patch") else "200": {
                        "description": "",
                        "content": {"application/json": {"schema": content}},
                    },
                    **{
                        str(status): {"description": "", "content": {"application/json": {"schema": REFUSAL}}}
                        for status in REFUSALS.get((path, method), (404,))
                    },
                },
            }
            if body:
                call["requestBody"] = {
                    "required": True,
                    "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{body}"}}},
                }
            paths.setdefault(path, {})[method] = call
    return {
        "openapi": "3.0.3",
        "info": {"title": "Gitea API, cut from gitea-js", "version": "1.23", "license": {"name": "MIT"}},
        "paths": paths,
        "components": {"schemas": schemas},
    }


def linear(text: str) -> str:
    def graphql(kind: str) -> str:
        """A type as GraphQL spells it."""
        if match := re.fullmatch(r"(?:InputMaybe|Maybe)<(.*)>", kind):
            return graphql(match[1]).removesuffix("!")
        if match := re.fullmatch(r"Array<(.*)>", kind):
            return f"[{graphql(match[1])}]!"
        if match := re.fullmatch(r'Scalars\["(\w+)"\]', kind):
            return f"{match[1]}!"
        return f"{kind}!"

    known = {*LINEAR_INPUTS, *LINEAR_CUT, *LINEAR_OBJECTS, "DateTime", "TimelessDate", "JSON", "JSONObject"}
    known |= {"String", "Int", "Float", "Boolean", "ID"}

    def fields(head: str, kept: tuple[str, ...]) -> list[str]:
        lines = [(name, graphql(kind)) for name, _, kind in block(text, head) if not kept or name in kept]
        missing = set(kept) - {name for name, _ in lines}
        assert not missing, (head, missing)
        return [f"  {name}: {kind}" for name, kind in lines if re.sub(r"[\[\]!]", "", kind) in known]

    parts = ["# Cut from @linear/sdk 98 (MIT, Linear Orbit, Inc.) by tests/fakes/cut_types.py."]
    parts += [f"scalar {name}" for name in ("DateTime", "TimelessDate", "JSON", "JSONObject")]
    for name in LINEAR_INPUTS:
        parts.append("\n".join([f"input {name} {{", *fields(f"type {name} = ", ()), "}"]))
    for name, kept in LINEAR_CUT.items():
        parts.append("\n".join([f"input {name} {{", *fields(f"type {name} = ", kept), "}"]))
    for name, kept in LINEAR_OBJECTS.items():
        parts.append("\n".join([f"type {name} {{", *fields(f"type {name} = ", kept), "}"]))
    for name in sorted(set(LINEAR_LISTS.values())):
        parts.append(f"type {name}Connection {{\n  nodes: [{name}!]!\n}}")
    lists = [
        f"  {name}(filter: {kind}Filter, first: Int, after: String, includeArchived: Boolean): {kind}Connection!"
        for name, kind in LINEAR_LISTS.items()
    ]
    parts.append("\n".join(["type Query {", *lists, "  issue(id: String!): Issue!", "}"]))
    parts.append(
        "type Mutation {\n  issueCreate(input: IssueCreateInput!): IssuePayload!\n"
        "  issueUpdate(id: String!, input: IssueUpdateInput!): IssuePayload!\n}"
    )
    return "\n\n".join(parts) + "\n"


def adf(document: dict[str, Any]) -> dict[str, Any]:
    """The schema of a document of paragraphs of text in bold or with a link."""
    names = {"doc_node", "paragraph_node", "text_node", "link_mark", "strong_mark", "hardBreak_node"}
    found = {name: document["definitions"][name] for name in sorted(names)}
    found["paragraph_node"]["properties"]["content"]["items"] = {
        "anyOf": [{"$ref": "#/definitions/text_node"}, {"$ref": "#/definitions/hardBreak_node"}]
    }
    found["paragraph_node"]["properties"].pop("marks", None)
    found["doc_node"]["properties"]["content"]["items"] = {"$ref": "#/definitions/paragraph_node"}
    found["text_node"]["properties"]["marks"] = {
        "type": "array",
        "items": {"anyOf": [{"$ref": "#/definitions/link_mark"}, {"$ref": "#/definitions/strong_mark"}]},
    }
    return {"$schema": document["$schema"], "$ref": "#/definitions/doc_node", "definitions": found}


if __name__ == "__main__":
    types, sdk, document = (Path(name).read_text("utf-8") for name in sys.argv[1:])
    (HERE / "gitea-openapi.json").write_text(json.dumps(gitea(types), indent=1) + "\n", "utf-8")
    (HERE / "linear.graphql").write_text(linear(sdk), "utf-8")
    (HERE / "adf-schema.json").write_text(json.dumps(adf(json.loads(document)), indent=1) + "\n", "utf-8")
