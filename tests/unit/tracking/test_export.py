"""Each action gets exactly one ticket, wherever the program dies and whatever the server does."""

import random
from collections.abc import AsyncIterator, Callable, Collection
from datetime import timedelta

import pytest

from app.review.records import Session, Tracking
from app.tracking.export import INTENT, MADE, REFUSED, Outcome
from app.tracking.github import GitHubTracker
from app.tracking.interface import TrackingProblem
from tests.exactly_once import Clock, Disk, Killed
from tests.exactly_once import run as once
from tests.fakes.classic_review import classic_review
from tests.fakes.github import FakeGitHub


@pytest.fixture
async def github() -> AsyncIterator[FakeGitHub]:
    async with FakeGitHub() as fake:
        yield fake
    assert fake.violations == []


async def run(
    github: FakeGitHub,
    disk: Disk,
    clock: Clock | None = None,
    step: Callable[[], None] = lambda: None,
    *,
    update: bool = False,
    again: Collection[str] = (),
) -> dict[str, Outcome]:
    settings = Tracking(tracker="github", repo="acme/api", base_url=github.url)
    return await once(
        GitHubTracker(settings, github.environment), disk, clock, step, update=update, again=again
    )


async def answered(github: FakeGitHub, disk: Disk, clock: Clock | None = None) -> dict[str, Outcome]:
    """A run, and one more where it asks: a person has looked, and has made again what is not there."""
    outcomes = await run(github, disk, clock)
    there = {each["title"].partition(":")[0] for each in github.issues}
    if not (again := [each.answer for key, each in outcomes.items() if each.answer and key not in there]):
        return outcomes
    return await run(github, disk, clock, again=again)


def linked(session: Session) -> dict[str, str]:
    return {each.id: each.ticket.url for each in session.actions if each.ticket}


def whole(github: FakeGitHub, disk: Disk) -> None:
    """Every action has its one issue, and the session links to that one."""
    titles = [each["title"].partition(":")[0] for each in github.issues]
    assert sorted(titles) == [f"AI-00{n}" for n in range(1, 7)], (
        "one issue per action, no double, none missing"
    )
    urls = {each["title"].partition(":")[0]: each["html_url"] for each in github.issues}
    assert linked(disk.session) == urls


async def test_every_action_gets_its_ticket_and_a_second_run_changes_nothing(github: FakeGitHub) -> None:
    disk = Disk(classic_review())
    first = await run(github, disk)
    assert {each.result for each in first.values()} == {"created"}
    whole(github, disk)
    second = await run(github, disk)
    assert {each.result for each in second.values()} == {"exists"}
    assert github.posts() == 6


async def test_planning_sends_nothing(github: FakeGitHub) -> None:
    settings = Tracking(tracker="github", repo="acme/api", base_url=github.url)
    GitHubTracker(settings, github.environment).plan(classic_review())
    assert github.requests == []


async def test_the_intent_is_written_before_the_request_and_the_link_after_it(github: FakeGitHub) -> None:
    disk = Disk(classic_review())
    seen: list[tuple[int, int, int]] = []
    await run(
        github,
        disk,
        step=lambda: seen.append((len(disk.notes(INTENT)), github.posts(), len(linked(disk.session)))),
    )
    assert all(intents >= posts >= links for intents, posts, links in seen)
    assert (1, 0, 0) in seen
    assert (1, 1, 0) in seen


async def count_steps() -> int:
    steps = [0]

    def step() -> None:
        steps[0] += 1

    async with FakeGitHub() as github:
        await run(github, Disk(classic_review()), step=step)
    return steps[0]


async def test_killed_at_any_step_and_run_again_there_is_no_double_and_none_is_missing() -> None:
    steps = await count_steps()
    assert steps > 40
    for fatal in range(1, steps + 1):
        async with FakeGitHub() as github:
            disk = Disk(classic_review())
            left = [fatal]

            def step(left: list[int] = left) -> None:
                left[0] -= 1
                if left[0] == 0:
                    raise Killed

            with pytest.raises(Killed):
                await run(github, disk, step=step)
            await answered(github, disk)
            whole(github, disk)
            assert github.violations == []


