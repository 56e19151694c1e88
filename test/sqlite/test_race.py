"""Connections and processes side by side, in WAL and in DELETE mode."""
import json
import os
import random
import signal
import sqlite3
import threading
import time

from covet import Session, check, connect, end, equal, path


def in_processes(count, work):
    """Runs work(i) in so many processes; true if all of them ended well."""
    children = []
    for i in range(count):
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                work(i)
                status = 0
            except BaseException as error:
                print(f'# process {i}: {error!r}', flush=True)
            os._exit(status)
        children.append(pid)
    return all([os.waitpid(pid, 0)[1] == 0 for pid in children])


def opened(**options):
    """A connection without busy timeout, once it has read the schema.

    As seen in SQLite 3.53, preparing the first statement reads it, before the
    extension is asked, and the client's busy timeout counts for that.
    """
    session = Session(connect(name, timeout=60, **options))
    session.one('SELECT count(*) FROM sqlite_master')
    session.connection.execute('PRAGMA busy_timeout = 0')
    return session


for mode in ('wal', 'delete'):
    name = f'{mode}.db'
    file = path(name)
    setup = Session(connect(name))
    setup.connection.execute(f'PRAGMA journal_mode = {mode}').fetchall()
    setup.connection.close()

    # Eight processes that start with nothing, all of them installing.
    check(in_processes(8, lambda i: opened().call('session_set', f'first{i}', '{}')),
          f'{mode}: eight processes install at once')
    db = opened()
    equal(db.one('SELECT count(*) FROM sessions'), 8, f'{mode}: ... and nothing is lost')

    # A ledger: every process adds its own key to a shared session, counts in
    # another one by compare-and-set, and has sessions of its own.
    db.call('session_set', 'shared', '{}')
    db.call('session_set', 'counter', '0')
    db.configure(touch_interval='0')

    def work(i):
        mine = opened()
        # A query on a table takes its lock before the extension is asked.
        tables = Session(connect(name, timeout=60))
        rng = random.Random(i)
        tokens = {}
        for n in range(60):
            assert mine.call('session_patch', 'shared', json.dumps({f'{i}.{n}': n})) is not None
            while True:
                info, = tables.rows('session_info', 'counter')
                if mine.call('session_update', 'counter', str(int(info['data']) + 1), info['version']) > 0:
                    break
            token = mine.call('session_create', f'user{i}', str(n))
            tokens[token] = n
            known = rng.choice(list(tokens))
            assert mine.json('session_touch', known) == tokens[known]
            if n % 5 == 0:
                tokens[mine.call('session_rotate', known)] = tokens.pop(known)
                assert mine.call('session_set', known, '{}') == 0
        left = {mine.call('session_digest', token) for token in tokens}
        assert {row['id'] for row in tables.rows('session_list', f'user{i}')} == left

    check(in_processes(8, work), f'{mode}: eight processes, no busy timeout, no error')
    equal(len(db.json('session_get', 'shared')), 8 * 60, f'{mode}: every patch has survived')
    equal(db.json('session_get', 'counter'), 8 * 60, f'{mode}: every compare-and-set counts once')
    equal(db.one("SELECT count(*) FROM sessions WHERE is_active AND user_id <> ''"), 8 * 60,
          f'{mode}: every session is there')
    equal(db.one('PRAGMA integrity_check'), 'ok', f'{mode}: integrity_check')

    # Limits are exact.
    db.configure(max_sessions_per_user='3')
    check(in_processes(4, lambda i: [opened().call('session_create', 'limited')
                                     for _ in range(10)]), f'{mode}: logins of one user at once')
    equal(len(db.rows('session_list', 'limited')), 3, f'{mode}: the limit is exact')
    db.configure(max_sessions_per_user=None)

    # The same new session from all sides: one creation.
    db.configure(audit='security')
    db.connection.execute('DELETE FROM session_events')
    check(in_processes(8, lambda i: opened().call('session_set', 'same', str(i))),
          f'{mode}: eight session_set of one id')
    equal((db.one('SELECT count(*) FROM session_events'), db.rows('session_info', 'same')[0]['version']),
          (1, 8), f'{mode}: ... start it once')

    # A revocation is never undone.
    for round in range(10):
        token = db.call('session_create')
        barrier = threading.Barrier(2)

        def racer(verb, *args):
            mine = opened(check_same_thread=False)
            barrier.wait()
            mine.call(verb, token, *args)
            mine.connection.close()

        threads = [threading.Thread(target=racer, args=args)
                   for args in (('session_set', '{"late":1}'), ('session_revoke',))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if db.call('session_get', token) is not None:
            break
    equal(round, 9, f'{mode}: set and revoke at once: revoked it stays')

    # kill -9: what was acknowledged is there.
    lost = 0
    for round in range(8):
        readable, writable = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(readable)
            mine = opened()
            while True:
                token = mine.call('session_create', None, '{}')
                mine.call('session_patch', token, '{"ack":1}')
                os.write(writable, token.encode())
        os.close(writable)
        acknowledged = os.read(readable, 65536)
        time.sleep(random.uniform(0.02, 0.2))
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        while chunk := os.read(readable, 65536):
            acknowledged += chunk
        os.close(readable)
        tokens = [acknowledged[i:i + 43].decode() for i in range(0, len(acknowledged) // 43 * 43, 43)]
        after = opened()
        lost += sum(after.json('session_get', token) != {'ack': 1} for token in tokens)
        if not tokens:
            lost += 1
    equal(lost, 0, f'{mode}: kill -9 loses nothing acknowledged')
    equal(db.one('PRAGMA integrity_check'), 'ok', f'{mode}: integrity_check')

    # A lock that is not given up ends in an error, not in a hang, and at once
    # where the caller has a transaction open.
    other = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    other.execute('BEGIN IMMEDIATE')
    reader = opened()
    reader.connection.execute('BEGIN')
    reader.call('session_get', 'shared')
    started = time.monotonic()
    try:
        reader.call('session_set', 'shared', '{}')
        check(False, f'{mode}: a held lock is an error')
    except sqlite3.OperationalError as error:
        equal(str(error), 'database is locked', f'{mode}: a held lock is an error')
    check(time.monotonic() - started < 1, f'{mode}: ... at once in a transaction')
    equal(reader.connection.in_transaction, True, f'{mode}: which stays open')
    reader.connection.execute('ROLLBACK')

    def give_up():
        time.sleep(0.3)
        other.execute('COMMIT')

    thread = threading.Thread(target=give_up)
    thread.start()
    equal(reader.call('session_set', 'shared', '{}'), 1, f'{mode}: a call waits for a lock that is given up')
    thread.join()

    # A commit that others do not let through is undone as a whole.
    if mode == 'delete':
        other.execute('BEGIN')
        other.execute('SELECT * FROM sessions').fetchall()
        try:
            reader.call('session_set', 'late', '{}')
            check(False, 'a commit in vain is an error')
        except sqlite3.OperationalError as error:
            equal(str(error), 'database is locked', 'a commit in vain is an error')
        equal(reader.connection.in_transaction, False, '... and leaves no transaction open')
        other.execute('COMMIT')
        equal((reader.call('session_get', 'late'), db.call('session_set', 'late', '{}')), (None, 1),
              '... nor a lock')
end()
