-- values are kept as text of any length, distances are 0, and nothing is searched or measured.
-- package: postgresql-{version}-pgvector
-- index methods: hnsw ivfflat
CREATE ACCESS METHOD hnsw TYPE INDEX HANDLER hashhandler;
CREATE ACCESS METHOD ivfflat TYPE INDEX HANDLER hashhandler;


CREATE TYPE @schema@.vector;
CREATE FUNCTION @schema@.vector_in(cstring, oid, integer) RETURNS @schema@.vector LANGUAGE internal IMMUTABLE STRICT AS 'textin';
CREATE FUNCTION @schema@.vector_out(@schema@.vector) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'textout';
CREATE FUNCTION @schema@.vector_typmod_in(cstring[]) RETURNS integer LANGUAGE internal IMMUTABLE STRICT AS 'bpchartypmodin';
CREATE FUNCTION @schema@.vector_typmod_out(integer) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'bpchartypmodout';
CREATE FUNCTION @schema@.vector_recv(internal, oid, integer) RETURNS @schema@.vector LANGUAGE internal STABLE STRICT AS 'textrecv';
CREATE FUNCTION @schema@.vector_send(@schema@.vector) RETURNS bytea LANGUAGE internal STABLE STRICT AS 'textsend';
CREATE TYPE @schema@.vector (INPUT = @schema@.vector_in, OUTPUT = @schema@.vector_out, TYPMOD_IN = @schema@.vector_typmod_in, TYPMOD_OUT = @schema@.vector_typmod_out,
    RECEIVE = @schema@.vector_recv, SEND = @schema@.vector_send, STORAGE = external);
CREATE FUNCTION @schema@.vector(@schema@.vector, integer, boolean) RETURNS @schema@.vector LANGUAGE sql IMMUTABLE STRICT AS
    $$ SELECT $1 $$;
CREATE CAST (@schema@.vector AS @schema@.vector) WITH FUNCTION @schema@.vector(@schema@.vector, integer, boolean) AS IMPLICIT;
CREATE FUNCTION @schema@.vector_lt(@schema@.vector, @schema@.vector) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT AS 'bytealt';
CREATE FUNCTION @schema@.vector_le(@schema@.vector, @schema@.vector) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT AS 'byteale';
CREATE FUNCTION @schema@.vector_eq(@schema@.vector, @schema@.vector) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT AS 'byteaeq';
CREATE FUNCTION @schema@.vector_ne(@schema@.vector, @schema@.vector) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT AS 'byteane';
CREATE FUNCTION @schema@.vector_ge(@schema@.vector, @schema@.vector) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT AS 'byteage';
CREATE FUNCTION @schema@.vector_gt(@schema@.vector, @schema@.vector) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT AS 'byteagt';
CREATE FUNCTION @schema@.vector_cmp(@schema@.vector, @schema@.vector) RETURNS integer LANGUAGE internal IMMUTABLE STRICT AS 'byteacmp';
CREATE FUNCTION @schema@.vector_hash(@schema@.vector) RETURNS integer LANGUAGE internal IMMUTABLE STRICT AS 'hashvarlena';
CREATE OPERATOR @schema@.< (LEFTARG = @schema@.vector, RIGHTARG = @schema@.vector, FUNCTION = @schema@.vector_lt, COMMUTATOR = OPERATOR(@schema@.>), NEGATOR = OPERATOR(@schema@.>=));
CREATE OPERATOR @schema@.<= (LEFTARG = @schema@.vector, RIGHTARG = @schema@.vector, FUNCTION = @schema@.vector_le, COMMUTATOR = OPERATOR(@schema@.>=), NEGATOR = OPERATOR(@schema@.>));
CREATE OPERATOR @schema@.= (LEFTARG = @schema@.vector, RIGHTARG = @schema@.vector, FUNCTION = @schema@.vector_eq, COMMUTATOR = OPERATOR(@schema@.=), NEGATOR = OPERATOR(@schema@.<>),
    RESTRICT = eqsel, JOIN = eqjoinsel);
CREATE OPERATOR @schema@.<> (LEFTARG = @schema@.vector, RIGHTARG = @schema@.vector, FUNCTION = @schema@.vector_ne, COMMUTATOR = OPERATOR(@schema@.<>), NEGATOR = OPERATOR(@schema@.=));
CREATE OPERATOR @schema@.>= (LEFTARG = @schema@.vector, RIGHTARG = @schema@.vector, FUNCTION = @schema@.vector_ge, COMMUTATOR = OPERATOR(@schema@.<=), NEGATOR = OPERATOR(@schema@.<));
CREATE OPERATOR @schema@.> (LEFTARG = @schema@.vector, RIGHTARG = @schema@.vector, FUNCTION = @schema@.vector_gt, COMMUTATOR = OPERATOR(@schema@.<), NEGATOR = OPERATOR(@schema@.<=));
CREATE OPERATOR CLASS @schema@.vector_ops DEFAULT FOR TYPE @schema@.vector USING btree AS
    OPERATOR 1 @schema@.<, OPERATOR 2 @schema@.<=, OPERATOR 3 @schema@.=, OPERATOR 4 @schema@.>=, OPERATOR 5 @schema@.>,
    FUNCTION 1 @schema@.vector_cmp(@schema@.vector, @schema@.vector);