@pytest.mark.parametrize("seed", range(12))
async def test_killed_again_and_again_with_a_server_that_fails_there_is_no_double_and_none_is_missing(
    github: FakeGitHub, seed: int
) -> None:
    chance = random.Random(seed)
    disk, clock = Disk(classic_review()), Clock()
    github.page_limit = chance.choice([1, 2, 100])
    for _ in range(200):
        github.faults[:] = chance.choices(
            ["", "drop", "drop-before", "500", "500-before", "hidden", "not-json"], k=9
        )

        def step() -> None:
            if chance.random() < 0.08:
                raise Killed

        try:
            await run(github, disk, clock, step)
        except Killed:
            continue
        if len(linked(disk.session)) == 6:
            break
        clock.time += timedelta(minutes=chance.choice([0, 1, 5]))
    disk.step = lambda: None
    github.faults.clear()
    await answered(github, disk, clock)
    whole(github, disk)


async def test_an_answer_that_never_came_is_looked_up_and_not_sent_again(github: FakeGitHub) -> None:
    github.faults += ["drop", "500", "not-json"]
    disk = Disk(classic_review())
    outcomes = await run(github, disk)
    assert [each.result for each in outcomes.values()] == ["found"] * 3 + ["created"] * 3
    assert github.posts() == 6
    whole(github, disk)


async def test_while_it_is_unclear_nothing_more_is_sent_and_the_next_run_waits_for_the_list(
    github: FakeGitHub,
) -> None:
    github.faults.append("hidden")
    github.hidden_for = 6
    disk, clock = Disk(classic_review()), Clock()
    outcomes = await run(github, disk, clock)
    assert [each.result for each in outcomes.values()] == ["unclear"] + ["not tried"] * 5
    assert outcomes["AI-001"].sentence.endswith("run this again in a few minutes.")
    assert github.posts() == 1
    again = await run(github, disk, clock)
    assert again["AI-001"].result == "found"
    whole(github, disk)


async def test_where_the_list_does_not_show_a_request_of_an_earlier_run_people_are_asked(
    github: FakeGitHub,
) -> None:
    github.faults.append("drop-before")
    disk, clock = Disk(classic_review()), Clock()
    assert (await run(github, disk, clock))["AI-001"].result == "unclear"
    before = clock.waited
    asked = await run(github, disk, clock)
    assert asked["AI-001"].result == "unclear"
    assert asked["AI-001"].answer.startswith("AI-001:")
    assert "look for “AI-001: Add connection pool metrics to Grafana” there" in asked["AI-001"].sentence
    assert 90 <= clock.waited - before <= 130
    assert {asked[f"AI-00{n}"].result for n in range(2, 7)} == {"created"}
    clock.time += timedelta(days=30)
    answer = (await run(github, disk, clock))["AI-001"].answer
    assert answer == asked["AI-001"].answer
    assert (await run(github, disk, clock, again=["AI-001"]))["AI-001"].answer == answer
    assert (await run(github, disk, clock, again=[answer]))["AI-001"].result == "created"
    whole(github, disk)


@pytest.mark.parametrize("lag", [5, 120, 600])
async def test_a_list_that_lags_never_leads_to_a_double(github: FakeGitHub, lag: float) -> None:
    disk, clock = Disk(classic_review()), Clock()
    github.now, github.lag = clock.now, lag
    github.faults.append("hidden")
    results = [(await run(github, disk, clock))["AI-001"]]
    while not disk.links().get("AI-001"):
        clock.time += timedelta(minutes=1)
        results.append((await run(github, disk, clock))["AI-001"])
    assert results[-1].result == "found"
    assert {each.result for each in results[:-1]} <= {"unclear"}
    assert any(each.answer for each in results) is (lag == 600)
    assert github.posts() == 6
    whole(github, disk)


