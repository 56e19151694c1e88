"""The event sweeps by itself, one at a time, and as the settings say."""
import time

from covet import Server, check, end, equal, eventually

server = Server(None, '--event-scheduler=ON')
server.install()
root = server.connect()


def stats(name):
    with root.connection.cursor() as cursor:
        cursor.execute('CALL session_stats()')
        row = cursor.fetchone()
        return row[[column[0] for column in cursor.description].index(name)]


def health():
    return {row[0]: row[1:] for row in root.rows('CALL session_health()')}


root.call('session_configure', 'cleanup_interval', 1)
root.call('session_configure', 'cleanup_batch', 10)
for number in range(35):
    root.call('session_set', f'over-{number}', '{}', 'anna', 100, None, None)
root.call('session_set', 'stays', '{}', 'anna', 1000, None, None)
root.rows("UPDATE sessions SET last_accessed_at = last_accessed_at - INTERVAL 200 SECOND, "
          "sweep_at = sweep_at - INTERVAL 200 SECOND WHERE id <> session_digest('stays')")
check(eventually(lambda: root.one('SELECT count(*) FROM sessions') == 1),
      'what is over is swept, in more than one batch', root.rows('SELECT * FROM sessions'))
check(root.call('session_get', 'stays'), 'what is not over stays')
check(eventually(lambda: stats('swept') == 35), 'the sweep counts', stats('swept'))
sweeps = stats('sweeps')
time.sleep(3)
again = stats('sweeps')
check(1 <= again - sweeps <= 4, 'it comes every second', again - sweeps)
check(health()['sweep'][0] and health()['scheduler'][0], 'health sees it at work', health())

root.call('session_configure', 'cleanup_enabled', 'off')
time.sleep(1.5)
sweeps = stats('sweeps')
root.call('session_set', 'over', '{}', 'anna', 100, None, None)
root.age('over', 200)
time.sleep(2.5)
equal(root.one('SELECT count(*) FROM sessions'), 2, 'switched off it sweeps nothing')
equal(stats('sweeps'), sweeps, '... and counts no sweep')
check(not health()['settings'][0], '... which health sees')
root.call('session_configure', 'cleanup_enabled', 'on')
check(eventually(lambda: root.one('SELECT count(*) FROM sessions') == 1),
      'switched on again it sweeps')

root.rows("CREATE TRIGGER keeps BEFORE DELETE ON sessions FOR EACH ROW "
          "SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'kept by a trigger'")
root.call('session_set', 'over', '{}', 'anna', 100, None, None)
root.age('over', 200)
check(eventually(lambda: stats('last_error') == 'kept by a trigger'),
      'the error of a sweep that fails is kept', stats('last_error'))
check(not health()['sweep'][0] and 'kept by a trigger' in str(health()['sweep']),
      '... which health tells', health())
equal(root.one('SELECT count(*) FROM sessions'), 2, '... and nothing is lost')
check(root.call('session_get', 'stays'), '... and sessions go on')
root.rows('DROP TRIGGER keeps')
check(eventually(lambda: root.one('SELECT count(*) FROM sessions') == 1),
      'without the cause it sweeps again by itself')
check(eventually(lambda: stats('last_error') is None), '... and the error is gone',
      stats('last_error'))
check(health()['sweep'][0], '... for health too', health())

root.rows('SET GLOBAL event_scheduler = OFF')
check(not health()['scheduler'][0] and 'event_scheduler' in str(health()['scheduler']),
      'health sees that no event runs', health())
end()
