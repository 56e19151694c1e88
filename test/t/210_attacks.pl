#
# What a role that may only execute the functions can arrange for them to trip
# over, and what it cannot reach by any way.
#
use strict;
use warnings;

use PostgreSQL::Test::Utils;
use Test::More;

use CovetTest;
use CovetWire;

my $node = covet_node('attacks', extension => 0, conf => <<~END);
	covet_sessions.audit = all
	covet_sessions.cleanup_enabled = off
	covet_sessions.max_sessions_per_user = 50
	END
my $owner = CovetWire->new($node);

$owner->value($_) for split /;\n/, <<'END';
CREATE ROLE app LOGIN;
CREATE ROLE stranger LOGIN;
CREATE SCHEMA covet;
CREATE EXTENSION covet_sessions SCHEMA covet;
SELECT covet.session_grant('app');
CREATE SCHEMA evil AUTHORIZATION app;
END

sub is_refused
{
	my ($connection, $sql, $name) = @_;
	my $result = $connection->query($sql);
	local $Test::Builder::Level = $Test::Builder::Level + 1;

	is($result->{error} ? $result->{error}{C} : 'no error', '42501', $name // $sql);
	return;
}

#
# A round through the verbs, with what each must answer.  It uses nothing but
# the functions: operators are traps.
#
my @round = (
	[ q{covet.session_set($1, '{"n": 1}', 'alice', 3600, '192.0.2.1', 'Mozilla/5.0')}, 't' ],
	[ q{covet.session_get($1)}, '{"n": 1}' ],
	[ q{covet.session_touch($1)}, '{"n": 1}' ],
	[ q{covet.session_verify($1, '192.0.2.1', 'Mozilla/5.0')}, '{"n": 1}' ],
	[ q{(covet.session_info($1)).version}, '1' ],
	[ q{covet.session_update($1, '{"n": 2}', 1)}, '2' ],
	[ q{covet.session_update($1, '{"n": 2}', 1)}, '0' ],
	[ q{covet.session_patch($1, '{"m": 3, "n": null}')}, '3' ],
	[ q{covet.session_get($1)}, '{"m": 3}' ],
	[ q{covet.session_expire($1, 600)}, 't' ],
	[ q{(covet.session_list('alice')).is_active}, 't' ],
	[ q{covet.session_revoke($1)}, 't' ],
	[ q{covet.session_set($1, '{}')}, 'f' ],
	[ q{covet.session_get($1)}, undef ],
	[ q{covet.session_revoke_user('alice')}, '0' ],
	[ q{covet.session_setting('max_sessions_per_user')}, '50' ],
);

# What went wrong in a round.
my $rounds = 0;

sub round
{
	my ($connection) = @_;
	my $token = token('round ' . ++$rounds);
	my @wrong;

	for my $step (@round)
	{
		my ($call, $expected) = @{$step};
		my $result = $connection->query("SELECT $call", $call =~ /\$1/ ? $token : ());
		my $got = $result->{error} ? $result->{error}{M} : $result->{rows}[0][0];

		push @wrong, "$call: " . ($got // 'null')
		  if ($got // 'null') ne ($expected // 'null');
	}
	my $created = $connection->value(q{SELECT covet.session_create('bob', '{}')});
	my $rotated = $connection->value('SELECT covet.session_rotate($1)', $created);
	push @wrong, 'rotate' unless $connection->value('SELECT covet.session_delete($1)', $rotated);
	return join "\n", @wrong;
}

# ---- names ----

# Whoever calls one of these is caught, with the rights that could be abused.
my $app = CovetWire->new($node, user => 'app');
$app->query(<<'END');
	CREATE TABLE evil.caught (who name, by text);
	GRANT INSERT ON evil.caught TO PUBLIC;
	GRANT USAGE ON SCHEMA evil TO PUBLIC;
END
my @types = qw(text varchar bigint integer boolean timestamptz jsonb oid name);
my $body = 'BEGIN INSERT INTO evil.caught VALUES (current_user, %s); RETURN %s; END';

sub trap
{
	my ($name, $arguments, $returns, $value) = @_;
	my $code = sprintf($body, "''$name($arguments)''", $value);

	$app->value("CREATE FUNCTION evil.$name($arguments) RETURNS $returns"
		. " LANGUAGE plpgsql AS '$code'");
	return;
}
for my $type (@types)
{
	trap("compare_$type", "$type, $type", 'boolean', 'true');
	$app->value("CREATE OPERATOR evil.$_ (FUNCTION = evil.compare_$type,"
		. " LEFTARG = $type, RIGHTARG = $type)") for qw(= <> < <= > >=);
	trap($_, $type, $type, '$1') for qw(min max lower);
	trap('format_type', $type, 'text', q{''x''});
}
trap('count', '', 'bigint', '0');
trap('now', '', 'timestamptz', q{''2001-01-01''});
trap('clock_timestamp', '', 'timestamptz', q{''2001-01-01''});
trap('session_get', 'text', 'jsonb', q{''{}''});
trap('session_digest', 'text', 'text', '$1');
trap('nullif', 'timestamptz, timestamptz', 'timestamptz', '$1');
$app->value(<<'END');
	CREATE FUNCTION evil.unnest(text[], timestamptz[])
	RETURNS TABLE (id text, sweep_at timestamptz) LANGUAGE plpgsql AS
	'BEGIN INSERT INTO evil.caught VALUES (current_user, ''unnest''); END'
END
for my $schema ('evil', 'pg_temp')
{
	my $columns = $owner->value(<<~'END');
		SELECT string_agg(attname || ' ' || format_type(atttypid, atttypmod), ', ' ORDER BY attnum)
		FROM pg_attribute WHERE attrelid = 'covet.sessions'::regclass AND attnum > 0
		END

	$app->value("CREATE TABLE $schema.sessions ($columns)");
	$app->value("CREATE TABLE $schema.session_events (at timestamptz, event text,"
		. ' handle text, user_id text, ip_address text, user_agent text, detail text)');
	$app->value("CREATE TABLE $schema.session_creations (user_id text, at timestamptz)");
	$app->value("CREATE TYPE $schema.$_ AS ENUM ('trap')") for @types;
}

# The connection has not called anything yet: its plans are made under these.
for my $path (
	'evil, covet, pg_catalog', 'pg_temp, evil, pg_catalog', 'covet, evil, pg_temp, pg_catalog',
	'evil', 'pg_temp', '""', 'pg_catalog, pg_temp', 'pg_catalog, pg_temp, evil')
{
	$app->value(q{SELECT pg_catalog.set_config('search_path', $1, false)}, $path);
	is(round($app), '', "search_path = $path");
	is($app->value('SHOW search_path'), $path, 'which stays what it was');
}
is($owner->value('SELECT count(*) FROM evil.caught'), 0, 'nothing fell into a trap');
for my $table ('evil.sessions', 'evil.session_events', 'evil.session_creations')
{
	is($owner->value("SELECT count(*) FROM $table"), 0, "nothing went into $table");
}
is($app->value('SELECT pg_catalog.count(*)::text FROM pg_temp.sessions'),
	0, 'nothing went into a temporary table');

$app->value('SET search_path = evil, pg_catalog');
$app->value(q{SELECT 'a'::pg_catalog.text = 'b'::pg_catalog.text});
is($owner->value('SELECT count(*) FROM evil.caught'), 1, 'the traps work');
$app->value('DISCARD TEMP');

# A type of his with a cast of his.
$app->value($_) for 'RESET search_path', 'TRUNCATE evil.caught',
  'CREATE TYPE evil.sly AS (token text)',
  sprintf(q{CREATE FUNCTION evil.to_text(evil.sly) RETURNS text LANGUAGE plpgsql AS '%s'},
	sprintf $body, q{''cast''}, '$1.token'),
  'CREATE CAST (evil.sly AS text) WITH FUNCTION evil.to_text(evil.sly) AS IMPLICIT';
$app->value(q{SELECT covet.session_get(ROW('x')::evil.sly)});
is($owner->value(q{SELECT string_agg(who || ' ' || by, ',') FROM evil.caught}),
	'app cast', 'a cast works for its maker, as its maker');

# ---- a trigger of the owner ----

$owner->query(<<'END');
	CREATE TABLE public.seen (path text, who name, word text);
	CREATE FUNCTION public.careless() RETURNS trigger LANGUAGE plpgsql AS $$
	BEGIN
		INSERT INTO public.seen VALUES (current_setting('search_path'), current_user, lower('WORD'));
		RETURN NEW;
	END $$;
	CREATE TRIGGER careless BEFORE UPDATE ON covet.sessions
		FOR EACH ROW EXECUTE FUNCTION public.careless();
END
$app->value('TRUNCATE evil.caught');
$app->value('SET search_path = evil, pg_catalog');
is(round($app), '', 'a trigger with unqualified names');
is($owner->value('SELECT count(*) FROM evil.caught'), 0, 'finds none of the attacker');
is($owner->value(q{SELECT string_agg(DISTINCT concat_ws('|', path, who = session_user, word), ' ') FROM public.seen}),
	'pg_catalog, pg_temp|t|word', 'but those of the system, as the owner');
$owner->query(<<'END');
	CREATE OR REPLACE FUNCTION public.careless() RETURNS trigger LANGUAGE plpgsql AS
	'BEGIN PERFORM FROM caught; RETURN NEW; END';
END
my $session = $app->value(q{SELECT covet.session_create('zoe', '{}')});
is($app->sqlstate(q{SELECT covet.session_update($1, '{}')}, $session),
	'42P01', 'nor a table of the attacker');
$owner->value('DROP TRIGGER careless ON covet.sessions');
$app->value('RESET search_path');

# ---- a trigger of an operator, put off to the commit ----

# A sweep with foreign keys has what was put off checked at once: his own code
# among it runs as he, under his search path.
$owner->value($_) for 'CREATE ROLE ops LOGIN', q{SELECT covet.session_grant('ops', true)},
  'CREATE SCHEMA ops AUTHORIZATION ops',
  'CREATE TABLE public.cart (session varchar REFERENCES covet.sessions ON DELETE CASCADE)';
my $ops = CovetWire->new($node, user => 'ops');
$ops->query(<<'END');
	CREATE TABLE ops.seen (who name, path text);
	CREATE FUNCTION ops.look() RETURNS trigger LANGUAGE plpgsql AS $$
	BEGIN
		INSERT INTO ops.seen VALUES (current_user, current_setting('search_path'));
		RETURN NULL;
	END $$;
	CREATE TABLE ops.work ();
	CREATE CONSTRAINT TRIGGER look AFTER INSERT ON ops.work DEFERRABLE INITIALLY DEFERRED
		FOR EACH ROW EXECUTE FUNCTION ops.look();
	SET search_path = ops;
END
my $seen = q{SELECT coalesce(string_agg(concat_ws(' ', who, path), ', '), 'nothing') FROM ops.seen};
for my $constraint ('with', 'without')
{
	$ops->query('BEGIN; INSERT INTO ops.work DEFAULT VALUES; SELECT covet.session_cleanup()');
	is($ops->value($seen), $constraint eq 'with' ? 'ops ops' : 'nothing',
		"what was put off by who sweeps $constraint a foreign key");
	$ops->query('COMMIT');
	is($ops->value($seen), 'ops ops', 'runs once, as he');
	$ops->value('TRUNCATE ops.seen');
	$owner->query('DROP TABLE IF EXISTS public.cart');
}

# ---- settings ----

# Every parameter that an ordinary role may set, at the ends of its range.
my $settings = $owner->query(<<~'END')->{rows};
	SELECT name, v FROM pg_settings, LATERAL unnest(
		CASE vartype WHEN 'bool' THEN ARRAY['on', 'off'] WHEN 'enum' THEN enumvals
		ELSE ARRAY[min_val, max_val] END) v
	WHERE context = 'user' AND vartype <> 'string'
	AND name !~ '^(default_)?transaction_|^debug_print|^jit_(expressions|tuple)'
	UNION ALL VALUES
		('jit_above_cost', '0'), ('plan_cache_mode', 'force_custom_plan'),
		('DateStyle', 'German'), ('DateStyle', 'Postgres, DMY'), ('TimeZone', 'Asia/Kathmandu'),
		('TimeZone', '<+XX>-14:59'), ('client_encoding', 'LATIN1'),
		('client_encoding', 'SQL_ASCII'), ('lc_numeric', 'C.UTF-8'), ('lc_time', 'C.UTF-8'),
		('lc_monetary', 'C.UTF-8'), ('default_text_search_config', 'pg_catalog.german'),
		('timezone_abbreviations', 'Australia'), ('default_table_access_method', 'heap'),
		('application_name', ''';--'), ('statement_timeout', '1h'),
		('default_transaction_deferrable', 'on'),
		('default_transaction_isolation', 'serializable'),
		('default_transaction_isolation', 'repeatable read')
	END
my @wrong;
for my $setting (@{$settings})
{
	my ($name, $value) = @{$setting};
	my $result = $app->query('SELECT set_config($1, $2, false)', $name, $value);

	next if $result->{error};
	my $wrong = round($app);
	push @wrong, "$name = $value: $wrong" if $wrong ne '';
	push @wrong, "$name = $value: changed"
	  if $app->value('SELECT current_setting($1)', $name) ne $result->{rows}[0][0];
	$app->value("RESET $name");
}
cmp_ok(@{$settings}, '>', 200, 'there are many settings');
is("@wrong", '', 'none of which changes what the functions do');

$app->value('SET default_transaction_read_only = on');
is($app->sqlstate(q{SELECT covet.session_create('alice', '{}')}), '25006', 'read-only is read-only');
$app->value('RESET default_transaction_read_only');

for my $name (map { $_->[0] } @{ $owner->query(
			q{SELECT name FROM pg_settings WHERE name LIKE 'covet_sessions.%'})->{rows} })
{
	is_refused($app, "SET $name TO DEFAULT");
}
is_refused($app, 'SET session_replication_role = replica');
is($app->sqlstate('SET covet_sessions.no_such_setting = 1'), '42602', 'SET of an unknown setting');
is_refused($app, 'ALTER ROLE app SET covet_sessions.strict_ids = off');

# ---- doors that are closed ----

my %of = (
	function => $owner->query(<<~'END')->{rows},
		SELECT p.oid::regprocedure::text,
			'SELECT ' || p.oid::regproc || '(' || array_to_string(array_agg(
			CASE t.typname WHEN 'regrole' THEN '''app''' WHEN 'bool' THEN 'false' ELSE 'NULL::' || t.typname END
			ORDER BY n), ', ') || ')',
			has_function_privilege('app', p.oid, 'EXECUTE')
		FROM pg_proc p LEFT JOIN LATERAL unnest(p.proargtypes::oid[]) WITH ORDINALITY a (t, n) ON true
		LEFT JOIN pg_type t ON t.oid = a.t
		WHERE p.pronamespace = 'covet'::regnamespace GROUP BY p.oid
		END
	relation => $owner->query(<<~'END')->{rows});
		SELECT oid::regclass::text FROM pg_class
		WHERE relnamespace = 'covet'::regnamespace AND relkind = 'r'
		END
my $stranger = CovetWire->new($node, user => 'stranger');
is_refused($stranger, 'SELECT covet.session_version()', 'a stranger finds the schema closed');
$owner->value('GRANT USAGE ON SCHEMA covet TO stranger');
for my $function (@{ $of{function} })
{
	my ($signature, $call, $granted) = @{$function};

	is_refused($stranger, $call, "a stranger calls $signature");
	is_refused($app, $call, "an application calls $signature") if $granted eq 'f';
	is_refused($app, "ALTER FUNCTION $signature RENAME TO mine") if $signature =~ /\(\)/;
}
cmp_ok(scalar(grep { $_->[2] eq 't' } @{ $of{function} }), '>=', 18, 'some are granted');
for my $relation (map { $_->[0] } @{ $of{relation} })
{
	is_refused($app, "SELECT FROM $relation");
	is_refused($app, "TABLE $relation");
	is_refused($app, "DELETE FROM $relation");
	is_refused($app, "COPY $relation TO STDOUT");
	is_refused($app, "DO 'BEGIN LOCK TABLE $relation IN ACCESS SHARE MODE; END'");
}
$owner->value('ANALYZE covet.sessions');
is($app->value(q{SELECT count(*) FROM pg_stats WHERE schemaname = 'covet'}),
	0, 'statistics of the tables are invisible');
is_refused($app, $_) for
  'TABLE covet.session_stats',
  'CREATE FUNCTION covet.session_get(varchar) RETURNS jsonb LANGUAGE sql RETURN NULL::jsonb',
  'CREATE TABLE covet.mine ()',
  'CREATE TRIGGER mine BEFORE INSERT ON covet.sessions FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()',
  'CREATE RULE mine AS ON INSERT TO covet.sessions DO NOTHING',
  'CREATE POLICY mine ON covet.sessions',
  'CREATE INDEX mine ON covet.sessions (user_id)',
  'CREATE TABLE evil.child () INHERITS (covet.sessions)',
  'CREATE TABLE evil.fk (id varchar REFERENCES covet.sessions)',
  'CREATE EVENT TRIGGER mine ON ddl_command_end EXECUTE FUNCTION evil.now()',
  'ALTER EXTENSION covet_sessions UPDATE',
  'DROP EXTENSION covet_sessions',
  'ALTER TABLE covet.sessions DISABLE TRIGGER ALL',
  'TRUNCATE covet.sessions';
$app->query('GRANT EXECUTE ON FUNCTION covet.session_get(text) TO stranger');
is_refused($stranger, q{SELECT covet.session_get('x')}, 'rights cannot be handed on');

# A function of his that others may call does not lend more than he has.
$app->query(<<'END');
	CREATE FUNCTION evil.lend(token text) RETURNS text SECURITY DEFINER LANGUAGE plpgsql AS $$
	DECLARE before text := current_user; BEGIN
		PERFORM covet.session_touch(token);
		PERFORM covet.session_patch(token, '{"lent": true}');
		RETURN before || ' ' || current_user || ' ' || session_user;
	END $$;
	CREATE FUNCTION evil.climb(token text) RETURNS bigint SECURITY DEFINER LANGUAGE plpgsql AS $$
	BEGIN
		PERFORM covet.session_patch(token, '{}');
		RETURN count(*) FROM covet.sessions;
	END $$;
	CREATE FUNCTION evil.change_role(token text) RETURNS text SECURITY DEFINER LANGUAGE plpgsql AS $$
	BEGIN
		PERFORM covet.session_patch(token, '{}');
		SET ROLE app;
		RETURN current_user;
	END $$;
END
is($stranger->value('SELECT evil.lend($1)', $session), 'app app stranger',
	'a security definer function of his keeps its user');
is($stranger->sqlstate('SELECT evil.climb($1)', $session), '42501', 'and gains nothing');
is($stranger->sqlstate('SELECT evil.change_role($1)', $session), '42501', 'nor may it change the role');
is($app->value('SELECT covet.session_get($1)', $session), '{"lent": true}', 'what it may do was done');

# ---- handles and locks ----

my $handle = $app->value(q{SELECT (covet.session_list('zoe')).id});
is($handle, handle($session), 'a handle is listed');
is($app->value("SELECT $_", $handle), undef, "$_ with a handle")
  for 'covet.session_get($1)', 'covet.session_touch($1)', 'covet.session_verify($1)',
  'covet.session_rotate($1)', q{covet.session_update($1, '{}')},
  q{covet.session_patch($1, '{}')}, '(covet.session_info($1)).id';
is($app->value("SELECT covet.$_", $handle), 'f', "$_ with a handle")
  for 'session_expire($1, 0)', 'session_delete($1)', 'session_revoke($1)',
  q{session_revoke_handle('mallory', $1)};
is($app->value('SELECT covet.session_get($1)', $session), '{"lent": true}', 'nothing came of it');

# Whoever knows how logins are held cannot hold them with advisory locks.
$app->query('BEGIN');
$app->value(q{SELECT covet.session_create('alice', '{}')});
my $locks = $owner->query(q{SELECT classid::int, objid::bigint::bit(32)::int FROM pg_locks
	WHERE locktype = 'object' AND classid = 'covet.sessions'::regclass})->{rows};
$app->query('COMMIT');
ok(@{$locks} > 0, 'a login holds its user');
$stranger->value('SELECT pg_advisory_lock($1, $2), pg_advisory_lock($2, $1)', @{$_}) for @{$locks};
$app->send(q{SELECT covet.session_create('alice', '{}')});
ok($app->is_done(10), 'an advisory lock is in nobody\'s way');
$app->finish;

# ---- settings before the library is loaded ----

# What was asked for meanwhile is dropped when the library is loaded.
my $lazy = covet_node('lazy', preload => 0, extension => 0);
$lazy->safe_psql('postgres', <<'END');
	CREATE EXTENSION covet_sessions;
	CREATE ROLE app LOGIN;
	SELECT session_grant('app');
	ALTER DATABASE postgres SET covet_sessions.idle_timeout = 60;
END
for my $options ('', '-c covet_sessions.idle_timeout=99')
{
	my $early = CovetWire->new($lazy, user => 'app', options => $options);

	$early->query('SET covet_sessions.idle_timeout = 99') if $options eq '';
	$early->value(q{SELECT session_create('alice', '{}')});
	isnt($early->value(q{SELECT session_setting('idle_timeout')}),
		99, 'a setting made too early counts for nothing ' . $options);
}

done_testing();
