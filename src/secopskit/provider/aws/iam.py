"""IAM and STS over boto3: an identity, and what is asked with it.

Nothing of a conversation goes to a log: at DEBUG, botocore writes the answers, and one of them has a secret.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from secopskit.errors import ConfigError, SecopsError, UsageError
from secopskit.named_tuple import NamedTuple
from secopskit.provider.interface import Surroundings
from secopskit.provider.vendor.talk import printable
from secopskit.secret import REDACTED, SecretValue

_TALKATIVE: Final = ("boto3", "botocore", "urllib3")
_LIMITS: Final = frozenset(
    {"Throttling", "ThrottlingException", "RequestLimitExceeded", "TooManyRequestsException"}
)
_SERVERS_FAULT: Final = 500
_TRIES: Final = 5
_FIRST_WAIT_S: Final = 1.0
_ADVICE: Final = {
    "AccessDenied": "Allow it to the identity, or name another with the setting `profile`.",
    "InvalidClientTokenId": "The access key does not exist, or is inactive.",
    "SignatureDoesNotMatch": "The id and the secret of the access key do not belong together.",
    "LimitExceeded": "A user has two access keys at most: delete the one that is not used.",
}


class AwsAccessKey(NamedTuple):
    """An access key: its id, which is no secret, and its secret."""

    id: str
    secret: SecretValue


class AwsRefusalError(SecopsError):
    """AWS did not do what was asked. `status` is the HTTP status, 0 without an answer; `code` is AWS' own."""

    def __init__(self, message: str, *, advice: str = "", status: int = 0, code: str = "") -> None:
        super().__init__(message, advice=advice)
        self.status = status
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsIdentity:
    """Somebody who asks AWS: with `key`, else with the profile of the settings, else as boto3 finds out."""

    settings: Mapping[str, Any]
    surroundings: Surroundings
    key: AwsAccessKey | None = None
    hidden: Collection[SecretValue] = ()

    def ask(self, service: str, operation: str, *, again: bool = True, **parameters: str) -> dict[str, Any]:
        """The answer to an operation of boto3's client. Raises AwsRefusalError, ConfigError, UsageError.

        With `again` it is asked anew after faults; after a limit it always is.
        """
        call = getattr(self._client(service), operation)
        for tried in range(1, _TRIES + 1):
            try:
                return _answered(call, parameters, f"{service} {operation}", self._secrets())
            except AwsRefusalError as error:
                fault = error.status == 0 or error.status >= _SERVERS_FAULT
                if tried == _TRIES or not (error.code in _LIMITS or (fault and again)):
                    raise
                self.surroundings.sleep(_FIRST_WAIT_S * 2.0 ** (tried - 1))
        raise AssertionError("unreachable")

    def _secrets(self) -> tuple[SecretValue, ...]:
        return (*self.hidden, *((self.key.secret,) if self.key else ()))

    def _client(self, service: str) -> Any:
        boto3, botocore_config, botocore_exceptions = _boto3()
        limits = botocore_config.Config(
            connect_timeout=10, read_timeout=30, retries={"total_max_attempts": 1, "mode": "standard"}
        )
        try:
            session = boto3.session.Session(
                **self._login(), region_name=self.settings["region"], botocore_session=_session()
            )
            return session.client(service, endpoint_url=self.settings["api_url"] or None, config=limits)
        except botocore_exceptions.BotoCoreError as error:
            raise ConfigError(
                f"AWS cannot be asked: {type(error).__name__}", advice="Check `profile` and ~/.aws/config."
            ) from None

    def _login(self) -> dict[str, str]:
        if self.key is not None:
            return {
                "aws_access_key_id": self.key.id,
                "aws_secret_access_key": self.key.secret.reveal().decode("ascii", "replace"),
            }
        profile = self.settings["profile"]
        return {"profile_name": profile} if profile else {}


def _answered(
    call: Callable[..., dict[str, Any]],
    parameters: Mapping[str, str],
    doing: str,
    hidden: Collection[SecretValue],
) -> dict[str, Any]:
    """One request. Raises AwsRefusalError, ConfigError."""
    from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

    try:
        return call(**parameters)
    except ClientError as error:
        said = error.response.get("Error", {})
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        code, text = str(said.get("Code", "")), str(said.get("Message", ""))
        for value in hidden:
            text = text.replace(value.reveal().decode("utf-8", "replace"), REDACTED)
        message = f"AWS: {doing}: {printable(code)}: {printable(text)}"
        raise AwsRefusalError(message, advice=_ADVICE.get(code, ""), status=status, code=code) from None
    except HTTPClientError as error:
        raise AwsRefusalError(f"AWS: {doing}: no answer ({type(error).__name__})") from None
    except BotoCoreError as error:
        raise ConfigError(
            f"AWS cannot be asked: {type(error).__name__}", advice="Give it credentials: see `profile`."
        ) from None


def _session() -> Any:
    """A session of botocore. What it reads of AWS' descriptions, which takes long, is shared by all."""
    import botocore.session

    session = botocore.session.get_session()
    session.register_component("data_loader", _descriptions())
    return session


@cache
def _descriptions() -> Any:
    from botocore.loaders import create_loader

    return create_loader()


def _boto3() -> tuple[Any, Any, Any]:
    """boto3, and two modules of botocore, silenced. Raises UsageError."""
    try:
        import boto3
        import botocore.config
        import botocore.exceptions
    except ImportError as error:
        raise UsageError(
            "boto3 is not installed: this needs the extra 'aws'", advice="pip install 'secopskit[aws]'"
        ) from error
    from secopskit.web.wire import keep_wire_quiet

    keep_wire_quiet()
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    return boto3, botocore.config, botocore.exceptions
