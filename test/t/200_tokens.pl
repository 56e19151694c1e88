#
# Tokens are stored and logged nowhere: not in tables, write-ahead log, dumps,
# statistics, events or the server's log, whatever goes wrong.
#
use strict;
use warnings;

use File::Find qw(find);
use PostgreSQL::Test::Utils;
use Test::More;

use CovetTest;
use CovetWire;

my $node = covet_node('tokens', conf => <<~END);
	covet_sessions.audit = all
	deadlock_timeout = 100ms
	log_lock_waits = on
	log_min_messages = debug1
	log_error_verbosity = verbose
	log_parameter_max_length = 0
	log_parameter_max_length_on_error = -1
	END
my $client = CovetWire->new($node);
my $other = CovetWire->new($node);

# Every token that is ever seen here.  Those made up begin alike, so that even
# a part of one would be found.
my %tokens;

sub secret
{
	my ($word) = @_;
	my $token = "sEcReT-$word-" . token($word);

	$tokens{$token} = $word;
	return $token;
}

sub note_token
{
	my ($token) = @_;

	$tokens{$token} = 'fresh';
	return $token;
}

# The token as a literal of the statement.
sub with_literal
{
	my ($connection, $sql, $token) = @_;
	return $connection->query($sql =~ s/\$1/'$token'/gr);
}