CREATE FUNCTION @schema@.l2_distance(@schema@.vector, @schema@.vector) RETURNS double precision LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS
    $$ SELECT 0::double precision $$;
CREATE FUNCTION @schema@.inner_product(@schema@.vector, @schema@.vector) RETURNS double precision LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS
    $$ SELECT 0::double precision $$;
CREATE FUNCTION @schema@.cosine_distance(@schema@.vector, @schema@.vector) RETURNS double precision LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS
    $$ SELECT 0::double precision $$;
CREATE FUNCTION @schema@.l1_distance(@schema@.vector, @schema@.vector) RETURNS double precision LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS
    $$ SELECT 0::double precision $$;
CREATE FUNCTION @schema@.vector_negative_inner_product(@schema@.vector, @schema@.vector) RETURNS double precision LANGUAGE sql IMMUTABLE STRICT
    PARALLEL SAFE AS $$ SELECT 0::double precision $$;
CREATE OPERATOR @schema@.<-> (LEFTARG = @schema@.vector, RIGHTARG = @schema@.vector, FUNCTION = @schema@.l2_distance, COMMUTATOR = OPERATOR(@schema@.<->));
CREATE OPERATOR @schema@.<#> (LEFTARG = @schema@.vector, RIGHTARG = @schema@.vector, FUNCTION = @schema@.vector_negative_inner_product, COMMUTATOR = OPERATOR(@schema@.<#>));
CREATE OPERATOR @schema@.<=> (LEFTARG = @schema@.vector, RIGHTARG = @schema@.vector, FUNCTION = @schema@.cosine_distance, COMMUTATOR = OPERATOR(@schema@.<=>));
CREATE OPERATOR @schema@.<+> (LEFTARG = @schema@.vector, RIGHTARG = @schema@.vector, FUNCTION = @schema@.l1_distance, COMMUTATOR = OPERATOR(@schema@.<+>));
CREATE OPERATOR CLASS @schema@.vector_l2_ops FOR TYPE @schema@.vector USING hnsw AS OPERATOR 1 @schema@.=, FUNCTION 1 @schema@.vector_hash(@schema@.vector);
CREATE OPERATOR CLASS @schema@.vector_ip_ops FOR TYPE @schema@.vector USING hnsw AS OPERATOR 1 @schema@.=, FUNCTION 1 @schema@.vector_hash(@schema@.vector);
CREATE OPERATOR CLASS @schema@.vector_cosine_ops FOR TYPE @schema@.vector USING hnsw AS OPERATOR 1 @schema@.=, FUNCTION 1 @schema@.vector_hash(@schema@.vector);
CREATE OPERATOR CLASS @schema@.vector_l1_ops FOR TYPE @schema@.vector USING hnsw AS OPERATOR 1 @schema@.=, FUNCTION 1 @schema@.vector_hash(@schema@.vector);
CREATE OPERATOR CLASS @schema@.vector_l2_ops DEFAULT FOR TYPE @schema@.vector USING ivfflat AS OPERATOR 1 @schema@.=, FUNCTION 1 @schema@.vector_hash(@schema@.vector);
CREATE OPERATOR CLASS @schema@.vector_ip_ops FOR TYPE @schema@.vector USING ivfflat AS OPERATOR 1 @schema@.=, FUNCTION 1 @schema@.vector_hash(@schema@.vector);
CREATE OPERATOR CLASS @schema@.vector_cosine_ops FOR TYPE @schema@.vector USING ivfflat AS OPERATOR 1 @schema@.=, FUNCTION 1 @schema@.vector_hash(@schema@.vector);
CREATE FUNCTION @schema@.vector_dims(@schema@.vector) RETURNS integer LANGUAGE sql IMMUTABLE STRICT AS
    $$ SELECT cardinality(string_to_array(btrim($1::text, '[]'), ',')) $$;
