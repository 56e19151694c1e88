# How often a database is swept: its own setting or the server's, and what a
# change of either does to a launcher that runs.

use strict;
use warnings;

use PostgreSQL::Test::Utils;
use Test::More;
use CovetTest;

my $sessions = 'SELECT count(*) FROM sessions';

# ---- a shorter interval in one database ----

my $node = covet_node('main', conf => 'covet_sessions.cleanup_interval = 10');
$node->safe_psql('postgres', <<~END);
	CREATE DATABASE brisk;
	ALTER DATABASE brisk SET covet_sessions.cleanup_interval = 1;
	END
$node->safe_psql('brisk', 'CREATE EXTENSION covet_sessions');
wait_for($node, 'brisk', 'SELECT sweeps > 0 FROM session_stats', 't');

# The first may be lucky.
for my $turn (1 .. 3)
{
	cmp_ok(
		seconds_for(
			sub {
				add_expired($node, 'brisk', 10);
				wait_for($node, 'brisk', $sessions, 0);
			}),
		'<', 6,
		"a database is swept at its own interval, turn $turn");
}

# ---- a longer interval in one database ----

$node->append_conf('postgresql.conf', 'covet_sessions.cleanup_interval = 1');
$node->reload;
$node->safe_psql('postgres', <<~END);
	CREATE DATABASE slow;
	ALTER DATABASE slow SET covet_sessions.cleanup_interval = 1000;
	END
$node->safe_psql('slow', 'CREATE EXTENSION covet_sessions');
wait_for($node, 'slow', 'SELECT sweeps FROM session_stats', 1);
add_expired($node, 'slow', 10);
for my $turn (1 .. 3)
{
	add_expired($node, 'postgres', 10);
	wait_for($node, 'postgres', $sessions, 0,
		"the server's new interval is in force without a restart, turn $turn");
}
is($node->safe_psql('slow', $sessions),
	10, 'a database of a longer interval waits');
is($node->safe_psql('slow', 'SELECT sweeps FROM session_stats'),
	1, 'and has seen no other sweep');

# ---- a worker that runs ----

$node->safe_psql('postgres',
	'ALTER DATABASE postgres SET covet_sessions.cleanup_interval = 1');
$node->append_conf('postgresql.conf', 'covet_sessions.cleanup_batch = 1');
$node->reload;
add_expired($node, 'postgres', 30_000);
wait_for($node, 'postgres',
	"SELECT query ~ '[1-9]\\d* rows' FROM pg_stat_activity
	WHERE backend_type = 'covet_sessions worker' AND datname = 'postgres'", 't',
	'a worker has long to do');
my $worker = "SELECT pid FROM pg_stat_activity
	WHERE backend_type = 'covet_sessions worker'";
my $pid = $node->safe_psql('postgres', $worker);
$node->append_conf('postgresql.conf', 'covet_sessions.cleanup_batch = 10000');
$node->reload;
wait_for($node, 'postgres', $sessions, 0, 'it uses a new batch size at once');
is( $node->safe_psql('postgres', 'SELECT last_error FROM session_stats'),
	'', 'and comes to a good end');
isnt($pid, '', 'it was one worker');

add_expired($node, 'postgres', 30_000);
$node->append_conf('postgresql.conf', 'covet_sessions.cleanup_batch = 1');
$node->reload;
add_expired($node, 'postgres', 30_000);
wait_for($node, 'postgres',
	"SELECT query ~ '[1-9]\\d* rows' FROM pg_stat_activity
	WHERE backend_type = 'covet_sessions worker' AND datname = 'postgres'", 't',
	'a worker has long to do');
$node->append_conf('postgresql.conf', 'covet_sessions.cleanup_enabled = off');
$node->reload;
wait_for($node, 'postgres', "SELECT count(*) FROM ($worker) w", 0,
	'it stops when the sweep is switched off');
cmp_ok($node->safe_psql('postgres', $sessions),
	'>', 0, 'in the middle of its work');

done_testing();
