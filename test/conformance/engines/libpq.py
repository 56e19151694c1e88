"""The few functions of libpq that the adapter of PostgreSQL needs."""

import ctypes
import os
import select
import subprocess
import time

from engines import Failure

CONNECTION_OK = 0
COMMAND_OK, TUPLES_OK = 1, 2
FIELD_SQLSTATE, FIELD_MESSAGE = ord("C"), ord("M")

# A statement that takes longer than this waits for something it must not.
LIMIT = 30.0


def _library():
    try:
        return ctypes.CDLL("libpq.so.5")
    except OSError:
        folder = subprocess.run(
            [os.environ.get("PG_CONFIG", "pg_config"), "--libdir"],
            check=True, capture_output=True, text=True).stdout.strip()
        return ctypes.CDLL(f"{folder}/libpq.so.5")


def _declare(library):
    pointer, text, number = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int
    for name, result, *arguments in (
            ("PQconnectdb", pointer, text),
            ("PQstatus", number, pointer),
            ("PQerrorMessage", text, pointer),
            ("PQfinish", None, pointer),
            ("PQsocket", number, pointer),
            ("PQsendQuery", number, pointer, text),
            ("PQconsumeInput", number, pointer),
            ("PQisBusy", number, pointer),
            ("PQgetResult", pointer, pointer),
            ("PQresultStatus", number, pointer),
            ("PQresultErrorField", text, pointer, number),
            ("PQntuples", number, pointer),
            ("PQnfields", number, pointer),
            ("PQgetvalue", text, pointer, number, number),
            ("PQgetisnull", number, pointer, number, number),
            ("PQclear", None, pointer),
            ("PQsetNoticeProcessor", pointer, pointer, pointer, pointer)):
        function = getattr(library, name)
        function.restype = result
        function.argtypes = arguments
    return library


_pq = _declare(_library())
_ignore = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_char_p)(
    lambda argument, message: None)


class Connection:
    """A connection; where to is said by the environment (PGHOST ...)."""

    def __init__(self, parameters):
        self._handle = _pq.PQconnectdb(parameters.encode())
        if _pq.PQstatus(self._handle) != CONNECTION_OK:
            message = _pq.PQerrorMessage(self._handle).decode().strip()
            _pq.PQfinish(self._handle)
            raise Failure("08000", message)
        _pq.PQsetNoticeProcessor(self._handle, _ignore, None)

    def execute(self, sql):
        self.start(sql)
        return self.finish()

    def start(self, sql):
        if not _pq.PQsendQuery(self._handle, sql.encode()):
            raise self._lost()

    def finish(self):
        self._wait()
        rows, failure = [], None
        while result := _pq.PQgetResult(self._handle):
            status = _pq.PQresultStatus(result)
            if status == TUPLES_OK:
                rows = self._rows(result)
            elif status != COMMAND_OK:
                failure = self._failure(result)
            _pq.PQclear(result)
        if failure:
            raise failure
        return rows

    def close(self):
        _pq.PQfinish(self._handle)

    def _wait(self):
        end = time.monotonic() + LIMIT
        while _pq.PQisBusy(self._handle):
            left = end - time.monotonic()
            if left <= 0:
                raise Failure("57014", f"no answer after {LIMIT} seconds")
            select.select([_pq.PQsocket(self._handle)], [], [], left)
            if not _pq.PQconsumeInput(self._handle):
                raise self._lost()

    def _lost(self):
        return Failure("08006", _pq.PQerrorMessage(self._handle).decode())

    @staticmethod
    def _failure(result):
        sqlstate = _pq.PQresultErrorField(result, FIELD_SQLSTATE)
        message = _pq.PQresultErrorField(result, FIELD_MESSAGE)
        return Failure(sqlstate and sqlstate.decode(),
                       message.decode() if message else "")

    @staticmethod
    def _rows(result):
        return [[None if _pq.PQgetisnull(result, row, column)
                 else _pq.PQgetvalue(result, row, column).decode()
                 for column in range(_pq.PQnfields(result))]
                for row in range(_pq.PQntuples(result))]
