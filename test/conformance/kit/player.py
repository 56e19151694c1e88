"""Plays a case on an engine."""

import re
import time

from engines import Failure
from kit.values import literal, matches

# What a statement that is to wait gets for reaching that point.
HEAD_START = 0.15


class Mismatch(Exception):
    """The engine did not answer as expected."""


class Player:
    """One case on one engine: its connections and variables."""

    def __init__(self, engine, variables):
        self.engine = engine
        self.connections = {}
        self.variables = dict(variables)

    def play(self, case):
        """Raises Mismatch where the engine departs from the case."""
        try:
            self.engine.reset(case.settings)
            for step in case.steps:
                try:
                    self._step(step)
                except (Mismatch, Failure) as error:
                    raise Mismatch(
                        f"line {step.line}: {step.words}: {error}") from None
        finally:
            for connection in self.connections.values():
                connection.close()

    def _step(self, step):
        verb, _, rest = step.words.partition(" ")
        if verb == "sleep":
            time.sleep(float(rest))
        elif verb == "age":
            token, seconds = rest.split()
            self.engine.age(self._sql(token), int(seconds))
        elif verb == "configure":
            self._configure(*rest.split())
        elif verb == "repeat":
            count, sql = rest.split(" ", 1)
            for _ in range(int(count)):
                self._connection(step.connection).execute(self._sql(sql))
        elif verb == "connect":
            self._connect(step.connection, rest)
        else:
            self._statement(step)

    def _configure(self, name, value):
        owner = self.engine.connect()
        value = "NULL" if value == "NULL" else literal(value)
        owner.execute(f"SELECT session_configure('{name}', {value})")
        owner.close()
        for name in list(self.connections):
            self.connections.pop(name).close()

    def _connect(self, name, how):
        role = "application" if "application" in how else None
        if name in self.connections:
            self.connections.pop(name).close()
        self.connections[name] = self.engine.connect(role, "read only" in how)

    def _connection(self, name):
        if name not in self.connections:
            self._connect(name, "")
        return self.connections[name]

    # ---- statements ----

    def _statement(self, step):
        connection = self._connection(step.connection)
        sql = self._sql(step.words)
        if step.waits:
            connection.start(sql)
            time.sleep(HEAD_START)
        elif step.failure:
            self._fails(step, connection, sql)
        else:
            rows = connection.execute(sql) if sql else connection.finish()
            self._check(step, rows)

    def _fails(self, step, connection, sql):
        """After any error nothing has changed."""
        before = self.engine.snapshot()
        try:
            rows = connection.execute(sql) if sql else connection.finish()
        except Failure as failure:
            if not self._is_expected(step.failure, failure):
                raise Mismatch(f"{failure}; expected {step.failure}") from None
        else:
            raise Mismatch(f"{rows}; expected error {step.failure}")
        if sql and self.engine.snapshot() != before:
            raise Mismatch("the error has changed what is stored")

    def _is_expected(self, expected, failure):
        if expected == "not JSON":
            return self.engine.is_not_json(failure)
        if expected == "denied":
            return self.engine.is_denied(failure)
        sqlstate, _, message = expected.partition(" ")
        return (failure.sqlstate in (None, sqlstate)
                and failure.message == message)

    def _check(self, step, rows):
        for wanted in step.among:
            if not any(self._is_row(wanted, row) for row in rows):
                raise Mismatch(f"{rows}; expected a row {' | '.join(wanted)}")
        if step.expected is None:
            return
        if len(step.expected) != len(rows):
            raise Mismatch(f"{rows}; expected {len(step.expected)} rows")
        for wanted, row in zip(step.expected, rows):
            if not self._is_row(wanted, row):
                raise Mismatch(f"{row}; expected {' | '.join(wanted)}")

    def _is_row(self, wanted, row):
        return len(wanted) == len(row) and all(
            matches(expected, actual, self.engine, self.variables)
            for expected, actual in zip(wanted, row))

    # ---- from the case's words to the engine's ----

    def _sql(self, words):
        words = re.sub(r"<(\\x..|.)\*(\d+)>", _repeat, words)
        words = re.sub(r"<now([+-]\d+)?>", self._time, words)
        words = re.sub(r"(?<![:\w]):([a-z]\w*)", self._variable, words)
        return self._in_engines_form(words)

    def _in_engines_form(self, words):
        verb, _, rest = words.partition(" ")
        if verb in ("info", "list"):
            argument, columns = rest.split(" -> ")
            return getattr(self.engine, verb)(argument, columns.split(", "))
        if verb in ("stats", "health"):
            return self.engine.call_row(f"session_{verb}", rest.split(", "))
        return words

    def _time(self, found):
        return self.engine.time(time.time() + int(found[1] or "0"))

    def _variable(self, found):
        # What no variable has as its name may be part of a JSON text.
        if found[1] not in self.variables:
            return found[0]
        return literal(self.variables[found[1]])


def _repeat(found):
    character, count = found.groups()
    if character.startswith("\\x"):
        character = chr(int(character[2:], 16))
    return character * int(count)
