"""The directory of migrations: which files there are, what they are called, what they hold.

A file that cannot be used is a `PlanProblem`; what else stands in the directory is nobody's business.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from secopskit.errors import ConfigError, RefusedError, UsageError
from secopskit.migrate.model import Directives, Migration, PlanProblem, ProblemKind, Script, Statement
from secopskit.migrate.read.checksum import checksum, normalise
from secopskit.migrate.read.names import FileName, parse_name, version_key
from secopskit.state.smallfiles import is_inside, read_small

if TYPE_CHECKING:
    from secopskit.migrate.read.lexis import SqlFileError

SIZE_LIMIT: Final = 64 * 1024 * 1024
MAX_FILES: Final = 20_000
_NONE: Final = Directives()


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What a directory holds: `migrations` in the order of their versions, and what is wrong."""

    directory: str
    migrations: tuple[Migration, ...]
    problems: tuple[PlanProblem, ...]


def load_migrations(
    directory: str, *, settled: Mapping[str, str | None] | None = None, within: str = ""
) -> Loaded:
    """Read every migration in `directory`. Raises UsageError if that is none or holds too many files.

    Raises RefusedError if it stands in the tree `within`, and leads out of it (see `refuse_outside`).
    `settled` maps versions that will not run again to their checksums: a file that still has its
    checksum is not taken apart, which saves most of the time.
    """
    if within:
        refuse_outside(directory, within)
    return _Loading(directory, settled or {}).run()


def refuse_outside(directory: str, tree: str) -> None:
    """Raise RefusedError for a directory whose name stands in `tree`, and which a link leads out of it.

    A repository could have anything run that lies on the machine. What is named where it is, is meant.
    """
    named = os.path.abspath(directory)
    if os.path.commonpath([named, os.path.abspath(tree)]) == os.path.abspath(tree) and not is_inside(
        named, tree
    ):
        raise RefusedError(
            f"{directory}: a link leads out of {tree}",
            advice="Put the files there, not a link. If that is meant, name the real directory with --dir.",
        )


class _Loading:
    def __init__(self, directory: str, settled: Mapping[str, str | None]) -> None:
        self.directory = directory
        self.settled = settled
        self.problems: list[PlanProblem] = []
        self.ups: dict[tuple[int, ...], tuple[FileName, Script]] = {}
        self.downs: dict[tuple[int, ...], tuple[FileName, Script]] = {}

    def run(self) -> Loaded:
        for entry in _sql_files(self.directory):
            name = parse_name(entry.name)
            if name is None:
                self._add(
                    ProblemKind.NAME,
                    "",
                    entry.name,
                    "is not applied: its name has no version",
                    "Call it <version>_<name>.sql, as `secops migrate new` does.",
                    blocking=False,
                )
            else:
                self._read(entry, name)
        for key in self.downs.keys() - self.ups.keys():
            name, script = self.downs[key]
            self._add(
                ProblemKind.NAME,
                name.version,
                script.path,
                "undoes a version that has no file",
                "Restore the file that applies the version.",
                blocking=False,
            )
        migrations = tuple(self._migration(key) for key in sorted(self.ups))
        return Loaded(directory=self.directory, migrations=migrations, problems=tuple(self.problems))

    def _migration(self, key: tuple[int, ...]) -> Migration:
        name, script = self.ups[key]
        down = self.downs.get(key)
        return Migration(version=name.version, name=name.name, up=script, down=down[1] if down else None)

    def _read(self, entry: os.DirEntry[str], name: FileName) -> None:
        try:
            text = _text(entry, self.directory)
        except ConfigError as error:
            # Without its text nothing is known of the version: no plan can be sure of itself.
            self._add(ProblemKind.FILE, name.version, "", str(error), error.advice)
            return
        script, fault = self._script(entry.path, text, name)
        if fault:
            place = f"{entry.path}:{fault.line}"
            self._add(ProblemKind.FILE, name.version, place, str(fault), fault.advice, blocking=not name.down)
        elif not script.statements and not script.fault:
            self._add(
                ProblemKind.FILE,
                name.version,
                entry.path,
                "holds no statement",
                "Write what it shall do, or delete it.",
                blocking=False,
            )
        self._keep(name, script)

    def _script(self, path: str, text: str, name: FileName) -> tuple[Script, SqlFileError | None]:
        known = None if name.down else self.settled.get(name.version)
        if known is None or known != checksum(text):
            return read_script(path, text)
        unread = "is applied, and was not taken apart"
        return Script(
            path=path, text=text, checksum=known, directives=_NONE, statements=(), fault=unread
        ), None

    def _keep(self, name: FileName, script: Script) -> None:
        files, key = self.downs if name.down else self.ups, version_key(name.version)
        if key in files:
            self._add(
                ProblemKind.DUPLICATE,
                name.version,
                script.path,
                f"has the version of {os.path.basename(files[key][1].path)}",
                "Give the one that is not applied yet a version of its own: rename it.",
            )
        else:
            files[key] = name, script

    def _add(
        self, kind: ProblemKind, version: str, place: str, message: str, advice: str, *, blocking: bool = True
    ) -> None:
        text = f"{place}: {message}" if place else message
        self.problems.append(
            PlanProblem(kind=kind, version=version, message=text, advice=advice, blocking=blocking)
        )


def read_script(path: str, text: str) -> tuple[Script, SqlFileError | None]:
    """The script that `text` (normalised) spells, and why it cannot be run (it then has no statements)."""
    # Where all is applied nothing is taken apart: no need to load what would do it.
    from secopskit.migrate.read.both_ways import refuse_both_ways
    from secopskit.migrate.read.control import without_wrapper
    from secopskit.migrate.read.directives import read_directives
    from secopskit.migrate.read.lexis import SqlFileError
    from secopskit.migrate.read.split import split

    directives = Directives()
    statements: tuple[Statement, ...] = ()
    wrapper: tuple[Statement, ...] = ()
    fault = None
    try:
        raw = split(text)
        refuse_both_ways(text, raw)
        directives = read_directives(text, raw)
        statements, wrapper = without_wrapper(raw, transaction=directives.transaction)
    except SqlFileError as error:
        fault = error
    script = Script(
        path=path,
        text=text,
        checksum=checksum(text),
        directives=directives,
        statements=statements,
        fault=str(fault or ""),
        wrapper=tuple(statement.line for statement in wrapper),
    )
    return script, fault


def _sql_files(directory: str) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(directory) as entries:
            found = [entry for entry in entries if entry.name.endswith(".sql") and entry.name[0] not in "._"]
    except OSError as error:
        raise UsageError(
            f"{directory}: {(error.strerror or 'cannot be read').lower()}",
            advice="Name the directory with --dir, or make it with `secops migrate new NAME`.",
        ) from None
    if len(found) > MAX_FILES:
        raise UsageError(f"{directory}: more than {MAX_FILES} files", advice="Is it the right directory?")
    return iter(sorted(found, key=lambda entry: entry.name))


def _text(entry: os.DirEntry[str], directory: str) -> str:
    """The normalised text of a file. Raises ConfigError."""
    data = read_small(entry.path, limit=SIZE_LIMIT, within=directory if entry.is_symlink() else None)
    if b"\0" in data:
        raise ConfigError(f"{entry.path}: holds a null byte", advice="Save it as UTF-8 text.")
    try:
        return normalise(data)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{entry.path}:{line}: is not UTF-8", advice="Save it as UTF-8 text.") from None
