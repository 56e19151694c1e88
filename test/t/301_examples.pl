# The programs of examples/ do what they say: the same requests get the same
# answers from each of them.  Skipped where a language or its driver is missing.

use strict;
use warnings;

use FindBin;
use HTTP::Tiny;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);
use CovetTest;

my $examples = "$FindBin::Bin/../../examples";
my @programs = (
	{
		name => 'python',
		probe => [ '/usr/bin/python3', '-c', 'import psycopg' ],
		run => sub { ('/usr/bin/python3', "$examples/python/app.py", $_[0]) },
	},
	{
		name => 'node',
		probe => [ 'node', '-e', 'require("pg")' ],
		run => sub { ('node', "$examples/node/app.js", $_[0]) },
	},
	{
		name => 'php',
		probe => [ 'php', '-r', 'exit(extension_loaded("pdo_pgsql") ? 0 : 1);' ],
		run => sub { ('php', '-S', "127.0.0.1:$_[0]", "$examples/php/app.php") },
	});

my $node = covet_node('main', extension => 0);
$node->safe_psql('postgres',
	q(CREATE DATABASE shop TEMPLATE template0 ENCODING 'UTF8'));
$node->safe_psql('shop', <<~'END');
	CREATE EXTENSION covet_sessions;
	CREATE ROLE shop LOGIN;
	SELECT session_grant('shop');
	ALTER DATABASE shop SET covet_sessions.bind_user_agent = 'family';
	END

$ENV{PGHOST} = $node->host;
$ENV{PGPORT} = $node->port;
$ENV{PGUSER} = 'shop';
$ENV{PGDATABASE} = 'shop';

my $http = HTTP::Tiny->new(timeout => 10);
my $pid;

END
{
	my $status = $?;
	stop() if $pid;
	$? = $status;
}

sub start
{
	my ($url, $log, @command) = @_;

	$pid = fork // die "could not fork: $!";
	if (!$pid)
	{
		open STDOUT, '>', $log or die;
		open STDERR, '>&', \*STDOUT or die;
		exec @command;
		die "could not run $command[0]: $!";
	}
	for (1 .. 100)
	{
		return 1 if $http->get("$url/none")->{success};
		usleep(100_000);
	}
	diag(slurp_file($log));
	return 0;
}

sub stop
{
	kill 'TERM', $pid;
	waitpid $pid, 0;
	$pid = 0;
	return;
}

# request(METHOD, URL, COOKIE [, USER AGENT]): the answer, and the new cookie.
sub request
{
	my ($method, $url, $cookie, $agent) = @_;
	my $response = $http->request($method, $url,
		{
			headers => {
				'User-Agent' => $agent // 'curl/8.5.0',
				$cookie ? ('Cookie' => "sid=$cookie") : (),
			}
		});
	my ($set) = ($response->{headers}{'set-cookie'} // '') =~ /sid=([^;]*)/;

	$response->{content} =~ s/\s//g;
	return ($response->{content}, $set);
}

for my $program (@programs)
{
	my $name = $program->{name};
	my $port = PostgreSQL::Test::Cluster::get_free_port();
	my $url = "http://127.0.0.1:$port";
	my $log = "$PostgreSQL::Test::Utils::log_path/301_examples_$name.log";

  SKIP:
	{
		skip "$name or its PostgreSQL driver is missing", 8
		  unless eval { run_log($program->{probe}, '>', \my $out, '2>', \my $err) };
		ok(start($url, $log, $program->{run}->($port)), "$name: starts");

		my ($answer, $visitor) = request('GET', "$url/");
		is($answer, '{"visits":1}', "$name: a visitor gets a session");
		($answer) = request('GET', "$url/", $visitor);
		is($answer, '{"visits":2}', "$name: which is found again");

		(undef, my $user) = request('POST', "$url/login?user=42", $visitor);
		($answer) = request('GET', "$url/", $user);
		is($answer, '{"user":"42","visits":3}', "$name: and kept at login");

		($answer) = request('GET', "$url/", $visitor);
		is($answer, '{"visits":1}', "$name: the token before the login is dead");
		($answer) = request('GET', "$url/", $user, 'okhttp/4.12.0');
		is($answer, '{"visits":1}', "$name: another client is refused");

		($answer) = request('POST', "$url/logout", $user);
		is($answer, '{}', "$name: logout");
		($answer) = request('GET', "$url/", $user);
		is($answer, '{"visits":1}', "$name: after which the token is dead");
		stop();
	}
}

done_testing();
