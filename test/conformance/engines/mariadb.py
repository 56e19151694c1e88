"""MariaDB, on the server whose socket COVET_MARIADB_SOCKET names."""

from engines import mysql


class Engine(mysql.Engine):
    name = "mariadb"
    socket = "COVET_MARIADB_SOCKET"