async def test_a_person_who_did_not_see_a_ticket_is_not_believed_before_the_list(github: FakeGitHub) -> None:
    disk, clock = Disk(classic_review()), Clock()
    github.now, github.lag = clock.now, 600
    github.faults.append("hidden")
    await run(github, disk, clock)
    answer = (await run(github, disk, clock))["AI-001"].answer
    clock.time += timedelta(minutes=10)
    assert (await run(github, disk, clock, again=[answer]))["AI-001"].result == "found"
    whole(github, disk)


async def test_an_answer_holds_for_the_requests_that_were_asked_about_and_for_none_after_them(
    github: FakeGitHub,
) -> None:
    disk, clock = Disk(classic_review()), Clock()
    github.now, github.lag = clock.now, 600
    github.faults.append("drop-before")
    await run(github, disk, clock)
    answer = (await run(github, disk, clock))["AI-001"].answer
    github.faults.append("hidden")
    assert (await run(github, disk, clock, again=[answer]))["AI-001"].result == "unclear"
    # The same command, out of the shell's memory, as often as anybody likes.
    for _ in range(3):
        assert (await run(github, disk, clock, again=[answer]))["AI-001"].answer not in ("", answer)
    clock.time += timedelta(minutes=10)
    assert (await run(github, disk, clock))["AI-001"].result == "found"
    whole(github, disk)


async def test_a_clock_that_was_set_back_makes_nobody_wait_for_ever(github: FakeGitHub) -> None:
    github.faults.append("drop-before")
    disk, clock = Disk(classic_review()), Clock()
    await run(github, disk, clock)
    clock.time -= timedelta(days=400)
    before = clock.waited
    await answered(github, disk, clock)
    assert clock.waited - before <= 260
    whole(github, disk)


async def test_tickets_of_a_copy_of_the_review_are_taken_over(github: FakeGitHub) -> None:
    await run(github, Disk(classic_review()))
    copy = Disk(classic_review())
    outcomes = await run(github, copy)
    assert {each.result for each in outcomes.values()} == {"found"}
    whole(github, copy)


async def test_a_ticket_with_the_same_marker_and_another_title_is_not_taken_over(github: FakeGitHub) -> None:
    github.add({"title": "AI-001: something else", "body": "<!-- blamefree: PM-2025-02-09/AI-001 -->"})
    disk = Disk(classic_review())
    outcomes = await run(github, disk)
    assert outcomes["AI-001"].result == "failed"
    assert "give this review an id of its own" in outcomes["AI-001"].sentence
    assert "AI-001" not in linked(disk.session)
    assert github.posts() == 5


async def test_doubles_that_others_made_are_named(github: FakeGitHub) -> None:
    disk = Disk(classic_review())
    await run(github, disk)
    first = github.issues[0]
    github.add({"title": first["title"], "body": first["body"]})
    outcomes = await run(github, Disk(classic_review()))
    assert outcomes["AI-001"].sentence == (
        "https://github.com/acme/api/issues/1 (already there; close its doubles: "
        "https://github.com/acme/api/issues/7)"
    )


async def test_a_link_that_undo_took_back_is_found_again_unless_the_ticket_is_gone(
    github: FakeGitHub,
) -> None:
    disk = Disk(classic_review())
    await run(github, disk)
    disk.session = classic_review()
    assert (await run(github, disk))["AI-001"].sentence.endswith("(made earlier)")
    whole(github, disk)
    github.issues.clear()
    disk.session = classic_review()
    assert (await run(github, disk))["AI-001"].result == "created"


async def test_a_refused_ticket_does_not_stop_the_others_but_a_refused_token_does(github: FakeGitHub) -> None:
    github.faults += ["422", "", "403"]
    disk = Disk(classic_review())
    outcomes = await run(github, disk)
    assert [each.result for each in outcomes.values()] == ["failed", "created", "failed"] + ["not tried"] * 3
    assert outcomes["AI-004"].sentence == "not tried after AI-003 failed"
    assert len(disk.notes(REFUSED)) == 2
    await run(github, disk)
    whole(github, disk)
    github.violations.clear()  # the document gives no form for a refused token's answer


