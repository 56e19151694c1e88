-- session_digest: the handle of a token
\set ECHO none
\getenv source PG_ABS_SRCDIR
\set helpers :source/sql/include/helpers.psql
\i :helpers
\set ECHO all

-- base64url without padding of SHA-256 (FIPS 180-4: "abc").
SELECT session_digest('abc');
SELECT encode(decode(rpad(translate(session_digest('abc'), '-_', '+/'), 44, '='), 'base64'), 'hex') AS sha256;
SELECT bool_and(session_digest(token) = translate(encode(sha256(token::bytea), 'base64'), '+/=', '-_')) AS same,
	bool_and(length(session_digest(token)) = 43) AS of_43,
	count(DISTINCT session_digest(token))
FROM (SELECT repeat('x', n) FROM generate_series(1, 255) n) v (token);

-- Every printable character counts, and nothing else is accepted.
SELECT count(*) FROM generate_series(33, 126) c WHERE length(session_digest(chr(c))) = 43;
SELECT count(*), min(error), max(error)
FROM (SELECT left(pg_temp.error_of(format('SELECT session_digest(%L)', 'a' || chr(c) || 'b')), 26)
	FROM generate_series(1, 300) c WHERE c NOT BETWEEN 33 AND 126) v (error);
SELECT pg_temp.error_of('SELECT session_digest(NULL)');
SELECT pg_temp.error_of('SELECT session_digest('''')');
SELECT pg_temp.error_of('SELECT session_digest(repeat(''x'', 256))');

-- It serves joins: whose session is this token's?
SELECT session_set('digest', '{}', 'ann');
SELECT user_id FROM sessions WHERE id = session_digest('digest');
SELECT provolatile, proparallel FROM pg_proc WHERE proname = 'session_digest';
