"""Variables that look like settings and are none: what their user believes to have set is not set."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final

from secopskit.settings.file import SECTIONS, options_of
from secopskit.settings.options import variable_prefix

# Those that are no setting of a section; docs/configuration.md tells of each.
_OTHERS: Final = frozenset(
    (
        "SECOPS_CACHE_DIR",
        "SECOPS_COMPILE",
        "SECOPS_GITHUB_APP_ID",
        "SECOPS_GITHUB_APP_KEY",
        "SECOPS_GITHUB_APP_KEY_FILE",
        "SECOPS_PYTHON",
        "SECOPS_STATE_DIR",
        "SECOPS_STATE_DIR",
    )
)
# The sections look after theirs; the project's own tests have some.
_OWN: Final = (*map(variable_prefix, SECTIONS), "SECOPS_TEST_")
_ALIKE: Final = 0.8


def stray_variables(environ: Mapping[str, str] = os.environ) -> list[str]:
    """A sentence for each variable `SECOPS_*` that nothing reads and that is like a setting; by name.

    Not an error: the prefix may be somebody else's, too.
    """
    stray = sorted(
        name
        for name in environ
        if name.startswith("SECOPS_") and name not in _OTHERS and not name.startswith(_OWN)
    )
    if not stray:
        return []
    settings = [option.variable for section in SECTIONS for option in options_of(section)]
    meant = ((name, _meant(name, settings)) for name in stray)
    return [f"{name} sets nothing: did you mean {other}?" for name, other in meant if other]


def _meant(name: str, settings: list[str]) -> str:
    """The setting that `name` was meant for: the same without the section, or one that is spelt alike."""
    from difflib import get_close_matches

    tail = name.removeprefix("SECOPS")
    exact = [each for each in settings if each.endswith(tail) and each.count("_") > name.count("_")]
    close = get_close_matches(name, settings, n=1, cutoff=_ALIKE)
    return next(iter((*exact, *close)), "")
