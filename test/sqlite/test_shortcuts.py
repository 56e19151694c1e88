"""What saves time does not change what is answered: settings that are kept
between calls, and session_set without reading first."""
from covet import Session, connect, end, equal

db = Session(connect('a.db'))
other = Session(connect('a.db'))
db.connection.execute('PRAGMA journal_mode = wal').fetchall()


def last_use(token):
    return db.one('SELECT last_accessed_at FROM sessions WHERE id = session_digest(?)', token)


def version(token):
    return db.one('SELECT version FROM session_info(?)', token)


# ---- settings ----

def limit(session):
    """Bytes of data that the session's connection accepts: 10, or more."""
    try:
        session.call('session_set', 's', '{"a": "more than ten"}')
        return 'none'
    except Exception as error:
        return str(error)


LARGE = 'session data is too large'
SMALL = "INSERT OR REPLACE INTO session_settings VALUES ('max_data_size', '10')"

equal(limit(db), 'none', 'a setting as it is')
other.call('session_configure', 'max_data_size', '10')
equal(limit(db), LARGE, 'what another connection has set holds at once')
equal(db.call('session_get', 's'), '{"a":"more than ten"}', '... and nothing was changed')
other.call('session_configure', 'max_data_size', None)
equal(limit(db), 'none', '... and what it has reset')
db.connection.execute(SMALL)
equal(limit(db), LARGE, 'so does what the same connection wrote into the table')
db.connection.execute('DELETE FROM session_settings')
equal(limit(db), 'none', '... and what it has deleted')

db.connection.execute('BEGIN')
db.connection.execute(SMALL)
equal(limit(db), LARGE, 'in a transaction its own setting holds')
equal(other.call('session_setting', 'max_data_size'), '1048576', '... for nobody else')
db.connection.execute('ROLLBACK')
equal(limit(db), 'none', '... until it is rolled back')
db.connection.execute('BEGIN')
db.call('session_configure', 'max_data_size', '10')
equal(limit(db), LARGE, 'the same with session_configure')
db.connection.execute('ROLLBACK')
equal(limit(db), 'none', '... rolled back')
db.connection.execute('BEGIN')
equal(limit(db), 'none', 'in a transaction nothing is kept')
db.connection.execute(SMALL)
equal(limit(db), LARGE, '... beyond a change')
db.connection.execute('COMMIT')
equal(limit(db), LARGE, '... which holds once it is committed')
equal(limit(other), LARGE, '... for others, too')
db.call('session_configure', 'max_data_size', None)

# A commit that fails leaves the settings as they were.
db.connection.execute('CREATE TABLE parent (n PRIMARY KEY)')
db.connection.execute('CREATE TABLE child (n REFERENCES parent DEFERRABLE INITIALLY DEFERRED)')
db.connection.execute('PRAGMA foreign_keys = 1')
db.connection.execute("CREATE TRIGGER orphan AFTER INSERT ON session_settings BEGIN INSERT INTO child VALUES (1); END")
try:
    db.call('session_configure', 'max_data_size', '10')
    failed = False
except Exception:
    failed = True
equal(failed, True, 'session_configure fails if it cannot be committed')
equal(limit(db), 'none', '... and its setting does not hold')
db.connection.execute('DROP TRIGGER orphan')

db.call('session_set', 't', '{}')
db.age('t', 30)
used = last_use('t')
db.call('session_touch', 't')
equal(last_use('t'), used, 'a use is recorded at most once per touch_interval')
other.call('session_configure', 'touch_interval', '10')
db.call('session_touch', 't')
equal(last_use('t') > used, True, '... as another connection has just set it')
other.call('session_configure', 'touch_interval', None)

db.age('t', 30)
used = last_use('t')
db.call('session_touch', 't')
db.connection.execute('BEGIN')
db.connection.execute("INSERT INTO session_settings VALUES ('touch_interval', '10')")
db.call('session_touch', 't')
equal(last_use('t') > used, True, '... or as it is in the transaction')
db.connection.execute('ROLLBACK')

# ---- session_set of a session in use ----

def row(token):
    return db.one("SELECT json_array(user_id, idle_timeout, ip_address, user_agent, version, is_active,"
                  " created_at, expires_at, sweep_at) FROM sessions WHERE id = session_digest(?)", token)


db.call('session_set', 'u', '{"n":1}', 'anna', 600, '192.0.2.1', 'Firefox')
before = row('u')
for n, more in enumerate(((), (None, None, None, None), ('anna',), (None, 600), (None, None, '192.0.2.1'),
                          ('anna', 600, '192.0.2.1', 'Firefox')), 2):
    equal(db.call('session_set', 'u', f'{{"n":{n}}}', *more), 1, f'session_set of a session in use, with {more}')
    equal(db.json('session_get', 'u'), {'n': n}, '... stores the data')
    equal(row('u'), before.replace('",1,1,', f'",{n},1,'), '... counts the version and changes nothing else')

for column, value, more in (('user_id', 'bert', ('bert',)), ('idle_timeout', 700, (None, 700)),
                            ('ip_address', '192.0.2.9', (None, None, '192.0.2.9')),
                            ('user_agent', 'Lynx', (None, None, None, 'Lynx'))):
    db.call('session_set', 'u', '{}')
    equal(db.call('session_set', 'u', '{"n":0}', *more), 1, f'another {column}')
    equal(db.one(f"SELECT {column} FROM sessions WHERE id = session_digest('u')"), value, '... is stored')

db.age('u', 400)
equal(db.call('session_set', 'u', '{"n":"late"}'), 1, 'a session in use some minutes ago')
equal(db.json('session_get', 'u'), {'n': 'late'}, '... goes on')
equal(version('u'), 16, '... with its next version')
db.age('u', 701)
equal(db.call('session_set', 'u', '{"n":"new"}'), 1, 'one that has ended meanwhile')
equal(version('u'), 1, '... starts anew')

