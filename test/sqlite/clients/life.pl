# The statements of the command line through DBI; see test_clients.py.
use strict;
use warnings;
use DBI;
use DBD::SQLite;

my ($extension, $file, $timeout, @statements) = @ARGV;
local $SIG{__WARN__} = sub { print "warning: @_" };
my $db = DBI->connect("dbi:SQLite:dbname=$file", '', '', {RaiseError => 1, PrintError => 0, AutoCommit => 1});
$db->sqlite_busy_timeout($timeout);
$db->sqlite_enable_load_extension(1);
$db->sqlite_load_extension($extension);
$db->sqlite_enable_load_extension(0);

my $token;
for my $sql (@statements) {
	if ($sql !~ /^SELECT/) { $db->do($sql); next; }
	my $answer = eval { ($db->selectrow_array($sql, {}, $sql =~ /\?/ ? $token : ()))[0] };
	if ($@) { print 'error: ', $db->errstr, "\n"; next; }
	$token = $answer if length($answer // '') == 43;
	print $answer // 'NULL', "\n";
}
$db->disconnect or print "cannot disconnect\n";
print 'open: ', scalar(grep { (readlink $_ // '') =~ /^\Q$file/ } glob '/proc/self/fd/*'), "\n";
