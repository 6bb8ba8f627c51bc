"""Names of credentials, values that everybody knows, and servers that ask for none."""

from __future__ import annotations

import re
from typing import Final

from secopskit.audit.mismatch.services.look.images import ServerImage
from secopskit.collect.facts import EndpointKind, Service
from secopskit.collect.value import ConfigValue

_PASSWORD: Final = re.compile(r"(?:[A-Z0-9_]{1,80}_)?(?:PASSWORD|PASSWD|PASS|PWD|PW)", re.IGNORECASE)
_ADMIN: Final = re.compile(
    r"(?:[A-Z0-9_]{1,60}_)?(?:ADMIN|ADMINISTRATOR|ROOT|SUPERUSER|DEFAULT|BASICAUTH|DASHBOARD|INITIAL)"
    r"(?:_[A-Z0-9]{1,20})?_?(?:PASSWORD|PASSWD|PASS)|WEBPASSWORD|FTLCONF_WEBSERVER_API_PASSWORD",
    re.IGNORECASE,
)
_KEY: Final = re.compile(
    r"(?:[A-Z0-9_]{1,60}_)?(?:JWT|SESSION|COOKIE|AUTH|NEXTAUTH|SIGNING|ENCRYPTION|UTILS|CSRF|DJANGO|FLASK|RAILS)"
    r"_?(?:SECRET(?:_KEY)?(?:_BASE)?|SIGNING_KEY|SALT|KEY)"
    r"|(?:APP|APPLICATION)_(?:SECRET(?:_KEY)?|KEY)|SECRET_KEY(?:_BASE)?|(?:HASH_)?SALT|APP_KEYS"
    r"|[A-Z0-9]{1,30}_SECRET_KEY_BASE",
    re.IGNORECASE,
)
_SHARED: Final = re.compile(
    r"(?:[A-Z0-9_]{1,60}_)?(?:SERVER|INTERNAL|SHARED|CRON|RUNNERS?|WORKERS?|SERVICES?)_(?:AUTH_|API_|ACCESS_)?"
    r"(?:SECRET(?:_KEY)?|TOKEN|KEY)",
    re.IGNORECASE,
)
_SWITCH: Final = re.compile(r"(?:.{0,60}_)?(?:ALLOW|NO|RANDOM|DISABLE|ENABLE|REQUIRE)_.{0,60}", re.IGNORECASE)
_NO_KEY: Final = re.compile(r"PUBLIC|PUBLISHABLE|_URL|_FILE|_PATH|_ID$|_NAME$|OAUTH|CLIENT", re.IGNORECASE)
_TRUST: Final = ConfigValue(b"trust")
_ON: Final = frozenset({"true", "yes", "on", "1"})
_OFF: Final = frozenset({"false", "no", "off", "0"})
_SWITCHES: Final = {
    "ALLOW_EMPTY_PASSWORD": _ON,
    "MYSQL_ALLOW_EMPTY_PASSWORD": _ON,
    "MARIADB_ALLOW_EMPTY_ROOT_PASSWORD": _ON,
    "xpack.security.enabled": _OFF,
    "XPACK_SECURITY_ENABLED": _OFF,
    "DISABLE_SECURITY_PLUGIN": _ON,
    "plugins.security.disabled": _ON,
}
_ROOT: Final = "ROOT"
_TAKEN_OUT: Final = "***REMOVED"
_ALLOWING: Final = {
    "ALLOW_EMPTY_PASSWORD": "",
    "MYSQL_ALLOW_EMPTY_PASSWORD": _ROOT,
    "MARIADB_ALLOW_EMPTY_ROOT_PASSWORD": _ROOT,
}
_AUTH_OF_MONGO: Final = ("--auth", "keyFile", "mongod.conf", "--config", "-f ")


def is_signing_key(name: str) -> bool:
    """Whether a variable of this name holds a key that sessions, tokens or data are protected with."""
    return bool(_KEY.fullmatch(name)) and not _NO_KEY.search(name)


def is_shared_secret(name: str) -> bool:
    """Whether a variable of this name holds what services of a stack know each other by."""
    return bool(_SHARED.fullmatch(name)) and not _NO_KEY.search(name)


def is_password(name: str, *, of_server: bool) -> bool:
    """Whether a variable is what a service itself asks for: a server's any, else an administrator's."""
    return bool((_PASSWORD if of_server else _ADMIN).fullmatch(name)) and not _SWITCH.fullmatch(name)


def is_known_to_all(value: ConfigValue) -> bool:
    """Whether anybody would guess a value, or has seen it in documentation."""
    return bool(value) and (value.is_weak or value.is_placeholder)


def is_taken_out(value: ConfigValue) -> bool:
    """Whether `secops purge-history` has put this in the place of a value: it is none, nowhere."""
    return value.begins_with(_TAKEN_OUT)


def unguarded(service: Service, server: ServerImage | None, *, open_: bool) -> tuple[str, str] | None:
    """Why a server asks nobody for a password, and what to do; None where it does, or nobody can tell.

    A cache without a password counts only where its port is open. An empty password is only allowed, and
    none is empty where one is set.
    """
    if server is None or server.admin:
        return None
    for setting in service.environment:
        if setting.name in _ALLOWING and _has_password(service, _ALLOWING[setting.name]):
            continue
        if setting.name == "POSTGRES_HOST_AUTH_METHOD" and setting.value == _TRUST:
            return (
                f"{setting.name} is trust",
                "Take POSTGRES_HOST_AUTH_METHOD out, and set POSTGRES_PASSWORD.",
            )
        if setting.value is not None and setting.value.shown.lower() in _SWITCHES.get(setting.name, ()):
            return f"{setting.name} is {setting.value.shown}", f"Take {setting.name} out, and set a password."
    return _without(service, server) if open_ else None


def _has_password(service: Service, whose: str) -> bool:
    """Whether a password is set, that of `whose` if there is a name in it."""
    return any(
        setting.name not in _SWITCHES
        and whose in setting.name.upper()
        and _PASSWORD.fullmatch(setting.name.upper().removesuffix("_FILE"))
        and (setting.value is None or bool(setting.value))
        for setting in service.environment
    )


def _without(service: Service, server: ServerImage) -> tuple[str, str] | None:
    """See `unguarded`: servers that ask for no password as long as none is set."""
    names = " ".join(setting.name for setting in service.environment).upper()
    if server.kind is EndpointKind.REDIS and not _redis_asks(service, names):
        return "no requirepass", "Close the port, or start it with --requirepass ${REDIS_PASSWORD:?}."
    if server.kind is EndpointKind.MONGODB and "ROOT" not in names and not _mongo_asks(service):
        return (
            "no root user",
            "Close the port, or set MONGO_INITDB_ROOT_USERNAME and MONGO_INITDB_ROOT_PASSWORD.",
        )
    return None


def _redis_asks(service: Service, names: str) -> bool:
    """Whether a password is set, or may be in a configuration file."""
    configured = any(volume.target.endswith(".conf") for volume in service.volumes)
    return (
        "requirepass" in service.command
        or ".conf" in service.command
        or configured
        or bool(service.env_files)
        or service.build is not None
        or "PASS" in names
        or "EXTRA_FLAGS" in names
        or "REDIS_ARGS" in names
    )


def _mongo_asks(service: Service) -> bool:
    return (
        bool(service.env_files)
        or service.build is not None
        or any(word in service.command for word in _AUTH_OF_MONGO)
    )
