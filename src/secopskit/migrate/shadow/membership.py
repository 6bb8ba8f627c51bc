"""The catalogs' side of an extension: how a stand-in is entered as one, and what a file's role owns of it.

What is entered is an extension to everybody who looks: `IF NOT EXISTS`, COMMENT and DROP work, and
what it made counts as the extension's. All of this is SQL for the superuser.
"""

from __future__ import annotations

from typing import Final

from psycopg import sql

_ROLE: Final = "(SELECT oid FROM pg_catalog.pg_roles WHERE rolname = session_user)"
# Its oid is taken from the server's counter: what is made from now on has a greater one.
_ENTRY: Final = sql.SQL(
    f"""
    INSERT INTO pg_catalog.pg_extension
           (oid, extname, extowner, extnamespace, extrelocatable, extversion)
    SELECT pg_catalog.pg_nextoid('pg_catalog.pg_extension'::pg_catalog.regclass, 'oid',
                                 'pg_catalog.pg_extension_oid_index'::pg_catalog.regclass),
           {{name}}, {_ROLE}, oid, true, {{version}}
      FROM pg_catalog.pg_namespace WHERE nspname = {{schema}}"""  # noqa: S608 - a constant
)
_IN_SCHEMA: Final = sql.SQL(
    """
    INSERT INTO pg_catalog.pg_depend (classid, objid, objsubid, refclassid, refobjid, refobjsubid, deptype)
    SELECT 'pg_catalog.pg_extension'::pg_catalog.regclass, oid, 0,
           'pg_catalog.pg_namespace'::pg_catalog.regclass, extnamespace, 0, 'n'
      FROM pg_catalog.pg_extension WHERE extname = {name}"""
)
# All but what goes with another thing anyway: arrays, the types of rows, sequences of columns.
_MEMBERS: Final = sql.SQL(
    """
    INSERT INTO pg_catalog.pg_depend (classid, objid, objsubid, refclassid, refobjid, refobjsubid, deptype)
    SELECT thing.class, thing.oid, 0, 'pg_catalog.pg_extension'::pg_catalog.regclass, e.oid, 0, 'e'
      FROM pg_catalog.pg_extension e, (
           SELECT 'pg_catalog.pg_proc'::pg_catalog.regclass AS class, oid FROM pg_catalog.pg_proc
           UNION ALL SELECT 'pg_catalog.pg_type'::pg_catalog.regclass, t.oid FROM pg_catalog.pg_type t
            WHERE t.typtype <> 'm'
              AND NOT EXISTS (SELECT FROM pg_catalog.pg_type o WHERE o.typarray = t.oid)
              AND (t.typrelid = 0 OR EXISTS (
                   SELECT FROM pg_catalog.pg_class c WHERE c.oid = t.typrelid AND c.relkind = 'c'))
           UNION ALL SELECT 'pg_catalog.pg_class'::pg_catalog.regclass, oid FROM pg_catalog.pg_class
            WHERE relkind IN ('r', 'p', 'v', 'm')
           UNION ALL SELECT 'pg_catalog.pg_operator'::pg_catalog.regclass, oid FROM pg_catalog.pg_operator
           UNION ALL SELECT 'pg_catalog.pg_opclass'::pg_catalog.regclass, oid FROM pg_catalog.pg_opclass
           UNION ALL SELECT 'pg_catalog.pg_opfamily'::pg_catalog.regclass, oid FROM pg_catalog.pg_opfamily
           UNION ALL SELECT 'pg_catalog.pg_am'::pg_catalog.regclass, oid FROM pg_catalog.pg_am
           UNION ALL SELECT 'pg_catalog.pg_cast'::pg_catalog.regclass, oid FROM pg_catalog.pg_cast
           UNION ALL SELECT 'pg_catalog.pg_foreign_data_wrapper'::pg_catalog.regclass, oid
             FROM pg_catalog.pg_foreign_data_wrapper
           UNION ALL SELECT 'pg_catalog.pg_namespace'::pg_catalog.regclass, oid FROM pg_catalog.pg_namespace
           ) AS thing
     WHERE e.extname = {name} AND thing.oid > e.oid"""
)
_OWNED: Final = tuple(
    sql.SQL(
        f"UPDATE pg_catalog.{catalog} SET {owner} = {_ROLE}"  # noqa: S608 - names of catalogs
        " WHERE oid > (SELECT oid FROM pg_catalog.pg_extension WHERE extname = {name})"
    )
    for catalog, owner in (
        ("pg_namespace", "nspowner"),
        ("pg_class", "relowner"),
        ("pg_type", "typowner"),
        ("pg_proc", "proowner"),
        ("pg_foreign_data_wrapper", "fdwowner"),
    )
)
_GIVEN: Final = (
    "UPDATE pg_catalog.pg_extension SET extowner = "  # noqa: S608 - constants
    f"{_ROLE} WHERE extname <> 'plpgsql' AND extowner <> {_ROLE}"
)
# Functions keep the rights that the extension gave: some of them read files.
_GRANTS: Final = """
    DO $grants$ DECLARE thing record; BEGIN
        FOR thing IN
            SELECT i.type, i.identity FROM pg_catalog.pg_depend d
              JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid AND e.extname <> 'plpgsql',
                   pg_catalog.pg_identify_object(d.classid, d.objid, 0) AS i
             WHERE d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass AND d.deptype = 'e'
               AND i.type IN ('schema', 'table', 'view', 'sequence', 'foreign-data wrapper')
        LOOP
            EXECUTE pg_catalog.format('GRANT ALL ON %s %s TO %I WITH GRANT OPTION',
                CASE thing.type WHEN 'view' THEN 'TABLE'
                                ELSE pg_catalog.upper(pg_catalog.replace(thing.type, '-', ' ')) END,
                thing.identity, session_user);
        END LOOP;
    END $grants$"""


def enter(name: str, version: str, schema: str) -> tuple[str, ...]:
    """Statements that make an extension of `name` known; before what it is made of."""
    values = {"name": sql.Literal(name), "version": sql.Literal(version), "schema": sql.Literal(schema)}
    return tuple(part.format(**values).as_string() for part in (_ENTRY, _IN_SCHEMA))


def adopt(name: str) -> tuple[str, ...]:
    """Statements that make all that was made since `enter` the extension's, and the role's."""
    return tuple(part.format(name=sql.Literal(name)).as_string() for part in (_MEMBERS, *_OWNED))


def hand_over() -> tuple[str, ...]:
    """Statements that let the session's role do with its extensions what their owner may."""
    return _GIVEN, _GRANTS
