"""Programs in other languages: the life of a session, and closing."""
import os
import shutil
import subprocess

from covet import EXTENSION, check, end, equal, path

# Each is given the extension and a database, and prints what it gets.
LIFE = [
    "SELECT session_set('client', '{\"n\":1}', 'anna')",
    "SELECT session_patch('client', '{\"m\":2}')",
    "SELECT session_touch('client')",
    "SELECT count(*) FROM session_list('anna')",
    "SELECT length(session_rotate('client'))",
    "SELECT session_set('client', '{}')",
    "SELECT session_revoke_user('anna')",
]
ANSWERS = ['1', '2', '{"n":1,"m":2}', '1', '43', '0', '1']

PERL = r'''
use strict; use warnings; use DBI; use DBD::SQLite;
my ($extension, $file, @statements) = @ARGV;
my $dbh = DBI->connect("dbi:SQLite:dbname=$file", '', '', {RaiseError => 1, AutoCommit => 1});
$dbh->sqlite_busy_timeout(0);
$dbh->sqlite_enable_load_extension(1);
$dbh->sqlite_load_extension($extension);
print +($dbh->selectrow_array($_))[0], "\n" for @statements;
local $SIG{__WARN__} = sub { print "warning: @_" };
$dbh->disconnect or print "cannot disconnect\n";
'''

PHP = r'''
[, $extension, $file] = $argv;
$db = new SQLite3($file);
$db->enableExceptions(true);
$db->loadExtension(basename($extension));
foreach (array_slice($argv, 3) as $statement)
    echo $db->querySingle($statement), "\n";
if (!$db->close())
    echo "cannot close\n";
'''

TCL = r'''
package require sqlite3
set statements [lassign $argv extension file]
sqlite3 db $file
db enable_load_extension 1
db eval {SELECT load_extension($extension)}
foreach statement $statements { puts [db onecolumn $statement] }
db close
'''


def run(name, command, statements=True):
    if shutil.which(command[0]) is None:
        print(f'# {name} is not installed')
        return
    file = path(f'{name}.db')
    command = [part.replace('FILE', file).replace('EXTENSION', EXTENSION) for part in command]
    result = subprocess.run(command + (LIFE if statements else []), capture_output=True, text=True,
                            input=None if statements else ';\n'.join(LIFE) + ';\n', timeout=60)
    if 'not found' in result.stderr or "Can't locate" in result.stderr or "can't find" in result.stderr:
        print(f'# {name} has no SQLite')
        return
    equal(result.stdout.split(), ANSWERS, f'{name}: the life of a session')
    check(result.returncode == 0 and result.stderr == '', f'{name}: no complaint', result.stderr)
    left = [f for f in os.listdir(os.path.dirname(file)) if f.startswith(f'{name}.db-')]
    equal(left, [], f'{name}: closed')


run('cli', ['sqlite3', '-cmd', '.load EXTENSION', 'FILE'], statements=False)
run('cli-function', ['sqlite3', '-cmd', "SELECT 0 WHERE load_extension('EXTENSION')", 'FILE'], statements=False)
run('perl', ['perl', '-e', PERL, 'EXTENSION', 'FILE'])
run('php', ['php', '-d', f'sqlite3.extension_dir={os.path.dirname(EXTENSION)}', '-r', PHP, '--', 'EXTENSION', 'FILE'])
with open(path('life.tcl'), 'w') as script:
    script.write(TCL)
run('tcl', ['tclsh', path('life.tcl'), 'EXTENSION', 'FILE'])
end()
