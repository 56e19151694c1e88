#
# The ways to call a function that the server has: each gives the same answers
# or a clean error.
#
use strict;
use warnings;

use PostgreSQL::Test::Utils;
use Test::More;

use CovetTest;
use CovetWire;

my $node = covet_node('callers', conf => <<~END);
	covet_sessions.cleanup_enabled = off
	covet_sessions.audit = all
	END
my $client = CovetWire->new($node);

# ---- the fast path of the protocol ----

sub oid
{
	my ($signature) = @_;
	return $client->value('SELECT $1::regprocedure::oid', $signature);
}

sub call
{
	my ($signature, @arguments) = @_;
	my $result = $client->call(oid($signature), @arguments);

	return $result->{error} ? $result->{error}{C} : $result->{rows}[0][0];
}

my @none = (undef) x 4;
is(call('session_set(text,text,text,bigint,text,text)', 'fast', '{"a": 1}', @none), 't', 'session_set(text)');
is(call('session_set(text,jsonb,text,bigint,text,text)', 'fast', '{"b": 2}', 'alice', 60, undef, undef),
	't', 'session_set(jsonb)');
is(call('session_get(text)', 'fast'), '{"b": 2}', 'session_get');
is(call('session_patch(text,text)', 'fast', '{"c": 3}'), 3, 'session_patch(text)');
is(call('session_patch(text,jsonb)', 'fast', '{"d": 4}'), 4, 'session_patch(jsonb)');
is(call('session_update(text,jsonb,bigint)', 'fast', '{}', 1), 0, 'session_update(jsonb)');
is(call('session_touch(text)', 'fast'), '{"b": 2, "c": 3, "d": 4}', 'session_touch');
is(length call('session_create(text,jsonb,bigint,text,text)', 'alice', '[]', undef, undef, undef),
	43, 'session_create(jsonb)');
is(length call('session_create(text,text,bigint,text,text)', undef, '[]', undef, undef, undef),
	43, 'session_create(text)');
is(call('session_revoke_user(text,text)', 'alice', 'fast'), 1, 'session_revoke_user');
is(call('session_set(text,text,text,bigint,text,text)', 'fast', '{"a', @none), '22P02', 'an error');
is(call('session_set(text,text,text,bigint,text,text)', undef, '{}', @none), '22023', 'a null argument');
is(call('session_list(text)', 'alice'), '0A000', 'a function that returns rows is refused');
is(call('session_get(text)', 'none'), undef, 'a null result');
is($client->value('SELECT current_user = session_user'), 't', 'the connection is well');

# ---- languages ----

$client->query(<<'END');
	CREATE FUNCTION in_sql(token text) RETURNS jsonb LANGUAGE sql AS 'SELECT session_get(token)';
	CREATE FUNCTION in_sql_body(token text) RETURNS jsonb LANGUAGE sql RETURN session_get(token);
	CREATE FUNCTION in_plpgsql(token text) RETURNS jsonb LANGUAGE plpgsql AS $$
	DECLARE got jsonb; fresh text; listed bigint := 0; device record; BEGIN
		PERFORM session_patch(token, '{"plpgsql": true}');
		fresh := session_rotate(token);
		BEGIN
			PERFORM session_patch(fresh, '[]');
		EXCEPTION WHEN invalid_parameter_value THEN
			PERFORM session_patch(fresh, jsonb_build_object('caught', sqlerrm));
		END;
		FOR device IN SELECT * FROM session_list('bob') LOOP listed := listed + 1; END LOOP;
		got := session_get(fresh) || jsonb_build_object('listed', listed);
		PERFORM session_delete(fresh);
		RETURN got;
	END $$;
	CREATE PROCEDURE in_procedure(token text) LANGUAGE plpgsql AS $$
	BEGIN
		PERFORM session_set(token, '{"n": 1}'); COMMIT;
		PERFORM session_set(token, '{"n": 2}'); ROLLBACK;
		PERFORM session_touch(token);
	END $$;
END
$client->value(q{SELECT session_set('lang', '{"l": 1}', 'bob')});
is($client->value("SELECT $_('lang')"), '{"l": 1}', $_) for 'in_sql', 'in_sql_body';
is($client->value(q{SELECT in_plpgsql('lang')}),
	'{"l": 1, "caught": "session patch must be a JSON object", "listed": 1, "plpgsql": true}', 'in_plpgsql');
is($client->sqlstate(q{CALL in_procedure('procedure')}), '00000', 'in_procedure');
is($client->value(q{SELECT session_get('procedure')}), '{"n": 1}', 'commits and rolls back');
is($client->sqlstate(q{DO $$ BEGIN PERFORM session_revoke('procedure'); END $$}), '00000', 'DO');
is($client->value(q{SELECT session_get('procedure')}), undef, 'has revoked it');

