# A hot standby reads sessions and changes nothing; after its promotion it is a
# server like any other, and sweeps.

use strict;
use warnings;

use PostgreSQL::Test::Utils;
use Test::More;
use CovetTest;

my $primary = covet_node('primary',
	init => [ allows_streaming => 1 ],
	conf => <<~END);
	covet_sessions.cleanup_enabled = off
	covet_sessions.touch_interval = 0
	END
$primary->backup('backup');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($primary, 'backup', has_streaming => 1);
$standby->start;

my ($live, $revoked, $expired, $idle) =
  map { token($_) } qw(live revoked expired idle);
$primary->safe_psql('postgres', <<~END);
	SELECT session_set('$live', '{"n": 1}', 'alice', 3600, '192.0.2.1', 'Firefox');
	SELECT session_set('$revoked', '{}', 'alice');
	SELECT session_revoke('$revoked');
	SELECT session_set('$expired', '{}', 'alice');
	SELECT session_expire('$expired', 0);
	SELECT session_set('$idle', '{}', 'alice', 2);
	ALTER DATABASE postgres SET covet_sessions.bind_ip = exact;
	END
$primary->wait_for_catchup($standby, 'replay');

# ---- reading ----

my $state = 'SELECT md5(string_agg(s::text, $$,$$ ORDER BY id)) FROM sessions s';
my $before = $standby->safe_psql('postgres', $state);

is($standby->safe_psql('postgres', "SELECT session_$_"), '{"n": 1}', "session_$_")
  for "get('$live')", "touch('$live')",
  "verify('$live', '192.0.2.1', 'Firefox')";
is( $standby->safe_psql('postgres', "SELECT session_verify('$live', '192.0.2.9') IS NULL"),
	't',
	'session_verify refuses');
is($standby->safe_psql('postgres', "SELECT version FROM session_info('$live')"),
	1, 'session_info');
like(
	$standby->safe_psql('postgres', "SELECT string_agg(id, ',') FROM session_list('alice')"),
	qr/@{[handle($live)]}/,
	'session_list');
is($standby->safe_psql('postgres', "SELECT session_digest('$live')"),
	handle($live), 'session_digest');
is($standby->safe_psql('postgres', "SELECT session_setting('bind_ip')"),
	'exact', 'session_setting');
is($standby->safe_psql('postgres', 'SELECT gets FROM session_stats'),
	5, 'it has counters of its own');
is($standby->safe_psql('postgres', "SELECT session_$_ IS NULL"),
	't', "session_$_: not there")
  for "get('$revoked')", "get('$expired')", "touch('$expired')",
  "verify('$revoked')";
wait_for($standby, 'postgres', "SELECT session_touch('$idle') IS NULL",
	't', 'a session ends by the clock, whatever touches it on a standby');
is( $standby->safe_psql('postgres', "SELECT string_agg(id, ',') FROM session_list('alice')"),
	handle($live),
	'what has ended is not listed');

# ---- writing ----

for my $call (
	"create('bob', '{}')", "set('new', '{}')",
	"set('$live', '{}')", "update('$live', '{}')",
	"patch('$live', '{}')", "rotate('$live')",
	"expire('$live', 1)", "delete('$live')",
	"revoke('$live')", "revoke_user('alice')",
	"revoke_handle('alice', '@{[handle($live)]}')", 'cleanup()',
	"import('new', '{}')", "configure('audit', 'all')")
{
	my (undef, undef, $errors) =
	  $standby->psql('postgres', "\\set VERBOSITY sqlstate\nSELECT session_$call");
	like($errors, qr/ERROR:  25006$/, "session_$call is refused");
}
is($standby->safe_psql('postgres', $state), $before, 'nothing has changed');

# ---- the launcher ----

$standby->append_conf('postgresql.conf', 'covet_sessions.cleanup_enabled = on');
$standby->reload;
my $log = log_size($standby);
like(check_health($standby, 'postgres', 'launcher'),
	qr/^t\|running/, 'the launcher of a standby runs');
like(check_health($standby, 'postgres', 'sweep'),
	qr/^t\|left to the primary/, 'and leaves the sweep to the primary');
is( $standby->safe_psql(
		'postgres',
		"SELECT state FROM pg_stat_activity WHERE backend_type = 'covet_sessions launcher'"
	),
	'idle',
	'it starts nothing');
is( $standby->safe_psql(
		'postgres',
		'SELECT sweeps, last_sweep_at IS NULL, last_error IS NULL FROM session_stats'),
	'0|t|t',
	'which it has not tried');

# A sweep of the primary is replayed.
is($primary->safe_psql('postgres', 'SELECT session_cleanup()'),
	2, 'the primary sweeps');
$primary->wait_for_catchup($standby, 'replay');
is($standby->safe_psql('postgres', 'SELECT count(*) FROM sessions'),
	2, 'which is replayed');
# The reload of above is reported when the server comes to it.
unlike(log_since($standby, $log) =~ s/^.* parameter "covet_sessions.*$//mgr,
	qr/covet|background worker|WARNING|ERROR/,
	'the launcher had nothing to say');

# ---- promotion ----

$primary->stop('immediate');
$standby->promote;
is($standby->safe_psql('postgres', "SELECT session_patch('$live', '{\"n\": 2}')"),
	2, 'after a promotion sessions change');
is($standby->safe_psql('postgres', "SELECT session_set('$revoked', '{}')"),
	'f', 'revoked ones stay so');
add_expired($standby, 'postgres', 10);
wait_for($standby, 'postgres', "SELECT count(*) FROM sessions WHERE user_id = 'gone'",
	0, 'and the launcher sweeps');
like(check_health($standby, 'postgres', 'sweep'), qr/^t\|last/, 'health: as it should');

done_testing();
