"""CODEOWNERS as GitHub reads it: the last line that fits decides."""

from __future__ import annotations

import pytest

from secopskit.fleet.worker.owners import code_owners

_FILE = b"""\
# the whole
*            @acme/all
*.js         @js-owner # in a comment: @nobody
/build/logs/ @doctocat
docs/*       docs@example.com
apps/        @octocat
/scripts/    @doctocat @octocat
**/logs      @logs
/apps/github
!negated     @never
[ab].py      @never
with\\ blank/ @blank
"""


@pytest.mark.parametrize(
    ("path", "owners"),
    [
        ("a.txt", ("@acme/all",)),
        ("deep/down/a.txt", ("@acme/all",)),
        ("x/y.js", ("@js-owner",)),
        ("build/logs/a", ("@logs",)),
        ("docs/a.md", ("docs@example.com",)),
        ("docs/app/a.md", ("@acme/all",)),
        ("deep/apps/a", ("@octocat",)),
        ("apps/github/a", ()),
        ("scripts/a.sh", ("@doctocat", "@octocat")),
        ("deep/scripts/a.sh", ("@acme/all",)),
        ("a.py", ("@acme/all",)),
        ("negated", ("@acme/all",)),
        ("with blank/a", ("@blank",)),
    ],
)
def test_who_owns_a_path(path: str, owners: tuple[str, ...]) -> None:
    assert code_owners(_FILE)(path) == owners


def test_nobody_owns_what_no_line_names() -> None:
    assert code_owners(b"")("a") == ()
    assert code_owners(b"/a @x\n")("b") == ()
