/*
 * bench.c
 *		Measures covet_sessions and its rivals, call by call.
 *
 *	bench create EXTENSION DIRECTORY SESSIONS BYTES RIVAL...
 *	bench measure EXTENSION DIRECTORY BYTES ROUNDS CALLS RIVAL...
 *
 * "create" fills a database for each rival: DIRECTORY/RIVAL.db.  "measure"
 * makes CALLS calls of each kind in each of them, each on another session (there
 * must be some more), and writes lines of: kind, rival, metric, unit, round, value.  In each round the
 * rivals take turns, and another one comes first.
 *
 * Under callgrind each series of calls is dumped under the name "kind;rival",
 * with the instructions of these calls alone.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <valgrind/callgrind.h>

#include "rival.h"

#define PRAGMAS \
	"PRAGMA journal_mode = wal; PRAGMA synchronous = normal;" \
	"PRAGMA cache_size = -1000000;"	/* kB; what is measured is not the disk */

#define TOKEN_LENGTH 43
#define MAX_CALLS 100000

/*
 * So many calls of each kind come before those that are measured, so that
 * statements are prepared, and covet_sessions has swept (every 32 writes).
 */
#define WARM_UP 40

static const Rival *const rivals[] = {
	&covet, &by_hand, &by_hand_plain, &connect_sqlite3, &better_sqlite3
};

#define RIVALS ((int) (sizeof(rivals) / sizeof(rivals[0])))

/* What takes part: the rivals' databases and the data they are given. */
typedef struct Race
{
	const Rival *rivals[RIVALS];
	Store		stores[RIVALS];
	int			count;
	int			sessions;		/* in each database */
	int			calls;
	int			round;
	Text		data[2];		/* of the same length */
} Race;

/* ---- SQLite ---- */

void
fail(sqlite3 *db, const char *what)
{
	fprintf(stderr, "bench: %s: %s\n", what, db != NULL ? sqlite3_errmsg(db) : "failed");
	exit(1);
}

void
bind(sqlite3_stmt *statement, int parameter, Text text)
{
	if (sqlite3_bind_text(statement, parameter, text.start, text.length,
						  SQLITE_STATIC) != SQLITE_OK)
		fail(sqlite3_db_handle(statement), "bind");
}

void
expect(sqlite3_stmt *statement, int code)
{
	if (sqlite3_step(statement) != code)
		fail(sqlite3_db_handle(statement), sqlite3_sql(statement));
}

int
run(sqlite3_stmt *statement)
{
	expect(statement, SQLITE_DONE);
	sqlite3_reset(statement);
	return sqlite3_changes(sqlite3_db_handle(statement));
}

int
take_text(sqlite3_stmt *statement, int column)
{
	static char buffer[1 << 20];
	const char *text = (const char *) sqlite3_column_text(statement, column);
	int			length = sqlite3_column_bytes(statement, column);

	if (text == NULL || length > (int) sizeof(buffer))
		fail(sqlite3_db_handle(statement), "data");
	memcpy(buffer, text, (size_t) length);
	return length;
}

static void
execute(sqlite3 *db, const char *sql)
{
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail(db, sql);
}

static void
open_store(Store *store, const Rival *rival, const char *directory,
		   const char *extension)
{
	char		path[4096];

	snprintf(path, sizeof(path), "%s/%s.db", directory, rival->name);
	if (sqlite3_open(path, &store->db) != SQLITE_OK)
		fail(store->db, path);
	execute(store->db, PRAGMAS);
	if (rival != &covet)
		return;
	if (sqlite3_enable_load_extension(store->db, 1) != SQLITE_OK ||
		sqlite3_load_extension(store->db, extension, NULL, NULL) != SQLITE_OK)
		fail(store->db, extension);
}

static void
prepare(Store *store, const Rival *rival)
{
	for (int i = 0; rival->statements[i] != NULL; i++)
		if (sqlite3_prepare_v3(store->db, rival->statements[i], -1,
							   SQLITE_PREPARE_PERSISTENT, &store->statements[i],
							   NULL) != SQLITE_OK)
			fail(store->db, rival->statements[i]);
}

static void
close_store(Store *store)
{
	for (size_t i = 0; i < sizeof(store->statements) / sizeof(store->statements[0]); i++)
		sqlite3_finalize(store->statements[i]);
	if (sqlite3_close(store->db) != SQLITE_OK)
		fail(store->db, "close");
}

/* ---- what is stored ---- */

