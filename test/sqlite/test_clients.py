"""Programs in other languages: the whole life of a session, and closing.

clients/life.* are given the extension, a database, a busy timeout and
statements.  They print the answer of each SELECT, or its error, and at the end
how many of the database's files are still open.  "?" is a parameter: the last
answer that looks like a token.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

from covet import EXTENSION, Session, check, connect, end, equal, path

CLIENTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'clients')
BETTER_SQLITE3 = '12.11.1'
NPM_SECONDS = 140

LIFE = [
    ("SELECT session_create('anna', '{\"n\":1}', 3600, '192.0.2.1', 'agent')", 'TOKEN'),
    ('SELECT session_get(?)', '{"n":1}'),
    ('SELECT session_touch(?)', '{"n":1}'),
    ("SELECT session_verify(?, '192.0.2.1', 'agent')", '{"n":1}'),
    ("SELECT session_set(?, '{\"n\":2}')", '1'),
    ("SELECT session_update(?, '{\"n\":3}', 2)", '3'),
    ("SELECT session_update(?, '{\"n\":4}', 2)", '0'),
    ("SELECT session_patch(?, '{\"m\":{\"k\":null}}')", '4'),
    ('SELECT user_id || version || data FROM session_info(?)', 'anna4{"n":3,"m":{}}'),
    ("SELECT session_rotate(?, 'otto')", 'TOKEN'),
    ("SELECT count(*) FROM session_list('otto')", '1'),
    ('SELECT session_expire(?, 100)', '1'),
    ("SELECT session_set('', '{}')", 'error: invalid session id'),
    ("SELECT session_set('x', '{')", 'error: malformed JSON'),
    ("SELECT session_configure('audit', 'perhaps')", 'error: invalid value for setting'),
    ("SELECT session_configure('max_data_size', '9')", '9'),
    ("SELECT session_patch(?, '{\"long\":\"text\"}')", 'error: session data is too large'),
    ("SELECT session_configure('max_data_size', NULL)", '1048576'),
    ("SELECT session_get('no-such-token')", 'NULL'),
    ("SELECT session_import('imported', '{\"i\":1}', 'otto')", '1'),
    ("SELECT session_delete('imported')", '1'),
    ('BEGIN', None),
    ("SELECT session_set('undone', '{}')", '1'),
    ("SELECT session_get('undone')", '{}'),
    ('ROLLBACK', None),
    ("SELECT session_get('undone')", 'NULL'),
    ('SELECT session_revoke(?)', '1'),
    ("SELECT session_set(?, '{}')", '0'),
    ('SELECT session_get(?)', 'NULL'),
    ("SELECT session_revoke_user('otto')", '0'),
    ('SELECT session_cleanup()', '0'),
    ('SELECT creates FROM session_stats', '3'),
]


def go():
    """Built with the system's SQLite, or None."""
    program = path('life-go')
    environment = {**os.environ, 'GO111MODULE': 'off', 'GOPATH': '/usr/share/gocode', 'GOFLAGS': '-tags=libsqlite3',
                   'GOCACHE': path('gocache')}
    if shutil.which('go') is None or not os.path.isdir('/usr/share/gocode/src/github.com/mattn/go-sqlite3'):
        return None
    built = subprocess.run(['go', 'build', '-o', program, f'{CLIENTS}/life.go'], env=environment,
                           capture_output=True, text=True)
    return check(built.returncode == 0, 'go: builds', built.stderr) and [program]


