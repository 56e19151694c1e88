package CovetTest;

=head1 NAME

CovetTest - servers with covet_sessions, for the tests in this folder

=head1 SYNOPSIS

  use PostgreSQL::Test::Utils;
  use Test::More;
  use CovetTest;

  my $node = covet_node('main', conf => 'covet_sessions.idle_timeout = 10');
  my $token = token('alice');
  $node->safe_psql('postgres', "SELECT session_set('$token', '{}', 'alice')");
  wait_for($node, 'postgres', 'SELECT count(*) FROM sessions', 0);

=cut

use strict;
use warnings;

use Digest::SHA qw(sha256);
use Exporter 'import';
use MIME::Base64 qw(encode_base64url);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time usleep);

our @EXPORT = qw(covet_node covet_conf add_expired token handle wait_for
  wait_until kill_server check_health log_size log_since count_matches seconds_for);

=head1 FUNCTIONS

=over

=item covet_node(NAME, OPTION => VALUE, ...)

A running server with the library preloaded, sweeping every second, and the
extension in the database "postgres". Options:

  conf       lines for postgresql.conf, after those of covet_conf()
  preload    0: without the library preloaded
  extension  0: without the extension
  start      0: only made, not started
  init       reference to a list of options for PostgreSQL::Test::Cluster::init

=cut

sub covet_node
{
	my ($name, %option) = @_;
	my $node = PostgreSQL::Test::Cluster->new($name);

	$node->init(@{ $option{init} // [] });
	$node->append_conf('postgresql.conf', covet_conf($option{preload} // 1));
	$node->append_conf('postgresql.conf', $option{conf})
	  if defined $option{conf};
	return $node unless $option{start} // 1;

	$node->start;
	$node->safe_psql('postgres', 'CREATE EXTENSION covet_sessions')
	  if $option{extension} // 1;
	return $node;
}

=item covet_conf(PRELOAD)

What covet_node() adds to postgresql.conf, with or without preloading.

=cut

sub covet_conf
{
	my ($preload) = @_;
	my $conf = "log_statement = none\nmax_connections = 40\n";

	$conf .= "shared_preload_libraries = 'covet_sessions'\n"
	  . "covet_sessions.cleanup_interval = 1\n"
	  if $preload;
	return $conf;
}

=item add_expired(NODE, DATABASE, ROWS [, SCHEMA])

Puts sessions into the table that ended an hour ago, as fast as it goes, and
one that ends now, of which the launcher gets to know. They belong to the user
"gone".

=cut

sub add_expired
{
	my ($node, $database, $rows, $schema) = @_;

	$schema //= 'public';
	$node->safe_psql($database, <<~END);
		INSERT INTO $schema.sessions
			(id, user_id, created_at, last_accessed_at, idle_timeout, sweep_at)
		SELECT rpad('gone' || n || '_' || txid_current(), 43, '_'), 'gone',
			now() - '2 hours'::interval, now() - '2 hours'::interval, 3600,
			now() - '1 hour'::interval
		FROM generate_series(2, $rows) n;
		SELECT $schema.session_expire($schema.session_create('gone', '{}'), 0)
		END
	return;
}

=item token(WORD)

A token of 43 characters, always the same for the same word.

=cut

sub token
{
	my ($word) = @_;
	return encode_base64url(sha256("token of $word"));
}

=item handle(TOKEN)

The handle of a token, as the specification has it.

=cut

sub handle
{
	my ($token) = @_;
	return encode_base64url(sha256($token));
}

=item wait_for(NODE, DATABASE, QUERY, EXPECTED [, NAME])

A test case that passes as soon as the query's output is the expected one.

=cut

sub wait_for
{
	my ($node, $database, $query, $expected, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;

	return ok($node->poll_query_until($database, $query, $expected),
		$name // "$query: $expected");
}

=item wait_until(NAME, CODE)

A test case that passes as soon as the code returns true.

=cut

sub wait_until
{
	my ($name, $code) = @_;
	my $deadline = time + $PostgreSQL::Test::Utils::timeout_default;
	my $done;
	local $Test::Builder::Level = $Test::Builder::Level + 1;

	usleep(50_000) until ($done = $code->()) || time > $deadline;
	return ok($done, $name);
}

=item kill_server(NODE)

Kills all processes of the server at once.

=cut

sub kill_server
{
	my ($node) = @_;
	my $postmaster = $node->{_pid};
	my @children = split ' ', `ps -o pid= --ppid $postmaster`;

	kill 'STOP', $postmaster;
	kill 'KILL', @children;
	$node->kill9;
	return wait_until('all processes are gone',
		sub { !grep { kill 0, $_ } $postmaster, @children });
}

=item check_health(NODE, DATABASE, CHECK)

The columns ok, detail and hint of a row of session_health(), as psql shows
them.

=cut

sub check_health
{
	my ($node, $database, $check) = @_;

	return $node->safe_psql($database,
		qq(SELECT ok, detail, hint FROM session_health() WHERE "check" = '$check')
	);
}

=item log_size(NODE)

The size of the server's log, to be given to log_since() later.

=cut

sub log_size
{
	my ($node) = @_;
	return -s $node->logfile;
}

=item log_since(NODE, OFFSET)

What the server has logged since.

=cut

sub log_since
{
	my ($node, $offset) = @_;
	return slurp_file($node->logfile, $offset);
}

=item count_matches(TEXT, PATTERN)

How often a pattern occurs in a text.

=cut

sub count_matches
{
	my ($text, $pattern) = @_;
	my @matches = $text =~ /$pattern/g;
	return scalar @matches;
}

=item seconds_for(CODE)

How long some code takes.

=back

=cut

sub seconds_for
{
	my ($code) = @_;
	my $start = time;

	$code->();
	return time - $start;
}

1;
