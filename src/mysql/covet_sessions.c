/*
 * covet_sessions.c
 *		The functions that covet_sessions adds to a MySQL or MariaDB server.
 *
 * They hold the rules of src/core, for the stored routines of sql/mysql, which
 * hold the rest.  Anybody who may log in can call them (the servers know no
 * privilege for that), so they read and change nothing but counters and notes,
 * and these only for whoever has their key.  Texts are taken as utf8mb4 (or
 * ASCII) and returned as such, which the servers call binary: assign a result
 * to a variable of a character set, or CONVERT(... USING utf8mb4).  A wrong
 * number of arguments is an error; else what a function cannot answer is NULL.
 *
 *	covet_version()					text: the version of this library
 *	covet_now()						text: the moment, YYYY-MM-DD HH:MM:SS.ffffff,
 *									UTC, from a clock that no variable moves
 *	covet_token()					text: a fresh token; NULL without randomness
 *	covet_handle(token)				text: its handle; NULL if it is malformed
 *	covet_json_check(json)			NULL if it is JSON that every engine stores
 *									alike, otherwise text: SQLSTATE:MESSAGE
 *	covet_json(json)				text: the same without insignificant spaces
 *									and duplicate keys; NULL if check objects
 *	covet_json_patch(target, patch)	text: RFC 7396; NULL unless both are objects
 *	covet_ip_valid(ip)				1 or 0: is it an address?
 *	covet_ip_match(bound, given, policy)
 *									1 or 0: does a client at "given" keep to the
 *									address that a session is bound to?  policy:
 *									off, subnet, exact; without a bound one: 1
 *	covet_user_agent_match(bound, given, policy)
 *									1 or 0: likewise; off, family, exact
 *	covet_sqlstate(error)			text: of an error of covet_errors.h, named
 *	covet_message(error)			as there but without COVET_E_
 *	covet_setting_default(name)		text; NULL if there is no such setting
 *	covet_setting_value(name, value)
 *									text: the value as it is stored; NULL if the
 *									setting cannot have it
 *	covet_count(key, names [, n])	1: has added n, or 1, to each of the counters,
 *									named as in session_stats(), separated by
 *									spaces; NULL if it has not
 *	covet_asked(key, token)			text: covet_handle(token), counted as a read
 *	covet_found(key, is_active, expires_at, last_accessed_at, idle_timeout)
 *									1 or 0: is a session live that was asked for?
 *									Counted as a hit if so; what is asked for and
 *									no hit is a miss
 *	covet_counter(key, name)		integer: what was added; NULL: no such counter
 *	covet_note(key, name, text)		1: has noted the text (255 bytes of it) as
 *									last_try_at, last_sweep_at, last_sweep_ms or
 *									last_error; NULL: nothing is noted there
 *	covet_noted(key, name)			text: what was noted; NULL: nothing
 *	covet_counters_reset(key)		1: all are 0, notes and key are forgotten
 */
#include "udf.h"

UDF_INIT_FUNCTION(covet_version)
{
	return udf_prepare(init, args, message, 0, 0, sizeof(COVET_VERSION) - 1);
}

UDF_TEXT_FUNCTION(covet_version)
{
	UNUSED(init);
	UNUSED(args);
	UNUSED(error);
	return udf_return_text(COVET_VERSION, result, length, is_null);
}
