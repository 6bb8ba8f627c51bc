"""Names that nobody documents though a platform does not give them: what runtimes and libraries read."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Final

from secopskit.collect.ambient_names import begins_with, is_ambient
from secopskit.collect.facts import VariableSetting
from secopskit.detect.name.keys import KeyKind, sensitive_key, words
from secopskit.lazy_regex import LazyRegex


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Read by runtimes, servers and agents that stand beside the code.
_RUNTIME: Final = _set(
    "CLASSPATH DATABASE_URL PROCESSES WORKERS THREADS SECRET_KEY_BASE MAX_WORKERS WORKERS_PER_CORE "
    "MODULE_NAME APP_MODULE LOG_LEVEL TIMEOUT GRACEFUL_TIMEOUT KEEP_ALIVE PUID PGID UMASK HTTP_PROXY "
    "HTTPS_PROXY NO_PROXY ALL_PROXY FTP_PROXY REQUESTS_CA_BUNDLE CURL_CA_BUNDLE ENVIRONMENT ENV APP_ENV "
    "APP_DEBUG APP_KEY APP_URL C_FORCE_ROOT DEBIAN_FRONTEND FAST_REFRESH"
)
_RUNTIME_PREFIXES: Final = _set(
    "MALLOC SSL_CERT VIRTUAL LETSENCRYPT NODE JAVA JDK JVM JRE MAVEN GRADLE CATALINA TOMCAT JBOSS KC "
    "QUARKUS SPRING MANAGEMENT LOGGING SERVER PYTHON PIP UV POETRY PIPENV UVICORN GUNICORN HYPERCORN FLASK "
    "WERKZEUG DJANGO CELERY STREAMLIT RAILS RACK BUNDLE BUNDLER GEM RUBY PUMA SIDEKIQ PHP APACHE NGINX "
    "COMPOSER SYMFONY LARAVEL OCTANE FPM ASPNETCORE DOTNET NEXT NEXTAUTH AUTH NUXT NITRO ASTRO REMIX GATSBY "
    "BROWSERSLIST CHOKIDAR WATCHPACK WDS STORYBOOK TURBO NX PRISMA TYPEORM OTEL SENTRY DD DATADOG NEW_RELIC "
    "ELASTIC APM HONEYCOMB GRAFANA PROMETHEUS AWS AZURE GOOGLE GCLOUD GCP CLOUDSDK HF HUGGINGFACE "
    "TRANSFORMERS OPENAI ANTHROPIC LANGCHAIN LANGSMITH TIKTOKEN CUDA NVIDIA NCCL OMP MKL TF TORCH GO CGO "
    "GIN ERL ELIXIR MIX RELEASE DENO BUN S6 TINI SUPERVISOR SERVICE COOLIFY TRAEFIK DOKKU LD GLIBC APT SSL "
    "KRB5 ORACLE TNS ODBC LIBPQ CHROME PUPPETEER PLAYWRIGHT ELECTRON CYPRESS"
)
# Written in one word: PYTHONUNBUFFERED, PGHOST.
_ONE_WORD: Final = LazyRegex(r"(?:PYTHON|PG|GO|NODE|JAVA|RUBY|RUST|NPM)[A-Z]{2,30}")
_PUBLIC_PREFIX: Final = LazyRegex(
    r"(?:NEXT_PUBLIC|VITE|REACT_APP|NUXT_PUBLIC|GATSBY|EXPO_PUBLIC|PUBLIC|VUE_APP|NG_APP|STORYBOOK)_"
)
# Keys that are made to be seen by everybody.
_PUBLISHABLE: Final = _set(
    "anon public pub publishable publish site sitekey client browser posthog mapbox maps map google "
    "firebase sentry algolia search recaptcha captcha turnstile hcaptcha intercom segment analytics ga "
    "gtm measurement amplitude mixpanel vapid onesignal pusher ably stream clerk tinymce giphy unsplash "
    "csrf xsrf"
)

_MOST: Final = 2000
"""Names that one is compared with."""
# Letters from which on a word stands within another one by intent: redis in ioredis.
_LEAST: Final = 4
# A name that begins so says whether something is done, or how.
_SWITCHES: Final = _set("enable enabled disable disabled is has use allow require skip no with show")


def is_read_by_runtimes(name: str) -> bool:
    """Whether a runtime, a framework or an agent reads the variable though no code here names it."""
    if is_ambient(name) or name in _RUNTIME or _ONE_WORD.fullmatch(name) is not None:
        return True
    return not is_public_name(name) and begins_with(name, _RUNTIME_PREFIXES)


def is_read_by_dependency(name: str, dependencies: Iterable[str]) -> bool:
    """Whether the name begins as one of the libraries is called: STRIPE_API_VERSION, and stripe."""
    first = name.lower().partition("_")[0]
    if len(first) < _LEAST:
        return any(first in words(dependency) for dependency in dependencies)
    return any(first in dependency.lower() for dependency in dependencies)


def is_secret_name(name: str) -> bool:
    """Whether a variable of that name holds something to be kept: not a URL in which something may stand."""
    parts = words(name)
    if not parts or parts[0] in _SWITCHES or parts[-2:] == ["id", "token"]:
        return False
    kind = sensitive_key(name)
    if (
        kind is KeyKind.CREDENTIALS
    ):  # `…_CREDENTIALS` names a file as often, `…_AUTH` of a server is a password
        return parts[-1] == "auth" and "debug" not in parts
    return kind not in (None, KeyKind.URL)


def is_filler(setting: VariableSetting) -> bool:
    """Whether the value only shows that one belongs there: a placeholder, or one that names its variable."""
    value = setting.value
    if value is None or value.is_placeholder or value.mentions(setting.name):
        return True
    # It says to change it, and what: the last word of the name.
    return value.begins_with("change") and not value.is_drawn and value.mentions(words(setting.name)[-1])


def is_public_name(name: str) -> bool:
    """Whether a build tool puts the variable into what browsers are sent, because of its prefix."""
    return _PUBLIC_PREFIX.match(name) is not None


def is_publishable(name: str) -> bool:
    """Whether the name is that of a key made to be seen: `…_ANON_KEY`, `…_SITE_KEY`, `…_CLIENT_TOKEN`."""
    return not _PUBLISHABLE.isdisjoint(words(name))


def near_name(name: str, others: Iterable[str], dependencies: Iterable[str] = ()) -> str:
    """The one of `others` that is most likely meant by `name`; empty if none is.

    A library among `dependencies` may read `name` itself where the other one only has a prefix more.

    One has a word more (`REDIS_TLS_CA`, `REDIS_TLS_CA_PATH`), the same words in another order or joined
    otherwise, or one letter differs.
    """
    head, tail = name[:3], name[-3:]
    alike = (
        other
        for other in islice(others, _MOST)
        if len(other) == len(name) or other.startswith(head) or other.endswith(tail)
    )
    found = sorted(other for other in alike if other != name and _is_near(name, other))
    near = min(found, key=lambda other: (_distance(name, other), other), default="")
    return "" if near.endswith("_" + name) and is_read_by_dependency(name, dependencies) else near


def _is_near(one: str, other: str) -> bool:
    left, right = one.split("_"), other.split("_")
    if len(left) < 2 or len(right) < 2 or min(len(one), len(other)) < 6:
        return False
    if one.replace("_", "") == other.replace("_", "") or sorted(left) == sorted(right):
        return True
    shorter, longer = sorted((left, right), key=len)
    if len(longer) == len(shorter) + 1:
        # Of two words, only one behind them says more about the same; of three, any one does.
        gaps = range(len(longer)) if len(shorter) > 2 else (len(longer) - 1,)
        return any(longer[:gap] + longer[gap + 1 :] == shorter for gap in gaps)
    if len(left) != len(right) or _numbered(one, other):
        return False
    return _is_longer(left, right) or (len(one) > 8 and _distance(one, other) == 1)


def _is_longer(left: list[str], right: list[str]) -> bool:
    """Whether one word is written out in one of them: HOST and HOSTNAME, PASS and PASSWORD."""
    pairs = [sorted(pair, key=len) for pair in zip(left, right, strict=True) if pair[0] != pair[1]]
    return len(pairs) == 1 and len(pairs[0][0]) > 2 and pairs[0][1].startswith(pairs[0][0])


def _numbered(one: str, other: str) -> bool:
    return any(a != b and (a.isdigit() or b.isdigit()) for a, b in zip(one, other, strict=False))


def _distance(one: str, other: str) -> int:
    """Letters that differ between the common beginning and the common end."""
    shorter, longer = sorted((one, other), key=len)
    start = next((n for n, (a, b) in enumerate(zip(shorter, longer, strict=False)) if a != b), len(shorter))
    rest = longer[start:]
    end = next(
        (n for n, (a, b) in enumerate(zip(shorter[start:][::-1], rest[::-1], strict=False)) if a != b),
        len(shorter) - start,
    )
    return len(rest) - end
