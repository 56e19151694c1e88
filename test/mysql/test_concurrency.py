"""Calls of all kinds at the same time, at every isolation level.

MYSQL_SECONDS says how long each combination is under load.
"""
import collections
import json
import os
import random
import time

from covet import Error, IS_MYSQL, Server, check, end, equal, together

SECONDS = float(os.environ.get('MYSQL_SECONDS') or 1)
LEVELS = ('READ UNCOMMITTED', 'READ COMMITTED', 'REPEATABLE READ', 'SERIALIZABLE')
FEW, MANY = 3, 300

# What a transaction of several calls may meet, and is to be tried again for:
# deadlock, lock wait, changed since read.
RETRY = (1213, 1205, 1020)

# Two who set one id at the moment at which a third deletes it, on MySQL alone.
RARE = (1213, 'session_set: Deadlock found when trying to get lock; try restarting transaction')

# In a function MySQL forgets SKIP LOCKED, so that it can be a deadlock's victim.
SWEEP = f"{'CALL' if IS_MYSQL else 'SELECT'} session_cleanup(NULL)"

server = Server(None, '--max-connections=200', '--innodb-lock-wait-timeout=20')
server.install()
root = server.connect()
root.call('session_configure', 'tombstone_retention', 1)
root.call('session_configure', 'cleanup_batch', 20)


def call(connection, ids, pick):
    """One call of an application."""
    token = pick.choice(ids)
    user = pick.choice(('anna', 'berta', None))
    verb = pick.choices(
        ('set', 'touch', 'get', 'patch', 'update', 'rotate', 'revoke', 'delete',
         'expire', 'create', 'list', 'revoke_user', 'verify'),
        (20, 20, 10, 20, 5, 3, 5, 3, 3, 5, 3, 2, 3))[0]
    arguments = {
        'set': (token, '{"n": 1}', user, pick.choice((1, 2, 1000)), '192.0.2.1', None),
        'patch': (token, json.dumps({f'k{pick.randrange(9)}': pick.random()})),
        'update': (token, '{"n": 2}', pick.choice((None, 1))),
        'rotate': (token, user), 'expire': (token, pick.choice((0, 1, None))),
        'create': (user, '{}', 2, None, None), 'verify': (token, None, None),
        'list': ('anna',), 'revoke_user': (user or 'carla', token),
    }.get(verb, (token,))
    try:
        connection.call(f'session_{verb}', *arguments)
    except Error as error:
        error.message = f'session_{verb}: {error.message}'
        raise


def worker(level, autocommit, ids, until, limits):
    def work():
        pick = random.Random()
        seen = collections.Counter()
        connection = server.connect(autocommit=autocommit)
        connection.rows(f'SET SESSION TRANSACTION ISOLATION LEVEL {level}')
        while time.monotonic() < until:
            try:
                for _ in range(1 if autocommit else pick.randrange(1, 4)):
                    call(connection, ids, pick)
                    seen['calls'] += 1
                if not autocommit:
                    connection.connection.commit()
            except Error as error:
                if error.sqlstate == '53400' and limits:
                    seen['limited'] += 1
                else:
                    seen[error.number, error.message] += 1
                connection.connection.rollback()
        connection.close()
        return seen
    return work


def sweeper(level, until):
    def work():
        seen = collections.Counter()
        connection = server.connect()
        connection.rows(f'SET SESSION TRANSACTION ISOLATION LEVEL {level}')
        while time.monotonic() < until:
            try:
                seen['swept'] += connection.one(SWEEP)
            except Error as error:
                seen['sweep', error.number, error.message] += 1
            time.sleep(0.02)
        connection.close()
        return seen
    return work


def patcher(level, number, until, victim):
    """Patches a key of its own in a session that nobody ends.  A victim of
    transactions beside it tries again."""
    def work():
        connection = server.connect()
        connection.rows(f'SET SESSION TRANSACTION ISOLATION LEVEL {level}')
        count = 0
        while time.monotonic() < until:
            try:
                version = connection.call('session_patch', 'stays',
                                          json.dumps({f'w{number}': count + 1}))
            except Error as error:
                if not victim or error.number not in RETRY:
                    raise
                continue
            if version is None:
                raise RuntimeError('the session is gone')
            count += 1
        connection.close()
        return collections.Counter({'calls': count})
    return work


