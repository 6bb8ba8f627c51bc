"""Detectors that parse a file as what it is. Each format is imported when a file of its kind is met.

`DETECTORS` is a table of names, the files they want, and modules. A module has `detect(blob)`; it
hands the settings that its twin in `secopskit.formats` parses to `judge`, which makes the matches.
"""

from secopskit.detect.structure.format_detector import MAX_SIZE, FormatDetector
from secopskit.detect.structure.table import DETECTORS, HINTS, is_shell_script, row_for, rows_for_path

__all__ = ["DETECTORS", "HINTS", "MAX_SIZE", "FormatDetector", "is_shell_script", "row_for", "rows_for_path"]
