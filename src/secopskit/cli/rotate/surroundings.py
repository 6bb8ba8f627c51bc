"""What the commands of `secops rotate` work with: the repository, its declarations, and the person here."""

from __future__ import annotations

import sys
from functools import cache
from typing import TYPE_CHECKING, Any

from secopskit.cli.rotate.options import from_root
from secopskit.cli.sync.surroundings import github_client, owners_of_remotes, with_repositories
from secopskit.cli.terminal.ask import Terminal
from secopskit.conduct.consent import NOBODY, SecretRespondent
from secopskit.origin.interface import OriginSurroundings
from secopskit.origin.trust import OWNER, TrustRecord
from secopskit.provider.interface import Surroundings
from secopskit.rotate.request import RotationContext
from secopskit.scan.session import Overrides, ScanSession
from secopskit.settings.environment import exact_variable
from secopskit.settings.rotate import load_rotate
from secopskit.settings.sync import load_sync
from secopskit.sink.interface import SinkSurroundings

if TYPE_CHECKING:
    from collections.abc import Callable

    from secopskit.cli.terminal.voice import Voice
    from secopskit.github.client import GitHubClient


def context_of(voice: Voice, options: dict[str, Any]) -> RotationContext:
    """What a rotation may use. Raises UsageError outside of a repository; ConfigError."""
    session = ScanSession(".", Overrides(config=options.get("config")), notice=voice.note)
    repository = session.require_repository("rotating")

    config, terminal = options.get("config"), Terminal()
    # `--yes` is no answer to a question for a value, or for what only a person has seen.
    respondent: SecretRespondent = terminal if terminal.present else NOBODY
    sync = with_repositories(load_sync(repository.root, file=config), repository)
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
                    *(("dotenv", (file,)) for file in _named_files(options, repository.root)),
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


def _named_files(options: dict[str, Any], root: str) -> tuple[str, ...]:
    """The files that the user names: nobody need ask whether they are meant."""
    files = (*options.get("edits", ()), *filter(None, [options.get("to_file")]))
    return tuple(from_root(file, root) for file in files)


def _standard_input() -> bytes:
    return sys.stdin.buffer.read() if sys.stdin else b""


def _github(voice: Voice, session: ScanSession, declared: str) -> Callable[[], GitHubClient]:
    """The one client of the run, made when it is first needed."""

    @cache
    def client() -> GitHubClient:
        return github_client(voice, session.require_repository("rotating"), declared)

    return client