sub is_error
{
	my ($result, $code, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;

	return is($result->{error} ? $result->{error}{C} : '00000', $code, $name);
}

# ---- all verbs, with bound parameters and with literals ----

my @verbs = (
	q{SELECT session_set($1, '{"n": 1}', 'alice', 3600, '192.0.2.1', 'Mozilla/5.0')},
	q{SELECT session_get($1)},
	q{SELECT session_touch($1)},
	q{SELECT session_verify($1, '192.0.2.1', 'Mozilla/5.0')},
	q{SELECT session_info($1)},
	q{SELECT session_update($1, '{"n": 2}', 1)},
	q{SELECT session_patch($1, '{"m": 3}')},
	q{SELECT session_expire($1, 600)},
	q{SELECT session_digest($1)},
	q{SELECT session_revoke_user('bob', $1)},
	q{SELECT session_revoke($1)},
	q{SELECT session_set($1, '{}')},
	q{SELECT session_delete($1)},
	q{SELECT session_import($1 || '-import', '{}', 'carol')},
	q{SELECT session_delete($1 || '-import')},
	q{SELECT session_cleanup()},
);

for my $n (1 .. 20)
{
	my ($bound, $literal) = (secret("bound$n"), secret("literal$n"));
	my @failed;

	for my $sql (@verbs)
	{
		my @bound = $sql =~ /\$1/ ? ($bound) : ();

		push @failed, $sql if $client->query($sql, @bound)->{error};
		push @failed, $sql if with_literal($client, $sql, $literal)->{error};
	}
	is("@failed", '', "all verbs, round $n");
}

for my $n (1 .. 20)
{
	my $token = note_token($client->value(q{SELECT session_create('dora', '{"k": 1}')}));

	note_token($client->value('SELECT session_rotate($1, $2)', $token, 'erna'));
}
is($client->value(q{SELECT count(*) FROM session_list('erna')}),
	20, 'sessions were created and rotated');
cmp_ok($client->value('SELECT count(*) FROM session_events'),
	'>', 200, 'events were written');

# A kept token shows that what is searched for below would be found.
my $kept = secret('kept');
$client->value('CREATE TABLE mistakes (token text)');
$client->value('INSERT INTO mistakes VALUES ($1)', $kept);

# ---- errors of ours ----

my @mistakes = (
	[ '22P02', q[SELECT session_set($1, '{"broken"')] ],
	[ '22P02', q{SELECT session_set('swapped', $1)} ],
	[ '22023', q{SELECT session_set($1, '{"nul": "\u0000"}')} ],
	[ '22023', q{SELECT session_set($1, '{}', ttl => 0)} ],
	[ '22023', q{SELECT session_set($1, '{}', ip => 'nowhere')} ],
	[ '22023', q{SELECT session_set($1 || chr(7), '{}')} ],
	[ '22023', q{SELECT session_digest($1 || ' ')} ],
	[ '22023', q{SELECT session_update($1, NULL)} ],
	[ '22023', q{SELECT session_patch($1, '[]')} ],
	[ '22023', q{SELECT session_rotate($1, repeat('u', 256))} ],
	[ '22023', q{SELECT session_expire($1, -1)} ],
	[ '22023', q{SELECT session_import($1, '{}', created_at => '-infinity')} ],
	[ '22023', q{SELECT session_revoke_user('', $1)} ],
	[ '54000', q{SELECT session_set($1, to_jsonb(repeat('x', 2000000)))} ],
);
for my $mistake (@mistakes)
{
	my ($code, $sql) = @{$mistake};

	is_error($client->query($sql, secret('bound-mistake')), $code, "$sql, bound");
	is_error(with_literal($client, $sql, secret('mistake')), $code, "$sql, literal");
}

# The statements of a caller in PL/pgSQL are part of an error's context.
for my $mistake (@mistakes)
{
	my ($code, $sql) = @{$mistake};

	is_error(with_literal($client, "DO \$\$ BEGIN EXECUTE \$sql\$$sql\$sql\$; END \$\$",
			secret('nested-mistake')),
		$code, "$sql, in PL/pgSQL");
}

# ---- errors from below ----

my $token = secret('below');
$client->value('SELECT session_set($1, $2)', $token, '{}');
my $second = secret('second');
$client->value('SELECT session_set($1, $2)', $second, '{}');

sub forms
{
	my ($sql) = @_;
	return (
		[ 'bound', sub { $_[0]->send($sql, $token) } ],
		[ 'literal', sub { $_[0]->send($sql =~ s/\$1/'$token'/r) } ],
		[ 'PL/pgSQL', sub {
			$_[0]->send("DO \$\$ BEGIN PERFORM " . ($sql =~ s/SELECT (.*)\$1/$1'$token'/r) . "; END \$\$") } ]);
}

sub wait_for_lock
{
	my ($connection) = @_;

	$node->poll_query_until('postgres',
		'SELECT count(*) FROM pg_locks WHERE NOT granted AND pid = ' . $connection->pid, 1)
	  or die 'nobody waits';
	return;
}

$other->query('BEGIN');
$other->value('SELECT session_patch($1, $2)', $token, '{"held": true}');
for my $form (forms(q{SELECT session_update($1, '{}')}))
{
	my ($name, $send) = @{$form};

	$client->value(q{SET lock_timeout = '200ms'});
	$send->($client);
	is_error($client->finish, '55P03', "lock timeout, $name");

	$client->value(q{SET lock_timeout = 0});
	$client->value(q{SET statement_timeout = '200ms'});
	$send->($client);
	is_error($client->finish, '57014', "statement timeout, $name");

	$client->value(q{SET statement_timeout = 0});
	$send->($client);
	wait_for_lock($client);
	$other->value('SELECT pg_cancel_backend($1)', $client->pid);
	is_error($client->finish, '57014', "cancelled, $name");

	my $victim = CovetWire->new($node);
	$send->($victim);
	wait_for_lock($victim);
	$other->value('SELECT pg_terminate_backend($1)', $victim->pid);
	is_error($victim->finish, '57P01', "terminated, $name");
}
$other->query('COMMIT');

for my $form (forms(q{SELECT session_patch($1, '{"lost": true}')}))
{
	my ($name, $send) = @{$form};

	$client->query('BEGIN ISOLATION LEVEL REPEATABLE READ');
	$client->value('SELECT session_get($1)', $token);
	$other->value('SELECT session_patch($1, $2)', $token, '{"won": true}');
	$send->($client);
	is_error($client->finish, '40001', "serialization failure, $name");
	$client->query('ROLLBACK');

	# Who notices the deadlock is told the statements of both.
	$client->query('BEGIN');
	$client->value('SELECT session_patch($1, $2)', $second, '{"mine": true}');
	$other->query('BEGIN');
	$other->value('SELECT session_patch($1, $2)', $token, '{"mine": true}');
	$other->send("SELECT session_patch('$second', '{}')");
	wait_for_lock($other);
	$send->($client);
	my @codes = map { $_->{error} ? $_->{error}{C} : () } $client->finish, $other->finish;
	is("@codes", '40P01', "deadlock, $name");
	$_->query('ROLLBACK') for $client, $other;
}

$client->query(<<'END');
	CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
		'BEGIN RAISE EXCEPTION ''refused %'', NEW.id; END';
	CREATE TRIGGER refuse BEFORE UPDATE ON sessions FOR EACH ROW EXECUTE FUNCTION refuse();
END
for my $form (forms(q{SELECT session_rotate($1)}))
{
	my ($name, $send) = @{$form};

	$send->($client);
	is_error($client->finish, 'P0001', "a trigger's error, $name");
}
$client->query("PREPARE rotate AS SELECT session_rotate(\$1)");
is_error($client->query("EXECUTE rotate('$token')"), 'P0001', "a trigger's error, prepared");
$client->query('DROP TRIGGER refuse ON sessions');

# The sweep works on some as well.
for my $n (1 .. 5)
{
	my $short = secret("swept$n");

	$client->value(q{SELECT session_set($1, '{}')}, $short);
	$client->value('SELECT session_expire($1, 0)', $short);
}
wait_for($node, 'postgres',
	q{SELECT count(*) > 4 FROM session_events WHERE event = 'expired'}, 't',
	'sessions were swept');

# ---- what a server logs that is told to log everything ----

my $quiet = log_size($node);
$client->query($_)
  for q{ALTER SYSTEM SET log_statement = 'all'}, 'ALTER SYSTEM SET log_duration = on',
  'ALTER SYSTEM SET log_min_duration_statement = 0', 'SELECT pg_reload_conf()';
wait_until('everything is logged', sub { $client->value('SHOW log_statement') eq 'all' });
for my $sql (@verbs, map { $_->[1] } @mistakes)
{
	$client->query($sql, secret('all')) if $sql =~ /\$1/;
}
like(log_since($node, $quiet), qr/session_rotate\(\$1/, 'statements are logged');

# ---- the search ----

my $pattern = join '|', 'sEcReT-', keys %tokens;

# The tokens in a text, but for the one that is meant to be found.
sub tokens_in
{
	my ($text) = @_;
	my %found;

	while ($text =~ /($pattern)/g)
	{
		my $match = substr($text, $-[0], 80);

		$found{$match}++ unless index($match, $kept) == 0;
	}
	return join ' ', map { s/[^!-~]/./gr } sort keys %found;
}

like($client->value('SELECT string_agg(s::text, $1) FROM session_stats s', ''),
	qr/^\(\d+,/, 'there are statistics');
for my $source (
	'session_stats s', 'session_health() s', 'session_events s', 'sessions s',
	"pg_stat_activity s WHERE backend_type LIKE 'covet%'")
{
	is(tokens_in($client->value("SELECT string_agg(s::text, ' ') FROM $source") // ''),
		'', "no token in $source");
}

my $dump = $node->basedir . '/dump.sql';
command_ok([ 'pg_dumpall', '-f', $dump, '-d', $node->connstr('postgres') ], 'pg_dumpall');
is(tokens_in(slurp_file($dump)), '', 'no token in a dump');
like(slurp_file($dump), qr/\Q$kept\E/, 'but the one kept elsewhere');
is(tokens_in(slurp_file($node->logfile)), '', 'no token in the log');

$client->query("SELECT session_digest('$kept')");
like(slurp_file($node->logfile), qr/\Q$kept\E/,
	'but a literal where all statements are logged');

$_->close for $client, $other;
$node->stop;
my @found;
my %has_kept;
find(sub {
	return unless -f $_;
	my $content = slurp_file($_);
	my ($directory) = $File::Find::name =~ m{^\Q${\$node->data_dir}\E/([^/]+)};
	my $tokens = tokens_in($content);

	push @found, "$File::Find::name: $tokens" if $tokens ne '';
	$has_kept{$directory}++ if $content =~ /\Q$kept\E/;
}, $node->data_dir);
is(join("\n", @found), '', 'no token in the data directory');
ok($has_kept{base}, 'tables were searched');
ok($has_kept{pg_wal}, 'write-ahead log was searched');

done_testing();
