# Every acknowledged write survives the death of all processes of the server.
#
# Clients write and note what the server has acknowledged, which is the ledger.
# The server is killed under this load, started again, and held against it.

use strict;
use warnings;

use IPC::Run;
use PostgreSQL::Test::Utils;
use Test::More;
use CovetTest;

my $clients = 4;
my $sessions = 1500;    # per client, more than it will come to

my $node = covet_node('main', conf => <<~END);
	fsync = on
	full_page_writes = on
	covet_sessions.cleanup_batch = 50
	END

# The statements of a client.  Each session is written four times; then a third
# is revoked and written once more, which must fail, a third is deleted, and
# the rest lives on.  One session, number 0, is written all the time.  A line of
# the output is an acknowledgement: what was done, to which session, with which
# result.
sub script
{
	my ($client, $round) = @_;
	my $always = "$round-$client-0";
	my $always_token = token($always);
	my $script = <<~END;
		SELECT 'set', '$always', session_set('$always_token', '{"n": 1}');
		END

	for my $n (1 .. $sessions)
	{
		my $name = "$round-$client-$n";
		my $token = token($name);
		my $fate = (qw(live revoked deleted))[ $n % 3 ];

		$script .= <<~END;
			SELECT 'set', '$name', session_set('$token', '{"n": 1}', 'user $client');
			SELECT 'write', '$name', session_patch('$token', '{"n": 2}');
			SELECT 'write', '$name', session_update('$token', '{"n": 3}', 2);
			SELECT 'touch', '$name', session_touch('$token')->>'n';
			SELECT 'write', '$name', session_patch('$token', '{"n": 4}');
			SELECT 'write', '$always', session_patch('$always_token',
				jsonb_build_object('n', $n + 1));
			END
		$script .= <<~END if $fate eq 'revoked';
			SELECT 'revoke', '$name', session_revoke('$token');
			SELECT 'again', '$name', session_set('$token', '{"n": 9}');
			END
		$script .= <<~END if $fate eq 'deleted';
			SELECT 'delete', '$name', session_delete('$token');
			END
	}
	return $script;
}

# Starts a client; its output grows in $$output.
sub start_client
{
	my ($script, $output) = @_;
	my $file = PostgreSQL::Test::Utils::tempdir() . '/script.sql';

	append_to_file($file, $script);
	$$output = '';
	return IPC::Run::start(
		[
			'psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-d',
			$node->connstr('postgres'), '-f', $file
		],
		'<', \undef, '>', $output, '2>', '/dev/null');
}

# What the acknowledged lines say of each session: the version it has reached,
# and whether it is over.  The last line may be cut short.
sub read_ledger
{
	my ($ledger, $output) = @_;
	my $refused = 0;

	$output =~ s/[^\n]*\z//;
	for my $line (split /\n/, $output)
	{
		my ($verb, $name, $result) = split /\|/, $line;
		my $entry = $ledger->{$name} //= { version => 0, over => '' };

		$entry->{version} = 1 if $verb eq 'set';
		$entry->{version} = $result if $verb eq 'write';
		$entry->{over} = $verb if $verb =~ /^(revoke|delete)$/ && $result eq 't';
		$refused++ if $verb eq 'again' && $result eq 'f';
		die "wrong answer: $line"
		  if $verb =~ /^(set|revoke|delete)$/ && $result ne 't'
		  || $verb eq 'again' && $result ne 'f';
	}
	return $refused;
}

my %ledger;
for my $round (1 .. 3)
{
	my (@outputs, @runs);

	add_expired($node, 'postgres', 3000);
	push @runs, start_client(script($_, $round), \$outputs[$_])
	  for 1 .. $clients;
	wait_until("round $round: clients are at work",
		sub {
			$_->pump_nb for @runs;
			return !grep { ($outputs[$_] =~ tr/\n//) < 800 } 1 .. $clients;
		});
	$round == 2 ? $node->stop('immediate') : kill_server($node);
	foreach my $run (@runs)
	{
		eval { $run->finish };
		isnt($run->full_result(0), 0, "round $round: a client was cut off");
	}
	$node->start;

	my $refused = 0;
	$refused += read_ledger(\%ledger, $outputs[$_]) for 1 .. $clients;
	cmp_ok($refused, '>', 0,
		"round $round: revoked sessions refused to come back");

	# The ledger, held against what the functions say.
	my $rows = join ",\n", map {
		"('$_', '" . token($_) . "', $ledger{$_}{version}, '$ledger{$_}{over}')"
	} sort keys %ledger;
	my $checks = $node->safe_psql('postgres', <<~END);
		CREATE TEMP TABLE ledger (name text, token text, version bigint, over text);
		INSERT INTO ledger VALUES $rows;
		SELECT count(*) > 300, count(*) FILTER (WHERE over = 'revoke') > 80,
			count(*) FILTER (WHERE over = 'delete') > 80 FROM ledger;
		SELECT 'lost', name, l.version, i.version
		FROM ledger l LEFT JOIN LATERAL session_info(token) i ON true
		WHERE over = '' AND coalesce(i.version, 0) < l.version
			-- what ended it may have been done, and the answer lost
			AND NOT (i.version IS NULL AND l.version >= 4 AND name !~ '-0\$');
		SELECT 'torn', name, i.version, i.data
		FROM ledger l, session_info(token) i WHERE i.data <> jsonb_build_object('n', i.version);
		SELECT 'revived', name FROM ledger WHERE over <> '' AND session_get(token) IS NOT NULL;
		SELECT 'forgotten', name FROM ledger
		WHERE CASE over WHEN 'revoke' THEN session_set(token, '{}') END;
		SELECT 'unindexed', name FROM ledger l, session_info(token) i
		WHERE user_id <> '' AND i.id NOT IN (SELECT id FROM session_list(i.user_id));
		END
	is($checks, 't|t|t',
		"round $round: the server has all that it has acknowledged");
}

wait_for($node, 'postgres', "SELECT count(*) FROM sessions WHERE user_id = 'gone'",
	0, 'and the sweep goes on');
$node->command_ok(
	[
		'pg_amcheck', '--heapallindexed', '--install-missing', '-d',
		'postgres', '-t', 'public.session*'
	],
	'tables and indexes are sound');

done_testing();
