"""How to get into a conversation with GitHub: where its API is, and which token is meant for it.

A token goes to the host that it was made for, and to no other. `GH_TOKEN` and `GITHUB_TOKEN` are those of
`GITHUB_API_URL`, else of github.com and `*.ghe.com`; `GH_ENTERPRISE_TOKEN` and `GITHUB_ENTERPRISE_TOKEN`
are for hosts of one's own, of which `GH_HOST` may name the one; `gh` keeps one for each host
(https://cli.github.com/manual/gh_help_environment).
An address that stands in a file of the repository is believed only where it is the host of the remote or
of `GITHUB_API_URL`, or where the user says the same.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from secopskit.errors import ConfigError, RefusedError
from secopskit.github.authorization import AppAuthorization, TokenAuthorization
from secopskit.github.conversation import Authorization, PyGithubClient
from secopskit.github.errors import GitHubError
from secopskit.secret import SecretValue
from secopskit.web.pace import Pace
from secopskit.web.pause import pause
from secopskit.web.retry import Listener, Persistence, RetryPolicy
from secopskit.web.wire import Wire, check_base_url, is_loopback

PUBLIC_API: Final = "https://api.github.com"
_PUBLIC_TOKENS: Final = ("GH_TOKEN", "GITHUB_TOKEN")  # as `gh` takes them
_ENTERPRISE_TOKENS: Final = ("GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN")
_URL_VARIABLE: Final = "GITHUB_API_URL"
_HOST: Final = "GH_HOST"
_CONFIRMED: Final = "SECOPS_SYNC_API_URL"
_APP_ID, _APP_KEY, _APP_KEY_FILE = (
    "SECOPS_GITHUB_APP_ID",
    "SECOPS_GITHUB_APP_KEY",
    "SECOPS_GITHUB_APP_KEY_FILE",
)
_NOT_GITHUB: Final = ("gitlab.com", "bitbucket.org", "codeberg.org", "dev.azure.com", "gitea.com")
_GH_DEADLINE: Final = 20.0  # seconds
_LARGEST_KEY: Final = 65536


@dataclass(frozen=True, slots=True, kw_only=True)
class GitHubSurroundings:
    """What finding the way to GitHub may use.

    `variable` looks up an environment variable. `directories` are those of `PATH`, `environ` is what a
    program that we start may see: `gh` is asked with them. `tell` hears of waits.
    """

    variable: Callable[[str], SecretValue | None]
    tell: Listener
    directories: Sequence[str] = ()
    environ: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiAddress:
    """Where an API is. `host` is the host's name as people know it."""

    base_url: str
    host: str


def connect(
    surroundings: GitHubSurroundings,
    *,
    remote: str = "",
    declared: str = "",
    chosen: str = "",
    policy: RetryPolicy | None = None,
    pace: Pace | None = None,
    sleep: Callable[[float], None] = pause,
) -> PyGithubClient:
    """A client of the GitHub in question. Talks to nobody yet (but `gh`, for a token).

    `remote` is the host of the repository's remote, empty for none. `declared` is an address from a
    configuration file, `chosen` one that the user gave in this very call. Raises ConfigError where an
    address is wrong, RefusedError where a token would go astray, GitHubError where there is no token.
    """
    address = find_address(surroundings, remote=remote, declared=declared, chosen=chosen)
    wire = Wire(address.base_url)
    explicit = bool(chosen) or _text(surroundings, _CONFIRMED) != ""
    return PyGithubClient(
        host=address.host,
        wire=wire,
        authorization=_authorization(surroundings, address, explicit=explicit),
        persistence=Persistence(
            policy=policy or RetryPolicy(),
            pace=pace or Pace(sleep=sleep),
            listener=surroundings.tell,
            sleep=sleep,
        ),
    )


def find_address(
    surroundings: GitHubSurroundings, *, remote: str = "", declared: str = "", chosen: str = ""
) -> ApiAddress:
    """Where the API is: chosen, declared, `GITHUB_API_URL`, or derived from the host of the remote.

    Without a remote it is that of `GH_HOST`, else of github.com. Raises ConfigError, RefusedError.
    """
    from_variable = _text(surroundings, _URL_VARIABLE)
    confirmed = _text(surroundings, _CONFIRMED)
    if url := chosen or confirmed:
        return _address(url)
    known = [_address(from_variable)] if from_variable else []
    host = remote or _text(surroundings, _HOST)
    derived = api_of(host) if host else PUBLIC_API
    if declared:
        address = _address(declared)
        known += [_address(derived)]
        if address.base_url not in {one.base_url for one in known}:
            raise RefusedError(
                f"a file of the repository sends tokens to {address.host}, which is not where it comes from",
                advice=f"If that is your GitHub, say so: {_CONFIRMED}={address.base_url}",
            )
        return address
    return known[0] if known else _address(derived)


