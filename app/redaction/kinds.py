"""The kinds of secrets, as data: a pattern for RE2, a word that must be there, and a check of what was found.

The first group of a pattern that took part is the secret; what stands around it stays readable. RE2 has no look-around
and no back-references, so a hostile line costs no more than its length. Prefixes are those that the vendors document
(the same ones that GitHub's secret scanning and gitleaks know); the structural ones are ours.
"""

from typing import Final, NamedTuple


class Kind(NamedTuple):
    """One kind: its *name* (the word in the tag), where it is looked for, and how."""

    name: str
    needs: tuple[str, ...]
    """One of these, in lower case, must be in the text; an empty tuple means that the pattern always runs."""
    pattern: str
    check: str = ""
    """Name of a function in :mod:`app.redaction.checks` that the secret has to pass."""


_ASSIGN: Final = r"""["'`*\]\\]{0,4}\s{0,3}(?:=>|:=|==?|:)\*{0,2}\s{0,3}"""
_VALUE: Final = r"""(?:\\?"([^"\\\n]+)\\?"|'([^'\n]+)'|`([^`\n]+)`|([^\s"'`&;<>]+))"""


def _named(words: str) -> str:
    """``words = value`` in code, JSON, YAML, a log line, a query string, an environment."""
    return rf"(?i)[\w.-]{{0,40}}(?:{words}){_ASSIGN}{_VALUE}"


def _token(prefix: str, rest: str) -> str:
    return rf"(?:^|[^A-Za-z0-9_])({prefix}{rest})"


_PASSWORD: Final = (
    r"password|passwd|pass[_-]?phrase|passcode|\bpwd|[a-z0-9][_-]pass|[_-]pwd|kennwort|passwort"
)
_SECRET: Final = (
    r"secret(?:[_-]?(?:key|access[_-]?key|token|id|value))?|(?:encryption|signing|private|master|account|storage|"
    r"shared[_-]?access|webhook|license)[_-]?(?:key|secret)|credentials?"
)
_API_KEY: Final = r"(?:api|app|access|application|auth|subscription|integration|routing|consumer)[_-]?key"
_TOKEN: Final = r"token|[_-]jwt|\bsas|\bsignature"

