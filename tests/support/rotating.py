"""A vendor of credentials, its rotation providers, and a sink, all of them files: they outlive a kill.

`python rotating.py EVENTS ARGUMENTS…` runs secops with them; at the given number of changes of the file
system (0 for never) it ends as `kill -9` would.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import secrets
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2] / "src")]

from secopskit.errors import RefusedError, SecopsError
from secopskit.provider import PROVIDERS, ProviderEntry
from secopskit.provider.interface import (
    STAND_IN,
    Credential,
    NewValue,
    Outline,
    RotationDraft,
    RotationPhase,
    Surroundings,
    VerificationError,
)
from secopskit.secret import SecretValue
from secopskit.settings.options import FLAG, Option, ValueKind, one_text
from secopskit.sink import SINKS
from secopskit.sink.interface import SinkEntry, SinkPlace, SinkSurroundings

_WORD = ValueKind("word", one_text)
SETTINGS = (
    Option("vendor", _WORD, "vendor.json", "The vendor's file.", "rotate"),
    Option("account", _WORD, "main", "The account.", "rotate"),
    Option("broken", FLAG, "false", "New values do not work.", "rotate"),
    Option("busy", FLAG, "false", "The old value is always in use.", "rotate"),
)


class Vendor:
    """Accounts with the values that open them, in a file."""

    def __init__(self, path: str) -> None:
        self.path = path

    def live(self, account: str = "main") -> list[str]:
        """The values that work."""
        with self._locked() as accounts:
            return [one["value"] for one in accounts.get(account, [])]

    def works(self, account: str, value: SecretValue) -> bool:
        """Whether the value opens the account."""
        return value.reveal().decode() in self.live(account)

    def add(self, account: str, value: str, label: str = "") -> None:
        """One more value; one with the same label goes."""
        with self._locked() as accounts:
            kept = [one for one in accounts.get(account, []) if not label or one["label"] != label]
            accounts[account] = [*kept, {"value": value, "label": label}]

    def only(self, account: str, value: str) -> None:
        """This value and no other."""
        with self._locked() as accounts:
            accounts[account] = [{"value": value, "label": ""}]

    def remove(self, account: str, value: str = "", label: str = "") -> None:
        """End a value; of one that does not live it is no error."""
        with self._locked() as accounts:
            accounts[account] = [
                one
                for one in accounts.get(account, [])
                if one["value"] != value and (not label or one["label"] != label)
            ]

    @contextmanager
    def _locked(self) -> Iterator[dict[str, list[dict[str, str]]]]:
        with open(f"{self.path}.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            try:
                accounts: dict[str, list[dict[str, str]]] = json.loads(Path(self.path).read_bytes())
            except FileNotFoundError:
                accounts = {}
            before = json.dumps(accounts)
            yield accounts
            if json.dumps(accounts) != before:
                _replace(self.path, accounts)


def _replace(path: str, document: object) -> None:
    Path(f"{path}.new").write_text(json.dumps(document))
    os.replace(f"{path}.new", path)


class _Fake:
    """What the fake providers have in common. In a URL the value is replaced where it stands."""

    phase: RotationPhase

    def __init__(self, credential: Credential, surroundings: Surroundings) -> None:
        self._credential = credential
        self._settings: Mapping[str, Any] = credential.settings
        self._surroundings = surroundings
        self._vendor = Vendor(os.path.join(surroundings.base, self._settings["vendor"]))
        self._account: str = self._settings["account"]

    def outline(self) -> Outline:
        return Outline(
            create=f"A new value is made for the account {self._account}.",
            verify="The new value is tried.",
            drain="Nobody is waited for.",
            revoke="The old value is ended at the vendor.",
            costs=("Whoever has not the new value yet is locked out.",)
            if self.phase is RotationPhase.SINGLE
            else (),
        )

    def prepare(self) -> RotationDraft:
        if self._credential.old and not self._vendor.works(self._account, self._credential.old):
            raise SecopsError("the old value does not work", advice="Look at the vendor.")
        return RotationDraft(
            value=SecretValue(secrets.token_hex(16).encode()), memo={"label": secrets.token_hex(4)}
        )

    def verify(self, new: NewValue) -> str:
        if self._settings["broken"] or not self._vendor.works(self._account, new.value):
            raise VerificationError("the new value does not work", advice="Roll back.")
        return "the new value opens the account"

    def rewrite(self, value: SecretValue, new: NewValue) -> SecretValue | None:
        old = self._credential.old
        if old is None or old.reveal() not in value.reveal():
            return None
        return SecretValue(value.reveal().replace(old.reveal(), new.value.reveal()))

    def stand_in(self) -> NewValue:
        return STAND_IN

    def in_use(self, new: NewValue) -> str:
        return "a session has it" if self._settings["busy"] else ""

    def dies(self) -> tuple[SecretValue, ...]:
        return (self._credential.old,) if self._credential.old else ()

    def _old(self) -> str:
        return self._credential.old.reveal().decode() if self._credential.old else ""


class DualFake(_Fake):
    """The vendor chooses the value, and shows it once."""

    phase = RotationPhase.DUAL

    def prepare(self) -> RotationDraft:
        return RotationDraft(memo=super().prepare().memo)

    def create(self, draft: RotationDraft) -> NewValue:
        value = secrets.token_hex(16)
        self._vendor.add(self._account, value, draft.memo["label"])
        return NewValue(value=SecretValue(value.encode()), memo=dict(draft.memo))

    def revoke(self, new: NewValue) -> str:
        if not self._vendor.works(self._account, new.value):
            raise VerificationError("the new value does not work: the old one is left alone")
        self._vendor.remove(self._account, self._old())
        return "the old value does not open the account any more"

    def rollback(self, draft: RotationDraft, new: NewValue | None) -> str:
        self._vendor.remove(self._account, label=draft.memo["label"])
        return "the new value was removed"


class SingleFake(_Fake):
    """We choose the value, and the old one ends with it."""

    phase = RotationPhase.SINGLE

    def create(self, draft: RotationDraft) -> NewValue:
        assert draft.value is not None
        self._vendor.only(self._account, draft.value.reveal().decode())
        return NewValue(value=draft.value)

    def revoke(self, new: NewValue) -> str:
        if self._old() in self._vendor.live(self._account):
            raise VerificationError("the old value still works")
        return "the old value does not work any more"

    def rollback(self, draft: RotationDraft, new: NewValue | None) -> str:
        if self._settings["account"] == "one-way":
            raise RefusedError("the vendor takes no value that it has had", advice="Rotate once more.")
        self._vendor.only(self._account, self._old())
        return "the old value was set again"


class ManualFake(DualFake):
    """A person brings the value."""

    phase = RotationPhase.MANUAL

    def create(self, draft: RotationDraft) -> NewValue:
        value = self._surroundings.respondent.reads_secret("the new value")
        if not value:
            raise RefusedError("no value was given", advice="Begin again.")
        self._vendor.add(self._account, value, draft.memo["label"])
        return NewValue(value=SecretValue(value.encode()), memo=dict(draft.memo))


class Shelf:
    """A sink in a file that shows no values."""

    readable = False
    most = 0
    owner = ""

    def __init__(self, place: SinkPlace, surroundings: SinkSurroundings) -> None:
        self.kind = place.kind
        self.address = f"shelf {place.name} {place.environment}".strip()
        self.path = os.path.join(surroundings.base, f"{place.name or 'shelf'}-{place.environment}.json")

    def canonical(self, name: str) -> str:
        return name.upper()

    def check(self, name: str, value: SecretValue) -> None:
        assert name

    def exists(self) -> bool:
        return True

    def make(self) -> None:
        raise AssertionError("it is always there")

    def values(self) -> dict[str, list[str]]:
        """What stands on it."""
        try:
            known: dict[str, list[str]] = json.loads(Path(self.path).read_bytes())
        except FileNotFoundError:
            known = {}
        return known

    def entries(self) -> dict[str, SinkEntry]:
        return {
            name: SinkEntry(name, datetime.fromisoformat(when)) for name, (_, when) in self.values().items()
        }

    def put(self, name: str, value: SecretValue) -> datetime:
        now = datetime.now(UTC).replace(microsecond=0)
        _replace(self.path, self.values() | {name: [value.reveal().decode(), now.isoformat()]})
        return now

    def remove(self, name: str) -> None:
        _replace(self.path, {key: one for key, one in self.values().items() if key != name})

    def receipt(self) -> None:
        """Nothing is told."""


def dual(credential: Credential, surroundings: Surroundings) -> DualFake:
    return DualFake(credential, surroundings)


def single(credential: Credential, surroundings: Surroundings) -> SingleFake:
    return SingleFake(credential, surroundings)


def manual(credential: Credential, surroundings: Surroundings) -> ManualFake:
    return ManualFake(credential, surroundings)


class _Module:
    """What `secopskit.provider` expects of the module of a provider."""

    SETTINGS = SETTINGS

    def __init__(self, provider: Callable[[Credential, Surroundings], object]) -> None:
        self.provider = provider


def registered() -> tuple[dict[str, ProviderEntry], dict[str, str]]:
    """Make the fakes known; the lines for the registries."""
    entries = {}
    for name, phase, make in (
        ("fake-dual", "dual", dual),
        ("fake-single", "single", single),
        ("fake-manual", "manual", manual),
    ):
        module = f"rotating_{name.replace('-', '_')}"
        sys.modules[module] = _Module(make)  # type: ignore[assignment]  # as good as a module
        entries[name] = ProviderEntry(module, phase, "A fake.")
    sys.modules.setdefault("support.rotating", sys.modules[__name__])
    return entries, {"shelf": "support.rotating:Shelf"}


_CHANGES = frozenset({"os.rename", "os.remove", "os.mkdir", "os.link", "open"})


def die_at(number: int) -> None:
    """End this process as `kill -9` does, at that change of the file system."""
    seen = 0

    def look(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal seen
        if event not in _CHANGES or (event == "open" and not _writes(arguments)):
            return
        seen += 1
        if seen == number:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(look)


def _writes(arguments: tuple[Any, ...]) -> bool:
    _, mode, flags = arguments
    writing = bool(flags & (os.O_WRONLY | os.O_RDWR)) if isinstance(flags, int) else False
    return writing or any(sign in (mode or "") for sign in "wax+")


def install(number: str) -> None:
    """Make the fakes known in this process, switch all logs on, and have it die at that change, if not 0."""
    providers, sinks = registered()
    PROVIDERS.update(providers)
    SINKS.update(sinks)
    logging.basicConfig(level=logging.DEBUG, stream=sys.stderr)
    if int(number):
        die_at(int(number))


def install_with_a_bug(number: str) -> None:
    """As `install`; the verification of a value fails, with the old value in the exception."""

    def broken(self: _Fake, new: NewValue) -> str:
        raise RuntimeError(self._old())

    _Fake.verify = broken  # type: ignore[method-assign]  # in this process alone
    install(number)


def install_with_bugs(number: str) -> None:
    """As `install_with_a_bug`, with the old value in several exceptions, and in a note."""

    def broken(self: _Fake, new: NewValue) -> str:
        try:
            raise ValueError(self._old())
        except ValueError as error:
            error.add_note(f"it was {self._old()}")
            raise ExceptionGroup(self._old(), [error, KeyError(self._old())]) from error

    _Fake.verify = broken  # type: ignore[method-assign]  # in this process alone
    install(number)


def _main(number: str, *arguments: str) -> int:
    from secopskit.cli.boundary import run

    providers, sinks = registered()
    PROVIDERS.update(providers)
    SINKS.update(sinks)
    if int(number):
        die_at(int(number))
    return run(arguments)


if __name__ == "__main__":
    sys.exit(_main(*sys.argv[1:]))
