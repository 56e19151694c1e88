# A transaction that has recorded uses and done nothing else commits without
# waiting for the disk, and only such a transaction does.
#
# The server writes its log for nobody but those who wait for it: the process that
# writes it in the background is stopped.  When it is killed, the server ends all
# other processes, forgets its memory and recovers from the log.  Then what did not
# wait is gone, and what did wait is there.

use strict;
use warnings;

use PostgreSQL::Test::Utils;
use Test::More;
use CovetTest;
use CovetWire;

my $pg_config = $ENV{PG_CONFIG} // 'pg_config';
my $late_writer = PostgreSQL::Test::Utils::tempdir() . '/late_writer.so';
my ($source) = __FILE__ =~ /(.*)007_commit\.pl$/;
chomp(my $includes = `$pg_config --includedir-server`);
is(system('cc', '-shared', '-fPIC', "-I$includes", '-o', $late_writer, "${source}late_writer.c"),
	0, 'the library that writes late is built');

my $node = covet_node('main', start => 0, conf => <<~END);
	shared_preload_libraries = '$late_writer, covet_sessions'
	restart_after_crash = on
	synchronous_commit = on
	wal_writer_delay = 10s
	bgwriter_lru_maxpages = 0
	checkpoint_timeout = 1h
	autovacuum = off
	max_prepared_transactions = 5
	wal_level = replica
	max_wal_senders = 5
	covet_sessions.cleanup_enabled = off
	covet_sessions.touch_interval = 0
	END
