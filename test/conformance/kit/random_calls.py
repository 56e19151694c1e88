"""Random sequences of calls, valid and not, on engines and on the model.

A sequence comes from its seed alone.  All its durations, and what sessions are
aged by, are multiples of STEP seconds: so what is over is over by much more
than the calls take, and no answer depends on how fast they are.
"""

import base64
import dataclasses
import hashlib
import json
import random
import time

from engines import Failure
from kit.model import MAX_SECONDS, NEVER, SECOND, Model, Refusal
from kit.values import TRUTH, literal, same_json

STEP = 7
LENGTH = 60

# After these a look at the session tells whether they did what they said.
LOOKED_AT = ("set", "touch", "verify", "update", "patch", "expire")

# Seconds in which a difference is looked for in fewer calls.
SHRINKING = 20

TOLERANCE = 5

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


# ---- making a sequence ----

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
        arguments = getattr(self, verb)()
        spoilt = self.random.random() < 0.12 and self.spoil(verb, arguments)
        if verb in ("create", "rotate") and not spoilt:
            self.made.append(number)
        return Call(number, verb, arguments)

    def pick(self, values, none=0.0):
        return None if self.random.random() < none else self.random.choice(values)

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
        return [self.token(), self.pick(DATA),
                None if self.random.random() < 0.4 else self.user(), self.ttl(),
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

    def cleanup(self):
        return []

    def age(self):
        return [self.token(),
                STEP * self.pick((1, 1, 3, 8, 9, 10, 20, 30, 300))]

    def spoil(self, verb, arguments):
        """Puts one wrong argument in: two would raise one of two errors."""
        wrong = {
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
        }.get(verb)
        if not wrong:
            return False
        place = self.random.choice(list(wrong))
        arguments[place] = self.random.choice(wrong[place])
        return True


def _import(self):
    return [self.token(), self.pick(DATA), self.user()]


setattr(Generator, "import", _import)


# ---- playing it ----

def handle(token):
    digest = hashlib.sha256(token.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


class Difference(Exception):
    """An engine's answer is not the model's."""


class Run:
    """A sequence on one engine and, step by step, on the model."""

    def __init__(self, engine, settings):
        self.engine = engine
        engine.reset(settings)
        self.connection = engine.connect()
        self.model = Model(settings)
        self.made = {}          # call -> token
        self.names = {handle(token): token for token in IDS + (NEVER_MADE,)}

    def close(self):
        self.connection.close()

    def play(self, call):
        """What the engine answers, if that is what the model does."""
        answer = self._step(call)
        if call.verb in LOOKED_AT and not isinstance(answer, str):
            return answer, self._step(Call(-1, "info", call.arguments[:1]))
        return answer

    def _step(self, call):
        arguments = [self.made.get(argument.call, NEVER_MADE)
                     if isinstance(argument, Made) else argument
                     for argument in call.arguments]
        answer = self._on_engine(call.verb, arguments)
        if call.verb in ("create", "rotate") and answer:
            if not answer.startswith("error"):
                self.made[call.number] = answer
                self.names[handle(answer)] = Made(call.number)
        expected = self._on_model(call.verb, arguments, answer)
        if not _same(answer, expected):
            raise Difference(f"{self.engine.name}: {answer}\nexpected: {expected}")
        return "a token" if call.number in self.made else answer

    def sql(self, verb, arguments):
        values = [literal(argument) for argument in arguments]
        if verb == "info":
            return self.engine.info(values[0], [
                "user_id", "version", "data", "idle_timeout", "ip_address",
                "user_agent", "created_at", "last_accessed_at", "expires_at",
                "valid_until"])
        if verb == "list":
            return self.engine.list(values[0], ["id"])
        if verb == "cleanup":
            values = ["NULL"]
        if verb == "import":
            values += ["NULL"] * 5
        if verb == "revoke_handle":
            values[1] = f"session_digest({values[1]})"
        return f"SELECT session_{verb}({', '.join(values)})"

    def _on_engine(self, verb, arguments):
        if verb == "age":
            self.engine.age(literal(arguments[0]), arguments[1])
            return None
        try:
            rows = self.connection.execute(self.sql(verb, arguments))
        except Failure as failure:
            if self.engine.is_not_json(failure):
                return "error not JSON"
            return f"error {failure.message}"
        if verb == "info":
            return self._info(rows[0]) if rows else None
        if verb == "list":
            return [self.names.get(row[0], row[0]) for row in rows]
        if verb == "cleanup":
            return int(self.connection.execute(
                "SELECT count(*) FROM sessions")[0][0])
        value = rows[0][0]
        if value is None or verb in ("create", "rotate"):
            return value
        if verb in ("update", "patch", "revoke_user"):
            return int(value)
        if verb in ("get", "touch", "verify"):
            return [json.loads(value)]
        return TRUTH[str(value).lower()]

    def _info(self, row):
        now = time.time()
        return (row[0], int(row[1]), json.loads(row[2]), int(row[3] or 0),
                row[4], row[5], *(
                    None if moment is None
                    else round(self.engine.seconds(moment) - now, 1)
                    for moment in row[6:]))

    # ---- the model ----

    def _on_model(self, verb, arguments, answer):
        model = self.model
        try:
            if verb in ("create", "rotate"):
                return getattr(model, verb)(
                    answer if answer in self.made.values() else None, *arguments)
            if verb == "info":
                return self._model_info(arguments[0])
            if verb == "list":
                return [self.names[handle(token)]
                        for token in model.list(*arguments)]
            if verb == "cleanup":
                model.cleanup()
                return len(model.rows)
            if verb == "import":
                return model.import_(*arguments)
            if verb in ("get", "touch", "verify"):
                data = getattr(model, verb)(*arguments)
                return data and [json.loads(data)]
            return getattr(model, verb)(*arguments)
        except Refusal as refusal:
            sqlstate, _, message = str(refusal).partition(" ")
            return f"error {'not ' * (sqlstate == 'not')}{message}"

    def _model_info(self, token):
        session = self.model.live(token)
        if session is None:
            return None
        return (session.user, session.version, session.data, session.idle,
                session.ip, session.agent, *(
                    None if moment == NEVER
                    else round((moment - self.model.clock) / SECOND, 1)
                    for moment in (session.created, session.used,
                                   session.deadline, session.end())))


def _same(one, other):
    """Equality; of moments, within TOLERANCE."""
    if isinstance(one, tuple) and isinstance(other, tuple):
        if len(one) == len(other) == 2:
            return all(map(_same, one, other))
        return (same_json(one[2], other[2])
                and one[:2] + one[3:6] == other[:2] + other[3:6]
                and all(_same_moment(mine, yours)
                        for mine, yours in zip(one[6:], other[6:])))
    if isinstance(one, list) and isinstance(other, list):
        return same_json(one, other)
    return type(one) is type(other) and one == other


def _same_moment(one, other):
    if one is None or other is None:
        return one is other
    return abs(one - other) <= TOLERANCE


# ---- finding a difference, and the shortest way to it ----

def _play(calls, settings, engines):
    """The number of calls up to the first difference, and what it is."""
    runs = []
    try:
        for engine in engines:
            runs.append(Run(engine, settings))
        for count, call in enumerate(calls, 1):
            try:
                answers = [run.play(call) for run in runs]
                if not all(_same(answers[0], answer) for answer in answers):
                    raise Difference("\n".join(
                        f"{engine.name}: {answer}"
                        for engine, answer in zip(engines, answers)))
            except Difference as difference:
                return count, str(difference)
        return None
    finally:
        for run in runs:
            run.close()


def _shrink(calls, settings, engines, found):
    """Leaves calls out as long as some difference remains."""
    calls = calls[:found[0]]
    end = time.monotonic() + SHRINKING
    place = len(calls) - 2
    while place >= 0 and time.monotonic() < end:
        shorter = calls[:place] + calls[place + 1:]
        if again := _play(shorter, settings, engines):
            calls, found = shorter[:again[0]], again
            place = min(place, len(calls) - 1)
        place -= 1
    return calls, found


def difference(seed, engines):
    """None, or a text that tells how the engines differ for this seed."""
    generator = Generator(seed)
    calls = generator.sequence()
    found = _play(calls, generator.settings, engines)
    if found is None:
        return None
    calls, (count, what) = _shrink(calls, generator.settings, engines, found)
    settings = ", ".join(f"{name} = {value}" for name, value
                         in generator.settings.items())
    return "\n".join(
        [f"seed {seed}: {settings}"]
        + [f"  {call.number}: {call.verb} "
           + ", ".join(str(argument) if isinstance(argument, Made)
                       else literal(argument) for argument in call.arguments) for call in calls]
        + [what])