db.call('session_set', 'short', '{}', None, 1)
db.age('short', 2)
equal(db.call('session_set', 'short', '{}'), 1, 'a session with a short timeout that has ended')
equal(version('short'), 1, '... starts anew, too')
db.call('session_set', 'dead', '{}')
db.call('session_expire', 'dead', 0)
db.call('session_set', 'dead', '{}')
equal(version('dead'), 1, '... and so does one past its deadline')

db.configure(audit='all')
db.call('session_set', 'u', '{"n":"seen"}')
equal(db.one("SELECT count(*) FROM session_events WHERE event = 'set' AND handle = session_digest('u')"), 1,
      'with audit = all the event is written')
db.configure(audit='off', strict_ids='on')
equal(db.call('session_set', 'nobody', '{}'), 0, 'with strict_ids nothing is started')
equal(db.call('session_set', 'u', '{}'), 1, '... and a session in use goes on')
db.configure(strict_ids='off')
db.call('session_revoke', 'u')
equal(db.call('session_set', 'u', '{}'), 0, 'a revoked session is refused')

# ---- session_set that is one statement ----

def starts(count, prefix):
    """New sessions in a row, so that the next call expects another one."""
    return sum(db.call('session_set', f'{prefix}{n}', '{}', 'anna') for n in range(count))


def stat(name):
    return db.one(f'SELECT {name} FROM session_stats')


for name, change, check_new in (
        ('idle_timeout', '777', "SELECT idle_timeout = 777 FROM session_info('{}')"),
        ('max_lifetime', '0', "SELECT expires_at IS NULL FROM session_info('{}')"),
        ('strict_ids', 'on', "SELECT session_get('{}') IS NULL"),
        ('max_data_size', '1', "SELECT session_get('{}') IS NULL"),
        ('max_sessions_per_user', '3', "SELECT count(*) = 3 FROM session_list('anna')"),
        ('audit', 'security', "SELECT count(*) FROM session_events WHERE event = 'create'"
                              " AND handle = session_digest('{}')")):
    for expects, count in (('a session in use', 0), ('a new one', 4)):
        token = f'{name}{count}'
        starts(count, f'before-{token}-')
        for _ in range(0 if count else 5):
            db.call('session_set', 't', '{}')
        other.call('session_configure', name, change)
        try:
            db.call('session_set', token, '{}', 'anna')
        except Exception as error:
            equal(str(error), LARGE, 'data that have become too large')
        equal(db.one(check_new.format(token)), 1,
              f'{name} as another connection has just set it holds for a new session, where {expects} is expected')
        other.call('session_configure', name, None)

for count in (0, 4):
    starts(count, f'small{count}-')
    other.call('session_configure', 'max_data_size', '10')
    equal(limit(db), LARGE, f'after {count} new sessions in a row a limit holds for one in use, too')
    other.call('session_configure', 'max_data_size', None)

creates, sets = stat('creates'), stat('sets')
equal(starts(5, 'counted'), 5, 'new sessions in a row')
equal(starts(5, 'counted'), 5, '... and they are in use')
equal((stat('creates') - creates, stat('sets') - sets), (5, 5), '... are counted as what they are')
equal(version('counted4'), 2, '... and keep their row')

db.connection.execute('CREATE TABLE note (n INTEGER PRIMARY KEY)')
db.connection.execute('INSERT INTO note VALUES (4711)')
starts(4, 'rowid')
equal(db.one('SELECT last_insert_rowid()'), 4711, 'the last rowid is the caller\'s')
equal(db.call('covet_sessions_proceed'), 0, 'nobody else is told to proceed')
equal(db.call('covet_sessions_proceed', '2000-01-01', None, None), 0, '... whatever is asked')

# What a trigger refuses is not written, by whatever statement.
for event in ('UPDATE', 'INSERT'):
    db.connection.execute(f"CREATE TRIGGER refusal BEFORE {event} ON sessions BEGIN SELECT RAISE(ABORT, 'no'); END")
    for token in ('t', 'refused'):
        before = db.dump()
        try:
            answer = db.call('session_set', token, '{"refused":1}')
        except Exception as error:
            answer = str(error)
        refused = (event == 'UPDATE') == (token == 't')
        equal(answer, 'no' if refused else 1, f'a trigger that refuses {event}, and session_set of {token}')
        equal(db.dump() == before, refused, '... and nothing is written if it fails')
    db.connection.execute('DROP TRIGGER refusal')
    db.call('session_delete', 'refused')

# Inside a statement that writes, session_set is part of that.
db.connection.execute('CREATE TABLE copy (answer)')
db.connection.execute("CREATE TRIGGER no_copy AFTER INSERT ON copy BEGIN SELECT RAISE(ROLLBACK, 'no'); END")
before = db.dump()
for token in ('t', 'inside'):
    try:
        db.connection.execute('INSERT INTO copy SELECT session_set(?, ?)', (token, '{"inside":1}'))
        failed = False
    except Exception:
        failed = True
    equal((failed, db.dump() == before), (True, True), f'session_set of {token} is undone with the statement it is in')

# ---- text as programs bind it ----

blob = Session(connect('a.db'))
blob.connection.execute("UPDATE sessions SET data = CAST('{\"b\":1}' AS blob) WHERE id = session_digest('t')")
equal(blob.one("SELECT typeof(session_get('t'))"), 'text', 'data that somebody stored as a blob are text')
equal(blob.call('session_get', b't'), '{"b":1}', 'a token may be bound as a blob')

end()
