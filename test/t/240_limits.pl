#
# The limits of a user hold exactly, however many logins come at once.
#
use strict;
use warnings;

use PostgreSQL::Test::Utils;
use Test::More;

use CovetTest;
use CovetWire;

my $LOGINS = 50;
my $LIMIT = 3;

my $node = covet_node('limits', conf => <<~END);
	max_connections = 80
	covet_sessions.cleanup_enabled = off
	covet_sessions.audit = security
	END
my $admin = CovetWire->new($node);
my @clients = map { CovetWire->new($node) } 1 .. $LOGINS;

sub configure
{
	my (%setting) = @_;

	for my $connection ($admin, @clients)
	{
		$connection->value('SELECT set_config($1, $2, false)', "covet_sessions.$_", $setting{$_})
		  for keys %setting;
	}
	return;
}

#
# Lets every client run a statement at the same moment, and keep its
# transaction open for another one.  Returns how often they ended how, as
# "SQLSTATE: times".
#
sub rush
{
	my ($isolation, @statements) = @_;
	my %ends;

	$admin->value('SELECT pg_advisory_lock(1)');
	for my $n (0 .. $#clients)
	{
		my $statement = $statements[ $n % @statements ] =~ s/:n/$n/gr;

		$clients[$n]->send("BEGIN ISOLATION LEVEL $isolation;"
			. ' SELECT pg_advisory_xact_lock_shared(1);'
			. " $statement; SELECT pg_sleep(0.002); COMMIT");
	}
	$node->poll_query_until('postgres',
		q{SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted}, $LOGINS)
	  or die 'not all clients are ready';
	$admin->value('SELECT pg_advisory_unlock(1)');
	for my $client (@clients)
	{
		my $result = $client->finish;

		$ends{ $result->{error} ? $result->{error}{C} : '00000' }++;
		$client->query('ROLLBACK') if $result->{error};
	}
	return join ', ', map { "$_: $ends{$_}" } sort keys %ends;
}

sub live
{
	my ($user) = @_;
	return $admin->value('SELECT count(*) FROM session_list($1)', $user);
}

sub events
{
	my ($user, $event) = @_;
	return $admin->value('SELECT count(*) FROM session_events WHERE user_id = $1 AND event = $2',
		$user, $event);
}

# ---- evict ----

configure(max_sessions_per_user => $LIMIT);
is(rush('READ COMMITTED', q{SELECT session_create('evict', '{}')}),
	"00000: $LOGINS", 'every login is admitted');
is(live('evict'), $LIMIT, 'and as many sessions live as may');
is(events('evict', 'create'), $LOGINS, 'each was started');
is(events('evict', 'evict'), $LOGINS - $LIMIT, 'the excess was evicted');
is($admin->value('SELECT evictions FROM session_stats'), $LOGINS - $LIMIT, 'and counted');
is($admin->value(q{SELECT count(*) FROM sessions WHERE user_id = 'evict' AND NOT is_active AND data = '{}'}),
	$LOGINS - $LIMIT, 'the rest are tombstones');

# What happens at once to a user's sessions: logins of every kind.
my @logins = (
	q{SELECT session_create(':user', '{}')},
	q{SELECT session_set('new-:user-:n', '{}', ':user')},
	q{SELECT session_set('anonymous-:user-:n', '{}', ':user')},
	q{SELECT session_rotate('anonymous-:user-:n', ':user')},
	q{SELECT session_import('imported-:user-:n', '{}', ':user')});

sub mixed
{
	my ($isolation, $user) = @_;

	$admin->value(q{SELECT count(session_set('anonymous-' || $1 || '-' || n, '{}')) FROM generate_series(0, 99) n}, $user);
	return rush($isolation, map { s/:user/$user/gr } @logins);
}

for my $n (1 .. 3)
{
	is(mixed('READ COMMITTED', "mixed$n"), "00000: $LOGINS", 'logins of every kind are admitted');
	is(live("mixed$n"), $LIMIT, 'and the limit holds');
}
for my $isolation ('REPEATABLE READ', 'SERIALIZABLE')
{
	my $user = 'mixed-' . lc $isolation =~ s/ /-/r;
	my $ends = mixed($isolation, $user);

	like($ends, qr/^00000: \d+, 40001: \d+$/, "$isolation: logins are admitted or fail to serialize");
	cmp_ok(live($user), '<=', $LIMIT, 'and the limit holds');
	cmp_ok(live($user), '>', 0, 'with somebody logged in');
}

# While they are evicted, the sessions get new tokens, and are read and written.
configure(max_sessions_per_user => 0);
$admin->value(q{SELECT count(session_set('busy-' || n, '{}', 'busy')) FROM generate_series(0, 49) n});
is(live('busy'), 50, 'without a limit there is none');
configure(max_sessions_per_user => $LIMIT);
is(rush('READ COMMITTED',
		q{SELECT session_create('busy', '{}')}, q{SELECT session_rotate('busy-:n')},
		q{SELECT session_patch('busy-:n', '{"n": :n}')}, q{SELECT session_touch('busy-:n')},
		q{SELECT session_revoke('busy-:n')}),
	"00000: $LOGINS", 'nothing fails that meets an eviction');
is(live('busy'), $LIMIT, 'and what has a new token is evicted as well');

configure(max_sessions_per_user => 0);
$admin->value(q{SELECT count(session_set('lower-' || n, '{}', 'lower')) FROM generate_series(1, 20) n});
configure(max_sessions_per_user => $LIMIT);
$admin->value(q{SELECT session_create('lower', '{}')});
is(live('lower'), $LIMIT, 'a limit that is lowered holds at the next login');
is($admin->value(q{SELECT session_get('lower-20') IS NOT NULL AND session_get('lower-19') IS NOT NULL
		AND session_get('lower-18') IS NULL}), 't', 'and spares the sessions used last');

# ---- reject ----

configure(max_sessions_policy => 'reject');
is(rush('READ COMMITTED', q{SELECT session_create('reject', '{}')}),
	sprintf('00000: %d, 53400: %d', $LIMIT, $LOGINS - $LIMIT), 'the excess is refused');
is(live('reject'), $LIMIT, 'and as many sessions live as may');
my $ends = mixed('READ COMMITTED', 'reject-mixed');
is($ends, sprintf('00000: %d, 53400: %d', $LIMIT, $LOGINS - $LIMIT), 'logins of every kind are refused');
is(live('reject-mixed'), $LIMIT, 'and the limit holds');
is($admin->value(q{SELECT count(*) FROM sessions WHERE user_id LIKE 'reject%' AND NOT is_active
		AND id NOT IN (SELECT session_digest('anonymous-reject-mixed-' || n) FROM generate_series(0, 49) n)}),
	0, 'what was refused has left nothing');
is($admin->query(q{SELECT session_create('reject', '{}')})->{error}{M},
	'too many sessions for this user', 'the error says why');

# ---- rate ----

configure(max_sessions_policy => 'evict', max_sessions_per_user => 0, create_rate_limit => 10);
is(rush('READ COMMITTED', q{SELECT session_create('rate', '{}')}, q{SELECT session_set('rate-:n', '{}', 'rate')}),
	'00000: 10, 53400: 40', 'as many sessions start in a minute as may');
is(live('rate'), 10, 'and live');
$admin->value(q{SELECT session_revoke_user('rate')});
is($admin->query(q{SELECT session_create('rate', '{}')})->{error}{M},
	'too many new sessions for this user', 'an end makes no room');
$admin->value(q{UPDATE session_creations SET at = at - '61 seconds'::interval WHERE user_id = 'rate'});
is($admin->sqlstate(q{SELECT session_create('rate', '{}')}), '00000', 'time does');
is($admin->sqlstate(q{SELECT session_create('', '{}')}), '00000', 'anonymous sessions are exempt') for 1 .. 11;

# ---- many users in one transaction ----

configure(create_rate_limit => 0, max_sessions_per_user => 5);
my @bulk = @clients[0, 1];
$_->value('BEGIN') for @bulk;
my @users = map { $_ * 40 .. $_ * 40 + 39 } 1, 2;
for my $n (0 .. 39)
{
	$bulk[$_]->value(q{SELECT session_create($1, '{}')}, 'bulk' . $users[40 * $_ + $n]) for 0, 1;
}
$_->value('COMMIT') for @bulk;
is($admin->value(q{SELECT count(*) FROM sessions WHERE user_id LIKE 'bulk%'}),
	80, 'two transactions that log in many users each do not stop each other');

# ---- sign out everywhere ----

configure(create_rate_limit => 0, max_sessions_per_user => 0);
is(rush('READ COMMITTED', (q{SELECT session_create('out', '{}')}) x 4, q{SELECT session_revoke_user('out')}),
	"00000: $LOGINS", 'logins and signing out everywhere at once');
$admin->value(q{SELECT session_revoke_user('out')});
is(live('out'), 0, 'leave nobody behind');

# Also of a transaction that has logged in many others, or has begun to, often.
my ($crowd, $exit) = @clients[0, 1];
my %beginnings = (
	'many logins' => q{SELECT session_create('crowd' || n) FROM generate_series(1, 40) n},
	'many that were undone' => q{DO $$ BEGIN FOR n IN 1 .. 40 LOOP
			BEGIN PERFORM session_create('crowd' || n); RAISE EXCEPTION 'undone';
			EXCEPTION WHEN raise_exception THEN NULL; END;
		END LOOP; END $$});
for my $name (sort keys %beginnings)
{
	$crowd->query('BEGIN');
	$crowd->query($beginnings{$name});
	$crowd->value(q{SELECT session_create('last')});
	$exit->send(q{SELECT session_revoke_user('last')});
	$node->poll_query_until('postgres',
		'SELECT count(*) FROM pg_locks WHERE NOT granted AND pid = ' . $exit->pid, 1)
	  or die 'nobody waits';
	$crowd->query('COMMIT');
	is($exit->finish->{rows}[0][0], 1, "a login in flight after $name is revoked");
	is(live('last'), 0, 'and leaves nothing');
}

is(count_matches(slurp_file($node->logfile), qr/deadlock detected/), 0, 'there was no deadlock');

done_testing();
