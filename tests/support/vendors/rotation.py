"""A rotation done by hand: a provider built as a declaration would, and its steps in order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from secopskit.conduct.consent import NOBODY, SecretRespondent
from secopskit.github.client import GitHubClient
from secopskit.provider import build_provider, parse_settings
from secopskit.provider.interface import (
    Credential,
    NewValue,
    Provider,
    RotationDraft,
    Surroundings,
)
from secopskit.secret import SecretValue


@dataclass
class Clock:
    """A clock that only sleeping moves."""

    time: float = 1_800_000_000.0
    slept: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds

    def now(self) -> float:
        return self.time


@dataclass
class Notes:
    """A listener that keeps what it is told."""

    notes: list[str] = field(default_factory=list)

    def phase(self, name: str) -> None:
        self.notes.append(name)

    def note(self, text: str) -> None:
        self.notes.append(text)

    def progress(self) -> Any:
        raise NotImplementedError


def value(text: str) -> SecretValue:
    return SecretValue(text.encode())


@dataclass
class Bench:
    """What a provider works with in a test. `names` are declared values, `variables` those around."""

    variables: Mapping[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    respondent: SecretRespondent = NOBODY
    clock: Clock = field(default_factory=Clock)
    tell: Notes = field(default_factory=Notes)
    github: Callable[[], GitHubClient] | None = None

    def surroundings(self) -> Surroundings:
        def found(names: Mapping[str, str]) -> Callable[[str], SecretValue | None]:
            return lambda name: value(names[name]) if name in names else None

        more: dict[str, Any] = {"github": self.github} if self.github else {}
        return Surroundings(
            base=".",
            variable=found(self.variables),
            respondent=self.respondent,
            tell=self.tell,
            current=found(self.names),
            sleep=self.clock.sleep,
            now=self.clock.now,
            **more,
        )

    def provider(
        self, kind: str, settings: Mapping[str, str], *, old: str | None, name: str = "NAME", rule: str = ""
    ) -> Provider:
        credential = Credential(
            name=name,
            environment="production",
            provider=kind,
            settings=parse_settings(kind, dict(settings), source="`"),
            old=value(old) if old is not None else None,
            rule_id=rule,
        )
        return build_provider(credential, self.surroundings())


def begin(provider: Provider) -> tuple[RotationDraft, NewValue]:
    """Prepare, and create: what is in the journal then."""
    draft = provider.prepare()
    return draft, provider.create(draft)


def no_secret_in(memo: Mapping[str, str], *secrets: str) -> bool:
    return not any(secret in text for text in memo.values() for secret in secrets)
