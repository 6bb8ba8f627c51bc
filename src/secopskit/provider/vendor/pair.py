"""Keys of two parts, an id and a secret, which are declared under two names and change together."""

from __future__ import annotations

from collections.abc import Mapping

from secopskit.errors import ConfigError
from secopskit.provider.exchange import exchange
from secopskit.provider.interface import STAND_IN, Credential, NewValue, Surroundings
from secopskit.secret import SecretValue


def old_id(credential: Credential, surroundings: Surroundings) -> str:
    """The id of the old key: what `id_name` holds, else the setting `access_key`. Raises ConfigError."""
    name = credential.settings["id_name"]
    beside = surroundings.current(name) if name else None
    known = (
        beside.reveal().decode("ascii", "replace").strip() if beside else credential.settings["access_key"]
    )
    if not known:
        raise ConfigError(
            f"{credential.id}: the id of the old key is not known",
            advice="Declare the name that holds it (`id_name`), or say it with `access_key`.",
        )
    return str(known)


def companion(credential: Credential, key_id: str) -> Mapping[str, SecretValue]:
    """The id of the new key under its declared name, where it has one."""
    name = credential.settings["id_name"]
    return {name: SecretValue(key_id.encode())} if name else {}


def pair_rewritten(
    credential: Credential, value: SecretValue, *, new: SecretValue, ids: tuple[str, str]
) -> SecretValue | None:
    """What `value` becomes where it has the old secret, or the old id of `ids` (old, new); else None."""
    before, after = (SecretValue(each.encode()) for each in ids)
    with_secret = exchange(value, credential.old, new)
    return exchange(with_secret or value, before, after) or with_secret


def pair_stand_in(credential: Credential, surroundings: Surroundings) -> NewValue:
    """See `Provider.stand_in`. Raises ConfigError."""
    memo = {"old": old_id(credential, surroundings), "id": "-"}
    return NewValue(value=STAND_IN.value, memo=memo, companions=companion(credential, "-"))


def pair_costs(credential: Credential) -> tuple[str, ...]:
    """What the plan says of the second name."""
    name = credential.settings["id_name"]
    return (f"{name} changes too: both are published together",) if name else ()
