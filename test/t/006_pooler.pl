# Behind a pooler that gives out connections by the transaction: many clients,
# few connections, one after the other.

use strict;
use warnings;

use IPC::Run;
use PostgreSQL::Test::Utils;
use Test::More;
use CovetTest;

plan skip_all => 'pgbouncer is not installed'
  unless grep { -x "$_/pgbouncer" } split /:/, $ENV{PATH};

my $node = covet_node('main');
$node->safe_psql('postgres', <<~END);
	CREATE ROLE app LOGIN;
	CREATE ROLE strict_app LOGIN;
	SELECT session_grant(r) FROM unnest('{app, strict_app}'::regrole[]) r;
	ALTER ROLE strict_app SET covet_sessions.strict_ids = on;
	ALTER ROLE strict_app SET covet_sessions.idle_timeout = 99;
	END

# ---- one server connection per user and database ----

my $directory = PostgreSQL::Test::Utils::tempdir_short();
my $port = PostgreSQL::Test::Cluster::get_free_port();
append_to_file("$directory/users", qq("app" ""\n"strict_app" ""\n"));
append_to_file("$directory/pgbouncer.ini", <<~END);
	[databases]
	postgres = host=@{[$node->host]} port=@{[$node->port]}
	[pgbouncer]
	listen_addr =
	unix_socket_dir = $directory
	listen_port = $port
	auth_type = trust
	auth_file = $directory/users
	pool_mode = transaction
	default_pool_size = 1
	logfile = $directory/log
	pidfile = $directory/pid
	END
my $pooler =
  IPC::Run::start([ 'pgbouncer', '-q', "$directory/pgbouncer.ini" ], '<',
	\undef, '>', '/dev/null', '2>', '/dev/null');
END
{
	local $?;    # the exit status of the test
	$pooler->kill_kill if $pooler;
}

sub connstr
{
	my ($user) = @_;
	return "host=$directory port=$port dbname=postgres user=$user";
}

sub ask
{
	my ($query, $user) = @_;
	return $node->safe_psql('postgres', $query,
		connstr => connstr($user // 'app'));
}

wait_until('the pooler is up', sub { -S "$directory/.s.PGSQL.$port" });

# ---- every verb ----

my $token = ask("SELECT session_create('alice', '{\"n\": 1}', 600, '192.0.2.1', 'Firefox')");
my $backend = ask('SELECT pg_backend_pid()');
is(ask("SELECT session_$_->>'n'"), 1, "session_$_")
  for "get('$token')", "touch('$token')", "verify('$token', '192.0.2.1', 'Firefox')";
is(ask("SELECT session_set('$token', '{\"n\": 2}')"), 't', 'session_set');
is(ask("SELECT session_update('$token', '{\"n\": 3}', 2)"), 3, 'session_update');
is(ask("SELECT session_patch('$token', '{\"m\": 4}')"), 4, 'session_patch');
$token = ask("SELECT session_rotate('$token')");
is(ask("SELECT data FROM session_info('$token')"),
	'{"m": 4, "n": 3}', 'session_rotate and session_info');
is(ask("SELECT id FROM session_list('alice')"), handle($token), 'session_list');
is(ask("SELECT session_expire('$token', 60)"), 't', 'session_expire');
is(ask("SELECT session_revoke('$token')"), 't', 'session_revoke');
is(ask("SELECT session_delete('$token')"), 'f', 'session_delete');
is(ask('SELECT pg_backend_pid()'), $backend, 'all over one connection');

# ---- two clients share the connection and disturb each other in nothing ----

my @clients = map {
	$node->background_psql(
		'postgres',
		on_error_stop => 0,
		extra_params => [ '-d', connstr('app') ])
} 1, 2;
my @tokens = map { token("client $_") } 1, 2;
for my $round (1 .. 5)
{
	for my $n (0, 1)
	{
		# What one client does to the connection's state is undone or local.
		$clients[$n]->query_safe(<<~END);
			BEGIN;
			SET LOCAL search_path = pg_temp;
			SET LOCAL enable_indexscan = off;
			SELECT public.session_set('$tokens[$n]', '{"client": $n, "round": $round}');
			COMMIT;
			END
	}
	for my $n (0, 1)
	{
		is( $clients[$n]->query_safe("SELECT session_touch('$tokens[$n]')"),
			qq({"round": $round, "client": $n}),
			"round $round, client $n");
	}
}
is( $clients[0]->query_safe('SELECT pg_backend_pid()'),
	$clients[1]->query_safe('SELECT pg_backend_pid()'),
	'they share a connection');

# An error in a transaction of one leaves nothing to the other.
$clients[0]->query("BEGIN; SELECT session_set('$tokens[0]', 'no JSON'); ROLLBACK");
is( $clients[1]->query("SELECT session_get('$tokens[0]')->>'round'"),
	5, 'an error leaves the connection usable');
$_->quit for @clients;

# ---- settings of a role ----

is( ask("SELECT session_setting('strict_ids'), session_setting('idle_timeout')"),
	'off|3600', 'a role without settings has the defaults');
is( ask("SELECT session_setting('strict_ids'), session_setting('idle_timeout')",
		'strict_app'),
	'on|99',
	'a role with settings has them');
is(ask("SELECT session_set('brand-new', '{}')", 'strict_app'),
	'f', 'and they hold');
is(ask("SELECT session_set('brand-new', '{}')"), 't', 'for that role alone');

done_testing();
