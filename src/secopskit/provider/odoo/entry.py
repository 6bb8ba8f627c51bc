"""The provider `odoo`: its settings, and which of Odoo's passwords is rotated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from secopskit.errors import ConfigError
from secopskit.provider.odoo.choices import OdooPassword, OdooProtocol
from secopskit.settings.options import Option, ValueKind, choice, one_text

if TYPE_CHECKING:
    from secopskit.provider.interface import Credential, Provider, Surroundings
    from secopskit.settings.options import Text

_LONGEST: Final = 1024


def _line(value: Text) -> str:
    text = one_text(value)
    if len(text) > _LONGEST or not text.isprintable():
        raise ValueError
    return text


_TEXT: Final = ValueKind("text", _line)


def _option(name: str, kind: ValueKind, default: str, text: str) -> Option:
    return Option(name, kind, default, text, "rotate")


SETTINGS: Final = (
    _option(
        "what",
        ValueKind("`user-password` or `master-password`", choice(OdooPassword)),
        "user-password",
        "Which password: that of a user, or the master password (`admin_passwd`).",
    ),
    _option("url", _TEXT, "", "Where Odoo is: `https://odoo.example.com`. For a user's password."),
    _option("database", _TEXT, "", "The database of the user."),
    _option("login", _TEXT, "", "The user's login."),
    _option(
        "protocol",
        ValueKind("`auto`, `jsonrpc` or `xmlrpc`", choice(OdooProtocol)),
        "auto",
        "The remote interface; JSON-RPC is tried first.",
    ),
    _option("config", _TEXT, "", "The configuration file that holds the master password: `odoo.conf`."),
)


def provider(credential: Credential, surroundings: Surroundings) -> Provider:
    """The rotation of one of Odoo's passwords. Raises ConfigError."""
    if credential.old is None:
        raise ConfigError(
            f"{credential.id}: its value until now is needed to rotate it, and is not at hand",
            advice="Declare its `source` under `sync.environments`, or rotate it with `provider: manual`.",
        )
    if credential.settings["what"] is OdooPassword.MASTER:
        from secopskit.provider.odoo.master_password import MasterPassword

        _require(credential, "config")
        return MasterPassword(credential, credential.old, surroundings)
    from secopskit.provider.odoo.user_password import UserPassword

    _require(credential, "url", "database", "login")
    return UserPassword(credential, credential.old, surroundings)


def _require(credential: Credential, *names: str) -> None:
    missing = [f"`{name}`" for name in names if not credential.settings[name]]
    if missing:
        raise ConfigError(
            f"{credential.id}: Odoo's password needs {', '.join(missing)}", advice="See docs/ROTATION.md."
        )
