"""AWS: access keys of an IAM user, by boto3 (extra `aws`).

Facts: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html. A user has two keys
at most, so an unused second one must go before a rotation can begin.
"""

from __future__ import annotations

from typing import Final

from secopskit.provider.interface import Credential, Provider, Surroundings
from secopskit.provider.vendor.kinds import BASE_URL, PATIENCE, VARIABLE, WORDS, matching
from secopskit.settings.options import Option

SETTINGS: Final = (
    Option(
        "id_name",
        VARIABLE,
        "AWS_ACCESS_KEY_ID",
        "The declared name of the access key's id, which changes with the secret.",
        "rotate",
    ),
    Option(
        "access_key",
        matching(r"[A-Z0-9]{16,128}", "id of an access key"),
        "",
        "The old key's id, where `id_name` is not declared.",
        "rotate",
    ),
    Option(
        "user",
        matching(r"[A-Za-z0-9+=,.@_-]{1,64}", "name of an IAM user"),
        "",
        "Whose key it is; nothing: whoever the old key belongs to.",
        "rotate",
    ),
    Option(
        "profile",
        WORDS,
        "",
        "The profile of ~/.aws that rotates; nothing: the key itself, as its user may.",
        "rotate",
    ),
    Option("region", matching(r"[a-z0-9-]{1,40}", "region"), "us-east-1", "The region to ask.", "rotate"),
    Option("api_url", BASE_URL, "", "Where IAM and STS are; nothing: as AWS has it.", "rotate"),
    Option(
        "patience",
        PATIENCE,
        "90s",
        "How long a change may take until it is known everywhere.",
        "rotate",
    ),
)


def provider(credential: Credential, surroundings: Surroundings) -> Provider:
    """The rotation of an access key."""
    from secopskit.provider.aws.access_key import AccessKeyProvider

    return AccessKeyProvider(credential, surroundings)
