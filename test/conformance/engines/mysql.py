"""MySQL, on the server whose socket COVET_MYSQL_SOCKET names.

The administrator is root without a password, and the server has the library.
The routines are installed in a database of its own, with what make mysql has
put into COVET_MYSQL_SCRIPTS and the client program in PATH.
"""

import datetime
import json
import os
import pathlib
import subprocess

import pymysql

from engines import Failure, InThread

DATABASE = "conformance"
ROLE = "conformance_application"
SOURCE = pathlib.Path(__file__).resolve().parents[3] / "sql" / "mysql"

# A statement that takes longer than this waits for something it must not.
LIMIT = 30

# Portable statements write a backslash as itself in a literal, as SQL does.
MODE = "CONCAT(@@sql_mode, ',NO_BACKSLASH_ESCAPES')"

# Command, column, routine, database and privilege denied.
DENIED = (1142, 1143, 1370, 1044, 1227)


class Chosen(str):
    """A statement of whose columns some are chosen."""

    columns = None


class Members(Chosen):
    """A statement that returns JSON, of whose members some are chosen."""


def choose(statement, columns):
    statement.columns = columns
    return statement


class Engine:
    name = "mysql"
    socket = "COVET_MYSQL_SOCKET"

    def __init__(self, directory):
        self.server = os.environ[self.socket]
        self.owner = None
        self.names = []

    def open(self):
        self._drop()
        self._client(f"CREATE DATABASE {DATABASE}")
        self._run([SOURCE / "install", " ".join(self._command(DATABASE)),
                   pathlib.Path(os.environ["COVET_MYSQL_SCRIPTS"])
                   / "install.sql"])
        self._client(
            f"CREATE USER {ROLE}@localhost;"
            f"CALL session_grant('{ROLE}@localhost', FALSE)", DATABASE)
        self.owner = self.connect()
        self.names = [row[0] for row in self.owner.execute(
            "SELECT column_name FROM information_schema.columns WHERE "
            f"table_schema = '{DATABASE}' AND table_name = 'session_settings' "
            "AND column_name NOT IN ('only_row', 'schema_version')")]
        # Sweeps come when a case asks for one.
        self.owner.execute("ALTER EVENT session_sweep DISABLE")

    def close(self):
        self.owner.close()
        self._drop()

    def _drop(self):
        self._client(f"DROP DATABASE IF EXISTS {DATABASE};"
                     f"DROP USER IF EXISTS {ROLE}@localhost")

    def _command(self, *database):
        return ["mariadb", "--no-defaults", "--user=root",
                f"--socket={self.server}", "--default-character-set=utf8mb4",
                *database]

    def _client(self, sql, *database):
        self._run(self._command(*database), sql)

    @staticmethod
    def _run(command, text=None):
        done = subprocess.run(command, input=text, text=True, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode:
            raise SystemExit(f"{command[0]}: {done.stdout}")

    def reset(self, settings):
        for table in ("sessions", "session_events", "session_creations",
                      "session_users"):
            self.owner.execute(f"DELETE FROM {table}")
        self.owner.execute("SELECT " + ", ".join(
            f"session_configure('{name}', NULL)" for name in self.names))
        for name, value in settings.items():
            self.owner.execute(
                f"SELECT session_configure('{name}', '{value}')")
        self.owner.execute("CALL session_stats_reset()")

    def connect(self, role=None, read_only=False):
        connection = Connection(self.server, ROLE if role else "root")
        if role:
            # A time zone must not shift anything.
            connection.execute("SET time_zone = '+05:45'")
        if read_only:
            connection.execute("SET SESSION TRANSACTION READ ONLY")
        return connection

    def age(self, token, seconds):
        self.owner.execute(
            "UPDATE sessions SET " + ", ".join(
                f"{column} = {column} - INTERVAL {seconds} SECOND"
                for column in ("created_at", "last_accessed_at",
                               "expires_at", "sweep_at"))
            + f" WHERE id = session_digest({token})")

    def snapshot(self):
        return self.owner.execute("SELECT * FROM sessions ORDER BY id")

    @staticmethod
    def info(token, columns):
        return choose(Members(f"SELECT session_info({token})"), columns)

    @staticmethod
    def list(user, columns):
        return choose(Members(f"SELECT session_list({user})"), columns)

    @staticmethod
    def call_row(function, columns):
        return choose(Chosen(f"CALL {function}()"), columns)

    @staticmethod
    def time(seconds):
        moment = datetime.datetime.fromtimestamp(
            seconds, datetime.timezone.utc)
        return moment.strftime("'%Y-%m-%d %H:%M:%S.%f'")

    @staticmethod
    def seconds(value):
        moment = datetime.datetime.fromisoformat(value)
        return moment.replace(tzinfo=datetime.timezone.utc).timestamp()

    @staticmethod
    def is_not_json(failure):
        return failure.sqlstate == "22032"

    @staticmethod
    def is_denied(failure):
        return failure.number in DENIED


class Connection(InThread):
    """A connection with a thread, so that a statement can wait in it."""

    def __init__(self, server, user):
        # Without decoders every value comes as the text that was sent.
        self._connection = pymysql.connect(
            unix_socket=server, user=user, database=DATABASE, autocommit=True,
            charset="utf8mb4", read_timeout=LIMIT,
            conv=pymysql.converters.encoders)
        self.execute(f"SET sql_mode = {MODE}")
        super().__init__(2 * LIMIT)

    def execute(self, sql):
        try:
            with self._connection.cursor() as cursor:
                cursor.execute(sql)
                found = [[_text(value) for value in row] for row in cursor]
                names = [column[0] for column in cursor.description or ()]
        except pymysql.MySQLError as error:
            raise Failure(None, str(error)) from None
        if isinstance(sql, Members):
            return _unpacked(found[0][0], sql.columns)
        if isinstance(sql, Chosen):
            places = [names.index(column) for column in sql.columns]
            return [[row[place] for place in places] for row in found]
        return found

    def close(self):
        self._connection.close()


def _text(value):
    return value.decode() if isinstance(value, bytes) else value


def _raise(packet):
    """The error in a packet, with the SQLSTATE that pymysql leaves out."""
    failure = Failure(packet[4:9].decode(), packet[9:].decode())
    failure.number = int.from_bytes(packet[1:3], "little")
    raise failure


pymysql.err.raise_mysql_exception = _raise


def _unpacked(value, columns):
    """The rows in a JSON object, or array of objects."""
    if value is None:
        return []
    found = json.loads(value)
    if isinstance(found, dict):
        found = [found]
    return [[_column(column, row[column]) for column in columns]
            for row in found]


def _column(name, value):
    if name == "data":
        return json.dumps(value)
    return str(value) if isinstance(value, (int, float)) else value
