"""Tickets through crashes: the real command, killed at random points while the server fails, for every tracker.

Each run is a process of its own that SIGKILL ends: after a random time, or while the server works on its request.
Each fake is a stateful server on a socket (see tests/fakes); Redmine is a real one, in tests/services.
``BLAMEFREE_KILLED_RUNS=1000`` goes on until that many runs are killed per tracker; it prints what it counted.
"""

import csv
import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from app.history import Desk
from tests.fakes.classic_review import classic_review
from tests.fakes.gitea import FakeGitea
from tests.fakes.github import FakeGitHub
from tests.fakes.gitlab_issues import FakeGitLabIssues
from tests.fakes.jira import FakeJira
from tests.fakes.linear import FakeLinear
from tests.fakes.ticket_server import FAULTS, LAG
from tests.killed_runs import Runner, SharedClock, Tally, killed_until_done, warmed

RUNS = int(os.environ.get("BLAMEFREE_KILLED_RUNS", "12"))
SHAPES: dict[str, tuple[Callable[[], Any], str, tuple[int, ...]]] = {
    # How long a ticket may be missing from the list: longer than the program waits where it asks people then.
    "github": (FakeGitHub, "acme/api", (5, 120, 600)),
    "gitlab": (FakeGitLabIssues, "acme/api", (5, LAG)),
    "gitea": (FakeGitea, "acme/api", (5, LAG)),
    "forgejo": (FakeGitea, "acme/api", (5, LAG)),
    "jira": (FakeJira, "OPS", (5, 120, 600)),
    "jira-server": (lambda: FakeJira(server=True), "OPS", (5, 120, 600)),
    "linear": (FakeLinear, "ENG", (5, LAG)),
}
ACTIONS = {f"AI-00{n}" for n in range(1, 7)}


def title(ticket: dict[str, Any]) -> str:
    return str(ticket.get("title") or ticket["fields"]["summary"])


def address(server: Any, ticket: dict[str, Any]) -> str:
    """What a person copies out of the browser."""
    if "key" in ticket:
        return f"{server.url}/browse/{ticket['key']}"
    return str(ticket.get("html_url") or ticket.get("web_url") or ticket["url"])


def review(folder: Path) -> Path:
    Desk.create(folder, classic_review()).close()
    return folder


async def battered(shape: str, folder: Path, runs: int) -> Tally:
    """What became of reviews until *runs* runs were killed."""
    fake, repo, lags = SHAPES[shape]
    warmed()
    tally, usual = Tally(), 0.4
    while tally.killed < runs:
        chance = random.Random(f"{shape} {tally.reviews}")
        clock = SharedClock(folder / "clock")
        async with fake() as server:
            server.strict = False
            server.now = clock.now
            server.lag = chance.choice(lags)
            server.page_limit = chance.choice([1, 2, 100])
            kill: list[Callable[[], None]] = [lambda: None]
            made = server.add

            def add(
                *given: Any, made: Any = made, kill: Any = kill, chance: Any = chance, **more: Any
            ) -> Any:
                before, after = chance.random() < 0.1, chance.random() < 0.3
                if before:
                    kill[0]()
                ticket = made(*given, **more)
                if after:
                    kill[0]()
                return ticket

            def faults(server: Any = server, chance: random.Random = chance) -> None:
                server.faults[:] = chance.choices(FAULTS, k=9)

            def there(key: str, server: Any = server) -> str:
                return next(
                    (address(server, each) for each in server.issues if title(each).startswith(f"{key}:")), ""
                )

            config = folder / "config.toml"
            config.write_text(f'[tracker.{shape}]\nbase_url = "{server.url}"\n', "utf-8")
            runner = Runner(
                review(folder / f"review-{tally.reviews}"), ["--to", shape, "--repo", repo, "--yes"],
                {**server.environment, "BLAMEFREE_CONFIG": str(config)}, clock,
            )  # fmt: skip
            with patch.object(server, "add", add):
                usual = await killed_until_done(
                    runner, chance, tally, faults=faults, there=there,
                    killing=lambda do, kill=kill: kill.__setitem__(0, do), usual=usual,
                )  # fmt: skip
            tally.reviews += 1
            names = [title(each).partition(":")[0] for each in server.issues]
            tally.doubles += len(names) - len(set(names))
            tally.missing += len(ACTIONS - set(names))
            urls = {title(each).partition(":")[0]: address(server, each) for each in server.issues}
            tally.wrong += runner.links() != urls
    return tally


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.timeout(max(300, RUNS * 6))
async def test_killed_at_random_points_there_is_no_double_and_none_is_missing(
    shape: str, tmp_path: Path
) -> None:
    tally = await battered(shape, tmp_path, RUNS)
    print(f"{shape}: {tally}")
    assert (tally.doubles, tally.missing, tally.wrong) == (0, 0, 0), tally


@pytest.mark.timeout(max(300, RUNS * 6))
async def test_killed_while_it_writes_a_csv_file_no_row_is_doubled_and_none_is_missing(
    tmp_path: Path,
) -> None:
    warmed()
    tally, usual = Tally(), 0.4
    while tally.killed < RUNS:
        chance = random.Random(f"csv {tally.reviews}")
        home = tmp_path / f"csv-{tally.reviews}"
        home.mkdir()
        config = home / "config.toml"
        config.write_text(f'[tracker.csv]\nfolder = "{home}"\n', "utf-8")
        runner = Runner(
            review(home / "review"), ["--to", "csv", "--repo", "tickets.csv", "--yes"],
            {"BLAMEFREE_CONFIG": str(config)}, SharedClock(tmp_path / "clock"),
        )  # fmt: skip
        usual = await killed_until_done(
            runner, chance, tally, faults=lambda: None, there=lambda _key: "", usual=usual
        )  # fmt: skip
        tally.reviews += 1
        with (home / "tickets.csv").open(encoding="utf-8", newline="") as file:
            names = [row["title"].partition(":")[0] for row in csv.DictReader(file)]
        tally.doubles += len(names) - len(set(names))
        tally.missing += len(ACTIONS - set(names))
        assert set(runner.links()) == ACTIONS
    print(f"csv: {tally}")
    assert (tally.doubles, tally.missing) == (0, 0), tally


async def test_the_loop_catches_a_program_that_forgets_what_it_was_about_to_do(tmp_path: Path) -> None:
    """A crash test that cannot fail proves nothing: without the look at the list there must be doubles."""
    from app.tracking.github import GitHubTracker

    warmed()

    async def sees_nothing(*_: Any) -> dict[str, Any]:
        return {}

    with patch.object(GitHubTracker, "find", sees_nothing), patch.object(GitHubTracker, "sure", True):
        tally = await battered("github", tmp_path, 20)
    assert tally.doubles
