"""Secrets and harmless lines, generated from a seed: none is real, and none is taken from anywhere."""

import base64
import random
import string
from collections.abc import Callable
from typing import Final, NamedTuple

Make = Callable[[random.Random], str]


class Case(NamedTuple):
    """A text with a secret in it. *secret* must not survive; *keep* is what a reader still needs."""

    kind: str
    text: str
    secret: str


def _of(alphabet: str, length: int) -> Make:
    return lambda rng: "".join(rng.choices(alphabet, k=length))


_AN = string.ascii_letters + string.digits
_LOW = string.ascii_lowercase + string.digits
_HEX = "0123456789abcdef"
_B32 = string.ascii_uppercase + "234567"
_URL = _AN + "-_"


def _join(*parts: str | Make) -> Make:
    return lambda rng: "".join(part if isinstance(part, str) else part(rng) for part in parts)


def _b64(make: Make) -> Make:
    return lambda rng: base64.b64encode(make(rng).encode()).decode()


def _password(rng: random.Random) -> str:
    word = "".join(rng.choices(string.ascii_lowercase, k=rng.randint(4, 8)))
    return word.capitalize() + str(rng.randint(10, 9999)) + rng.choice("!#%+_-.")


def _pem(rng: random.Random) -> str:
    lines = ["".join(rng.choices(_AN + "+/", k=64)) for _ in range(rng.randint(3, 8))]
    name = rng.choice(["RSA PRIVATE KEY", "PRIVATE KEY", "EC PRIVATE KEY", "OPENSSH PRIVATE KEY"])
    return "\n".join([f"-----BEGIN {name}-----", *lines, f"-----END {name}-----"])


def _jwt(rng: random.Random) -> str:
    def part(text: str) -> str:
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    return ".".join(
        [
            part('{"alg":"HS256","typ":"JWT"}'),
            part(f'{{"sub":"{rng.randint(1, 10**9)}"}}'),
            _of(_URL, 43)(rng),
        ]
    )


def _card(rng: random.Random) -> str:
    digits = [4, *(rng.randint(0, 9) for _ in range(14))]
    total = sum(sum(divmod(each * 2, 10)) if place % 2 == 0 else each for place, each in enumerate(digits))
    return "".join(map(str, [*digits, -total % 10]))


def _iban(rng: random.Random) -> str:
    body = "".join(rng.choices(string.digits, k=18))
    check = 98 - int(f"{body}131400") % 97
    return f"DE{check:02d}{body}"


def _name(rng: random.Random) -> str:
    return "".join(rng.choices(string.ascii_lowercase, k=rng.randint(4, 9)))


def _email(rng: random.Random) -> str:
    return f"{_name(rng)}.{_name(rng)}@{_name(rng)}.{rng.choice(['example', 'test', 'co.uk', 'io'])}"


