"""SQLite, through python3's module sqlite3 and the loadable extension.

COVET_SQLITE names the library.  Every case has a database file of its own.
"""

import datetime
import os
import pathlib
import sqlite3

from engines import Failure, InThread, RowFunctions

LIBRARY = "COVET_SQLITE"
BUSY_TIMEOUT = 10


class Engine(RowFunctions):
    name = "sqlite"

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self.library = os.environ[LIBRARY]
        if not hasattr(sqlite3.Connection, "enable_load_extension"):
            raise SystemExit("conformance: this python3 has a sqlite3 that "
                             "cannot load extensions")
        self.count = 0
        self.file = None
        self.owner = None

    def open(self):
        pass

    def close(self):
        if self.owner:
            self.owner.close()
        self._remove()

    def _remove(self):
        if self.file:
            for suffix in ("", "-wal", "-shm", "-journal"):
                pathlib.Path(f"{self.file}{suffix}").unlink(missing_ok=True)

    def reset(self, settings):
        self.close()
        self.count += 1
        self.file = self.directory / f"{self.count}.db"
        self.owner = self.connect()
        self.owner.execute("PRAGMA journal_mode = WAL")
        self.owner.execute("SELECT session_install()")
        for name, value in settings.items():
            self.owner.execute(
                f"SELECT session_configure('{name}', '{value}')")

    def connect(self, role=None, read_only=False):
        return Connection(self.file, self.library, read_only)

    def age(self, token, seconds):
        columns = [row[1] for row in self.owner.execute(
            "PRAGMA table_info(sessions)") if row[1].endswith("_at")]
        # The fraction stays apart: strftime() rounds it to milliseconds first, and
        # so up to the next second what is short of it.
        self.owner.execute(
            "UPDATE sessions SET " + ", ".join(
                f"{column} = strftime('%Y-%m-%dT%H:%M:%S', substr({column}, 1, 19), "
                f"'{-seconds:+d} seconds') || substr({column}, 20)"
                for column in columns)
            + f" WHERE id = session_digest({token})")

    def snapshot(self):
        return self.owner.execute("SELECT * FROM sessions ORDER BY id")

    @staticmethod
    def time(seconds):
        moment = datetime.datetime.fromtimestamp(
            seconds, datetime.timezone.utc)
        return moment.strftime("'%Y-%m-%dT%H:%M:%S.%fZ'")

    @staticmethod
    def seconds(value):
        head, _, fraction = value.rstrip("Z").partition(".")
        moment = datetime.datetime.fromisoformat(head.replace(" ", "T"))
        return (moment.replace(tzinfo=datetime.timezone.utc).timestamp()
                + float("0." + (fraction or "0")))

    @staticmethod
    def is_not_json(failure):
        return failure.message == "malformed JSON"

    @staticmethod
    def is_denied(failure):
        return False


class Connection(InThread):
    """A connection with a thread, so that a statement can wait in it."""

    def __init__(self, file, library, read_only):
        mode = "?mode=ro" if read_only else ""
        self._connection = sqlite3.connect(
            f"file:{file}{mode}", uri=True, timeout=BUSY_TIMEOUT,
            isolation_level=None, check_same_thread=False)
        self._connection.enable_load_extension(True)
        self._connection.load_extension(library)
        if not read_only:
            self._connection.execute("PRAGMA synchronous = OFF")
        super().__init__(2 * BUSY_TIMEOUT)

    def execute(self, sql):
        try:
            return [list(row) for row in self._connection.execute(sql)]
        except sqlite3.Error as error:
            raise Failure(None, str(error)) from None

    def close(self):
        self._connection.close()
