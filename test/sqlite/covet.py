"""Connections with the extension loaded, and test cases reported as TAP.

The extension is the file named by $COVET_SQLITE, build/sqlite/covet_sessions.so
of the working directory if that is not set.
"""
import atexit
import json
import os
import shutil
import sqlite3
import sys
import tempfile

EXTENSION = os.path.abspath(
    os.environ.get('COVET_SQLITE', 'build/sqlite/covet_sessions.so'))

_cases = 0
_failed = 0


def check(passed, name, detail=None):
    """One test case."""
    global _cases, _failed
    _cases += 1
    print(f"{'ok' if passed else 'not ok'} {_cases} - {name}", flush=True)
    if not passed:
        _failed += 1
        if detail is not None:
            print(f'# {detail}', flush=True)
    return passed


def equal(got, expected, name):
    return check(got == expected, name, f'got {got!r}, expected {expected!r}')


@atexit.register
def _done():
    if os.getpid() == _main:
        print(f'1..{_cases}', flush=True)


_main = os.getpid()


def end():
    """Called last, so that a test program that breaks off is a failure."""
    sys.exit(1 if _failed else 0)


_directory = tempfile.mkdtemp(prefix='covet-sqlite-')


@atexit.register
def _remove():
    if os.getpid() == _main:
        shutil.rmtree(_directory, ignore_errors=True)


def path(name='test.db'):
    return os.path.join(_directory, name)


def connect(name='test.db', timeout=0, uri=False, **options):
    """A connection in autocommit, with no busy timeout unless asked."""
    connection = sqlite3.connect(name if uri or name == ':memory:' else path(name),
                                 timeout=timeout, isolation_level=None,
                                 uri=uri, **options)
    connection.enable_load_extension(True)
    connection.load_extension(EXTENSION)
    connection.enable_load_extension(False)
    return connection


class Session:
    """Portable calls on a connection: db.call('session_get', id)."""

    def __init__(self, connection):
        self.connection = connection

    def call(self, name, *args):
        marks = ', '.join('?' * len(args))
        return self.connection.execute(f'SELECT {name}({marks})', args).fetchone()[0]

    def json(self, name, *args):
        value = self.call(name, *args)
        return None if value is None else json.loads(value)

    def rows(self, name, *args):
        marks = ', '.join('?' * len(args))
        cursor = self.connection.execute(f'SELECT * FROM {name}({marks})', args)
        columns = [column[0] for column in cursor.description]
        return [dict(zip(columns, row)) for row in cursor]

    def one(self, sql, *args):
        row = self.connection.execute(sql, args).fetchone()
        return None if row is None else row[0]

    def configure(self, **settings):
        for name, value in settings.items():
            self.call('session_configure', name, value)

    def age(self, token, seconds):
        """Moves a session's times into the past."""
        handle = self.call('session_digest', token)
        columns = ('created_at', 'last_accessed_at', 'expires_at', 'sweep_at')
        moved = ', '.join(
            f"{column} = strftime('%Y-%m-%dT%H:%M:%S', substr({column}, 1, 19), '-{seconds} seconds')"
            f" || '.000000Z'" for column in columns)
        self.connection.execute(f'UPDATE sessions SET {moved} WHERE id = ?', (handle,))

    def raises(self, message, name, *args):
        """The call raises the error, and changes nothing."""
        before = self.dump()
        try:
            got = f'result {self.call(name, *args)!r}'
        except sqlite3.Error as error:
            got = str(error)
        shown = ', '.join(repr(arg)[:30] for arg in args)
        equal(got, message, f'{name}({shown}): {message}')
        check(self.dump() == before, '... and nothing has changed')

    def dump(self):
        if self.one("SELECT 1 FROM sqlite_master WHERE name = 'sessions'") is None:
            return []
        return [self.connection.execute(f'SELECT * FROM {table} ORDER BY rowid').fetchall()
                for table in ('sessions', 'session_events', 'session_creations',
                              'session_settings')]


def memory():
    return Session(connect(':memory:'))
