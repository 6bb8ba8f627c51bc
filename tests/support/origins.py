"""Surroundings for sources of values and for rotation providers: a person, an environment, a listener."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

from secopskit.conduct.tell import SILENCE
from secopskit.origin.interface import OriginSurroundings, SourceReach, SourceTrust
from secopskit.progress import Progress
from secopskit.provider.interface import Surroundings
from secopskit.secret import SecretValue


@dataclass
class Somebody:
    """A person who types `secrets` one after the other and agrees if `agreeing`; or nobody."""

    secrets: list[str] = field(default_factory=list)
    agreeing: bool = False
    present: bool = True
    asked: list[str] = field(default_factory=list)

    def agrees(self, question: str) -> bool:
        self.asked.append(question)
        return self.agreeing

    def types(self, prompt: str) -> str:
        self.asked.append(prompt)
        return ""

    def reads_secret(self, prompt: str) -> str:
        self.asked.append(prompt)
        return self.secrets.pop(0) if self.secrets else ""


@dataclass
class Listener:
    """A listener that keeps what it is told."""

    told: list[str] = field(default_factory=list)

    def phase(self, name: str) -> None:
        self.told.append(name)

    def note(self, text: str) -> None:
        self.told.append(text)

    def progress(self) -> AbstractContextManager[Progress]:
        return SILENCE.progress()


@dataclass
class TrustAll:
    """The trust of somebody who agrees to everything."""

    reached: list[SourceReach] = field(default_factory=list)

    def require(self, reach: SourceReach) -> None:
        self.reached.append(reach)

    def knows(self, reach: SourceReach) -> bool:
        return True


def origin_surroundings(
    base: Path,
    *,
    variables: Mapping[str, bytes] | None = None,
    standard_input: bytes = b"",
    person: Somebody | None = None,
    listener: Listener | None = None,
    trust: SourceTrust | None = None,
) -> OriginSurroundings:
    """What a source may use in a test."""
    known = dict(variables or {})
    return OriginSurroundings(
        base=str(base),
        variable=lambda name: SecretValue(known[name]) if known.get(name) else None,
        standard_input=lambda: standard_input,
        respondent=person or Somebody(present=False),
        tell=listener or Listener(),
        trust=trust,
    )


def provider_surroundings(
    base: Path, *, person: Somebody | None = None, listener: Listener | None = None
) -> Surroundings:
    """What a provider may use in a test; its clock does not wait."""
    return Surroundings(
        base=str(base),
        variable=lambda _: None,
        respondent=person or Somebody(present=False),
        tell=listener or Listener(),
        sleep=lambda _: None,
    )
