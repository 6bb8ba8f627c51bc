"""A setting: one key with its value, and the place in the file where the value stands."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from secopskit.findings import Span
from secopskit.named_tuple import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class SettingForm(Enum):
    """How a setting is written."""

    ASSIGNED = 1
    """A key with a value, as its format writes it: `KEY=value`, `key: value`, an element, a pair."""
    OPTION = 2
    """An option of a command: `--requirepass …`."""
    PASSWORD_OPTION = 3
    """An option by which its program takes a password, whatever the option's name: `mysql -p…`."""
    PASSWORD = 4
    """What the grammar itself calls a password: a field of .netrc, SQL's `IDENTIFIED BY 'value'`."""
    DEFAULT = 5
    """The default of a variable that the file declares: Terraform's `variable "key" { default = … }`."""
    COMMENTED = 6
    """An assignment within a comment."""


class Setting(NamedTuple):
    """One key with its value.

    `value` is what a program would read: without quotes, escapes and (see `encoding`) base64. `span`
    is where it stands as written, quotes excluded; wherever nothing had to be undone the bytes
    there are the value. `path` leads to the key from the top of the document: names of sections,
    services, maps. `quote` is the sign around the value ("" for none, "|" or ">" for a YAML
    block). `encoding` is "base64" if the value was decoded from it. What the value refers to (a
    variable, a default) is told by `secopskit.formats.references`.
    """

    key: str
    value: bytes
    span: Span
    path: tuple[str, ...] = ()
    quote: str = ""
    form: SettingForm = SettingForm.ASSIGNED
    encoding: str = ""


def numbered(data: bytes, settings: Iterable[Setting]) -> Iterator[tuple[int, Setting]]:
    """Each of `settings`, read from `data`, with the 1-based line that its value begins on."""
    line, at = 1, 0
    for setting in sorted(settings, key=lambda setting: setting.span):
        line += data.count(b"\n", at, setting.span.start)
        at = setting.span.start
        yield line, setting
