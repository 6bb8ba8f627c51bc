"""What steps look at: the repository, its files and facts, and what is known of secrets in it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Sequence
from datetime import date
from enum import Enum
from functools import cached_property
from typing import Final

from secopskit.collect.facts import ProjectFacts
from secopskit.collect.project import read_project
from secopskit.errors import RefusedError, UsageError
from secopskit.findings import Finding
from secopskit.git.facts import RepositoryFacts
from secopskit.git.remotes import remotes
from secopskit.git.repository import Repository
from secopskit.harden.files import TreeFiles
from secopskit.harden.private_files import JudgedFiles, PrivateFile, judged
from secopskit.hooks.script import Interpreter
from secopskit.known.baseline import Baseline
from secopskit.named_tuple import NamedTuple

_ANSWERED: Final = (0, 1)  # exit codes of `git check-ignore`: some are ignored, none is


class HardenHost(Enum):
    """Whose workflows and templates are written."""

    GITHUB = "github"
    GITLAB = "gitlab"


class HookChoice(Enum):
    """Who runs the check before a commit."""

    AUTO = "auto"
    FRAMEWORK = "pre-commit"
    GIT = "git"


class HardenRequest(NamedTuple):
    """What is asked for. `hosts` is empty where the remotes tell; `only` empty for all steps."""

    hosts: tuple[HardenHost, ...] = ()
    hook: HookChoice = HookChoice.AUTO
    only: frozenset[str] = frozenset()
    skip: frozenset[str] = frozenset()

    def means(self, step: str) -> bool:
        """Whether that step is to be done."""
        return step not in self.skip and (not self.only or step in self.only)


class HardenSurroundings(NamedTuple):
    """What the caller knows: how to scan, how hooks are started, what day it is.

    `findings` gives all findings in files and history, accepted ones too. `baseline` is the path of the
    baseline from the top, empty where it lies elsewhere.
    """

    findings: Callable[[], Sequence[Finding]]
    interpreter: Callable[[], Interpreter]
    today: date
    baseline: str = ".secops.baseline.json"


class HardenProject:
    """A work tree as the steps see it. All is read once, when it is asked for; nothing is changed."""

    def __init__(
        self, repository: Repository, request: HardenRequest, surroundings: HardenSurroundings
    ) -> None:
        if repository.work_tree is None:
            raise UsageError(
                f"{repository.git_dir}: has no work tree, and files are what is hardened",
                advice="Run it in a clone; on a server see `secops hook pre-receive`.",
            )
        self.repository = repository
        self.root = repository.work_tree
        self.request = request
        self.surroundings = surroundings
        self.files = TreeFiles(self.root)

    @classmethod
    def open(cls, directory: str, request: HardenRequest, surroundings: HardenSurroundings) -> HardenProject:
        """The project that `directory` lies in. Raises UsageError where there is none."""
        repository = Repository.open(directory)
        if repository is None:
            raise UsageError(
                f"{directory}: not a git repository", advice="Run `git init` first, or name a repository."
            )
        project = cls(repository, request, surroundings)
        project.require_readable_rules()
        return project

    def require_readable_rules(self) -> None:
        """Raise RefusedError where git itself would wait for ever for what `.gitignore` says: a pipe."""
        if self.files.is_special(".gitignore"):
            raise RefusedError(
                ".gitignore: is a pipe or a device, and git would wait for it", advice="Remove it first."
            )

    @cached_property
    def git(self) -> RepositoryFacts:
        """The index."""
        return RepositoryFacts(self.repository)

    @cached_property
    def facts(self) -> ProjectFacts:
        """What the files say."""
        return read_project(self.root)

    @cached_property
    def tracked(self) -> frozenset[str]:
        """The files in the index."""
        return frozenset(self.git.tracked())

    @cached_property
    def judged(self) -> JudgedFiles:
        """The tracked files that should not be in git: they are to be ignored, and leave the index."""
        return judged(self, self.tracked)

    @property
    def private(self) -> tuple[PrivateFile, ...]:
        """Those that are known to be private."""
        return self.judged.private

    @cached_property
    def leaving(self) -> frozenset[str]:
        """The private files that leave git: those in the index, and others, which get ignored."""
        here = {place.path for one in self.findings for place in one.locations if place.provenance is None}
        others = judged(self, here - self.tracked).private if self.request.means("ignore") else ()
        return frozenset(file.path for file in (*self.private, *others))

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """All secrets in the files and the history, accepted ones too."""
        return tuple(self.surroundings.findings())

    @cached_property
    def baseline(self) -> Baseline | None:
        """The baseline, None where there is none. Raises ConfigError for a broken one."""
        path = self.surroundings.baseline
        data = self.files.read(path) if path else None
        return None if data is None else Baseline.parse(data, source=path)

    @cached_property
    def hosts(self) -> tuple[HardenHost, ...]:
        """Whose files are written: as asked for, else as the remotes or the files that are there tell."""
        if self.request.hosts:
            return self.request.hosts
        named = {remote.host.name for remote in remotes(self.repository)}
        found = [
            host
            for host, name, sign in (
                (HardenHost.GITHUB, "GitHub", ".github"),
                (HardenHost.GITLAB, "GitLab", ".gitlab-ci.yml"),
            )
            if name in named or (not named & {"GitHub", "GitLab"} and self.files.exists(sign))
        ]
        return tuple(found)

    def ignored(self, paths: Sequence[str]) -> frozenset[str]:
        """Those of `paths` that git is told to ignore already, whether they exist or not."""
        if not paths:
            return frozenset()
        from secopskit.git import process

        done = process.run(
            self.root,
            self.repository.environ,
            ("check-ignore", "--no-index", "-z", "--stdin"),
            stdin=b"".join(os.fsencode(path) + b"\0" for path in paths),
        )
        if done.returncode in _ANSWERED:
            return frozenset(os.fsdecode(name) for name in done.stdout.split(b"\0") if name)
        if len(paths) == 1:  # behind a link, or in a submodule: it cannot get into this repository
            return frozenset(paths)
        return frozenset().union(*(self.ignored((path,)) for path in paths))

    def matching(self, patterns: Sequence[str], *, others: bool = False) -> frozenset[str]:
        """Tracked files that the patterns would ignore; with `others`, those unknown to git."""
        words = ("--others",) if others else ("--cached",)
        with tempfile.TemporaryDirectory() as directory:  # a command line may not hold them
            given = os.path.join(directory, "patterns")
            with open(given, "wb") as file:
                file.writelines(os.fsencode(pattern) + b"\n" for pattern in patterns)
            listing = self.repository.run("ls-files", "-z", *words, "--ignored", "-X", given)
        return frozenset(os.fsdecode(name) for name in listing.split(b"\0") if name)
