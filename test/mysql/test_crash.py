"""A server that is killed in the middle of calls has what it has answered."""
import threading
import time

from covet import Server, check, end, equal, eventually

OPTIONS = ('--event-scheduler=ON',)
LIMIT = 3

server = Server(None, *OPTIONS)
server.install()
root = server.connect()
for setting, value in (('max_sessions_per_user', LIMIT), ('cleanup_interval', 1), ('audit', 'all')):
    root.call('session_configure', setting, value)

live, ended, versions = set(), set(), {}


def write(number):
    """Notes what the server has answered, until it is gone."""
    connection = server.connect('app')
    try:
        while True:
            connection.call('session_create', f'user-{number % 2}', '{}', None, None, None)
            old = connection.call('session_create', None, '{"n": 1}', None, None, None)
            version = connection.call('session_patch', old, '{"m": 2}')
            token = connection.call('session_rotate', old, None)
            ended.add(old)
            live.add(token)
            versions[token] = version
            over = connection.call('session_create', None, '{}', None, None, None)
            if connection.call('session_revoke' if number % 2 else 'session_delete', over):
                ended.add(over)
    except Exception:  # pylint: disable=broad-except
        pass


threads = [threading.Thread(target=write, args=(number,)) for number in range(6)]
for thread in threads:
    thread.start()
time.sleep(1)
server.stop('KILL')
for thread in threads:
    thread.join()
server.start(*OPTIONS)
root = server.connect()
check(len(live) > 20 and len(ended) > 20, 'there was something to lose', (len(live), len(ended)))
found = {token: root.json('session_info', token) for token in live}
equal([token for token, info in found.items() if info is None], [],
      f'all that was answered is there ({len(live)})')
equal([info for token, info in found.items()
       if info and (info['version'], info['data']) != (versions[token], {'n': 1, 'm': 2})], [],
      '... whole')
equal([token for token in ended if root.call('session_get', token) is not None], [],
      f'what was ended is not ({len(ended)})')
equal([token for token in ended if not root.call('session_delete', token)
       and root.call('session_update', token, '{}', None) is not None], [], '... and does not come back')
for number in range(2):
    check(len(root.json('session_list', f'user-{number}')) <= LIMIT,
          f'user-{number} has no more sessions than allowed')
equal(root.rows('SELECT id FROM sessions WHERE version < 0 OR NOT is_active AND JSON_LENGTH(data) > 0'), [],
      'no row is half changed')
root.call('session_configure', 'tombstone_retention', 0)
over = root.call('session_create', None, '{}', 100, None, None)
root.age(over, 200)
check(eventually(lambda: root.one(
    'SELECT count(*) FROM sessions WHERE id = session_digest(%s)', over) == 0),
    'the sweep goes on')
end()
