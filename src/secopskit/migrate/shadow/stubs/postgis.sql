-- shapes are kept as text that nobody checks, every measure is empty, and no index finds anything.
-- package: postgresql-{version}-postgis-3
-- types: geometry geography
CREATE TABLE @schema@.spatial_ref_sys (srid integer PRIMARY KEY, auth_name varchar(256), auth_srid integer,
    srtext varchar(2048), proj4text varchar(2048));
CREATE TYPE @schema@.geometry;
CREATE FUNCTION @schema@.geometry_in(cstring, oid, integer) RETURNS @schema@.geometry LANGUAGE internal IMMUTABLE STRICT AS 'textin';
CREATE FUNCTION @schema@.geometry_out(@schema@.geometry) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'textout';
CREATE FUNCTION @schema@.geometry_typmod_in(cstring[]) RETURNS integer LANGUAGE plpgsql IMMUTABLE STRICT AS
    $$ BEGIN RETURN coalesce(($1::text[])[2]::integer, 0); END $$;
CREATE TYPE @schema@.geometry (INPUT = @schema@.geometry_in, OUTPUT = @schema@.geometry_out, TYPMOD_IN = @schema@.geometry_typmod_in, STORAGE = extended);
CREATE FUNCTION @schema@.geometry_lt(@schema@.geometry, @schema@.geometry) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT AS 'bytealt';
CREATE FUNCTION @schema@.geometry_le(@schema@.geometry, @schema@.geometry) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT AS 'byteale';
CREATE FUNCTION @schema@.geometry_eq(@schema@.geometry, @schema@.geometry) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT AS 'byteaeq';
CREATE FUNCTION @schema@.geometry_ge(@schema@.geometry, @schema@.geometry) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT AS 'byteage';
CREATE FUNCTION @schema@.geometry_gt(@schema@.geometry, @schema@.geometry) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT AS 'byteagt';
CREATE FUNCTION @schema@.geometry_cmp(@schema@.geometry, @schema@.geometry) RETURNS integer LANGUAGE internal IMMUTABLE STRICT AS 'byteacmp';
CREATE FUNCTION @schema@.geometry_overlaps(@schema@.geometry, @schema@.geometry) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT false $$;
CREATE FUNCTION @schema@.geometry_distance(@schema@.geometry, @schema@.geometry) RETURNS double precision LANGUAGE sql IMMUTABLE STRICT AS
    $$ SELECT 0::double precision $$;
CREATE OPERATOR @schema@.< (LEFTARG = @schema@.geometry, RIGHTARG = @schema@.geometry, FUNCTION = @schema@.geometry_lt);
CREATE OPERATOR @schema@.<= (LEFTARG = @schema@.geometry, RIGHTARG = @schema@.geometry, FUNCTION = @schema@.geometry_le);
CREATE OPERATOR @schema@.= (LEFTARG = @schema@.geometry, RIGHTARG = @schema@.geometry, FUNCTION = @schema@.geometry_eq, COMMUTATOR = OPERATOR(@schema@.=));
CREATE OPERATOR @schema@.>= (LEFTARG = @schema@.geometry, RIGHTARG = @schema@.geometry, FUNCTION = @schema@.geometry_ge);
CREATE OPERATOR @schema@.> (LEFTARG = @schema@.geometry, RIGHTARG = @schema@.geometry, FUNCTION = @schema@.geometry_gt);
CREATE OPERATOR @schema@.&& (LEFTARG = @schema@.geometry, RIGHTARG = @schema@.geometry, FUNCTION = @schema@.geometry_overlaps, COMMUTATOR = OPERATOR(@schema@.&&));
CREATE OPERATOR @schema@.<-> (LEFTARG = @schema@.geometry, RIGHTARG = @schema@.geometry, FUNCTION = @schema@.geometry_distance, COMMUTATOR = OPERATOR(@schema@.<->));
CREATE OPERATOR CLASS @schema@.btree_geometry_ops DEFAULT FOR TYPE @schema@.geometry USING btree AS OPERATOR 1 @schema@.<, OPERATOR 2 @schema@.<=,
    OPERATOR 3 @schema@.=, OPERATOR 4 @schema@.>=, OPERATOR 5 @schema@.>, FUNCTION 1 @schema@.geometry_cmp(@schema@.geometry, @schema@.geometry);