KINDS: Final[tuple[Kind, ...]] = (
    # Blocks and whole structures first: a smaller secret inside is part of them.
    Kind(
        "private-key",
        ("private key", "putty-user-key"),
        r"(-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----(?:(?:\s|\\[nr])*"
        r"(?:[A-Za-z0-9+/]{16,}={0,2}|(?:Proc-Type|DEK-Info|Version|Comment): ?[^\n\\]*|=[A-Za-z0-9+/]{4}))*"
        r"(?:(?:\s|\\[nr])*[A-Za-z0-9+/=]*(?:\s|\\[nr])*-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----)?"
        r"|(?s:PuTTY-User-Key-File-.*?Private-MAC: ?\w+))",
    ),
    Kind("age-key", ("age-secret-key-",), r"(AGE-SECRET-KEY-1[0-9A-Za-z]{50,})"),
    Kind("jwt", ("eyj",), r"(?:^|[^A-Za-z0-9_-])(eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?)"),
    Kind("otp-seed", ("otpauth://",), r"(?i)otpauth://[^\s]*?[?&]secret=([A-Z2-7=%]{8,})"),
    # Clouds
    Kind("aws-key-id", ("akia", "asia", "abia", "acca"), r"(?:^|[^A-Za-z0-9])((?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16})\b"),
    Kind(
        "aws-secret",
        ("aws", "secret"),
        r"(?i)(?:aws|amazon)[\w .-]{0,30}(?:secret|key)[\w]{0,20}" + _ASSIGN + r"""["'`]?([A-Za-z0-9/+]{40})(?:[^A-Za-z0-9/+=]|$)""",
    ),
    Kind("signed-url", ("signature=", "sig="), r"(?i)[?&](?:X-Amz-Signature|X-Goog-Signature|Signature|sig)=([A-Za-z0-9%/+=_-]{16,})"),
    Kind("aws-session-token", ("x-amz-security-token", "fwogz", "iqoj"), r"(?:(?i:X-Amz-Security-Token)(?:=|:\s?)([A-Za-z0-9%/+=_-]{16,})|\b((?:FwoGZXIvYXdz|IQoJb3JpZ2lu)[A-Za-z0-9/+=_-]{20,}))"),
    Kind("google-api-key", ("aiza",), _token("AIza", "[0-9A-Za-z_-]{35}")),
    Kind("google-oauth", ("ya29.", "gocspx-", "1//"), r"(?:^|[^A-Za-z0-9_])(ya29\.[0-9A-Za-z_-]{20,}|GOCSPX-[0-9A-Za-z_-]{20,}|1//0[0-9A-Za-z_-]{40,})"),
    Kind("azure-secret", ("q~",), r"(?:^|[^A-Za-z0-9_~.-])([A-Za-z0-9_~.]{3}\dQ~[A-Za-z0-9_~.-]{31,34})"),
    Kind("azure-account-key", ("accountkey", "sharedaccesskey"), r"(?i)(?:AccountKey|SharedAccessKey)=([A-Za-z0-9/+]{20,}={0,2})"),
    Kind("digitalocean-token", ("_v1_",), _token("do[opr]_v1_", "[a-f0-9]{64}")),
    Kind("heroku-key", ("hrku-",), _token("HRKU-", "[A-Za-z0-9_-]{30,}")),
    Kind("fly-token", ("fm1", "fm2_", "fo1_"), _token("(?:fm1[ar]_|fm2_|fo1_)", "[A-Za-z0-9/+=_-]{20,}")),
    Kind("cloudflare-key", ("v1.0-",), _token(r"v1\.0-", "[a-f0-9]{24}-[a-f0-9]{100,}")),
    Kind("alibaba-key", ("ltai",), _token("LTAI", "[A-Za-z0-9]{12,30}")),
    # Code, packages, builds
    Kind("github-token", ("gh", "github_pat_"), r"(?:^|[^A-Za-z0-9_])(gh[pousr]_[A-Za-z0-9]{30,255}|github_pat_[A-Za-z0-9_]{22,255})"),
    Kind("gitlab-token", ("gl",), _token("(?:glpat|glptt|glrt|glcbt|gldt|glft|glsoat|glagent|glimt|gloas|glffct)-", "[A-Za-z0-9_.-]{20,}")),
    Kind("bitbucket-token", ("atbb", "atct"), _token("AT(?:BB|CTT3x)", "[A-Za-z0-9_=-]{24,}")),
    Kind("npm-token", ("npm_",), _token("npm_", "[A-Za-z0-9]{36}")),
    Kind("pypi-token", ("pypi-",), _token("pypi-", "AgE[A-Za-z0-9_-]{50,}")),
    Kind("rubygems-key", ("rubygems_",), _token("rubygems_", "[a-f0-9]{48}")),
    Kind("crates-token", ("cio",), _token("cio", "[A-Za-z0-9]{32}") + r"\b"),
    Kind("nuget-key", ("oy2",), _token("oy2", "[a-z0-9]{43}") + r"\b"),
    Kind("docker-token", ("dckr_",), _token("dckr_(?:pat|oat)_", "[A-Za-z0-9_-]{20,}")),
    Kind("artifactory-token", ("akcp", "cmvmd"), _token("(?:AKCp|cmVmd)", "[A-Za-z0-9]{40,}")),
    Kind("terraform-token", ("atlasv1",), r"\b([A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_-]{40,})"),
    Kind("vault-token", ("hvs.", "hvb.", "hvr."), _token(r"hv[sbr]\.", "[A-Za-z0-9_-]{20,}")),
    Kind("pulumi-token", ("pul-",), _token("pul-", "[a-f0-9]{40}")),
    Kind("doppler-token", ("dp.",), _token(r"dp\.(?:pt|st|ct|sa|scim|audit)\.", "[A-Za-z0-9._-]{30,}")),
    Kind("circleci-token", ("ccipat_", "ccipra_"), _token("CCIP(?:AT|RA)_", "[A-Za-z0-9_]{30,}")),
    Kind("buildkite-token", ("bkua_",), _token("bkua_", "[a-f0-9]{40}")),
    # Monitoring and paging
    Kind("grafana-token", ("glsa_", "glc_", "eyjrijoi"), _token("(?:glsa_|glc_|eyJrIjoi)", "[A-Za-z0-9_=+/-]{30,}")),
    Kind("newrelic-key", ("nrak-", "nrjs-", "nrii-", "nraa-", "nral"), r"(?:^|[^A-Za-z0-9_])(NR(?:AK|JS|II|AA|IQ|RA)-[A-Za-z0-9_-]{19,}|[a-f0-9]{36}NRAL)"),
    Kind("sentry-token", ("sntry",), _token("sntry[su]_", "[A-Za-z0-9_=+/-]{30,}")),
    Kind("sentry-dsn", ("sentry", "ingest"), r"https?://([a-f0-9]{32})(?::[a-f0-9]{32})?@[\w.-]+/\d+"),
    Kind("pagerduty-key", ("token token=",), r"(?i)Token token=[\"']?([A-Za-z0-9+_-]{16,})"),
    Kind("honeycomb-key", ("hcaik_", "hcalk_", "hcxik_"), _token("hc[abcx][il]k_", "[A-Za-z0-9]{30,}")),
    # Chat and mail
    Kind("slack-token", ("xox", "xapp-", "xwfp-"), _token("(?:xox[abeoprsc]|xapp|xwfp)(?:\\.xox[bp])?-", "[A-Za-z0-9-]{10,}")),
    Kind("slack-webhook", ("hooks.slack.com",), r"hooks\.slack\.com/(?:services|workflows|triggers)/([A-Za-z0-9/+_-]{16,})"),
    Kind("teams-webhook", ("webhook.office", "logic.azure"), r"(?i)(?:webhook\.office(?:365)?\.com|logic\.azure\.com)(?::\d+)?/([^\s\"'<>)]{16,})"),
    Kind("discord-webhook", ("discord",), r"discord(?:app)?\.com/api/webhooks/(\d{10,}/[A-Za-z0-9_-]{30,})"),
    Kind("discord-token", (".",), r"(?:^|[^A-Za-z0-9_.-])([MNO][A-Za-z0-9_-]{23,25}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,38})"),
    Kind("sendgrid-key", ("sg.",), _token(r"SG\.", r"[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{16,64}")),
    Kind("mailgun-key", ("key-",), _token("key-", "[0-9a-f]{32}") + r"\b"),
    Kind("mailchimp-key", ("-us",), r"\b([0-9a-f]{32}-us\d{1,2})\b"),
    Kind("brevo-key", ("xkeysib-", "xsmtpsib-"), _token("x(?:keysib|smtpsib)-", "[a-f0-9]{60,}(?:-[A-Za-z0-9]{10,})?")),
    Kind("postmark-token", ("postmark",), r"(?i)X-Postmark-(?:Server|Account)-Token:\s*([\w-]{20,})"),
    # Money and shops
    Kind("stripe-key", ("_live_", "_test_", "whsec_"), r"(?:^|[^A-Za-z0-9_])((?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{10,}|whsec_[A-Za-z0-9+/=]{20,})"),
    Kind("twilio-key", ("sk", "ac"), r"(?:^|[^A-Za-z0-9_])((?:SK|AC)[0-9a-f]{32})\b"),
    Kind("square-token", ("sq0", "eaaa"), r"(?:^|[^A-Za-z0-9_])(sq0(?:atp|csp|idp)-[A-Za-z0-9_-]{22,}|EAAA[A-Za-z0-9_-]{56,})"),
    Kind("shopify-token", ("shp",), _token("shp(?:at|ca|pa|ss|ua)_", "[a-fA-F0-9]{32}")),
    Kind("braintree-token", ("access_token$",), r"(access_token\$(?:production|sandbox)\$[0-9a-z]{16}\$[0-9a-f]{32})"),
    Kind("facebook-token", ("eaa",), _token("EAA(?:CEdEose0cBA|[A-Z])", "[A-Za-z0-9]{60,}")),
    # Tools
    Kind("atlassian-token", ("atatt3",), _token("ATATT3", "[A-Za-z0-9_=-]{30,}")),
    Kind("linear-key", ("lin_",), _token("lin_(?:api|oauth)_", "[A-Za-z0-9]{32,}")),
    Kind("notion-token", ("ntn_", "secret_"), _token("(?:ntn_|secret_)", "[A-Za-z0-9]{40,}")),
    Kind("airtable-token", ("pat",), r"(?:^|[^A-Za-z0-9_])(pat[A-Za-z0-9]{14}\.[a-f0-9]{64})"),
    Kind("asana-token", ("/",), r"(?:^|[^A-Za-z0-9/])([12]/\d{13,17}(?:/\d{13,17})?:[a-f0-9]{32})"),
    Kind("figma-token", ("figd_",), _token("figd_", "[A-Za-z0-9_-]{30,}")),
    Kind("postman-key", ("pmak-",), _token("PMAK-", "[a-f0-9]{24}-[a-f0-9]{34}")),
    Kind("tailscale-key", ("tskey-",), _token("tskey-", "[a-z]+-[A-Za-z0-9]+-[A-Za-z0-9]{10,}")),
    Kind("onepassword-token", ("ops_eyj", "a3-"), _token("(?:ops_eyJ|A3-)", "[A-Z0-9a-z_-]{30,}")),
    Kind("anthropic-key", ("sk-ant-",), _token("sk-ant-", "[A-Za-z0-9_-]{20,}")),
    Kind("openai-key", ("sk-",), _token("sk-", "(?:proj-|svcacct-|admin-|or-v1-)?[A-Za-z0-9_-]{20,}")),
    Kind("huggingface-token", ("hf_",), _token("hf_", "[A-Za-z0-9]{30,}")),
    Kind("databricks-token", ("dapi",), _token("dapi", "[a-f0-9]{32}(?:-\\d)?")),
    Kind("planetscale-token", ("pscale_",), _token("pscale_(?:pw|tkn|oauth)_", "[A-Za-z0-9_.=-]{30,}")),
    Kind("supabase-key", ("sbp_", "sb_secret_"), _token("(?:sbp_|sb_secret_)", "[A-Za-z0-9_]{20,}")),
    Kind("ngrok-token", ("ngrok",), r"(?i)ngrok[\w .:=\"'-]{0,30}\b([A-Za-z0-9]{27}_[A-Za-z0-9]{20,22})\b"),
    Kind("adobe-secret", ("p8e-",), _token("p8e-", "[A-Za-z0-9_-]{32}")),
    Kind("clickhouse-secret", ("4b1d",), _token("4b1d", "[A-Za-z0-9]{38}") + r"\b"),
    Kind("clojars-token", ("clojars_",), r"(?i)(CLOJARS_[a-z0-9]{60})"),
    Kind("dropbox-token", ("sl.", "aaaaaaaaaa"), r"(?:^|[^A-Za-z0-9_.])(sl\.(?:u\.)?[A-Za-z0-9_=-]{60,}|[a-z0-9]{11}AAAAAAAAAA[a-z0-9_=-]{43})"),
    Kind("duffel-token", ("duffel_",), _token("duffel_(?:test|live)_", "[A-Za-z0-9_=-]{40,}")),
    Kind("dynatrace-token", ("dt0",), _token(r"dt0[a-z]\d\d\.", r"[A-Za-z0-9]{8,24}\.[A-Za-z0-9]{40,64}")),
    Kind("easypost-key", ("ezak", "eztk"), _token("EZ[AT]K", "[A-Za-z0-9]{54}")),
    Kind("flutterwave-key", ("flwseck",), r"(FLWSECK(?:_TEST)?-[A-Za-z0-9]{12,40}(?:-X)?)"),
    Kind("frameio-token", ("fio-u-",), _token("fio-u-", "[A-Za-z0-9_=-]{60,}")),
    Kind("maxmind-key", ("_mmk",), r"(?:^|[^A-Za-z0-9_])([A-Za-z0-9]{6}_[A-Za-z0-9]{29}_mmk)\b"),
    Kind("octopus-key", ("api-",), _token("API-", "[A-Z0-9]{25,32}") + r"\b"),
    Kind("perplexity-key", ("pplx-",), _token("pplx-", "[A-Za-z0-9]{40,}")),
    Kind("prefect-key", ("pnu_", "pnb_"), _token("pn[ub]_", "[A-Za-z0-9]{36}")),
    Kind("readme-key", ("rdme_",), _token("rdme_", "[a-z0-9]{60,}")),
    Kind("shippo-token", ("shippo_",), _token("shippo_(?:live|test)_", "[a-fA-F0-9]{40}")),
    Kind("sourcegraph-token", ("sgp_",), _token("sgp_", "(?:(?:[a-fA-F0-9]{16}|local)_)?[a-fA-F0-9]{40}")),
    Kind("telegram-token", (":a",), r"(?:^|[^0-9A-Za-z]|bot)(\d{8,10}:A[A-Za-z0-9_-]{33,35})(?:[^A-Za-z0-9_-]|$)"),
    Kind("typeform-token", ("tfp_",), _token("tfp_", "[A-Za-z0-9_.=-]{40,}")),
    # Where secrets stand, whoever made them
    Kind("sidekiq-url", ("contribsys",), r"://([a-f0-9]{8}:[a-f0-9]{8})@(?:gems|enterprise)\.contribsys\.com"),
    Kind("url-password", ("://",), r"(?i)[a-z][a-z0-9+.-]{1,20}://[^\s/:@\"'<>]*:([^\s/\"'<>]+)@[\w\[.-]", "is_value"),
    Kind("url-token", ("://",), r"(?i)https?://([A-Za-z0-9_-]{20,})@[\w.-]", "is_value"),
    Kind("authorization", ("authorization", "proxy-auth"), r"(?i)authorization[\"'`*\\]{0,3}\s{0,3}[:=]\s{0,3}[\"'`\\]{0,3}((?:(?:bearer|basic|digest|negotiate|ntlm|token|api-?token|ssws|apikey|genie-?key|splunk|bot|aws4-hmac-sha256)\s{1,3})?[^\s\"'`\\]{4,})", "is_header"),
    Kind("bearer", ("bearer",), r"(?i)\bbearer\s{1,3}([A-Za-z0-9._~+/=-]{12,})", "is_spoken"),
    Kind("basic-auth", ("basic ",), r"(?i)\bbasic\s{1,3}([A-Za-z0-9+/]{10,}={0,2})(?:[^A-Za-z0-9+/=.,]|$)", "is_basic"),
    Kind("key-header", ("x-", "-token", "-key", "dd-a"), r"(?i)\b(?:X-[A-Za-z-]{0,30}(?:Token|Key|Secret|Signature|Auth)|Private-Token|DD-API-KEY|DD-APPLICATION-KEY|Api-Key|Fastly-Key)[\"'`]?\s{0,2}[:=]\s{0,2}[\"'`]?([^\s\"'`]{6,})", "is_value"),
    Kind("cookie", ("cookie",), r"(?i)\b(?:set-)?cookie[\"'`*]{0,3}\s{0,2}[:=]\s{0,2}[\"'`]?([A-Za-z0-9_.-]{1,80}=[^\r\n\"'`]{2,})"),
    Kind("session-id", ("sess", "sid", "csrf", "xsrf"), r"(?i)\b((?:j|php|asp(?:\.net)?_?)?sess(?:ion)?[_-]?id|connect\.sid|_?session|[\w-]{0,20}(?:csrf|xsrf)[\w-]{0,20})[\"'`]?\s{0,2}=\s{0,2}[\"'`]?([A-Za-z0-9%._+/=-]{12,})", "is_spoken"),
    Kind("config-password", ("value=",), r"(?i)\b(?:key|name)=\"[\w.:-]*(?:password|secret|token|api[_-]?key)\"\s+value=\"([^\"]{4,})\"", "is_value"),
    Kind("environment-key", ("_key",), r"(?:^|[^A-Za-z0-9_])[A-Z][A-Z0-9_]*_KEY[\"']?\s?[:=]\s?[\"']?([A-Za-z0-9+/_-]{20,}={0,2})", "is_drawn"),
    Kind("sonar-token", ("sonar.",), r"(?i)sonar\.(?:login|token)\s?[:=]\s?([A-Za-z0-9_]{30,})"),
    Kind("connection-string", ("password=", "pwd="), r"(?i);\s*(?:password|pwd)\s*=\s*([^;\"'\s]+)", "is_value"),
    Kind("cli-password", ("--pass", "--token", "--secret", "--api", "-u ", "-p"), r"(?i)(?:--?(?:password|passwd|pass|token|secret|api-?key|auth-token|access-token)(?:\s+|=)[\"']?([^\s\"'-][^\s\"']{3,})|\bcurl\b[^\n]*?\s(?:-u|--user)\s+[\"']?[^\s:\"']+:([^\s\"']+)|\b(?:mysql|mysqldump|mysqladmin|mariadb)\b[^\n]*?\s-p([^\s\"'-][^\s\"']{2,})|\bsshpass\s+-p\s*[\"']?([^\s\"']{3,}))", "is_value"),
    Kind("netrc", ("machine",), r"\bmachine\s+\S+\s+login\s+\S+\s+password\s+(\S+)"),
    Kind("pgpass", (":",), r"(?m)^[\w.*-]+:(?:5432|5433|6432|\*):[\w*-]+:[\w*-]+:(\S{3,})$"),
    Kind("docker-auth", ('"auth"',), r"\"auth\"\s*:\s*\"([A-Za-z0-9+/]{8,}={0,2})\""),
    Kind("kubernetes-secret", ("kind: secret", '"kind":"secret"', '"kind": "secret"'), r"(?is)kind\"?:\s*\"?Secret\b.*?\bdata\"?:\s*\{?((?:\s*\"?[\w.-]+\"?:\s*\"?[A-Za-z0-9+/]{4,}={0,2}\"?,?)+)"),
    Kind("password-hash", ("$",), r"(\$(?:2[abxy]?\$\d\d\$[./A-Za-z0-9]{53}|apr1\$[^\s$]{1,8}\$[./A-Za-z0-9]{22}|[156]\$(?:rounds=\d+\$)?[^\s$]{1,16}\$[./A-Za-z0-9]{22,86}|argon2id?\$v=\d+\$[^\s\"']{20,}|y\$[^\s\"']{30,}))"),
    Kind("password", ("pass", "pwd", "kennwort"), _named(_PASSWORD), "is_password"),
    Kind("secret", ("secret", "key", "credential"), _named(_SECRET), "is_assigned"),
    Kind("api-key", ("key",), _named(_API_KEY), "is_assigned"),
    Kind("token", ("token", "jwt", "sas", "signature"), _named(_TOKEN), "is_assigned"),
    Kind("password", ("pass", "pin"), r"(?i)(?:\b(?:password|passwd|passphrase|passcode)s?(?: for [\w@.-]{1,60})?\s+(?:is|was|are|were|set to|changed to|of)\s+(?:now |still )?[\"'`*“]{0,3}([^\s\"'`*”]{4,})|\b(?:password|passphrase)\s+[\"'`“]([^\s\"'`”]{4,})[\"'`”])", "is_spoken"),
    # People
    Kind("e-mail", ("@", "%40"), r"(?i)(?:^|[^A-Za-z0-9._%+-])([A-Za-z0-9_][A-Za-z0-9._+-]{0,63}(?:@|%40)(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,24})\b", "is_email"),
    Kind("card", (), r"(?:^|[^0-9A-Za-z_.-])((?:3[47]|[45]\d|6[05]|2[2-7])(?:\d{13,14}|\d{2}[ -]\d{4}[ -]\d{4}[ -]\d{4}|\d{2}[ -]\d{6}[ -]\d{5}))(?:[^0-9A-Za-z_-]|$)", "is_card"),
    Kind("iban", (), r"\b([A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?)\b", "is_iban"),
)  # fmt: skip
"""In order of trust: where two kinds find the same place, the first gives the name."""
