"""A session's life through the clients that people use."""
import json
import os
import shutil
import subprocess

from covet import DATABASE, IS_MYSQL, PRIVATE, ROOT, Server, check, end, equal, skip

CLIENTS = ROOT / 'test/mysql/clients'
HOME = PRIVATE / 'clients'
STEPS = 13

server = Server()
server.install()


def program(name, command, forms, **environment):
    """A program that prints a line of each step; two forms of statements."""
    done = subprocess.run([*map(str, command), server.socket, DATABASE],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, check=False, timeout=120,
                          env={**os.environ, **environment})
    lines = done.stdout.splitlines()
    steps = [line for line in lines if line.startswith(('ok ', 'not ok '))]
    for line in steps:
        passed, _, step = line.partition('ok ')
        check(passed == '', step)
    check(done.returncode == 0 and len(steps) == forms * STEPS,
          f'{name}: {forms * STEPS} steps', done.stdout)


# ---- the command line ----

def line_client(name, executable):
    def call(sql):
        done = subprocess.run(
            [executable, '--no-defaults', '--user=app',
             f'--socket={server.socket}', '--default-character-set=utf8mb4',
             '--batch', '--raw', '--skip-column-names', DATABASE],
            input=sql, capture_output=True, text=True, check=False)
        return done.stdout.rstrip('\n') or done.stderr.strip()

    for form, prepared in ((f'{name}, text', False), (f'{name}, prepared', True)):
        def run(function, *arguments, prepared=prepared):
            values = ['NULL' if value is None else
                      "'" + str(value).replace('\\', '\\\\') + "'"
                      for value in arguments]
            if not prepared:
                return call(f"SELECT {function}({', '.join(values)})")
            names = [f'@a{n}' for n in range(len(values))]
            return call(
                ''.join(f'SET {n} = {v};' for n, v in zip(names, values))
                + f"PREPARE p FROM 'SELECT {function}"
                f"({', '.join('?' * len(values))})';"
                f"EXECUTE p USING {', '.join(names)}")

        token = run('session_create', 'anna', '{"n": 1, "s": "\\u00fc\\\\"}', 100,
                    '192.0.2.1', 'Agent')
        if not check(len(token) == 43, f'{form}: create', token):
            continue
        equal(json.loads(run('session_get', token)), {'n': 1, 's': 'ü\\'},
              f'{form}: get')
        equal(json.loads(run('session_touch', token))['n'], 1, f'{form}: touch')
        equal(run('session_patch', token, '{"n": 2}'), '2', f'{form}: patch')
        equal(json.loads(run('session_info', token))['data']['n'], 2,
              f'{form}: info')
        rotated = run('session_rotate', token, None)
        equal((len(rotated), run('session_get', token)), (43, 'NULL'),
              f'{form}: rotate')
        equal((run('session_revoke', rotated), run('session_get', rotated)),
              ('1', 'NULL'), f'{form}: revoke')
        answer = run('session_set', 'with blank', '{}', None, None, None, None)
        check('(22023)' in answer and answer.endswith('invalid session id'),
              f'{form}: an error', answer)


line_client('mariadb client', 'mariadb')
if not IS_MYSQL:
    skip('mysql client', "it has no mysql_native_password, which MariaDB's accounts have")
elif os.environ.get('COVET_MYSQL_CLIENT'):
    line_client('mysql client', os.environ['COVET_MYSQL_CLIENT'])
else:
    skip('mysql client', 'MySQL could not be fetched')

# ---- Python ----


def pymysql_client():
    db = server.connect('app')
    token = db.call('session_create', 'anna', '{"n": 1, "s": "ü\\\\"}', 100,
                    '192.0.2.1', 'Agent')
    equal(len(token), 43, 'pymysql: create')
    equal(db.json('session_get', token), {'n': 1, 's': 'ü\\'}, 'pymysql: get')
    equal(db.json('session_touch', token)['n'], 1, 'pymysql: touch')
    equal(db.call('session_patch', token, '{"n": 2}'), 2, 'pymysql: patch')
    equal(db.json('session_info', token)['data']['n'], 2, 'pymysql: info')
    rotated = db.call('session_rotate', token, None)
    equal((len(rotated), db.call('session_get', token)), (43, None),
          'pymysql: rotate')
    equal((db.call('session_revoke', rotated), db.call('session_get', rotated)),
          (1, None), 'pymysql: revoke')
    db.raises(('22023',), 'pymysql: an error',
              "SELECT session_set('with blank', '{}', NULL, NULL, NULL, NULL)")
    db.close()


pymysql_client()

# ---- PHP, Node.js, Go ----

program('mysqli', ['php', CLIENTS / 'mysqli.php'], 2)
program('PDO', ['php', CLIENTS / 'pdo.php'], 2)

HOME.mkdir(exist_ok=True)
modules = HOME / 'node_modules'
if not modules.exists() and shutil.which('npm'):
    # The system's certificate authorities count, of which node has its own list.
    bundle = '/etc/ssl/certs/ca-certificates.crt'
    environment = {**os.environ, 'npm_config_fetch_retries': '1', 'npm_config_cache': str(HOME / 'npm')}
    if os.path.exists(bundle):
        environment.update(NODE_EXTRA_CA_CERTS=bundle, npm_config_cafile=bundle)
    subprocess.run(['timeout', '--kill-after', '5', '60', 'npm', 'install', '--silent', '--no-audit',
                    '--no-fund', '--prefix', HOME, 'mysql2'], check=False, env=environment,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
if (modules / 'mysql2').exists():
    program('mysql2', ['node', CLIENTS / 'mysql2.js'], 2, NODE_PATH=str(modules))
else:
    skip('mysql2', 'npm could not install it')

if shutil.which('go') and os.path.isdir(
        '/usr/share/gocode/src/github.com/go-sql-driver/mysql'):
    program('Go', ['go', 'run', CLIENTS / 'life.go'], 2, GO111MODULE='off',
            GOPATH='/usr/share/gocode', GOCACHE=str(HOME / 'go-cache'),
            GOFLAGS='')
else:
    skip('Go', "Go's driver is not installed")

end()
