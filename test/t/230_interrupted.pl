#
# Callers that are cancelled, terminated or out of time while they wait: a
# clean error, nothing changed, no lock left, and a connection that goes on.
#
use strict;
use warnings;

use PostgreSQL::Test::Utils;
use Test::More;

use CovetTest;
use CovetWire;

my $node = covet_node('interrupted', conf => <<~END);
	covet_sessions.cleanup_enabled = off
	covet_sessions.audit = all
	covet_sessions.max_sessions_per_user = 3
	END
my $holder = CovetWire->new($node);
my $observer = CovetWire->new($node);

# The row of "held", whose owner is alice, is held by another; so is bob.
my %row_waits = (
	session_set => q{session_set('held', '{"x": 1}', 'alice')},
	session_update => q{session_update('held', '{"x": 1}')},
	session_patch => q{session_patch('held', '{"x": 1}')},
	session_rotate => q{session_rotate('held')},
	session_expire => q{session_expire('held', 60)},
	session_delete => q{session_delete('held')},
	session_revoke => q{session_revoke('held')},
	session_revoke_handle => q{session_revoke_handle('alice', session_digest('held'))},
	session_revoke_user => q{session_revoke_user('alice')},
	session_import => q{session_import('held', '{}')},
	'session_create that evicts' => q{session_create('alice', '{}')},
	'session_create of a user' => q{session_create('bob', '{}')},
	'session_set of a user' => q{session_set('new', '{}', 'bob')},
	'session_rotate to a user' => q{session_rotate('anonymous', 'bob')},
	'session_import of a user' => q{session_import('new', '{}', 'bob')},
	'session_revoke_user of a user' => q{session_revoke_user('bob')},
);

$observer->value("SELECT session_set('$_', '{}', 'alice')") for qw(held second third);
$observer->value(q{SELECT session_set('anonymous', '{}')});
$holder->query('BEGIN');
$holder->value(q{SELECT FROM sessions WHERE id = session_digest('held') FOR UPDATE});
$holder->value(q{SELECT session_create('bob', '{}')});

# All that a call may change, and all that it may hold.
my $contents = <<~'END';
	SELECT concat_ws(' ',
		(SELECT md5(string_agg(s::text, ' ' ORDER BY id)) FROM sessions s),
		(SELECT count(*) FROM session_events), (SELECT count(*) FROM session_creations))
	END
my $locks = 'SELECT count(*) FROM pg_locks WHERE locktype NOT IN ($$virtualxid$$) AND pid = $1';
my $before = $observer->value($contents);

sub wait_for_lock
{
	my ($connection) = @_;

	$node->poll_query_until('postgres',
		'SELECT count(*) FROM pg_locks WHERE NOT granted AND pid = ' . $connection->pid, 1)
	  or die 'nobody waits';
	return;
}

my %interruptions = (
	'is cancelled' => [ '57014', sub {
		wait_for_lock($_[0]);
		$observer->value('SELECT pg_cancel_backend($1)', $_[0]->pid);
	} ],
	'is out of time' => [ '57014', sub { }, 'statement_timeout' ],
	'waits too long' => [ '55P03', sub { }, 'lock_timeout' ],
	'is terminated' => [ '57P01', sub {
		wait_for_lock($_[0]);
		$observer->value('SELECT pg_terminate_backend($1)', $_[0]->pid);
	} ],
);

# A first call that is cut off while it looks for the extension.
$observer->value('BEGIN');
$observer->value('LOCK TABLE pg_extension IN ACCESS EXCLUSIVE MODE');
my $cold = CovetWire->new($node);
$cold->value(q{SET statement_timeout = '500ms'});
is($cold->sqlstate(q{SELECT session_get('held')}), '57014', 'the first call of a connection is cancelled');
$observer->value('COMMIT');
is($cold->sqlstate(q{SELECT session_get('held')}), '00000', 'the second finds the extension');

my $client = CovetWire->new($node);
for my $verb (sort keys %row_waits)
{
	for my $how (sort keys %interruptions)
	{
		my ($code, $interrupt, $timeout) = @{ $interruptions{$how} };
		my $pid = $client->pid;

		$client->value("SET $timeout = '50ms'") if $timeout;
		$client->send("SELECT $row_waits{$verb}");
		$interrupt->($client);
		my $result = $client->finish;

		is($result->{error} ? $result->{error}{C} : '00000', $code, "$verb $how");
		is($observer->value($contents), $before, 'nothing has changed');
		if ($code eq '57P01')
		{
			$client = CovetWire->new($node);
			is($node->poll_query_until('postgres',
					"SELECT count(*) FROM pg_stat_activity WHERE pid = $pid", 0), 1, 'it is gone');
		}
		else
		{
			$client->value("RESET $timeout") if $timeout;
			is($client->value(q{SELECT session_get('second')}), '{}', 'the connection goes on');
		}
		is($observer->value($locks, $pid), 0, 'without a lock');
	}
}

# Those that must not wait do not.
for my $call (q{session_get('held')}, q{session_touch('held')}, q{session_verify('held')},
	q{count(*) FROM session_info('held')}, q{count(*) FROM session_list('alice')},
	q{session_cleanup()}, q{count(*) FROM session_health()})
{
	$client->send("SELECT $call");
	ok($client->is_done(10), "$call does not wait");
	$client->finish;
}

$holder->query('ROLLBACK');
my @failed = grep { $client->query("SELECT $_")->{error} } map { $row_waits{$_} } sort keys %row_waits;
is("@failed", '', 'once nothing is held, everything works');

done_testing();
