"""How git gets the token: a program of ours answers it, for one host only, from git's own environment.

The token stands in no URL, no argument and no file.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from secopskit.secret import SecretValue
from secopskit.state.private import private_directory, replace_whole

_USER: Final = "x-access-token"  # https://docs.github.com/en/apps/creating-github-apps: HTTP-based git access
_ORIGIN, _PASSWORD = "SECOPS_FLEET_ORIGIN", "SECOPS_FLEET_PASSWORD"
_NAME: Final = "askpass"
# git asks in exactly these words, in the locale C (credential.c); a redirect to another host makes others.
_PROGRAM: Final = f"""#!/bin/sh
case "$1" in
"Username for '${_ORIGIN}': ") printf '%s\\n' '{_USER}' ;;
"Password for '${{{_ORIGIN}%%://*}}://{_USER}@${{{_ORIGIN}#*://}}': ") printf '%s\\n' "${_PASSWORD}" ;;
*) exit 1 ;;
esac
"""


def origin_of(url: str) -> str:
    """Scheme and host of a URL, as git names them when it asks."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def answers_for(url: str, token: SecretValue, directory: str) -> Mapping[str, str]:
    """The variables with which git is let in at the host of `url`, and nowhere else.

    The program is put into `directory`, which becomes this user's alone. Raises OSError, RefusedError.
    """
    private_directory(directory)
    program = os.path.join(directory, _NAME)
    text = _PROGRAM.encode()
    if not _is_there(program, text):
        replace_whole(program, text, mode=0o700, durable=False)
    password = os.fsdecode(token.reveal())
    return {"GIT_ASKPASS": program, _ORIGIN: origin_of(url), _PASSWORD: password}


def _is_there(program: str, text: bytes) -> bool:
    try:
        with open(program, "rb") as file:
            return file.read(len(text) + 1) == text and os.access(program, os.X_OK)
    except OSError:
        return False
