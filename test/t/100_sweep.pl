# The launcher sweeps by itself: what, when, in which databases, and what it
# tells meanwhile.

use strict;
use warnings;

use PostgreSQL::Test::Utils;
use Test::More;
use CovetTest;

my $node = covet_node('main', conf => <<~END);
	autovacuum = off
	covet_sessions.tombstone_retention = 2
	covet_sessions.touch_interval = 0
	END
my ($short, $touched, $revoked, $lasting, $own) =
  map { token($_) } qw(short touched revoked lasting own);
my $log = log_size($node);

# ---- what is swept ----

$node->safe_psql('postgres', <<~END);
	SELECT session_set('$short', '{}', 'short', 1);
	SELECT session_set('$touched', '{}', 'touched', 3);
	SELECT session_set('$revoked', '{}', 'revoked');
	SELECT session_revoke('$revoked');
	SELECT session_set('$lasting', '{}', 'lasting');
	INSERT INTO sessions (id, created_at, last_accessed_at, expires_at)
	VALUES ('@{[handle($own)]}', now() - '2 h'::interval, now(), now() - '1 h'::interval);
	END
my $due = $node->safe_psql('postgres',
	"SELECT sweep_at FROM sessions WHERE user_id = 'touched'");
wait_until(
	'what has ended is swept, however it got into the table',
	sub {
		$node->safe_psql('postgres', "SELECT session_touch('$touched')");
		return $node->safe_psql('postgres',
			'SELECT string_agg(user_id, $$,$$ ORDER BY user_id) FROM sessions'
		) eq 'lasting,touched';
	});
wait_until(
	'a session in use survives the moment it was due, and is rescheduled',
	sub {
		$node->safe_psql('postgres', "SELECT session_touch('$touched')");
		return $node->safe_psql('postgres',
			"SELECT sweep_at > '$due' AND sweep_at > last_accessed_at
			FROM sessions WHERE user_id = 'touched'"
		) eq 't';
	});
wait_for($node, 'postgres', 'SELECT string_agg(user_id, $$,$$) FROM sessions',
	'lasting', 'and is swept once it is not used any more');
is( $node->safe_psql(
		'postgres',
		"SELECT session_set('$revoked', '{}'); SELECT session_delete('$revoked')"),
	"t\nt",
	'a token is free again after the tombstone');

# ---- what is told ----

is($node->safe_psql('postgres', 'SELECT swept FROM session_stats'),
	4, 'rows are counted');
