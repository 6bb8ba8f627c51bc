"""Stand-ins for extensions: their names and types in plain SQL, enough to try a migration with.

One file an extension, `stubs/<extension>.sql`; another is added by adding its file. It begins with
comments: what is different from the extension, in words that end up in the report, and then, each
in a line of its own and only where needed:

    -- schema: cron             the schema that it makes and lives in, whatever is asked for
    -- requires: hypopg         what must be there before it
    -- package: NAME            what to install to have the extension itself; {version} is PostgreSQL's
    -- index methods: hnsw      those whose options (`WITH (…)`) the stand-in does not know
    -- types: geometry          those whose modifiers it does not keep, so that columns cannot be compared
    -- instead: yes             used also where the extension is installed, as that would act on others

In the SQL, `@schema@` is the schema that the extension is put into. It is run by the superuser, and
what it made is then the role's that the files run as.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

from secopskit.migrate.read.split import split

_NAME: Final = re.compile(r"[a-z0-9_-]+")
_COMMENT: Final = re.compile(r"\s*--\s*(.*)")
_FIELD: Final = re.compile(r"(schema|requires|package|index methods|types|instead):\s*(.*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class StandIn:
    """A stand-in. `unlike` says in what it differs from the extension; `text` is its SQL.

    `schema` is empty where the extension goes where it is asked to; `instead`: whether it is
    preferred to the extension itself.
    """

    name: str
    unlike: str
    text: str
    schema: str = ""
    package: str = ""
    requires: tuple[str, ...] = ()
    index_methods: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    instead: bool = False

    def statements(self, schema: str) -> tuple[str, ...]:
        """Its SQL for `schema`, which is spelled as SQL does."""
        return tuple(part.text for part in split(self.text.replace("@schema@", schema)))


@cache
def stand_in(name: str) -> StandIn | None:
    """The stand-in for an extension, if there is one."""
    file = resources.files("secopskit.migrate.shadow") / "stubs" / f"{name}.sql"
    if not _NAME.fullmatch(name) or not file.is_file():
        return None
    return parse_stand_in(name, file.read_text(encoding="utf-8"))


def stand_in_names() -> tuple[str, ...]:
    """The extensions for which there are stand-ins."""
    directory = resources.files("secopskit.migrate.shadow") / "stubs"
    files = (file.name for file in directory.iterdir())
    return tuple(sorted(name.removesuffix(".sql") for name in files if name.endswith(".sql")))


def parse_stand_in(name: str, text: str) -> StandIn:
    """A stand-in as its file has it."""
    words, fields = [], dict[str, str]()
    for line in text.splitlines():
        comment = _COMMENT.fullmatch(line)
        if not comment:
            break
        if field := _FIELD.fullmatch(comment[1]):
            fields[field[1]] = field[2].strip()
        else:
            words.append(comment[1].strip())
    return StandIn(
        name=name,
        unlike=" ".join(words).removesuffix("."),
        text=text,
        schema=fields.get("schema", ""),
        package=fields.get("package", ""),
        requires=tuple(fields.get("requires", "").split()),
        index_methods=tuple(fields.get("index methods", "").split()),
        types=tuple(fields.get("types", "").split()),
        instead="instead" in fields,
    )
