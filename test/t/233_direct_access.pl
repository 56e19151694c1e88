#
# Rows that are reached directly: what else in the server knows of it.  Logical
# decoding, publications and a crash see what SQL would have written; Citus,
# once installed, is obeyed at once.
#
use strict;
use warnings;

use PostgreSQL::Test::Utils;
use Test::More;

use CovetTest;
use CovetWire;

my $node = covet_node('direct', conf => <<~END);
	wal_level = logical
	covet_sessions.cleanup_enabled = off
	covet_sessions.touch_interval = 0
	covet_sessions.access_path = auto
	END
my $client = CovetWire->new($node);
my $other = CovetWire->new($node);
my $path = q{SELECT detail FROM session_health() WHERE "check" = 'access_path'};
my $direct = 'rows are read and written directly';

$client->query($_) for
  q{SELECT session_set('a', '{"n": 1}', 'alice')},
  q{SELECT session_set('big', '{"text": "' || repeat('0123456789', 20000) || '"}')},
  q{ALTER TABLE sessions ALTER COLUMN data SET STORAGE EXTERNAL},
  q{SELECT session_set('external', '{"text": "' || repeat('0123456789', 20000) || '"}')};

# ---- logical decoding ----

# What a subscriber would get of the calls, without times and transaction ids.
sub decoded
{
	my ($way) = @_;
	my $changes;

	$client->query("SET covet_sessions.access_path = $way");
	$client->value(q{SELECT session_set('a', '{"n": 1}', 'alice')});
	$client->value(q{SELECT pg_create_logical_replication_slot('slot', 'test_decoding')});
	$client->value($_) for
	  q{SELECT session_touch('a')},
	  q{SELECT session_set('a', '{"n": 2}')},
	  q{SELECT session_update('a', '{"n": 3}')},
	  q{SELECT session_patch('a', '{"m": 4}')},
	  q{SELECT length(session_touch('external')::text)};
	$client->query('BEGIN');
	$client->value($_) for
	  q{SELECT session_set('a', '{"n": 5}')},
	  q{SELECT session_touch('a')};
	$client->query('COMMIT');
	$client->query('BEGIN');
	$client->value(q{SELECT session_set('a', '{"n": 6}')});
	$client->query('ROLLBACK');
	$changes = $client->value(q{SELECT string_agg(data, E'\n') FROM pg_logical_slot_get_changes('slot', NULL, NULL)});
	$client->value(q{SELECT pg_drop_replication_slot('slot')});
	$client->query('RESET covet_sessions.access_path');
	$changes =~ s/'\d{4}-\d\d-\d\d [^']*'/TIME/g;
	$changes =~ s/(BEGIN|COMMIT) \d+/$1/g;
	$changes =~ s/version\[bigint\]:\d+/version/g;
	return $changes;
}

my $changes = decoded('auto');
is($changes, decoded('spi'), 'logical decoding shows what SQL would have written');
is(count_matches($changes, qr/^table public.sessions: UPDATE:/m), 7, 'every write');
like($changes, qr/data\[jsonb\]:'\{"n": 2\}'/, 'with its data');
like($changes, qr/data\[jsonb\]:unchanged-toast-datum/, 'or that this is unchanged');
unlike($changes, qr/"n": 6/, 'and nothing that was rolled back');

# ---- publications ----

# Without an identity, the server refuses to update a table that it publishes.
$client->query($_) for 'CREATE PUBLICATION everything FOR ALL TABLES',
  'ALTER TABLE sessions REPLICA IDENTITY NOTHING';
is($client->value($path), $direct, 'a published table');
is($client->sqlstate(q{SELECT session_set('a', '{}')}), '55000', 'is not changed without an identity');
is($client->sqlstate(q{SELECT session_update('a', '{}')}), '55000', 'in no way');
$client->query('ALTER TABLE sessions REPLICA IDENTITY DEFAULT');
is($client->value(q{SELECT session_set('a', '{"n": 7}')}), 't', 'but with one');
$client->query('DROP PUBLICATION everything');

# ---- a crash ----

$client->value(q{SELECT session_set('a', '{"n": 8}')});
$client->value(q{SELECT session_patch('big', '{"n": 9}')});
$node->stop('immediate');
$node->start;
$client = CovetWire->new($node);
$other = CovetWire->new($node);
is($client->value(q{SELECT session_get('a')}), '{"n": 8}', 'what was written directly survives a crash');
is($client->value(q{SELECT length(session_get('big') ->> 'text')}), 200000, 'out of line too');

# ---- Citus ----

# A stand-in has to do: it is known by its name.
SKIP:
{
	my $share = $node->config_data('--sharedir') . '/extension';

	skip "$share is not ours to write to", 1 unless -w $share;
	append_to_file("$share/citus.control", "default_version = '1'\nschema = pg_catalog\nrelocatable = false\n");
	append_to_file("$share/citus--1.sql",
		"CREATE FUNCTION citus_version() RETURNS text LANGUAGE sql AS 'SELECT ''1''';\n");

	my $citus = 'rows are read and written by SQL: the extension citus is installed';

	is($client->value($path), $direct, 'without Citus');
	$client->query('BEGIN');
	$client->query('CREATE EXTENSION citus');
	is($client->value($path), $citus, 'with Citus, in the transaction that installs it');
	is($other->value($path), $direct, 'not in others');
	$client->query('ROLLBACK');
	is($client->value($path), $direct, 'after a rollback');
	$client->query('CREATE EXTENSION citus');
	is($other->value($path), $citus, 'in a connection that has used the direct path');
	is($other->value(q{SELECT session_set('a', '{"n": 9}')}), 't', 'where everything works on');
	$client->query('DROP EXTENSION citus');
	is($other->value($path), $direct, 'and without it again');
	unlink "$share/citus.control", "$share/citus--1.sql";
}

# ---- the extension made anew behind a connection's back ----

$other->value(q{SELECT session_touch('a')});
$client->query('DROP EXTENSION covet_sessions');
is($other->sqlstate(q{SELECT session_touch('a')}), '42883', 'no extension');
$client->query('CREATE EXTENSION covet_sessions');
is($other->value(q{SELECT session_touch('a')}), undef, 'a new one, empty');
is($other->value(q{SELECT session_set('a', '{}') AND session_set('a', '{"n": 1}')}), 't', 'and in use');
is($other->value($path), $direct, 'directly');

# ---- snapshots that do not hold ----

SKIP:
{
	skip 'old_snapshot_threshold has gone', 1 if $node->pg_version >= 17;
	$node->append_conf('postgresql.conf', 'old_snapshot_threshold = 60');
	$node->restart;
	$client = CovetWire->new($node);
	is($client->value($path), 'rows are read directly and written by SQL: old_snapshot_threshold is set',
		'a version may not be kept in its place');
	is($client->value(q{SELECT session_set('a', '{"n": 2}')}), 't', 'so SQL writes');
}

done_testing();
