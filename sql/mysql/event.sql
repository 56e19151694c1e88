/* It looks every second whether it is time; session_sweep, which it calls, does. */
DROP EVENT IF EXISTS session_sweep//
