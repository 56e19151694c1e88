/*
 * fuzz_sqlite.c
 *		Bytes as a sequence of calls of the SQLite extension: none may fail but
 *		with an error of its own, undo or keep a transaction, bring back what was
 *		revoked, or leave a token in the database.
 */
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
extern int	sqlite3_covetsessions_init(sqlite3 *db, char **error,
									   const void *api);

#define TOKEN_LENGTH 43
#define TOKENS 12
#define CLIENT_TOKENS 4
#define TEXT_MAX 64
#define CALLS_MAX 40

#define check(condition) \
	do { \
		if (!(condition)) \
		{ \
			fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, __LINE__, #condition, sqlite3_errmsg(db)); \
			abort(); \
		} \
	} while (0)

/* A token that the calls use; the first ones are the client's, always there. */
typedef struct Token
{
	char		text[TOKEN_LENGTH + 1];
	bool		revoked;		/* and its tombstone cannot have gone yet */
} Token;

static sqlite3 *db;
static Token tokens[TOKENS];
static int	own_tokens;

/* ---- what is left of the input ---- */

static const uint8_t *input;
static size_t left;

static uint8_t
next_byte(void)
{
	if (left == 0)
		return 0;
	left--;
	return *input++;
}

static int
pick(int count)
{
	return next_byte() % count;
}

/* ---- arguments ---- */

typedef struct Argument
{
	const char *start;			/* NULL: null, or a number */
	int			length;
	sqlite3_int64 number;
	bool		is_number;
	Token	   *token;			/* if it is one */
} Argument;

static Argument
text(const char *start)
{
	return (Argument) {.start = start,.length = (int) strlen(start)};
}

/* Some of the input as it is. */
static Argument
bytes(void)
{
	size_t		length = next_byte() % (TEXT_MAX + 1);
	Argument	argument;

	if (length > left)
		length = left;
	argument = (Argument) {.start = (const char *) input,.length = (int) length};
	input += length;
	left -= length;
	return argument;
}

static Argument
a_token(void)
{
	int			which = pick(TOKENS + 2);
	Argument	argument;

	if (which >= TOKENS)
		return which == TOKENS ? bytes() : (Argument) {0};
	if (which >= own_tokens)
		which %= own_tokens;
	argument = text(tokens[which].text);
	argument.token = &tokens[which];
	return argument;
}

static Argument
one_of(const char *const *texts, int count)
{
	int			which = pick(count + 2);

	if (which >= count)
		return which == count ? bytes() : (Argument) {0};
	return text(texts[which]);
}

#define ONE_OF(...) \
	one_of((const char *const[]) {__VA_ARGS__}, \
		   (int) (sizeof((const char *const[]) {__VA_ARGS__}) / sizeof(char *)))

static Argument
a_user(void)
{
	return ONE_OF("anna", "otto", "", "\xc3\xbc");
}

static Argument
a_document(void)
{
	return ONE_OF("{}", "{\"a\":{\"b\":[1,null]},\"c\":\"\\u00e4\"}", "[]", "{\"a\":null,\"d\":1e3}",
				  "{\"a\":1,\"a\":{\"b\":2}}", "\"\\ud83d\\ude00\"");
}

static Argument
an_ip(void)
{
	return ONE_OF("192.0.2.1", "192.0.2.2", "2001:db8::1");
}

static Argument
an_agent(void)
{
	return ONE_OF("curl/8.5.0", "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0");
}

static Argument
a_time(void)
{
	return ONE_OF("2020-01-01", "2990-01-01T00:00:00Z", "1999-12-31 23:59:59.5+02:00");
}

static Argument
a_number(void)
{
	static const sqlite3_int64 numbers[] = {0, 1, 2, 3, 100, 3600, -1, INT32_MAX, INT64_MAX, INT64_MIN};
	int			which = pick(12);

	if (which >= 10)
		return which == 10 ? bytes() : (Argument) {0};
	return (Argument) {.is_number = true,.number = numbers[which]};
}

static Argument
a_setting(void)
{
	return ONE_OF("idle_timeout", "max_lifetime", "touch_interval", "max_data_size", "strict_ids",
				  "max_sessions_per_user", "max_sessions_policy", "create_rate_limit", "bind_ip",
				  "bind_user_agent", "on_mismatch", "audit", "cleanup_enabled", "cleanup_batch");
}

static Argument
a_value(void)
{
	return ONE_OF("0", "1", "2", "100", "on", "off", "exact", "subnet", "family", "revoke", "reject",
				  "evict", "all", "security");
}

/* ---- calls ---- */

typedef Argument (*Source) (void);

