# No worker process to be had: said once with what to do, no harm done, and well
# again once there is one.

use strict;
use warnings;

use PostgreSQL::Test::Utils;
use Test::More;
use CovetTest;

# The launcher takes one slot, PostgreSQL's own launcher of logical replication
# another, which leaves none.
my $node = covet_node('main', conf => 'max_worker_processes = 2');
my $warning = qr/WARNING:  no background worker slot is free for a sweep\n.*HINT:  Raise max_worker_processes/;
my $error = 'SELECT last_error FROM session_stats';

add_expired($node, 'postgres', 10);
$node->wait_for_log($warning);
wait_for($node, 'postgres', $error,
	'no background worker slot is free for a sweep', 'the reason is shown');
wait_until('it is tried again',
	sub { check_health($node, 'postgres', 'sweep') =~ /^f\|failed [3-9]\d* times/ });
is(count_matches(log_since($node, 0), $warning), 1, 'it is logged once');
is($node->safe_psql('postgres', "SELECT session_set('x', '{}')"),
	't', 'sessions go on');
like(check_health($node, 'postgres', 'launcher'),
	qr/^t\|/, 'and so does the launcher');
is($node->safe_psql('postgres', 'SELECT session_cleanup() >= 10'),
	't', 'session_cleanup() serves');

# With a slot that others take now and then.
my $parallel =
  $node->pg_version < 16 ? 'force_parallel_mode' : 'debug_parallel_query';
$node->append_conf('postgresql.conf', <<~END);
	max_worker_processes = 3
	$parallel = on
	parallel_setup_cost = 0
	END
$node->restart;
my ($holder, $log);
my $cancel = q{SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query ~ '^SELECT pg_sleep'};
# While a sweep has the slot, no parallel worker sleeps but who has called.
wait_until('somebody has the last slot', sub {
	my $who;

	$log = log_size($node);
	$holder = $node->background_psql('postgres');
	$holder->query_until(qr/started/, <<~END);
		\\echo started
		SELECT pg_sleep(600);
		END
	1 until $who = $node->safe_psql('postgres',
		q{SELECT backend_type FROM pg_stat_activity WHERE wait_event = 'PgSleep'});
	return 1 if $who eq 'parallel worker';
	$node->safe_psql('postgres', $cancel);
	eval { $holder->quit };
	return 0;
});
add_expired($node, 'postgres', 10);
$node->wait_for_log($warning, $log);
$node->safe_psql('postgres', $cancel);
wait_for($node, 'postgres', 'SELECT count(*) FROM sessions WHERE user_id = $$gone$$',
	0, 'the sweep works as soon as the slot is free');
wait_for($node, 'postgres', $error, '', 'and all is well again');
eval { $holder->quit };

# None even for the launcher.
$node->append_conf('postgresql.conf', 'max_worker_processes = 0');
$node->restart;
like(
	check_health($node, 'postgres', 'launcher'),
	qr/^f\|not running\|.*raise max_worker_processes/,
	'health: without a launcher says what to do');
is($node->safe_psql('postgres', "SELECT session_get('x')"),
	'{}', 'sessions work without it');

done_testing();
