"""Limits per user are exact, however many log in at the same time."""
from covet import Error, Server, check, end, equal, together

LOGINS = 50
LIMIT = 3

server = Server(None, '--max-connections=200')
server.install()
root = server.connect()

LIVE = """SELECT count(*) FROM sessions WHERE user_id = 'anna' AND is_active"""


def log_in(how):
    def work():
        with_token = f'token-{how}'
        connection = server.connect('app')
        try:
            if how % 2:
                return connection.call('session_create', 'anna', '{}', None, None, None)
            connection.call('session_set', with_token, '{}', 'anna', None, None, None)
            return with_token
        finally:
            connection.close()
    return work


def attempt(policy, rate=0, limit=LIMIT):
    for table in ('sessions', 'session_creations', 'session_users'):
        root.rows(f'DELETE FROM {table}')
    for name, value in (('max_sessions_per_user', limit), ('create_rate_limit', rate),
                        ('max_sessions_policy', policy)):
        root.call('session_configure', name, value)
    answers = together([log_in(number) for number in range(LOGINS)])
    tokens = [answer for answer in answers if isinstance(answer, str)]
    others = [answer for answer in answers if not isinstance(answer, str)]
    return tokens, others


def unexpected(errors):
    return [error for error in errors
            if not isinstance(error, Error) or error.sqlstate != '53400']


for round_number in range(3):
    tokens, errors = attempt('evict')
    equal((len(tokens), errors), (LOGINS, []), 'evict: everybody is let in')
    equal(root.one(LIVE), LIMIT, f'evict: {LIMIT} sessions are left')
    tokens, errors = attempt('reject')
    equal(unexpected(errors), [], 'reject: the error is 53400')
    equal((len(tokens), root.one(LIVE)), (LIMIT, LIMIT), f'reject: {LIMIT} are let in')
    tokens, errors = attempt('reject', rate=7, limit=0)
    equal(unexpected(errors), [], 'a rate: the error is 53400')
    equal((len(tokens), root.one(LIVE)), (7, 7), 'a rate: 7 are let in')
    tokens, errors = attempt('evict', rate=0, limit=1)
    equal((len(tokens), root.one(LIVE)), (LOGINS, 1), 'a single session per user')

# Logins and "sign out everywhere" at the same time: what is left came later.
root.call('session_configure', 'max_sessions_per_user', None)
for table in ('sessions', 'session_creations', 'session_users'):
    root.rows(f'DELETE FROM {table}')
answers = together([log_in(number) for number in range(20)] + [
    lambda: server.connect('app').call('session_revoke_user', 'anna', None)])
check(isinstance(answers[-1], int), 'all are signed out while others log in', answers[-1])
equal(root.one(LIVE), 20 - answers[-1], 'whoever is not counted is live')
end()