async def test_a_note_says_what_the_server_left_out(github: FakeGitHub) -> None:
    github.members.discard("bob")
    disk = Disk(classic_review())
    outcomes = await run(github, disk)
    assert outcomes["AI-001"].result == "created"
    assert "made without assignees bob" in outcomes["AI-001"].sentence
    assert disk.notes(MADE)[0]["remarks"] == ["made without assignees bob: acme/api does not know them"]
    assert "(" not in outcomes["AI-002"].sentence


async def test_tickets_of_another_repository_are_another_matter(github: FakeGitHub) -> None:
    disk = Disk(classic_review())
    disk.written.append(
        (
            MADE,
            {
                "key": "PM-2025-02-09/AI-001",
                "target": "https://else.example/repos/a/b",
                "attempt": "x",
                "ticket": {},
            },
        )
    )
    assert (await run(github, disk))["AI-001"].result == "created"


async def test_when_the_list_cannot_be_read_nothing_is_sent(github: FakeGitHub) -> None:
    github.list_status = 422
    with pytest.raises(TrackingProblem):
        await run(github, Disk(classic_review()))
    assert github.posts() == 0


async def test_a_tracker_that_asks_to_wait_is_waited_for(github: FakeGitHub) -> None:
    github.faults += ["", "limit", "limit"]
    disk, clock = Disk(classic_review()), Clock()
    outcomes = await run(github, disk, clock)
    assert {each.result for each in outcomes.values()} == {"created"}
    assert 60 <= clock.waited <= 70
    assert len(disk.notes(REFUSED)) == 2
    whole(github, disk)
    github.violations.clear()  # the document gives no form for a used-up limit


@pytest.mark.parametrize(
    ("fault", "least", "most"),
    [("limit", 30, 40), ("reset", 88, 100), ("secondary", 60, 70), ("429", 20, 30)],
)
async def test_each_way_in_which_github_asks_to_wait_is_understood(
    github: FakeGitHub, fault: str, least: float, most: float
) -> None:
    github.faults += ["", fault]
    disk, clock = Disk(classic_review()), Clock()
    outcomes = await run(github, disk, clock)
    assert {each.result for each in outcomes.values()} == {"created"}
    assert least <= clock.waited <= most
    assert github.posts() == 7
    whole(github, disk)
    github.violations.clear()  # the document gives no form for a used-up limit


async def test_one_that_asks_to_wait_too_long_keeps_what_was_made(github: FakeGitHub) -> None:
    github.faults += ["", *["limit"] * 40]
    disk, clock = Disk(classic_review()), Clock()
    outcomes = await run(github, disk, clock)
    assert [each.result for each in outcomes.values()] == ["created", "failed"] + ["not tried"] * 4
    assert "request limit is used up: try again in 30 s" in outcomes["AI-002"].sentence
    assert clock.waited <= 310
    github.faults.clear()
    await run(github, disk, clock)
    whole(github, disk)
    github.violations.clear()


async def test_changed_actions_are_sent_only_when_that_is_asked_for(github: FakeGitHub) -> None:
    disk = Disk(classic_review())
    await run(github, disk)
    first = disk.session.actions[0].model_copy(update={"done_when": "it shows 20 of 20"})
    disk.session = disk.session.model_copy(update={"actions": (first, *disk.session.actions[1:])})
    assert (await run(github, disk))["AI-001"].result == "changed"
    assert "20 of 20" not in github.issues[0]["body"]
    outcomes = await run(github, disk, update=True)
    assert [each.result for each in outcomes.values()] == ["updated"] + ["exists"] * 5
    assert "20 of 20" in github.issues[0]["body"]
    assert {each.result for each in (await run(github, disk, update=True)).values()} == {"exists"}
    whole(github, disk)
