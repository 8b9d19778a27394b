"""A second corpus of secrets, by the shapes that scanners publish, written without a look at the rules here.

Sources of the shapes, read in November 2026: a part of the default rules of gitleaks (``config/gitleaks.toml``)
and what vendors document. Only shapes were taken: each value is drawn from a seed, none is real. Lines are
those of logs, shells, configurations and reports.
"""

import base64
import json
import random
import string
import uuid
from collections.abc import Callable, Iterator
from typing import Final

from tests.secret_corpus import Case

Make = Callable[[random.Random], str]
_AN: Final = string.ascii_letters + string.digits
_LOW: Final = string.ascii_lowercase + string.digits
_UP: Final = string.ascii_uppercase + string.digits
_HEX: Final = "0123456789abcdef"
_B32: Final = string.ascii_uppercase + "234567"
_URL: Final = _AN + "-_"
_B64: Final = _AN + "+/"


def _r(alphabet: str, length: int, *, head: str = "", tail: str = "") -> Make:
    return lambda rng: head + "".join(rng.choices(alphabet, k=length)) + tail


def _uuid(rng: random.Random) -> str:
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))


def _openai(rng: random.Random) -> str:
    return f"sk-proj-{_r(_URL, 74)(rng)}T3BlbkFJ{_r(_URL, 74)(rng)}"


def _jwt(rng: random.Random) -> str:
    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    return f"{part({'alg': 'RS256', 'kid': '1'})}.{part({'sub': rng.randint(1, 9**9), 'exp': 1})}.{_r(_URL, 86)(rng)}"


def _pem(rng: random.Random) -> str:
    body = "\n".join(_r(_B64, 64)(rng) for _ in range(6))
    return f"-----BEGIN ENCRYPTED PRIVATE KEY-----\n{body}\n-----END ENCRYPTED PRIVATE KEY-----"


def _pgp(rng: random.Random) -> str:
    body = "\n".join(_r(_B64, 64)(rng) for _ in range(6))
    return f"-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n{body}\n-----END PGP PRIVATE KEY BLOCK-----"


def _basic(rng: random.Random) -> str:
    return base64.b64encode(f"{_r(_LOW, 6)(rng)}:{_r(_AN, 14)(rng)}".encode()).decode()


def _dropbox(rng: random.Random) -> str:
    return f"{_r(_LOW, 11)(rng)}AAAAAAAAAA{_r(_LOW + '-_', 43)(rng)}"


def _teams(rng: random.Random) -> str:
    return f"{_uuid(rng)}@{_uuid(rng)}/IncomingWebhook/{_r(_HEX, 32)(rng)}/{_uuid(rng)}"


def _sidekiq(rng: random.Random) -> str:
    return f"{_r(_HEX, 8)(rng)}:{_r(_HEX, 8)(rng)}"


def _words(rng: random.Random) -> str:
    return "-".join(
        rng.sample(["copper", "violin", "harbor", "Mango7", "thunder", "Basil!", "rocket", "orchid"], 3)
    )


