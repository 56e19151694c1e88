"""The contract in a few lines of Python: what every call must answer.

Written from the contract alone, to judge engines by.  Times are ticks
of a clock that moves on a little with every call; age() makes a session older,
as the adapters do to rows.  Where the contract speaks of errors, Refusal is
raised with its SQLSTATE and message.
"""

import dataclasses
import ipaddress
import json

MAX_SECONDS = 2 ** 31 - 1
NEVER = float("inf")

# Ticks; whole numbers, so that what ends after 140 seconds does.
SECOND = 10_000


class Refusal(Exception):
    def __init__(self, sqlstate, message):
        super().__init__(f"{sqlstate} {message}")


@dataclasses.dataclass
class Session:
    user: str
    created: int
    used: int
    deadline: int
    idle: int               # seconds, 0: none
    ip: str
    agent: str
    data: object
    version: int = 1
    bound: tuple = ()       # address and agent at creation
    revoked: bool = False
    retained: int = NEVER       # until when a tombstone is

    def end(self):
        return min(self.deadline,
                   self.used + self.idle * SECOND if self.idle else NEVER)


def is_token(token):
    return token is not None and 1 <= len(token) <= 255 and all(
        "!" <= character <= "~" for character in token)


def merge(target, patch):
    """RFC 7396, section 2."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merge(result.get(key), value)
    return result


def parse_ip(text):
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        raise Refusal("22023", "ip must be an IPv4 or IPv6 address") from None
    return getattr(address, "ipv4_mapped", None) or address


def same_ip(policy, one, other):
    one, other = parse_ip(one), parse_ip(other)
    if policy == "exact" or one.version != other.version:
        return one == other
    prefix = 24 if one.version == 4 else 64
    return other in ipaddress.ip_network((one, prefix), strict=False)


class Model:
    def __init__(self, settings):
        self.settings = settings
        self.rows = {}          # token -> Session
        self.clock = 0

    def now(self):
        self.clock += 1
        return self.clock

    def age(self, token, seconds):
        session = self.rows.get(token)
        if session:
            session.created -= seconds * SECOND
            session.used -= seconds * SECOND
            session.deadline -= seconds * SECOND
            session.retained -= seconds * SECOND

    def setting(self, name):
        return int(self.settings[name])

    # ---- what calls have in common ----

    def live(self, token):
        session = self.rows.get(token)
        if session and not session.revoked and self.clock < session.end():
            return session
        return None

    def known(self, token):
        """For the verbs whose id may not be NULL."""
        if token is None:
            raise Refusal("22023", "session id must not be null")
        return self.live(token)

    @staticmethod
    def check_id(token):
        if token is None:
            raise Refusal("22023", "session id must not be null")
        if not is_token(token):
            raise Refusal("22023", "invalid session id")

    @staticmethod
    def check_user(user, named=False):
        if named and user is None:
            raise Refusal("22023", "user_id must not be null")
        if user is not None and len(user) > 255:
            raise Refusal("22023", "user_id must be at most 255 characters")
        if named and user == "":
            raise Refusal("22023", "user_id must not be empty")

    @staticmethod
    def check_ttl(ttl):
        if ttl is not None and not 1 <= ttl <= MAX_SECONDS:
            raise Refusal("22023",
                          "ttl must be between 1 and 2147483647 seconds")

    @staticmethod
    def parse(text, what="data"):
        if text is None:
            raise Refusal("22023", f"session {what} must not be null")
        try:
            value = json.loads(text)
        except ValueError:
            raise Refusal("not", "JSON") from None
        if "\\u0000" in text:
            raise Refusal("22023",
                          "session data must not contain NUL characters")
        if "\\ud800" in text:
            raise Refusal("22023",
                          "session data must not contain lone surrogates")
        return value

    def deadline(self, created):
        lifetime = self.setting("max_lifetime")
        return created + lifetime * SECOND if lifetime else NEVER

    def fresh(self, user, data, ttl, ip, agent):
        now, user = self.now(), user or ""
        idle = ttl or (not user and self.setting("anonymous_idle_timeout")
                       ) or self.setting("idle_timeout")
        return Session(user, now, now, self.deadline(now),
                       idle, ip, agent, data, bound=(ip, agent))

    def bury(self, session):
        session.revoked, session.data = True, {}
        session.retained = (
            self.clock + self.setting("tombstone_retention") * SECOND)

    def sessions_of(self, user):
        return sorted((session.used, token) for token, session
                      in self.rows.items()
                      if session.user == user and self.live(token))

    def admit(self, user, token):
        """Makes room for one more session of the user."""
        limit = self.setting("max_sessions_per_user")
        if not user or not limit:
            return
        others = [other for used, other in self.sessions_of(user)
                  if other != token]
        excess = len(others) - (limit - 1)
        if excess <= 0:
            return
        if self.settings["max_sessions_policy"] == "reject":
            raise Refusal("53400", "too many sessions for this user")
        for other in others[:excess]:
            self.bury(self.rows[other])

    def use(self, session):
        session.used = max(session.used, self.now())

    # ---- the calls; each returns its answer ----

    def create(self, token, user, data, ttl, ip, agent):
        """token: what the engine has made up."""
        self.check_user(user)
        value = {} if data is None else self.parse(data)
        self.check_ttl(ttl)
        if ip is not None:
            parse_ip(ip)
        self.admit(user, token)
        self.rows[token] = self.fresh(user, value, ttl, ip, agent)
        return token

    def set(self, token, data, user, ttl, ip, agent):
        self.check_id(token)
        value = self.parse(data)
        self.check_user(user)
        self.check_ttl(ttl)
        if ip is not None:
            parse_ip(ip)
        session = self.live(token)
        if session is None:
            if token in self.rows and self.rows[token].revoked:
                return False
            if self.settings["strict_ids"] == "on":
                return False
            self.admit(user, token)
            self.rows[token] = self.fresh(user, value, ttl, ip, agent)
            return True
        if user is not None and user != session.user:
            self.admit(user, token)
            session.user = user
        self.use(session)
        session.data = value
        session.version += 1
        session.idle = ttl or session.idle
        session.ip = session.ip if ip is None else ip
        session.agent = session.agent if agent is None else agent
        return True

    def get(self, token):
        session = self.live(token)
        return session and json.dumps(session.data)

    def touch(self, token):
        session = self.live(token)
        if session is None:
            return None
        interval = self.setting("touch_interval") * SECOND
        if session.idle:
            interval = min(interval, session.idle * SECOND // 20)
        if self.now() - session.used >= interval:
            self.use(session)
        return json.dumps(session.data)

    def verify(self, token, ip, agent):
        if ip is not None:
            parse_ip(ip)
        session = self.live(token)
        if session is None:
            return None
        bound_ip, bound_agent = session.bound
        policy = self.settings["bind_ip"]
        matches = policy == "off" or bound_ip is None or (
            ip is not None and same_ip(policy, bound_ip, ip))
        if self.settings["bind_user_agent"] == "exact" and bound_agent:
            matches = matches and agent == bound_agent
        if matches:
            return self.touch(token)
        if self.settings["on_mismatch"] == "revoke":
            self.bury(session)
        return None

    def update(self, token, data, version):
        session = self.known(token)
        value = self.parse(data)
        if session is None:
            return None
        if version is not None and version != session.version:
            return 0
        session.data = value
        session.version += 1
        self.use(session)
        return session.version

    def patch(self, token, patch):
        session = self.known(token)
        value = self.parse(patch, "patch")
        if not isinstance(value, dict):
            raise Refusal("22023", "session patch must be a JSON object")
        if session is None:
            return None
        if not isinstance(session.data, dict):
            raise Refusal("22023",
                          "session data to patch must be a JSON object")
        session.data = merge(session.data, value)
        session.version += 1
        self.use(session)
        return session.version

    def rotate(self, new_token, token, user):
        session = self.known(token)
        self.check_user(user)
        if session is None:
            return None
        if user is not None and user != session.user:
            self.admit(user, token)
        self.rows[new_token] = dataclasses.replace(
            session, user=session.user if user is None else user)
        self.use(self.rows[new_token])
        self.bury(session)
        return new_token

    def expire(self, token, seconds):
        session = self.known(token)
        if seconds is not None and not 0 <= seconds <= MAX_SECONDS:
            raise Refusal("22023",
                          "seconds must be between 0 and 2147483647")
        if session is None:
            return False
        if seconds is not None:
            session.deadline = self.now() + seconds * SECOND
        else:
            session.deadline = self.deadline(session.created)
        return True

    def delete(self, token):
        session = self.live(token)
        if session or (token in self.rows and not self.rows[token].revoked):
            del self.rows[token]
        return session is not None

    def revoke(self, token):
        session = self.live(token)
        if session:
            self.bury(session)
        return session is not None

    def revoke_handle(self, user, token):
        """By the handle of the token."""
        self.check_user(user, named=True)
        session = self.live(token)
        return (session is not None and session.user == user
                and self.revoke(token))

    def revoke_user(self, user, spared):
        self.check_user(user, named=True)
        tokens = [token for used, token in self.sessions_of(user)
                  if token != spared]
        for token in tokens:
            self.bury(self.rows[token])
        return len(tokens)

    def list(self, user):
        """Tokens, latest use first."""
        self.check_user(user, named=True)
        return [token for used, token in reversed(self.sessions_of(user))]

    def import_(self, token, data, user):
        """With the times that are not given."""
        self.check_id(token)
        value = self.parse(data)
        self.check_user(user)
        row = self.rows.get(token)
        if row and (row.revoked or self.live(token)):
            return False
        self.admit(user, token)
        self.rows[token] = self.fresh(user, value, None, None, None)
        return True

    def cleanup(self):
        """What an engine's reads have removed already is not known here."""
        for token, session in list(self.rows.items()):
            if self.clock >= (session.retained if session.revoked
                              else session.end()):
                del self.rows[token]