_BARE: Final[dict[str, Make]] = {
    "aws-key-id": _join("AKIA", _of(_B32, 16)),
    "google-api-key": _join("AIza", _of(_URL, 35)),
    "google-oauth": _join("ya29.", _of(_URL, 60)),
    "azure-secret": _join(_of(_AN, 3), "8Q~", _of(_AN, 32)),
    "digitalocean-token": _join("dop_v1_", _of(_HEX, 64)),
    "heroku-key": _join("HRKU-", _of(_AN, 40)),
    "fly-token": _join("fo1_", _of(_URL, 43)),
    "alibaba-key": _join("LTAI", _of(_AN, 20)),
    "github-token": _join("ghp_", _of(_AN, 36)),
    "github-token (fine)": _join("github_pat_", _of(_AN, 22), "_", _of(_AN, 59)),
    "gitlab-token": _join("glpat-", _of(_URL, 20)),
    "bitbucket-token": _join("ATBB", _of(_AN, 32)),
    "npm-token": _join("npm_", _of(_AN, 36)),
    "pypi-token": _join("pypi-AgE", _of(_URL, 90)),
    "rubygems-key": _join("rubygems_", _of(_HEX, 48)),
    "crates-token": _join("cio", _of(_AN, 32)),
    "nuget-key": _join("oy2", _of(_LOW, 43)),
    "docker-token": _join("dckr_pat_", _of(_URL, 27)),
    "artifactory-token": _join("AKCp", _of(_AN, 69)),
    "terraform-token": _join(_of(_AN, 14), ".atlasv1.", _of(_URL, 60)),
    "vault-token": _join("hvs.", _of(_URL, 90)),
    "pulumi-token": _join("pul-", _of(_HEX, 40)),
    "doppler-token": _join("dp.st.", _of(_AN, 43)),
    "circleci-token": _join("CCIPAT_", _of(_AN, 22), "_", _of(_HEX, 40)),
    "grafana-token": _join("glsa_", _of(_AN, 32), "_", _of(_HEX, 8)),
    "newrelic-key": _join("NRAK-", _of(string.ascii_uppercase + string.digits, 27)),
    "sentry-token": _join("sntrys_", _of(_AN, 60)),
    "dynatrace-token": _join("dt0c01.", _of(_B32, 24), ".", _of(_B32, 64)),
    "honeycomb-key": _join("hcaik_", _of(_LOW, 58)),
    "slack-token": _join("xoxb-", _of(string.digits, 12), "-", _of(string.digits, 12), "-", _of(_AN, 24)),
    "discord-token": _join("M", _of(_AN, 23), ".", _of(_AN, 6), ".", _of(_URL, 27)),
    "telegram-token": _join(_of("123456789", 9), ":AA", _of(_URL, 33)),
    "sendgrid-key": _join("SG.", _of(_URL, 22), ".", _of(_URL, 43)),
    "mailgun-key": _join("key-", _of(_HEX, 32)),
    "mailchimp-key": _join(_of(_HEX, 32), "-us12"),
    "brevo-key": _join("xkeysib-", _of(_HEX, 64), "-", _of(_AN, 16)),
    "stripe-key": _join("sk_live_", _of(_AN, 24)),
    "twilio-key": _join("SK", _of(_HEX, 32)),
    "square-token": _join("sq0atp-", _of(_URL, 22)),
    "shopify-token": _join("shpat_", _of(_HEX, 32)),
    "braintree-token": _join("access_token$production$", _of(_LOW, 16), "$", _of(_HEX, 32)),
    "atlassian-token": _join("ATATT3xFf", _of(_URL, 100)),
    "linear-key": _join("lin_api_", _of(_AN, 40)),
    "notion-token": _join("ntn_", _of(_AN, 46)),
    "airtable-token": _join("pat", _of(_AN, 14), ".", _of(_HEX, 64)),
    "figma-token": _join("figd_", _of(_URL, 40)),
    "asana-token": _join("2/", _of(string.digits, 16), ":", _of(_HEX, 32)),
    "aws-session-token": _join("IQoJb3JpZ2lu", _of(_AN, 200)),
    "buildkite-token": _join("bkua_", _of(_HEX, 40)),
    "cloudflare-key": _join("v1.0-", _of(_HEX, 24), "-", _of(_HEX, 146)),
    "facebook-token": _join("EAAB", _of(_AN, 120)),
    "onepassword-token": _join("ops_eyJ", _of(_AN, 120)),
    "postman-key": _join("PMAK-", _of(_HEX, 24), "-", _of(_HEX, 34)),
    "tailscale-key": _join("tskey-auth-", _of(_AN, 12), "-", _of(_AN, 32)),
    "openai-key": _join("sk-proj-", _of(_URL, 48)),
    "anthropic-key": _join("sk-ant-api03-", _of(_URL, 80)),
    "huggingface-token": _join("hf_", _of(string.ascii_letters, 34)),
    "databricks-token": _join("dapi", _of(_HEX, 32)),
    "planetscale-token": _join("pscale_tkn_", _of(_URL, 43)),
    "supabase-key": _join("sbp_", _of(_HEX, 40)),
    "age-key": _join("AGE-SECRET-KEY-1", _of(_B32, 58)),
    "jwt": _jwt,
    "private-key": _pem,
    "password-hash": _join("$2b$12$", _of(_AN, 53)),
    "card": _card,
    "iban": _iban,
    "e-mail": _email,
}
"""Those that are known wherever they stand."""

