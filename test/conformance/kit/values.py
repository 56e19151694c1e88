"""What a case expects of a value, and whether an engine's value is that.

    NULL            no value
    true, false     a boolean, however the engine writes it
    12              a number
    {...} [...]     a JSON value; "json x" for one that is neither
    now, now+60     a moment, give or take TOLERANCE seconds
    /regex/         text that matches in full
    *               anything
    :name           what the variable has, which it gets where it has none
    'text' or text  this text
"""

import json
import re
import time

TOLERANCE = 5
TRUTH = {"t": True, "f": False, "1": True, "0": False,
         "true": True, "false": False}
MOMENT = re.compile(r"now([+-]\d+)?")


def literal(value):
    """A value as SQL, in the form that all engines read."""
    if value is None:
        return "NULL"
    if isinstance(value, int):
        return str(value)
    return "'" + value.replace("'", "''") + "'"


def same_json(one, other):
    """Equality of JSON values: 1 is 1.0, but true is not 1."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(
            same_json(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same_json, one, other))
    return one == other


def matches(expected, actual, engine, variables):
    """Is the engine's value what is expected?  Binds a free variable."""
    if expected == "*":
        return True
    if expected == "NULL":
        return actual is None
    if actual is None:
        return False
    if expected in ("true", "false"):
        return TRUTH.get(str(actual).lower()) is (expected == "true")
    if expected.startswith(":"):
        return variables.setdefault(expected[1:], actual) == actual
    if expected.startswith("'") and expected.endswith("'"):
        return str(actual) == expected[1:-1]
    if re.fullmatch(r"-?\d+", expected):
        return str(actual) == expected
    if MOMENT.fullmatch(expected):
        moment = time.time() + int(expected[3:] or "0")
        return abs(engine.seconds(actual) - moment) <= TOLERANCE
    if expected.startswith("/") and expected.endswith("/"):
        return re.fullmatch(expected[1:-1], str(actual)) is not None
    if expected.startswith("json "):
        expected = expected[5:]
    elif expected[0] not in "{[":
        return str(actual) == expected
    try:
        return same_json(json.loads(expected), json.loads(actual))
    except ValueError:
        return False
