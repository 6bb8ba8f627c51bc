"""The hook file: a few lines of POSIX shell that call the secops which wrote them.

The interpreter is named by its absolute path, so a hook works in a graphical client and in
no virtual environment; `-P` or `-I` keeps the repository's own modules from being imported.
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from typing import Final

MARK: Final = b"# secops-hook: written by `secops hook install`; `secops hook uninstall` removes it."
CHAINED: Final = ".secops-chained"
HOOKS: Final = ("pre-commit", "pre-push")

_HEAD: Final = """\
#!/bin/sh
{mark}
# Another hook may stand beside this file, with the suffix {chained}: it runs first.
python={python}
chained="$0{chained}"
"""
_FIND: Final = """\
if [ -x "$python" ]; then
    set -- "$python" {flag} -m secops "$@"
elif command -v secops >/dev/null 2>&1; then
    set -- secops "$@"
else
    echo "secops: cannot check: $python is gone, and no secops is on PATH." >&2
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
# Both hooks want what git says on standard input.
_PUSH: Final = """\
lines=$(cat)
pushed() {{
    [ -z "$lines" ] || printf '%s\\n' "$lines"
}}
if [ -x "$chained" ]; then
    pushed | "$chained" "$@" || exit
fi
set -- hook run --push -- "$@"
{find}pushed | "$@"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interpreter:
    """The Python that hooks start. `flag` keeps it from importing what lies in the repository."""

    path: str
    flag: str

    @classmethod
    def of(cls, path: str) -> Interpreter:
        """The interpreter at `path`: isolated (`-I`) if secops is found that way, else `-P`."""
        alone = [path, "-I", "-c", "import secops"]
        try:
            isolated = subprocess.run(alone, capture_output=True, cwd="/", check=False).returncode == 0
        except OSError:
            isolated = False
        return cls(path=path, flag="-I" if isolated else "-P")


def render(hook: str, interpreter: Interpreter) -> bytes:
    """The content of the file for `hook`, one of `HOOKS`."""
    head = _HEAD.format(mark=MARK.decode(), chained=CHAINED, python=_quoted(interpreter.path))
    body = _PUSH if hook == "pre-push" else _COMMIT
    text = head + body.format(find=_FIND.format(flag=interpreter.flag))
    return text.encode("utf-8", "surrogateescape")


def is_ours(content: bytes) -> bool:
    """Whether a hook file is one that `render` made, by this version or another."""
    return MARK in content.split(b"\n")[:3]


def _quoted(text: str) -> str:
    """`text` as one word of a POSIX shell."""
    return "'" + text.replace("'", "'\\''") + "'"
