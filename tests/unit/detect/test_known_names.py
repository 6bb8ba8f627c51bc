"""Rules of a repository that name what is not there are refused before anything is scanned."""

from __future__ import annotations

from pathlib import Path

import pytest

from secopskit.detect.ruleset import open_ruleset
from secopskit.errors import ConfigError

_RULE = """
vendor: Acme
rules:
  - id: acme-token
    title: Acme token
    severity: low
    confidence: low
    remediation: Revoke it.
    pattern: 'acme_[a-z0-9]{20}'
"""


@pytest.mark.parametrize("extra", ["filters: [nope]", "validator: nope"])
def test_a_filter_or_validator_that_is_not_there_is_named(tmp_path: Path, extra: str) -> None:
    file = tmp_path / "own.yml"
    file.write_text(f"{_RULE}    {extra}\n")
    with pytest.raises(ConfigError, match=r"own\.yml: rule 'acme-token': there is no \w+ 'nope'"):
        open_ruleset(engine="re", cache=None, extra=(str(file),))
