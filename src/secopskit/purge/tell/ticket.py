"""The letters after a purge: to the host's support, and to everybody who has a clone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from secopskit.git.hosts import number_of
from secopskit.git.remotes import Remote
from secopskit.git.repository import Repository
from secopskit.purge.push.plan import PushPlan
from secopskit.report.page import Block, Commands, Items, Para, Rows, Title
from secopskit.report.text import count

_HEADS: Final = "refs/heads/"


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketFacts:
    """The facts for a letter to the host. `requests` are affected pull requests, None where nobody knows.

    `unpushed` is the number of refs that the host does not have in their new form, as far as is known.
    """

    remote: Remote
    first: tuple[str, ...]
    requests: tuple[str, ...] | None
    large_files: tuple[str, ...]
    unpushed: int = 0


def requests_of(plan: PushPlan, stale: Iterable[str] = ()) -> tuple[str, ...] | None:
    """The numbers of the pull or merge requests that reach old commits, as far as refs here tell.

    `stale` are refs that the remote was found to have. None where no such ref is known at all.
    """
    numbers = {number for ref in (*plan.readonly, *stale) if (number := number_of(ref))}
    return tuple(sorted(numbers, key=int)) or None


def first_changed(repository: Repository, commits: Mapping[str, str]) -> tuple[str, ...]:
    """The old ids of the changed commits none of whose parents changed. Raises GitError.

    `commits` maps old ids to new ones. Told by the new commits, for the old ones are gone.
    """
    if not commits:
        return ()
    old, asked = {new: old for old, new in commits.items()}, "".join(f"{new}\n" for new in commits.values())
    lines = repository.run("rev-list", "--no-walk=unsorted", "--parents", "--stdin", stdin=asked.encode())
    families = (line.split() for line in lines.decode().splitlines())
    return tuple(old[new] for new, *parents in families if not any(parent in old for parent in parents))


def ticket(facts: TicketFacts) -> Iterator[Block]:
    """A letter to the host's support, to be sent once the new refs are pushed.

    It names all that the host is asked to delete: what it does not name, nobody there can find.
    """
    host = facts.remote.host
    if facts.unpushed:
        yield Para(
            f"NOT READY TO BE SENT: {count(facts.unpushed, 'ref')} of {facts.remote.name} "
            f"{'is' if facts.unpushed == 1 else 'are'} not pushed yet. `secops purge-history --push` does "
            "that, and writes this letter anew."
        )
    yield Title(f"Removal of sensitive data from {facts.remote.path or 'our repository'}")
    yield Para(
        "Sensitive data was committed to this repository. We have rewritten the history with "
        f"git-filter-repo{'' if facts.unpushed else ', and force-pushed the branches and tags concerned'}. "
        "The old commits can still be reached on your side. Please:"
    )
    yield Items(
        (
            f"delete or dereference the {host.request}s listed below, whose refs we cannot change",
            "delete cached views and diffs of the old commits",
            "collect garbage, so that the old objects can no longer be fetched by their ids",
            *(("delete the Git LFS objects listed below",) if facts.large_files else ()),
        ),
        numbered=True,
    )
    yield Rows(
        (
            ("Repository", f"{facts.remote.server}/{facts.remote.path}".strip("/")),
            (f"Affected {host.request}s", _requests(facts)),
            ("First changed commits", ", ".join(facts.first)),
            ("Orphaned LFS objects", ", ".join(facts.large_files)),
        )
    )


def _requests(facts: TicketFacts) -> str:
    if facts.requests is None:
        return "not known (their refs are not fetched here)"
    return f"{len(facts.requests):,}: " + ", ".join(f"#{number}" for number in facts.requests)


def collaborators(rows: Sequence[tuple[str, str, str]], remote: str, *, ids_file: str) -> Iterator[Block]:
    """A letter to everybody with a clone: what to do now. `rows` are ref, old and new id, as others see them.

    `ids_file` is the list that their hooks can reject.
    """
    yield Title("The history of this repository was rewritten: what to do with your clone")
    yield Para(
        "Secrets were taken out of all commits. Never merge or pull the old history into the new one: a "
        "single merge brings the secrets back, and every push after it publishes them again."
    )
    yield from clone_steps(remote, ids_file=ids_file)
    yield Title("Old and new commits")
    shown = [
        (ref.removeprefix(_HEADS).removeprefix("refs/"), old, new) for ref, old, new in rows if old and new
    ]
    yield Rows(tuple((name, f"{old} is now {new}") for name, old, new in shown))


def clone_steps(remote: str, *, ids_file: str) -> Iterator[Block]:
    """What everybody with a clone has to do, whichever commits it has."""
    yield Title("If all your work is pushed")
    yield Para("Delete your clone, and clone anew. Forks: delete them, and fork anew.")
    yield Title("If you have work that is not pushed")
    yield Para("Take each of your branches from the old commit to the new one, and drop what is old:")
    yield Commands(
        (
            f"git fetch --prune --force --tags {remote}",
            "git rebase --onto <new> <old> <your-branch>    # the ids stand below",
            f"git branch --force <branch> {remote}/<branch>    # for branches without work of yours",
        )
    )
    yield Para(
        "<old> and <new> are those of the branch that yours left. A stash rests on old commits: apply it on "
        "the new branch, stash again, and drop the old entry. When all is moved:"
    )
    yield Commands(("git reflog expire --expire=now --all", "git gc --prune=now"))
    yield Title("So that nothing comes back")
    yield Commands((f"secops hook install --reject-purged --purged-list {ids_file}",))