def npm():
    """better-sqlite3, built once into the cache, or None with the reason."""
    if shutil.which('node') is None or shutil.which('npm') is None:
        return None, 'node and npm are not installed'
    cache = os.environ.get('COVET_CACHE') or os.path.expanduser('~/.cache/covet_sessions')
    version = subprocess.run(['node', '--version'], capture_output=True, text=True).stdout.strip()
    prefix = f'{cache}/better-sqlite3-{BETTER_SQLITE3}-node-{version}'
    if not os.path.exists(f'{prefix}/complete'):
        # The system's certificate authorities count, of which node has its own list.
        bundle = '/etc/ssl/certs/ca-certificates.crt'
        authorities = {'NODE_EXTRA_CA_CERTS': bundle, 'npm_config_cafile': bundle} if os.path.exists(bundle) else {}
        # What npm would fetch elsewhere, the headers, is there beside node.
        node = os.path.dirname(os.path.dirname(os.path.realpath(shutil.which('node'))))
        # What takes longest is compiling its SQLite, which need not be optimised here.
        options = {'npm_config_nodedir': node, 'npm_config_build_from_source': 'true', 'npm_config_cache': path('npm'),
                   'npm_config_fetch_retries': '1', 'CFLAGS': '-O0', 'CXXFLAGS': '-O0', **authorities}
        result = subprocess.run(['timeout', '--kill-after', '5', str(NPM_SECONDS), 'npm', 'install', '--prefix', prefix,
                                 '--no-audit', '--no-fund', '--no-save', f'better-sqlite3@{BETTER_SQLITE3}'],
                                capture_output=True, text=True, env={**os.environ, **options})
        if result.returncode in (124, 137):
            return None, f'better-sqlite3 was not installed and built within {NPM_SECONDS} seconds'
        works = subprocess.run(['node', '-e', "new (require('better-sqlite3'))(':memory:')"], capture_output=True,
                               text=True, timeout=20, env={**os.environ, 'NODE_PATH': f'{prefix}/node_modules'})
        if works.returncode != 0:
            reasons = (result.stderr + works.stderr).strip().splitlines() or ['no reason']
            return None, f'better-sqlite3 cannot be had: {[line for line in reasons if "rror" in line][:1] or reasons[:1]}'
        open(f'{prefix}/complete', 'w').close()
    os.environ['NODE_PATH'] = f'{prefix}/node_modules'
    return ['node', f'{CLIENTS}/life.js'], None


def answers(command, file, timeout, statements):
    """What a client prints, and its complaints."""
    result = subprocess.run(command + [EXTENSION, file, str(timeout)] + statements,
                            capture_output=True, text=True, timeout=120)
    return result.stdout.splitlines(), f'status {result.returncode} {result.stderr}'


def life(name, command):
    for timeout in (0, 5000):
        file = path(f'{name}-{timeout}.db')
        got, complaint = answers(command, file, timeout, [sql for sql, _ in LIFE])
        expected = [answer for _, answer in LIFE if answer is not None]
        shown = ['TOKEN' if re.fullmatch('[A-Za-z0-9_-]{43}', line) else line for line in got[:-1]]
        equal(shown, expected, f'{name}, busy timeout {timeout}: the life of a session')
        equal(got[-1:], ['open: 0'], f'{name}: closed')
        equal(complaint, 'status 0 ', f'{name}: no complaint')
        equal([f for f in os.listdir(os.path.dirname(file)) if f.startswith(f'{name}-{timeout}.db-')], [],
              f'{name}: no file is left')


clients = {
    'python': [sys.executable, f'{CLIENTS}/life.py'],
    'perl': ['perl', f'{CLIENTS}/life.pl'],
    'php': ['php', '-d', f'sqlite3.extension_dir={os.path.dirname(EXTENSION)}', f'{CLIENTS}/life.php'],
    'ruby': ['ruby', f'{CLIENTS}/life.rb'],
    'tcl': ['tclsh', f'{CLIENTS}/life.tcl'],
    'go': go(),
}
clients['node'], reason = npm()
PROBES = {'perl': ['perl', '-MDBD::SQLite', '-e', '1'], 'ruby': ['ruby', '-rsqlite3', '-e', '1'],
          'php': ['php', '-r', 'exit(class_exists("SQLite3") ? 0 : 1);'],
          'tcl': ['sh', '-c', 'echo "exit [catch {package require sqlite3}]" | tclsh']}
for name, command in list(clients.items()):
    missing = reason if name == 'node' else f'{name} is not installed with its SQLite'
    if command and name in PROBES:
        if shutil.which(command[0]) is None or subprocess.run(PROBES[name], capture_output=True).returncode != 0:
            command = None
    if not command:
        check(True, f'{name} # SKIP {missing}')
        del clients[name]
        continue
    life(name, command)

