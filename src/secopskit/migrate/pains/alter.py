"""ALTER TABLE: what each of its actions does to a table that others use."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from secopskit.migrate.pains.knowledge import FileKnowledge, Pain, SchemaKnowledge
from secopskit.migrate.read.words import SqlReader, SqlWord, Words, by_commas, has, with_depth

_SERIAL: Final = frozenset({"serial", "bigserial", "smallserial", "serial2", "serial4", "serial8"})
# Functions whose value is the same for all rows of a statement; any other may be volatile.
_STEADY: Final = frozenset(
    {"now", "transaction_timestamp", "statement_timestamp", "current_setting", "coalesce", "lower", "upper"}
    | {
        "to_timestamp",
        "to_date",
        "date_trunc",
        "timezone",
        "make_interval",
        "make_date",
        "jsonb_build_object",
    }
    | {"jsonb_build_array", "json_build_object", "json_build_array", "array_fill", "concat", "round", "left"}
    | {
        "right",
        "repeat",
        "md5",
        "length",
        "string_to_array",
        "to_jsonb",
        "to_json",
        "row",
        "greatest",
        "least",
    }
    | {"nullif", "current_date", "current_timestamp", "localtimestamp", "localtime", "current_time", "cast"}
    | {"extract", "date_part", "abs", "floor", "ceil", "int4range", "tstzrange", "daterange", "point", "cidr"}
)
_TYPES: Final = frozenset(
    {
        "numeric",
        "decimal",
        "varchar",
        "char",
        "character",
        "varying",
        "bit",
        "timestamp",
        "timestamptz",
        "time",
    }
    | {"interval", "float", "bpchar", "vector", "timetz"}
)
_DEFAULT_ENDS: Final = frozenset(
    {"not", "null", "check", "unique", "primary", "references", "generated", "constraint", "collate"}
)
_CONSTRAINTS: Final = frozenset({"constraint", "primary", "unique", "foreign", "check", "exclude"})


def pains_of_alter_table(reader: SqlReader, file: FileKnowledge, schema: SchemaKnowledge) -> Iterator[Pain]:
    """The pains of the statement, read behind its ALTER TABLE; none for a table that the file made."""
    reader.eat("if", "exists")
    reader.eat("only")
    start = reader.at
    table = reader.name()
    reader.eat("*")
    new = table in file.created
    if file.unlimited and not new:
        yield Pain("no-lock-timeout", start, relation=table)
    for words in by_commas(reader.rest):
        action = SqlReader(words)
        found = list(_action(action, table, file, schema))
        yield from (pain for pain in found if not new or pain.rule in ("column-in-view", "drop-cascade"))


def _action(action: SqlReader, table: str, file: FileKnowledge, schema: SchemaKnowledge) -> Iterator[Pain]:
    at = action.at
    if action.eat("add"):
        yield from _add(action, at, table, schema)
    elif action.eat("alter"):
        yield from _alter_column(action, at, table, schema)
    elif action.eat("drop"):
        yield from _drop(action, at, table, schema)
    elif action.eat("rename"):
        yield from _rename(action, at, table, file)
    elif action.eat("validate", "constraint"):
        schema.note_valid(table, action.name())
    elif action.eat("set") and action.eat_any("logged", "unlogged", "tablespace", "access"):
        yield Pain("rewrite-table", at, table, table)


def _add(action: SqlReader, at: int, table: str, schema: SchemaKnowledge) -> Iterator[Pain]:
    words = action.rest
    if words and words[0].kind == "word" and (words[0].value in _CONSTRAINTS or words[0].value == "not"):
        yield from _add_constraint(action, at, table, schema)
        return
    action.eat("column")
    action.eat("if", "not", "exists")
    column = action.name()
    yield from _add_column(action.rest, at, f"{table}.{column}", table)


def _add_constraint(action: SqlReader, at: int, table: str, schema: SchemaKnowledge) -> Iterator[Pain]:
    name = action.name() if action.eat("constraint") else ""
    valid = not has(action.words, "not", "valid")
    what = f"{name} of {table}" if name else f"of {table}"
    if action.eat_any("primary", "unique", "exclude"):
        if not has(action.words, "using", "index"):
            yield Pain("unique-constraint", at, what, table)
    elif action.eat("check"):
        condition = [word for word, depth in with_depth(action.rest) if depth]
        schema.note_check(table, name, condition, valid=valid)
        if valid:
            yield Pain("constraint-validates", at, what, table)
    elif action.eat("foreign") and valid:
        yield Pain("constraint-validates", at, what, table)
    elif action.eat("not", "null") and valid:
        yield Pain("not-null-scans", at, what, table)


def _add_column(words: Words, at: int, column: str, table: str) -> Iterator[Pain]:
    default = _default(words)
    generated = has(words, "generated")
    serial = bool(words) and words[0].value in _SERIAL
    filled = serial or generated or bool(default)
    if serial or (generated and not has(words, "virtual")) or _varies(default):
        yield Pain("rewrite-default", at, column, table)
    if not filled and (has(words, "not", "null") or has(words, "primary", "key")):
        yield Pain("required-column", at, column, table)
    if has(words, "unique") or has(words, "primary", "key"):
        yield Pain("unique-constraint", at, f"of {column}", table)
    elif has(words, "check") or (filled and has(words, "references") and not _is_null(default)):
        yield Pain("constraint-validates", at, f"of {column}", table)


def _default(words: Words) -> Words:
    """The expression behind DEFAULT."""
    reading = False
    expression: list[SqlWord] = []
    for word, depth in with_depth(words):
        if not depth and word.kind == "word" and word.value == "default":
            reading = True
        elif reading and not depth and expression and word.kind == "word" and word.value in _DEFAULT_ENDS:
            break
        elif reading:
            expression.append(word)
    return expression


def _is_null(default: Words) -> bool:
    return [word.value for word in default[:1]] == ["null"]


def _varies(default: Words) -> bool:
    """Whether a function of the expression may answer differently for each row."""
    for number, word in enumerate(default[:-1]):
        called = word.kind in ("word", "name") and default[number + 1].value == "("
        cast = number > 0 and default[number - 1].value == ":"
        if called and not cast and word.value not in _STEADY and word.value not in _TYPES:
            return True
    return False


def _alter_column(action: SqlReader, at: int, table: str, schema: SchemaKnowledge) -> Iterator[Pain]:
    if action.eat("constraint"):
        return
    action.eat("column")
    column = action.name()
    if action.eat("set", "not", "null"):
        if (table, column) not in schema.filled:
            yield Pain("not-null-scans", at, f"{table}.{column}", table)
    elif action.eat("type") or action.eat("set", "data", "type"):
        yield Pain("rewrite-type", at, f"{table}.{column}", table)


def _drop(action: SqlReader, at: int, table: str, schema: SchemaKnowledge) -> Iterator[Pain]:
    cascade = has(action.words, "cascade")
    constraint = action.eat("constraint")
    if not constraint:
        action.eat("column")
        action.eat("if", "exists")
        column = action.name()
        yield Pain("drop-column", at, f"{table}.{column}", table)
        if views := schema.views_of(table, column):
            yield Pain(
                "column-in-view", at, f"{table}.{column}, which {', '.join(sorted(views))} reads", table
            )
    if cascade:
        yield Pain("drop-cascade", at, f"of {table}", table)


def _rename(action: SqlReader, at: int, table: str, file: FileKnowledge) -> Iterator[Pain]:
    if action.eat("constraint"):
        return
    if action.eat("to"):
        new = action.name()
        if table in file.created:
            file.created.add(new)
        yield Pain("rename", at, f"{table} to {new}", table)
        return
    action.eat("column")
    old = action.name()
    action.eat("to")
    yield Pain("rename", at, f"{table}.{old} to {action.name()}", table)
