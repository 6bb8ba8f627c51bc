"""What a script writes down for programs that start later: a container's environment, a job's, a dotenv file.

    printf "%s" "$dir" > /run/s6/container_environment/DATA_DIR
    echo "VERSION=$version" >> "$GITHUB_ENV"
    cat > .env <<EOF

The directory is that of the s6 overlay, https://github.com/just-containers/s6-overlay#container-environment;
the file that of GitHub Actions,
https://docs.github.com/actions/reference/workflow-commands-for-github-actions#setting-an-environment-variable.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Final

from secopskit.collect.code.shell.here import here_documents
from secopskit.lazy_regex import LazyRegex

_MOST: Final = 2000
_CONTAINER: Final = LazyRegex(
    rb">[ \t]{0,8}[\"']?[\w./${}-]{0,80}/(?:container_environment|s6-env)/([A-Z_][A-Z0-9_]{0,120})\b"
)
_ENV_FILE: Final = (
    rb">>?[ \t]{0,8}[\"']?(?:\$\{?(?:GITHUB_ENV|BASH_ENV|\w{0,40}ENV_FILE)\b|[\w./${}-]{0,120}\.env\b)"
)
_WRITTEN: Final = LazyRegex(
    rb"\b(?:echo|printf)[ \t]{1,8}(?:-\w{1,3}[ \t]{1,8})?[\"']?(?:export[ \t]{1,4})?"
    rb"([A-Z_][A-Z0-9_]{1,120})=[^\n]{0,400}?" + _ENV_FILE
)
_TO_FILE: Final = LazyRegex(_ENV_FILE)
_LINE: Final = LazyRegex(rb"(?m)^[ \t]{0,40}(?:export[ \t]{1,4})?([A-Z_][A-Z0-9_]{1,120})=")


def handed_on(data: bytes, code: bytes) -> Iterator[tuple[bytes, int]]:
    """The names that get a value so, with where each stands. `code` is `data` without comments."""
    for pattern in (_CONTAINER, _WRITTEN):
        for found in islice(pattern.finditer(data), _MOST):
            if code[found.start()] == data[found.start()]:
                yield found[1], found.start(1)
    for document in here_documents(data):
        if _TO_FILE.search(document.command):
            for found in islice(_LINE.finditer(data, document.start, document.end), _MOST):
                yield found[1], found.start(1)
