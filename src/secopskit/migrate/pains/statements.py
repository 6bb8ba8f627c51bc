"""Statements other than ALTER TABLE: what they make, and what they do to what is in use."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from secopskit.migrate.pains.alter import pains_of_alter_table
from secopskit.migrate.pains.knowledge import FileKnowledge, Pain, SchemaKnowledge
from secopskit.migrate.read.words import SqlReader, Words, has

_HOLDS_ROWS: Final = ("table", "schema", "materialized", "database")
_DROPPABLE: Final = (*_HOLDS_ROWS, "view", "type", "domain", "function", "procedure", "sequence", "extension")
_ZERO: Final = frozenset({"0", "0s", "0ms", "0min"})


def pains_of_statement(words: Words, file: FileKnowledge, schema: SchemaKnowledge) -> Iterator[Pain]:
    """What hurts in one statement; `file` and `schema` learn from it."""
    yield from _of_all(words, file)
    reader = SqlReader(words)
    if reader.eat("alter"):
        yield from _alter(reader, file, schema)
    elif reader.eat("create"):
        yield from _create(reader, file, schema)
    elif reader.eat("drop"):
        yield from _drop(reader, file, schema)
    elif reader.eat("set"):
        _note_setting(reader, file)
    elif reader.eat("truncate"):
        yield from _truncate(reader, file)
    else:
        yield from _work(reader, file)


def _of_all(words: Words, file: FileKnowledge) -> Iterator[Pain]:
    reader = SqlReader(words)
    # What adds or orders values does not use them, and a comment is no value.
    uses = file.transaction and not (reader.eat("alter", "type") or reader.eat("comment"))
    for number, word in enumerate(words):
        if uses and word.kind == "text" and word.value in file.values:
            yield Pain("enum-value-used", word.at, f"'{word.value}' of {file.values[word.value]}")
        following = words[number + 1].value if number + 1 < len(words) else ""
        before = words[number - 1].value if number else ""
        if word.kind != "text" and word.value == "secops" and (following == "." or before == "schema"):
            yield Pain("touches-ledger", word.at)
            return


def _alter(reader: SqlReader, file: FileKnowledge, schema: SchemaKnowledge) -> Iterator[Pain]:
    if reader.eat("table") or reader.eat("foreign", "table"):
        yield from pains_of_alter_table(reader, file, schema)
    elif reader.eat("type"):
        yield from _alter_type(reader, file)
    elif reader.eat("view") or reader.eat("materialized", "view") or reader.eat("schema"):
        reader.eat("if", "exists")
        at, name = reader.at, reader.name()
        if name not in file.created and reader.eat("rename"):
            yield Pain("rename", at, f"{name} to {(reader.rest or reader.words)[-1].value}", name)


def _alter_type(reader: SqlReader, file: FileKnowledge) -> Iterator[Pain]:
    at, name = reader.at, reader.name()
    if reader.eat("add", "value"):
        reader.eat("if", "not", "exists")
        if reader.rest and name not in file.enums:
            file.values[reader.rest[0].value] = name
    elif name not in file.enums and reader.eat("rename"):
        yield Pain("rename", at, f"{name} or what is in it", name)


def _create(reader: SqlReader, file: FileKnowledge, schema: SchemaKnowledge) -> Iterator[Pain]:
    reader.eat("or", "replace")
    reader.eat_any("global", "local")
    reader.eat_any("temporary", "temp", "unlogged", "recursive")
    unique = reader.eat("unique")
    if reader.eat("index"):
        yield from _create_index(reader, file)
    elif not unique and reader.eat_any("table", "foreign"):
        reader.eat("table")
        reader.eat("if", "not", "exists")
        file.created.add(reader.name())
    elif reader.eat("view") or reader.eat("materialized", "view"):
        reader.eat("if", "not", "exists")
        name = reader.name()
        file.created.add(name)
        schema.note_view(name, reader.rest)
    elif reader.eat("type"):
        file.enums.add(reader.name())


def _create_index(reader: SqlReader, file: FileKnowledge) -> Iterator[Pain]:
    at, concurrently = reader.at, reader.eat("concurrently")
    reader.eat("if", "not", "exists")
    name = "" if reader.eat("on") else reader.name()
    if name:
        reader.eat("on")
    reader.eat("only")
    table = reader.name()
    if not concurrently and table not in file.created:
        yield Pain("index-not-concurrent", at, f"{name} on {table}".strip(), table)


def _drop(reader: SqlReader, file: FileKnowledge, schema: SchemaKnowledge) -> Iterator[Pain]:
    at = reader.at
    if reader.eat("index"):
        if not reader.eat("concurrently"):
            reader.eat("if", "exists")
            yield Pain("index-not-concurrent", at, ", ".join(reader.names()))
        return
    kind = reader.eat_any(*_DROPPABLE)
    reader.eat_any("view")
    reader.eat("if", "exists")
    names = reader.names()
    for name in names:
        schema.views.pop(name, None)
    old = [name for name in names if name not in file.created]
    if kind in _HOLDS_ROWS and old:
        yield Pain("drops-data", at, ", ".join(old), old[0])
        if file.unlimited:
            yield Pain("no-lock-timeout", at, relation=old[0])
    if has(reader.words, "cascade") and (old or not kind):
        yield Pain("drop-cascade", at, f"of {kind} {', '.join(old)}".strip())


def _truncate(reader: SqlReader, file: FileKnowledge) -> Iterator[Pain]:
    at = reader.at
    reader.eat("table")
    reader.eat("only")
    old = [name for name in reader.names() if name not in file.created]
    if old:
        yield Pain("truncate", at, ", ".join(old), old[0])
        if has(reader.words, "cascade"):
            yield Pain("drop-cascade", at, "(all tables that refer to it are emptied as well)")
        if file.unlimited:
            yield Pain("no-lock-timeout", at, relation=old[0])


def _note_setting(reader: SqlReader, file: FileKnowledge) -> None:
    reader.eat_any("local", "session")
    if reader.eat("lock_timeout") and (reader.eat("=") or reader.eat("to")) and reader.rest:
        file.unlimited = reader.rest[0].value in _ZERO


def _work(reader: SqlReader, file: FileKnowledge) -> Iterator[Pain]:
    at, words = reader.at, reader.words
    if reader.eat("update") or reader.eat("delete", "from"):
        reader.eat("only")
        table = reader.name()
        if table and table not in file.created and not has(words, "where"):
            yield Pain("whole-table-write", at, table, table)
    elif reader.eat("reindex"):
        if "concurrently" not in {word.value for word in words if word.kind == "word"}:
            yield Pain("index-not-concurrent", at, words[-1].value)
    elif reader.eat("cluster") or (reader.eat("vacuum") and "full" in {word.value for word in words}):
        name = words[-1].value if len(words) > 1 else "all tables"
        if name not in file.created:
            yield Pain("rewrite-table", at, name)
    elif reader.eat("refresh", "materialized", "view") and not reader.eat("concurrently"):
        name = reader.name()
        if name not in file.created:
            yield Pain("view-not-concurrent", at, name, name)
    elif reader.eat("select"):
        _note_select(words, file)


def _note_select(words: Words, file: FileKnowledge) -> None:
    """`SELECT … INTO new_table`, and `SELECT set_config('lock_timeout', '0', …)`."""
    for number, word in enumerate(words):
        if word.kind == "word" and word.value == "into":
            behind = SqlReader(words[number + 1 :])
            behind.eat_any("temporary", "temp", "unlogged")
            behind.eat("table")
            file.created.add(behind.name())
        if word.kind == "text" and word.value == "lock_timeout" and number + 2 < len(words):
            file.unlimited = words[number + 2].value in _ZERO
