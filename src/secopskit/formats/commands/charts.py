"""What a command line sets for a chart of Helm: `--set image.tag=1,auth.password=…`, several in one word."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from secopskit.findings import Span
from secopskit.formats.setting import Setting
from secopskit.lazy_regex import LazyRegex

if TYPE_CHECKING:
    from collections.abc import Iterator

_SET: Final = LazyRegex(
    rb"--set(?:-string|-literal)?(?:=|[ \t]{1,8}|[ \t]{0,8}[\\`^]\r?\n[ \t]{0,40})"
    rb"(?:\"([^\"\n]{1,800})\"|'([^'\n]{1,800})'|([^\s\"'][^\s;&|)]{0,799}))"
)
_PAIR: Final = LazyRegex(
    rb"(?:^|,)([A-Za-z_][\w.\[\]/@-]{0,120})=(?:\"([^\"\n]{1,200})\"|'([^'\n]{1,200})'|((?:[^,\\\"'\n]|\\.){1,200}))"
)


def settings(text: bytes, offset: int, path: tuple[str, ...] = ()) -> Iterator[Setting]:
    """Each pair of each `--set` in `text`, which stands at `offset`; commas in values stay escaped."""
    for option in _SET.finditer(text):
        start, end = next(option.span(group) for group in (1, 2, 3) if option[group] is not None)
        for found in _PAIR.finditer(text[start:end]):
            group = next(number for number in (2, 3, 4) if found[number] is not None)
            span = Span(offset + start + found.start(group), offset + start + found.end(group))
            yield Setting(found[1].decode("ascii", "replace"), found[group], span, path)
