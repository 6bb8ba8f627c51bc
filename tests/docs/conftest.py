"""Documents are tried as they stand."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def shown(unmeasured: None) -> None:
    """What a document shows is a whole command."""
