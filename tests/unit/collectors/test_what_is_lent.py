"""A token goes to a server, and a kubeconfig's programs run, only where the person at this machine agreed to that."""

import pytest

from app.review.records import Incident, Session, Source
from app.secrets import github_token
from app.settings import Profile, save_profile
from collectors import confirmed
from collectors.doctor import examine
from collectors.github import GitHubCollector
from collectors.interface import Lent
from collectors.kubernetes import KubernetesCollector
from collectors.prometheus import PrometheusCollector
from collectors.runner import Run
from tests.unit.collectors.test_runner import NOW, START

PROM = PrometheusCollector()
EVIL = {"url": "https://Prom.evil.example:9090/x", "token_env": "DEPLOY_KEY"}
PAIR = Lent("token", "DEPLOY_KEY", "prom.evil.example")


def waits(settings, environment=None, collector=PROM):
    return confirmed.waiting(collector, settings, environment or {})


async def collected(folder, source, environment):
    session = Session(incident=Incident(started_at=START), sources=(source,))
    run = Run(session, folder, now=NOW, environment=environment)
    run.start()
    return (await run.wait())["S1"]


async def test_a_session_cannot_send_a_token_to_a_server_that_nobody_here_agreed_to(tmp_path):
    source = Source(id="S1", kind="prometheus", name="prom", settings=EVIL)
    outcome = await collected(tmp_path, source, {"DEPLOY_KEY": "canary"})
    assert (outcome.state, outcome.confirm) == ("failed", PAIR)
    assert "your token DEPLOY_KEY would be sent to prom.evil.example" in outcome.message
    assert [gap.why for gap in outcome.gaps] == [outcome.message]
    (pair,) = [each async for each in examine([source], environment={"DEPLOY_KEY": "canary"})]
    assert (pair[1].reachable, pair[1].authorised) == (None, False)
    assert "sent to prom.evil.example" in pair[1].sentences[0]


def test_agreeing_is_for_one_name_and_one_server():
    confirmed.confirm(PAIR)
    assert waits(EVIL) == []
    assert waits({**EVIL, "url": "https://prom.evil.example/elsewhere"}) == []
    for other in ({**EVIL, "token_env": "OTHER"}, {**EVIL, "url": "https://prom.example"}):
        assert len(waits(other)) == 1
    assert waits({"url": EVIL["url"], "user": "me", "password_env": "DB_PASSWORD"}) == [
        Lent("token", "DB_PASSWORD", "prom.evil.example")
    ]


@pytest.mark.parametrize(
    ("settings", "environment"),
    [
        ({"url": "http://127.0.0.1:9090", "token_env": "T"}, {}),
        ({"url": "http://localhost:9090", "token_env": "T"}, {}),
        ({"url": "https://git.acme.example", "token_env": "T"}, {"GITLAB_HOST": "https://git.acme.example"}),
        ({"url": "https://prom.example"}, {}),
    ],
)
def test_nobody_is_asked_about_this_machine_its_own_servers_and_sources_without_a_token(
    settings, environment
):
    assert waits(settings, environment) == []


@pytest.mark.parametrize(
    ("name", "url", "asked"),
    [
        ("GITLAB_TOKEN", "https://gitlab.com", False),
        ("GITLAB_TOKEN", "https://gitlab.com.evil.example", False),  # refused, and so nothing to ask about
        ("AWS_SECRET_ACCESS_KEY", "https://x1.execute-api.eu-west-1.amazonaws.com", True),
        ("AZURE_CLIENT_SECRET", "https://evil.westeurope.cloudapp.azure.com", True),
        ("AWS_SECRET_ACCESS_KEY", "https://prom.example", False),
    ],
)
def test_a_name_that_everybody_uses_is_asked_about_where_anybody_can_have_a_server(name, url, asked):
    assert bool(waits({"url": url, "token_env": name})) is asked


def test_what_stands_in_the_person_s_own_settings_is_theirs(tmp_path, monkeypatch):
    monkeypatch.setenv("BLAMEFREE_CONFIG", str(tmp_path / "config.toml"))
    assert waits(EVIL) == [PAIR]
    save_profile(Profile("prod", "prometheus", EVIL))
    assert waits({**EVIL, "queries": {"up": "up"}}) == []
    assert len(waits({**EVIL, "url": "https://other.example"})) == 1


def test_what_a_person_types_here_is_agreed_to_and_what_stood_there_before_is_not():
    confirmed.confirm_lent(PROM, {**EVIL, "step": "1m"}, before=EVIL)
    assert waits(EVIL) == [PAIR]
    confirmed.confirm_lent(PROM, EVIL)
    assert waits(EVIL) == []


async def test_a_token_that_was_agreed_to_goes_to_an_enterprise_server():
    settings = {"repo": "acme/api", "base_url": "https://github.acme.example/api/v3", "token_env": "ACME"}
    pair = Lent("token", "ACME", "github.acme.example")
    assert waits(settings, collector=GitHubCollector()) == [pair]
    confirmed.confirm(pair)
    assert waits(settings, collector=GitHubCollector()) == []
    found = await github_token("github.acme.example", {"ACME": "x", "PATH": ""}, "ACME", trusted=True)
    assert found.origin == "the environment variable ACME"
    # A name that everybody uses for another server stays there whatever was said.
    with pytest.raises(Exception, match="There is no token for"):
        await github_token("github.acme.example", {"AWS_KEY": "x", "PATH": ""}, "AWS_KEY", trusted=True)


async def test_a_kubeconfig_that_a_session_names_runs_no_login_program_before_somebody_agreed(tmp_path):
    trace = tmp_path / "it-ran"
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text(
        "apiVersion: v1\nkind: Config\ncurrent-context: c\n"
        "contexts: [{name: c, context: {cluster: c, user: u}}]\n"
        "clusters: [{name: c, cluster: {server: 'http://127.0.0.1:9'}}]\n"
        "users: [{name: u, user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: touch,"
        f" args: ['{trace}'], interactiveMode: Never}}}}}}]\n"
    )
    settings = {"kubeconfig": str(kubeconfig)}
    source = Source(id="S1", kind="kubernetes", name="shop", settings=settings)
    outcome = await collected(tmp_path, source, {"PATH": "/usr/bin:/bin"})
    assert outcome.confirm == Lent("kubeconfig", str(kubeconfig))
    assert "the login programs that" in outcome.message
    assert not trace.exists()
    assert confirmed.waiting(KubernetesCollector(), settings, {"KUBECONFIG": str(kubeconfig)}) == []
    confirmed.confirm(outcome.confirm)
    outcome = await collected(tmp_path, source, {"PATH": "/usr/bin:/bin"})
    assert outcome.confirm is None
    assert trace.exists()