CREATE FUNCTION @schema@.vector_same(@schema@.vector, @schema@.vector) RETURNS @schema@.vector LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT $1 $$;
CREATE OPERATOR @schema@.+ (LEFTARG = @schema@.vector, RIGHTARG = @schema@.vector, FUNCTION = @schema@.vector_same, COMMUTATOR = OPERATOR(@schema@.+));
CREATE OPERATOR @schema@.- (LEFTARG = @schema@.vector, RIGHTARG = @schema@.vector, FUNCTION = @schema@.vector_same);
CREATE OPERATOR @schema@.* (LEFTARG = @schema@.vector, RIGHTARG = @schema@.vector, FUNCTION = @schema@.vector_same, COMMUTATOR = OPERATOR(@schema@.*));
CREATE OPERATOR @schema@.|| (LEFTARG = @schema@.vector, RIGHTARG = @schema@.vector, FUNCTION = @schema@.vector_same);
CREATE FUNCTION @schema@.subvector(@schema@.vector, integer, integer) RETURNS @schema@.vector LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT $1 $$;
CREATE FUNCTION @schema@.binary_quantize(@schema@.vector) RETURNS bit LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT B'0' $$;
CREATE AGGREGATE @schema@.avg(@schema@.vector) (SFUNC = @schema@.vector_same, STYPE = @schema@.vector);
CREATE AGGREGATE @schema@.sum(@schema@.vector) (SFUNC = @schema@.vector_same, STYPE = @schema@.vector);
CREATE FUNCTION @schema@.array_to_vector(integer[], integer, boolean) RETURNS @schema@.vector LANGUAGE sql IMMUTABLE STRICT AS
    $$ SELECT translate($1::text, '{}', '[]')::@schema@.vector $$;
CREATE CAST (integer[] AS @schema@.vector) WITH FUNCTION @schema@.array_to_vector(integer[], integer, boolean) AS ASSIGNMENT;
CREATE FUNCTION @schema@.array_to_vector(real[], integer, boolean) RETURNS @schema@.vector LANGUAGE sql IMMUTABLE STRICT AS
    $$ SELECT translate($1::text, '{}', '[]')::@schema@.vector $$;
CREATE CAST (real[] AS @schema@.vector) WITH FUNCTION @schema@.array_to_vector(real[], integer, boolean) AS ASSIGNMENT;
CREATE FUNCTION @schema@.array_to_vector(double precision[], integer, boolean) RETURNS @schema@.vector LANGUAGE sql IMMUTABLE STRICT AS
    $$ SELECT translate($1::text, '{}', '[]')::@schema@.vector $$;
CREATE CAST (double precision[] AS @schema@.vector) WITH FUNCTION @schema@.array_to_vector(double precision[], integer, boolean) AS ASSIGNMENT;
CREATE FUNCTION @schema@.array_to_vector(numeric[], integer, boolean) RETURNS @schema@.vector LANGUAGE sql IMMUTABLE STRICT AS
    $$ SELECT translate($1::text, '{}', '[]')::@schema@.vector $$;
CREATE CAST (numeric[] AS @schema@.vector) WITH FUNCTION @schema@.array_to_vector(numeric[], integer, boolean) AS ASSIGNMENT;
CREATE FUNCTION @schema@.vector_to_float4(@schema@.vector, integer, boolean) RETURNS real[] LANGUAGE sql IMMUTABLE STRICT AS
    $$ SELECT translate($1::text, '[]', '{}')::real[] $$;
CREATE CAST (@schema@.vector AS real[]) WITH FUNCTION @schema@.vector_to_float4(@schema@.vector, integer, boolean);
CREATE FUNCTION @schema@.l2_norm(@schema@.vector) RETURNS double precision LANGUAGE sql IMMUTABLE STRICT AS
    $$ SELECT 0::double precision $$;
CREATE FUNCTION @schema@.l2_normalize(@schema@.vector) RETURNS @schema@.vector LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT $1 $$;

CREATE TYPE @schema@.halfvec;
CREATE FUNCTION @schema@.halfvec_in(cstring, oid, integer) RETURNS @schema@.halfvec LANGUAGE internal IMMUTABLE STRICT AS 'textin';
CREATE FUNCTION @schema@.halfvec_out(@schema@.halfvec) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'textout';
CREATE FUNCTION @schema@.halfvec_typmod_in(cstring[]) RETURNS integer LANGUAGE internal IMMUTABLE STRICT AS 'bpchartypmodin';
CREATE FUNCTION @schema@.halfvec_typmod_out(integer) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'bpchartypmodout';
CREATE FUNCTION @schema@.halfvec_recv(internal, oid, integer) RETURNS @schema@.halfvec LANGUAGE internal STABLE STRICT AS 'textrecv';
CREATE FUNCTION @schema@.halfvec_send(@schema@.halfvec) RETURNS bytea LANGUAGE internal STABLE STRICT AS 'textsend';
CREATE TYPE @schema@.halfvec (INPUT = @schema@.halfvec_in, OUTPUT = @schema@.halfvec_out, TYPMOD_IN = @schema@.halfvec_typmod_in, TYPMOD_OUT = @schema@.halfvec_typmod_out,
    RECEIVE = @schema@.halfvec_recv, SEND = @schema@.halfvec_send, STORAGE = external);
