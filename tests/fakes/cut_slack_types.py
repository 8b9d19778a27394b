"""Make a contract out of the types in Slack's own package @slack/web-api; run by hand to renew the copy here.

usage: python -m tests.fakes.cut_slack_types package/dist/types

Slack's OpenAPI document is archived since 2021; the types of its Node package (npm @slack/web-api, MIT) are made from
real answers and kept up to date. Answers of the methods in use are taken from there down to a message's own fields,
each object closed: a field that Slack does not have is a violation. What lies deeper is any object. The arguments are
those of the package's request types, read by hand.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

TARGET = Path(__file__).with_name("slack-openapi.json")
_PAGES = ("cursor", "limit")
_WINDOW = ("oldest", "latest", "inclusive")
METHODS = {
    "conversations.history": ("ConversationsHistory", ("channel", "include_all_metadata", *_PAGES, *_WINDOW)),
    "conversations.replies": (
        "ConversationsReplies",
        ("channel", "ts", "include_all_metadata", *_PAGES, *_WINDOW),
    ),
    "conversations.list": ("ConversationsList", ("types", "exclude_archived", "team_id", *_PAGES)),
    "users.list": ("UsersList", ("include_locale", "team_id", *_PAGES)),
    "auth.test": ("AuthTest", ()),
}
NUMBERS = {"limit": "integer"}
DEPTH = 3
_SIMPLE = {"string": "string", "number": "number", "boolean": "boolean"}


def interfaces(text: str) -> dict[str, dict[str, str]]:
    """Fields and their types by the name of the interface; the answer itself is ``""``."""
    found: dict[str, dict[str, str]] = {}
    for match in re.finditer(
        r"export (?:interface (\w+)|type \w+Response = WebAPICallResult &) \{(.*?)\n\}", text, re.DOTALL
    ):
        found[match[1] or ""] = dict(re.findall(r"^    (\w+)\?: ([^;]+);", match[2], re.MULTILINE))
    return found


def schema(kind: str, known: dict[str, dict[str, str]], depth: int) -> dict[str, Any]:
    """The schema of one type."""
    if kind.endswith("[]"):
        return {"type": "array", "items": schema(kind.removesuffix("[]"), known, depth)}
    if kind in _SIMPLE:
        return {"type": _SIMPLE[kind]}
    if kind not in known or depth == 0:
        return {}
    properties = {name: schema(each, known, depth - 1) for name, each in known[kind].items()}
    return {"type": "object", "properties": properties, "additionalProperties": False}


def cut(types: Path) -> dict[str, Any]:
    paths: dict[str, Any] = {}
    for method, (name, arguments) in METHODS.items():
        known = interfaces((types / "response" / f"{name}Response.d.ts").read_text("utf-8"))
        answer = schema("", known, DEPTH)
        answer["required"] = ["ok"]
        parameters = [
            {"name": each, "in": "query", "schema": {"type": NUMBERS.get(each, "string")}}
            for each in arguments
        ]
        paths[f"/{method}"] = {
            "get": {
                "operationId": method,
                "parameters": parameters,
                "responses": {
                    "200": {"description": "", "content": {"application/json": {"schema": answer}}}
                },
            }
        }
    version = json.loads((types.parent.parent / "package.json").read_text("utf-8"))["version"]
    return {
        "openapi": "3.0.3",
        "info": {"title": "Slack Web API, from the types of @slack/web-api", "version": version},
        "paths": paths,
    }


if __name__ == "__main__":
    TARGET.write_text(json.dumps(cut(Path(sys.argv[1])), indent=1) + "\n", "utf-8")