typedef enum Verb
{
	CREATE, SET, GET, TOUCH, VERIFY, UPDATE, PATCH, ROTATE, EXPIRE, DELETE, REVOKE,
	REVOKE_HANDLE, REVOKE_USER, CLEANUP, IMPORT, CONFIGURE, DIGEST, INFO, LIST, STATS, HEALTH,
	AGE, BEGIN, COMMIT, ROLLBACK, VERBS
} Verb;

static const struct
{
	const char *sql;
	Source		sources[8];
}			verbs[VERBS] = {
	[CREATE] = {"SELECT session_create(?, ?, ?, ?, ?)", {a_user, a_document, a_number, an_ip, an_agent}},
	[SET] = {"SELECT session_set(?, ?, ?, ?, ?, ?)", {a_token, a_document, a_user, a_number, an_ip, an_agent}},
	[GET] = {"SELECT session_get(?)", {a_token}},
	[TOUCH] = {"SELECT session_touch(?)", {a_token}},
	[VERIFY] = {"SELECT session_verify(?, ?, ?)", {a_token, an_ip, an_agent}},
	[UPDATE] = {"SELECT session_update(?, ?, ?)", {a_token, a_document, a_number}},
	[PATCH] = {"SELECT session_patch(?, ?)", {a_token, a_document}},
	[ROTATE] = {"SELECT session_rotate(?, ?)", {a_token, a_user}},
	[EXPIRE] = {"SELECT session_expire(?, ?)", {a_token, a_number}},
	[DELETE] = {"SELECT session_delete(?)", {a_token}},
	[REVOKE] = {"SELECT session_revoke(?)", {a_token}},
	[REVOKE_HANDLE] = {"SELECT session_revoke_handle(?, session_digest(?))", {a_user, a_token}},
	[REVOKE_USER] = {"SELECT session_revoke_user(?, ?)", {a_user, a_token}},
	[CLEANUP] = {"SELECT session_cleanup(?)", {a_number}},
	[IMPORT] = {"SELECT session_import(?, ?, ?, ?, ?, ?, ?, ?)",
		{a_token, a_document, a_user, a_time, a_time, a_time, an_ip, an_agent}},
	[CONFIGURE] = {"SELECT session_configure(?, ?)", {a_setting, a_value}},
	[DIGEST] = {"SELECT session_digest(?)", {a_token}},
	[INFO] = {"SELECT * FROM session_info(?)", {a_token}},
	[LIST] = {"SELECT * FROM session_list(?)", {a_user}},
	[STATS] = {"SELECT * FROM session_stats", {NULL}},
	[HEALTH] = {"SELECT * FROM session_health", {NULL}},
	[AGE] = {"UPDATE sessions SET sweep_at = '2020-01-01T00:00:00.000000Z',"
		" last_accessed_at = replace(last_accessed_at, '20', '19')", {NULL}},
	[BEGIN] = {"BEGIN", {NULL}},
	[COMMIT] = {"COMMIT", {NULL}},
	[ROLLBACK] = {"ROLLBACK", {NULL}},
};

static void
bind(sqlite3_stmt *statement, int parameter, const Argument *argument)
{
	if (argument->is_number)
		sqlite3_bind_int64(statement, parameter, argument->number);
	else if (argument->start != NULL)
		sqlite3_bind_text(statement, parameter, argument->start, argument->length, SQLITE_TRANSIENT);
}

/* No message may tell a token; the client's are words. */
static void
check_message(void)
{
	const char *message = sqlite3_errmsg(db);

	for (int i = CLIENT_TOKENS; i < own_tokens; i++)
		check(strstr(message, tokens[i].text) == NULL);
}

static void
keep_token(const char *token)
{
	if (own_tokens < TOKENS)
	{
		tokens[own_tokens].revoked = false;
		snprintf(tokens[own_tokens++].text, sizeof(tokens[0].text), "%s", token);
	}
}

/* What is no longer known of tombstones after the call. */
static void
forget_revoked(void)
{
	for (int i = 0; i < own_tokens; i++)
		tokens[i].revoked = false;
}

/* What the answer must be, and what is known after it. */
static void
judge(Verb verb, Token *token, sqlite3_stmt *statement)
{
	bool		null = sqlite3_column_type(statement, 0) == SQLITE_NULL;
	const char *answer = (const char *) sqlite3_column_text(statement, 0);
	bool		was_live = !null && answer != NULL && strcmp(answer, "0") != 0;

	if (token != NULL && token->revoked &&
		(verb == SET || verb == IMPORT || verb == DELETE || verb == REVOKE || verb == EXPIRE))
		check(!null && !was_live);
	if (token != NULL && token->revoked &&
		(verb == GET || verb == TOUCH || verb == VERIFY || verb == UPDATE || verb == PATCH || verb == ROTATE))
		check(null);
	if ((verb == CREATE || verb == ROTATE) && !null)
	{
		check(strlen(answer) == TOKEN_LENGTH);
		keep_token(answer);
	}
	if (token != NULL && was_live && (verb == REVOKE || verb == ROTATE))
		token->revoked = true;
}