CREATE TYPE @schema@.geography;
CREATE FUNCTION @schema@.geography_in(cstring, oid, integer) RETURNS @schema@.geography LANGUAGE internal IMMUTABLE STRICT AS 'textin';
CREATE FUNCTION @schema@.geography_out(@schema@.geography) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'textout';
CREATE FUNCTION @schema@.geography_typmod_in(cstring[]) RETURNS integer LANGUAGE plpgsql IMMUTABLE STRICT AS
    $$ BEGIN RETURN coalesce(($1::text[])[2]::integer, 0); END $$;
CREATE TYPE @schema@.geography (INPUT = @schema@.geography_in, OUTPUT = @schema@.geography_out, TYPMOD_IN = @schema@.geography_typmod_in, STORAGE = extended);
CREATE FUNCTION @schema@.geography_lt(@schema@.geography, @schema@.geography) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT AS 'bytealt';
CREATE FUNCTION @schema@.geography_le(@schema@.geography, @schema@.geography) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT AS 'byteale';
CREATE FUNCTION @schema@.geography_eq(@schema@.geography, @schema@.geography) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT AS 'byteaeq';
CREATE FUNCTION @schema@.geography_ge(@schema@.geography, @schema@.geography) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT AS 'byteage';
CREATE FUNCTION @schema@.geography_gt(@schema@.geography, @schema@.geography) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT AS 'byteagt';
CREATE FUNCTION @schema@.geography_cmp(@schema@.geography, @schema@.geography) RETURNS integer LANGUAGE internal IMMUTABLE STRICT AS 'byteacmp';
CREATE FUNCTION @schema@.geography_overlaps(@schema@.geography, @schema@.geography) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT false $$;
CREATE FUNCTION @schema@.geography_distance(@schema@.geography, @schema@.geography) RETURNS double precision LANGUAGE sql IMMUTABLE STRICT AS
    $$ SELECT 0::double precision $$;
CREATE OPERATOR @schema@.< (LEFTARG = @schema@.geography, RIGHTARG = @schema@.geography, FUNCTION = @schema@.geography_lt);
CREATE OPERATOR @schema@.<= (LEFTARG = @schema@.geography, RIGHTARG = @schema@.geography, FUNCTION = @schema@.geography_le);
CREATE OPERATOR @schema@.= (LEFTARG = @schema@.geography, RIGHTARG = @schema@.geography, FUNCTION = @schema@.geography_eq, COMMUTATOR = OPERATOR(@schema@.=));
CREATE OPERATOR @schema@.>= (LEFTARG = @schema@.geography, RIGHTARG = @schema@.geography, FUNCTION = @schema@.geography_ge);
CREATE OPERATOR @schema@.> (LEFTARG = @schema@.geography, RIGHTARG = @schema@.geography, FUNCTION = @schema@.geography_gt);
CREATE OPERATOR @schema@.&& (LEFTARG = @schema@.geography, RIGHTARG = @schema@.geography, FUNCTION = @schema@.geography_overlaps, COMMUTATOR = OPERATOR(@schema@.&&));
CREATE OPERATOR @schema@.<-> (LEFTARG = @schema@.geography, RIGHTARG = @schema@.geography, FUNCTION = @schema@.geography_distance, COMMUTATOR = OPERATOR(@schema@.<->));
CREATE OPERATOR CLASS @schema@.btree_geography_ops DEFAULT FOR TYPE @schema@.geography USING btree AS OPERATOR 1 @schema@.<, OPERATOR 2 @schema@.<=,
    OPERATOR 3 @schema@.=, OPERATOR 4 @schema@.>=, OPERATOR 5 @schema@.>, FUNCTION 1 @schema@.geography_cmp(@schema@.geography, @schema@.geography);