is( $node->safe_psql(
		'postgres',
		"SELECT sweeps >= 2, last_sweep_at > now() - '1 min'::interval,
			last_sweep_ms < 60000, last_error IS NULL FROM session_stats"),
	't|t|t|t',
	'sweeps are counted and timed');
like(log_since($node, $log),
	qr/LOG:  removed [1-4] ended sessions? from database "postgres" in \d+ ms/,
	'a sweep that removes something is logged');
unlike(log_since($node, $log),
	qr/removed 0|WARNING|ERROR|FATAL/, 'one that does not, is not');
like(check_health($node, 'postgres', $_), qr/^t\|/, "health: $_ is well")
  for qw(preload launcher sweep backlog);
wait_for($node, 'postgres',
	"SELECT n_tup_del >= 4 FROM pg_stat_user_tables WHERE relname = 'sessions'",
	't', 'autovacuum learns what was removed');

# ---- rows that others hold ----

my $holder = $node->background_psql('postgres');
my $held = "user_id = 'lasting'";
$holder->query_safe("BEGIN; SELECT FROM sessions WHERE $held FOR KEY SHARE");
$node->safe_psql('postgres',
	"UPDATE sessions SET expires_at = now(), sweep_at = now() WHERE $held");
add_expired($node, 'postgres', 5000);
wait_for($node, 'postgres', 'SELECT string_agg(user_id, $$,$$) FROM sessions',
	'lasting', 'a row that somebody holds is skipped, the others are swept');
is($node->safe_psql('postgres', 'SELECT last_error FROM session_stats'),
	'', 'which is no error');
$holder->query_safe('COMMIT');
$holder->quit;
wait_for($node, 'postgres', 'SELECT count(*) FROM sessions', 0,
	'and is swept later');

# ---- progress ----

$node->safe_psql('postgres',
	'ALTER DATABASE postgres SET covet_sessions.cleanup_batch = 5');
add_expired($node, 'postgres', 20_000);
wait_for(
	$node, 'postgres', <<~'END', 't', 'a sweep says what it is doing');
	SELECT application_name = 'covet_sessions worker'
		AND query ~ '^covet_sessions: sweeping, [1-9]\d* rows removed$'
		AND datname = 'postgres'
	FROM pg_stat_activity WHERE backend_type = 'covet_sessions worker'
	END
wait_for(
	$node, 'postgres', <<~'END', 't', 'and how far it is');
	SELECT a.backend_type = 'covet_sessions worker' AND a.backend_start <= started_at
		AND phase IN ('sessions', 'paused') AND removed >= 5 AND batches >= removed / 5
		AND stuck = 0 AND reached < now() AND backlog > 0
	FROM session_sweep_progress JOIN pg_stat_activity a USING (pid)
	END
my $removed = "SELECT n_tup_del FROM pg_stat_user_tables WHERE relname = 'sessions'";
my ($pid, $before) = split /\|/, $node->safe_psql('postgres', <<~END);
	SELECT pid, ($removed) FROM pg_stat_activity
	WHERE backend_type = 'covet_sessions worker'
	END
wait_for(
	$node, 'postgres', <<~END, 't', 'and autovacuum learns of it meanwhile');
	SELECT ($removed) > $before AND count(*) > 0 FROM pg_stat_activity
	WHERE pid = $pid
	END
$node->safe_psql('postgres', 'TRUNCATE sessions');
wait_for($node, 'postgres', 'SELECT count(*) FROM session_sweep_progress', 0,
	'and says nothing when it is done');
is( $node->safe_psql(
		'postgres',
		"SELECT datname IS NULL FROM pg_stat_activity WHERE backend_type = 'covet_sessions launcher'"
	),
	't',
	'the launcher is in no database');
$node->safe_psql('postgres',
	'ALTER DATABASE postgres SET covet_sessions.cleanup_batch = 1000');

# ---- events ----

$node->safe_psql('postgres', <<~END);
	ALTER DATABASE postgres SET covet_sessions.audit_retention = 3600;
	INSERT INTO session_events (at, event)
	SELECT now() - '2 h'::interval, 'old' FROM generate_series(1, 2500);
	INSERT INTO session_events (at, event) VALUES (now(), 'new');
	END
add_expired($node, 'postgres', 1);
wait_for($node, 'postgres', 'SELECT string_agg(event, $$,$$) FROM session_events',
	'new', 'events past their retention are removed');
$node->safe_psql('postgres', <<~END);
	ALTER DATABASE postgres SET covet_sessions.audit_retention = 0;
	INSERT INTO session_events (at, event) VALUES ('1999-12-31', 'ancient');
	END
add_expired($node, 'postgres', 1);
wait_for($node, 'postgres', 'SELECT count(*) FROM sessions', 0);
is( $node->safe_psql('postgres', 'SELECT count(*) FROM session_events'),
	2, 'retention 0 keeps them for ever');

# ---- switched off ----

$node->append_conf('postgresql.conf', 'covet_sessions.cleanup_enabled = off');
$node->reload;
add_expired($node, 'postgres', 1);
$node->safe_psql('postgres', 'CREATE DATABASE marker');
$node->safe_psql('marker', 'CREATE EXTENSION covet_sessions');
$node->safe_psql('postgres',
	'ALTER DATABASE marker SET covet_sessions.cleanup_enabled = on');
# Databases take turns: when this one was swept twice, the other had its turn.
for my $turn (1, 2)
{
	add_expired($node, 'marker', 1);
	wait_for($node, 'marker', 'SELECT count(*) FROM sessions', 0,
		"switched on in one database alone, turn $turn");
}
is($node->safe_psql('postgres', 'SELECT count(*) FROM sessions'),
	1, 'nothing is swept where it is switched off');
like(check_health($node, 'postgres', 'settings'),
	qr/^f\|covet_sessions\.cleanup_enabled is off/,
	'health: says so');
is($node->safe_psql('postgres', 'SELECT session_cleanup()'),
	1, 'session_cleanup() serves all the same');

done_testing();