_KINDS: Final[tuple[tuple[str, str, Make], ...]] = (
    ("1password-secret-key", "2025-02-09 10:05:23 WARN vault unlock with {} failed", lambda rng: "A3-" + "-".join(_r(_UP, n)(rng) for n in (6, 6, 5, 5, 5, 5))),
    ("1password-service-account", "export OP_SERVICE_ACCOUNT_TOKEN={}", _r(_B64, 260, head="ops_eyJ")),
    ("adobe-client-secret", "adobe login rejected ({})", _r(_LOW, 32, head="p8e-")),
    ("age-secret-key", "# created: 2025-02-09\n{}", _r("QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L", 58, head="AGE-SECRET-KEY-1")),
    ("airtable-pat", "GET /v0/meta/bases Authorization: Bearer {}", lambda rng: f"pat{_r(_AN, 14)(rng)}.{_r(_HEX, 64)(rng)}"),
    ("algolia-api-key", "ALGOLIA_ADMIN_KEY: {}", _r(_HEX, 32)),
    ("alibaba-access-key-id", "oss: AccessKeyId {} is disabled", _r(_AN, 20, head="LTAI")),
    ("alibaba-secret-key", "alibaba_secret_key = \"{}\"", _r(_LOW, 30)),
    ("anthropic-api-key", "401 from the model API for {}", _r(_URL, 93, head="sk-ant-api03-", tail="AA")),
    ("artifactory-api-key", "curl -H 'X-JFrog-Art-Api: {}' https://repo.acme.example/api", _r(_AN, 69, head="AKCp")),
    ("artifactory-reference-token", "docker login failed, token {}", _r(_AN, 59, head="cmVmd")),
    ("asana-client-secret", "asana.client_secret: {}", _r(_LOW, 32)),
    ("atlassian-api-token", "basic auth with {} was refused", _r(_URL, 186, head="ATATT3")),
    ("aws-access-key-id", "caller identity of {} could not be resolved", _r(_B32, 16, head="AKIA")),
    ("aws-session-key-id", "AWS_ACCESS_KEY_ID={} expired", _r(_B32, 16, head="ASIA")),
    ("aws-secret-access-key", "aws_secret_access_key = {}", _r(_B64, 40)),
    ("azure-ad-client-secret", "login with secret {} failed: AADSTS7000215", lambda rng: f"{_r(_AN, 3)(rng)}8Q~{_r(_URL + '.', 34)(rng)}"),
    ("azure-storage-key", "DefaultEndpointsProtocol=https;AccountName=acme;AccountKey={};EndpointSuffix=core.windows.net", _r(_B64, 86, tail="==")),
    ("azure-sas", "PUT https://acme.blob.core.windows.net/logs/a.txt?sv=2022-11-02&se=2025-02-10&sr=b&sp=w&sig={}", lambda rng: _r(_AN, 42)(rng) + "%3D"),
    ("basic-auth-header", "> Authorization: Basic {}", _basic),
    ("basic-auth-in-url", "git clone https://deploy:{}@git.acme.example/api.git", _r(_AN, 18)),
    ("beamer-api-token", "beamer_token={}", _r(_LOW + "=_-", 44, head="b_")),
    ("bitbucket-app-password", "fatal: Authentication failed for x-token-auth, used {}", _r(_AN, 32, head="ATBB")),
    ("clickhouse-cloud-secret", "clickhouse: secret {} rejected", _r(_AN, 38, head="4b1d")),
    ("clojars-token", "deploy with {}", _r(_LOW, 60, head="CLOJARS_")),
    ("cloudflare-api-key", "CLOUDFLARE_API_TOKEN={}", _r(_URL, 40)),
    ("cloudflare-origin-ca", "origin: {} (revoked)", lambda rng: f"v1.0-{_r(_HEX, 24)(rng)}-{_r(_HEX, 146)(rng)}"),
    ("codecov-token", "codecov -t failed; CODECOV_TOKEN: {}", _uuid),
    ("confluent-secret", "sasl.jaas.config=...PlainLoginModule required username=\"AB12\" password=\"{}\";", _r(_B64, 64)),
    ("curl-user", "$ curl -u admin:{} https://api.acme.example/health", _r(_AN, 12)),
    ("curl-header-token", "$ curl --header \"X-Api-Key: {}\" https://api.acme.example/v1", _r(_AN, 24)),
    ("databricks-token", "databricks: token {} is invalid", _r(_HEX, 32, head="dapi")),
    ("database-url", "could not connect to postgres://app:{}@db-1.acme.example:5432/orders", _r(_AN, 16)),
    ("database-password", "DB_PASSWORD: '{}'", _words),
    ("datadog-api-key", "DD_API_KEY={} level=debug", _r(_HEX, 32)),
    ("digitalocean-pat", "doctl: {} unauthorized", _r(_HEX, 64, head="dop_v1_")),
    ("digitalocean-refresh", "doctl: refreshed with {}", _r(_HEX, 64, head="dor_v1_")),
    ("discord-webhook", "POST https://discord.com/api/webhooks/112233445566778899/{} 429", _r(_URL, 68)),
    ("discord-bot-token", "discord gateway closed 4004 ({})", lambda rng: f"M{_r(_AN, 23)(rng)}.{_r(_URL, 6)(rng)}.{_r(_URL, 27)(rng)}"),
    ("doppler-token", "doppler run --token {}", _r(_LOW, 43, head="dp.pt.")),
    ("dropbox-long-lived", "dropbox_token: {}", _dropbox),
    ("dropbox-short-lived", "expired access token {}", _r(_URL, 135, head="sl.")),
    ("duffel-token", "duffel: {} 403", _r(_URL, 43, head="duffel_live_")),
    ("dynatrace-token", "Authorization: Api-Token {}", lambda rng: f"dt0c01.{_r(_UP, 24)(rng)}.{_r(_UP, 64)(rng)}"),
    ("easypost-token", "easypost key {} over its limit", _r(_AN, 54, head="EZAK")),
    ("facebook-page-token", "graph call with {} returned 190", _r(_AN, 120, head="EAAC")),
    ("fastly-token", "Fastly-Key: {}", _r(_URL, 32)),
    ("flutterwave-secret", "rave: {}", _r("abcdefgh0123456789", 32, head="FLWSECK_TEST-", tail="-X")),
    ("flyio-token", "fly auth: {}", _r(_URL, 43, head="fo1_")),
    ("frameio-token", "frameio: {} denied", _r(_URL, 64, head="fio-u-")),
    ("gcp-api-key", "GET /maps/api/geocode/json?key={}", _r(_URL, 35, head="AIza")),
    ("gcp-oauth-token", "metadata server returned {}", _r(_URL, 120, head="ya29.")),
    ("github-pat", "remote: token {} has no scope repo", _r(_AN, 36, head="ghp_")),
    ("github-fine-grained", "Bad credentials: {}", lambda rng: f"github_pat_{_r(_AN, 22)(rng)}_{_r(_AN, 59)(rng)}"),
    ("github-app", "installation token {} expired", _r(_AN, 36, head="ghs_")),
    ("gitlab-pat", "glab: {} revoked", _r(_URL, 20, head="glpat-")),
    ("gitlab-runner", "runner registered with {}", _r(_URL, 20, head="glrt-")),
    ("gitlab-deploy", "docker login -u gitlab -p {}", _r(_URL, 20, head="gldt-")),
    ("grafana-service-account", "grafana: {} not found", lambda rng: f"glsa_{_r(_AN, 32)(rng)}_{_r(_HEX, 8)(rng)}"),
    ("grafana-cloud", "remote_write 401 {}", _r(_B64, 60, head="glc_")),
    ("heroku-api-key", "HEROKU_API_KEY={}", _uuid),
    ("heroku-v2", "heroku: {} suspended", _r(_URL, 58, head="HRKU-AA")),
    ("huggingface", "hub: {} gated", _r(string.ascii_letters, 34, head="hf_")),
    ("jwt", "session of 4711 ended, cookie was {}", _jwt),
    ("jwt-in-cookie", "Cookie: theme=dark; sessionid={}; lang=en", _r(_LOW, 32)),
    ("kubernetes-secret", "apiVersion: v1\nkind: Secret\ndata:\n  password: {}\n", lambda rng: base64.b64encode(_r(_AN, 15)(rng).encode()).decode()),
    ("linear-api-key", "linear: {} invalid", _r(_LOW, 40, head="lin_api_")),
    ("mailchimp-key", "mailchimp: key {} disabled", lambda rng: f"{_r(_HEX, 32)(rng)}-us{rng.randint(10, 20)}"),
    ("mailgun-key", "mailgun api {} forbidden", _r(_HEX, 32, head="key-")),
    ("mapbox-secret", "tiles 401 access_token={}", lambda rng: f"sk.{_r(_AN, 60)(rng)}.{_r(_AN, 22)(rng)}"),
    ("maxmind-license", "geoip update with {}", lambda rng: f"{_r(_AN, 6)(rng)}_{_r(_AN, 29)(rng)}_mmk"),
    ("mongodb-uri", "MongoNetworkError at mongodb+srv://app:{}@cluster0.acme.example/orders", _r(_AN, 20)),
    ("mysql-flag", "$ mysql -h db-1 -u root --password={} orders", _r(_AN, 14)),
    ("new-relic-user-key", "newrelic: {} rejected", _r(_UP, 27, head="NRAK-")),
    ("notion-token", "notion: {}", lambda rng: f"ntn_{_r(string.digits, 11)(rng)}{_r(_AN, 35)(rng)}"),
    ("npm-token", "//registry.npmjs.org/:_authToken={}", _r(_AN, 36, head="npm_")),
    ("nuget-password", "<add key=\"ClearTextPassword\" value=\"{}\" />", _r(_AN + "+!", 14)),
    ("octopus-key", "octo push --apiKey {}", _r(_UP, 26, head="API-")),
    ("okta-token", "Authorization: SSWS {}", _r(_URL, 40, head="00")),
    ("openai-key", "Incorrect API key provided: {}", _openai),
    ("openshift-token", "oc login --token={}", _r(_URL, 43, head="sha256~")),
    ("perplexity-key", "pplx client: {} 401", _r(_AN, 48, head="pplx-")),
    ("pgp-private-key", "backup of the key:\n{}", _pgp),
    ("planetscale-password", "mysql://user:pass rotated to {}", _r(_AN + "_.-", 43, head="pscale_pw_")),
    ("planetscale-token", "pscale: {} revoked", _r(_AN + "_.-", 43, head="pscale_tkn_")),
    ("postman-key", "newman: {} unknown", lambda rng: f"PMAK-{_r(_HEX, 24)(rng)}-{_r(_HEX, 34)(rng)}"),
    ("prefect-key", "prefect: {} no workspace", _r(_AN, 36, head="pnu_")),
    ("private-key", "mounted key:\n{}", _pem),
    ("pulumi-token", "pulumi: {} not a member", _r(_HEX, 40, head="pul-")),
    ("pypi-token", "twine upload failed: {}", _r(_URL, 120, head="pypi-AgEIcHlwaS5vcmc")),
    ("rabbitmq-url", "amqps://orders:{}@mq.acme.example/%2f closed", _r(_AN, 18)),
    ("readme-token", "readme: {}", _r(_LOW, 70, head="rdme_")),
    ("redis-url", "redis://:{}@cache.acme.example:6379/0 NOAUTH", _r(_AN, 18)),
    ("rubygems-token", "gem push: {}", _r(_HEX, 48, head="rubygems_")),
    ("sendgrid-key", "smtp relay rejected {}", lambda rng: f"SG.{_r(_URL, 22)(rng)}.{_r(_URL, 43)(rng)}"),
    ("sendinblue-key", "brevo: {} disabled", lambda rng: f"xkeysib-{_r(_HEX, 64)(rng)}-{_r(_AN, 16)(rng)}"),
    ("sentry-user-token", "sentry-cli: {} 401", _r(_HEX, 64, head="sntryu_")),
    ("shippo-token", "shippo: {} expired", _r(_HEX, 40, head="shippo_live_")),
    ("shopify-token", "X-Shopify-Access-Token: {}", _r(_HEX, 32, head="shpat_")),
    ("shopify-secret", "hmac with {} differs", _r(_HEX, 32, head="shpss_")),
    ("sidekiq-url", "bundle: https://{}@gems.contribsys.com/ 403", _sidekiq),
    ("slack-app", "socket mode: {} rejected", lambda rng: f"xapp-1-A{_r(_UP, 10)(rng)}-{_r(string.digits, 13)(rng)}-{_r(_HEX, 64)(rng)}"),
    ("slack-bot", "chat.postMessage with {}: invalid_auth", lambda rng: f"xoxb-{_r(string.digits, 12)(rng)}-{_r(string.digits, 12)(rng)}-{_r(_AN, 24)(rng)}"),
    ("slack-webhook", "POST https://hooks.slack.com/services/{} 404", lambda rng: f"T{_r(_UP, 8)(rng)}/B{_r(_UP, 10)(rng)}/{_r(_AN, 24)(rng)}"),
    ("snyk-token", "SNYK_TOKEN={}", _uuid),
    ("sonar-token", "sonar.login={}", _r(_HEX, 40)),
    ("sourcegraph-token", "src login with {}", lambda rng: f"sgp_{_r(_HEX, 16)(rng)}_{_r(_HEX, 40)(rng)}"),
    ("square-token", "square: {} lacks a scope", _r(_URL, 22, head="sq0atp-")),
    ("stripe-live", "charge failed for key {}", _r(_AN, 24, head="sk_live_")),
    ("stripe-restricted", "No such charge, key {}", _r(_AN, 40, head="rk_live_")),
    ("stripe-webhook", "signature mismatch with {}", _r(_AN, 32, head="whsec_")),
    ("teams-webhook", "POST https://acme.webhook.office.com/webhookb2/{} 400", _teams),
    ("telegram-bot", "POST https://api.telegram.org/bot{}/sendMessage 401", lambda rng: f"{rng.randint(10**8, 10**9)}:A{_r(_URL, 34)(rng)}"),
    ("twilio-key", "twilio: {} not found", _r(_HEX, 32, head="SK")),
    ("twilio-auth-token", "TWILIO_AUTH_TOKEN='{}'", _r(_HEX, 32)),
    ("typeform-token", "typeform: {} gone", _r(_LOW + "-_", 59, head="tfp_")),
    ("vault-service", "vault token lookup {}", _r(_URL, 95, head="hvs.")),
    ("vault-batch", "vault: batch {} cannot renew", _r(_URL, 140, head="hvb.")),
    ("yaml-token", "  webhook:\n    secret: {}\n", _r(_AN, 28)),
    ("json-password", "request body {{\"user\": \"bob\", \"password\": \"{}\"}}", _words),
    ("chat-password", "alice: the new admin password is {} until tonight", _r(_AN, 14)),
    ("zendesk-secret", "zendesk_secret_key={}", _r(_LOW, 40)),
)  # fmt: skip
"""Each kind: its name, a line that it stands in, and what makes a value."""