def api_of(host: str) -> str:
    """The address of the API of the GitHub on a host. Raises ConfigError for hosts that are none.

    https://docs.github.com/en/rest/using-the-rest-api/getting-started-with-the-rest-api
    """
    name = host.lower().rstrip(".")
    if name in ("github.com", "www.github.com", "ssh.github.com"):
        return PUBLIC_API
    if name in _NOT_GITHUB:
        raise ConfigError(f"the remote is on {name}, which is not GitHub", advice="Name one with --repo.")
    if name.endswith(".ghe.com"):
        return f"https://api.{name.removeprefix('api.')}"
    return f"https://{name}/api/v3"


def _address(url: str) -> ApiAddress:
    base_url = check_base_url(url)
    host = urlsplit(base_url).netloc
    if host == "api.github.com" or host.endswith(".ghe.com"):
        host = host.removeprefix("api.")
    return ApiAddress(base_url=base_url, host=host)


def _authorization(surroundings: GitHubSurroundings, address: ApiAddress, *, explicit: bool) -> Authorization:
    if app_id := _text(surroundings, _APP_ID):
        return AppAuthorization(app_id, _app_key(surroundings))
    name, token = _token(surroundings, address, explicit=explicit)
    if token is None:
        mine = "GITHUB_TOKEN" if _is_public(address.host) else _ENTERPRISE_TOKENS[0]
        raise GitHubError(
            f"there is no token for {address.host}",
            advice=f"Set {mine}, or run `gh auth login --hostname {address.host}`.",
            status=401,
        )
    return TokenAuthorization(token, name)


def _token(
    surroundings: GitHubSurroundings, address: ApiAddress, *, explicit: bool
) -> tuple[str, SecretValue | None]:
    """The token, and what it comes from."""
    for name in _meant_for(surroundings, address, explicit=explicit):
        if token := _stripped(surroundings.variable(name)):
            return name, token
    return "`gh auth token`", _from_gh(surroundings, address.host)


def _meant_for(surroundings: GitHubSurroundings, address: ApiAddress, *, explicit: bool) -> tuple[str, ...]:
    """The variables whose tokens may go to that address."""
    home = _text(surroundings, _URL_VARIABLE)
    if explicit or (home and _address(home).base_url == address.base_url):
        return (
            (*_PUBLIC_TOKENS, *_ENTERPRISE_TOKENS)
            if _is_public(address.host)
            else (*_ENTERPRISE_TOKENS, *_PUBLIC_TOKENS)
        )
    if _is_public(address.host):
        return () if home else _PUBLIC_TOKENS
    own = _text(surroundings, _HOST).lower()
    return _ENTERPRISE_TOKENS if own in ("", address.host) else ()


def _is_public(host: str) -> bool:
    return host == "github.com" or host.endswith(".ghe.com")


def _from_gh(surroundings: GitHubSurroundings, host: str) -> SecretValue | None:
    """The token that `gh` keeps for the host; None without `gh`, or where it has none."""
    name = "gh.exe" if os.name == "nt" else "gh"
    # One directory after the other, for a search of all begins where we stand on some systems.
    places = (shutil.which(os.path.join(place, name)) for place in surroundings.directories)
    program = next(filter(None, places), None)
    if program is None or is_loopback(urlsplit(f"//{host}").hostname or ""):
        return None
    # With these it would tell one of them, whatever host it was made for.
    hidden = (*_PUBLIC_TOKENS, *_ENTERPRISE_TOKENS)
    environ = {name: text for name, text in surroundings.environ.items() if name not in hidden}
    try:
        done = subprocess.run(
            [program, "auth", "token", "--hostname", host],
            env={**environ, "GH_PROMPT_DISABLED": "1", "GH_NO_UPDATE_NOTIFIER": "1"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_GH_DEADLINE,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return _stripped(SecretValue(done.stdout)) if done.returncode == 0 else None


def _app_key(surroundings: GitHubSurroundings) -> SecretValue:
    if key := surroundings.variable(_APP_KEY):
        return key
    name = _text(surroundings, _APP_KEY_FILE)
    if not name:
        raise ConfigError(
            f"{_APP_ID} is set, but not the key of the App", advice=f"Name its file in {_APP_KEY_FILE}."
        )
    try:
        with open(name, "rb") as file:
            return SecretValue(file.read(_LARGEST_KEY))
    except OSError as error:
        raise ConfigError(
            f"{_APP_KEY_FILE}: the file cannot be read: {error.strerror}", advice="Correct the variable."
        ) from None


def _text(surroundings: GitHubSurroundings, name: str) -> str:
    """A variable that is no secret."""
    value = surroundings.variable(name)
    return value.reveal().decode("utf-8", "replace").strip() if value else ""


def _stripped(value: SecretValue | None) -> SecretValue | None:
    text = value.reveal().strip() if value else b""
    return SecretValue(text) if text else None
