"""A Slack workspace with one channel; held to the types of Slack's own package (see cut_slack_types.py)."""

import json
from pathlib import Path
from typing import Any, ClassVar

from tests.fakes.contract import ContractServer, Reply

DOCUMENT = Path(__file__).with_name("slack-openapi.json")
TOKEN = "xoxb-token-for-tests"
CHANNEL = "C0123456789"
_ONLY_IN_HISTORY = (
    "subtype",
    "purpose",
    "topic",
    "root",
    "username",
    "icons",
    "client_msg_id",
    "inviter",
    "hidden",
)


class FakeSlack(ContractServer):
    """Newest first, pages by cursor; threads by themselves."""

    public = "https://slack.com/api"
    prefix = "/api"
    contract: ClassVar[dict[str, Any]] = json.loads(DOCUMENT.read_text("utf-8"))

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[dict[str, Any]] = []
        self.threads: dict[str, list[dict[str, Any]]] = {}
        self.members: list[dict[str, Any]] = []
        self.errors: dict[str, dict[str, Any]] = {}
        """What to answer instead of ``ok``, by method."""
        self.page_size = 1000

    def person(self, key: str, name: str) -> None:
        self.members.append(
            {"id": key, "name": name.lower(), "profile": {"display_name": name, "email": "x@y.example"}}
        )

    def say(self, ts: str, user: str, text: str, **more: Any) -> None:
        self.messages.insert(0, {"type": "message", "user": user, "text": text, "ts": ts, **more})
        self.messages.sort(key=lambda each: str(each["ts"]), reverse=True)

    def reply(self, thread: str, ts: str, user: str, text: str, **more: Any) -> None:
        said = {"type": "message", "user": user, "text": text, "ts": ts, "thread_ts": thread, **more}
        self.threads.setdefault(thread, []).append(said)
        for parent in self.messages:
            if parent["ts"] == thread:
                parent |= {"thread_ts": thread, "reply_count": len(self.threads[thread]), "latest_reply": ts}

    def refusal(self, headers: dict[str, str]) -> Reply | None:
        if headers.get("authorization") != f"Bearer {TOKEN}":
            return 200, {"ok": False, "error": "invalid_auth"}, {}
        return None

    def answer(self, path: str, query: dict[str, str]) -> Reply:
        method = path.strip("/")
        if method in self.errors:
            return 200, {"ok": False, **self.errors[method]}, {}
        if method == "auth.test":
            return (
                200,
                {"ok": True, "url": "https://acme.slack.com/", "team": "acme", "user": "blamefree"},
                {},
            )
        if method == "users.list":
            return self._paged("members", self.members, query)
        if method == "conversations.list":
            channels = [{"id": "C0000000001", "name": "general"}, {"id": CHANNEL, "name": "incident-42"}]
            return self._paged("channels", channels, query)
        if query.get("channel") != CHANNEL:
            return 200, {"ok": False, "error": "channel_not_found"}, {}
        if method == "conversations.history":
            return self._paged("messages", self._within(self.messages, query), query)
        parents = [each for each in self.messages if each["ts"] == query["ts"]]
        if not parents:
            return 200, {"ok": False, "error": "thread_not_found"}, {}
        parent = {name: value for name, value in parents[0].items() if name not in _ONLY_IN_HISTORY}
        # The parent comes with every answer, whatever the window.
        said = [parent, *self._within(self.threads.get(query["ts"], []), query)]
        return self._paged("messages", said, query)

    def _within(self, said: list[dict[str, Any]], query: dict[str, str]) -> list[dict[str, Any]]:
        oldest, latest = float(query.get("oldest", 0)), float(query.get("latest", "inf"))
        return [each for each in said if oldest <= float(each["ts"]) <= latest]

    def _paged(self, field: str, found: list[Any], query: dict[str, str]) -> Reply:
        size = min(int(query.get("limit", 100)), self.page_size)
        start = int(query.get("cursor", "0"))
        more = start + size < len(found)
        content = {
            "ok": True,
            field: found[start : start + size],
            "response_metadata": {"next_cursor": str(start + size) if more else ""},
        }
        if field == "messages":
            content["has_more"] = more
        return 200, content, {}