# ---- the command line ----

# Each token is put aside, from inside an INSERT.
script = ['CREATE TEMP TABLE cookie (token);']
for sql, answer in LIFE:
    sql = sql.replace('?', '(SELECT token FROM cookie ORDER BY rowid DESC LIMIT 1)')
    if answer == 'TOKEN':
        sql = f'INSERT INTO cookie {sql}; SELECT token FROM cookie ORDER BY rowid DESC LIMIT 1'
    script.append(sql + ';')
for name, load in (('.load', f'.load {EXTENSION}'), ('load_extension', f"SELECT 0 WHERE load_extension('{EXTENSION}')")):
    for timeout in (0, 5000):
        file = path(f'cli{name}{timeout}.db')
        result = subprocess.run(['sqlite3', '-batch', '-init', '/dev/null', '-cmd', load, '-cmd', f'.timeout {timeout}',
                                 '-cmd', '.nullvalue NULL', file], input='\n'.join(script), capture_output=True,
                                text=True, timeout=60)
        shown = ['TOKEN' if re.fullmatch('[A-Za-z0-9_-]{43}', line) else line
                 for line in result.stdout.splitlines()]
        equal(shown, [answer for _, answer in LIFE if answer and not answer.startswith('error')],
              f'sqlite3 with {name}, busy timeout {timeout}: the life of a session')
        errors = [answer[7:] for _, answer in LIFE if answer and answer.startswith('error')]
        equal([error in result.stderr for error in errors], [True] * len(errors), '... and its errors')
        equal([f for f in os.listdir(os.path.dirname(file)) if f.startswith(f'cli{name}{timeout}.db-')], [],
              '... and no file is left')

# ---- all of them at once ----

# How fast the disk is must not decide who gets his turn in time.
place = tempfile.mkdtemp(prefix='covet-sqlite-', dir='/dev/shm' if os.access('/dev/shm', os.W_OK) else None)
ROUNDS = 25

for mode in ('wal', 'delete'):
    for timeout in (0, 5000):
        name = f'{place}/crowd-{mode}-{timeout}.db'
        db = Session(connect(name))
        db.connection.execute(f'PRAGMA journal_mode = {mode}').fetchall()
        db.call('session_set', 'ledger', '{}')
        crowd = []
        for i, (client, command) in enumerate((list(clients.items()) * 8)[:8]):
            # SQLite 3.53, which this client brings along, reads the schema before it asks
            # the extension, and does not wait for others then.
            patient = 5000 if client == 'node' and mode == 'delete' else timeout
            statements = []
            for n in range(ROUNDS):
                statements += [f"SELECT session_patch('ledger', '{{\"{i}.{n}\":{n}}}')",
                               f"SELECT session_create('user{i}', '{{\"n\":{n}}}')", 'SELECT session_touch(?)',
                               "SELECT session_set(?, '{}')"]
            crowd.append(subprocess.Popen(command + [EXTENSION, name, str(patient)] + statements,
                                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
        wrong = []
        for process in crowd:
            out, errors = process.communicate(timeout=300)
            lines = out.splitlines()
            if (process.returncode or errors or len(lines) != 4 * ROUNDS + 1 or lines[-1] != 'open: 0' or 'NULL' in out
                    or 'error' in out):
                wrong.append((process.args[0], [line for line in lines if 'error' in line][:2], errors))
        equal(wrong, [], f'{mode}, busy timeout {timeout}: eight clients at once, no error')
        equal(len(db.json('session_get', 'ledger')), 8 * ROUNDS, '... nothing is lost of what they share')
        equal(db.one("SELECT count(*) FROM sessions WHERE user_id LIKE 'user%' AND version = 2"), 8 * ROUNDS,
              '... nor of their own')
        equal(db.one('PRAGMA integrity_check'), 'ok', '... and the database is intact')
        db.connection.close()
shutil.rmtree(place)
end()