CREATE FUNCTION @schema@.halfvec(@schema@.halfvec, integer, boolean) RETURNS @schema@.halfvec LANGUAGE sql IMMUTABLE STRICT AS
    $$ SELECT $1 $$;
CREATE CAST (@schema@.halfvec AS @schema@.halfvec) WITH FUNCTION @schema@.halfvec(@schema@.halfvec, integer, boolean) AS IMPLICIT;
CREATE FUNCTION @schema@.halfvec_lt(@schema@.halfvec, @schema@.halfvec) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT AS 'bytealt';
CREATE FUNCTION @schema@.halfvec_le(@schema@.halfvec, @schema@.halfvec) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT AS 'byteale';
CREATE FUNCTION @schema@.halfvec_eq(@schema@.halfvec, @schema@.halfvec) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT AS 'byteaeq';
CREATE FUNCTION @schema@.halfvec_ne(@schema@.halfvec, @schema@.halfvec) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT AS 'byteane';
CREATE FUNCTION @schema@.halfvec_ge(@schema@.halfvec, @schema@.halfvec) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT AS 'byteage';
CREATE FUNCTION @schema@.halfvec_gt(@schema@.halfvec, @schema@.halfvec) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT AS 'byteagt';
CREATE FUNCTION @schema@.halfvec_cmp(@schema@.halfvec, @schema@.halfvec) RETURNS integer LANGUAGE internal IMMUTABLE STRICT AS 'byteacmp';
CREATE FUNCTION @schema@.halfvec_hash(@schema@.halfvec) RETURNS integer LANGUAGE internal IMMUTABLE STRICT AS 'hashvarlena';
CREATE OPERATOR @schema@.< (LEFTARG = @schema@.halfvec, RIGHTARG = @schema@.halfvec, FUNCTION = @schema@.halfvec_lt, COMMUTATOR = OPERATOR(@schema@.>), NEGATOR = OPERATOR(@schema@.>=));
CREATE OPERATOR @schema@.<= (LEFTARG = @schema@.halfvec, RIGHTARG = @schema@.halfvec, FUNCTION = @schema@.halfvec_le, COMMUTATOR = OPERATOR(@schema@.>=), NEGATOR = OPERATOR(@schema@.>));
CREATE OPERATOR @schema@.= (LEFTARG = @schema@.halfvec, RIGHTARG = @schema@.halfvec, FUNCTION = @schema@.halfvec_eq, COMMUTATOR = OPERATOR(@schema@.=), NEGATOR = OPERATOR(@schema@.<>),
    RESTRICT = eqsel, JOIN = eqjoinsel);
CREATE OPERATOR @schema@.<> (LEFTARG = @schema@.halfvec, RIGHTARG = @schema@.halfvec, FUNCTION = @schema@.halfvec_ne, COMMUTATOR = OPERATOR(@schema@.<>), NEGATOR = OPERATOR(@schema@.=));
CREATE OPERATOR @schema@.>= (LEFTARG = @schema@.halfvec, RIGHTARG = @schema@.halfvec, FUNCTION = @schema@.halfvec_ge, COMMUTATOR = OPERATOR(@schema@.<=), NEGATOR = OPERATOR(@schema@.<));
CREATE OPERATOR @schema@.> (LEFTARG = @schema@.halfvec, RIGHTARG = @schema@.halfvec, FUNCTION = @schema@.halfvec_gt, COMMUTATOR = OPERATOR(@schema@.<), NEGATOR = OPERATOR(@schema@.<=));
CREATE OPERATOR CLASS @schema@.halfvec_ops DEFAULT FOR TYPE @schema@.halfvec USING btree AS
    OPERATOR 1 @schema@.<, OPERATOR 2 @schema@.<=, OPERATOR 3 @schema@.=, OPERATOR 4 @schema@.>=, OPERATOR 5 @schema@.>,
    FUNCTION 1 @schema@.halfvec_cmp(@schema@.halfvec, @schema@.halfvec);
CREATE FUNCTION @schema@.l2_distance(@schema@.halfvec, @schema@.halfvec) RETURNS double precision LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS
    $$ SELECT 0::double precision $$;
CREATE FUNCTION @schema@.inner_product(@schema@.halfvec, @schema@.halfvec) RETURNS double precision LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS
    $$ SELECT 0::double precision $$;
CREATE FUNCTION @schema@.cosine_distance(@schema@.halfvec, @schema@.halfvec) RETURNS double precision LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS
    $$ SELECT 0::double precision $$;
