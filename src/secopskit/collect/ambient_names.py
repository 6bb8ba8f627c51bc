"""Names of variables that nobody has to set: shells, systems, CI services, hosts and build tools do.

Who asks differs, and so does what counts. A name like `HOST` or SSH_KEY means the shell's or the agent's
own in a script, and may well be a project's in its template. Hence groups, and a question for each who asks.
Sources: the manuals of bash, of the CI services and of the hosts on the variables that they set.
"""

from __future__ import annotations

from typing import Final

from secopskit.lazy_regex import LazyRegex
from secopskit.named_tuple import NamedTuple


class _AmbientNames(NamedTuple):
    """Names that count as they are, and first words (or two) of names that go on after an underscore."""

    names: frozenset[str]
    prefixes: frozenset[str]

    def __or__(self, other: _AmbientNames) -> _AmbientNames:
        return _AmbientNames(self.names | other.names, self.prefixes | other.prefixes)

    def holds(self, name: str) -> bool:
        """Whether the name is one of the group's."""
        return name in self.names or begins_with(name, self.prefixes)


def _group(names: str, prefixes: str = "") -> _AmbientNames:
    return _AmbientNames(frozenset(names.split()), frozenset(prefixes.split()))


def begins_with(name: str, prefixes: frozenset[str]) -> bool:
    """Whether the first word of a name, or the first two, are among `prefixes`, and more follows."""
    first, _, rest = name.partition("_")
    return bool(rest) and (first in prefixes or f"{first}_{rest.partition('_')[0]}" in prefixes)


