# What is done to databases, while a worker is busy there: nobody has to wait
# for it, and the sweep goes on elsewhere.

use strict;
use warnings;

use PostgreSQL::Test::Utils;
use Test::More;
use CovetTest;

my $patience = 5;    # seconds; what DROP DATABASE allows others to leave
my $backlog = 50_000;

my $node = covet_node('main', conf => <<~END);
	autovacuum = off
	max_wal_size = 4GB
	covet_sessions.cleanup_batch = 10
	END

my $sessions = 'SELECT count(*) FROM sessions';

# A database whose worker is busy and will be for long.
sub busy_database
{
	my ($name, $schema) = @_;

	$schema //= 'public';
	$node->safe_psql('postgres', "CREATE DATABASE $name");
	$node->safe_psql($name, "CREATE SCHEMA IF NOT EXISTS $schema; CREATE EXTENSION covet_sessions SCHEMA $schema");
	make_busy($name, $schema);
	return;
}

sub make_busy
{
	my ($name, $schema) = @_;

	add_expired($node, $name, $backlog, $schema);
	wait_for($node, 'postgres', <<~END, 't', "a worker is busy in $name");
		SELECT count(*) > 0 FROM pg_stat_activity
		WHERE backend_type = 'covet_sessions worker' AND datname = '$name'
			AND query ~ '[1-9]\\d* rows'
		END
	return;
}

# Runs a command against a busy database.
sub goes_through
{
	my ($database, $command) = @_;
	my ($status, $output, $errors);
	local $Test::Builder::Level = $Test::Builder::Level + 1;

	my $seconds = seconds_for(
		sub {
			($status, $output, $errors) = $node->psql($database, $command);
		});
	is("$status $errors", '0 ', $command);
	cmp_ok($seconds, '<', $patience, '... at once');
	return;
}

# The worker leaves, and the launcher goes on with others.
sub others_are_swept
{
	local $Test::Builder::Level = $Test::Builder::Level + 1;

	add_expired($node, 'postgres', 20);
	wait_for($node, 'postgres', $sessions, 0, '... and others are swept');
	return;
}

# ---- a database that is not to be touched ----

my $log = log_size($node);
$node->safe_psql('postgres', 'CREATE DATABASE closed');
$node->safe_psql('closed', 'CREATE EXTENSION covet_sessions');
my $client = $node->background_psql('closed');
$client->query_safe("SELECT session_get('x')");

# It becomes due, and is closed, while the launcher waits for the worker that it
# sent to another database before.
make_busy('postgres', 'public');
add_expired($node, 'closed', 20);
$node->safe_psql('postgres',
	'ALTER DATABASE closed ALLOW_CONNECTIONS false');
$node->safe_psql('postgres', 'TRUNCATE sessions');
others_are_swept();
others_are_swept();
unlike(log_since($node, $log), qr/FATAL|ERROR/,
	'a database that takes no connections is left alone');
$node->safe_psql('postgres', 'CREATE DATABASE heir');
$node->safe_psql('heir', 'CREATE EXTENSION covet_sessions');
$client->query_safe("SELECT session_get('x')");
$client->quit;
is($node->safe_psql('heir', 'SELECT gets FROM session_stats'),
	0, 'a connection that it still has counts for no other');
$node->safe_psql('postgres', 'ALTER DATABASE closed ALLOW_CONNECTIONS true');
wait_for($node, 'closed',
	"SELECT count(*) FROM sessions WHERE user_id = 'gone'", 0,
	'and swept when it takes them again');

# ---- the database as a whole ----

busy_database('one');
goes_through('postgres', 'DROP DATABASE one');
others_are_swept();

busy_database('two');
goes_through('postgres', 'ALTER DATABASE two RENAME TO zwei');
others_are_swept();
make_busy('zwei');

goes_through('postgres', 'CREATE DATABASE copy TEMPLATE zwei');
goes_through('postgres', 'CREATE DATABASE files TEMPLATE zwei STRATEGY file_copy');
my $copied = $node->safe_psql('copy', $sessions);
cmp_ok($copied, '>', 1000, 'the copy has the backlog');
# One database after the other has its turn.
$node->safe_psql($_, 'TRUNCATE sessions') for qw(zwei files);
wait_for($node, 'copy', "SELECT count(*) < $copied FROM sessions",
	't', 'and is swept too');
goes_through('postgres', 'DROP DATABASE copy WITH (FORCE)');

make_busy('zwei');
my $place = $node->basedir . '/place';
mkdir $place or die;
$node->safe_psql('postgres', "CREATE TABLESPACE elsewhere LOCATION '$place'");
goes_through('postgres', 'ALTER DATABASE zwei SET TABLESPACE elsewhere');
others_are_swept();
make_busy('zwei');

# ---- the extension ----

goes_through('zwei', 'DROP EXTENSION covet_sessions');
others_are_swept();
$node->safe_psql('zwei', 'CREATE SCHEMA "My Schema"');
goes_through('zwei',
	'CREATE EXTENSION covet_sessions SCHEMA "My Schema"');
make_busy('zwei', '"My Schema"');
goes_through('zwei', 'ALTER SCHEMA "My Schema" RENAME TO mine');
$node->safe_psql('zwei',
	'ALTER DATABASE zwei SET covet_sessions.cleanup_batch = 10000');
wait_for($node, 'zwei', 'SELECT count(*) FROM mine.sessions', 0,
	'it is swept wherever its tables are');
goes_through('zwei', <<~END);
	BEGIN;
	DROP EXTENSION covet_sessions;
	CREATE EXTENSION covet_sessions SCHEMA public;
	COMMIT
	END
add_expired($node, 'zwei', 20);
wait_for($node, 'zwei', 'SELECT count(*) FROM public.sessions', 0,
	'a new extension in place of another is swept');
$node->safe_psql('zwei', 'ALTER DATABASE zwei RESET covet_sessions.cleanup_batch');

# ---- maintenance of the tables ----

make_busy('zwei');
goes_through('zwei', 'VACUUM FULL sessions');
make_busy('zwei');
goes_through('zwei', 'REINDEX TABLE CONCURRENTLY sessions');
goes_through('zwei', 'ALTER TABLE sessions ADD COLUMN note text');
goes_through('zwei', 'TRUNCATE sessions');
add_expired($node, 'zwei', 20);
wait_for($node, 'zwei', $sessions, 0, 'the sweep outlives all that');

# ---- an open transaction that holds a database must not stop all others ----

my $holder = $node->background_psql('postgres');
add_expired($node, 'zwei', 20);
$holder->query_safe('BEGIN; ALTER DATABASE zwei RENAME TO held');
others_are_swept();
others_are_swept();
$holder->query_safe('ROLLBACK');
$holder->quit;
wait_for($node, 'zwei', $sessions, 0, 'it is swept once it is free');

# ---- more databases than there are slots for statistics ----

my @many = map { "many$_" } 1 .. 70;
$node->psql('postgres', join '', map { "CREATE DATABASE $_ STRATEGY wal_log;\n" } @many);
$node->safe_psql($many[-1], 'CREATE EXTENSION covet_sessions');
add_expired($node, $many[-1], 20);
wait_for($node, $many[-1], $sessions, 0,
	'databases without the extension take nobody\'s place');
cmp_ok($node->safe_psql($many[-1], 'SELECT swept FROM session_stats'),
	'>=', 20, 'nor his counters');

done_testing();
