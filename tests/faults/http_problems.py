"""What the tests of broken connections have in common."""

import pytest

from app.http import Client, HttpProblem, Limits, Site

QUICK = Limits(connect=0.5, read=0.2, total=2.0, max_bytes=1_000_000)


class Waits:
    """A sleep that only remembers how long it should have been."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


async def problem_of(site: Site, limits: Limits = QUICK, method: str = "get") -> HttpProblem:
    async with Client(site, limits, sleep=Waits()) as client:
        call = client.get("/x") if method == "get" else client.send("POST", "/x", {"a": 1})
        with pytest.raises(HttpProblem) as caught:
            (await call).json()
    problem = caught.value
    sentence = str(problem)
    assert sentence.startswith("prom")
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert "Traceback" not in sentence
    return problem
