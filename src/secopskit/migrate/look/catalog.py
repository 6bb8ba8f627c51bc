"""A database's schema as its catalogs tell it: each object by kind and name, with its definition.

One query a kind, in one read-only transaction. PostgreSQL itself writes the definitions, with
every name in full: equal objects of two servers of one version read the same. Left out are
system schemas, our own, and what belongs to extensions; owners and comments are not looked at.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final, LiteralString

from secopskit.migrate.look.trace import gist
from secopskit.named_tuple import NamedTuple
from secopskit.postgres.errors import database_errors

if TYPE_CHECKING:
    import psycopg

_BEGIN: Final[LiteralString] = (
    "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY; SET LOCAL search_path = '';"
    " SET LOCAL lock_timeout = '5s'; SET LOCAL statement_timeout = '60s'"
)
_SHOWN: Final = 100
_HERE: Final[LiteralString] = (
    "n.nspname <> ALL (%(hidden)s) AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"
)
_RELATION_HERE: Final[LiteralString] = f"{_HERE} AND n.nspname || '.' || c.relname <> ALL (%(tables)s)"
_PREFIX: Final[LiteralString] = (
    "CASE n.nspname WHEN 'public' THEN '' ELSE quote_ident(n.nspname) || '.' END ||"
)
_RELATION: Final[LiteralString] = f"{_PREFIX} quote_ident(c.relname)"
_FUNCTION: Final[LiteralString] = (
    f"{_PREFIX} quote_ident(p.proname) || '(' || oidvectortypes(p.proargtypes) || ')'"
)
_TABLES: Final[LiteralString] = "pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
_FUNCTIONS: Final[LiteralString] = "pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
_OPTIONS: Final[LiteralString] = (
    "'with (' || array_to_string(ARRAY(SELECT unnest(c.reloptions) ORDER BY 1), ', ') || ')'"
)


def _member(catalog: LiteralString, oid: LiteralString) -> LiteralString:
    """Whether an object belongs to an extension."""
    return (
        f"EXISTS (SELECT FROM pg_depend d WHERE d.classid = '{catalog}'::regclass"
        f" AND d.objid = {oid} AND d.deptype = 'e')"
    )


_OF_EXTENSION: Final[LiteralString] = _member("pg_class", "c.oid")
# Those of a range, say, come with its type.
_FUNCTION_HERE: Final[LiteralString] = (
    f"{_HERE} AND NOT EXISTS (SELECT FROM pg_depend d"
    " WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'i')"
)


# Each answers with: schema, the relation (or function) that it is part of, name, definition, and
# whether it is an extension's.
_QUERIES: Final[Mapping[str, LiteralString]] = {
    "schema": f"""
        SELECT '', '', quote_ident(n.nspname), '', {_member("pg_namespace", "n.oid")}
          FROM pg_namespace n WHERE {_HERE}""",  # noqa: S608 - constants, as in all of them
    "extension": """
        SELECT '', '', e.extname, 'in schema ' || n.nspname, n.nspname = ANY (%(hidden)s)
          FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace""",
    "type": f"""
        SELECT n.nspname, '', {_PREFIX} quote_ident(t.typname), CASE t.typtype
               WHEN 'e' THEN 'enum (' || (SELECT string_agg(quote_ident(enumlabel), ', '
                    ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = t.oid) || ')'
               WHEN 'd' THEN concat_ws(' ', 'domain', format_type(t.typbasetype, t.typtypmod),
                    CASE WHEN t.typnotnull THEN 'not null' END, 'default ' || t.typdefault,
                    (SELECT string_agg(conname || ' ' || pg_get_constraintdef(oid), ' ' ORDER BY conname)
                       FROM pg_constraint WHERE contypid = t.oid AND contype <> 'n'))
               WHEN 'c' THEN 'composite (' || (SELECT string_agg(quote_ident(attname) || ' '
                    || format_type(atttypid, atttypmod), ', ' ORDER BY attnum)
                       FROM pg_attribute WHERE attrelid = t.typrelid AND NOT attisdropped) || ')'
               ELSE 'range of ' || (SELECT format_type(rngsubtype, NULL) FROM pg_range WHERE rngtypid = t.oid)
               END, {_member("pg_type", "t.oid")}
          FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
          LEFT JOIN pg_class c ON c.oid = t.typrelid
         WHERE (t.typtype IN ('e', 'd', 'r') OR t.typtype = 'c' AND c.relkind = 'c') AND {_HERE}""",  # noqa: S608
    "table": f"""
        SELECT n.nspname, '', {_RELATION}, concat_ws(', ',
               CASE c.relkind WHEN 'f' THEN 'foreign table' ELSE 'table' END,
               CASE c.relpersistence WHEN 'u' THEN 'unlogged' END,
               'partition by ' || CASE c.relkind WHEN 'p' THEN pg_get_partkeydef(c.oid) END,
               (SELECT 'of ' || string_agg(inhparent::regclass::text, ', ' ORDER BY inhseqno)
                  FROM pg_inherits WHERE inhrelid = c.oid),
               lower(left(pg_get_expr(c.relpartbound, c.oid), 3)) || substr(
                   pg_get_expr(c.relpartbound, c.oid), 4),
               {_OPTIONS},
               CASE WHEN c.relrowsecurity THEN 'row level security' END,
               CASE WHEN c.relforcerowsecurity THEN 'also for its owner' END), {_OF_EXTENSION}
          FROM {_TABLES} WHERE c.relkind IN ('r', 'p', 'f') AND {_RELATION_HERE}""",  # noqa: S608
    "column": f"""
        SELECT n.nspname, {_RELATION}, quote_ident(a.attname), concat_ws(' ',
               format_type(a.atttypid, a.atttypmod),
               'collate ' || CASE WHEN a.attcollation <> t.typcollation
                                  THEN a.attcollation::regcollation::text END,
               CASE WHEN a.attnotnull THEN 'not null' END,
               CASE a.attidentity WHEN 'a' THEN 'generated always as identity'
                                  WHEN 'd' THEN 'generated by default as identity' END,
               CASE a.attgenerated WHEN '' THEN 'default ' WHEN 's' THEN 'stored as ' ELSE 'computed as ' END
               || pg_get_expr(e.adbin, e.adrelid)), {_OF_EXTENSION}
          FROM {_TABLES} JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
          JOIN pg_type t ON t.oid = a.atttypid
          LEFT JOIN pg_attrdef e ON e.adrelid = c.oid AND e.adnum = a.attnum
         WHERE c.relkind IN ('r', 'p', 'f') AND {_RELATION_HERE}""",  # noqa: S608
    # NOT NULL is told of the column; what a constraint trigger is, of the trigger.
    "constraint": f"""
        SELECT n.nspname, {_RELATION}, quote_ident(k.conname), pg_get_constraintdef(k.oid), {_OF_EXTENSION}
          FROM {_TABLES} JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype NOT IN ('n', 't')
         WHERE {_RELATION_HERE}""",  # noqa: S608
    "index": f"""
        SELECT n.nspname, {_RELATION}, quote_ident(x.relname),
               pg_get_indexdef(x.oid) || CASE WHEN i.indisvalid THEN '' ELSE ' (invalid)' END, {_OF_EXTENSION}
          FROM {_TABLES} JOIN pg_index i ON i.indrelid = c.oid JOIN pg_class x ON x.oid = i.indexrelid
         WHERE {_RELATION_HERE} AND NOT EXISTS (
               SELECT FROM pg_constraint WHERE conindid = x.oid AND contype IN ('p', 'u', 'x'))""",  # noqa: S608
    "view": f"""
        SELECT n.nspname, '', {_RELATION}, concat_ws(' ', CASE c.relkind WHEN 'm' THEN 'materialized' END,
               {_OPTIONS}, pg_get_viewdef(c.oid)), {_OF_EXTENSION}
          FROM {_TABLES} WHERE c.relkind IN ('v', 'm') AND {_RELATION_HERE}""",  # noqa: S608
    # One that belongs to a column is part of its table.
    "sequence": f"""
        SELECT n.nspname, coalesce((SELECT refobjid::regclass::text FROM pg_depend
                WHERE classid = 'pg_class'::regclass AND objid = c.oid AND refobjsubid > 0
                  AND refclassid = classid AND deptype IN ('a', 'i')), ''), {_RELATION},
               concat_ws(' ', format_type(s.seqtypid, NULL), 'start', seqstart, 'increment', seqincrement,
                         'from', seqmin, 'to', seqmax, 'cache', seqcache,
                         CASE WHEN seqcycle THEN 'cycle' END),
               {_OF_EXTENSION}
          FROM {_TABLES} JOIN pg_sequence s ON s.seqrelid = c.oid WHERE {_RELATION_HERE}""",  # noqa: S608
    "function": f"""
        SELECT n.nspname, '', {_FUNCTION}, CASE
               WHEN {_member("pg_proc", "p.oid")} THEN ''
               WHEN p.prokind <> 'a' THEN pg_get_functiondef(p.oid)
               ELSE (SELECT concat_ws(' ', 'aggregate', aggtransfn, aggtranstype::regtype, aggfinalfn,
                            aggcombinefn, agginitval) FROM pg_aggregate WHERE aggfnoid = p.oid)
               END, {_member("pg_proc", "p.oid")}
          FROM {_FUNCTIONS} WHERE {_FUNCTION_HERE}""",  # noqa: S608
    # Those on a table of the platform are ours where what they call is.
    "trigger": f"""
        SELECT n.nspname, {_RELATION}, quote_ident(t.tgname), pg_get_triggerdef(t.oid) || CASE t.tgenabled
               WHEN 'O' THEN '' WHEN 'D' THEN ' (disabled)' ELSE ' (for replicas)' END, {_OF_EXTENSION}
          FROM {_TABLES} JOIN pg_trigger t ON t.tgrelid = c.oid AND NOT t.tgisinternal
         WHERE {_RELATION_HERE} OR n.nspname <> 'secops' AND EXISTS (
               SELECT FROM {_FUNCTIONS} WHERE p.oid = t.tgfoid AND {_HERE})""",  # noqa: S608
    "event trigger": f"""
        SELECT '', '', quote_ident(e.evtname), concat_ws(' ', 'on', e.evtevent, 'calls', {_FUNCTION},
               array_to_string(e.evttags, ', '), CASE e.evtenabled WHEN 'D' THEN '(disabled)' END),
               {_member("pg_event_trigger", "e.oid")}
          FROM pg_event_trigger e JOIN {_FUNCTIONS} ON p.oid = e.evtfoid WHERE {_HERE}""",  # noqa: S608
    "rule": f"""
        SELECT n.nspname, {_RELATION}, quote_ident(r.rulename), pg_get_ruledef(r.oid), {_OF_EXTENSION}
          FROM {_TABLES} JOIN pg_rewrite r ON r.ev_class = c.oid AND r.rulename <> '_RETURN'
         WHERE {_RELATION_HERE}""",  # noqa: S608
    # Those on tables of the platform (a bucket's, say) are ours.
    "policy": f"""
        SELECT n.nspname, {_RELATION}, quote_ident(p.polname), concat_ws(' ',
               CASE WHEN p.polpermissive THEN 'permissive' ELSE 'restrictive' END,
               'for ' || CASE p.polcmd WHEN 'r' THEN 'select' WHEN 'a' THEN 'insert' WHEN 'w' THEN 'update'
                                       WHEN 'd' THEN 'delete' ELSE 'all' END,
               'to ' || (SELECT string_agg(CASE WHEN r = 0 THEN 'public' ELSE pg_get_userbyid(r) END, ', '
                                ORDER BY pg_get_userbyid(r)) FROM unnest(p.polroles) r),
               'using (' || pg_get_expr(p.polqual, p.polrelid) || ')',
               'with check (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')'), {_OF_EXTENSION}
          FROM {_TABLES} JOIN pg_policy p ON p.polrelid = c.oid WHERE n.nspname <> 'secops'""",  # noqa: S608
    # Not what an owner may, nor the roles that ask: on the shadow, these own everything. MAINTAIN is
    # new in PostgreSQL 17, and part of ALL there.
    "grants": f"""
        WITH given AS (
            SELECT n.nspname, {_RELATION} AS what, c.relowner AS owner, c.relacl AS acl, '' AS part,
                   {_OF_EXTENSION} AS left_out
              FROM {_TABLES} WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND {_RELATION_HERE}
            UNION ALL
            SELECT n.nspname, {_RELATION}, c.relowner, a.attacl, ' of ' || quote_ident(a.attname),
                   {_OF_EXTENSION}
              FROM {_TABLES} JOIN pg_attribute a ON a.attrelid = c.oid AND a.attacl IS NOT NULL
             WHERE {_RELATION_HERE}
            UNION ALL
            SELECT n.nspname, {_FUNCTION}, p.proowner, coalesce(p.proacl, acldefault('f', p.proowner)), '',
                   {_member("pg_proc", "p.oid")}
              FROM {_FUNCTIONS} WHERE {_FUNCTION_HERE}
            UNION ALL
            SELECT n.nspname, 'schema ' || quote_ident(n.nspname), n.nspowner, n.nspacl, '',
                   {_member("pg_namespace", "n.oid")}
              FROM pg_namespace n WHERE {_HERE})
        SELECT nspname, what,
               CASE WHEN g.grantee = 0 THEN 'public' ELSE quote_ident(pg_get_userbyid(g.grantee)) END,
               string_agg(lower(g.privilege_type) || part || CASE WHEN g.is_grantable
                          THEN ' with grant option' ELSE '' END, ', ' ORDER BY part, g.privilege_type),
               left_out
          FROM given, aclexplode(acl) g
         WHERE g.grantee <> owner AND g.privilege_type <> 'MAINTAIN'
           AND (g.grantee = 0 OR pg_get_userbyid(g.grantee) <> ALL (%(roles)s))
         GROUP BY 1, 2, 3, 5""",  # noqa: S608
}
KINDS: Final = tuple(_QUERIES)


class SchemaObject(NamedTuple):
    """An object. Names are as in SQL, without `public`; `of`: the table or function that it is part of."""

    kind: str
    name: str
    of: str = ""
    schema: str = ""

    def __str__(self) -> str:
        """How people would call it."""
        if self.kind == "grants":
            return f"grants on {self.of} to {self.name}"
        return f"{self.kind} {self.name}" + (f" of {self.of}" if self.of else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """What an object is. Literals may be secrets: `shown` has none; `digest` is over all of it."""

    shown: str
    digest: bytes = field(repr=False)

    @classmethod
    def of(cls, kind: str, text: str) -> Definition:
        """Of the text that PostgreSQL gives."""
        # A body is no statement in which literals could be told from the rest.
        shown = "" if kind == "function" else gist(text, _SHOWN)
        return cls(shown=shown, digest=blake2b(text.encode(), digest_size=16).digest())


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """A schema. `left_out` are objects that are there, and of no concern: an extension's."""

    things: Mapping[SchemaObject, Definition]
    left_out: frozenset[SchemaObject] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What not to look at: `schemas`, `tables` (as schema.name), and grants to `roles`."""

    schemas: Sequence[str] = ("secops",)
    tables: Sequence[str] = ()
    roles: Sequence[str] = ()


def describe(connection: psycopg.Connection[Any], scope: Scope) -> Description:
    """The schema behind `connection`, which is in no transaction. Raises DatabaseError."""
    values = {"hidden": list(scope.schemas), "tables": list(scope.tables), "roles": list(scope.roles)}
    things: dict[SchemaObject, Definition] = {}
    left_out: set[SchemaObject] = set()
    with database_errors("reading the schema"), connection.transaction():
        connection.execute(_BEGIN)
        for kind, query in _QUERIES.items():
            for schema, of, name, text, foreign in connection.execute(query, values).fetchall():
                thing = SchemaObject(kind=kind, name=name, of=of.removeprefix("public."), schema=schema)
                if foreign:
                    left_out.add(thing)
                else:
                    things[thing] = Definition.of(kind, text or "")
    return Description(things=things, left_out=frozenset(left_out))