static void
call(Verb verb)
{
	bool		autocommit = sqlite3_get_autocommit(db) != 0;
	sqlite3_stmt *statement;
	Token	   *token = NULL;
	int			code;

	check(sqlite3_prepare_v2(db, verbs[verb].sql, -1, &statement, NULL) == SQLITE_OK);
	for (int i = 0; i < 8 && verbs[verb].sources[i] != NULL; i++)
	{
		Argument	argument = verbs[verb].sources[i] ();

		bind(statement, i + 1, &argument);
		if (i == 0)
			token = argument.token;
	}
	/* A tombstone goes with its time, or with what made it. */
	if (verb == CLEANUP || verb == AGE || verb == ROLLBACK || verb == CONFIGURE)
		forget_revoked();

	code = sqlite3_step(statement);
	if (code == SQLITE_ROW && verb <= DIGEST)
		judge(verb, token, statement);
	while (code == SQLITE_ROW)
		code = sqlite3_step(statement);
	check(code == SQLITE_DONE || code == SQLITE_ERROR || code == SQLITE_TOOBIG);
	check_message();
	sqlite3_finalize(statement);
	if (verb < BEGIN)
		check((sqlite3_get_autocommit(db) != 0) == autocommit);
}

/* ---- the database afterwards ---- */

static sqlite3_int64
number(const char *query, const char *argument)
{
	sqlite3_stmt *statement;
	sqlite3_int64 result;

	check(sqlite3_prepare_v2(db, query, -1, &statement, NULL) == SQLITE_OK);
	if (argument != NULL)
		sqlite3_bind_text(statement, 1, argument, -1, SQLITE_STATIC);
	check(sqlite3_step(statement) == SQLITE_ROW);
	result = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	return result;
}

static bool
contains(const uint8_t *memory, sqlite3_int64 size, const char *token)
{
	const uint8_t *end = memory + size - TOKEN_LENGTH;

	while (memory < end && (memory = memchr(memory, token[0], (size_t) (end - memory))) != NULL)
	{
		if (memcmp(memory, token, TOKEN_LENGTH) == 0)
			return true;
		memory++;
	}
	return false;
}

static void
look(void)
{
	sqlite3_int64 size;
	uint8_t    *image;

	if (!sqlite3_get_autocommit(db))
		check(sqlite3_exec(db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK);

	check(number("SELECT count(*) FROM sessions WHERE length(id) <> 43 OR id GLOB '*[^A-Za-z0-9_-]*'"
				 " OR version < 1 OR NOT json_valid(data) OR (NOT is_active AND data <> '{}')", NULL) == 0);
	for (int i = 0; i < own_tokens; i++)
	{
		const char *token = tokens[i].text;

		check(number("SELECT count(*) FROM sessions WHERE id = ?", token) == 0);
		check(!tokens[i].revoked || number("SELECT session_get(?) IS NULL", token) == 1);
		/* It may end between the two. */
		check(number("SELECT session_get(?1) IS (SELECT data FROM session_info(?1))", token) == 1 ||
			  number("SELECT session_get(?1) IS (SELECT data FROM session_info(?1))", token) == 1);
	}

	/* What the calls made up cannot have come with the input. */
	image = sqlite3_serialize(db, "main", &size, SQLITE_SERIALIZE_NOCOPY);
	if (image == NULL)
		image = sqlite3_serialize(db, "main", &size, 0);
	check(image != NULL);
	for (int i = CLIENT_TOKENS; i < own_tokens; i++)
		check(!contains(image, size, tokens[i].text));
	sqlite3_free(image);

	check(number("SELECT count(*) FROM session_list('anna')", NULL) ==
		  number("SELECT session_revoke_user('anna')", NULL));
	check(number("SELECT count(*) FROM session_list('anna')", NULL) == 0);
	check(number("SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'", NULL) == 1);
}

/* An empty store, with its settings at their defaults. */
static void
begin(void)
{
	if (db == NULL)
	{
		sqlite3_auto_extension((void (*) (void)) sqlite3_covetsessions_init);
		if (sqlite3_open(":memory:", &db) != SQLITE_OK)
			abort();
	}
	check(sqlite3_exec(db, "SELECT session_install(); DELETE FROM sessions; DELETE FROM session_events;"
					   "DELETE FROM session_creations; DELETE FROM session_settings", NULL, NULL, NULL) == SQLITE_OK);
	own_tokens = 0;
	keep_token("a");
	keep_token("b.c");
	keep_token("fixed-token-of-a-client-that-makes-its-own");
	keep_token("~");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	input = data;
	left = size;
	begin();
	for (int i = 0; i < CALLS_MAX && left > 0; i++)
		call((Verb) pick(VERBS));
	look();
	return 0;
}
