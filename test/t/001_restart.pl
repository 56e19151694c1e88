# Sessions, settings, tombstones and events outlive a clean restart; counters
# start anew, and what ended while the server was down is swept.

use strict;
use warnings;

use PostgreSQL::Test::Utils;
use Test::More;
use CovetTest;

my $node = covet_node('main', conf => <<~END);
	covet_sessions.audit = all
	covet_sessions.max_lifetime = 86400
	END

my ($alice, $bob, $carol, $dave) = map { token($_) } qw(alice bob carol dave);
my $rotated = $node->safe_psql('postgres', <<~END);
	SELECT session_configure('idle_timeout', '4321') \\g /dev/null
	SELECT session_set('$alice', '{"cart": [1, 2]}', 'alice', NULL, '192.0.2.1', 'Firefox') \\g /dev/null
	SELECT session_patch('$alice', '{"theme": "dark"}') \\g /dev/null
	SELECT session_set('$bob', '{}', 'bob') \\g /dev/null
	SELECT session_revoke('$bob') \\g /dev/null
	SELECT session_set('$carol', '{"n": 1}') \\g /dev/null
	SELECT session_set('$dave', '{}', 'dave', 600) \\g /dev/null
	SELECT session_expire('$dave', 1) \\g /dev/null
	SELECT session_rotate('$carol', 'carol')
	END

my $survivors = "SELECT * FROM sessions WHERE user_id <> 'dave' ORDER BY id";
my $events = "SELECT * FROM session_events WHERE event <> 'expired' ORDER BY at, event";
my $sessions_before = $node->safe_psql('postgres', $survivors);
my $events_before = $node->safe_psql('postgres', $events);

cmp_ok(
	$node->safe_psql('postgres', 'SELECT creates FROM session_stats'),
	'>=', 4, 'sessions were counted');
$node->stop;
$node->start;

is($node->safe_psql('postgres', $survivors),
	$sessions_before, 'no session has changed');
is($node->safe_psql('postgres', $events), $events_before,
	'no event has changed');
is( $node->safe_psql(
		'postgres', 'SELECT creates, sets, revocations FROM session_stats'),
	'0|0|0',
	'counters start anew');

is($node->safe_psql('postgres', "SELECT session_get('$alice')->>'theme'"),
	'dark', 'a token opens its session');
is($node->safe_psql('postgres', "SELECT session_touch('$rotated')->>'n'"),
	'1', 'and so does a rotated one');
is($node->safe_psql('postgres', "SELECT session_get('$carol') IS NULL"),
	't', 'the token before the rotation does not');
is($node->safe_psql('postgres', "SELECT session_set('$carol', '{}')"),
	'f', 'nor does it start another session');
is($node->safe_psql('postgres', "SELECT session_set('$bob', '{}')"),
	'f', 'a revoked session stays revoked');
is($node->safe_psql('postgres', "SELECT session_update('$alice', '{}', 2)"),
	'3', 'versions go on where they were');
is( $node->safe_psql(
		'postgres', "SELECT session_setting(s) FROM unnest('{idle_timeout, max_lifetime}'::text[]) s"),
	"4321\n86400",
	'settings of the database and of the server hold');

wait_for($node, 'postgres', "SELECT count(*) FROM sessions WHERE user_id = 'dave'",
	0, 'a session that ended meanwhile is swept');
wait_for($node, 'postgres',
	"SELECT count(*) FROM session_events WHERE event = 'expired' AND user_id = 'dave'",
	1, 'which is an event');
like(check_health($node, 'postgres', 'launcher'),
	qr/^t\|running/, 'the launcher runs');

done_testing();
