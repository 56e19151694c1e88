# A sweep that fails: said once, counted, shown, tried again ever more rarely,
# well again when the cause is gone, and no other database suffers.

use strict;
use warnings;

use PostgreSQL::Test::Utils;
use Test::More;
use CovetTest;

my $node = covet_node('main');
$node->safe_psql('postgres', 'CREATE DATABASE other');
$node->safe_psql('other', 'CREATE EXTENSION covet_sessions');

my $failures = qr/WARNING:  sweep of ended sessions failed: /;
my $error = 'SELECT last_error FROM session_stats';
my $sessions = 'SELECT count(*) FROM sessions';

# How often the sweep has failed in a row.
sub failures
{
	my ($n) = check_health($node, 'postgres', 'sweep') =~ /failed (\d+) times/;
	return $n // 0;
}

# ---- a foreign key: what it keeps stays alone ----

my $log = log_size($node);
my $kept = 'update or delete on table "sessions" violates foreign key constraint "cart_session_fkey" on table "cart"';
$node->safe_psql('postgres', <<~END);
	ALTER DATABASE postgres SET covet_sessions.cleanup_batch = 10;
	ALTER DATABASE postgres SET covet_sessions.audit = 'all';
	CREATE TABLE cart (session varchar(255) REFERENCES sessions);
	WITH gone AS (INSERT INTO sessions (id, created_at, last_accessed_at, expires_at, sweep_at)
		SELECT 'gone' || n, now(), now(), now(), now() - '2 hours'::interval + n * '1 second'::interval
		FROM generate_series(1, 25) n RETURNING id)
	INSERT INTO cart SELECT id FROM gone;
	END
add_expired($node, 'postgres', 25);
wait_for($node, 'postgres', "$sessions WHERE user_id = 'gone'",
	0, 'the others are swept');
wait_for($node, 'postgres', $error, $kept, 'the reason is kept for session_stats');
like(check_health($node, 'postgres', 'sweep'),
	qr/^f\|some ended sessions cannot be removed: update or delete.*\|Remove the cause/,
	'session_health() shows it');
is($node->safe_psql('postgres', "SELECT count(*), count(DISTINCT handle) FROM session_events WHERE event = 'expired'"),
	'25|25', 'there are events of what is gone, and of nothing else');
$node->safe_psql('postgres', <<~'END');
	INSERT INTO sessions (id, user_id, created_at, last_accessed_at, expires_at, sweep_at)
	SELECT 'now' || n, 'gone', now(), now(), now(), now() + n * '1 microsecond'::interval FROM generate_series(1, 20000) n;
	SELECT session_expire(session_create('gone', '{}'), 0);
	END
wait_for($node, 'postgres', 'SELECT late FROM session_sweep_progress WHERE removed > 0', 'f',
	'what stays makes no sweep late');
wait_for($node, 'postgres', "$sessions WHERE user_id = 'gone'", 0);
my $sweeps = $node->safe_psql('postgres', 'SELECT sweeps FROM session_stats');
add_expired($node, 'postgres', 5);
wait_for($node, 'postgres', "SELECT sweeps > $sweeps + 1 FROM session_stats", 't',
	'sweeps go on at their usual pace');
my $said = log_since($node, $log);
is(count_matches($said, qr/WARNING:  some ended sessions could not be removed: \Q$kept\E/),
	1, 'it is logged once');
like($said, qr/HINT:  They stay invisible, and the others are removed/, 'with a hint');
like($said, qr/DETAIL:  Key \(id\)=\(gone1\) is still referenced/, 'and the detail');
is($node->safe_psql('postgres', 'SELECT session_cleanup()'), 0, 'session_cleanup() goes on too');
is($node->safe_psql('postgres', $sessions), 25, 'and removes none of them');
$node->safe_psql('postgres', 'DROP TABLE cart');
wait_for($node, 'postgres', $sessions, 0, 'they go when they can');
wait_for($node, 'postgres', $error, '', 'and the error is forgotten');

# More of them than a batch takes, all due at the same moment, and first of all.
$node->safe_psql('postgres', <<~END);
	CREATE TABLE cart (session varchar(255) REFERENCES sessions);
	WITH gone AS (INSERT INTO sessions (id, created_at, last_accessed_at, expires_at)
		SELECT 'gone' || n, now(), now(), now() FROM generate_series(1, 25) n RETURNING id)
	INSERT INTO cart SELECT id FROM gone;
	END
add_expired($node, 'postgres', 25);
wait_for($node, 'postgres', "$sessions WHERE user_id = 'gone'",
	0, 'many that stay hide no others');
wait_for($node, 'postgres', $error, $kept, 'and are still tried');
$node->safe_psql('postgres', 'DROP TABLE cart');
wait_for($node, 'postgres', $sessions, 0, 'all go when they can');

