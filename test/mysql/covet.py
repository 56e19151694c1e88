"""Servers with the module installed, and test cases reported as TAP.

The suite "mysql" of test/run sets what these programs need: COVET_MYSQL_KIND,
the kind of server (test/lib/mysql.sh), and COVET_PRIVATE, a directory.
"""
import atexit
import json
import os
import pathlib
import socket
import subprocess
import sys
import threading
import time

import pymysql

ROOT = pathlib.Path(__file__).resolve().parents[2]
PRIVATE = pathlib.Path(os.environ['COVET_PRIVATE'])
KIND = os.environ['COVET_MYSQL_KIND']
IS_MYSQL = KIND == 'mysql'
SCRIPTS = PRIVATE / 'build-mysql/build/mysql'
NAME = pathlib.Path(sys.argv[0]).stem.removeprefix('test_')
DATABASE = 'sessions_test'

_cases = 0
_failed = 0


# ---- test cases ----

def check(passed, name, detail=None):
    """One test case."""
    global _cases, _failed
    _cases += 1
    print(f"{'ok' if passed else 'not ok'} {_cases} - {KIND}: {name}", flush=True)
    if not passed:
        _failed += 1
        for line in str(detail or '').splitlines():
            print(f'# {line}', flush=True)
    return passed


def equal(got, expected, name):
    return check(got == expected, name, f'got {got!r}, expected {expected!r}')


def skip(name, why):
    """A test case that cannot be tried here."""
    global _cases
    _cases += 1
    print(f'ok {_cases} - {KIND}: {name} # SKIP not tested: {why}', flush=True)


def end():
    """Called last, so that a test program that breaks off is a failure."""
    print(f'1..{_cases}', flush=True)
    sys.exit(1 if _failed else 0)


# ---- errors, with the SQLSTATE that pymysql leaves out ----

class Error(Exception):
    def __init__(self, number, sqlstate, message):
        super().__init__(f'{number} {sqlstate} {message}')
        self.number = number
        self.sqlstate = sqlstate
        self.message = message


def _raise(packet):
    raise Error(int.from_bytes(packet[1:3], 'little'), packet[4:9].decode(),
                packet[9:].decode())


pymysql.err.raise_mysql_exception = _raise


# ---- servers ----

class Server:
    """A server of its own, stopped when the program ends."""

    def __init__(self, name=None, *options):
        self.name = f'{KIND}-{name or NAME}'
        self.socket = str(PRIVATE / self.name / 'socket')
        atexit.register(self.stop)
        self.start(*options)

    def start(self, *options):
        _run([ROOT / 'test/mysql/server', 'start', self.name, *options])

    def stop(self, signal='TERM'):
        _run([ROOT / 'test/mysql/server', 'stop', self.name, signal])

    def client(self, *arguments, program='mariadb'):
        """The command of the client, as the server's administrator."""
        return [program, '--no-defaults', '--user=root',
                f'--socket={self.socket}', *arguments]

    def run(self, sql, database=None, check=True):
        """SQL in the client's own form; what it prints."""
        return _run(self.client('--batch', '--skip-column-names',
                                *([database] if database else [])),
                    sql, check)

    def install(self, database=DATABASE):
        """The module, in a database of its own, and users of it."""
        self.run(f'CREATE DATABASE IF NOT EXISTS {database}')
        done = _run([ROOT / 'sql/mysql/install',
                     ' '.join(self.client(database)), SCRIPTS / 'install.sql'])
        self.run(f"""
            CREATE USER IF NOT EXISTS app@localhost, operator@localhost;
            CALL session_grant('app@localhost', FALSE);
            CALL session_grant('operator@localhost', TRUE)""", database)
        return done

    def connect(self, user='root', database=DATABASE, **options):
        return Connection(pymysql.connect(
            **{'unix_socket': self.socket, 'user': user, 'database': database,
               'autocommit': True, 'charset': 'utf8mb4', **options}))


def _run(command, text=None, check=True):
    done = subprocess.run([str(word) for word in command], input=text,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, check=False)
    if check and done.returncode:
        raise SystemExit(f'{command}: status {done.returncode}\n{done.stdout}')
    return done.stdout


def free_port():
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]


def eventually(condition, seconds=30):
    """Waits until something holds; whether it does."""
    end_at = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end_at:
            return False
        time.sleep(0.05)
    return True


class Connection:
    """Portable calls on a connection: db.call('session_get', id)."""

    def __init__(self, connection):
        self.connection = connection

    def rows(self, sql, *arguments):
        with self.connection.cursor() as cursor:
            cursor.execute(sql, arguments or None)
            return list(cursor.fetchall())

    def row(self, sql, *arguments):
        rows = self.rows(sql, *arguments)
        return rows[0] if rows else None

    def one(self, sql, *arguments):
        row = self.row(sql, *arguments)
        return row[0] if row else None

    def call(self, function, *arguments):
        marks = ', '.join(['%s'] * len(arguments))
        return self.one(f'SELECT {function}({marks})', *arguments)

    def json(self, function, *arguments):
        value = self.call(function, *arguments)
        return None if value is None else json.loads(value)

    def age(self, token, seconds):
        self.rows('UPDATE sessions SET ' + ', '.join(
            f'{column} = {column} - INTERVAL {seconds} SECOND' for column in (
                'created_at', 'last_accessed_at', 'expires_at', 'sweep_at'))
            + ' WHERE id = session_digest(%s)', token)

    def raises(self, expected, name, sql, *arguments):
        """The statement fails with one of the numbers or SQLSTATEs."""
        try:
            got = f'rows {self.rows(sql, *arguments)!r}'
        except Error as error:
            if error.number in expected or error.sqlstate in expected:
                return check(True, name)
            got = str(error)
        return check(False, name, f'{got}, expected {expected}')

    def close(self):
        self.connection.close()


# ---- at the same time ----

def together(workers):
    """Runs functions in threads; what they return, or the exception."""
    results = [None] * len(workers)

    def work(number):
        try:
            results[number] = workers[number]()
        except BaseException as error:  # pylint: disable=broad-except
            results[number] = error

    threads = [threading.Thread(target=work, args=(number,))
               for number in range(len(workers))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
