"""The engine of a purge by itself: new objects in a stage, and what an observer who knows only git sees."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from secopskit.purge.find.extent import find_extent
from secopskit.purge.find.survey import survey
from secopskit.purge.model import ArchiveFate, Drop, Extent, Rewrite
from secopskit.purge.rewrite.rewrite import rewrite
from secopskit.purge.rewrite.stage import make_stage
from secopskit.purge.values.matcher import ValueMatcher
from support.history import opened
from support.purges import target
from support.repos import Repo


@dataclass(frozen=True)
class Rewritten:
    """A repository, and the stage with the refs as they will be."""

    repo: Repo
    stage: Repo
    extent: Extent
    made: Rewrite
    values: tuple[bytes, ...]

    @cached_property
    def objects(self) -> dict[str, str]:
        """Old ids to new ones, of anything."""
        made = self.made
        return {**made.trees, **made.blobs, **made.commits, **made.tags}

    def new(self, commit: str) -> str:
        """What a commit (or anything else) has become."""
        return self.objects.get(commit, commit)

    def text(self, name: str) -> str:
        """An object of the stage, as git prints it."""
        return self.stage.git("cat-file", "-p", name)

    def assert_clean(self) -> None:
        """Nothing that the new refs reach holds a value, nor does a name; git has nothing to complain of."""
        for value in self.values:
            shown = self.stage.git("for-each-ref") + _content(self.stage)
            assert value.decode("utf-8", "surrogateescape") not in shown
        fsck = self.stage.try_git("fsck", "--full", "--strict", "--no-dangling", "--connectivity-only")
        assert fsck.code == 0, fsck.text
        for pack in (self.stage.path / "objects" / "pack").glob("*.idx"):
            verified = self.stage.try_git("verify-pack", str(pack))
            assert verified.code == 0, verified.text

    def assert_exact(self) -> None:
        """Those commits change that must, judged by hand, and no others."""
        needed: set[str] = set()
        for line in self.repo.git("rev-list", "--all", "--topo-order", "--reverse", "--parents").splitlines():
            commit, *parents = line.split()
            if needed.intersection(parents) or self._is_dirty(commit):
                needed.add(commit)
        assert set(self.extent.commits) | set(self.extent.notes) == needed
        assert set(self.made.commits) == needed

    def _is_dirty(self, commit: str) -> bool:
        whole = self.repo.git("cat-file", "-p", commit) + self.repo.git("ls-tree", "-r", "-t", "-z", commit)
        oids = [line.split()[2] for line in self.repo.git("ls-tree", "-r", commit).splitlines()]
        content = self.repo.git("cat-file", "--batch", stdin="".join(f"{oid}\n" for oid in oids).encode())
        return any(value.decode("utf-8", "surrogateescape") in whole + content for value in self.values)


def _content(repo: Repo) -> str:
    """All objects that refs reach; of trees, what git prints of them."""
    listed = repo.git("rev-list", "--objects", "--all")
    oids = "".join(f"{line.split()[0]}\n" for line in listed.splitlines())
    return listed + repo.git("cat-file", "--batch", stdin=oids.encode())


def rewritten(
    repo: Repo,
    *values: str | bytes,
    drops: Iterable[Drop] = (),
    archives: ArchiveFate | None = None,
    keep_ids: bool = False,
) -> Rewritten:
    """Survey, extent and rewrite, with a stage beside the repository."""
    repository = opened(repo)
    targets = [target(value, number) for number, value in enumerate(values, 1)]
    matcher, drops = ValueMatcher(targets), tuple(drops)
    found = survey(repository, matcher, jobs=1)
    extent = find_extent(repository, found, drops, matcher, keep_ids=keep_ids, jobs=1)
    stage = make_stage(repository, f"{repo.path}-stage.git")
    made = rewrite(repository, extent, found, drops, matcher, stage, archives)
    here = Repo(Path(stage.git_dir))
    _set_refs(repo, here, made)
    return Rewritten(repo, here, extent, made, tuple(one.value.reveal() for one in targets))


def _set_refs(repo: Repo, stage: Repo, made: Rewrite) -> None:
    listed = repo.git("for-each-ref", "--format=%(refname) %(objectname) %(symref)").splitlines()
    final = {fields[0]: fields[1] for fields in (line.split(" ") for line in listed) if not fields[2]}
    for change in made.refs:
        final.pop(change.ref, None)
    final.update({change.ref: change.new for change in made.refs if change.new})
    named = {name: oid for name, oid in final.items() if name.startswith("refs/")}
    commands = "".join(f"update {name} {oid}\n" for name, oid in named.items())
    stage.git("update-ref", "--stdin", stdin=commands.encode("utf-8", "surrogateescape"))
