#
# A call leaves its caller's connection as it was: user, search path, settings,
# however the call ends.
#
use strict;
use warnings;

use PostgreSQL::Test::Utils;
use Test::More;

use CovetTest;
use CovetWire;

my $node = covet_node('state', conf => 'covet_sessions.cleanup_enabled = off');
my $admin = CovetWire->new($node);
$admin->query(<<'END');
	CREATE ROLE app LOGIN;
	CREATE ROLE second;
	GRANT second TO app;
	CREATE SCHEMA own AUTHORIZATION app;
	SELECT session_grant('app', operator => true);
END
my $app = CovetWire->new($node, user => 'app');
$app->value($_) for 'SET search_path = own, public', 'SET enable_seqscan = on', 'SET work_mem = 1234';
$app->query(<<'END');
	CREATE FUNCTION own.state() RETURNS text LANGUAGE plpgsql SET datestyle = 'ISO' AS $$
	DECLARE settings text := (SELECT md5(string_agg(name || setting || source, ' ' ORDER BY name))
		FROM pg_settings WHERE name !~ '^transaction_|^DateStyle');
	BEGIN
		RETURN concat_ws(' ', current_user, session_user, current_setting('search_path'),
			current_setting('enable_seqscan'), settings);
	END $$;
	-- Runs a statement; the state right after it, and how it ended.
	CREATE FUNCTION own.catch(command text) RETURNS text LANGUAGE plpgsql AS $$
	BEGIN
		BEGIN
			EXECUTE command;
		EXCEPTION WHEN OTHERS OR query_canceled THEN
			RETURN sqlstate || ' ' || own.state();
		END;
		RETURN '00000 ' || own.state();
	END $$;
END
my $state = $app->value('SELECT own.state()');
like($state, qr/^app app own, public on /, 'the state');

