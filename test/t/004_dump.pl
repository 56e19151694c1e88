# Dumps carry sessions, events and grants to another server, where the tokens
# still open their sessions.

use strict;
use warnings;

use PostgreSQL::Test::Utils;
use Test::More;
use CovetTest;

my $old = covet_node('old', extension => 0);
my ($alice, $revoked) = map { token($_) } qw(alice revoked);
$old->safe_psql('postgres', <<~END);
	CREATE ROLE app LOGIN;
	CREATE ROLE operator LOGIN;
	CREATE ROLE stranger LOGIN;
	CREATE DATABASE shop;
	ALTER DATABASE shop SET covet_sessions.audit = 'all';
	ALTER ROLE app IN DATABASE shop SET covet_sessions.idle_timeout = 99;
	END
$old->safe_psql('shop', <<~END);
	CREATE SCHEMA "my sessions";
	CREATE EXTENSION covet_sessions SCHEMA "my sessions";
	SET search_path = "my sessions";
	SELECT session_grant('app');
	SELECT session_grant('operator', true);
	SELECT session_grant('stranger');
	SELECT session_revoke_grant('stranger');
	END
my $path = 'SET search_path = "my sessions"';
$old->safe_psql('shop', <<~END);
	$path;
	SELECT session_set('$alice', '{"name": "Ærøskøbing", "n": 1}', 'alice', 3600, '2001:db8::1', 'Opera');
	SELECT session_patch('$alice', '{"n": 2}');
	SELECT session_set('$revoked', '{}', 'alice');
	SELECT session_revoke('$revoked');
	END

my @queries = (
	'SELECT * FROM "my sessions".sessions ORDER BY id',
	'SELECT * FROM "my sessions".session_events ORDER BY at, event',
	# what belongs to the extension
	q(SELECT pg_describe_object(classid, objid, objsubid) FROM pg_depend
		WHERE refclassid = 'pg_extension'::regclass AND deptype = 'e' ORDER BY 1),
	q(SELECT extname, extversion, extnamespace::regnamespace, extowner::regrole FROM pg_extension ORDER BY 1),
	# who may do what
	q(SELECT oid::regprocedure, proacl FROM pg_proc WHERE proname ~ '^session_' ORDER BY 1::text),
	q(SELECT relname, relacl FROM pg_class WHERE relname ~ '^session' AND relkind <> 'i' ORDER BY 1),
	q(SELECT nspname, nspacl FROM pg_namespace WHERE nspname ~ 'sessions'),
	# settings
	'SELECT setrole::regrole, setconfig FROM pg_db_role_setting ORDER BY 1::text');
my @before = map { $old->safe_psql('shop', $_) } @queries;

# ---- a dump of everything as SQL, and of the database in an archive ----

my $directory = PostgreSQL::Test::Utils::tempdir();
$old->command_ok([ 'pg_dumpall', '--file', "$directory/all.sql" ], 'pg_dumpall');
$old->command_ok(
	[ 'pg_dump', '-Fc', '--file', "$directory/shop.dump", 'shop' ],
	'pg_dump');
unlike(slurp_file("$directory/all.sql"), qr/$alice|$revoked/,
	'a dump holds no token');

my $new = covet_node('new', extension => 0);
$new->command_ok(
	[ 'psql', '-X', '-f', "$directory/all.sql", 'postgres' ], 'psql');
is($new->safe_psql('shop', $queries[$_]), $before[$_], "pg_dumpall: query $_")
  for 0 .. $#queries;

$new->safe_psql('postgres', 'DROP DATABASE shop');
$new->command_ok(
	[ 'pg_restore', '--create', '--exit-on-error', '-d', 'postgres',
		"$directory/shop.dump" ],
	'pg_restore');
is($new->safe_psql('shop', $queries[$_]), $before[$_], "pg_restore: query $_")
  for 0 .. $#queries;

# ---- what was restored works ----

my @app = (extra_params => [ '-U', 'app' ]);
is( $new->safe_psql(
		'shop', "$path; SELECT session_verify('$alice', '2001:db8::1', 'Opera')->>'name'",
		@app),
	'Ærøskøbing',
	'a role that was granted the functions uses a session');
is($new->safe_psql('shop', "$path; SELECT session_patch('$alice', '{}')", @app),
	3, 'versions go on');
is($new->safe_psql('shop', "$path; SELECT session_set('$revoked', '{}')", @app),
	'f', 'a revoked session stays revoked');
is($new->safe_psql('shop', "$path; SELECT session_setting('idle_timeout')", @app),
	99, 'settings of the role hold');
my (undef, undef, $errors) =
  $new->psql('shop', "$path; SELECT session_get('$alice')",
	extra_params => [ '-U', 'stranger' ]);
like($errors, qr/permission denied for function session_get/,
	'a role that was not, does not');
is( $new->safe_psql(
		'shop', "$path; SELECT count(*) > 0 FROM session_events; SELECT swept FROM session_stats",
		extra_params => [ '-U', 'operator' ]),
	"t\n0",
	'an operator sees events and counters');
add_expired($new, 'shop', 10, '"my sessions"');
wait_for($new, 'shop',
	q(SELECT count(*) FROM "my sessions".sessions WHERE user_id = 'gone'), 0,
	'the restored table is swept');

# ---- data alone, into a database that has the extension ----

$old->command_ok(
	[ 'pg_dump', '--data-only', '--table', '"my sessions".sessions',
		'--file', "$directory/data.sql", 'shop' ],
	'pg_dump --data-only');
$new->safe_psql('postgres', 'CREATE DATABASE second');
$new->safe_psql('second',
	'CREATE SCHEMA "my sessions"; CREATE EXTENSION covet_sessions SCHEMA "my sessions"');
$new->command_ok([ 'psql', '-X', '-v', 'ON_ERROR_STOP=1', '-f', "$directory/data.sql", 'second' ],
	'psql');
is($new->safe_psql('second', $queries[0]), $before[0], 'sessions alone');

done_testing();
