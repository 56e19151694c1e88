#
# Calls inside transactions: savepoints, prepared transactions, poolers that
# reset a connection.
#
use strict;
use warnings;

use PostgreSQL::Test::Utils;
use Test::More;

use CovetTest;
use CovetWire;

my $node = covet_node('transactions', conf => <<~END);
	max_prepared_transactions = 10
	covet_sessions.cleanup_enabled = off
	covet_sessions.audit = all
	covet_sessions.max_sessions_per_user = 3
	covet_sessions.create_rate_limit = 1000
	END
my $client = CovetWire->new($node);

# What the verbs change, and whether they have.
my %verbs = (
	session_create => [ q{session_create('bob', '{}')}, q{count(*) = 1 FROM session_list('bob')} ],
	session_set => [ q{session_set('new', '{}', 'bob')}, q{session_get('new') IS NOT NULL} ],
	'session_set again' => [ q{session_set('old', '{"b": 2}')}, q{session_get('old') = '{"b": 2}'} ],
	session_update => [ q{session_update('old', '{"u": 1}')}, q{session_get('old') = '{"u": 1}'} ],
	session_patch => [ q{session_patch('old', '{"p": 1}')}, q{coalesce(session_get('old') ? 'p', false)} ],
	session_rotate => [ q{session_rotate('old', 'bob')}, q{session_get('old') IS NULL} ],
	session_expire => [ q{session_expire('old', 0)}, q{session_get('old') IS NULL} ],
	session_delete => [ q{session_delete('old')}, q{session_get('old') IS NULL} ],
	session_revoke => [ q{session_revoke('old')}, q{session_get('old') IS NULL} ],
	session_revoke_handle => [ q{session_revoke_handle('alice', session_digest('old'))}, q{session_get('old') IS NULL} ],
	session_revoke_user => [ q{session_revoke_user('alice')}, q{session_get('old') IS NULL} ],
	session_import => [ q{session_import('new', '{}', 'bob')}, q{session_get('new') IS NOT NULL} ],
	session_touch => [ q{session_touch('stale')}, q{last_accessed_at > now() - '1 minute'::interval FROM session_info('stale')} ],
	session_cleanup => [ q{session_cleanup()}, q{count(*) = 0 FROM sessions WHERE id = session_digest('over')} ],
);

sub prepare
{
	$client->query(<<'END');
		TRUNCATE sessions, session_events, session_creations;
		SELECT session_set('old', '{"a": 1}', 'alice'), session_set('stale', '{}'), session_set('over', '{}');
		UPDATE sessions SET last_accessed_at = now() - '50 minutes'::interval
			WHERE id = session_digest('stale');
		UPDATE sessions SET last_accessed_at = now() - '2 hours'::interval, sweep_at = now() - '1 hour'::interval
			WHERE id = session_digest('over');
END
	return;
}

my $contents = <<~'END';
	SELECT concat_ws(' ',
		(SELECT md5(string_agg(s::text, ' ' ORDER BY id)) FROM sessions s),
		(SELECT count(*) FROM session_events), (SELECT count(*) FROM session_creations))
	END

# ---- savepoints ----

for my $verb (sort keys %verbs)
{
	my ($call, $changed) = @{ $verbs{$verb} };

	prepare();
	my $before = $client->value($contents);

	$client->query('BEGIN; SAVEPOINT first');
	$client->value("SELECT $call");
	is($client->value("SELECT $changed"), 't', "$verb after a savepoint");
	$client->query('SAVEPOINT second');
	$client->value(q{SELECT session_set('another', '{}', 'carol')});
	$client->query('ROLLBACK TO second');
	is($client->value("SELECT $changed"), 't', 'it stays when what follows is undone');
	$client->query('ROLLBACK TO first');
	is($client->value($contents), $before, 'it is undone');
	$client->value("SELECT $call");
	$client->query('RELEASE first; COMMIT');
	is($client->value("SELECT $changed"), 't', 'and done again');
}

# ---- prepared transactions ----

# Each is undone, then committed, by another connection.
for my $verb (sort keys %verbs)
{
	my ($call, $changed) = @{ $verbs{$verb} };

	prepare();
	my $before = $client->value($contents);

	for my $end ('ROLLBACK', 'COMMIT')
	{
		$client->query('BEGIN');
		$client->value("SELECT $call");
		is($client->sqlstate(q{PREPARE TRANSACTION 'two'}), '00000', "$verb is prepared");
		is($client->value($contents), $before, 'and not visible');
		is(CovetWire->new($node)->sqlstate("$end PREPARED 'two'"), '00000', "then: $end");
		is($client->value("SELECT $changed"), $end eq 'COMMIT' ? 't' : 'f', 'which it obeys');
		last if $end eq 'COMMIT';
		is($client->value($contents), $before, 'without a trace');
	}
}

# Held rows and users are held across a restart.
prepare();
$client->value('SELECT count(session_create($1, $2)) FROM generate_series(1, 3)', 'dora', '{}');
$client->query('BEGIN');
$client->value('SELECT session_create($1, $2)', 'dora', '{}');
$client->value(q{SELECT session_rotate('old', 'dora')});
$client->query(q{PREPARE TRANSACTION 'two'});
$client->close;
$node->stop('immediate');
$node->start;
$client = CovetWire->new($node);
is($client->value('SELECT count(*) FROM session_list($1)', 'dora'), 3, 'nothing shows after a crash');
my $login = CovetWire->new($node);
$login->send('SELECT session_create($1, $2)', 'dora', '{}');
ok(!$login->is_done(0.5), 'a login waits for one that is prepared');
$client->value(q{SET lock_timeout = '100ms'});
is($client->sqlstate(q{SELECT session_patch('old', '{}')}), '55P03', 'and so does a write');
$client->value('RESET lock_timeout');
is($client->sqlstate(q{COMMIT PREPARED 'two'}), '00000', 'it is committed');
is($login->finish->{error}, undef, 'the login is served');
is($client->value('SELECT count(*) FROM session_list($1)', 'dora'), 3, 'and the limit holds');
is($client->value(q{SELECT session_get('old')}), undef, 'what was rotated has gone');

# ---- poolers ----

prepare();
for my $reset ('DISCARD ALL', 'DISCARD PLANS', 'DISCARD TEMP', 'DISCARD SEQUENCES',
	'RESET ALL', 'SET SESSION AUTHORIZATION DEFAULT', 'DEALLOCATE ALL', 'CLOSE ALL', 'UNLISTEN *')
{
	$client->value('SET search_path = pg_catalog, public');
	is($client->sqlstate($reset), '00000', $reset);
	my $made = $client->value('SELECT session_create($1, $2)', 'erna', '{}');
	$client->value(q{SELECT session_patch($1, '{"r": 1}')}, $made);
	$client->value('SELECT session_rotate($1)', $made);
	is($client->value(q{SELECT session_get('old')}), '{"a": 1}', 'and calls after it');
}
is($client->value('SELECT count(*) FROM session_list($1)', 'erna'), 3, 'limits hold all the while');

done_testing();
