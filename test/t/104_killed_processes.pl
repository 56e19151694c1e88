# The launcher and the worker, killed one by one: the server recovers, the
# launcher comes back, the sweep goes on, and no session is lost.

use strict;
use warnings;

use PostgreSQL::Test::Utils;
use Test::More;
use CovetTest;

my $node = covet_node('main', conf => <<~END);
	restart_after_crash = on
	fsync = on
	covet_sessions.cleanup_batch = 2
	END
my $token = token('alice');
my $launcher = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'covet_sessions launcher'";
my $worker = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'covet_sessions worker' AND query ~ '[1-9]\\d* rows' LIMIT 1";
my $left = "SELECT count(*) FROM sessions WHERE user_id = 'gone'";

sub find_process
{
	my ($query, $other_than) = @_;
	my $pid;

	wait_until(
		'there is a process',
		sub {
			# A server that recovers hangs up on psql.
			eval { (undef, $pid) = $node->psql('postgres', $query) };
			return ($pid // '') =~ /^\d+$/ && $pid != ($other_than // 0);
		});
	return $pid;
}

# ---- SIGKILL ----

$node->safe_psql('postgres', "SELECT session_set('$token', '{}', 'alice')");
add_expired($node, 'postgres', 10_000);
my $log = log_size($node);
my $before = find_process($launcher);
kill 'KILL', find_process($worker);
wait_until('the server has noticed',
	sub { log_since($node, $log) =~ /all server processes terminated; reinitializing/ });
my $after = find_process($launcher, $before);
isnt($after, $before, 'the launcher is another one');
is($node->safe_psql('postgres', "SELECT session_get('$token')"),
	'{}', 'sessions outlive a worker that was killed');
cmp_ok($node->safe_psql('postgres', $left), '>', 0, 'work is left');

$log = log_size($node);
kill 'KILL', $after;
wait_until('the server has noticed',
	sub { log_since($node, $log) =~ /all server processes terminated; reinitializing/ });
$before = $after;
$after = find_process($launcher, $before);
isnt($after, $before, 'the launcher is another one');
is($node->safe_psql('postgres', "SELECT session_get('$token')"),
	'{}', 'sessions outlive a launcher that was killed');

# ---- SIGTERM: no crash, and the launcher comes back ----

$log = log_size($node);
find_process($worker);
$node->safe_psql('postgres', "SELECT pg_terminate_backend($after)");
$before = $after;
$after = find_process($launcher, $before);
unlike(log_since($node, $log), qr/reinitializing|PANIC/,
	'a launcher that was told to go does not take others along');
like(check_health($node, 'postgres', 'launcher'),
	qr/^t\|running, process $after/, 'health: the new one is known');

# ---- a fast shutdown in the middle of a sweep ----

add_expired($node, 'postgres', 10_000);
find_process($worker);
cmp_ok(seconds_for(sub { $node->stop('fast') }),
	'<', 15, 'a busy worker does not hold up a shutdown');
$node->append_conf('postgresql.conf', 'covet_sessions.cleanup_batch = 10000');
$node->start;
wait_for($node, 'postgres', $left, 0, 'the rest is swept after all that');
is($node->safe_psql('postgres', "SELECT session_get('$token')"),
	'{}', 'and the session is there');

done_testing();