def kinds() -> tuple[str, ...]:
    """The names of the kinds."""
    return tuple(name for name, _, _ in _KINDS)


def secrets(seed: int, each: int = 20) -> Iterator[Case]:
    """*each* lines of every kind."""
    rng = random.Random(seed)
    for name, line, make in _KINDS:
        for _ in range(each):
            value = make(rng)
            yield Case(name, line.format(value), value)


def _k8s(rng: random.Random) -> str:
    return f"{rng.choice(['api', 'orders-worker', 'cache'])}-{_r('bcdfghjklmnpqrstvwxz2456789', 9)(rng)}-{_r('bcdfghjklmnpqrstvwxz2456789', 5)(rng)}"


_CROCKFORD: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_BENIGN: Final[tuple[tuple[str, str, Make], ...]] = (
    ("uuid", "request {} took 812 ms", _uuid),
    ("uuid-field", "request_id={} status=503", _uuid),
    ("git-sha", "deployed {} to prod", _r(_HEX, 40)),
    ("git-sha-short", "Merge {} into main", _r(_HEX, 7)),
    ("git-sha-field", "commit: {}", _r(_HEX, 40)),
    ("image-digest", "image: registry.acme.example/api@sha256:{}", _r(_HEX, 64)),
    ("image-id", "Successfully pulled image sha256:{} in 2.1s", _r(_HEX, 64)),
    ("base64-text", "payload {}", lambda rng: base64.b64encode(" ".join(rng.choices(["order", "was", "placed", "and", "paid", "twice"], k=9)).encode()).decode()),
    ("trace-id", "trace_id={} span_id=00f067aa0ba902b7", _r(_HEX, 32)),
    ("traceparent", "traceparent: 00-{}-00f067aa0ba902b7-01", _r(_HEX, 32)),
    ("xray", "X-Amzn-Trace-Id: Root=1-67a87f23-{}", _r(_HEX, 24)),
    ("k8s-pod", "pod/{} OOMKilled", _k8s),
    ("k8s-uid", "uid: {}", _uuid),
    ("md5", "md5sum of the dump: {}", _r(_HEX, 32)),
    ("sha256", "{}  backup.tar.gz", _r(_HEX, 64)),
    ("etag", "ETag: \"{}\"", _r(_HEX, 32)),
    ("go-sum", "golang.org/x/net v0.17.0 h1:{}=", _r(_B64, 43)),
    ("integrity", "integrity sha512-{}==", _r(_B64, 86)),
    ("ulid", "job {} finished", _r(_CROCKFORD, 26)),
    ("hostname", "no route to host {}", lambda rng: f"ip-10-{rng.randint(0, 255)}-{rng.randint(0, 255)}-7.eu-west-1.compute.internal"),
    ("fqdn", "resolving {}", lambda rng: f"orders-db-{rng.randint(1, 99)}.prod.acme.example"),
    ("version", "upgraded from v2.3.0 to {}", lambda rng: f"v{rng.randint(1, 9)}.{rng.randint(0, 99)}.{rng.randint(0, 9)}-rc.{rng.randint(1, 5)}+build.{rng.randint(100, 999)}"),
    ("ec2-instance", "instance {} terminated", _r(_HEX, 17, head="i-0")),
    ("arn", "arn:aws:iam::{}:role/deploy cannot be assumed", _r(string.digits, 12)),
    ("slack-channel", "posted to {}", _r(_UP, 10, head="C0")),
    ("jira-key", "see OPS-{}", _r("123456789", 4)),
    ("fingerprint", "host key SHA256:{} added", _r(_B64, 43)),
    ("public-key", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA{} alice", _r(_B64, 43)),
    ("certificate-serial", "serial {}", lambda rng: ":".join(_r(_HEX, 2)(rng) for _ in range(16))),
    ("env-name", "set {} in the deployment", lambda rng: rng.choice(["DB_PASSWORD", "API_TOKEN", "SECRET_KEY_BASE", "AWS_SECRET_ACCESS_KEY"])),
    ("placeholder", "password={}", lambda rng: rng.choice(["***", "<redacted>", "${DB_PASSWORD}", "$DB_PASSWORD", "{{ password }}", "changeme", "xxxxxxxx"])),
    ("prose-password", "the password {} by the operator", lambda rng: rng.choice(["was rotated", "had expired", "is stored in Vault", "was reset"])),
    ("prose-token", "token {} failed for 3 minutes", lambda rng: rng.choice(["refresh", "validation", "exchange", "renewal"])),
    ("prose-key", "key: {}", lambda rng: rng.choice(["orders_by_customer", "idx_orders_created_at", "customer-42", "cache:orders:page:2"])),
    ("primary-key", "duplicate key value violates unique constraint \"{}\"", lambda rng: f"orders_pkey_{rng.randint(1, 99)}"),
    ("cache-key", "cache_key={}", lambda rng: f"orders:{rng.randint(1, 10**6)}:v2"),
    ("idempotency", "Idempotency-Key: {}", _uuid),
    ("deployment-hash", "replicaset {} scaled", lambda rng: f"api-{_r('bcdfghjklmnpqrstvwxz2456789', 10)(rng)}"),
    ("query", "SELECT * FROM orders WHERE token_id = {} LIMIT 1", lambda rng: str(rng.randint(1, 10**9))),
    ("metric", "rate(http_requests_total{{job=\"api\",code=~\"5..\"}}[5m]) = {}", lambda rng: f"{rng.random() * 100:.6f}"),
    ("timestamp", "{}", lambda rng: f"2025-02-09T10:{rng.randint(10, 59)}:{rng.randint(10, 59)}.{rng.randint(0, 999999):06d}Z INFO ready"),
    ("url", "GET https://api.acme.example/v1/orders/{}?page=2&limit=100", lambda rng: str(rng.randint(1, 10**9))),
    ("mac", "link down on {}", lambda rng: ":".join(_r(_HEX, 2)(rng) for _ in range(6))),
    ("kafka", "offset {} of orders-events-3", lambda rng: str(rng.randint(1, 10**12))),
    ("nanoid", "session row {} in the table", _r(_URL, 21)),
)  # fmt: skip
"""Each harmless kind: its name, a line, and what makes the part of it that only looks like a secret."""


def benign_kinds() -> tuple[str, ...]:
    """The names of the harmless kinds."""
    return tuple(name for name, _, _ in _BENIGN)


def benign(seed: int, each: int = 20) -> Iterator[tuple[str, str]]:
    """*each* harmless lines of every kind, with its name."""
    rng = random.Random(seed)
    for name, line, make in _BENIGN:
        for _ in range(each):
            yield name, line.format(make(rng))
