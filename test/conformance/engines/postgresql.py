"""PostgreSQL, on the server that the environment names (PGHOST, PGUSER ...).

The extension is installed in a database of its own.  A setting changed with
session_configure counts for connections made later, so settings come before
connections.
"""

import datetime
import re

from engines import RowFunctions
from engines.libpq import Connection

DATABASE = "conformance"
ROLE = "conformance_application"


class Engine(RowFunctions):
    name = "postgresql"

    def __init__(self, directory):
        self.owner = None

    def open(self):
        self._drop()
        server = Connection("dbname=postgres")
        server.execute(f"CREATE ROLE {ROLE} LOGIN")
        server.execute(f"CREATE DATABASE {DATABASE} TEMPLATE template0")
        server.close()
        self.owner = self.connect()
        self.owner.execute("CREATE EXTENSION covet_sessions")
        self.owner.execute(f"SELECT session_grant('{ROLE}')")
        # A time zone must not shift anything.
        self.owner.execute(
            f"ALTER ROLE {ROLE} SET TimeZone = 'Asia/Kathmandu'")

    def close(self):
        self.owner.close()
        self._drop()

    def _drop(self):
        server = Connection("dbname=postgres")
        server.execute("SET client_min_messages = error")
        server.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        server.execute(f"DROP ROLE IF EXISTS {ROLE}")
        server.close()

    def reset(self, settings):
        self.owner.execute(
            "DELETE FROM sessions; DELETE FROM session_events;"
            "DELETE FROM session_creations;"
            f"ALTER DATABASE {DATABASE} RESET ALL;"
            "SELECT session_stats_reset()")
        for name, value in settings.items():
            self.owner.execute(
                f"SELECT session_configure('{name}', '{value}')")
        self.owner.close()
        self.owner = self.connect()

    def connect(self, role=None, read_only=False):
        parameters = f"dbname={DATABASE}"
        if role:
            parameters += f" user={ROLE}"
        if read_only:
            parameters += " options='-c default_transaction_read_only=on'"
        return Connection(parameters)

    def age(self, token, seconds):
        shift = f"interval '{seconds} seconds'"
        self.owner.execute(
            "UPDATE sessions SET "
            + ", ".join(f"{column} = {column} - {shift}" for column in (
                "created_at", "last_accessed_at", "expires_at", "sweep_at"))
            + f" WHERE id = session_digest({token})")

    def snapshot(self):
        return self.owner.execute(
            'SELECT s.*::text FROM sessions s ORDER BY id')

    @staticmethod
    def time(seconds):
        moment = datetime.datetime.fromtimestamp(
            seconds, datetime.timezone.utc)
        return f"'{moment.isoformat()}'"

    @staticmethod
    def seconds(value):
        moment, fraction, hours, minutes = re.fullmatch(
            r"([-\d]+ [:\d]+)(\.\d+)?([-+]\d+)(?::(\d+))?", value).groups()
        zone = datetime.timezone(datetime.timedelta(
            hours=int(hours),
            minutes=int(hours[0] + (minutes or "0"))))
        return (datetime.datetime.fromisoformat(moment)
                .replace(tzinfo=zone).timestamp() + float(fraction or 0))

    @staticmethod
    def is_not_json(failure):
        return failure.sqlstate in ("22P02", "22032")

    @staticmethod
    def is_denied(failure):
        return failure.sqlstate == "42501"