/* Made in the manner of tokens, different for each number. */
static Text
token_of(int number, char memory[TOKEN_LENGTH + 1])
{
	unsigned long long state = (unsigned long long) number * 0x9E3779B97F4A7C15u + 1;
	static const char alphabet[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

	for (int i = 0; i < TOKEN_LENGTH; i++)
	{
		state ^= state >> 30;
		state *= 0xBF58476D1CE4E5B9u;
		state ^= state >> 27;
		memory[i] = alphabet[state >> 58];
	}
	memory[TOKEN_LENGTH] = '\0';
	return (Text) {memory, TOKEN_LENGTH};
}

/* A session of so many bytes: an object with a cart of small objects. */
static Text
make_data(int bytes, char mark)
{
	char	   *data = malloc((size_t) bytes + 64);
	int			length = sprintf(data, "{\"mark\":\"%c\",\"theme\":\"dark\",\"cart\":[", mark);
	int			item;

	for (item = 0; length < bytes - 120; item++)
		length += sprintf(data + length,
						  "{\"sku\":\"TEA-%04d\",\"quantity\":%d,\"gift\":false,\"note\":\"as it comes\"},",
						  item % 10000, item % 9 + 1);
	if (item > 0)
		length--;				/* the comma */
	length += sprintf(data + length, "],\"pad\":\"");
	for (; length < bytes - 2; length++)
		data[length] = (char) ('a' + length % 26);
	length += sprintf(data + length, "\"}");
	return (Text) {data, length};
}

/* ---- create ---- */

static void
create(const Rival *rival, const char *directory, const char *extension,
	   int sessions, Text data)
{
	Store		store = {NULL, {NULL}};
	char		memory[TOKEN_LENGTH + 1];
	char		user_id[16];

	open_store(&store, rival, directory, extension);
	execute(store.db, rival->schema != NULL ? rival->schema :
			"SELECT session_install()");
	prepare(&store, rival);
	execute(store.db, "BEGIN");
	for (int i = 0; i < sessions; i++)
	{
		Text		user = {user_id, sprintf(user_id, "user-%d", i / 2)};

		rival->start(&store, token_of(i, memory), data, user);
	}
	execute(store.db, "COMMIT; PRAGMA wal_checkpoint(truncate)");
	close_store(&store);
}

/* The two in the same table begin with the same file. */
static void
create_all(const Race *race, const char *directory, const char *extension)
{
	char		command[8192];

	for (int i = 0; i < race->count; i++)
	{
		if (race->rivals[i] != &by_hand)
			create(race->rivals[i], directory, extension, race->sessions,
				   race->data[0]);
		else
		{
			snprintf(command, sizeof(command), "cp '%s/%s.db' '%s/%s.db'",
					 directory, covet.name, directory, by_hand.name);
			if (system(command) != 0)
				fail(NULL, command);
		}
	}
}

/* ---- measure ---- */

/* The sessions of a series: spread over all, another series another set. */
static int
session_number(const Race *race, int series, int call)
{
	int			stride = race->sessions / (race->calls + WARM_UP);

	return call * stride + (stride > 1 ? series % stride : 0);
}

typedef enum Kind
{
	GET, TOUCH, TOUCH_AGAIN, SET_HOT, UPDATE, PATCH, SET_NEW, KINDS
} Kind;

static const char *const kind_names[KINDS] = {
	[GET] = "get", [TOUCH] = "touch", [TOUCH_AGAIN] = "touch, throttled",
	[SET_HOT] = "set, hot", [UPDATE] = "update", [PATCH] = "patch",
	[SET_NEW] = "set, new"
};

static bool
can(const Rival *rival, Kind kind)
{
	switch (kind)
	{
		case TOUCH_AGAIN:
			return rival->backdate != NULL;
		case UPDATE:
			return rival->update != NULL;
		case PATCH:
			return rival->patch != NULL;
		default:
			return true;
	}
}

static void
call(const Race *race, const Rival *rival, Store *store, Kind kind, Text token)
{
	static const Text patch = {"{\"mark\":\"z\"}", 12};
	static const Text user = {"user-new", 8};
	int			length = race->data[0].length;

	switch (kind)
	{
		case GET:
			length = rival->get(store, token);
			break;
		case TOUCH:
		case TOUCH_AGAIN:
			length = rival->touch(store, token);
			break;
		case SET_HOT:
			rival->set(store, token, race->data[1]);
			break;
		case UPDATE:
			rival->update(store, token, race->data[0]);
			break;
		case PATCH:
			rival->patch(store, token, patch);
			break;
		case SET_NEW:
			rival->start(store, token, race->data[0], user);
			break;
		case KINDS:
			break;
	}
	if (length != race->data[0].length)
		fail(NULL, "length of data");
}

static int
pages_written(sqlite3 *db)
{
	int			current = 0;
	int			highest;

	sqlite3_db_status(db, SQLITE_DBSTATUS_CACHE_WRITE, &current, &highest, 0);
	return current;
}

static double
seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double) now.tv_sec + 1e-9 * (double) now.tv_nsec;
}

static void
report(const Race *race, const Rival *rival, Kind kind, const char *metric,
	   const char *unit, double value)
{
	printf("%s\t%s\t%s\t%s\t%d\t%.4g\n", kind_names[kind], rival->name, metric,
		   unit, race->round + 1, value);
}

/* Sessions have been stored in the order of their numbers, from rowid 1 on. */
static void
backdate(const Race *race, const Rival *rival, Store *store)
{
	sqlite3_stmt *statement;

	if (sqlite3_prepare_v2(store->db, rival->backdate, -1, &statement, NULL) != SQLITE_OK)
		fail(store->db, rival->backdate);
	execute(store->db, "BEGIN");
	for (int i = 0; i < race->calls + WARM_UP; i++)
	{
		sqlite3_bind_int(statement, 1, session_number(race, race->round, i) + 1);
		if (run(statement) != 1)
			fail(store->db, "backdate");
	}
	execute(store->db, "COMMIT");
	sqlite3_finalize(statement);
}