# A key that is checked when a transaction commits.
$node->safe_psql('postgres', <<~END);
	CREATE TABLE cart (session varchar(255) REFERENCES sessions DEFERRABLE INITIALLY DEFERRED);
	WITH gone AS (INSERT INTO sessions (id, created_at, last_accessed_at, expires_at)
		VALUES (session_digest('kept'), now(), now(), now()) RETURNING id)
	INSERT INTO cart SELECT id FROM gone;
	END
is($node->safe_psql('postgres', "SELECT session_get('kept') IS NULL AND session_touch('kept') IS NULL"),
	't', 'reading an ended session raises no error at the commit');
add_expired($node, 'postgres', 25);
wait_for($node, 'postgres', "$sessions WHERE user_id = 'gone'",
	0, 'the others are swept');
wait_for($node, 'postgres', $error, $kept, 'and the reason is known');
is($node->safe_psql('postgres', 'SELECT session_cleanup()'), 0, 'session_cleanup() goes on as well');
is($node->safe_psql('postgres', $sessions), 1, 'and leaves what must stay');
$node->safe_psql('postgres', 'DROP TABLE cart');
wait_for($node, 'postgres', $sessions, 0, 'which goes when it can');
wait_for($node, 'postgres', $error, '', 'and nothing is said of it any more');
$node->safe_psql('postgres', <<~END);
	ALTER DATABASE postgres RESET covet_sessions.cleanup_batch;
	ALTER DATABASE postgres RESET covet_sessions.audit;
	END

# A session to which a row belongs that somebody holds.
$node->safe_psql('postgres', <<~'END');
	CREATE TABLE cart (session varchar(255) REFERENCES sessions ON DELETE CASCADE, items int);
	WITH gone AS (INSERT INTO sessions (id, created_at, last_accessed_at, expires_at)
		VALUES (session_digest('kept'), now(), now(), now()) RETURNING id)
	INSERT INTO cart SELECT id FROM gone;
	END
my $customer = $node->background_psql('postgres');
$customer->query_safe('BEGIN; UPDATE cart SET items = 1');
add_expired($node, 'postgres', 25);
wait_for($node, 'postgres', "$sessions WHERE user_id = 'gone'",
	0, 'the others are swept');
is($node->safe_psql('postgres', "SET statement_timeout = '30s'; SELECT session_cleanup()"),
	0, 'session_cleanup() does not wait either');
is($node->safe_psql('postgres', $sessions), 1, 'what is held stays');
is($node->safe_psql('postgres', $error), '', 'which is no error');
$customer->query_safe('COMMIT');
$customer->quit;
wait_for($node, 'postgres', $sessions, 0, 'it goes when it can');
$node->safe_psql('postgres', 'DROP TABLE cart');

# More rows than a batch takes, first of all, that a trigger keeps.
$node->safe_psql('postgres', <<~'END');
	CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS
	$$BEGIN RETURN CASE WHEN OLD.user_id = 'kept' THEN NULL ELSE OLD END; END$$;
	CREATE TRIGGER keep BEFORE DELETE ON sessions FOR EACH ROW EXECUTE FUNCTION keep();
	ALTER DATABASE postgres SET covet_sessions.cleanup_batch = 10;
	INSERT INTO sessions (id, user_id, created_at, last_accessed_at, expires_at, sweep_at)
	SELECT 'kept' || n, 'kept', now(), now(), now(), now() - '2 hours'::interval + (n / 15) * '1 second'::interval
	FROM generate_series(1, 50) n;
	END
add_expired($node, 'postgres', 25);
wait_for($node, 'postgres', "$sessions WHERE user_id = 'gone'",
	0, 'rows that a trigger keeps hide no others');
is($node->safe_psql('postgres', 'SELECT session_cleanup()'), 0, 'nor keep session_cleanup() for ever');
is($node->safe_psql('postgres', $sessions), 50, 'and stay');
$node->safe_psql('postgres', 'DROP TRIGGER keep ON sessions; ALTER DATABASE postgres RESET covet_sessions.cleanup_batch');
wait_for($node, 'postgres', $sessions, 0, 'all go when they can');

# ---- a table that is missing ----

$log = log_size($node);
$node->safe_psql('postgres', 'ALTER TABLE session_creations RENAME TO hidden');
add_expired($node, 'postgres', 10);
wait_for($node, 'postgres', $error,
	'relation "public.session_creations" does not exist',
	'a failure is kept for session_stats');
wait_until('it is tried again', sub { failures() >= 2 });
like(check_health($node, 'postgres', 'sweep'),
	qr/^f\|failed \d times in a row: relation.*\|Remove the cause/,
	'session_health() shows it');

$said = log_since($node, $log);
is(count_matches($said, $failures), 1, 'it is logged once');
like($said, qr/HINT:  It is tried again in 1 s\. SELECT \* FROM session_health\(\)/,
	'with a hint');
add_expired($node, 'other', 10);
wait_for($node, 'other', $sessions, 0, 'another database is swept meanwhile');
is($node->safe_psql('postgres', "SELECT session_set('x', '{}')"),
	't', 'sessions go on');

