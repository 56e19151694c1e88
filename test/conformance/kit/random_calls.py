"""Plays random calls on engines and on the model, and compares."""

import base64
import hashlib
import json
import time

from engines import Failure
from kit.generator import IDS, NEVER_MADE, Call, Generator, Made
from kit.model import NEVER, SECOND, Model, Refusal
from kit.values import TOLERANCE, TRUTH, literal, same_json

# After these a look at the session tells whether they did what they said.
LOOKED_AT = ("set", "touch", "verify", "update", "patch", "expire")

# Seconds in which a difference is looked for in fewer calls.
SHRINKING = 20


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
        self.started = time.monotonic()
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
        # Time passes for the model too, much of it where engines are slow.
        self.model.clock = max(self.model.clock, round(
            (time.monotonic() - self.started) * SECOND))
        expected = self._on_model(call.verb, arguments, answer)
        if not _same(answer, expected):
            raise Difference(
                f"{self.engine.name}: {answer}\nexpected: {expected}")
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
                token = answer if answer in self.made.values() else None
                return getattr(model, verb)(token, *arguments)
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
    return "\n".join(
        [f"seed {seed}: " + ", ".join(
            f"{name} = {value}" for name, value in generator.settings.items())]
        + [f"  {call.number}: {call.verb} " + ", ".join(
            str(argument) if isinstance(argument, Made) else literal(argument)
            for argument in call.arguments) for call in calls]
        + [what])
