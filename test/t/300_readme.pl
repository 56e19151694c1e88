# What README.md says can be done can be done: its SQL runs without an error, in
# the order of the page, and every function and setting is described there, with
# its arguments, its default and its range.

use strict;
use warnings;

use FindBin;
use PostgreSQL::Test::Utils;
use Test::More;
use CovetTest;

my $readme = slurp_file("$FindBin::Bin/../../README.md");
my $node = covet_node('main', extension => 0);
$node->safe_psql('postgres', 'CREATE DATABASE shop');

# ---- functions and settings, as the server knows them ----

$node->safe_psql('shop', 'CREATE EXTENSION covet_sessions');

# Where a function takes jsonb or text, the page says "json".
my @functions = split /\n/, $node->safe_psql('shop', <<~'SQL');
	SELECT DISTINCT p.proname || '(' ||
		regexp_replace(
			regexp_replace(
				regexp_replace(pg_get_function_arguments(p.oid),
					',? ?OUT .*', ''),
				'DEFAULT NULL::[a-z ]+', 'DEFAULT NULL', 'g'),
			'timestamp with time zone', 'timestamptz', 'g') || ')'
	FROM pg_proc p
	JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid
	JOIN pg_extension e ON e.oid = d.refobjid AND d.deptype = 'e'
	WHERE e.extname = 'covet_sessions'
	AND NOT (p.proname IN ('session_create', 'session_set', 'session_update', 'session_patch', 'session_import')
		AND p.proargtypes[1] = 'text'::regtype)
	ORDER BY 1
	SQL
cmp_ok(scalar @functions, '>=', 26, 'the functions were found');
for my $function (@functions)
{
	$function =~ s/\b(data|patch) jsonb/$1 json/;
	like($readme, qr/^\| `\Q$function\E` \|/m, "README.md describes $function");
}

my @settings = split /\n/, $node->safe_psql('shop', <<~'SQL');
	LOAD 'covet_sessions';
	SELECT '| `' || split_part(name, '.', 2) || '` | ' ||
		CASE vartype WHEN 'enum' THEN '`' || boot_val || '`' ELSE boot_val END ||
		' | ' ||
		CASE vartype
			WHEN 'integer' THEN concat_ws(' ', min_val, 'to', max_val, unit) || ' |'
			WHEN 'enum' THEN '`' || array_to_string(enumvals, '`, `') || '` |'
			ELSE '|'
		END
	FROM pg_settings WHERE name LIKE 'covet_sessions.%' ORDER BY name
	SQL
cmp_ok(scalar @settings, '>=', 18, 'the settings were found');
for my $setting (@settings)
{
	like($readme, qr/^\Q$setting\E/m, "README.md has the line $setting");
}

my $columns = $node->safe_psql('shop', <<~'SQL');
	SELECT attname FROM pg_attribute
	WHERE attrelid IN ('session_stats'::regclass, 'session_events'::regclass)
	AND attnum > 0
	SQL
for my $column (split /\n/, $columns)
{
	like($readme, qr/\b$column\b/, "README.md names the column $column");
}

# ---- the examples ----

$node->safe_psql('shop', 'DROP EXTENSION covet_sessions');

my $last = '';
while ($readme =~ /^```sql\n(.*?)^```$/gms)
{
	my $sql = $1;
	my ($status, $output, $errors) = $node->psql('shop', $sql);
	my ($name) = $sql =~ /\A(.*)/;

	is($status, 0, "example: $name") or diag($errors);
	$last = $sql;
}
like($last, qr/DROP EXTENSION/, 'the last example is to uninstall');
is( $node->safe_psql('shop',
		"SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"),
	0,
	'and leaves nothing behind');

done_testing();
