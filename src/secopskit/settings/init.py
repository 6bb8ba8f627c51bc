"""The section `init`: which steps of `secops init` this repository does without.

```yaml
init:
  skip: [security, baseline]
```
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Final

from secopskit.named_tuple import NamedTuple
from secopskit.settings.file import read_sections
from secopskit.settings.options import Option, ValueKind, defaults, parse_section, parse_variables, text_list
from secopskit.settings.shapes import listed
from secopskit.state.smallfiles import StrPath

_STEPS: Final = ValueKind("list of steps", lambda value: tuple(text_list(value)), listed())

OPTIONS: Final = (
    Option(
        "skip", _STEPS, "", "Steps to leave out, here and in CI (`secops init --help` names them).", "init"
    ),
)


class InitConfig(NamedTuple):
    """What is declared; one field per row of `OPTIONS`. `place` is what says so, in words."""

    skip: tuple[str, ...]
    place: str = ""


def load_init(
    root: StrPath, *, file: StrPath | None = None, environ: Mapping[str, str] = os.environ
) -> InitConfig:
    """What `.secops.yaml` (or `file`) and the variables say. Raises ConfigError."""
    name, sections = read_sections(os.fspath(root), file)
    values: dict[str, Any] = defaults(OPTIONS)
    if name:
        values |= parse_section(sections.get("init", {}), OPTIONS, source=f"{name}: `init.")
    given = parse_variables(OPTIONS, environ)
    place = OPTIONS[0].variable if given else f"{name}: `init.skip`"
    return InitConfig(**values | given, place=place)