/* One series of calls of a kind in one store. */
static void
measure(const Race *race, const Rival *rival, Store *store, Kind kind)
{
	static char tokens[MAX_CALLS + WARM_UP][TOKEN_LENGTH + 1];
	char		label[64];
	double		start;
	double		time;
	int			pages;

	for (int i = 0; i < race->calls + WARM_UP; i++)
	{
		int			number = kind == SET_NEW ?
			race->sessions + race->round * (race->calls + WARM_UP) + i :
			session_number(race, race->round, i);

		(void) token_of(number, tokens[i]);
		/* so that pages are in memory */
		if (kind == GET)
			rival->get(store, (Text) {tokens[i], TOKEN_LENGTH});
	}
	if (kind == TOUCH && rival->backdate != NULL)
		backdate(race, rival, store);
	/* Version 1, as SQLite stores it, takes less room than what follows. */
	if (kind == SET_HOT)
		for (int i = 0; i < race->calls + WARM_UP; i++)
			rival->set(store, (Text) {tokens[i], TOKEN_LENGTH}, race->data[0]);
	execute(store->db, "PRAGMA wal_checkpoint(truncate)");

	for (int i = 0; i < WARM_UP; i++)
		call(race, rival, store, kind, (Text) {tokens[i], TOKEN_LENGTH});
	pages = pages_written(store->db);
	start = seconds();
	CALLGRIND_ZERO_STATS;
	for (int i = WARM_UP; i < race->calls + WARM_UP; i++)
		call(race, rival, store, kind, (Text) {tokens[i], TOKEN_LENGTH});
	snprintf(label, sizeof(label), "%s;%s", kind_names[kind], rival->name);
	CALLGRIND_DUMP_STATS_AT(label);
	time = seconds() - start;

	report(race, rival, kind, "pages", "1/call",
		   (double) (pages_written(store->db) - pages) / race->calls);
	if (!RUNNING_ON_VALGRIND)
		report(race, rival, kind, "latency", "us/call",
			   time * 1e6 / race->calls);
}

static void
measure_all(Race *race, int rounds)
{
	for (race->round = 0; race->round < rounds; race->round++)
		for (Kind kind = 0; kind < KINDS; kind++)
			for (int i = 0; i < race->count; i++)
			{
				int			turn = (i + race->round) % race->count;

				if (can(race->rivals[turn], kind))
					measure(race, race->rivals[turn], &race->stores[turn], kind);
			}
}

static int
count_sessions(sqlite3 *db)
{
	sqlite3_stmt *statement;
	int			count;

	if (sqlite3_prepare_v2(db, "SELECT count(*) FROM sessions", -1, &statement,
						   NULL) != SQLITE_OK)
		fail(db, "count");
	expect(statement, SQLITE_ROW);
	count = sqlite3_column_int(statement, 0);
	sqlite3_finalize(statement);
	return count;
}

/* ---- arguments ---- */

static int
number(const char *text, int low, int high)
{
	char	   *end;
	long		value = strtol(text, &end, 10);

	if (*text == '\0' || *end != '\0' || value < low || value > high)
		fail(NULL, text);
	return (int) value;
}

static void
read_rivals(Race *race, char **names)
{
	for (; *names != NULL; names++)
	{
		int			i = 0;

		while (i < RIVALS && strcmp(rivals[i]->name, *names) != 0)
			i++;
		if (i == RIVALS || race->count == RIVALS)
			fail(NULL, *names);
		race->rivals[race->count++] = rivals[i];
	}
}

int
main(int argc, char **argv)
{
	static Race race;
	bool		creates = argc > 5 && strcmp(argv[1], "create") == 0;

	if (!creates && (argc < 8 || strcmp(argv[1], "measure") != 0))
	{
		fputs("usage: bench create EXTENSION DIRECTORY SESSIONS BYTES RIVAL...\n"
			  "       bench measure EXTENSION DIRECTORY BYTES ROUNDS CALLS RIVAL...\n",
			  stderr);
		return 2;
	}
	for (int i = 0; i < 2; i++)
		race.data[i] = make_data(number(argv[creates ? 5 : 4], 80, 1000000),
								 (char) ('x' + i));
	read_rivals(&race, argv + (creates ? 6 : 7));
	if (creates)
	{
		race.sessions = number(argv[4], 1, 10000000);
		create_all(&race, argv[3], argv[2]);
		return 0;
	}

	for (int i = 0; i < race.count; i++)
	{
		open_store(&race.stores[i], race.rivals[i], argv[3], argv[2]);
		prepare(&race.stores[i], race.rivals[i]);
	}
	race.sessions = count_sessions(race.stores[0].db);
	race.calls = number(argv[6], 1, race.sessions < MAX_CALLS ?
						race.sessions - WARM_UP : MAX_CALLS);
	measure_all(&race, number(argv[5], 1, 1000));
	for (int i = 0; i < race.count; i++)
		close_store(&race.stores[i]);
	return 0;
}
