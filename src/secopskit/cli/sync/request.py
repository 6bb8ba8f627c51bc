"""What the command line of `secops sync-secrets` asks for: the declaration, or one made of its options."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from secopskit.cli.sync.surroundings import github_client, owners_of_remotes, with_repositories
from secopskit.cli.terminal.ask import Terminal
from secopskit.conduct.consent import NOBODY, SecretRespondent
from secopskit.errors import ConfigError, GitError, UsageError
from secopskit.formats.exact.dotenv_exact import SIZE_LIMIT, read_exact
from secopskit.git.repository import Repository
from secopskit.origin.interface import OriginSurroundings
from secopskit.origin.trust import OWNER, TrustRecord
from secopskit.settings.declaration import (
    DeclaredEnvironment,
    DeclaredValue,
    OriginChoice,
    SinkChoice,
    check_secret_name,
    parse_sink,
)
from secopskit.settings.environment import exact_variable, read_environment
from secopskit.settings.sync import SyncConfig, load_sync
from secopskit.sink.interface import SinkSurroundings
from secopskit.state.smallfiles import read_small
from secopskit.sync.request import SyncRequest

if TYPE_CHECKING:
    from secopskit.cli.terminal.voice import Voice

_STDIN: Final = "-"
_FROM: Final = (
    "Say --from FILE, or declare `sync.environments` in .secops.yaml: docs/GITHUB_SECRETS_SETUP.md."
)
_RESUMED: Final = "Give the options of the run that did not end, too: --from, --env, and others that it had."


class SyncInputs:
    """What holds for one run of the command: where it runs, what is declared, who is asked."""

    def __init__(self, options: dict[str, Any], voice: Voice) -> None:
        self.options = options
        self.voice = voice
        self.repository = _repository()
        self.root = self.repository.root if self.repository else os.getcwd()
        self.standard_input = cache(_standard_input)
        terminal = Terminal()
        # `--yes` is no answer to a question for a value, or for what only a person has seen.
        self.respondent: SecretRespondent = terminal if terminal.present and not options["check"] else NOBODY

    def request(self) -> SyncRequest:
        """The request. Raises ConfigError, UsageError."""
        options = self.options
        config = load_sync(self.root, file=options["config"])
        config = self._overridden(config) if config.environments else self._made_up(config)
        return SyncRequest(
            config=with_repositories(config, self.repository),
            origins=self._origins(),
            root=self.root if self.repository else None,
            state_dir=self.repository.state_dir if self.repository else None,
            environments=options["environments"] if config.file and config.environments else (),
            names=options["names"],
            prune=options["prune"],
            tolerant=options["check"],
            overridden=bool(options["repositories"] or options["sinks"] or options["org"]),
            source="" if config.file else self._source(),
        )

    def sinks(self, config: SyncConfig) -> SinkSurroundings:
        """What sinks may use; the one client of GitHub is made when it is first needed."""
        return SinkSurroundings(
            base=self.root, github=cache(lambda: github_client(self.voice, self.repository, config.api_url))
        )

    # --- with a declaration

    def _overridden(self, config: SyncConfig) -> SyncConfig:
        """The declaration, with what the command line says instead."""
        if self.options["variables"]:
            raise UsageError(
                "--var is for a run without a declaration", advice="Declare the name under `variables`."
            )
        origin, sinks = self._origin(), self._sinks()
        wanted = self.options["environments"] or tuple(one.name for one in config.environments)
        if origin and len(wanted) > 1:
            raise UsageError(
                f"--from would be the source of {len(wanted)} environments", advice="Say which one: --env."
            )
        repositories = self.options["repositories"]

        def overridden(value: DeclaredValue) -> DeclaredValue:
            return value._replace(
                origin=origin or value.origin,
                sinks=sinks or value.sinks,
                repositories=repositories or value.repositories,
            )

        return config._replace(
            environments=tuple(
                one._replace(values=tuple(map(overridden, one.values))) if one.name in wanted else one
                for one in config.environments
            )
        )

    # --- without one

    def _made_up(self, config: SyncConfig) -> SyncConfig:
        """A declaration of what the options say: the names in the file, to one place."""
        origin = self._origin()
        if origin is None:
            raise UsageError("nothing is declared here", advice=_RESUMED if self.options["resume"] else _FROM)
        if origin.kind == "stdin" and self.options["prune"]:
            raise UsageError(
                "--prune does not know what standard input had before",
                advice="Give it a file with --from, or declare the names.",
            )
        environments = self.options["environments"]
        if len(environments) > 1:
            raise UsageError("without a declaration there is one environment", advice="Run it once for each.")
        environment = environments[0] if environments else ""
        sinks = self._sinks() or (SinkChoice("environment" if environment else "repository", environment),)
        variables = {name.upper() for name in self.options["variables"]}
        values = tuple(
            DeclaredValue(
                name=name,
                variable=name.upper() in variables,
                key=name,
                origin=origin,
                sinks=sinks,
                repositories=self.options["repositories"] or config.repositories,
            )
            for name in self._names(origin)
        )
        return config._replace(environments=(DeclaredEnvironment(environment, values),), file=None)

    def _names(self, origin: OriginChoice) -> Iterable[str]:
        """The names in the file, those that --only asks for. Raises ConfigError for one that is none."""
        if origin.kind == "stdin":
            label, data = "standard input", self.standard_input()
        else:
            label = origin.arguments[0]
            data = read_small(os.path.join(self.root, label), limit=SIZE_LIMIT)
        only = {name.upper() for name in self.options["names"]}
        names = list[str]()
        for entry in read_exact(data, label).entries:
            if only and entry.key.upper() not in only:
                continue
            try:
                names.append(check_secret_name(entry.key))
            except ValueError:
                raise ConfigError(
                    f"{label}:{entry.line}: {entry.key} is no name for a secret or variable",
                    advice="Letters, digits and `_`, and not GITHUB_…. Leave it out with --only.",
                ) from None
        if missing := {name.upper() for name in self.options["variables"]} - {name.upper() for name in names}:
            raise UsageError(f"--var {min(missing)}: {label} has no such name", advice="Check the name.")
        return names

    # --- what both need

    def _origin(self) -> OriginChoice | None:
        """The source that --from names, looked for from where the user stands. Raises UsageError."""
        file = self.options["file"]
        if file is None:
            return None
        if file == _STDIN:
            return OriginChoice("stdin", ("dotenv",))
        path, root = os.path.abspath(file), os.path.realpath(self.root)
        if os.path.exists(path) and not (os.path.isfile(path) or os.path.isdir(path)):
            raise UsageError(
                f"--from {file}: is a pipe or a device, and no file",
                advice="Pipe the values in, and write --from -.",
            )
        real = os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))
        within = os.path.commonpath([real, root]) == root
        return OriginChoice("dotenv", (os.path.relpath(real, root) if within else path,))

    def _source(self) -> str:
        """What the source of --from is called in records, the same from wherever it is named."""
        origin = self._origin()
        if origin is None or origin.kind == "stdin":
            return "" if origin is None else _STDIN
        path = origin.arguments[0]
        try:
            return os.path.relpath(path, self.root).replace(os.sep, "/") if os.path.isabs(path) else path
        except ValueError:  # on another drive
            return path

    def _sinks(self) -> tuple[SinkChoice, ...]:
        texts = (
            *self.options["sinks"],
            *([f"organization:{self.options['org']}"] if self.options["org"] else ()),
        )
        sinks = list[SinkChoice]()
        for text in texts:
            try:
                sinks.append(parse_sink(text))
            except ValueError:
                raise UsageError(f"--to {text}: is no sink", advice="Such as environment:staging.") from None
        return tuple(sinks)

    def _origins(self) -> OriginSurroundings:
        named = self._origin()
        return OriginSurroundings(
            base=self.root,
            variable=exact_variable,
            standard_input=self.standard_input,
            respondent=self.respondent,
            tell=self.voice,
            trust=TrustRecord(
                self.respondent,
                directory=self.repository.state_dir if self.repository else None,
                keys=read_environment().cache_directory,
                named=(
                    *([(named.kind, named.arguments)] if named else ()),
                    *((OWNER, (owner,)) for owner in self._owners()),
                ),
                allowed=self.options["allowed"],
            ),
        )

    def _owners(self) -> set[str]:
        """Whose sinks need no question: of the owners of remotes, and of those whom the user names."""
        named = [name.partition("/")[0].lower() for name in self.options["repositories"]]
        named += [sink.name.lower() for sink in self._sinks() if sink.kind.endswith("organization")]
        return owners_of_remotes(self.repository) | set(named)


def _repository() -> Repository | None:
    """The repository we stand in. For a run without a record neither it nor git is needed."""
    try:
        return Repository.open(".")
    except GitError:
        return None


def _standard_input() -> bytes:
    return sys.stdin.buffer.read() if sys.stdin else b""