_AROUND: Final = (
    "{}",
    "the log said {} at 10:05",
    '{{"level":"error","value":"{}"}}',
    "2025-02-09T10:05:23Z ERROR client rejected ({}), retrying",
    "| 10:05 | {} was in the deploy log | app logs | @alice |",
)

_PLACED: Final[dict[str, tuple[str, Make]]] = {
    "aws-secret": ("aws_secret_access_key = {}", _of(_AN + "+", 40)),
    "signed-url": (
        "GET https://bucket.s3.example/report.csv?X-Amz-Expires=900&X-Amz-Signature={}",
        _of(_HEX, 64),
    ),
    "azure-account-key": (
        "DefaultEndpointsProtocol=https;AccountName=shop;AccountKey={};EndpointSuffix=core",
        _b64(_of(_AN, 64)),
    ),
    "otp-seed": ("otpauth://totp/Shop:alice?issuer=Shop&secret={}", _of(_B32, 32)),
    "sentry-dsn": ("SENTRY_DSN=https://{}@o1234.ingest.sentry.example/42", _of(_HEX, 32)),
    "pagerduty-key": ("curl -H 'Authorization: Token token={}' https://api.pagerduty.example", _of(_URL, 20)),
    "slack-webhook": (
        "posted to https://hooks.slack.com/services/{}",
        _join("T", _of(_AN, 8), "/B", _of(_AN, 8), "/", _of(_AN, 24)),
    ),
    "teams-webhook": ("https://acme.webhook.office.com/webhookb2/{}", _of(_URL, 60)),
    "discord-webhook": (
        "https://discord.com/api/webhooks/{}",
        _join(_of(string.digits, 18), "/", _of(_URL, 68)),
    ),
    "url-password": ("could not connect to postgres://api:{}@db-1.internal:5432/shop", _password),
    "url-password (redis)": ("redis://:{}@cache:6379/0 timed out", _of(_AN, 24)),
    "url-password (amqp)": ("amqps://worker:{}@mq.internal/%2f", _password),
    "bearer": ('curl -H "Authorization: Bearer {}" https://api.internal/v1', _of(_URL, 40)),
    "bearer (bare)": ("sent with bearer {} and was refused", _join(_of(_AN, 30), "7x")),
    "bearer (alone)": ("the client sent bearer {}, which had expired", _of(_AN, 30)),
    "basic-auth (alone)": ("the header was Basic {} all the time", _b64(_join("svc:", _of(_AN, 16)))),
    "ngrok-token": ("ngrok authtoken {}", _join(_of(_AN, 27), "_", _of(_AN, 21))),
    "postmark-token": (
        "X-Postmark-Server-Token: {}",
        _join(_of(_HEX, 8), "-", _of(_HEX, 4), "-", _of(_HEX, 12)),
    ),
    "url-token": ("git clone https://{}@git.internal/acme/api", _of(_AN, 40)),
    "basic-auth": ("Authorization: Basic {}", _b64(_join("svc:", _of(_AN, 16)))),
    "proxy-auth": ("Proxy-Authorization: Basic {}", _b64(_join("svc:", _of(_AN, 16)))),
    "key-header": ("> X-Api-Key: {}", _of(_AN, 32)),
    "key-header (gitlab)": ("PRIVATE-TOKEN: {}", _of(_AN, 20)),
    "key-header (datadog)": ("DD-API-KEY: {}", _of(_HEX, 32)),
    "cookie": ("Cookie: theme=dark; sid={}", _of(_AN, 32)),
    "cookie (set)": ("Set-Cookie: session={}; HttpOnly; Secure", _of(_AN, 32)),
    "session-id": ("GET /cart;JSESSIONID={} 200", _of(string.ascii_uppercase + string.digits, 32)),
    "session-id (php)": ("PHPSESSID={} not found", _join(_of(_LOW, 25), "9")),
    "csrf": ("csrftoken={} did not match", _of(_AN, 64)),
    "connection-string": (
        "Server=tcp:sql-1,1433;Database=shop;User Id=api;Password={};Encrypt=true",
        _password,
    ),
    "cli-password": ("$ vault login --token {}", _of(_AN, 26)),
    "cli-password (curl)": ("curl -s -u deploy:{} https://registry.internal/v2/", _password),
    "cli-password (mysql)": ("mysql -h db-1 -u root -p{} shop", _password),
    "netrc": ("machine git.internal login deploy password {}", _password),
    "pgpass": ("db-1:5432:shop:api:{}", _password),
    "docker-auth": (
        '{{"auths":{{"registry.internal":{{"auth": "{}"}}}}}}',
        _b64(_join("deploy:", _of(_AN, 20))),
    ),
    "kubernetes-secret": ("kind: Secret\nmetadata:\n  name: db\ndata:\n  url: {}", _b64(_of(_AN, 24))),
    "password": ("password={}", _password),
    "password (env)": ("DB_PASSWORD={} ./migrate", _password),
    "password (json)": ('{{"user":"api","password":"{}"}}', _password),
    "password (yaml)": ("db:\n  password: {}\n  host: db-1", _password),
    "password (quoted)": ("the job ran with password '{}'", _password),
    "password (prose)": ("Alice noticed that the password was {} for all replicas", _password),
    "password (markdown)": ("**Password:** `{}`", _password),
    "password (log)": ("level=warn msg=login user=api passwd={} ip=10.0.0.7", _password),
    "secret": ("client_secret: {}", _of(_AN, 32)),
    "secret (env)": ("export SESSION_SECRET='{}'", _of(_AN, 24)),
    "secret (django)": ("SECRET_KEY = '{}'", _of(_AN + "!@#%^*(-_", 50)),
    "secret (encryption)": ("encryption_key={}", _b64(_of(_AN, 32))),
    "api-key": ("https://maps.internal/geo?q=x&api_key={}", _of(_AN, 32)),
    "api-key (json)": ('"apiKey": "{}"', _of(_HEX, 32)),
    "api-key (routing)": ('{{"routing_key":"{}","event_action":"trigger"}}', _of(_HEX, 32)),
    "token": ('{{"access_token":"{}","expires_in":3600}}', _of(_AN, 40)),
    "token (query)": ("GET /download?file=a.csv&token={} 403", _of(_AN, 32)),
    "token (env)": ("CI_JOB_TOKEN={}", _of(_AN, 20)),
    "token (refresh)": ("refresh_token: {}", _of(_AN, 48)),
    "e-mail (url)": ("GET /users?email={} 500", lambda rng: _email(rng).replace("@", "%40")),
    "card (grouped)": ("card {} declined", lambda rng: _grouped(rng)),
}
"""Those that only their place gives away."""