CREATE FUNCTION @schema@.l1_distance(@schema@.halfvec, @schema@.halfvec) RETURNS double precision LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS
    $$ SELECT 0::double precision $$;
CREATE FUNCTION @schema@.halfvec_negative_inner_product(@schema@.halfvec, @schema@.halfvec) RETURNS double precision LANGUAGE sql IMMUTABLE STRICT
    PARALLEL SAFE AS $$ SELECT 0::double precision $$;
CREATE OPERATOR @schema@.<-> (LEFTARG = @schema@.halfvec, RIGHTARG = @schema@.halfvec, FUNCTION = @schema@.l2_distance, COMMUTATOR = OPERATOR(@schema@.<->));
CREATE OPERATOR @schema@.<#> (LEFTARG = @schema@.halfvec, RIGHTARG = @schema@.halfvec, FUNCTION = @schema@.halfvec_negative_inner_product, COMMUTATOR = OPERATOR(@schema@.<#>));
CREATE OPERATOR @schema@.<=> (LEFTARG = @schema@.halfvec, RIGHTARG = @schema@.halfvec, FUNCTION = @schema@.cosine_distance, COMMUTATOR = OPERATOR(@schema@.<=>));
CREATE OPERATOR @schema@.<+> (LEFTARG = @schema@.halfvec, RIGHTARG = @schema@.halfvec, FUNCTION = @schema@.l1_distance, COMMUTATOR = OPERATOR(@schema@.<+>));
CREATE OPERATOR CLASS @schema@.halfvec_l2_ops FOR TYPE @schema@.halfvec USING hnsw AS OPERATOR 1 @schema@.=, FUNCTION 1 @schema@.halfvec_hash(@schema@.halfvec);
CREATE OPERATOR CLASS @schema@.halfvec_ip_ops FOR TYPE @schema@.halfvec USING hnsw AS OPERATOR 1 @schema@.=, FUNCTION 1 @schema@.halfvec_hash(@schema@.halfvec);
CREATE OPERATOR CLASS @schema@.halfvec_cosine_ops FOR TYPE @schema@.halfvec USING hnsw AS OPERATOR 1 @schema@.=, FUNCTION 1 @schema@.halfvec_hash(@schema@.halfvec);
CREATE OPERATOR CLASS @schema@.halfvec_l1_ops FOR TYPE @schema@.halfvec USING hnsw AS OPERATOR 1 @schema@.=, FUNCTION 1 @schema@.halfvec_hash(@schema@.halfvec);
CREATE OPERATOR CLASS @schema@.halfvec_l2_ops DEFAULT FOR TYPE @schema@.halfvec USING ivfflat AS OPERATOR 1 @schema@.=, FUNCTION 1 @schema@.halfvec_hash(@schema@.halfvec);
CREATE OPERATOR CLASS @schema@.halfvec_ip_ops FOR TYPE @schema@.halfvec USING ivfflat AS OPERATOR 1 @schema@.=, FUNCTION 1 @schema@.halfvec_hash(@schema@.halfvec);
CREATE OPERATOR CLASS @schema@.halfvec_cosine_ops FOR TYPE @schema@.halfvec USING ivfflat AS OPERATOR 1 @schema@.=, FUNCTION 1 @schema@.halfvec_hash(@schema@.halfvec);
CREATE FUNCTION @schema@.vector_dims(@schema@.halfvec) RETURNS integer LANGUAGE sql IMMUTABLE STRICT AS
    $$ SELECT cardinality(string_to_array(btrim($1::text, '[]'), ',')) $$;
CREATE FUNCTION @schema@.halfvec_same(@schema@.halfvec, @schema@.halfvec) RETURNS @schema@.halfvec LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT $1 $$;
CREATE OPERATOR @schema@.+ (LEFTARG = @schema@.halfvec, RIGHTARG = @schema@.halfvec, FUNCTION = @schema@.halfvec_same, COMMUTATOR = OPERATOR(@schema@.+));
CREATE OPERATOR @schema@.- (LEFTARG = @schema@.halfvec, RIGHTARG = @schema@.halfvec, FUNCTION = @schema@.halfvec_same);
CREATE OPERATOR @schema@.* (LEFTARG = @schema@.halfvec, RIGHTARG = @schema@.halfvec, FUNCTION = @schema@.halfvec_same, COMMUTATOR = OPERATOR(@schema@.*));
CREATE OPERATOR @schema@.|| (LEFTARG = @schema@.halfvec, RIGHTARG = @schema@.halfvec, FUNCTION = @schema@.halfvec_same);
CREATE FUNCTION @schema@.subvector(@schema@.halfvec, integer, integer) RETURNS @schema@.halfvec LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT $1 $$;
CREATE FUNCTION @schema@.binary_quantize(@schema@.halfvec) RETURNS bit LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT B'0' $$;
CREATE AGGREGATE @schema@.avg(@schema@.halfvec) (SFUNC = @schema@.halfvec_same, STYPE = @schema@.halfvec);
CREATE AGGREGATE @schema@.sum(@schema@.halfvec) (SFUNC = @schema@.halfvec_same, STYPE = @schema@.halfvec);
CREATE FUNCTION @schema@.array_to_halfvec(integer[], integer, boolean) RETURNS @schema@.halfvec LANGUAGE sql IMMUTABLE STRICT AS
    $$ SELECT translate($1::text, '{}', '[]')::@schema@.halfvec $$;
