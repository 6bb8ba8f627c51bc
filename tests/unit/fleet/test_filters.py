"""Which of the repositories that were listed are meant."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from secopskit.errors import SecopsError
from secopskit.fleet.model import MEBIBYTE, FleetRepository, RepositoryKind
from secopskit.fleet.select.filters import Filters
from secopskit.fleet.select.selection import FleetSelection

_ONE = FleetRepository(
    "github.com/acme/App",
    RepositoryKind.HOSTED,
    "https://github.com/acme/App.git",
    size=2 * MEBIBYTE,
    visibility="private",
)


@pytest.mark.parametrize(
    ("filters", "reason"),
    [
        (Filters(), ""),
        (Filters(archived=False), "archived"),
        (Filters(forks=False), "a fork"),
        (Filters(visibility=("public",)), "of another visibility"),
        (Filters(visibility=("public", "private")), ""),
        (Filters(largest=MEBIBYTE), "too large"),
        (Filters(largest=2 * MEBIBYTE), ""),
        (Filters(pushed_since="2026-06-01"), "not pushed to since"),
        (Filters(pushed_since="2026-01-01"), ""),
        (Filters(include=("acme/*",)), ""),
        (Filters(include=("app",)), ""),
        (Filters(include=("github.com/*",)), ""),
        (Filters(include=("other/*",)), "not named"),
        (Filters(exclude=("*pp",)), "not named"),
        (Filters(include=("acme/*",), exclude=("acme/a*",)), "not named"),
    ],
)
def test_why_one_is_left_out(filters: Filters, reason: str) -> None:
    repository = _ONE._replace(archived=True, fork=True)
    assert filters.reason(repository, "2026-03-01T00:00:00Z") == reason


def test_what_nobody_tells_leaves_nothing_out() -> None:
    unknown = FleetRepository("/srv/app", RepositoryKind.DIRECTORY, "/srv/app")
    assert not Filters(visibility=("public",), largest=1, pushed_since="2026-01-01").reason(unknown, "")


def _listing(*names: str) -> Iterator[tuple[FleetRepository, str]]:
    for name in names:
        if name == "!":
            raise SecopsError("the network is gone")
        yield _ONE._replace(name=name), ""


class TestSelection:
    def test_each_once_however_often_it_is_listed(self) -> None:
        selection = FleetSelection(
            words=("x",),
            listings=(lambda: _listing("h/a/b", "h/A/B", "h/c/d"), lambda: _listing("h/c/d", "h/e/f")),
        )
        assert [one.name for one in selection.repositories()] == ["h/a/b", "h/c/d", "h/e/f"]

    def test_what_was_left_out_is_counted(self) -> None:
        selection = FleetSelection(
            words=("x",), listings=(lambda: _listing("h/a/b", "h/c/d"),), filters=Filters(include=("a/*",))
        )
        assert [one.name for one in selection.repositories()] == ["h/a/b"]
        assert selection.notes() == ["1 repository left out: not named."]

    def test_other_filters_are_another_selection(self) -> None:
        one, other = (
            FleetSelection(words=("x",), listings=(), filters=Filters(forks=forks)) for forks in (True, False)
        )
        assert one.label != other.label

    def test_an_error_of_a_listing_does_not_end_the_others(self) -> None:
        selection = FleetSelection(
            words=("x",), listings=(lambda: _listing("h/a/b", "!", "h/x/y"), lambda: _listing("h/c/d"))
        )
        assert [one.name for one in selection.repositories()] == ["h/a/b", "h/c/d"]
        assert [str(one) for one in selection.errors] == ["the network is gone"]

    def test_directories_that_differ_in_case_are_two(self) -> None:
        def listing() -> Iterator[tuple[FleetRepository, str]]:
            for name in ("/srv/app", "/srv/App"):
                yield FleetRepository(name, RepositoryKind.DIRECTORY, name), ""

        found = FleetSelection(words=("x",), listings=(listing, listing)).repositories()
        assert [one.name for one in found] == ["/srv/app", "/srv/App"]

    def test_what_was_kept_for_want_of_knowledge_is_counted(self) -> None:
        selection = FleetSelection(
            words=("x",),
            listings=(lambda: iter([(_ONE._replace(visibility="", size=0), "")]), lambda: _listing("h/c/d")),
            filters=Filters(archived=False, forks=False, largest=5 * MEBIBYTE, pushed_since="2026-01-01"),
        )
        assert len(list(selection.repositories())) == 2
        assert selection.notes() == [
            "1 repository kept: nobody tells whether archived, a fork, too large, not pushed to since."
        ]