# May it still do what it may, and nothing else?
sub check_rights
{
	my ($name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;

	is($app->sqlstate('SELECT FROM public.sessions'), '42501', "$name: no rights are left behind");
	return;
}

my $token = token('held');
my %calls = (
	session_create => q{session_create('alice', '{}')},
	session_set => qq{session_set('$token', '{}', 'alice')},
	session_get => qq{session_get('$token')},
	session_touch => qq{session_touch('$token')},
	session_info => qq{session_info('$token')},
	session_verify => qq{session_verify('$token', '192.0.2.1')},
	session_update => qq{session_update('$token', '{}')},
	session_patch => qq{session_patch('$token', '{}')},
	session_rotate => qq{session_rotate('$token')},
	session_expire => qq{session_expire('$token', 60)},
	session_delete => qq{session_delete('$token')},
	session_revoke => qq{session_revoke('$token')},
	session_revoke_handle => qq{session_revoke_handle('alice', session_digest('$token'))},
	session_revoke_user => q{session_revoke_user('alice')},
	session_list => q{session_list('alice')},
	session_cleanup => q{session_cleanup()},
	session_import => qq{session_import('$token', '{}', 'alice')},
	session_setting => q{session_setting('audit')},
	session_stats => q{session_stats()},
	session_health => q{session_health()},
);

# Arguments that make each of them fail.
my %mistakes = (
	session_create => q{session_create('alice', '{}', 0)},
	session_set => q{session_set('x', '{}', ip => 'nowhere')},
	session_verify => q{session_verify('x', 'nowhere')},
	session_update => q{session_update(NULL, '{}')},
	session_patch => q{session_patch('x', '[]')},
	session_rotate => q{session_rotate(NULL)},
	session_expire => q{session_expire('x', -1)},
	session_revoke_handle => q{session_revoke_handle('', 'x')},
	session_revoke_user => q{session_revoke_user('')},
	session_list => q{session_list('')},
	session_cleanup => q{session_cleanup(-1)},
	session_import => q{session_import('', '{}')},
	session_setting => q{session_setting('no such')},
	session_configure => q{session_configure('audit', 'no such')},
);

for my $verb (sort keys %calls)
{
	my $sql = "SELECT $calls{$verb}";

	$app->value("SELECT session_set('$token', '{}', 'alice')");
	$app->query('BEGIN');
	is($app->sqlstate($sql), '00000', $verb);
	is($app->value('SELECT own.state()'), $state, "$verb leaves the state as it was");
	check_rights($verb);
	$app->query('ROLLBACK');

	# What is withheld from the log is withheld no longer than the call lasts.
	is($app->sqlstate("$sql, 1 / (random() * 0)::integer AS after_$verb"), '22012', "an error after $verb");
	like(slurp_file($node->logfile), qr/STATEMENT:  SELECT .* AS after_$verb$/m, 'is logged in full');

	$app->value("SELECT session_set('$token', '{}', 'alice')");
	is($app->value('SELECT own.catch($1)', $sql), "00000 $state", "$verb in a subtransaction");
	is($app->value('SELECT own.state()'), $state, "$verb, and after it");
}

for my $verb (sort keys %mistakes)
{
	my $sql = "SELECT $mistakes{$verb}";

	is($app->sqlstate($sql), '22023', "$verb fails");
	is($app->value('SELECT own.state()'), $state, "$verb fails and leaves the state as it was");
	is($app->value('SELECT own.catch($1)', $sql), "22023 $state", "$verb fails in a subtransaction");

	$app->query('BEGIN; SAVEPOINT before');
	$app->query($sql);
	$app->query('ROLLBACK TO before');
	is($app->value('SELECT own.state()'), $state, "$verb fails after a savepoint");
	check_rights($verb);
	$app->query('ROLLBACK');
}

# Cut off while they wait, with the statement as a whole or inside.
$admin->value(qq{SELECT session_set('$token', '{}', 'alice')});
$admin->query('BEGIN');
$admin->value('SELECT FROM sessions FOR UPDATE');
$admin->value(q{SELECT session_create('alice', '{}')});
my $killer = CovetWire->new($node);
for my $verb (qw(session_set session_update session_patch session_rotate session_expire
	session_delete session_revoke session_revoke_handle session_revoke_user))
{
	for my $sql ("SELECT $calls{$verb}", "SELECT own.catch(\$x\$SELECT $calls{$verb}\$x\$)")
	{
		my $caught = $sql =~ /catch/;

		$app->send($sql);
		$node->poll_query_until('postgres',
			'SELECT count(*) FROM pg_locks WHERE NOT granted AND pid = ' . $app->pid, 1)
		  or die "$verb does not wait";
		$killer->value('SELECT pg_cancel_backend($1)', $app->pid);
		my $result = $app->finish;

		is($caught ? $result->{rows}[0][0] : $result->{error}{C},
			$caught ? "57014 $state" : '57014', "$verb is cancelled" . ($caught ? ' in a subtransaction' : ''));
		is($app->value('SELECT own.state()'), $state, "$verb is cancelled and leaves the state as it was");
		check_rights($verb);
	}
}
$admin->query('ROLLBACK');

# Where the caller is someone else for the moment, he stays so.
$app->value('SET ROLE second');
$admin->query(q{SELECT session_grant('second'); GRANT USAGE ON SCHEMA own TO second});
is($app->value('SELECT session_create($1, $2) IS NOT NULL', 'alice', '{}'), 't', 'a call under SET ROLE');
is($app->value('SELECT current_user'), 'second', 'the role is still set');
$app->value('RESET ROLE');
is($app->value('SELECT current_user'), 'app', 'and can be reset');

# SET LOCAL of the caller survives, a setting of a function's own ends with it.
$app->query(q{BEGIN; SET LOCAL search_path = public; SET LOCAL enable_seqscan = off});
$app->value(q{SELECT session_create('alice', '{}')});
is($app->value(q{SELECT current_setting('search_path') || current_setting('enable_seqscan')}),
	'publicoff', 'SET LOCAL stays');
$app->query('COMMIT');
is($app->value('SELECT own.state()'), $state, 'to the end of the transaction');

# An operator's configuration is for the connection too, and is undone with it.
$app->query('BEGIN');
$app->value(q{SELECT session_configure('idle_timeout', '77')});
is($app->value(q{SELECT session_setting('idle_timeout')}), 77, 'a setting is changed');
$app->query('ROLLBACK');
is($app->value(q{SELECT session_setting('idle_timeout')}), 3600, 'and changed back');
is($app->value('SELECT own.state()'), $state, 'nothing else has changed');

done_testing();