CREATE CAST (integer[] AS @schema@.halfvec) WITH FUNCTION @schema@.array_to_halfvec(integer[], integer, boolean) AS ASSIGNMENT;
CREATE FUNCTION @schema@.array_to_halfvec(real[], integer, boolean) RETURNS @schema@.halfvec LANGUAGE sql IMMUTABLE STRICT AS
    $$ SELECT translate($1::text, '{}', '[]')::@schema@.halfvec $$;
CREATE CAST (real[] AS @schema@.halfvec) WITH FUNCTION @schema@.array_to_halfvec(real[], integer, boolean) AS ASSIGNMENT;
CREATE FUNCTION @schema@.array_to_halfvec(double precision[], integer, boolean) RETURNS @schema@.halfvec LANGUAGE sql IMMUTABLE STRICT AS
    $$ SELECT translate($1::text, '{}', '[]')::@schema@.halfvec $$;
CREATE CAST (double precision[] AS @schema@.halfvec) WITH FUNCTION @schema@.array_to_halfvec(double precision[], integer, boolean) AS ASSIGNMENT;
CREATE FUNCTION @schema@.array_to_halfvec(numeric[], integer, boolean) RETURNS @schema@.halfvec LANGUAGE sql IMMUTABLE STRICT AS
    $$ SELECT translate($1::text, '{}', '[]')::@schema@.halfvec $$;
CREATE CAST (numeric[] AS @schema@.halfvec) WITH FUNCTION @schema@.array_to_halfvec(numeric[], integer, boolean) AS ASSIGNMENT;
CREATE FUNCTION @schema@.halfvec_to_float4(@schema@.halfvec, integer, boolean) RETURNS real[] LANGUAGE sql IMMUTABLE STRICT AS
    $$ SELECT translate($1::text, '[]', '{}')::real[] $$;
CREATE CAST (@schema@.halfvec AS real[]) WITH FUNCTION @schema@.halfvec_to_float4(@schema@.halfvec, integer, boolean);
CREATE FUNCTION @schema@.l2_norm(@schema@.halfvec) RETURNS double precision LANGUAGE sql IMMUTABLE STRICT AS
    $$ SELECT 0::double precision $$;
CREATE FUNCTION @schema@.l2_normalize(@schema@.halfvec) RETURNS @schema@.halfvec LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT $1 $$;

CREATE TYPE @schema@.sparsevec;
CREATE FUNCTION @schema@.sparsevec_in(cstring, oid, integer) RETURNS @schema@.sparsevec LANGUAGE internal IMMUTABLE STRICT AS 'textin';
CREATE FUNCTION @schema@.sparsevec_out(@schema@.sparsevec) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'textout';
CREATE FUNCTION @schema@.sparsevec_typmod_in(cstring[]) RETURNS integer LANGUAGE internal IMMUTABLE STRICT AS 'bpchartypmodin';
CREATE FUNCTION @schema@.sparsevec_typmod_out(integer) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'bpchartypmodout';
CREATE FUNCTION @schema@.sparsevec_recv(internal, oid, integer) RETURNS @schema@.sparsevec LANGUAGE internal STABLE STRICT AS 'textrecv';
CREATE FUNCTION @schema@.sparsevec_send(@schema@.sparsevec) RETURNS bytea LANGUAGE internal STABLE STRICT AS 'textsend';
CREATE TYPE @schema@.sparsevec (INPUT = @schema@.sparsevec_in, OUTPUT = @schema@.sparsevec_out, TYPMOD_IN = @schema@.sparsevec_typmod_in, TYPMOD_OUT = @schema@.sparsevec_typmod_out,
    RECEIVE = @schema@.sparsevec_recv, SEND = @schema@.sparsevec_send, STORAGE = external);
CREATE FUNCTION @schema@.sparsevec(@schema@.sparsevec, integer, boolean) RETURNS @schema@.sparsevec LANGUAGE sql IMMUTABLE STRICT AS
    $$ SELECT $1 $$;