# The wait doubles: 1, 2, 4, ... seconds.
wait_until('three failures', sub { failures() >= 3 });
my $pause = seconds_for(
	sub {
		my $n = failures();
		wait_until('one more', sub { failures() > $n });
	});
cmp_ok($pause, '>', 2.5, 'the wait between attempts grows');

$node->safe_psql('postgres', 'ALTER TABLE hidden RENAME TO session_creations');
wait_for($node, 'postgres', "$sessions WHERE user_id = 'gone'",
	0, 'it recovers by itself');
wait_for($node, 'postgres', $error, '', 'and forgets the error');
like(check_health($node, 'postgres', 'sweep'), qr/^t\|/, 'and is well again');

# ---- a trigger; the same error is news after a recovery ----

$log = log_size($node);
$node->safe_psql('postgres', <<~'END');
	CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
	$$BEGIN RAISE 'not on my watch' USING ERRCODE = 'P0123'; END$$;
	CREATE TRIGGER refuse BEFORE DELETE ON sessions
	FOR EACH ROW EXECUTE FUNCTION refuse();
	END
add_expired($node, 'postgres', 10);
wait_for($node, 'postgres', $error, 'not on my watch');
$node->safe_psql('postgres', 'DROP TRIGGER refuse ON sessions');
wait_for($node, 'postgres', $error, '');
$node->safe_psql('postgres',
	'CREATE TRIGGER refuse BEFORE DELETE ON sessions FOR EACH ROW EXECUTE FUNCTION refuse()');
add_expired($node, 'postgres', 10);
wait_for($node, 'postgres', $error, 'not on my watch');
is(count_matches(log_since($node, $log), qr/${failures}not on my watch/),
	2, 'a failure after a recovery is logged again');

# ---- a trigger that keeps the rows: the worker must not go round in circles ----

$node->safe_psql('postgres', <<~'END');
	CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
	$$BEGIN RETURN NULL; END$$;
	ALTER DATABASE postgres SET covet_sessions.cleanup_batch = 5;
	END
wait_for($node, 'postgres', $error, '');
add_expired($node, 'other', 10);
wait_for($node, 'other', $sessions, 0,
	'rows that a trigger keeps keep nobody else');
$node->safe_psql('postgres', 'DROP TRIGGER refuse ON sessions');
add_expired($node, 'postgres', 10);
wait_for($node, 'postgres', "$sessions WHERE user_id = 'gone'", 0);

# ---- a lock on the table ----

my $holder = $node->background_psql('postgres');
add_expired($node, 'postgres', 10);
$holder->query_safe('BEGIN; LOCK TABLE sessions');
wait_for($node, 'other', <<~'END', 't', 'a worker waits for a lock');
	SELECT count(*) > 0 FROM pg_stat_activity
	WHERE backend_type = 'covet_sessions worker' AND wait_event_type = 'Lock'
	END
add_expired($node, 'other', 10);
wait_for($node, 'other', $sessions, 0, 'it does not wait for long');
$holder->query_safe('COMMIT');
$holder->quit;
wait_for($node, 'postgres', "$sessions WHERE user_id = 'gone'", 0,
	'and sweeps when the lock is gone');

# ---- cancelled and terminated ----

my $workers = "FROM pg_stat_activity WHERE backend_type = 'covet_sessions worker' AND datname = 'postgres'";
for my $act (qw(cancel terminate))
{
	$node->safe_psql('postgres',
		'ALTER DATABASE postgres SET covet_sessions.cleanup_batch = 1');
	add_expired($node, 'postgres', 20_000);
	wait_for($node, 'postgres', "SELECT query ~ '[1-9]\\d* rows' $workers", 't');
	$node->safe_psql('postgres',
		'ALTER DATABASE postgres SET covet_sessions.cleanup_batch = 10000');
	$node->safe_psql('postgres', "SELECT pg_${act}_backend(pid) $workers");
	cmp_ok(
		seconds_for(
			sub {
				wait_for($node, 'postgres',
					"$sessions WHERE user_id = 'gone'", 0);
			}),
		'<', 8,
		"after a worker was told to $act, another one goes on soon");
}

# ---- settings of a database that would hurt a sweep ----

$node->safe_psql('postgres', <<~END);
	ALTER DATABASE postgres SET statement_timeout = '1ms';
	ALTER DATABASE postgres SET default_transaction_isolation = 'serializable';
	ALTER DATABASE postgres SET search_path = 'pg_temp';
	ALTER DATABASE postgres SET DateStyle = 'German';
	ALTER DATABASE postgres SET enable_indexscan = off;
	END
add_expired($node, 'other', 10);
$node->safe_psql('postgres', <<~END);
	SET statement_timeout = 0;
	INSERT INTO public.sessions (id, created_at, last_accessed_at, expires_at)
	SELECT 'other' || n, now(), now(), now() FROM generate_series(1, 20000) n;
	END
wait_for($node, 'postgres',
	"SET statement_timeout = 0; SELECT count(*) FROM public.sessions WHERE expires_at < now()",
	"SET\n0", 'a sweep is not hurt by settings of its database');

done_testing();
