"""What git gets from us beside its arguments: settings over the repository's own, and few variables.

A repository's configuration may name files that never answer, encodings that garble what git tells, and
sizes that fill the memory; what it says of these is not asked. Of the caller's environment git gets what
it needs to run: passwords, tokens and connection strings are none of its business.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final

_HOOK_VARIABLES: Final = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_QUARANTINE_PATH",
)
_SAFE_ENVIRONMENT: Final = {
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_PAGER": "cat",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}
_NEEDED: Final = frozenset(
    {
        *("HOME", "PATH", "SHELL", "USER", "LOGNAME", "LANG", "LANGUAGE", "TZ", "TERM"),
        *("TMPDIR", "TMP", "TEMP", "PWD"),
        # Who called sudo: git asks whether the repository is theirs (`safe.directory`).
        *("SUDO_UID", "SUDO_GID", "SUDO_USER"),
        # How programs find their libraries, where git is not of the system.
        *("LD_LIBRARY_PATH", "LD_PRELOAD", "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH"),
        *("DEVELOPER_DIR", "SDKROOT", "LOCALE_ARCHIVE", "NIX_LD", "NIX_LD_LIBRARY_PATH"),
        # Windows.
        *("USERNAME", "USERPROFILE", "HOMEDRIVE", "HOMEPATH", "APPDATA", "LOCALAPPDATA", "PROGRAMDATA"),
        *("SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PATHEXT", "PROGRAMFILES", "MSYSTEM"),
    }
)
_NEEDED_BEGINNINGS: Final = ("LC_", "XDG_")
_TO_REACH_OTHERS: Final = frozenset(
    {
        *("GIT_ASKPASS", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM", "GIT_CONFIG_SYSTEM"),
        *("GIT_SSH", "GIT_SSH_COMMAND", "GIT_SSH_VARIANT", "GIT_SSL_CAINFO", "GIT_SSL_CAPATH"),
        *("SSH_AUTH_SOCK", "SSH_AGENT_PID", "SSH_ASKPASS", "SSH_ASKPASS_REQUIRE", "SSH_SK_PROVIDER"),
        *("DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "DBUS_SESSION_BUS_ADDRESS"),
        *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"),
        *("SSL_CERT_FILE", "SSL_CERT_DIR", "CURL_CA_BUNDLE"),
        *("KRB5CCNAME", "KRB5_CONFIG", "GNUPGHOME", "GPG_TTY", "GPG_AGENT_INFO"),
        # What credential helpers go by, those of hosts and of password stores.
        *("GITHUB_TOKEN", "GITHUB_ENTERPRISE_TOKEN", "GITLAB_TOKEN", "CI_JOB_TOKEN", "CLOUDSDK_CONFIG"),
        *("GOOGLE_APPLICATION_CREDENTIALS", "CLOUDSDK_ACTIVE_CONFIG_NAME"),
    }
)
_TO_REACH_OTHERS_BEGINNINGS: Final = ("GCM_", "GH_", "GLAB_", "AWS_", "AZURE_", "PASSWORD_STORE_", "OP_")

SAFE_CONFIG: Final = (
    ("checkout.workers", "1"),
    ("color.diff", "false"),
    ("color.status", "false"),
    ("color.ui", "false"),
    ("column.ui", "never"),
    ("core.attributesFile", os.devnull),
    ("core.bigFileThreshold", "512m"),
    ("core.filesRefLockTimeout", "5000"),
    ("core.fsmonitor", "false"),
    ("core.hooksPath", "/dev/null"),
    ("core.quotePath", "false"),
    ("core.untrackedCache", "false"),
    ("diff.external", ""),
    ("diff.orderFile", os.devnull),
    ("diff.relative", "false"),
    ("diff.renames", "true"),
    ("gc.auto", "0"),
    ("i18n.commitEncoding", "UTF-8"),
    ("i18n.logOutputEncoding", "UTF-8"),
    ("log.abbrevCommit", "false"),
    ("log.decorate", "false"),
    ("log.diffMerges", "separate"),
    ("log.follow", "false"),
    ("log.mailmap", "false"),
    ("log.showRoot", "true"),
    ("log.showSignature", "false"),
    ("mailmap.blob", ""),
    ("mailmap.file", os.devnull),
    ("pack.depth", "50"),
    ("pack.packSizeLimit", "0"),
    ("pack.window", "10"),
    ("protocol.allow", "never"),
    ("status.showUntrackedFiles", "normal"),
    ("submodule.recurse", "false"),
)
"""Settings that every git command of ours gets on its command line, over the repository's own."""


def environment(variables: Mapping[str, str], *, hook: bool) -> dict[str, str]:
    """The environment for git, made from the caller's `variables`.

    With `hook`, the variables by which git talks to its hooks are kept: the index of a
    partial commit and the quarantine of a push are found only through them.
    """
    kept = {name: value for name, value in variables.items() if _is(name, _NEEDED, _NEEDED_BEGINNINGS)}
    if hook:
        kept |= {name: variables[name] for name in _HOOK_VARIABLES if name in variables}
    return kept | _SAFE_ENVIRONMENT


def for_network(variables: Mapping[str, str]) -> dict[str, str]:
    """Those of the user's `variables` that a connection needs: proxies, ssh, helpers for credentials."""
    names, beginnings = _TO_REACH_OTHERS, _TO_REACH_OTHERS_BEGINNINGS
    return {name: value for name, value in variables.items() if _is(name, names, beginnings)}


def command_line(*arguments: str) -> list[str]:
    """The words of a git command, for a process that somebody else starts (in `Repository.environ`)."""
    return ["git", "--no-pager", *_SETTINGS, *arguments]


def _is(name: str, names: frozenset[str], beginnings: tuple[str, ...]) -> bool:
    upper = name.upper()  # proxies are spelt both ways, and Windows knows no difference
    return upper in names or upper.startswith(beginnings)


_SETTINGS: Final = tuple(word for name, value in SAFE_CONFIG for word in ("-c", f"{name}={value}"))
