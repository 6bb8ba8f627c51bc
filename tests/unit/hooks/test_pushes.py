"""git's push protocols, as text."""

from __future__ import annotations

from typing import cast

import pytest

from secopskit.errors import UsageError
from secopskit.git.repository import Repository
from secopskit.hooks.pushes import (
    RefUpdate,
    new_names,
    parse_pre_push,
    parse_pre_receive,
    unknown_to_us,
    unseen_branch,
)

ONE, TWO, NONE = "1" * 40, "2" * 40, "0" * 40


def test_pre_push_lines() -> None:
    lines = (
        f"refs/heads/main {ONE} refs/heads/main {TWO}\n"
        f"refs/heads/new {ONE} refs/heads/new {NONE}\n"
        f"(delete) {NONE} refs/heads/gone {TWO}\n"
    )
    assert parse_pre_push(lines.encode()) == (
        RefUpdate(new=ONE, old=TWO, name="refs/heads/main"),
        RefUpdate(new=ONE, name="refs/heads/new"),
    )


def test_pre_receive_lines() -> None:
    lines = f"{TWO} {ONE} refs/heads/main\n{NONE} {ONE} refs/heads/a ref\n{TWO} {NONE} refs/heads/gone\n"
    assert parse_pre_receive(lines.encode()) == (
        RefUpdate(new=ONE, old=TWO, name="refs/heads/main"),
        RefUpdate(new=ONE, name="refs/heads/a ref"),
    )


def test_ids_of_sha_256() -> None:
    assert parse_pre_receive(f"{'0' * 64} {'a' * 64} refs/heads/main\n".encode()) == (
        RefUpdate(new="a" * 64, name="refs/heads/main"),
    )


def test_nothing_is_pushed() -> None:
    assert parse_pre_push(b"") == parse_pre_receive(b"\n") == ()


@pytest.mark.parametrize(
    "line",
    [b"--all", b"x y z", f"--exec=x {ONE} refs/heads/main".encode(), b"\xff \xff \xff \xff", b"\0" * 200],
)
def test_what_is_no_id_never_reaches_git(line: bytes) -> None:
    for parse in (parse_pre_push, parse_pre_receive):
        with pytest.raises(UsageError):
            parse(line)


def test_the_servers_own_refs_bound_what_is_checked() -> None:
    assert unknown_to_us([RefUpdate(new=ONE, old=TWO)]) == (ONE, "--not", "--all")


def test_the_names_that_a_push_creates() -> None:
    lines = f"refs/heads/x {ONE} refs/heads/new {NONE}\nHEAD {ONE} refs/heads/main {TWO}\n"
    assert new_names(parse_pre_push(lines.encode())) == ("refs/heads/new",)


def test_a_branch_that_is_told_without_the_other_side_is_new_unless_it_was_seen_there() -> None:
    class Seen:
        def succeeds(self, *words: str) -> bool:
            return words[-1] == "refs/remotes/origin/main"

    seen = cast("Repository", Seen())
    assert unseen_branch(seen, "origin", "refs/heads/main") == ()
    assert unseen_branch(seen, "origin", "refs/heads/new") == ("refs/heads/new",)
    assert unseen_branch(seen, "", "main") == ("main",)
    assert unseen_branch(seen, "origin", "") == ()