$node->start;
$node->safe_psql('postgres', <<~'END');
	CREATE EXTENSION covet_sessions;
	CREATE TABLE other (name text PRIMARY KEY);
	CREATE TABLE late (at timestamptz DEFAULT now());
	CREATE UNLOGGED TABLE forgotten (name text);
	CREATE TABLE deferred (name text);
	CREATE SEQUENCE counter;
	CREATE FUNCTION write_other() RETURNS trigger LANGUAGE plpgsql AS
	$$BEGIN INSERT INTO public.other VALUES (TG_ARGV[0]); RETURN NULL; END$$;
	CREATE FUNCTION note_other(text) RETURNS boolean LANGUAGE plpgsql AS
	$$BEGIN INSERT INTO public.other VALUES ($1) ON CONFLICT DO NOTHING; RETURN true; END$$;
	CREATE FUNCTION note_immutably(text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS
	$$BEGIN PERFORM public.note_other($1); RETURN true; END$$;
	CREATE DOMAIN noted AS timestamptz CHECK (note_immutably(left('a domain', length(VALUE::text))));
	CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON forgotten
	DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION write_other('deferred trigger');
	CREATE TABLE basket (session varchar(255) COLLATE "C" REFERENCES sessions (id)
		ON UPDATE CASCADE ON DELETE CASCADE);
	END

my $client;
my $token;
my $writer;    # the process id of the one that writes the log
my $n = 0;

# Connects, with a new session, when nothing is left to be written to disk.
sub begin_case
{
	$node->safe_psql('postgres', 'VACUUM; CHECKPOINT');
	$client = CovetWire->new($node);
	$token = token('case ' . ++$n);
	$client->value("SELECT session_set('$token', '{}')");
	$node->poll_query_until('postgres', <<~'END') or die 'the log is still being written';
		SELECT wait_event = 'WalWriterMain' FROM pg_stat_activity WHERE backend_type = 'walwriter'
		END
	$writer = $client->value(
		q{SELECT pid FROM pg_stat_activity WHERE backend_type = 'walwriter'});
	kill 'STOP', $writer;
	return;
}

# Kills the server as a crash does, and waits until it has recovered.
sub crash
{
	kill 'KILL', $writer;
	1 while defined $client->finish->{status};    # until the connection is cut
	$node->poll_query_until('postgres', 'SELECT 1', 1) or die 'the server does not recover';
	return;
}

# Is the use there that a case recorded?
my $used = "SELECT last_accessed_at > created_at FROM session_info('%s')";

# Plays statements, kills the server and returns what is found then.  "T" in
# statements stands for the session's token.
sub after_crash
{
	my ($statements, $query) = @_;

	begin_case();
	for my $statement (ref $statements ? @{$statements} : $statements)
	{
		my $result = $client->query($statement =~ s/\bT\b/'$token'/gr);
		die "$statement: $result->{error}{M}" if $result->{error};
	}
	crash();
	return $node->safe_psql('postgres', $query // sprintf($used, $token));
}

my $touch = 'SELECT session_touch(T)';

# ---- what is not waited for ----

is(after_crash($touch), 'f', 'a use waits for no disk');
is(after_crash("SELECT session_verify(T, '192.0.2.1', 'browser')"), 'f', 'nor does one that is verified');
is(after_crash([ 'BEGIN', 'SELECT session_get(T)', $touch, 'SELECT * FROM other', $touch, 'COMMIT' ]),
	'f', 'nor do several, with reading between them');
is(after_crash([ 'BEGIN', 'SAVEPOINT a', $touch, 'RELEASE a', 'COMMIT' ]),
	'f', 'nor one below a savepoint');
is(after_crash([ 'BEGIN ISOLATION LEVEL SERIALIZABLE', $touch, 'COMMIT' ]),
	'f', 'nor one in a serializable transaction');
is(after_crash([ 'BEGIN', $touch, q{INSERT INTO basket SELECT session_digest(T)}, 'ROLLBACK', $touch ]),
	'f', 'nor one after a transaction that was given up');
is( after_crash(
		[ 'CREATE TEMP TABLE mine (n integer)', 'BEGIN', $touch, 'INSERT INTO mine VALUES (1)',
			'NOTIFY used', 'COMMIT' ]),
	'f', 'nor one with what a crash ends anyway');
is(after_crash([ 'SET synchronous_commit = remote_apply', $touch ]),
	'f', 'nor one under a stricter setting');

# ---- what is waited for ----

is(after_crash([ 'ALTER SYSTEM SET covet_sessions.touch_async_commit = off',
		'SELECT pg_reload_conf()', 'SET covet_sessions.touch_async_commit = off', $touch ]),
	't', 'a use is waited for where the administrator wants it');
$node->safe_psql('postgres', 'ALTER SYSTEM RESET ALL');
$node->reload;

my $insert = q{INSERT INTO other VALUES ('%s')};
my $do_insert = q{DO $$BEGIN INSERT INTO other VALUES ('%s'); EXCEPTION WHEN division_by_zero THEN NULL; END$$};
my %writes = (
	'a write after a use' => [ 'BEGIN', $touch, $insert, 'COMMIT' ],
	'a write before a use' => [ 'BEGIN', $insert, $touch, 'COMMIT' ],
	'a write between uses' => [ 'BEGIN', $touch, $insert, $touch, 'COMMIT' ],
	'a write in the statement of a use' =>
	  [q{WITH used AS (SELECT session_touch(T) AS data) INSERT INTO other SELECT '%s' FROM used}],
	'a write in the same query string' => ["$touch; $insert"],
	'a write below a savepoint' => [ 'BEGIN', $touch, 'SAVEPOINT a', $insert, 'RELEASE a', 'COMMIT' ],
	'a write beside uses that were undone' =>
	  [ 'BEGIN', 'SAVEPOINT a', $touch, 'ROLLBACK TO a', $insert, 'COMMIT' ],
	'a write between uses that were undone' =>
	  [ 'BEGIN', $touch, $insert, 'SAVEPOINT a', $touch, 'ROLLBACK TO a', 'COMMIT' ],
	'a write in a block with an exception' => [ 'BEGIN', $touch, $do_insert, 'COMMIT' ],
	'a write in the next transaction' => [ 'BEGIN', $touch, 'COMMIT AND CHAIN', $insert, 'COMMIT' ],
	'a write after a transaction of uses' => [ $touch, $insert ],
	'a write by a procedure that commits' => [ q{DO $$BEGIN PERFORM session_touch(T); COMMIT; } . $insert . q{; END$$} ],
	'a write of other data' => [ 'BEGIN', $touch, q{SELECT session_set('%s', '{}')}, 'COMMIT' ],
);
for my $name (sort keys %writes)
{
	my $number = $n + 1;
	my @statements = map { s/%s/$number/r } @{ $writes{$name} };

	is( after_crash(\@statements,
			"SELECT (SELECT count(*) FROM other WHERE name = '$number') +
				(session_get('$number') IS NOT NULL)::int"),
		1, "$name is waited for");
}
is(after_crash([ 'BEGIN', $touch, q{SELECT session_set(T, '{"a": 1}')}, 'COMMIT' ],
		q{SELECT count(*) FROM sessions WHERE data = '{"a": 1}'}),
	1, 'a write of the same session is waited for');
is(after_crash([ 'BEGIN', $touch, q{SELECT nextval('counter')}, 'COMMIT' ],
		q{SELECT nextval('counter') > 1}),
	't', 'a sequence is');
is(after_crash([ 'BEGIN', $touch, 'SELECT lo_create(4711)', 'COMMIT' ],
		'SELECT count(*) FROM pg_largeobject_metadata'),
	1, 'a large object is');
is(after_crash([ 'BEGIN', $touch, q{CREATE TABLE made AS SELECT 1}, 'COMMIT' ],
		q{SELECT to_regclass('made')}),
	'made', 'a table is');
is(after_crash([ 'BEGIN', $touch, q{INSERT INTO forgotten VALUES ('x')}, 'COMMIT' ],
		q{SELECT count(*) FROM other WHERE name = 'deferred trigger'}),
	1, 'what a deferred trigger writes at the commit is');
is(after_crash([ 'BEGIN', $touch, q{SELECT pg_logical_emit_message(true, 'test', 'text')}, 'COMMIT' ]),
	't', 'a message to logical decoding is');

# What the use itself causes elsewhere.
for my $cause (
	[ 'a trigger', q{CREATE TRIGGER t AFTER UPDATE ON sessions FOR EACH ROW EXECUTE FUNCTION write_other('a trigger')},
		'DROP TRIGGER t ON sessions' ],
	[ 'a rule', q{CREATE RULE r AS ON UPDATE TO sessions DO ALSO INSERT INTO other VALUES ('a rule')},
		'DROP RULE r ON sessions' ],
	[ 'a constraint', q{ALTER TABLE sessions ADD CONSTRAINT c CHECK (note_other('a constraint')) NOT VALID},
		'ALTER TABLE sessions DROP CONSTRAINT c' ],
	[ 'a constraint that is called immutable',
		q{ALTER TABLE sessions ADD CONSTRAINT c CHECK (note_immutably('a constraint that is called immutable')) NOT VALID},
		'ALTER TABLE sessions DROP CONSTRAINT c' ],
	[ 'an index', q{CREATE INDEX i ON sessions (last_accessed_at, (note_immutably(left('an index', length(id)))))},
		'DROP INDEX i' ],
	[ 'a domain', q{CREATE INDEX i ON sessions ((last_accessed_at::noted))}, 'DROP INDEX i' ],
	[ 'a trigger of a child table', q{CREATE TABLE child () INHERITS (sessions);
		INSERT INTO child SELECT * FROM ONLY sessions; DELETE FROM ONLY sessions; CREATE TRIGGER t AFTER UPDATE ON child
		FOR EACH ROW EXECUTE FUNCTION write_other('a trigger of a child table')},
		'DROP TABLE child' ])
{
	my ($name, $create, $drop) = @{$cause};

	# The session is there before, and the connection knows the table as it was.
	is(after_crash([ $touch, $create, 'DELETE FROM other', $touch ],
			"SELECT count(*) FROM other WHERE name = '$name'"),
		1, "$name writes: it is waited for");
	$node->safe_psql('postgres', $drop);
}
is(after_crash($touch), 'f', 'afterwards a use waits for no disk again');

# ---- two-phase commit ----

is(after_crash([ 'BEGIN', $touch, q{PREPARE TRANSACTION 'use'} ],
		'SELECT gid FROM pg_prepared_xacts'),
	'use', 'a prepared transaction is waited for');
$node->safe_psql('postgres', q{ROLLBACK PREPARED 'use'});
is(after_crash([ 'BEGIN', $touch, q{PREPARE TRANSACTION 'use'}, q{COMMIT PREPARED 'use'} ]),
	't', 'and so is its commit');
is(after_crash([ 'BEGIN', $touch, q{PREPARE TRANSACTION 'use'}, q{INSERT INTO other VALUES ('prepared')} ],
		q{SELECT count(*) FROM other WHERE name = 'prepared'}),
	1, 'and what comes after it');
$node->safe_psql('postgres', q{ROLLBACK PREPARED 'use'});

# ---- what comes after the count ----

is(after_crash([ 'BEGIN', q{SET LOCAL late_writer.act = 'write'}, $touch, 'COMMIT' ],
		'SELECT count(*) FROM late'),
	1, 'what another library writes later is waited for');

begin_case();
$client->query("BEGIN; SET LOCAL late_writer.act = 'fail'; SELECT session_touch('$token')");
is($client->query('COMMIT')->{error}{M}, 'late failure', 'a commit fails late');
is($client->value('SHOW synchronous_commit'), 'on', 'the setting is what it was');
$client->value(q{INSERT INTO other VALUES ('after a failure')});
kill_server($node);
$node->start;
is($node->safe_psql('postgres', q{SELECT count(*) FROM other WHERE name = 'after a failure'}),
	1, 'and has its effect');

# ---- the client's setting ----

begin_case();
for my $value (qw(on off local remote_write))
{
	$client->query("SET synchronous_commit = $value");
	$client->query("BEGIN; SET LOCAL synchronous_commit = remote_apply; SELECT session_touch('$token'); COMMIT");
	is($client->value('SHOW synchronous_commit'), $value, "synchronous_commit = $value stays");
}

# ---- a standby that is waited for ----

$node->append_conf('postgresql.conf', q{synchronous_standby_names = 'nobody'});
$node->reload;
wait_for($node, 'postgres', 'SHOW synchronous_standby_names', 'nobody');
$client->query('SET synchronous_commit = on');
is($client->value("SELECT session_touch('$token')"), '{}', 'a use does not wait for a standby');
for my $write (
	"BEGIN; SELECT session_touch('$token'); INSERT INTO other VALUES ('standby'); COMMIT",
	"BEGIN; SET LOCAL late_writer.act = 'write'; SELECT session_touch('$token'); COMMIT")
{
	my $pid = $client->value('SELECT pg_backend_pid()');

	$client->send($write);
	wait_for($node, 'postgres', "SELECT wait_event FROM pg_stat_activity WHERE pid = $pid",
		'SyncRep', 'another write does');
	$node->safe_psql('postgres', "SELECT pg_cancel_backend($pid)");
	$client->finish;
}

done_testing();