# Set by a shell, a login, an operating system or a CI service; nobody calls a setting of theirs so.
_SYSTEM: Final = _group(
    "ALL_PROXY APPDATA BASH BASHOPTS BASHPID BASH_SOURCE BASH_VERSION BUILDARCH BUILDKITE BUILDOS "
    "BUILDPLATFORM BUILDVARIANT CC CDPATH CFLAGS CI CIRCLECI COLORTERM COLUMNS COMSPEC "
    "CONTINUOUS_INTEGRATION COPROC CURL_CA_BUNDLE CXX CXXFLAGS DIRSTACK DISPLAY DYLD_LIBRARY_PATH EDITOR "
    "EPOCHREALTIME EPOCHSECONDS EUID FTP_PROXY FUNCNAME GID GOPATH GOROOT HISTCONTROL HISTFILE HISTSIZE "
    "HOME HOSTNAME HOSTTYPE HTTPS_PROXY HTTP_PROXY HUSKY IFS INIT_CWD INVOCATION_ID "
    "KUBERNETES_SERVICE_HOST KUBERNETES_SERVICE_PORT LANG LANGUAGE LDFLAGS LINENO LINES LOCALAPPDATA "
    "LOGNAME MACHTYPE MAILCHECK MANPATH MAPFILE MSYSTEM NETLIFY NIX_PATH NOTIFY_SOCKET NO_COLOR NO_PROXY "
    "NVM_DIR OLDPWD OPTARG OPTERR OPTIND OSTYPE PAGER PATH PIPESTATUS PKG_CONFIG_PATH PPID PROGRAMDATA "
    "PROGRAMFILES PROMPT_COMMAND PS1 PS2 PS3 PS4 PWD PYTHONPATH RANDOM READLINE_LINE RENDER "
    "REQUESTS_CA_BUNDLE RUSTUP_HOME SECONDS SHELL SHELLOPTS SHLVL SOURCE_DATE_EPOCH SRANDOM SSH_AUTH_SOCK "
    "SSL_CERT_DIR SSL_CERT_FILE STY SYSTEMROOT TARGETARCH TARGETOS TARGETPLATFORM TARGETVARIANT TEMP TERM "
    "TERM_PROGRAM TMP TMPDIR TMUX TRAVIS TZ UID USER USERPROFILE VERCEL VIRTUAL_ENV VISUAL WINDIR",
    "ACTIONS BASH BITBUCKET BUILDKITE CARGO CI CIRCLE CODEBUILD CONDA DBUS_SESSION DEBIAN DPKG DRONE FZF "
    "GIT GITHUB GITLAB HEROKU HOMEBREW HUSKY JENKINS LC NETLIFY RENDER RUNNER SUDO TF_BUILD TRAVIS VERCEL "
    "WSL XDG ZSH npm",
)
# Set by systemd for a unit, https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html; and by
# Bundler for what it starts.
_UNIT: Final = _group(
    "BUNDLE_GEMFILE CACHE_DIRECTORY CONFIGURATION_DIRECTORY CREDENTIALS_DIRECTORY JOURNAL_STREAM "
    "LISTEN_FDNAMES LISTEN_FDS LISTEN_PID LOGS_DIRECTORY MAINPID MANAGERPID MEMORY_PRESSURE_WATCH "
    "MEMORY_PRESSURE_WRITE RUNTIME_DIRECTORY STATE_DIRECTORY WATCHDOG_PID WATCHDOG_USEC"
)
# The same, where a project may mean something of its own.
_SHARED: Final = _group("HOST OS REPLY USERNAME", "GPG SSH")
# Special to shells and packaging alone: in a program it is the project's.
_SCRIPT: Final = _group("DESTDIR ENV GROUPS MAIL PGDATA TF_BUILD", "COMP DH SYSTEM")
# Where a language's tools lie and how they behave: set by who installs them.
_TOOLCHAIN: Final = _group(
    "GEM_HOME GOARCH GOBIN GOCOVERDIR GOOS JAVA_HOME LD_LIBRARY_PATH LD_PRELOAD NODE_OPTIONS NODE_PATH "
    "PNPM_HOME PYTHONHASHSEED PYTHONHOME PYTHONUNBUFFERED"
)
# Set by a build tool, a test runner, a framework's own command or the host that runs the program.
_PLATFORM: Final = _group(
    "ANALYZE BASE_URL BUILD_NUMBER DEV DJANGO_SETTINGS_MODULE DYNO FORCE_COLOR JEST_WORKER_ID MODE "
    "NEXT_PHASE NEXT_RUNTIME NODE_ENV PROD PUBLIC_URL SSR STORYBOOK VITEST",
    "AWS_EXECUTION AWS_LAMBDA BUILDKIT BUILDX CF_PAGES CODESPACE CODESPACES COMPOSE COREPACK DBUS DOCKER "
    "FLY GAE GITPOD JEST KUBERNETES PNPM PYTEST RAILWAY TEAMCITY TOX VITEST YARN",
)
# What hosts give as well, under words that many a project takes for its own settings.
_USUAL: Final = _group(
    "CD DEBUG ENVIRONMENT PORT SOURCE_COMMIT SOURCE_VERSION VERBOSE WEB_CONCURRENCY",
    "ECS FUNCTIONS K NPM POD RUST WEBSITE WT",
)

_IN_SCRIPTS: Final = _SYSTEM | _UNIT | _SHARED | _SCRIPT | _TOOLCHAIN
_NOT_DOCUMENTED: Final = _SYSTEM | _UNIT | _SHARED | _PLATFORM | _USUAL
_NOT_FILLED_IN: Final = _SYSTEM | _TOOLCHAIN | _PLATFORM
# As Docker's links name what stands in the other container.
_LINK: Final = LazyRegex(r"[A-Z0-9_]{1,40}_PORT_\d{1,5}_TCP(?:_\w{1,10})?|[A-Z0-9]{1,20}_ENV_[A-Z_]{1,40}")
_FOR_BROWSERS: Final = "NEXT_PUBLIC_VERCEL_"


def is_set_for_scripts(name: str) -> bool:
    """Whether a script that looks the name up finds it set by its shell, its system or its CI service."""
    return len(name) == 1 or _IN_SCRIPTS.holds(name)


def is_ambient(name: str) -> bool:
    """Whether a platform, a shell or a test runner gives the variable, so that nobody documents it."""
    if name.startswith("_") or name.endswith("_") or not name.isupper():
        return True
    return _NOT_DOCUMENTED.holds(name) or _LINK.fullmatch(name) is not None or name.startswith(_FOR_BROWSERS)


def is_set_elsewhere(name: str) -> bool:
    """Whether somebody else than who sets the project up gives the variable, whatever the project is."""
    return _NOT_FILLED_IN.holds(name)
