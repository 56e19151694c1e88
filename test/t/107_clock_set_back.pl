# A clock that was wrong and is set right does not stop the sweep until it has
# come as far again.

use strict;
use warnings;

use PostgreSQL::Test::Utils;
use Test::More;
use CovetTest;

my $library = `faketime now printenv LD_PRELOAD 2>/dev/null`;
chomp $library;
plan skip_all => 'libfaketime is not installed' if $library eq '';

my $node = covet_node('main', start => 0);
my $clock = $node->basedir . '/clock';

# Shifts the server's clock.  In one step, as it may be read at any moment.
sub set_clock
{
	my ($shift) = @_;

	append_to_file("$clock.new", "$shift\n");
	rename "$clock.new", $clock or die $!;
	return;
}

set_clock('+10800');
{
	local %ENV = (
		%ENV,
		LD_PRELOAD => $library,
		FAKETIME_TIMESTAMP_FILE => $clock,
		FAKETIME_NO_CACHE => 1,
		FAKETIME_DONT_FAKE_MONOTONIC => 1,
		DONT_FAKE_MONOTONIC => 1);
	$node->start;
}
$node->safe_psql('postgres', 'CREATE EXTENSION covet_sessions');
wait_for($node, 'postgres', 'SELECT sweeps > 0 FROM session_stats', 't',
	'the sweep works by a clock that is fast');
my $fast = $node->safe_psql('postgres', 'SELECT clock_timestamp()');
# Processes that the postmaster starts in a signal handler may miss the shift;
# a cleanup by hand has the wrong time for sure.
$node->safe_psql('postgres', 'SELECT session_cleanup()');

# One where no sweep succeeds that could notice the right time.
$node->safe_psql('postgres', 'CREATE DATABASE off');
$node->safe_psql('off', 'CREATE EXTENSION covet_sessions; SELECT session_cleanup()');
$node->safe_psql('postgres',
	'ALTER DATABASE off SET covet_sessions.cleanup_enabled = off');

set_clock('+0');
is( $node->safe_psql(
		'postgres', "SELECT clock_timestamp() < '$fast'::timestamptz - '2 h'::interval"),
	't',
	'the clock is set back');
add_expired($node, 'postgres', 10);
wait_for($node, 'postgres', 'SELECT count(*) FROM sessions', 0,
	'the sweep goes on');
wait_for($node, 'postgres',
	"SELECT last_sweep_at < '$fast'::timestamptz FROM session_stats", 't',
	'by the new time');

# Each of these needs a launcher that has not gone to sleep for good.
for my $turn (1 .. 3)
{
	add_expired($node, 'postgres', 10);
	wait_for($node, 'postgres', 'SELECT count(*) FROM sessions', 0,
		"and again, turn $turn");
}

done_testing();
