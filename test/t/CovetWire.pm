package CovetWire;

=head1 NAME

CovetWire - a connection that speaks the server's protocol itself

=head1 SYNOPSIS

  my $app = CovetWire->new($node, user => 'app');
  my $token = $app->value("SELECT session_create('alice', '{}')");
  my $result = $app->query('SELECT session_get($1)', $token);   # bound
  is($result->{error}{C}, undef);

  $app->send('SELECT session_revoke($1)', $token);    # does not wait
  ok(!$app->is_done);
  $result = $app->finish;

=head1 DESCRIPTION

psql shows neither how an error is classified nor what becomes of a connection
that is cut off, waits for every answer, binds no parameters, and knows nothing
of function calls by the protocol's fast path. This does.

A result is a reference to a hash:

  rows     references to lists of values as text, undef for null
  error    fields of the error message by their letter, see "Error and Notice
           Message Fields" in PostgreSQL's documentation; undef if none
  notices  the same of each notice
  status   of the transaction afterwards: I, T or E; undef if the connection
           is closed

=cut

use strict;
use warnings;

use IO::Select;
use IO::Socket::UNIX;
use PostgreSQL::Test::Utils;

my $PROTOCOL = 3 << 16;

=head1 METHODS

=over

=item CovetWire->new(NODE, OPTION => VALUE, ...)

Connects. Options are those of the startup message: user (default: the system
user, who is superuser), database (default: postgres), options and so on.

=cut

sub new
{
	my ($class, $node, %option) = @_;
	my $path = $node->host . '/.s.PGSQL.' . $node->port;
	my $self = bless { buffer => '' }, $class;
	my $startup;

	$option{user} //= getpwuid $<;
	$option{database} //= 'postgres';
	$self->{socket} = IO::Socket::UNIX->new($path)
	  or die "could not connect to $path: $!";
	$self->{socket}->autoflush(1);
	$startup = pack('N', $PROTOCOL) . pack('(Z*)*', %option) . "\0";
	$self->put(pack('N', 4 + length $startup) . $startup);

	my $result = $self->finish;
	die "could not log in: $result->{error}{M}" if $result->{error};
	return $self;
}

=item query(SQL [, PARAMETER...])

Runs a statement and returns the result. Without parameters it is a simple
query, which may consist of several statements; with them, each is bound.

=cut

sub query
{
	my ($self, @query) = @_;

	$self->send(@query);
	return $self->finish;
}

=item value(SQL [, PARAMETER...])

The first value of the first row; dies of an error.

=cut

sub value
{
	my ($self, @query) = @_;
	my $result = $self->query(@query);

	die "$query[0]: $result->{error}{M}" if $result->{error};
	return $result->{rows}[0] && $result->{rows}[0][0];
}

=item sqlstate(SQL [, PARAMETER...])

The code of the error that the statement raises, '00000' if none.

=cut

sub sqlstate
{
	my ($self, @query) = @_;
	my $result = $self->query(@query);

	return $result->{error} ? $result->{error}{C} : '00000';
}

=item send(SQL [, PARAMETER...])

As query(), but does not wait for the result.

=cut

sub send
{
	my ($self, $sql, @parameters) = @_;

	return $self->put(message('Q', pack('Z*', $sql))) unless @parameters;
	$self->put(
		message('P', pack('x Z* n', $sql, 0))
		  . message('B', pack('x x n', 0) . values_of(@parameters) . pack('n', 0))
		  . message('D', 'P' . "\0")
		  . message('E', pack('x N', 0))
		  . message('S', ''));
	return;
}

=item call(OID, PARAMETER...)

Calls a function by the protocol's fast path; its value is the only one of the
only row of the result.

=cut

sub call
{
	my ($self, $function, @parameters) = @_;

	$self->put(
		message('F', pack('N n', $function, 0) . values_of(@parameters) . pack('n', 0)));
	return $self->finish;
}

=item is_done([SECONDS])

Is there an answer, at once or within some seconds?

=cut

sub is_done
{
	my ($self, $seconds) = @_;

	return IO::Select->new($self->{socket})->can_read($seconds // 0);
}

=item finish

Waits for the result of what was sent.

=cut

sub finish
{
	my ($self) = @_;
	my %result = (rows => [], error => undef, notices => [], status => undef);

	while (my ($type, $body) = $self->get)
	{
		if ($type eq 'Z')
		{
			$result{status} = $body;
			last;
		}
		push @{ $result{rows} }, [ row($body) ] if $type eq 'D';
		push @{ $result{rows} }, [ unpack_value(\$body) ] if $type eq 'V';
		push @{ $result{notices} }, fields($body) if $type eq 'N';
		$result{error} = fields($body) if $type eq 'E';
		$self->{pid} = unpack('N', $body) if $type eq 'K';
	}
	return \%result;
}

=item pid

The server process.

=cut

sub pid
{
	my ($self) = @_;
	return $self->{pid};
}

=item close

Disconnects.

=back

=cut

sub close
{
	my ($self) = @_;

	$self->put(message('X', ''));
	CORE::close($self->{socket});
	return;
}

# ---- messages ----

sub message
{
	my ($type, $body) = @_;
	return $type . pack('N', 4 + length $body) . $body;
}

# Parameters in text format, as Bind and FunctionCall have them.
sub values_of
{
	my @parameters = @_;

	return pack('n', scalar @parameters) . join '',
	  map { defined $_ ? pack('N/a*', $_) : pack('N', 0xFFFFFFFF) } @parameters;
}

sub unpack_value
{
	my ($body) = @_;
	my $length = unpack('N', substr(${$body}, 0, 4, ''));

	return $length == 0xFFFFFFFF ? undef : substr(${$body}, 0, $length, '');
}

sub row
{
	my ($body) = @_;
	my $columns = unpack('n', substr($body, 0, 2, ''));

	return map { scalar unpack_value(\$body) } 1 .. $columns;
}

sub fields
{
	my ($body) = @_;
	return { map { /^(.)(.*)$/s ? ($1 => $2) : () } split /\0/, $body };
}

# A server that has cut the connection off is noticed when its last words are
# read.
sub put
{
	my ($self, $bytes) = @_;
	local $SIG{PIPE} = 'IGNORE';

	print { $self->{socket} } $bytes;
	return;
}

# Type and body of the next message; nothing if the connection is closed.
sub get
{
	my ($self) = @_;
	my ($type, $length) = unpack('a N', $self->take(5) // return);
	my $body = $self->take($length - 4);

	return defined $body ? ($type, $body) : ();
}

sub take
{
	my ($self, $length) = @_;

	while (length $self->{buffer} < $length)
	{
		die 'no answer from the server'
		  unless $self->is_done($PostgreSQL::Test::Utils::timeout_default);
		sysread($self->{socket}, $self->{buffer}, 65536, length $self->{buffer})
		  or return;
	}
	return substr($self->{buffer}, 0, $length, '');
}

1;
