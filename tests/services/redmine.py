"""A real Redmine from Debian's packages (redmine, redmine-sqlite, puma), on a copy of its own database.

Nothing of the machine's own Redmine is touched: the database is a copy, ``DATABASE_URL`` names it, and the
server is a child process. What the installer has loaded (roles, trackers, priorities) is there.
"""

import os
import secrets
import shutil
import socket
import sqlite3
import subprocess
import time
from pathlib import Path
from typing import Any, Self

import httpx

HOME = Path("/usr/share/redmine")
DATABASE = Path("/var/lib/dbconfig-common/sqlite3/redmine/instances/default/redmine_default")
PATIENCE_S = 180.0
"""Rails takes three seconds to start, and much longer on a machine with something else to do."""


def missing() -> str:
    """Why it cannot be run here; empty where it can."""
    if not (HOME / "config.ru").exists() or shutil.which("puma") is None:
        return "without redmine, redmine-sqlite and puma"
    if not os.access(DATABASE, os.R_OK):
        return f"{DATABASE} cannot be read: redmine-sqlite sets it up, and root reads it"
    return ""


class Redmine:
    """A running server with one project, ``ops``, and its members."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.key = secrets.token_hex(20)
        self.database = folder / "redmine.db"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.url = f"http://127.0.0.1:{free.getsockname()[1]}"
        self.environment = {"REDMINE_URL": self.url, "REDMINE_API_KEY": self.key}
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        shutil.copyfile(DATABASE, self.database)
        with sqlite3.connect(self.database) as base:
            base.execute("DELETE FROM settings WHERE name = 'rest_api_enabled'")
            base.execute("INSERT INTO settings (name, value) VALUES ('rest_api_enabled', '1')")
            base.execute("UPDATE users SET must_change_passwd = 0 WHERE login = 'admin'")
            base.execute(
                "INSERT INTO tokens (user_id, action, value, created_on, updated_on) SELECT id, 'api', ?, "
                "datetime('now'), datetime('now') FROM users WHERE login = 'admin'",
                (self.key,),
            )
        environment = {
            **os.environ, "DATABASE_URL": f"sqlite3:{self.database}", "RAILS_ENV": "production",
            "SECRET_KEY_BASE": secrets.token_hex(32), "HOME": str(self._folder),
        }  # fmt: skip
        with (self._folder / "puma.log").open("wb") as log:
            self._process = subprocess.Popen(
                [
                    *("puma", "--bind", self.url.replace("http", "tcp"), "--threads", "1:4"),
                    *("--environment", "production", "--dir", str(HOME), str(HOME / "config.ru")),
                ],
                env=environment,
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        try:
            self._wait()
            self._seed()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """What a script of the tests asks for, as the administrator."""
        answer = httpx.request(
            method, self.url + path, json=body, headers={"X-Redmine-API-Key": self.key}, timeout=60
        )
        answer.raise_for_status()
        return answer.json() if answer.content.strip() else None

    def issues(self) -> list[dict[str, Any]]:
        """Every issue of the project, the oldest first."""
        found: list[dict[str, Any]] = self.call(
            "GET", "/issues.json?project_id=ops&status_id=*&limit=100&sort=id"
        )["issues"]
        return found

    def clear(self) -> None:
        """Throw every issue away."""
        for issue in self.issues():
            self.call("DELETE", f"/issues/{issue['id']}.json")

    def _wait(self) -> None:
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            if self._process is not None and self._process.poll() is not None:
                break
            try:
                self.call("GET", "/users/current.json")
            except httpx.HTTPError:
                time.sleep(0.2)
            else:
                return
        log = (self._folder / "puma.log").read_text("utf-8", "replace")[-2000:]
        raise RuntimeError(f"Redmine did not start:\n{log}")

    def _seed(self) -> None:
        self.call("POST", "/projects.json", {"project": {"name": "Operations", "identifier": "ops"}})
        role = self.call("GET", "/roles.json")["roles"][0]["id"]
        for login in ("bob", "alice"):
            person = {
                "login": login, "firstname": login.title(), "lastname": "Example", "mail": f"{login}@acme.example",
                "password": secrets.token_urlsafe(16),
            }  # fmt: skip
            user = self.call("POST", "/users.json", {"user": person})["user"]["id"]
            member = {"membership": {"user_id": user, "role_ids": [role]}}
            self.call("POST", "/projects/ops/memberships.json", member)
        self.call("POST", "/projects/ops/versions.json", {"version": {"name": "Q2"}})
        category = {"issue_category": {"name": "post-mortem"}}
        self.call("POST", "/projects/ops/issue_categories.json", category)
