"""PagerDuty's incidents and their log entries; held to PagerDuty's published schemas.

``pagerduty-openapi.json`` says what was taken from the published document and what could not be.
"""

import json
import re
from pathlib import Path
from typing import Any, ClassVar

from tests.fakes.contract import ContractServer, Reply

DOCUMENT = Path(__file__).with_name("pagerduty-openapi.json")
TOKEN = "pd-token-for-tests"
WEB = "https://acme.pagerduty.com"


class FakePagerDuty(ContractServer):
    """Entries newest first, in pages by offset."""

    public = "https://api.pagerduty.com"
    contract: ClassVar[dict[str, Any]] = json.loads(DOCUMENT.read_text("utf-8"))

    def __init__(self) -> None:
        super().__init__()
        self.incidents: list[dict[str, Any]] = []
        self.entries: list[dict[str, Any]] = []
        self.endless = False

    def incident(self, key: str, at: str, title: str, service: str = "PSERVICE") -> None:
        self.incidents.append({
            "id": key, "type": "incident", "summary": f"[#12] {title}", "self": f"{self.public}/incidents/{key}",
            "html_url": f"{WEB}/incidents/{key}", "incident_number": 12, "created_at": at, "status": "resolved",
            "title": title, "service": _reference(service, "service", "api"), "urgency": "high",
        })  # fmt: skip

    def entry(self, key: str, incident: str, what: str, at: str, said: str, **more: Any) -> None:
        of = next(each for each in self.incidents if each["id"] == incident)
        self.entries.insert(0, {
            "id": key, "type": f"{what}_log_entry", "summary": said, "self": f"{self.public}/log_entries/{key}",
            "html_url": f"{WEB}/incidents/{incident}/log_entries/{key}", "created_at": at,
            "agent": _reference("PUSER", "user", "Earline Greenholt"), "channel": {"type": "auto"},
            "service": of["service"], "incident": _reference(incident, "incident", of["summary"]), "teams": [],
            "contexts": [], **more,
        })  # fmt: skip

    def refusal(self, headers: dict[str, str]) -> Reply | None:
        if headers.get("authorization") != f"Token token={TOKEN}":
            return 401, {"error": {"code": 2006, "message": "Authentication failed"}}, {}
        if headers.get("accept") != "application/vnd.pagerduty+json;version=2":
            self.violations.append(f"Accept is {headers.get('accept')}")
        return None

    def answer(self, path: str, query: dict[str, str]) -> Reply:
        since, until = query.get("since", ""), query.get("until", "9")
        if path == "/incidents":
            service = query.get("service_ids[]")
            found = [
                each
                for each in self.incidents
                if since <= each["created_at"] <= until and service in (None, each["service"]["id"])
            ]
            return self._listed("incidents", found, query)
        if path == "/log_entries":
            return self._listed(
                "log_entries", [e for e in self.entries if since <= e["created_at"] <= until], query
            )
        match = re.fullmatch(r"/incidents/([^/]+)/log_entries", path)
        if match and any(each["id"] == match[1] for each in self.incidents):
            return self._listed(
                "log_entries", [e for e in self.entries if e["incident"]["id"] == match[1]], query
            )
        return 404, {"error": {"code": 2100, "message": "Not Found"}}, {}

    def _listed(self, field: str, found: list[Any], query: dict[str, str]) -> Reply:
        limit, offset = int(query.get("limit", 25)), int(query.get("offset", 0))
        more = self.endless or offset + limit < len(found)
        shown = found[offset : offset + limit]
        return 200, {field: shown, "limit": limit, "offset": offset, "more": more, "total": None}, {}


def _reference(key: str, kind: str, summary: str) -> dict[str, Any]:
    return {
        "id": key, "type": f"{kind}_reference", "summary": summary, "self": f"https://api.pagerduty.com/{kind}s/{key}",
        "html_url": f"{WEB}/{kind}s/{key}",
    }  # fmt: skip
