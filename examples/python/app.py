"""Sessions of a small web application: WSGI and psycopg 3.

    PGDATABASE=shop PGUSER=shop python3 app.py 8000

GET / counts visits, POST /login?user=42 logs in (a real application asks for a
password), POST /logout logs out.
"""

import json
import sys
from http.cookies import SimpleCookie
from urllib.parse import parse_qs
from wsgiref.simple_server import make_server

import psycopg

connection = psycopg.connect(autocommit=True)


def ask(sql, *parameters):
    return connection.execute(sql, parameters).fetchone()[0]


def application(environ, start_response):
    cookie = SimpleCookie(environ.get("HTTP_COOKIE", "")).get("sid")
    token = cookie.value if cookie else None
    client = environ["REMOTE_ADDR"], environ.get("HTTP_USER_AGENT")
    path, fresh = environ["PATH_INFO"], None

    session = ask("SELECT session_verify(%s, %s, %s)", token, *client)
    if session is None:
        session = {}
        token = fresh = ask("SELECT session_create(NULL, '{}', NULL, %s, %s)", *client)

    if environ["REQUEST_METHOD"] == "POST" and path == "/login":
        session["user"] = parse_qs(environ["QUERY_STRING"])["user"][0]
        token = fresh = ask("SELECT session_rotate(%s, %s)", token, session["user"])
        ask("SELECT session_patch(%s, %s)", token, json.dumps({"user": session["user"]}))
    elif environ["REQUEST_METHOD"] == "POST" and path == "/logout":
        ask("SELECT session_revoke(%s)", token)
        session, fresh = {}, ""
    elif path == "/":
        session["visits"] = session.get("visits", 0) + 1
        ask("SELECT session_patch(%s, %s)", token, json.dumps({"visits": session["visits"]}))

    headers = [("Content-Type", "application/json")]
    if fresh is not None:
        # Add "; Secure" where the application is reached by HTTPS.
        headers.append(("Set-Cookie", f"sid={fresh}; HttpOnly; SameSite=Lax; Path=/"))
    start_response("200 OK", headers)
    return [json.dumps(session).encode() + b"\n"]


make_server("127.0.0.1", int(sys.argv[1]), application).serve_forever()
