"""The module that deflates and inflates: isal, several times as fast, where it is installed, else zlib."""

from __future__ import annotations

import zlib
from typing import Any, Final

fast: Any
try:
    from isal import isal_zlib

    fast = isal_zlib
except ImportError:
    fast = zlib

NAME: Final = "isal" if fast is not zlib else "zlib"
FAST: Final = 1
"""The level that either knows; with isal's, text becomes as small as with zlib's."""
