"""What an issuer was asked and what it said, as values without secrets."""

from __future__ import annotations

from collections.abc import Mapping

from secopskit.findings import VerificationState
from secopskit.named_tuple import NamedTuple


class IssuerAnswer(NamedTuple):
    """What became of a question.

    `detail` says by which request, or why nobody knows; `answered` tells whether the issuer said anything.
    `account` is whose the value is and `scopes` what it may do, where the answer says so. `silent`: its host
    could not be reached, or did not answer.
    """

    state: VerificationState
    detail: str
    account: str = ""
    scopes: tuple[str, ...] = ()
    answered: bool = True
    silent: bool = False

    def doubted(self, why: str) -> IssuerAnswer:
        """The same, if a refusal proves nothing: `why` says how the value may work all the same."""
        if self.state is not VerificationState.INACTIVE:
            return self
        return self._replace(state=VerificationState.UNKNOWN, detail=f"{self.detail} {why}")


class VerifyRequest(NamedTuple):
    """A request ready to be sent, which holds the secret.

    `what` names it for messages: the method, the path as it is written in the inquiry, and the host.
    """

    method: str
    base_url: str
    url: str
    what: str
    headers: Mapping[str, str]
    body: bytes | None

    def __repr__(self) -> str:
        """What may be shown of it."""
        return f"VerifyRequest({self.what})"


class Surrounding(NamedTuple):
    """The text that a value stands in, where it is at hand, and where in it. The rest of a pair is near."""

    text: bytes = b""
    offset: int = 0

    def __repr__(self) -> str:
        """Where, and nothing of the text."""
        return f"Surrounding({len(self.text)} bytes, {self.offset})"


NOWHERE = Surrounding()


class UnaskableError(Exception):
    """Why a value cannot be asked about, in a sentence that holds none of it."""


class NoIssuerError(UnaskableError):
    """There is nobody to ask: the value turns out to be of no kind that has an issuer."""