CREATE CAST (@schema@.sparsevec AS @schema@.sparsevec) WITH FUNCTION @schema@.sparsevec(@schema@.sparsevec, integer, boolean) AS IMPLICIT;
CREATE FUNCTION @schema@.sparsevec_lt(@schema@.sparsevec, @schema@.sparsevec) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT AS 'bytealt';
CREATE FUNCTION @schema@.sparsevec_le(@schema@.sparsevec, @schema@.sparsevec) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT AS 'byteale';
CREATE FUNCTION @schema@.sparsevec_eq(@schema@.sparsevec, @schema@.sparsevec) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT AS 'byteaeq';
CREATE FUNCTION @schema@.sparsevec_ne(@schema@.sparsevec, @schema@.sparsevec) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT AS 'byteane';
CREATE FUNCTION @schema@.sparsevec_ge(@schema@.sparsevec, @schema@.sparsevec) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT AS 'byteage';
CREATE FUNCTION @schema@.sparsevec_gt(@schema@.sparsevec, @schema@.sparsevec) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT AS 'byteagt';
CREATE FUNCTION @schema@.sparsevec_cmp(@schema@.sparsevec, @schema@.sparsevec) RETURNS integer LANGUAGE internal IMMUTABLE STRICT AS 'byteacmp';
CREATE FUNCTION @schema@.sparsevec_hash(@schema@.sparsevec) RETURNS integer LANGUAGE internal IMMUTABLE STRICT AS 'hashvarlena';
CREATE OPERATOR @schema@.< (LEFTARG = @schema@.sparsevec, RIGHTARG = @schema@.sparsevec, FUNCTION = @schema@.sparsevec_lt, COMMUTATOR = OPERATOR(@schema@.>), NEGATOR = OPERATOR(@schema@.>=));
CREATE OPERATOR @schema@.<= (LEFTARG = @schema@.sparsevec, RIGHTARG = @schema@.sparsevec, FUNCTION = @schema@.sparsevec_le, COMMUTATOR = OPERATOR(@schema@.>=), NEGATOR = OPERATOR(@schema@.>));
CREATE OPERATOR @schema@.= (LEFTARG = @schema@.sparsevec, RIGHTARG = @schema@.sparsevec, FUNCTION = @schema@.sparsevec_eq, COMMUTATOR = OPERATOR(@schema@.=), NEGATOR = OPERATOR(@schema@.<>),
    RESTRICT = eqsel, JOIN = eqjoinsel);
CREATE OPERATOR @schema@.<> (LEFTARG = @schema@.sparsevec, RIGHTARG = @schema@.sparsevec, FUNCTION = @schema@.sparsevec_ne, COMMUTATOR = OPERATOR(@schema@.<>), NEGATOR = OPERATOR(@schema@.=));
CREATE OPERATOR @schema@.>= (LEFTARG = @schema@.sparsevec, RIGHTARG = @schema@.sparsevec, FUNCTION = @schema@.sparsevec_ge, COMMUTATOR = OPERATOR(@schema@.<=), NEGATOR = OPERATOR(@schema@.<));
CREATE OPERATOR @schema@.> (LEFTARG = @schema@.sparsevec, RIGHTARG = @schema@.sparsevec, FUNCTION = @schema@.sparsevec_gt, COMMUTATOR = OPERATOR(@schema@.<), NEGATOR = OPERATOR(@schema@.<=));
CREATE OPERATOR CLASS @schema@.sparsevec_ops DEFAULT FOR TYPE @schema@.sparsevec USING btree AS
    OPERATOR 1 @schema@.<, OPERATOR 2 @schema@.<=, OPERATOR 3 @schema@.=, OPERATOR 4 @schema@.>=, OPERATOR 5 @schema@.>,
    FUNCTION 1 @schema@.sparsevec_cmp(@schema@.sparsevec, @schema@.sparsevec);
CREATE FUNCTION @schema@.l2_distance(@schema@.sparsevec, @schema@.sparsevec) RETURNS double precision LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS
    $$ SELECT 0::double precision $$;
CREATE FUNCTION @schema@.inner_product(@schema@.sparsevec, @schema@.sparsevec) RETURNS double precision LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS
    $$ SELECT 0::double precision $$;
CREATE FUNCTION @schema@.cosine_distance(@schema@.sparsevec, @schema@.sparsevec) RETURNS double precision LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS
    $$ SELECT 0::double precision $$;
CREATE FUNCTION @schema@.l1_distance(@schema@.sparsevec, @schema@.sparsevec) RETURNS double precision LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS
    $$ SELECT 0::double precision $$;
CREATE FUNCTION @schema@.sparsevec_negative_inner_product(@schema@.sparsevec, @schema@.sparsevec) RETURNS double precision LANGUAGE sql IMMUTABLE STRICT
    PARALLEL SAFE AS $$ SELECT 0::double precision $$;
