"""Cut GitHub's OpenAPI document down to the calls this program makes; run by hand to renew the copy here.

usage: python -m tests.fakes.cut_openapi api.github.com.json

The document is the one in the npm package @octokit/openapi (MIT). Descriptions and examples are left out.
Repaired, because a validator checks nothing or too much otherwise: "nullable" gets a type beside it, and a
nullable choice may be null. The parameter "created" of workflow runs is called a date-time there, while its own
description allows a range in the syntax of GitHub's search: it is a text here.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

CALLS = (
    ("/repos/{owner}/{repo}/issues", "get"),
    ("/repos/{owner}/{repo}/issues", "post"),
    ("/repos/{owner}/{repo}/issues/{issue_number}", "get"),
    ("/repos/{owner}/{repo}/issues/{issue_number}", "patch"),
    ("/repos/{owner}/{repo}/milestones", "get"),
    ("/repos/{owner}/{repo}/deployments", "get"),
    ("/repos/{owner}/{repo}/deployments/{deployment_id}/statuses", "get"),
    ("/repos/{owner}/{repo}/releases", "get"),
    ("/repos/{owner}/{repo}/actions/runs", "get"),
    ("/repos/{owner}/{repo}/commits", "get"),
    ("/search/issues", "get"),
)
WORDS = {"description", "summary", "example", "examples", "externalDocs", "tags"}
NAMES = {"properties", "schemas", "parameters", "responses", "headers"}
TARGET = Path(__file__).with_name("github-openapi.json")


def without_words(node: Any, *, names: bool = False) -> Any:
    """*node* without prose and extensions; under *names* every key is somebody's name and stays."""
    if isinstance(node, list):
        return [without_words(each) for each in node]
    if not isinstance(node, dict):
        return node
    kept = {
        key: without_words(value, names=key in NAMES and not names)
        for key, value in node.items()
        if names or not (key in WORDS or key.startswith("x-"))
    }
    if kept.get("nullable") is True and None not in kept.get("enum", [None]):
        kept["enum"].append(None)
    if kept.get("nullable") is True and "type" not in kept:
        del kept["nullable"]
        return {"anyOf": [kept, {"type": "object", "nullable": True, "maxProperties": 0}]}
    return kept


def cut(document: dict[str, Any]) -> dict[str, Any]:
    """The calls of :data:`CALLS` with everything they refer to."""
    paths: dict[str, Any] = {}
    for path, method in CALLS:
        paths.setdefault(path, {})[method] = without_words(document["paths"][path][method])
    components: dict[str, dict[str, Any]] = {}
    todo: list[Any] = [paths]
    while todo:
        node = todo.pop()
        if isinstance(node, dict):
            reference = node.get("$ref")
            if isinstance(reference, str):
                _, _, kind, name = reference.split("/")
                if name not in components.setdefault(kind, {}):
                    components[kind][name] = without_words(document["components"][kind][name])
                    todo.append(components[kind][name])
            todo += node.values()
        elif isinstance(node, list):
            todo += node
    for parameter in [each for each in every_dict([paths, components]) if each.get("name") == "created"]:
        parameter["schema"].pop("format", None)
    for group in (*components.get("responses", {}).values(), *every_response(paths)):
        group.setdefault("description", "")
    return {
        "openapi": document["openapi"],
        "info": {
            "title": "GitHub REST API, cut from @octokit/openapi",
            "version": document["info"]["version"],
            "license": document["info"]["license"],
        },
        "paths": paths,
        "components": components,
    }


def every_dict(node: Any) -> Iterator[dict[str, Any]]:
    """*node* and everything inside of it that has names."""
    if isinstance(node, dict):
        yield node
    for each in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from every_dict(each)


def every_response(paths: dict[str, Any]) -> list[dict[str, Any]]:
    found = [
        each for call in paths.values() for method in call.values() for each in method["responses"].values()
    ]
    return [each for each in found if "$ref" not in each]


if __name__ == "__main__":
    TARGET.write_text(
        json.dumps(cut(json.loads(Path(sys.argv[1]).read_text("utf-8"))), indent=1) + "\n", "utf-8"
    )
