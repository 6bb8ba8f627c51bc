"""What a scan finds in probes: all of them in one directory and one run, and each held against its values."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from secopskit.findings import Severity
from support.probes import Drawn, Extent


class Shown(NamedTuple):
    """A place that a scan reports by default. `severity` is None for programs that know none."""

    path: str
    extent: Extent
    severity: Severity | None
    rule: str

    @property
    def above_low(self) -> bool:
        """Whether it is more than a note."""
        return self.severity is None or self.severity > Severity.LOW


class Verdict(NamedTuple):
    """A drawn probe, which of its values were found, and all that was shown of it."""

    drawn: Drawn
    found: tuple[bool, ...]
    shown: tuple[Shown, ...]


def place(drawn: Iterable[Drawn], directory: Path) -> None:
    """Write each into its file below `directory`."""
    for one in drawn:
        file = directory / one.path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(one.data)


def scan(directory: Path) -> Iterator[Shown]:
    """What a scan in this process shows of `directory` by default. Raises ValueError for what it skips."""
    from secopskit.scan.choose import FilesRequest, scan_requested
    from secopskit.scan.session import ScanSession

    session = ScanSession(str(directory))
    result = scan_requested(session, FilesRequest((str(directory),)))
    if result.skipped:
        raise ValueError(f"not read: {result.skipped[0].path}: {result.skipped[0].reason.value}")
    for finding in result.findings:
        for at in finding.locations:
            extent = Extent(at.line, at.column, at.end_line, at.end_column)
            yield Shown(at.path, extent, finding.severity, finding.rule_id)


def judge(
    drawn: Sequence[Drawn], directory: Path, program: Callable[[Path], Iterable[Shown]] = scan
) -> list[Verdict]:
    """Write `drawn` below `directory`, let `program` scan it once, and hold all against what it shows.

    A value is found where a finding that is shown by default has a byte in common with it, and does not
    begin lines before it: that the whole file is suspicious says nothing of the value.
    """
    place(drawn, directory)
    by_path: defaultdict[str, list[Shown]] = defaultdict(list)
    for shown in program(directory):
        by_path[shown.path].append(shown)
    return [_verdict(one, by_path.pop(one.path, [])) for one in drawn]


def _verdict(drawn: Drawn, shown: list[Shown]) -> Verdict:
    found = tuple(any(_tells(one.extent, value) for one in shown) for value in drawn.values)
    return Verdict(drawn, found, tuple(shown))


def _tells(extent: Extent, value: Extent) -> bool:
    return extent.meets(value) and value.line - extent.line <= 2
