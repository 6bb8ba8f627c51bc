"""What one place holds: secrets under a key pair that can be renewed, and variables."""

from __future__ import annotations

import base64
import re
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, SealedBox

from support.github.answers import Refused, message, violated

SIZE_LIMIT: Final = 48 * 1024
STALE_KEY: Final = "Bad request - validation failed due to an improperly encrypted secret"
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class Clock:
    """The server's time: the real one unless it is held, plus what was added; whole seconds, in UTC."""

    def __init__(self) -> None:
        self._held: datetime | None = None
        self._added = timedelta()

    def now(self) -> datetime:
        """The time now."""
        return self.exact().replace(microsecond=0)

    def exact(self) -> datetime:
        """The time now, with its parts of a second."""
        return (self._held or datetime.now(UTC)) + self._added

    def hold(self, at: datetime | None = None) -> None:
        """Let the time stand still, at `at` or now."""
        self._held, self._added = at or self.now(), timedelta()

    def advance(self, seconds: float) -> None:
        """Let `seconds` go by."""
        self._added += timedelta(seconds=seconds)


def stamp(moment: datetime) -> str:
    """A moment as GitHub writes it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(slots=True)
class Held:
    """A secret or a variable. `value` is what was in the sealed box, or the variable's text in UTF-8.

    `visibility` and `selected`, ids of repositories, are an organisation's; `writes` counts.
    """

    name: str
    value: bytes
    created_at: datetime
    updated_at: datetime
    visibility: str = ""
    selected: set[int] = field(default_factory=set)
    writes: int = 1


class Shelf:
    """Variables of one place, or secrets of one kind there, by name in upper case.

    GitHub stores names in upper case however they are written:
    https://docs.github.com/en/actions/reference/security/secrets
    """

    def __init__(self, clock: Clock, limit: int) -> None:
        self.clock = clock
        self.limit = limit
        self.held: dict[str, Held] = {}

    @property
    def values(self) -> dict[str, bytes]:
        """What is held, by name."""
        return {name: each.value for name, each in self.held.items()}

    def get(self, name: str) -> Held | None:
        """What is held under `name`, however that is written."""
        return self.held.get(name.upper())

    def put(self, name: str, value: bytes) -> Held:
        """Write a value. Refuses names, sizes and numbers that GitHub refuses."""
        check_name(name)
        if len(value) > SIZE_LIMIT:
            raise violated(f"the value is larger than {SIZE_LIMIT} bytes")
        found = self.get(name)
        now = self.clock.now()
        if found is not None:
            found.value, found.updated_at = value, now
            found.writes += 1
            return found
        if len(self.held) >= self.limit:
            raise violated(f"there are {self.limit} already, and no more is allowed")
        made = self.held[name.upper()] = Held(name.upper(), value, now, now)
        return made


class _KeyPair(NamedTuple):
    id: str
    private: PrivateKey


class Vault(Shelf):
    """Secrets of one place, and the key pair that they are sealed for."""

    def __init__(self, clock: Clock, limit: int) -> None:
        super().__init__(clock, limit)
        self._former: set[str] = set()
        self._pair: _KeyPair | None = None

    def rotate(self) -> None:
        """Renew the key pair. What is sealed for the former one is refused from now on."""
        if self._pair is not None:
            self._former.add(self._pair.id)
            self._pair = None

    @property
    def key_id(self) -> str:
        """The number of the key pair."""
        return self._keys().id

    @property
    def public_key(self) -> str:
        """The public half, in Base64."""
        return base64.b64encode(bytes(self._keys().private.public_key)).decode("ascii")

    def open(self, encrypted: str, key_id: str) -> bytes:
        """What is in a sealed box. Refuses one for another key: a violation, unless that is a former one."""
        if key_id != self.key_id:
            unknown = "" if key_id in self._former else "key_id was never handed out"
            raise Refused(message(422, STALE_KEY), unknown)
        try:
            return SealedBox(self._keys().private).decrypt(base64.b64decode(encrypted))
        except CryptoError:
            raise Refused(message(422, STALE_KEY), "the sealed box does not open") from None

    def _keys(self) -> _KeyPair:
        # Made when it is asked for: most of many repositories are never asked.
        if self._pair is None:
            # As long as GitHub's, and never the same twice.
            self._pair = _KeyPair(str(secrets.randbelow(9 * 10**17) + 10**17), PrivateKey.generate())
        return self._pair


def check_name(name: str) -> None:
    """Refuse what is no name of a secret or variable."""
    if not _NAME.fullmatch(name):
        raise violated("a name has letters, digits and underscores, and does not begin with a digit")
    if name.upper().startswith("GITHUB_"):
        raise violated("a name does not begin with GITHUB_")
