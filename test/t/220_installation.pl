#
# Where the extension is installed, what stands there already, and what becomes
# of connections when it is moved, removed or handed over.
#
use strict;
use warnings;

use PostgreSQL::Test::Utils;
use Test::More;

use CovetTest;
use CovetWire;

my $node = covet_node('installation', extension => 0, conf => 'covet_sessions.audit = all');
my $admin = CovetWire->new($node);
my $installed = 'SELECT count(*) FROM pg_extension WHERE extname = $$covet_sessions$$';

sub is_error
{
	my ($result, $code, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;

	return is($result->{error} ? $result->{error}{C} : '00000', $code, $name);
}

# ---- objects that somebody put there before ----

$admin->value($_) for 'CREATE ROLE mallory LOGIN', 'CREATE ROLE app LOGIN',
  'CREATE SCHEMA store', 'GRANT CREATE, USAGE ON SCHEMA store TO mallory';
my $mallory = CovetWire->new($node, user => 'mallory');
$mallory->query('CREATE TABLE store.caught (name text); GRANT INSERT ON store.caught TO PUBLIC');

my @objects = (
	[ 'TABLE store.sessions', '(id varchar(255), data jsonb)', '42P07' ],
	[ 'TABLE store.session_events', '()', '42P07' ],
	[ 'TABLE store.session_creations', '()', '42P07' ],
	[ 'TABLE store.idx_sessions_sweep_at', '()', '42P07' ],
	[ 'VIEW store.session_stats', 'AS SELECT 1 AS gets', '42P07' ],
	[ 'SEQUENCE store.session_events', '', '42P07' ],
	[ 'TYPE store.sessions', q{AS ENUM ('x')}, '42710' ],
	[ 'FUNCTION store.session_get(id text)', q{RETURNS jsonb LANGUAGE sql AS 'SELECT NULL::jsonb'}, '42723' ],
	[ 'FUNCTION store.session_stats()', q{RETURNS text LANGUAGE sql AS 'SELECT NULL::text'}, '42723' ],
	[ 'FUNCTION store.session_grant(role regrole, operator boolean)',
		q{RETURNS void LANGUAGE sql AS 'SELECT'}, '42723' ]);
for my $object (@objects)
{
	my ($name, $definition, $code) = @{$object};

	$mallory->value("CREATE $name $definition");
	is_error($admin->query('CREATE EXTENSION covet_sessions SCHEMA store'),
		$code, "$name stops the installation");
	is($admin->value($installed), 0, 'and nothing is installed');
	is($admin->value(q{SELECT count(*) FROM pg_depend WHERE deptype = 'e'
			AND refobjid NOT IN (SELECT oid FROM pg_extension)}),
		0, 'or taken over');
	is_error($mallory->query("DROP $name"), '00000', 'it still belongs to whom it belonged');
}

# Better matches for what the script uses.
$mallory->value("CREATE FUNCTION store.$_ LANGUAGE plpgsql AS 'BEGIN"
	. " INSERT INTO store.caught VALUES (current_user); RETURN NULL; END'")
  for 'differs(varchar, text) RETURNS boolean', 'differs(varchar, varchar) RETURNS boolean',
  'greater(integer, integer) RETURNS boolean',
  'pg_extension_config_dump(text, text) RETURNS text',
  'session_installed(text) RETURNS text', 'session_stats(text) RETURNS text';
$mallory->value("CREATE OPERATOR store.$_")
  for '<> (FUNCTION = store.differs, LEFTARG = varchar, RIGHTARG = text)',
  '<> (FUNCTION = store.differs, LEFTARG = varchar, RIGHTARG = varchar)',
  '> (FUNCTION = store.greater, LEFTARG = integer, RIGHTARG = integer)';
is_error($admin->query('CREATE EXTENSION covet_sessions SCHEMA store'),
	'00000', 'traps do not stop the installation');
is($admin->value(q{SELECT store.session_create('alice', '{}') IS NOT NULL}), 't', 'it works');
is($admin->value('SELECT count(*) FROM store.caught'), 0, 'and nothing fell into them');
is($admin->value(q{SELECT count(*) FROM pg_constraint c JOIN pg_depend d ON d.objid = c.oid
		WHERE d.refclassid = 'pg_operator'::regclass AND c.conrelid = 'store.sessions'::regclass}),
	0, 'or is part of the tables');
is_error($mallory->query('DROP OPERATOR store.> (integer, integer), store.<> (varchar, text)'),
	'00000', 'nothing depends on them');
is($admin->value(q{SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
		WHERE nspname = 'store' AND relname ~ '^(idx_)?session' AND relowner = 'mallory'::regrole}),
	0, 'nothing belongs to somebody else');
$admin->query('DROP EXTENSION covet_sessions; DROP SCHEMA store CASCADE');

# ---- a schema with an odd name ----

my $odd = '"Odd, %s @ schéma"';
$admin->query("CREATE SCHEMA $odd; CREATE EXTENSION covet_sessions SCHEMA $odd");
$admin->value("SELECT $odd.session_grant('app', operator => true)");
my $app = CovetWire->new($node, user => 'app');
$app->value(q{SET search_path = ''});

# The verbs in a schema, and what is wrong with them.
sub try
{
	my ($connection, $schema) = @_;
	my @wrong;

	for my $call (
		q{session_set('round', '{}', 'alice')}, q{session_touch('round') = '{}'},
		q{session_patch('round', '{"a": 1}') = 2}, q{session_rotate('round') IS NOT NULL},
		q{session_get('round') IS NULL}, q{session_revoke_user('alice') >= 1},
		q{session_cleanup() >= 0})
	{
		my $result = $connection->query("SELECT $schema.$call");
		my $got = $result->{error} ? $result->{error}{M} : $result->{rows}[0][0] // 'null';

		push @wrong, "$call: $got" if $got ne 't';
	}
	$connection->query("TABLE $schema.session_stats")->{error} and push @wrong, 'session_stats';
	$admin->value("TRUNCATE $schema.sessions");
	return join "\n", @wrong;
}

is(try($app, $odd), '', 'a schema with an odd name, and an empty search path');
is($app->value("SELECT count(*) FROM $odd.session_health()") > 3, 1, 'health');
$admin->value("SELECT $odd.session_revoke_grant('app')");
is_error($app->query("SELECT $odd.session_get('x')"), '42501', 'a grant is revoked');
$admin->value("SELECT $odd.session_grant('app', operator => true)");

# ---- renamed ----

for my $name ('first', '"Second one"', '"SELECT"', 'sessions')
{
	$admin->value("ALTER SCHEMA $odd RENAME TO $name");
	is(try($app, $name), '', "renamed to $name under a connection");
	is_error($app->query("SELECT $odd.session_get('x')"), '3F000', 'the old name is gone');
	$odd = $name;
}

# In the midst of a transaction, which goes on, and of one that is undone.
$app->query('BEGIN');
my $token = $app->value(q{SELECT sessions.session_create('alice', '{"kept": true}')});
$admin->value('ALTER SCHEMA sessions RENAME TO renamed');
is($app->value('SELECT renamed.session_get($1)', $token), '{"kept": true}', 'renamed during a transaction');
$app->query('COMMIT');
$admin->query('BEGIN');
$admin->value('ALTER SCHEMA renamed RENAME TO undone');
is($admin->value('SELECT undone.session_get($1)', $token), '{"kept": true}', 'renamed in the same transaction');
$admin->query('ROLLBACK');
is($admin->value('SELECT renamed.session_get($1)', $token), '{"kept": true}', 'and undone');

# ---- removed and installed again ----

$admin->query('CREATE SCHEMA other');
$admin->query('BEGIN; DROP EXTENSION covet_sessions; CREATE EXTENSION covet_sessions SCHEMA other');
is($admin->value('SELECT other.session_get($1)', $token), undef, 'installed elsewhere, it has no sessions');
my $elsewhere = $admin->value(q{SELECT other.session_create('alice', '{}')});
is($admin->value('SELECT other.session_get($1)', $elsewhere), '{}', 'but takes new ones');
$admin->query('ROLLBACK');
is($admin->value('SELECT renamed.session_get($1)', $token), '{"kept": true}', 'undone, it has the old ones');

$admin->query('BEGIN; SAVEPOINT before; DROP EXTENSION covet_sessions');
is_error($admin->query('SELECT renamed.session_get($1)', $token), '42883', 'dropped');
$admin->query('ROLLBACK TO before');
is($admin->value('SELECT renamed.session_get($1)', $token), '{"kept": true}', 'and not dropped after all');
$admin->query('COMMIT');

$admin->query('DROP EXTENSION covet_sessions; CREATE EXTENSION covet_sessions SCHEMA other');
$admin->query(q{SELECT other.session_grant('app', operator => true)});
is(try($app, 'other'), '', 'another connection uses the new one');
is(try($admin, 'other'), '', 'and so does this');
$admin->query('DROP EXTENSION covet_sessions; CREATE EXTENSION covet_sessions SCHEMA other');
$admin->query(q{SELECT other.session_grant('app', operator => true)});
is(try($app, 'other'), '', 'also where it was before');

# ---- removed while others use it ----

my $holder = CovetWire->new($node);
my $dropper = CovetWire->new($node);

sub wait_for_lock
{
	my ($connection) = @_;

	$node->poll_query_until('postgres',
		'SELECT count(*) FROM pg_locks WHERE NOT granted AND pid = ' . $connection->pid, 1)
	  or die 'nobody waits';
	return;
}

$token = $app->value(q{SELECT other.session_create('alice', '{}')});
$holder->query('BEGIN');
$holder->value(q{SELECT other.session_patch($1, '{"a": 1}')}, $token);
$app->send(q{SELECT other.session_patch($1, '{"b": 2}')}, $token);
wait_for_lock($app);
$dropper->send('DROP EXTENSION covet_sessions');
wait_for_lock($dropper);
$holder->query('COMMIT');
is_error($app->finish, '00000', 'a call that waits for a row is served');
is_error($dropper->finish, '00000', 'then the extension is dropped');
is_error($app->query('SELECT other.session_get($1)', $token), '42883', 'then there is nothing to call');

for my $end ('ROLLBACK', 'COMMIT')
{
	$admin->query('CREATE EXTENSION IF NOT EXISTS covet_sessions SCHEMA other');
	$admin->query(q{SELECT other.session_grant('app', operator => true)});
	$token = $app->value(q{SELECT other.session_create('alice', '{}')});
	for my $sql ('SELECT other.session_get($1)', q{SELECT other.session_patch($1, '{}')})
	{
		$dropper->query('BEGIN; DROP EXTENSION covet_sessions');
		$app->send($sql, $token);
		wait_for_lock($app);
		$dropper->query($end);
		my $result = $app->finish;
		my $code = $result->{error} ? $result->{error}{C} : '00000';

		like($code, $end eq 'COMMIT' ? qr/^(42|55)/ : qr/^00000/, "$sql waits for a DROP and its $end");
		last if $end eq 'COMMIT';
	}
}
is($app->value('SELECT current_user'), 'app', 'the connection is well');

# ---- handed over ----

$admin->query(<<'END');
	CREATE ROLE boss SUPERUSER;
	CREATE ROLE keeper;
	GRANT USAGE, CREATE ON SCHEMA other TO keeper;
	SET ROLE boss;
	CREATE EXTENSION covet_sessions SCHEMA other;
	RESET ROLE;
	SET ROLE boss;
	SELECT other.session_grant('app', operator => true);
	RESET ROLE;
END
is(try($app, 'other'), '', 'the extension of another superuser');
$admin->query('REASSIGN OWNED BY boss TO keeper; DROP OWNED BY boss; DROP ROLE boss');
is($admin->value('SELECT count(*) FROM pg_roles WHERE rolname = $1', 'boss'), 0, 'who hands it over and goes');
is(try($app, 'other'), '', 'works on for connections that knew the old owner');
$app->close;
is(try(CovetWire->new($node, user => 'app'), 'other'), '', 'and for new ones');

done_testing();
