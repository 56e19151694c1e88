#
# The server's clock jumps, forward and back.
#
use strict;
use warnings;

use PostgreSQL::Test::Utils;
use Test::More;

use CovetTest;
use CovetWire;

my $library = `faketime now printenv LD_PRELOAD 2>/dev/null`;
chomp $library;
plan skip_all => 'libfaketime is not installed' if $library eq '';

my $node = covet_node('clock', start => 0, conf => <<~END);
	covet_sessions.touch_interval = 0
	covet_sessions.idle_timeout = 3600
	covet_sessions.tombstone_retention = 60
	covet_sessions.audit = all
	covet_sessions.cleanup_enabled = off
	END
my $offset_file = $node->basedir . '/offset';

# Shifts the server's clock, to so many hours from the time.
sub set_clock
{
	my ($hours) = @_;
	my $seconds = sprintf '%+d', $hours * 3600;

	# In one step, as a process may read it at any moment.
	open my $file, '>', "$offset_file.new" or die $!;
	print $file "$seconds\n";
	close $file;
	rename "$offset_file.new", $offset_file or die $!;
	return;
}

set_clock(0);
{
	local $ENV{LD_PRELOAD} = $library;
	local $ENV{FAKETIME_TIMESTAMP_FILE} = $offset_file;
	local $ENV{FAKETIME_NO_CACHE} = 1;
	local $ENV{FAKETIME_DONT_FAKE_MONOTONIC} = 1;
	local $ENV{DONT_FAKE_MONOTONIC} = 1;
	delete local $ENV{FAKETIME};

	$node->start;
}

my $client = CovetWire->new($node);
$client->value('CREATE EXTENSION covet_sessions');

sub hours
{
	return $client->value(q{SELECT round(extract(epoch FROM clock_timestamp()) / 3600)}) - int(time / 3600 + 0.5);
}

set_clock(2);
cmp_ok(abs(hours() - 2), '<=', 1, 'the clock can be set');
set_clock(0);
cmp_ok(abs(hours()), '<=', 1, 'and set back');

# ---- forward ----

$client->value(q{SELECT session_set('short', '{"s": 1}', 'alice')});
$client->value(q{SELECT session_set('long', '{"l": 1}', 'alice', 86400)});
$client->value(q{SELECT session_set('revoked', '{}', 'alice', 86400)});
$client->query('BEGIN');
is($client->value(q{SELECT session_get('short')}), '{"s": 1}', 'a session lives');
set_clock(2);
is($client->value("SELECT session_$_('short')"), undef, "session_$_ finds its end as the clock has jumped")
  for qw(get touch verify info rotate);
is($client->value(q{SELECT session_update('short', '{}')}), undef, 'session_update, too');
is($client->value("SELECT session_$_('short')"), 'f', "session_$_, too") for qw(expire revoke);
is($client->value(q{SELECT count(*) FROM session_list('alice')}), 2, 'session_list, too');
$client->query('COMMIT');
$client->value(q{SELECT session_set('fleeting', '{}', 'alice', 3600)});
$client->value(q{SELECT session_set('due', '{}', 'alice', 60)});
is($client->value(q{SELECT session_cleanup()}), 0, 'what has not ended at the new time is not swept');
set_clock(3.5);
is($client->value(q{SELECT session_cleanup()}), 2, 'what has is');
set_clock(2);

# ---- back ----

my $last_use = q{SELECT last_accessed_at FROM sessions WHERE id = session_digest('long')};

is($client->value(q{SELECT session_touch('long')}), '{"l": 1}', 'a session is used');
is($client->value(q{SELECT session_revoke('revoked')}), 't', 'another is revoked');
my $future = $client->value($last_use);
set_clock(0);

is($client->value(q{SELECT session_touch('long')}), '{"l": 1}', 'it is used again at an earlier time');
is($client->value($last_use), $future, 'its last use does not move back');
for my $call (
	q{session_verify('long')}, q{session_set('long', '{}')}, q{session_update('long', '{}')},
	q{session_patch('long', '{}')}, q{session_expire('long', 864000)})
{
	isnt($client->value("SELECT $call"), undef, "$call works");
	is($client->value($last_use), $future, 'and does not move the last use back');
}
is($client->value(q{SELECT valid_until > last_accessed_at AND created_at <= last_accessed_at
		FROM session_info('long')}), 't', 'its times are in order');

for my $call (q{session_get('short')}, q{session_touch('short')}, q{session_patch('short', '{}')})
{
	is($client->value("SELECT $call"), undef, "$call: what was swept does not come back");
}
is($client->value(q{SELECT session_set('revoked', '{}')}), 'f', 'nor what was revoked');
my $rotated = $client->value(q{SELECT session_rotate('long')});
is($client->value(q{SELECT last_accessed_at FROM session_info($1)}, $rotated),
	$future, 'a rotation does not move the last use back');
is($client->value(q{SELECT session_set('long', '{}')}), 'f', 'and ends the old token');
is($client->value(q{SELECT session_cleanup()}), 0, 'a cleanup removes nothing before its time');
is($client->value(q{SELECT session_import('imported', '{}', 'bob', now() + '1 hour', now() + '2 hours')}),
	't', 'times that are yet to come are imported');
is($client->value(q{SELECT created_at <= clock_timestamp() AND last_accessed_at <= clock_timestamp()
		FROM session_info('imported')}), 't', 'as now');
is($client->value(q{SELECT oldest_unswept >= 0 AND last_sweep_ms >= 0 FROM session_stats}), 't',
	'no age is negative');
is($client->query('SELECT * FROM session_health()')->{error}, undef, 'session_health works');

# ---- limits ----

$client->value('SET covet_sessions.create_rate_limit = 2');
set_clock(2);
is($client->sqlstate(q{SELECT session_create('carol', '{}')}), $_, 'new sessions are counted')
  for '00000', '00000', '53400';
set_clock(0);
is($client->sqlstate(q{SELECT session_create('carol', '{}')}), '00000',
	'a user is not locked out until a time that the clock was set back from');

is(count_matches(slurp_file($node->logfile), qr/PANIC|terminated by signal|WARNING:/), 0,
	'the server has nothing to complain about');

done_testing();
