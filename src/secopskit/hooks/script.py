"""The hook file: a few lines of POSIX shell that call the secops which wrote them.

The interpreter is named by its absolute path, so a hook works in a graphical client and in
no virtual environment; `-P` or `-I` keeps the repository's own modules from being imported.
Both the module and the command that it falls back on are called `secopskit`: a `secops` may be
another project's.
"""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from typing import Final

MARK: Final = b"# secops-hook: written by `secops hook install`; `secops hook uninstall` removes it."
CHAINED_SUFFIX: Final = ".secops-chained"
HOOKS: Final = ("pre-commit", "pre-push", "pre-receive")
# How hooks of ours started secops before it was named secopskit.
_FORMER: Final = re.compile(rb"(?:-m|set --) secops ")
PURGED_ONLY: Final = "--purged-only"

_HEAD: Final = """\
#!/bin/sh
{mark}
# Another hook may stand beside this file, with the suffix {chained}: it runs first.
python={python}
chained="$0{chained}"
"""
_FIND: Final = """\
if [ -x "$python" ]; then
    set -- "$python" {flag} -m secopskit "$@"
elif command -v secopskit >/dev/null 2>&1; then
    set -- secopskit "$@"
else
    echo "secops: cannot check: $python is gone, and no secopskit is on PATH." >&2
    echo "secops: install it and run 'secops hook install' again, or remove the hook: $0" >&2
    exit 1
fi
"""
_COMMIT: Final = """\
if [ -x "$chained" ]; then
    "$chained" "$@" || exit
fi
set -- hook run
{find}exec "$@"
"""
# Both hooks, ours and the chained one, want what git says on standard input.
_PUSH: Final = """\
lines=$(cat)
pushed() {{
    [ -z "$lines" ] || printf '%s\\n' "$lines"
}}
if [ -x "$chained" ]; then
    pushed | "$chained" "$@" || exit
fi
set -- hook {command} -- "$@"
{find}pushed | "$@"
"""
_PUSH_COMMANDS: Final = {"pre-push": "run --push", "pre-receive": "pre-receive"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Interpreter:
    """The Python that hooks start. `flag` keeps it from importing what lies in the repository."""

    path: str
    flag: str

    @classmethod
    def of(cls, path: str) -> Interpreter:
        """The interpreter at `path`: isolated (`-I`) if secops is found that way, else `-P`."""
        alone = [path, "-I", "-c", "import secopskit"]
        try:
            isolated = subprocess.run(alone, capture_output=True, cwd="/", check=False).returncode == 0
        except OSError:
            isolated = False
        return cls(path=path, flag="-I" if isolated else "-P")


def render(hook: str, interpreter: Interpreter, *, purged_only: bool = False) -> bytes:
    """The content of the file for `hook`, one of `HOOKS`.

    With `purged_only`, a push is held against the lists of purged objects, and not scanned.
    """
    head = _HEAD.format(mark=MARK.decode(), chained=CHAINED_SUFFIX, python=_quoted(interpreter.path))
    command = _PUSH_COMMANDS.get(hook, "") + (f" {PURGED_ONLY}" if purged_only else "")
    body = _PUSH if command else _COMMIT
    text = head + body.format(find=_FIND.format(flag=interpreter.flag), command=command)
    return text.encode("utf-8", "surrogateescape")


def is_ours(content: bytes) -> bool:
    """Whether a hook file is one that `render` made, by this version or another."""
    return MARK in content.split(b"\n")[:3]


def is_outdated(content: bytes) -> bool:
    """Whether a hook of ours starts `secops` by its former name, which may be another project's package."""
    return _FORMER.search(content) is not None


def scans(content: bytes) -> bool:
    """Whether a push hook of ours scans what is pushed, and does not look for purged objects alone."""
    return PURGED_ONLY.encode() not in content


def _quoted(text: str) -> str:
    """`text` as one word of a POSIX shell."""
    return "'" + text.replace("'", "'\\''") + "'"