CREATE CAST (@schema@.geometry AS @schema@.geography) WITHOUT FUNCTION AS IMPLICIT;
CREATE CAST (@schema@.geography AS @schema@.geometry) WITHOUT FUNCTION;
CREATE CAST (text AS @schema@.geometry) WITHOUT FUNCTION AS IMPLICIT;
CREATE CAST (@schema@.geometry AS text) WITHOUT FUNCTION AS IMPLICIT;
CREATE FUNCTION @schema@.st_makepoint(double precision, double precision) RETURNS @schema@.geometry LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT format('POINT(%s %s)', $1, $2)::@schema@.geometry $$;
CREATE FUNCTION @schema@.st_point(double precision, double precision) RETURNS @schema@.geometry LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT format('POINT(%s %s)', $1, $2)::@schema@.geometry $$;
CREATE FUNCTION @schema@.st_point(double precision, double precision, integer) RETURNS @schema@.geometry LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT format('POINT(%s %s)', $1, $2)::@schema@.geometry $$;
CREATE FUNCTION @schema@.st_setsrid(@schema@.geometry, integer) RETURNS @schema@.geometry LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT $1 $$;
CREATE FUNCTION @schema@.st_transform(@schema@.geometry, integer) RETURNS @schema@.geometry LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT $1 $$;
CREATE FUNCTION @schema@.st_geomfromtext(text) RETURNS @schema@.geometry LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT $1::@schema@.geometry $$;
CREATE FUNCTION @schema@.st_geomfromewkt(text) RETURNS @schema@.geometry LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT $1::@schema@.geometry $$;
CREATE FUNCTION @schema@.st_geomfromgeojson(text) RETURNS @schema@.geometry LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT $1::@schema@.geometry $$;
CREATE FUNCTION @schema@.st_geographyfromtext(text) RETURNS @schema@.geography LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT $1::@schema@.geography $$;
CREATE FUNCTION @schema@.st_geogfromtext(text) RETURNS @schema@.geography LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT $1::@schema@.geography $$;
CREATE FUNCTION @schema@.st_geomfromtext(text, integer) RETURNS @schema@.geometry LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT $1::@schema@.geometry $$;
CREATE FUNCTION @schema@.st_geomfromgeojson(json) RETURNS @schema@.geometry LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT $1::text::@schema@.geometry $$;
CREATE FUNCTION @schema@.st_geomfromgeojson(jsonb) RETURNS @schema@.geometry LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT $1::text::@schema@.geometry $$;
CREATE FUNCTION @schema@.st_x(@schema@.geometry) RETURNS double precision LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT NULL::double precision $$;
CREATE FUNCTION @schema@.st_y(@schema@.geometry) RETURNS double precision LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT NULL::double precision $$;
CREATE FUNCTION @schema@.st_z(@schema@.geometry) RETURNS double precision LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT NULL::double precision $$;
CREATE FUNCTION @schema@.st_area(@schema@.geometry) RETURNS double precision LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT NULL::double precision $$;
CREATE FUNCTION @schema@.st_length(@schema@.geometry) RETURNS double precision LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT NULL::double precision $$;
CREATE FUNCTION @schema@.st_perimeter(@schema@.geometry) RETURNS double precision LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT NULL::double precision $$;
CREATE FUNCTION @schema@.st_xmin(@schema@.geometry) RETURNS double precision LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT NULL::double precision $$;
CREATE FUNCTION @schema@.st_xmax(@schema@.geometry) RETURNS double precision LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT NULL::double precision $$;
CREATE FUNCTION @schema@.st_ymin(@schema@.geometry) RETURNS double precision LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT NULL::double precision $$;
CREATE FUNCTION @schema@.st_ymax(@schema@.geometry) RETURNS double precision LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT NULL::double precision $$;
CREATE FUNCTION @schema@.st_area(@schema@.geography) RETURNS double precision LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT NULL::double precision $$;
CREATE FUNCTION @schema@.st_length(@schema@.geography) RETURNS double precision LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT NULL::double precision $$;
CREATE FUNCTION @schema@.st_perimeter(@schema@.geography) RETURNS double precision LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT NULL::double precision $$;
CREATE FUNCTION @schema@.st_distance(@schema@.geometry, @schema@.geometry) RETURNS double precision LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT NULL::double precision $$;
CREATE FUNCTION @schema@.st_distancesphere(@schema@.geometry, @schema@.geometry) RETURNS double precision LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT NULL::double precision $$;
CREATE FUNCTION @schema@.st_azimuth(@schema@.geometry, @schema@.geometry) RETURNS double precision LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT NULL::double precision $$;
CREATE FUNCTION @schema@.st_distance(@schema@.geography, @schema@.geography, boolean DEFAULT true) RETURNS double precision LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT NULL::double precision $$;
CREATE FUNCTION @schema@.st_contains(@schema@.geometry, @schema@.geometry) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT false $$;
CREATE FUNCTION @schema@.st_within(@schema@.geometry, @schema@.geometry) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT false $$;
CREATE FUNCTION @schema@.st_intersects(@schema@.geometry, @schema@.geometry) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT false $$;
CREATE FUNCTION @schema@.st_covers(@schema@.geometry, @schema@.geometry) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT false $$;
CREATE FUNCTION @schema@.st_coveredby(@schema@.geometry, @schema@.geometry) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT false $$;
CREATE FUNCTION @schema@.st_crosses(@schema@.geometry, @schema@.geometry) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT false $$;
CREATE FUNCTION @schema@.st_overlaps(@schema@.geometry, @schema@.geometry) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT false $$;
CREATE FUNCTION @schema@.st_touches(@schema@.geometry, @schema@.geometry) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT false $$;
CREATE FUNCTION @schema@.st_equals(@schema@.geometry, @schema@.geometry) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT false $$;
CREATE FUNCTION @schema@.st_disjoint(@schema@.geometry, @schema@.geometry) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT false $$;
CREATE FUNCTION @schema@.st_intersects(@schema@.geography, @schema@.geography) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT false $$;
CREATE FUNCTION @schema@.st_covers(@schema@.geography, @schema@.geography) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT false $$;
CREATE FUNCTION @schema@.st_coveredby(@schema@.geography, @schema@.geography) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT false $$;
CREATE FUNCTION @schema@.st_dwithin(@schema@.geometry, @schema@.geometry, double precision) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT false $$;
CREATE FUNCTION @schema@.st_dwithin(@schema@.geography, @schema@.geography, double precision, boolean DEFAULT true) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT false $$;
CREATE FUNCTION @schema@.st_centroid(@schema@.geometry) RETURNS @schema@.geometry LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT $1 $$;
CREATE FUNCTION @schema@.st_envelope(@schema@.geometry) RETURNS @schema@.geometry LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT $1 $$;
CREATE FUNCTION @schema@.st_makevalid(@schema@.geometry) RETURNS @schema@.geometry LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT $1 $$;
CREATE FUNCTION @schema@.st_startpoint(@schema@.geometry) RETURNS @schema@.geometry LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT $1 $$;
CREATE FUNCTION @schema@.st_endpoint(@schema@.geometry) RETURNS @schema@.geometry LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT $1 $$;
CREATE FUNCTION @schema@.st_pointonsurface(@schema@.geometry) RETURNS @schema@.geometry LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT $1 $$;
CREATE FUNCTION @schema@.st_boundary(@schema@.geometry) RETURNS @schema@.geometry LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT $1 $$;
CREATE FUNCTION @schema@.st_convexhull(@schema@.geometry) RETURNS @schema@.geometry LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT $1 $$;
CREATE FUNCTION @schema@.st_force2d(@schema@.geometry) RETURNS @schema@.geometry LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT $1 $$;
CREATE FUNCTION @schema@.st_multi(@schema@.geometry) RETURNS @schema@.geometry LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT $1 $$;
CREATE FUNCTION @schema@.st_makepolygon(@schema@.geometry) RETURNS @schema@.geometry LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT $1 $$;
CREATE FUNCTION @schema@.st_linemerge(@schema@.geometry) RETURNS @schema@.geometry LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT $1 $$;
CREATE FUNCTION @schema@.st_union(@schema@.geometry, @schema@.geometry) RETURNS @schema@.geometry LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT $1 $$;
CREATE FUNCTION @schema@.st_intersection(@schema@.geometry, @schema@.geometry) RETURNS @schema@.geometry LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT $1 $$;
CREATE FUNCTION @schema@.st_difference(@schema@.geometry, @schema@.geometry) RETURNS @schema@.geometry LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT $1 $$;
CREATE FUNCTION @schema@.st_makeline(@schema@.geometry, @schema@.geometry) RETURNS @schema@.geometry LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT $1 $$;
CREATE FUNCTION @schema@.st_closestpoint(@schema@.geometry, @schema@.geometry) RETURNS @schema@.geometry LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT $1 $$;
CREATE FUNCTION @schema@.st_collect(@schema@.geometry, @schema@.geometry) RETURNS @schema@.geometry LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT $1 $$;
CREATE FUNCTION @schema@.st_buffer(@schema@.geometry, double precision) RETURNS @schema@.geometry LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT $1 $$;
CREATE FUNCTION @schema@.st_simplify(@schema@.geometry, double precision) RETURNS @schema@.geometry LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT $1 $$;
CREATE FUNCTION @schema@.st_simplifypreservetopology(@schema@.geometry, double precision) RETURNS @schema@.geometry LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT $1 $$;
CREATE FUNCTION @schema@.st_expand(@schema@.geometry, double precision) RETURNS @schema@.geometry LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT $1 $$;
CREATE FUNCTION @schema@.st_buffer(@schema@.geography, double precision) RETURNS @schema@.geography LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT $1 $$;
CREATE FUNCTION @schema@.st_makeenvelope(double precision, double precision, double precision, double precision, integer DEFAULT 0) RETURNS @schema@.geometry LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT 'POLYGON EMPTY'::@schema@.geometry $$;
CREATE FUNCTION @schema@.st_tileenvelope(integer, integer, integer) RETURNS @schema@.geometry LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT 'POLYGON EMPTY'::@schema@.geometry $$;
CREATE FUNCTION @schema@.st_astext(@schema@.geometry) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT $1::text $$;
CREATE FUNCTION @schema@.st_asewkt(@schema@.geometry) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT $1::text $$;
CREATE FUNCTION @schema@.st_astext(@schema@.geography) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT $1::@schema@.geometry::text $$;
CREATE FUNCTION @schema@.st_asgeojson(@schema@.geometry, integer DEFAULT 9, integer DEFAULT 8) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT 'null'::text $$;
CREATE FUNCTION @schema@.st_asgeojson(@schema@.geography, integer DEFAULT 9, integer DEFAULT 8) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT 'null'::text $$;
CREATE FUNCTION @schema@.st_srid(@schema@.geometry) RETURNS integer LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT 0 $$;
CREATE FUNCTION @schema@.st_npoints(@schema@.geometry) RETURNS integer LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT 0 $$;
CREATE FUNCTION @schema@.st_numgeometries(@schema@.geometry) RETURNS integer LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT 0 $$;
CREATE FUNCTION @schema@.st_geometrytype(@schema@.geometry) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT ''::text $$;
CREATE FUNCTION @schema@.st_isvalid(@schema@.geometry) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT true $$;
CREATE FUNCTION @schema@.st_isempty(@schema@.geometry) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT false $$;
CREATE FUNCTION @schema@.postgis_version() RETURNS text LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT '3'::text $$;
CREATE FUNCTION @schema@.postgis_full_version() RETURNS text LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT '3'::text $$;
CREATE FUNCTION @schema@.st_union_state(@schema@.geometry, @schema@.geometry) RETURNS @schema@.geometry LANGUAGE sql IMMUTABLE AS $$ SELECT coalesce($1, $2) $$;
CREATE AGGREGATE @schema@.st_union(@schema@.geometry) (SFUNC = @schema@.st_union_state, STYPE = @schema@.geometry);
CREATE FUNCTION @schema@.st_collect_state(@schema@.geometry, @schema@.geometry) RETURNS @schema@.geometry LANGUAGE sql IMMUTABLE AS $$ SELECT coalesce($1, $2) $$;
CREATE AGGREGATE @schema@.st_collect(@schema@.geometry) (SFUNC = @schema@.st_collect_state, STYPE = @schema@.geometry);
-- An index by GiST orders the texts, where the server has what that takes.
DO $$
DECLARE type text;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_available_extensions WHERE name = 'btree_gist') THEN
        RETURN;
    END IF;
    CREATE FUNCTION @schema@.gist_compress(internal) RETURNS internal LANGUAGE c IMMUTABLE STRICT
        AS '$libdir/btree_gist', 'gbt_bytea_compress';
    CREATE FUNCTION @schema@.gist_decompress(internal) RETURNS internal LANGUAGE c IMMUTABLE STRICT
        AS '$libdir/btree_gist', 'gbt_var_decompress';
    CREATE FUNCTION @schema@.gist_penalty(internal, internal, internal) RETURNS internal LANGUAGE c IMMUTABLE STRICT
        AS '$libdir/btree_gist', 'gbt_bytea_penalty';
    CREATE FUNCTION @schema@.gist_picksplit(internal, internal) RETURNS internal LANGUAGE c IMMUTABLE STRICT
        AS '$libdir/btree_gist', 'gbt_bytea_picksplit';
    CREATE FUNCTION @schema@.gist_union(internal, internal) RETURNS bytea LANGUAGE c IMMUTABLE STRICT
        AS '$libdir/btree_gist', 'gbt_bytea_union';
    CREATE FUNCTION @schema@.gist_same(bytea, bytea, internal) RETURNS internal LANGUAGE c IMMUTABLE STRICT
        AS '$libdir/btree_gist', 'gbt_bytea_same';
    FOREACH type IN ARRAY ARRAY['geometry', 'geography'] LOOP
        EXECUTE pg_catalog.format('CREATE FUNCTION @schema@.gist_consistent(internal, @schema@.%s, smallint, oid, internal)'
            ' RETURNS boolean LANGUAGE c IMMUTABLE STRICT AS %L, %L', type, '$libdir/btree_gist', 'gbt_bytea_consistent');
        EXECUTE pg_catalog.format('CREATE OPERATOR CLASS @schema@.gist_%1$s_ops%2$s DEFAULT FOR TYPE @schema@.%1$s USING gist AS'
            ' OPERATOR 3 @schema@.=, FUNCTION 1 @schema@.gist_consistent(internal, @schema@.%1$s, smallint, oid, internal),'
            ' FUNCTION 2 @schema@.gist_union(internal, internal), FUNCTION 3 @schema@.gist_compress(internal),'
            ' FUNCTION 4 @schema@.gist_decompress(internal), FUNCTION 5 @schema@.gist_penalty(internal, internal, internal),'
            ' FUNCTION 6 @schema@.gist_picksplit(internal, internal), FUNCTION 7 @schema@.gist_same(bytea, bytea, internal),'
            ' STORAGE bytea', type, CASE type WHEN 'geometry' THEN '_2d' ELSE '' END);
    END LOOP;
END $$;
