#
# A file of the table cannot grow: a clean error, nothing stored, and the server
# goes on.  A limit for the size of files stands for a full disk.
#
use strict;
use warnings;

use PostgreSQL::Test::Utils;
use Test::More;

use CovetTest;
use CovetWire;

plan skip_all => 'prlimit is not installed' if system('prlimit --version >/dev/null 2>&1') != 0;

my $node = covet_node('disk_full', conf => 'covet_sessions.cleanup_enabled = off');
my $postmaster = (split /\n/, slurp_file($node->data_dir . '/postmaster.pid'))[0];

# More than a segment of write-ahead log, which is written as a whole.
is(system("prlimit --pid $postmaster --fsize=" . 20 * 1024 * 1024), 0, 'files are limited');

# The limit is that of processes to come.
my $client = CovetWire->new($node);
my $stored = 0;
my $error;

# Data that does not compress.
$client->query('CREATE FUNCTION noise() RETURNS jsonb LANGUAGE sql AS $$'
	. ' SELECT to_jsonb(string_agg(md5(random()::text), $1)) FROM generate_series(1, 8000) $$' =~ s/\$1/''/r);
until ($error || $stored > 200)
{
	$error = $client->query("SELECT session_set('s$stored', noise())")->{error};
	$stored++ unless $error;
}
like($error->{M}, qr/^could not (extend|write)/, 'a table cannot grow');
cmp_ok($stored, '>', 10, 'after a while');

is($client->value("SELECT session_get('s$stored')"), undef, 'what failed is not there');
is($client->value("SELECT count(session_get('s' || n)) FROM generate_series(0, $stored) n"),
	$stored, 'what was stored is');
is($client->value("SELECT session_patch('small', '{}')"), undef, 'the connection goes on');
my $token = $client->value(q{SELECT session_create('alice', '{"small": true}')});
is($client->value('SELECT session_touch($1)', $token), '{"small": true}', 'there is room for small ones');
ok(defined $client->query("SELECT session_update('s0', noise())")->{error}, 'a large one fails');
is($client->value(q{SELECT version FROM session_info('s0')}), 1, 'and changes nothing');

is($client->value("SELECT count(*) FROM generate_series(0, $stored - 1) n WHERE session_delete('s' || n)"),
	$stored, 'sessions are deleted');
$client->value('VACUUM sessions');
is($client->value(q{SELECT session_set('s0', noise())}), 't', 'which makes room');
is(count_matches(slurp_file($node->logfile), qr/PANIC|terminated by signal/), 0, 'the server has gone on');

done_testing();
