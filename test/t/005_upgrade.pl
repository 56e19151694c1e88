# pg_upgrade takes a cluster with sessions to another one; meanwhile there is no
# launcher.

use strict;
use warnings;

use PostgreSQL::Test::Utils;
use Test::More;
use CovetTest;

my $old = covet_node('old');
my $token = token('alice');
$old->safe_psql('postgres', <<~END);
	SELECT session_set('$token', '{"n": 1}', 'alice', NULL, '192.0.2.1');
	SELECT session_revoke(session_create('bob', '{}'));
	CREATE ROLE app LOGIN;
	SELECT session_grant('app');
	ALTER DATABASE postgres SET covet_sessions.tombstone_retention = 9999;
	CREATE DATABASE other;
	END
my $sessions = 'SELECT * FROM sessions ORDER BY id';
my $before = $old->safe_psql('postgres', $sessions);
$old->stop;

# ---- the mode that pg_upgrade runs servers in ----

my $log = log_size($old);
my $count = q(SELECT count(*) FROM pg_stat_activity WHERE backend_type ~ 'covet');
system_or_bail('pg_ctl', '-w', '-D', $old->data_dir, '-l', $old->logfile, '-o', '-b', 'start');
is($old->safe_psql('postgres', $count), 0, 'no launcher in an upgrade');
is($old->safe_psql('postgres', "SELECT session_get('$token')"),
	'{"n": 1}', 'functions work there');
system_or_bail('pg_ctl', '-w', '-D', $old->data_dir, '-m', 'fast', 'stop');
unlike(log_since($old, $log), qr/background worker "covet/, 'none was started');

# ---- pg_upgrade ----

my $new = covet_node('new', start => 0);
my $bindir = $old->config_data('--bindir');
my $directory = PostgreSQL::Test::Utils::tempdir_short();
my @upgrade = (
	'pg_upgrade', '--no-sync',
	'-d', $old->data_dir, '-D', $new->data_dir,
	'-b', $bindir, '-B', $bindir,
	'-s', $directory, '-p', $old->port, '-P', $new->port);
chdir $directory or die;
command_ok([ @upgrade, '--check' ], 'pg_upgrade --check');
command_ok(\@upgrade, 'pg_upgrade');

$new->start;
is($new->safe_psql('postgres', $sessions), $before, 'sessions are the same');
is( $new->safe_psql('postgres', "SELECT session_patch('$token', '{\"n\": 2}')",
		extra_params => [ '-U', 'app' ]),
	2,
	'and work, for those who were granted them');
is($new->safe_psql('postgres', "SELECT session_setting('tombstone_retention')"),
	9999, 'settings are kept');
add_expired($new, 'postgres', 10);
wait_for($new, 'postgres', "SELECT count(*) FROM sessions WHERE user_id = 'gone'",
	0, 'the launcher is back');
is($new->safe_psql('postgres', $count), 1, 'indeed');
$new->safe_psql('postgres', 'DROP EXTENSION covet_sessions');
is( $new->safe_psql('postgres', q(SELECT count(*) FROM pg_class WHERE relname ~ 'session' AND relnamespace = 'public'::regnamespace)),
	0,
	'the objects were members of the extension');

done_testing();
