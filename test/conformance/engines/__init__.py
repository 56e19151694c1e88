"""The engines that the contract is held against, one adapter each.

An adapter is a module with a class Engine:

    name                    what reports call it
    Engine(directory)       directory: room for files of its own
    open()                  make what all cases share
    reset(settings)         an empty store and zeroed counters, with these
                            settings (name -> text) and the defaults otherwise
    connect(role, read_only)   a Connection; role: None (the owner) or
                            "application" (may only call the functions)
    age(token, seconds)     let a session's row become older
    snapshot()              all that is stored, for comparison
    info(token, columns)    the SQL for session_info; token and user are SQL
    list(user, columns)     literals, columns a list of names
    call_row(function, columns)   the SQL for one without arguments
    time(seconds)           a time literal; seconds since 1970
    seconds(value)          the other way round
    is_not_json(failure), is_denied(failure)   errors in the engine's own words
    close()

and a Connection has

    execute(sql)            rows, lists of values: None, numbers or text
    start(sql)              begin to execute
    finish()                the rows that start() has led to
    close()

where execute and finish raise Failure.  Values are compared by what is
expected of them (kit/values.py), so an adapter need not convert them.
"""

import importlib
import queue
import threading


class Failure(Exception):
    """An error that the engine raised; sqlstate is None if it has none."""

    def __init__(self, sqlstate, message):
        super().__init__(message)
        self.sqlstate = sqlstate
        self.message = message

    def __str__(self):
        return f"{self.sqlstate or 'error'} {self.message}"


class RowFunctions:
    """For engines whose functions return rows."""

    @staticmethod
    def info(token, columns):
        return f"SELECT {', '.join(columns)} FROM session_info({token})"

    @staticmethod
    def list(user, columns):
        return f"SELECT {', '.join(columns)} FROM session_list({user})"

    @staticmethod
    def call_row(function, columns):
        names = ", ".join(f'"{column}"' for column in columns)
        return f"SELECT {names} FROM {function}()"


class InThread:
    """For drivers that cannot begin a statement without waiting for its end."""

    def __init__(self, limit):
        self._limit = limit
        self._answers = queue.Queue()

    def start(self, sql):
        threading.Thread(target=self._run, args=(sql,), daemon=True).start()

    def _run(self, sql):
        try:
            self._answers.put(self.execute(sql))
        except Failure as failure:
            self._answers.put(failure)

    def finish(self):
        answer = self._answers.get(timeout=self._limit)
        if isinstance(answer, Failure):
            raise answer
        return answer


def load(name, directory):
    """The adapter of an engine."""
    return importlib.import_module(f"engines.{name}").Engine(directory)


NAMES = ("postgresql", "sqlite", "mariadb", "mysql")