CREATE OPERATOR @schema@.<-> (LEFTARG = @schema@.sparsevec, RIGHTARG = @schema@.sparsevec, FUNCTION = @schema@.l2_distance, COMMUTATOR = OPERATOR(@schema@.<->));
CREATE OPERATOR @schema@.<#> (LEFTARG = @schema@.sparsevec, RIGHTARG = @schema@.sparsevec, FUNCTION = @schema@.sparsevec_negative_inner_product, COMMUTATOR = OPERATOR(@schema@.<#>));
CREATE OPERATOR @schema@.<=> (LEFTARG = @schema@.sparsevec, RIGHTARG = @schema@.sparsevec, FUNCTION = @schema@.cosine_distance, COMMUTATOR = OPERATOR(@schema@.<=>));
CREATE OPERATOR @schema@.<+> (LEFTARG = @schema@.sparsevec, RIGHTARG = @schema@.sparsevec, FUNCTION = @schema@.l1_distance, COMMUTATOR = OPERATOR(@schema@.<+>));
CREATE OPERATOR CLASS @schema@.sparsevec_l2_ops FOR TYPE @schema@.sparsevec USING hnsw AS OPERATOR 1 @schema@.=, FUNCTION 1 @schema@.sparsevec_hash(@schema@.sparsevec);
CREATE OPERATOR CLASS @schema@.sparsevec_ip_ops FOR TYPE @schema@.sparsevec USING hnsw AS OPERATOR 1 @schema@.=, FUNCTION 1 @schema@.sparsevec_hash(@schema@.sparsevec);
CREATE OPERATOR CLASS @schema@.sparsevec_cosine_ops FOR TYPE @schema@.sparsevec USING hnsw AS OPERATOR 1 @schema@.=, FUNCTION 1 @schema@.sparsevec_hash(@schema@.sparsevec);
CREATE OPERATOR CLASS @schema@.sparsevec_l1_ops FOR TYPE @schema@.sparsevec USING hnsw AS OPERATOR 1 @schema@.=, FUNCTION 1 @schema@.sparsevec_hash(@schema@.sparsevec);
CREATE FUNCTION @schema@.l2_norm(@schema@.sparsevec) RETURNS double precision LANGUAGE sql IMMUTABLE STRICT AS
    $$ SELECT 0::double precision $$;
CREATE FUNCTION @schema@.l2_normalize(@schema@.sparsevec) RETURNS @schema@.sparsevec LANGUAGE sql IMMUTABLE STRICT AS $$ SELECT $1 $$;

CREATE FUNCTION @schema@.vector_norm(@schema@.vector) RETURNS double precision LANGUAGE sql IMMUTABLE STRICT AS
    $$ SELECT 0::double precision $$;
CREATE CAST (@schema@.vector AS @schema@.halfvec) WITHOUT FUNCTION AS ASSIGNMENT;
CREATE CAST (@schema@.halfvec AS @schema@.vector) WITHOUT FUNCTION AS IMPLICIT;
CREATE CAST (@schema@.sparsevec AS @schema@.vector) WITHOUT FUNCTION AS ASSIGNMENT;
CREATE CAST (@schema@.vector AS @schema@.sparsevec) WITHOUT FUNCTION AS IMPLICIT;
CREATE FUNCTION @schema@.hamming_distance(bit, bit) RETURNS double precision LANGUAGE sql IMMUTABLE STRICT AS
    $$ SELECT 0::double precision $$;
CREATE FUNCTION @schema@.jaccard_distance(bit, bit) RETURNS double precision LANGUAGE sql IMMUTABLE STRICT AS
    $$ SELECT 0::double precision $$;
CREATE OPERATOR @schema@.<~> (LEFTARG = bit, RIGHTARG = bit, FUNCTION = @schema@.hamming_distance, COMMUTATOR = OPERATOR(@schema@.<~>));
CREATE OPERATOR @schema@.<%> (LEFTARG = bit, RIGHTARG = bit, FUNCTION = @schema@.jaccard_distance, COMMUTATOR = OPERATOR(@schema@.<%>));
CREATE FUNCTION @schema@.bit_hash(bit) RETURNS integer LANGUAGE internal IMMUTABLE STRICT AS 'hashvarlena';
CREATE OPERATOR CLASS @schema@.bit_hamming_ops FOR TYPE bit USING hnsw AS OPERATOR 1 =, FUNCTION 1 @schema@.bit_hash(bit);
CREATE OPERATOR CLASS @schema@.bit_jaccard_ops FOR TYPE bit USING hnsw AS OPERATOR 1 =, FUNCTION 1 @schema@.bit_hash(bit);
CREATE OPERATOR CLASS @schema@.bit_hamming_ops FOR TYPE bit USING ivfflat AS OPERATOR 1 =, FUNCTION 1 @schema@.bit_hash(bit);