def load(level, autocommit, count, limit=0):
    root.call('session_configure', 'max_sessions_per_user', limit)
    root.call('session_set', 'stays', '{}', 'dora', 100000, None, None)
    name = (f"{level}, autocommit {'on' if autocommit else 'off'}, {count} ids"
            + (', limits' if limit else ''))
    ids = [f'id-{number}' for number in range(count)]
    until = time.monotonic() + SECONDS
    workers = [worker(level, autocommit, ids, until, limit) for _ in range(6)]
    workers += [sweeper(level, until)]
    # What docs/mysql.md names: at SERIALIZABLE a transaction, or a call that makes
    # room for a user, locks what it reads, by an index first, where a change locks
    # the row first.
    victim = level == 'SERIALIZABLE' and (not autocommit or limit > 0)
    patchers = [patcher(level, number, until, victim) for number in range(3)]
    results = together(workers + patchers)
    broken = [result for result in results if isinstance(result, BaseException)]
    equal(broken, [], f'{name}: nobody breaks off')
    seen = sum((result for result in results if not isinstance(result, BaseException)),
               collections.Counter())
    calls, limited = seen.pop('calls', 0), seen.pop('limited', 0)
    swept = seen.pop('swept', 0)
    print(f'# {name}: {calls} calls, {swept} swept, {limited} refused')
    if IS_MYSQL and autocommit and seen[RARE]:
        victims = seen.pop(RARE)
        check(victims <= 1 + calls // 5000, f"{name}: session_set is hardly ever a victim", victims)
    if limit and victim:
        odd = {key: n for key, n in seen.items() if 1213 not in key}
        equal(odd, {}, f'{name}: no call fails but for deadlocks')
        print(f'# deadlocks: {sum(seen.values())} of {calls} calls')
    elif autocommit:
        if not equal(dict(seen), {}, f'{name}: no call fails'):
            status = root.row('SHOW ENGINE INNODB STATUS')[2]
            _, _, deadlock = status.partition('LATEST DETECTED DEADLOCK')
            print('# ' + deadlock.partition('\nTRANSACTIONS\n')[0].replace('\n', '\n# '))
    else:
        sweeps = {key: n for key, n in seen.items()
                  if key[0] == 'sweep' and not (victim and key[1] in RETRY)}
        equal(sweeps, {}, f'{name}: no sweep fails' + (' but as a victim' if victim else ''))
        odd = {key: n for key, n in seen.items()
               if key[0] not in RETRY and key[0] != 'sweep'}
        equal(odd, {}, f'{name}: what fails is to be tried again')
        print(f'# to be tried again: {sum(seen.values())} of {calls} calls')
    data = root.json('session_get', 'stays')
    expected = {f'w{number}': result['calls'] for number, result in enumerate(results[-3:])
                if not isinstance(result, BaseException)}
    equal({key: data.get(key) for key in expected}, expected, f'{name}: no patch is lost')
    root.call('session_delete', 'stays')


for level in LEVELS:
    for autocommit in (True, False):
        for count in (FEW, MANY):
            load(level, autocommit, count)
for level in LEVELS[1:]:
    load(level, True, MANY, limit=2)


def changed_since(level):
    """A transaction that has seen a session may not change what it has not seen."""
    root.call('session_set', 'seen', '{}', 'dora', 1000, None, None)
    reader = server.connect(autocommit=True)
    reader.rows(f'SET SESSION TRANSACTION ISOLATION LEVEL {level}')
    reader.rows('SET SESSION innodb_snapshot_isolation = 1')
    for autocommit in (True, False):
        reader.connection.autocommit(autocommit)
        reader.rows('START TRANSACTION WITH CONSISTENT SNAPSHOT')
        root.call('session_patch', 'seen', '{"n": 1}')
        reader.raises((1020,), f'{level}, autocommit {"on" if autocommit else "off"}: '
                      'innodb_snapshot_isolation holds in a transaction',
                      "SELECT session_patch('seen', '{\"m\": 1}')")
        reader.connection.rollback()
    reader.connection.autocommit(True)
    reader.call('session_patch', 'seen', '{"m": 1}')
    equal(root.json('session_get', 'seen'), {'n': 1, 'm': 1},
          f'{level}: and a single call changes the latest')
    equal(reader.one('SELECT @@innodb_snapshot_isolation'), 1,
          f'{level}: and leaves innodb_snapshot_isolation as it was')
    reader.close()
    root.call('session_delete', 'seen')


if not IS_MYSQL and root.rows("SHOW VARIABLES LIKE 'innodb_snapshot_isolation'"):
    for level in ('REPEATABLE READ', 'SERIALIZABLE'):
        changed_since(level)
    before = root.one('SELECT @@global.innodb_snapshot_isolation')
    root.rows(f'SET GLOBAL innodb_snapshot_isolation = {1 - before}')
    for autocommit in (True, False):
        load('REPEATABLE READ', autocommit, FEW)
    load('SERIALIZABLE', True, FEW)
    load('SERIALIZABLE', True, MANY, limit=2)
    print(f'# the last four with innodb_snapshot_isolation = {1 - before}')
end()
