"""Makes random sequences of calls, valid and not.

A sequence comes from its seed alone.  All its durations, and what sessions are
aged by, are multiples of STEP seconds: so what is over is over by much more
than the calls take, and no answer depends on how fast they are.
"""

import dataclasses
import random

from kit.model import MAX_SECONDS

STEP = 7
LENGTH = 60

SETTINGS = {
    "idle_timeout": ("3500", "210", "0"),
    "anonymous_idle_timeout": ("0", "140"),
    "max_lifetime": ("7000", "1400", "0"),
    "touch_interval": ("63", "0"),
    "tombstone_retention": ("280", "7"),
    "strict_ids": ("off", "off", "off", "on"),
    "max_sessions_per_user": ("0", "2", "1"),
    "max_sessions_policy": ("evict", "reject"),
    "bind_ip": ("off", "subnet", "exact"),
    "bind_user_agent": ("off", "exact"),
    "on_mismatch": ("reject", "revoke"),
    "audit": ("off", "all"),
    # When a sweep comes is the engine's own affair.
    "cleanup_enabled": ("off",),
}

DATA = ('{"a": 1}', '{"a": {"b": [1, 2.5]}, "c": "\\u00fc"}', "{}",
        '{"a": null, "c": true}', '{"b": 1, "c": 2, "b": {"a": 3}}',
        '{"a": {"b": null, "d": "x"}}', "[1, [2]]", '"text"', "null", "12")
BAD_DATA = (None, '{"a": ', '"\\u0000"', '{"\\ud800": 1}')
IDS = ("one", "one", "two", "!~")
NEVER_MADE = "never-made"      # for a token of a call that made none
BAD_IDS = (None, "", "with blank", "x" * 256, "\u00fc")
USERS = ("anna", "berta", "O'Hara")
BAD_USERS = ("u" * 256,)
IPS = ("192.0.2.1", "192.0.2.77", "198.51.100.1", "2001:db8::1",
       "2001:db8::abcd", "2001:db8:0:1::1", "::ffff:192.0.2.1")
BAD_IPS = ("", "localhost", "192.0.2.1:80", "192.0.2.0/24")
AGENTS = ("Agent", "Agent 2")

# The wrong values of arguments, by their places.
WRONG = {
    "create": {0: BAD_USERS, 1: BAD_DATA[1:], 2: (0, -1, 2 ** 31),
               3: BAD_IPS},
    "set": {0: BAD_IDS, 1: BAD_DATA, 2: BAD_USERS, 3: (0, -7, 2 ** 31),
            4: BAD_IPS},
    "get": {0: BAD_IDS}, "touch": {0: BAD_IDS}, "info": {0: BAD_IDS},
    "delete": {0: BAD_IDS}, "revoke": {0: BAD_IDS},
    "verify": {0: BAD_IDS, 1: BAD_IPS},
    "update": {0: BAD_IDS, 1: BAD_DATA},
    "patch": {0: BAD_IDS, 1: BAD_DATA + ("[]", "1", "null")},
    "rotate": {0: BAD_IDS, 1: BAD_USERS},
    "expire": {0: BAD_IDS, 1: (-1, 2 ** 31)},
    "revoke_handle": {0: BAD_USERS + (None, "")},
    "revoke_user": {0: BAD_USERS + (None, ""), 1: BAD_IDS[1:]},
    "list": {0: BAD_USERS + (None, "")},
    "import": {0: BAD_IDS, 1: BAD_DATA, 2: BAD_USERS},
}


@dataclasses.dataclass(frozen=True)
class Made:
    """The token that an earlier call has made."""
    call: int

    def __str__(self):
        return f"token of {self.call}"


@dataclasses.dataclass
class Call:
    number: int
    verb: str
    arguments: list


class Generator:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.made = []
        self.settings = {name: self.random.choice(values)
                         for name, values in SETTINGS.items()}
        # In some sequences most sessions have an owner.
        self.anonymous = self.random.choice((0.1, 0.5))

    def sequence(self):
        verbs = {"create": 8, "set": 20, "get": 8, "touch": 10, "info": 10,
                 "verify": 8, "update": 8, "patch": 10, "rotate": 6,
                 "expire": 5, "delete": 3, "revoke": 4, "revoke_handle": 3,
                 "revoke_user": 3, "list": 6, "import": 4, "cleanup": 4,
                 "age": 20}
        return [self.call(number, verb) for number, verb in enumerate(
            self.random.choices(list(verbs), verbs.values(), k=LENGTH))]

    def call(self, number, verb):
        arguments = getattr(self, "import_" if verb == "import" else verb)()
        spoilt = self.random.random() < 0.12 and self.spoil(verb, arguments)
        if verb in ("create", "rotate") and not spoilt:
            self.made.append(number)
        return Call(number, verb, arguments)

    def pick(self, values, none=0.0):
        if self.random.random() < none:
            return None
        return self.random.choice(values)

    def token(self):
        if self.made and self.random.random() < 0.5:
            return Made(self.random.choice(self.made[-3:]))
        return self.pick(IDS)

    def user(self):
        if self.random.random() < self.anonymous:
            return self.pick((None, ""))
        return self.pick(USERS)

    def ttl(self):
        return self.pick((140, 700, 2100, MAX_SECONDS), none=0.4)

    def seconds(self):
        return self.pick((0, 70, 700, 70000), none=0.3)

    def create(self):
        return [self.user(), self.pick(DATA, 0.2), self.ttl(),
                self.pick(IPS, 0.4), self.pick(AGENTS, 0.4)]

    def set(self):
        user = self.user() if self.random.random() < 0.6 else None
        return [self.token(), self.pick(DATA), user, self.ttl(),
                self.pick(IPS, 0.4), self.pick(AGENTS, 0.4)]

    def get(self):
        return [self.token()]

    touch = info = delete = revoke = get

    def verify(self):
        return [self.token(), self.pick(IPS, 0.1), self.pick(AGENTS, 0.1)]

    def update(self):
        return [self.token(), self.pick(DATA), self.pick((1, 2, 3, 0), 0.5)]

    def patch(self):
        return [self.token(), self.pick(DATA[:6])]

    def rotate(self):
        return [self.token(), self.pick(USERS, 0.5)]

    def expire(self):
        return [self.token(), self.seconds()]

    def revoke_handle(self):
        return [self.pick(USERS), self.token()]

    def revoke_user(self):
        return [self.pick(USERS), None if self.pick((0, 1)) else self.token()]

    def list(self):
        return [self.pick(USERS)]

    def import_(self):
        return [self.token(), self.pick(DATA), self.user()]

    def cleanup(self):
        return []

    def age(self):
        return [self.token(),
                STEP * self.pick((1, 1, 3, 8, 9, 10, 20, 30, 300))]

    def spoil(self, verb, arguments):
        """Puts one wrong argument in: two would raise one of two errors."""
        wrong = WRONG.get(verb)
        if not wrong:
            return False
        place = self.random.choice(list(wrong))
        arguments[place] = self.random.choice(wrong[place])
        return True
