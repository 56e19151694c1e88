# A cleanup by hand is one transaction, however much there is to remove, and
# needs no more memory for more rows.  It leaves no MultiXact in them, with
# which dead rows would slow down every scan of their index until vacuum comes.

use strict;
use warnings;

use PostgreSQL::Test::Utils;
use Test::More;
use CovetTest;

my $rows = 200_000;
my $node = covet_node('main', conf => 'covet_sessions.cleanup_enabled = off');

sub next_multixact
{
	return $node->safe_psql('postgres', <<~'END');
		CHECKPOINT;
		SELECT next_multixact_id FROM pg_control_checkpoint();
		END
}

my $multixact = next_multixact();
add_expired($node, 'postgres', $rows);
is( $node->safe_psql('postgres', <<~END),
	SELECT session_cleanup(1000) = 1000;
	CREATE TEMP TABLE memory AS SELECT pg_read_file('/proc/' || pg_backend_pid() || '/status') AS before;
	SELECT session_cleanup() = $rows - 1000;
	SELECT substring(pg_read_file('/proc/' || pg_backend_pid() || '/status') FROM 'RssAnon:\\s+(\\d+)')::int
		- substring(before FROM 'RssAnon:\\s+(\\d+)')::int < 20 * 1024 FROM memory;
	END
	"t\nt\nt",
	"$rows rows are removed in less than 20 MB");
is(next_multixact(), $multixact, 'and without a MultiXact');

done_testing();