def _grouped(rng: random.Random) -> str:
    card = _card(rng)
    return " ".join(card[place : place + 4] for place in range(0, 16, 4))


def secrets(seed: int = 7, each: int = 10) -> list[Case]:
    """*each* cases of every kind, in turning surroundings."""
    rng = random.Random(seed)
    cases = []
    for kind, make in _BARE.items():
        for number in range(each):
            secret = make(rng)
            around = _AROUND[number % len(_AROUND)] if "\n" not in secret else "{}"
            cases.append(Case(kind, around.format(secret), secret))
    for kind, (around, make) in _PLACED.items():
        for _ in range(each):
            secret = make(rng)
            cases.append(Case(kind, around.format(secret), secret))
    return cases


_CLEAN: Final[tuple[Callable[[random.Random], str], ...]] = (
    lambda r: (
        f"2025-02-09T10:05:{r.randint(0, 59):02d}.{r.randint(0, 999):03d}Z INFO request id={_of(_HEX, 32)(r)} status=503"
    ),
    lambda r: f"pod/api-service-{_of(_HEX, 9)(r)}-{_of(_LOW, 5)(r)} restarted {r.randint(1, 9)} times",
    lambda r: f"image registry.internal/shop/api@sha256:{_of(_HEX, 64)(r)}",
    lambda r: f"commit {_of(_HEX, 40)(r)} on main, build #{r.randint(1, 9999)}",
    lambda r: f"traceparent=00-{_of(_HEX, 32)(r)}-{_of(_HEX, 16)(r)}-01 duration={r.randint(1, 9999)}ms",
    lambda r: (
        f"uuid {_of(_HEX, 8)(r)}-{_of(_HEX, 4)(r)}-4{_of(_HEX, 3)(r)}-a{_of(_HEX, 3)(r)}-{_of(_HEX, 12)(r)} not found"
    ),
    lambda r: (
        f'10.0.{r.randint(0, 255)}.{r.randint(1, 254)} - - [09/Feb/2025:10:05:{r.randint(0, 59):02d} +0000] "GET /v1/orders/{r.randint(1, 10**12)} HTTP/1.1" 503 {r.randint(10, 9999)}'
    ),
    lambda r: f"max_tokens={r.randint(100, 9999)} token_bucket=exhausted refill={r.randint(1, 99)}/s",
    lambda r: f"rate limit: {r.randint(1, 99)} tokens left, bucket key user:{r.randint(1, 10**6)}",
    lambda r: f"cache key: orders:{r.randint(1, 10**9)} evicted, partition key {r.randint(0, 64)}",
    lambda r: f"password policy: minimum length {r.randint(8, 20)}; passwords: {r.randint(1, 999)} expired",
    lambda r: "password: <hidden>, token: ${API_TOKEN}, secret: ***",
    lambda r: "The password reset mail was late; nobody's password was changed.",
    lambda r: f"the secret was rotated at 10:{r.randint(10, 59)}, the token: expired",
    lambda r: f"secretName: shop-tls-{r.randint(1, 9)}, tokenFile: /var/run/secrets/kubernetes.io/token",
    lambda r: f'ETag: "{_of(_HEX, 32)(r)}", Content-MD5 {base64.b64encode(r.randbytes(16)).decode()}',
    lambda r: f"https://grafana.internal/d/{_of(_AN, 9)(r)}/api?orgId=1&from=1739095500000&to=1739097600000",
    lambda r: f"order {r.randint(10**12, 10**13 - 1)} paid, invoice {r.randint(10**9, 10**10)}",
    lambda r: f"@alice asked @bob about v2.{r.randint(0, 9)}.0; see #{r.randint(1, 999)}",
    lambda r: f"git@github.example:acme/api.git fetched, {r.randint(1, 999)} objects",
    lambda r: f"kubectl -n shop rollout undo deployment/api --to-revision={r.randint(1, 99)}",
    lambda r: (
        f"Basic features of the {_name(r)} page work; bearer of bad news: error rate {r.randint(1, 99)} %"
    ),
    lambda r: f"alertmanager fingerprint={_of(_HEX, 16)(r)} alertname=HighErrorRate severity=page",
    lambda r: (
        f"index idx_{_name(r)}_created_at missing: Seq Scan on orders (cost=0.00..{r.randint(1, 99999)}.00 rows={r.randint(1, 10**7)})"
    ),
    lambda r: f"the session {_name(r)} lasted {r.randint(1, 9)} h; sessions=4{r.randint(10, 99)}",
    lambda r: f"x-request-id: {_of(_HEX, 8)(r)}-{_of(_HEX, 4)(r)}, retry-after: {r.randint(1, 120)}",
    lambda r: (
        f"klog I0209 10:05:23.{r.randint(100000, 999999)} 1 leaderelection.go:250] successfully acquired lease kube-system/{_name(r)}"
    ),
    lambda r: (
        f"CPU {r.randint(1, 100)} %, pool 20 of 20, p99 {r.randint(1, 9)}.{r.randint(0, 9)} s, at 2025-02-09 10:{r.randint(10, 59)}"
    ),
    lambda r: f"secret/{_name(r)}-tls not found; serviceaccount token volume mounted read-only",
    lambda r: f"TLS handshake: certificate CN={_name(r)}.internal serial {_of(_HEX, 32)(r)} expired",
)


def clean(seed: int = 11, count: int = 3_000) -> list[str]:
    """Lines as logs, pages and reports are full of, with nothing secret in them."""
    rng = random.Random(seed)
    return [_CLEAN[number % len(_CLEAN)](rng) for number in range(count)]
