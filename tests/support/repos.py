"""Real git repositories for tests, made quickly and out of reach of the developer's own settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from support.cli import Outcome, run


@dataclass(frozen=True, slots=True)
class Repo:
    """A repository at `path`, with or without a work tree."""

    path: Path

    @classmethod
    def create(cls, path: Path, *options: str) -> Repo:
        """A new repository whose first branch is `main`; `options` as for `git init` (`--bare`)."""
        path.mkdir(parents=True, exist_ok=True)
        made = run("git", "init", "-q", "-b", "main", *options, cwd=path)
        assert made.code == 0, made.err
        repo = cls(path)
        repo.git("config", "protocol.file.allow", "always")  # submodules and clones from a path
        return repo

    def git(self, *arguments: str, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> str:
        """What the git command prints; fails the test if git fails."""
        outcome = self.try_git(*arguments, stdin=stdin, env=env)
        assert outcome.code == 0, outcome.text
        return outcome.out

    def try_git(self, *arguments: str, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> Outcome:
        """How the git command ended."""
        return run("git", *arguments, cwd=self.path, stdin=stdin, env=env)

    def write(self, name: str, content: str | bytes) -> Path:
        """Write a file of the work tree, with the directories above it."""
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def stage(self, files: Mapping[str, str | bytes]) -> None:
        """Write `files` and add them to the index."""
        for name, content in files.items():
            self.write(name, content)
        self.git("add", "-f", "--", *files)

    def commit(self, files: Mapping[str, str | bytes], message: str = "change") -> str:
        """Commit `files` on top of what is staged, past every hook; the new commit's id."""
        if files:
            self.stage(files)
        self.git("commit", "-q", "--no-verify", "--allow-empty", "-m", message)
        return self.head

    @property
    def head(self) -> str:
        """The id of the commit that HEAD names."""
        return self.git("rev-parse", "HEAD").strip()

    def clone(self, path: Path, *options: str) -> Repo:
        """A clone of this repository at `path`; `options` as for `git clone` (`--depth=1`, `--mirror`)."""
        self.git("clone", "-q", *options, f"file://{self.path}", str(path))
        return Repo(path)
