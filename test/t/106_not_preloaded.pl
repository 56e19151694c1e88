# Without the library preloaded everything works but the sweep, and one is told.

use strict;
use warnings;

use PostgreSQL::Test::Utils;
use Test::More;
use CovetTest;

my $node = covet_node('main', preload => 0, extension => 0);
my ($status, $output, $errors) =
  $node->psql('postgres', 'CREATE EXTENSION covet_sessions');
is($status, 0, 'CREATE EXTENSION works');
like($errors,
	qr/WARNING:  covet_sessions is not preloaded, so ended sessions are not swept in the background\nHINT:  .*shared_preload_libraries in postgresql\.conf/,
	'and says what to put where');
like(check_health($node, 'postgres', 'preload'),
	qr/^f\|.*not preloaded.*\|Add covet_sessions to shared_preload_libraries/,
	'session_health() says it too');
like(check_health($node, 'postgres', 'launcher'), qr/^f\|not running\|/,
	'there is no launcher');
is( $node->safe_psql(
		'postgres',
		"SELECT count(*) FROM pg_stat_activity WHERE backend_type ~ 'covet'"),
	0,
	'indeed');

# ---- verbs and counters, each call in a connection of its own ----

my $token = $node->safe_psql('postgres',
	"SELECT session_create('alice', '{\"n\": 1}')");
is($node->safe_psql('postgres', "SELECT session_touch('$token')->>'n'"),
	1, 'sessions are shared');
is($node->safe_psql('postgres', "SELECT session_patch('$token', '{\"n\": 2}')"),
	2, 'and change');
is($node->safe_psql('postgres', "SELECT session_revoke('$token')"),
	't', 'and end');
is($node->safe_psql('postgres', "SELECT session_set('$token', '{}')"),
	'f', 'for good');
is( $node->safe_psql(
		'postgres',
		'SELECT creates, gets, hits, updates, revocations, refused_revoked FROM session_stats'),
	'1|1|1|1|1|1',
	'counters are shared');
add_expired($node, 'postgres', 100);
is( $node->safe_psql('postgres',
		"SELECT session_cleanup(); SELECT swept, sweeps FROM session_stats"),
	"100\n100|1",
	'session_cleanup() serves');
like(check_health($node, 'postgres', 'sweep'), qr/^t\|last \d+ s ago/,
	'health: which is seen');

# ---- settings that were made before the library is loaded ----

$node->safe_psql('postgres', <<~END);
	CREATE ROLE app LOGIN;
	SELECT session_grant('app');
	ALTER DATABASE postgres SET covet_sessions.idle_timeout = 77;
	ALTER ROLE app SET covet_sessions.max_sessions_per_user = 2;
	END
my @app = (extra_params => [ '-U', 'app' ]);
is( $node->safe_psql(
		'postgres',
		"SELECT session_setting('idle_timeout'), session_setting('max_sessions_per_user')",
		@app),
	'77|2',
	'settings of a database and a role hold');
($status, $output, $errors) = $node->psql(
	'postgres', <<~END, @app);
	SET covet_sessions.max_sessions_per_user = 0;
	SELECT session_setting('max_sessions_per_user')
	END
is($output, '2', 'an application cannot get round its limit');
like($errors, qr/permission denied to set parameter/, 'and is told');

# ---- no shared memory left for counters ----

$node->restart;
my $greedy = $node->background_psql('postgres', on_error_stop => 0);
$greedy->query(
	'SELECT count(pg_advisory_lock(n)) FROM generate_series(1, 10000000) n');
$greedy->query(
	'SELECT count(pg_advisory_unlock(n)) FROM generate_series(1, 500) n');
($status, $output, $errors) = $node->psql(
	'postgres', <<~'END', on_error_stop => 0, timeout => 60);
	SELECT session_create('bob', '{"n": 3}') AS token \gset
	SELECT session_get(:'token')->>'n';
	SELECT creates, gets FROM session_stats;
	SET statement_timeout = '100ms';
	SELECT pg_sleep(120);
	END
is($output, "3\n1|1", 'a connection counts for itself');
like($errors, qr/\A[^\n]*canceling statement due to statement timeout\Z/,
	'and can still be cancelled');
$greedy->quit;

done_testing();
