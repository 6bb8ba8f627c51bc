"""Terraform: variable files, defaults and arguments written into configurations, contents of secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from secopskit.detect.judgement.judge import judge
from secopskit.detect.judgement.place import Trust, place_for
from secopskit.formats.stacks import terraform, terraform_kept

if TYPE_CHECKING:
    from collections.abc import Iterator

    from secopskit.findings import Blob, Match

RULE: Final = "terraform-secret"


def detect(blob: Blob) -> Iterator[Match]:
    """The matches in a Terraform file."""
    trust = Trust.DEPLOYED if ".tfvars" in blob.path else Trust.SETTINGS
    for read in (terraform.settings, terraform_kept.settings):
        yield from judge(read(blob.data), place_for(blob.path, RULE, trust))
