"""What anybody can leave in `public`: operators and functions that fit better than PostgreSQL's own.

Every role had CREATE there before PostgreSQL 15. Whoever calls one runs its code with rights of their own;
here it raises an error, and in an `||` it would also hide what a name is.
"""

from __future__ import annotations

from typing import Final

from support.postgres import Database

_ROLE: Final = (
    "DO $$ BEGIN CREATE ROLE meddler NOLOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$;"
    "GRANT CREATE, USAGE ON SCHEMA public TO meddler; SET ROLE meddler;"
)
_OPERATORS: Final = (
    *(("||", "name", "text", "text"), ("||", "text", "name", "text"), ("||", "text", "smallint", "text")),
    *(("||", "text", "integer", "text"), ("||", "text", "oid", "text"), ("!~", "name", "name", "boolean")),
    *(("=", "oid", "integer", "boolean"), ("=", "oid", "smallint", "boolean")),
    *(("=", "oid", "regclass", "boolean"), ("=", "oid", "bigint", "boolean")),
    *(("*", "integer", "numeric", "numeric"), ("||", "text", "bigint", "text")),
)
_FUNCTIONS: Final = (
    *(("pg_stat_get_xact_tuples_updated", "regclass"), ("pg_stat_get_xact_tuples_deleted", "regclass")),
    *(("quote_ident", "name"), ("has_schema_privilege", "oid, text"), ("hashtext", "name")),
)
_BODY: Final = "LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'hijacked'; END $$;"
_COUNT: Final = (
    "CREATE FUNCTION public.meddled_array(text[], text) RETURNS text[] "
    f"{_BODY} CREATE AGGREGATE public.array_agg(text) (SFUNC = public.meddled_array, STYPE = text[]);"
)


def meddle(database: Database) -> None:
    """Leave all of them in the database, as a role that may do nothing else."""
    pieces = [_ROLE, _COUNT]
    for number, (sign, left, right, returns) in enumerate(_OPERATORS):
        name = f"public.meddled_{number}"
        pieces.append(f"CREATE FUNCTION {name}({left}, {right}) RETURNS {returns} {_BODY}")
        pieces.append(
            f"CREATE OPERATOR public.{sign} (LEFTARG = {left}, RIGHTARG = {right}, FUNCTION = {name});"
        )
    for name, arguments in _FUNCTIONS:
        returns = "bigint" if name.startswith("pg_stat") else "text"
        pieces.append(f"CREATE FUNCTION public.{name}({arguments}) RETURNS {returns} {_BODY}")
    database.run("".join(pieces))


# Nearly all of PostgreSQL's own functions and operators once more; those of an operator come first.
_SHADOWS: Final = """
SET check_function_bodies = off;
DO $do$
DECLARE
    one record;
BEGIN
    FOR one IN
        SELECT format('%I(%s)', proname, pg_get_function_identity_arguments(oid)) AS name,
               format_type(prorettype, NULL) AS returns
          FROM pg_proc AS p
         WHERE pronamespace = 'pg_catalog'::regnamespace AND prokind = 'f' AND NOT proretset
           AND provariadic = 0 AND proargmodes IS NULL AND NOT EXISTS (
               SELECT FROM pg_type
                WHERE typtype = 'p' AND (oid = prorettype OR oid = ANY (proargtypes)))
    LOOP
        EXECUTE format('CREATE FUNCTION public.%s RETURNS %s LANGUAGE plpgsql AS %L', one.name, one.returns,
                       'BEGIN RAISE EXCEPTION ''hijacked''; END');
    END LOOP;
    FOR one IN
        SELECT oprname, p.proname, format_type(oprleft, NULL) AS l, format_type(oprright, NULL) AS r
          FROM pg_operator AS o
          JOIN pg_proc AS f ON f.oid = oprcode
          JOIN pg_proc AS p ON p.proname = f.proname AND p.pronamespace = 'public'::regnamespace
               AND p.proargtypes = CAST(oprleft || ' ' || oprright AS oidvector)
         WHERE oprnamespace = 'pg_catalog'::regnamespace AND oprkind = 'b'
    LOOP
        EXECUTE format('CREATE OPERATOR public.%s (LEFTARG = %s, RIGHTARG = %s, FUNCTION = public.%I)',
                       one.oprname, one.l, one.r, one.proname);
    END LOOP;
END
$do$;
"""


def overshadow(database: Database) -> None:
    """Have what is in `public` go before PostgreSQL's own, with one of nearly each there.

    So whatever is not named in full raises an error.
    """
    database.run(_SHADOWS)
    database.run(f"ALTER DATABASE {database.name} SET search_path = public, pg_catalog")
