"""What the commands of `secops rotate` work with: the repository, its declarations, and the person here."""

from __future__ import annotations

import sys
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from secopskit.cli.ask import Terminal
from secopskit.conduct.consent import NOBODY, SecretRespondent
from secopskit.origin.interface import OriginSurroundings
from secopskit.origin.trust import OWNER, TrustRecord
from secopskit.provider.interface import Surroundings
from secopskit.rotate.request import RotationContext
from secopskit.scan.session import Overrides, ScanSession
from secopskit.settings.environment import exact_variable
from secopskit.settings.rotate import load_rotate
from secopskit.settings.sync import DeclaredValue, SyncConfig, load_sync
from secopskit.sink.interface import SinkSurroundings

# Sinks of these kinds belong to no repository.
_APART: Final = ("dotenv", "organization")

if TYPE_CHECKING:
    from collections.abc import Callable

    from secopskit.cli.voice import Voice
    from secopskit.git.repository import Repository
    from secopskit.github.client import GitHubClient


def context_of(voice: Voice, options: dict[str, Any]) -> RotationContext:
    """What a rotation may use. Raises UsageError outside of a repository; ConfigError."""
    session = ScanSession(".", Overrides(config=options.get("config")), notice=voice.note)
    repository = session.require_repository("rotating")
    from secopskit.cli.sync.surroundings import owners_of_remotes  # as `sync-secrets` judges them

    config, terminal = options.get("config"), Terminal()
    # `--yes` is no answer to a question for a value, or for what only a person has seen.
    respondent: SecretRespondent = terminal if terminal.present else NOBODY
    sync = _with_repositories(load_sync(repository.root, file=config), repository)
    return RotationContext(
        session=session,
        rotate=load_rotate(repository.root, file=config),
        sync=sync,
        origins=OriginSurroundings(
            base=repository.root,
            variable=exact_variable,
            standard_input=cache(_standard_input),
            respondent=respondent,
            tell=voice,
            trust=TrustRecord(
                respondent,
                directory=repository.state_dir,
                keys=session.config.environment.cache_directory,
                named=(
                    *(("dotenv", (file,)) for file in _named_files(options)),
                    *((OWNER, (owner,)) for owner in owners_of_remotes(repository)),
                ),
                allowed=options.get("allowed", ()),
            ),
        ),
        sinks=SinkSurroundings(base=repository.root, github=_github(voice, session, sync.api_url)),
        standard=Surroundings(
            base=repository.root, variable=exact_variable, respondent=respondent, tell=voice
        ),
        key=session.fingerprint_key(),
    )


def _with_repositories(config: SyncConfig, repository: Repository) -> SyncConfig:
    """The declaration, with the remote's repository where a sink needs one and none is named."""
    if not any(map(_needs_repository, (value for one in config.environments for value in one.values))):
        return config
    from secopskit.cli.sync.surroundings import repository_of_remote  # what is declared may need none

    name = repository_of_remote(repository)

    def completed(value: DeclaredValue) -> DeclaredValue:
        return value._replace(repositories=(name,)) if name and _needs_repository(value) else value

    return config._replace(
        environments=tuple(
            one._replace(values=tuple(map(completed, one.values))) for one in config.environments
        )
    )


def _needs_repository(value: DeclaredValue) -> bool:
    return not value.repositories and any(sink.kind not in _APART for sink in value.sinks)


def _named_files(options: dict[str, Any]) -> tuple[str, ...]:
    return (*options.get("edits", ()), *filter(None, [options.get("to_file")]))


def _standard_input() -> bytes:
    return sys.stdin.buffer.read() if sys.stdin else b""


def _github(voice: Voice, session: ScanSession, declared: str) -> Callable[[], GitHubClient]:
    """The one client of the run, made when it is first needed."""

    @cache
    def client() -> GitHubClient:
        from secopskit.cli.sync.surroundings import github_client  # as `sync-secrets` talks to GitHub

        return github_client(voice, session.require_repository("rotating"), declared)

    return client
