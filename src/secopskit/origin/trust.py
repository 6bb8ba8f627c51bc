"""Trust in declared sources: what a declaration would reach outside of the work tree needs the user's word.

`.secops.yaml` comes with the repository. Whoever may write it could name a program to be run, a private
key of the user's to be read, an entry of the keyring to be sent away. It could send a
token to a host of its own choice, or values to an account of its own. So each source that runs a program,
or reads or writes anything outside of the work tree, each provider that sends something elsewhere than to
its vendor, and each sink of somebody who owns no remote, is refused until the user has said yes to exactly
that one: asked once (and remembered until the declaration changes), or named beforehand by its digest,
which the refusal prints. What the user writes on the command line needs no question.

The record is `<git dir>/secops/trusted-sources`, authenticated by a key in the user's cache directory: a
repository that was copied with its git directory brings no trust along.

A digest covers the words of the declaration, not what is in a program or a script that they name.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Collection, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final

from secopskit.conduct.consent import Respondent
from secopskit.errors import ConfigError, RefusedError, SecopsError
from secopskit.origin.interface import OriginSurroundings, SourceReach
from secopskit.secret import plain_digest
from secopskit.state.private import private_directory
from secopskit.state.store import Store

OWNER: Final = "owner"
"""The kind of reach that a sink of somebody has; its one word is the owner, in lower case."""
RECORD: Final = "trusted-sources"
# What we ourselves take out of the environment, beside our settings.
_OURS: Final = frozenset({"GITHUB_TOKEN", "GH_TOKEN", "GITHUB_ENTERPRISE_TOKEN", "GH_ENTERPRISE_TOKEN"})
_LABEL: Final = b"trusted sources 1"
_DIGEST_SIZE: Final = 16


class TrustRecord:
    """The trust of one user in the sources of one repository.

    `directory` is the repository's state directory and `keys` the user's cache directory; without both
    nothing is remembered. `named` are sources that the user wrote on the command line, as kind and words;
    `allowed` are digests that the user agreed to beforehand.
    """

    def __init__(
        self,
        respondent: Respondent,
        *,
        directory: str | None = None,
        keys: str | None = None,
        named: Collection[tuple[str, tuple[str, ...]]] = (),
        allowed: Collection[str] = (),
    ) -> None:
        self._respondent = respondent
        self._directory = directory
        self._keys = keys
        self._named = frozenset(named)
        self._allowed = set(allowed)

    def require(self, reach: SourceReach) -> None:
        """See `SourceTrust.require`."""
        if self.knows(reach):
            return
        digest = source_digest(reach)
        if not self._respondent.present:
            raise RefusedError(_sentence(reach), advice=_advice(digest))
        if not self._respondent.agrees(f"{_sentence(reach)}\nDo you trust it?"):
            raise RefusedError(f"declined: {_sentence(reach)}", advice="Nothing was read or sent.")
        self._allowed.add(digest)
        self._record(digest)

    def knows(self, reach: SourceReach) -> bool:
        """See `SourceTrust.knows`."""
        digest = source_digest(reach)
        return (
            (reach.kind, reach.words) in self._named or digest in self._allowed or digest in self._recorded()
        )

    def _recorded(self) -> dict[str, str]:
        if self._directory is None or self._keys is None:
            return {}
        body = Store(self._directory, keys=self._keys).load(RECORD, _LABEL)
        try:
            known = json.loads(body) if body else {}
        except ValueError:  # it is ours, and damaged: we ask again
            known = {}
        return known if isinstance(known, dict) else {}

    def _record(self, digest: str) -> None:
        if self._directory is None or self._keys is None:
            return
        now = datetime.now(UTC).isoformat(timespec="seconds")
        with suppress(OSError, SecopsError):  # whoever cannot keep it is asked again
            private_directory(self._directory)
            known = self._recorded() | {digest: now}
            Store(self._directory, keys=self._keys).save(RECORD, _LABEL, json.dumps(known).encode())


def source_digest(reach: SourceReach) -> str:
    """What stands for a source in the record and on the command line: 32 hexadecimal digits."""
    words = json.dumps([reach.kind, *reach.words])
    return plain_digest(words.encode("utf-8", "surrogatepass"), _DIGEST_SIZE)


def require_trust(surroundings: OriginSurroundings, reach: SourceReach) -> None:
    """Return if the user trusts it. Raises RefusedError."""
    if surroundings.trust is None:
        raise RefusedError(_sentence(reach), advice="It can be used where the user can be asked.")
    surroundings.trust.require(reach)


def is_ours(variable: str) -> bool:
    """Whether an environment variable is for secops alone: a token to log in with, or a setting."""
    name = variable.upper()
    return name in _OURS or name.startswith("SECOPS_")


def one_argument(kind: str, arguments: tuple[str, ...], what: str) -> str:
    """The only argument of a source. Raises ConfigError."""
    if len(arguments) != 1 or not arguments[0]:
        raise ConfigError(f"the source `{kind}` takes {what}", advice=f"Write {{{kind}: …}}.")
    return arguments[0]


def safe_words(words: Sequence[str]) -> str:
    """Declared words as a question may show them: quoted, and nothing in them speaks to the terminal."""
    return shlex.join(word.encode("unicode_escape").decode("ascii") for word in words)


def _sentence(reach: SourceReach) -> str:
    subject = reach.subject or f"the declared source `{reach.kind}`"
    return f"{subject} would {reach.danger}"


def _advice(digest: str) -> str:
    return (
        "Look at the declaration. Run it on a terminal to be asked once, "
        f"or agree beforehand: --allow-source {digest}."
    )
