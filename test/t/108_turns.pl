# A sweep that lasts does not keep other databases waiting.

use strict;
use warnings;

use PostgreSQL::Test::Utils;
use Test::More;
use CovetTest;

my $node = covet_node('main', conf => <<~END);
	covet_sessions.cleanup_interval = 1
	covet_sessions.cleanup_batch = 1
	END
my $sessions = 'SELECT count(*) FROM sessions';

# At a row per batch and a pause after each, this lasts far longer than a turn.
$node->safe_psql('postgres', 'CREATE DATABASE busy');
$node->safe_psql('busy', 'CREATE EXTENSION covet_sessions');
add_expired($node, 'busy', 100_000);
wait_for($node, 'busy', 'SELECT swept > 0 FROM session_stats', 't', 'a long sweep is under way');

add_expired($node, 'postgres', 1);
wait_for($node, 'postgres', $sessions, 0, 'another database has its turn');
my $left = $node->safe_psql('busy', $sessions);
cmp_ok($left, '>', 0, 'before the long sweep has ended');
wait_until('which then goes on', sub { $node->safe_psql('busy', $sessions) < $left });

done_testing();