# ---- statements ----

$client->value(q{SELECT count(session_set('row' || n, jsonb_build_object('n', n))) FROM generate_series(1, 10) n});
is($client->value(q{SELECT sum((session_get('row' || n) -> 'n')::integer) FROM generate_series(1, 10) n}),
	55, 'many calls of a statement');
is($client->query(q{COPY (SELECT session_get('row1')) TO STDOUT})->{error}, undef, 'COPY');
is($client->value(<<'END'), '{"n": 3}', 'a cursor');
	BEGIN;
	DECLARE c SCROLL CURSOR FOR SELECT session_get('row' || n) FROM generate_series(1, 10) n;
	MOVE 4 IN c;
	FETCH PRIOR FROM c;
	FETCH NEXT FROM c;
	COMMIT;
END
$client->query(q{BEGIN; DECLARE c CURSOR WITH HOLD FOR SELECT session_patch('row' || n, '{}') FROM generate_series(1, 10) n; COMMIT});
is(scalar @{ $client->query('FETCH ALL FROM c; CLOSE c')->{rows} }, 10, 'a cursor that is held');
is($client->value(q{SELECT version FROM session_info('row10')}), 2, 'whose calls are made once');
is($client->value(q{WITH made AS (SELECT session_create('carl', '{}') t) SELECT session_get(t) IS NULL FROM made}),
	'f', 'a session made by the same statement');
is($client->value(q{SELECT count(*) FROM session_list('carl') l, LATERAL session_list(l.user_id)}), 1, 'a lateral join');
is($client->query(q{EXPLAIN ANALYZE SELECT session_patch('row1', '{}')})->{error}, undef, 'EXPLAIN ANALYZE');

# Where a function must be immutable, those that are not are refused.
$client->value('CREATE TABLE t (token text)');
is($client->sqlstate($_), '42P17', $_)
  for 'CREATE INDEX ON t (session_get(token))', 'CREATE INDEX ON t (token) WHERE session_delete(token)',
  'ALTER TABLE t ADD g text GENERATED ALWAYS AS (session_rotate(token)) STORED';
is($client->sqlstate('CREATE INDEX ON t (session_digest(token))'), '00000', 'session_digest may be indexed');

# Who says that his function is immutable or safe gets what he asked for, and
# at worst a clean error.  (From version 17 on an index is made with nothing but
# pg_catalog in the search path.)
$client->query(<<'END');
	CREATE FUNCTION lie(token text) RETURNS text IMMUTABLE PARALLEL SAFE LANGUAGE plpgsql AS
		'BEGIN RETURN public.session_patch(token, ''{"lie": true}''); END';
	CREATE FUNCTION lie_get(token text) RETURNS text IMMUTABLE PARALLEL SAFE LANGUAGE plpgsql AS
		'BEGIN RETURN public.session_get(token); END';
	CREATE FUNCTION lie_touch(token text) RETURNS text STABLE PARALLEL SAFE LANGUAGE plpgsql AS
		'BEGIN RETURN public.session_touch(token); END';
	INSERT INTO t SELECT 'row' || n FROM generate_series(1, 10) n;
	INSERT INTO t SELECT 'ended' || n FROM generate_series(1, 10) n;
	SELECT session_set(token, '{}') FROM t WHERE token LIKE 'ended%';
	SELECT session_expire(token, 0) FROM t WHERE token LIKE 'ended%';
	UPDATE sessions SET last_accessed_at = now() - '30 minutes'::interval;
END
is($client->sqlstate('CREATE INDEX ON t (lie(token))'), '00000', 'a verb behind an index');
my $parallel = CovetWire->new($node);
# The first has another name from version 16 on.
$parallel->query("SET $_")
  for 'force_parallel_mode = on', 'debug_parallel_query = on', 'parallel_setup_cost = 0',
  'parallel_tuple_cost = 0', 'min_parallel_table_scan_size = 0';
like(join(' ', map { @{$_} } @{ $parallel->query('EXPLAIN SELECT count(lie(token)) FROM t')->{rows} }),
	qr/Gather/, 'parallel workers are used');
for my $function ('lie_get', 'lie_touch', 'lie', 'session_get', 'session_touch', 'session_digest')
{
	my $result = $parallel->query("SELECT count($function(token)) FROM t");

	is($result->{error} ? $result->{error}{C} : '00000', $function eq 'lie' ? '25006' : '00000',
		"$function in parallel mode");
}
is($parallel->value(q{SELECT session_get('row1') IS NOT NULL}), 't', 'the connection is well');
is(count_matches(slurp_file($node->logfile), qr/PANIC|terminated by signal|TRAP/), 0, 'and so is the server');

done_testing();
