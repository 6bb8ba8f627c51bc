"""Settings that only mention a secret, as their place in a document tells: references, versions, captions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from secopskit.detect.judgement.texts import LANGUAGES
from secopskit.formats.stacks.kubernetes import is_secret
from secopskit.formats.trees.environment import text_of
from secopskit.formats.trees.nodes import Mapping, Scalar
from secopskit.lazy_regex import LazyRegex

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from secopskit.formats.setting import Setting


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Manifests of operators that fetch or decrypt: their values are names of what is elsewhere, or ciphertext.
_FETCHED: Final = _set(
    "ExternalSecret ClusterExternalSecret PushSecret ClusterPushSecret SealedSecret "
    "SecretProviderClass VaultStaticSecret VaultDynamicSecret VaultPKISecret VaultSecret "
    "OnePasswordItem InfisicalSecret DopplerSecret BitwardenSecret AzureKeyVaultSecret SopsSecret "
    "CustomResourceDefinition"
)
_KIND: Final = LazyRegex(rb"(?m)^[ \t]{0,20}kind:[ \t]{0,8}[\"']?([A-Za-z]{1,60})")
# Names of packages, with versions.
_DEPENDENCIES: Final = LazyRegex(
    r"(?i)(?:^|[a-z._-])dependencies$|^(?:require(?:-dev)?|resolutions|overrides|packages|dev-packages|engines|catalogs?)$"
)
_LANGUAGE: Final = LazyRegex(rf"(?:{LANGUAGES})(?:[-_][A-Za-z]{{2,4}})?")
# ISO 3166: Palau is `PW`, its states `PW-004`; `RU-PSK` is Pskov.
_PLACES: Final = LazyRegex(r"PW(?:-\d{3})?|(?!AD|DB|OS|PG|VM|WP)[A-Z]{2}-(?:PW|PSK)")
_API: Final = ("openapi", "swagger")


def is_described(root: Mapping) -> bool:
    """Whether the document describes an API, or translates a program."""
    if any(isinstance(root.get(key), Scalar) for key in _API):
        return True
    if len(root.pairs) != 1:
        return False
    key, value = root.pairs[0]
    return isinstance(value, Mapping) and _LANGUAGE.fullmatch(text_of(key)) is not None


def is_elsewhere(node: Mapping) -> bool:
    """Whether the map is a manifest whose values are read in another way, or stand elsewhere."""
    kind = node.get("kind")
    return isinstance(kind, Scalar) and (text_of(kind) in _FETCHED or is_secret(node))


def in_template(settings: Iterable[Setting], text: bytes) -> Iterator[Setting]:
    """Those of `settings`, read line by line from a template, that may hold what their names say.

    What names a secret in a manifest that has it fetched is told by the manifest's kind alone.
    """
    fetched = any(found[1].decode() in _FETCHED for found in _KIND.finditer(text))
    return (one for one in held(settings) if not (fetched and one.key == "secretKey"))


def held(settings: Iterable[Setting]) -> Iterator[Setting]:
    """Those of `settings` that may hold what their names say."""
    return (setting for setting in settings if not is_mention(setting))


def is_mention(setting: Setting) -> bool:
    """Whether a setting cannot hold what its name says."""
    key, value = setting.key, setting.value
    if key.startswith("checksum/") or key == "update_password":  # of Helm, of Ansible
        return True
    if key == "hashed_secret":  # of a list of known findings
        return True
    if any(map(_DEPENDENCIES.search, setting.path[-1:])):
        return True
    if setting.path[-1:] == ("properties",) and value.isalpha():  # the name of a type
        return True
    # The code of a country, or of a part of one.
    return _PLACES.fullmatch(key) is not None and not any(map(str.isdigit, value.decode("utf-8", "replace")))
