"""GitHub: deploy keys of a repository.

Facts: https://docs.github.com/rest/deploy-keys/deploy-keys.
"""

from __future__ import annotations

from typing import Final

from secopskit.provider.interface import Credential, Provider, Surroundings
from secopskit.provider.vendor.kinds import WORDS, matching
from secopskit.settings.options import Option

SETTINGS: Final = (
    Option(
        "repository",
        matching(r"[A-Za-z0-9_.-]{1,100}/[A-Za-z0-9_.-]{1,100}", "owner/name"),
        "",
        "The repository that the key opens.",
        "rotate",
    ),
    Option("title", WORDS, "", "The old key's title, where its value is not at hand.", "rotate"),
)


def provider(credential: Credential, surroundings: Surroundings) -> Provider:
    """The rotation of a deploy key."""
    from secopskit.provider.github.deploy_key import DeployKeyProvider

    return DeployKeyProvider(credential, surroundings)
