/*
 * bench.c
 *		Calls of the module, and the same by hand, as prepared statements.
 *
 *	bench SOCKET DATABASE cpu PID CASE RIVAL CALLS SESSIONS SEED
 *		prints the microseconds of CPU that the server PID takes for a call, and
 *		the calls per second
 *	bench SOCKET DATABASE latency SECONDS RATE SESSIONS SEED
 *		touches at a steady rate, by a few clients, until SIGINT at the latest;
 *		prints the percentiles 50 and 99 of their milliseconds, how many there
 *		were, and how many failed
 *
 * Sessions are called "session-0" and so on; their handles are what the table
 * "sessions" has, and those of "by_hand".
 */
#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <mysql.h>

#define MAX_DATA 4096
#define MAX_TOKEN 64
#define MAX_PARAMETERS 2
#define CLIENTS 4

/* What keeps a session that was written by hand alive. */
#define LIVE "is_active AND (expires_at IS NULL OR expires_at > UTC_TIMESTAMP(6))" \
	" AND (idle_timeout IS NULL" \
	" OR last_accessed_at > UTC_TIMESTAMP(6) - INTERVAL idle_timeout SECOND)"
#define BY_HAND_GET "SELECT data FROM by_hand WHERE id = ? AND " LIVE
#define BY_HAND_TOUCH "UPDATE by_hand SET last_accessed_at = UTC_TIMESTAMP(6)" \
	" WHERE id = ? AND " LIVE
#define BY_HAND_SET "INSERT INTO by_hand (id, created_at, last_accessed_at," \
	" expires_at, idle_timeout, data, sweep_at)" \
	" VALUES (?, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6)," \
	" UTC_TIMESTAMP(6) + INTERVAL 30 DAY, 3600, ?," \
	" UTC_TIMESTAMP(6) + INTERVAL 3600 SECOND)" \
	" ON DUPLICATE KEY UPDATE data = VALUES(data), version = version + 1," \
	" last_accessed_at = VALUES(last_accessed_at)"

/* What one call consists of; parameters are the id and the data. */
typedef struct Rival
{
	const char *name;
	const char *kind;			/* which case */
	const char *statements[2];
	bool		by_token;		/* otherwise by handle */
} Rival;

static const Rival rivals[] = {
	{"covet", "get", {"SELECT session_get(?)"}, true},
	{"covet CALL", "get", {"CALL session_get(?)"}, true},
	{"covet view", "get", {"SELECT data FROM session_live WHERE id = ?"}, false},
	{"by hand", "get", {BY_HAND_GET}, false},
	{"covet", "touch", {"SELECT session_touch(?)"}, true},
	{"covet CALL", "touch", {"CALL session_touch(?)"}, true},
	{"by hand", "touch", {BY_HAND_TOUCH, BY_HAND_GET}, false},
	{"covet", "set", {"SELECT session_set(?, ?, NULL, NULL, NULL, NULL)"}, true},
	{"covet CALL", "set", {"CALL session_set(?, ?, NULL, NULL, NULL, NULL)"}, true},
	{"by hand", "set", {BY_HAND_SET}, false},
};

typedef struct Prepared
{
	MYSQL_STMT *statement;
	MYSQL_BIND	parameters[MAX_PARAMETERS];
	MYSQL_BIND	result;
	unsigned long lengths[MAX_PARAMETERS];
	char		id[MAX_TOKEN];
	char		answer[MAX_DATA];
} Prepared;

/* Touches of one client. */
typedef struct Client
{
	pthread_t	thread;
	const char *socket;
	const char *database;
	double		start;
	double		interval;
	int			sessions;
	unsigned int seed;
	int			most;
	int			count;
	int			failed;
	double	   *times;
} Client;

static char data[MAX_DATA];
static volatile sig_atomic_t stopped;

static void
fail(const char *what, const char *message)
{
	fprintf(stderr, "bench: %s: %s\n", what, message);
	exit(1);
}

static MYSQL *
connect_to(const char *socket, const char *database)
{
	MYSQL	   *db = mysql_init(NULL);

	mysql_options(db, MYSQL_SET_CHARSET_NAME, "utf8mb4");
	if (mysql_real_connect(db, NULL, "root", "", database, 0, socket, 0) == NULL)
		fail("connect", mysql_error(db));
	return db;
}

static void
prepare(MYSQL *db, Prepared *prepared, const char *sql)
{
	char	   *texts[MAX_PARAMETERS] = {prepared->id, data};

	memset(prepared, 0, sizeof(*prepared));
	prepared->statement = mysql_stmt_init(db);
	if (mysql_stmt_prepare(prepared->statement, sql, strlen(sql)) != 0)
		fail(sql, mysql_stmt_error(prepared->statement));
	for (int i = 0; i < MAX_PARAMETERS; i++)
	{
		prepared->parameters[i].buffer_type = MYSQL_TYPE_STRING;
		prepared->parameters[i].buffer = texts[i];
		prepared->parameters[i].length = &prepared->lengths[i];
	}
	prepared->lengths[1] = strlen(data);
	prepared->result.buffer_type = MYSQL_TYPE_STRING;
	prepared->result.buffer = prepared->answer;
	prepared->result.buffer_length = sizeof(prepared->answer);
	mysql_stmt_bind_param(prepared->statement, prepared->parameters);
}

/* False, with the error in the statement, if it fails. */
static bool
execute(Prepared *prepared)
{
	MYSQL_STMT *statement = prepared->statement;

	prepared->lengths[0] = strlen(prepared->id);
	if (mysql_stmt_execute(statement) != 0)
		return false;
	do
	{
		if (mysql_stmt_field_count(statement) == 0)
			continue;
		mysql_stmt_bind_result(statement, &prepared->result);
		while (mysql_stmt_fetch(statement) == 0)
			;
		mysql_stmt_free_result(statement);
	} while (mysql_stmt_next_result(statement) == 0);
	return true;
}

static double
now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double) time.tv_sec + (double) time.tv_nsec / 1e9;
}

/* Seconds of CPU that all threads of a process have had. */
static double
cpu_of(const char *pid)
{
	char		path[512];
	double		sum = 0;
	DIR		   *tasks;
	struct dirent *task;

	snprintf(path, sizeof(path), "/proc/%s/task", pid);
	tasks = opendir(path);
	if (tasks == NULL)
		fail(path, strerror(errno));
	while ((task = readdir(tasks)) != NULL)
	{
		FILE	   *file;
		double		nanoseconds = 0;

		snprintf(path, sizeof(path), "/proc/%s/task/%s/schedstat", pid, task->d_name);
		file = fopen(path, "r");
		if (file == NULL)
			continue;
		if (fscanf(file, "%lf", &nanoseconds) == 1)
			sum += nanoseconds / 1e9;
		fclose(file);
	}
	closedir(tasks);
	return sum;
}

/* The handles of all sessions, by their numbers. */
static char (*
read_handles(MYSQL *db, int sessions))[MAX_TOKEN]
{
	char		(*handles)[MAX_TOKEN] = calloc((size_t) sessions, sizeof(*handles));

	for (int i = 0; i < sessions; i++)
	{
		char		sql[128];
		MYSQL_RES  *rows;

		snprintf(sql, sizeof(sql), "SELECT session_digest('session-%d')", i);
		if (mysql_query(db, sql) != 0)
			fail(sql, mysql_error(db));
		rows = mysql_store_result(db);
		snprintf(handles[i], sizeof(handles[i]), "%s", mysql_fetch_row(rows)[0]);
		mysql_free_result(rows);
	}
	return handles;
}

static const Rival *
find_rival(const char *kind, const char *name)
{
	for (size_t i = 0; i < sizeof(rivals) / sizeof(rivals[0]); i++)
	{
		if (strcmp(rivals[i].kind, kind) == 0 && strcmp(rivals[i].name, name) == 0)
			return &rivals[i];
	}
	fail(kind, "no such case and rival");
	return NULL;
}

static void
measure_cpu(MYSQL *db, char **argv)
{
	const Rival *rival = find_rival(argv[1], argv[2]);
	int			calls = atoi(argv[3]);
	int			sessions = atoi(argv[4]);
	char		(*handles)[MAX_TOKEN] = read_handles(db, sessions);
	Prepared	prepared[2];
	int			count = rival->statements[1] != NULL ? 2 : 1;
	double		cpu = 0;
	double		start = 0;

	srandom((unsigned) atoi(argv[5]));
	for (int i = 0; i < count; i++)
		prepare(db, &prepared[i], rival->statements[i]);
	/* A tenth of the calls come first, to warm up. */
	for (int i = -calls / 10; i < calls; i++)
	{
		int			session = (int) (random() % sessions);

		if (i == 0)
		{
			cpu = cpu_of(argv[0]);
			start = now();
		}
		for (int j = 0; j < count; j++)
		{
			if (rival->by_token)
				snprintf(prepared[j].id, MAX_TOKEN, "session-%d", session);
			else
				snprintf(prepared[j].id, MAX_TOKEN, "%s", handles[session]);
			if (!execute(&prepared[j]))
				fail(rival->statements[j], mysql_stmt_error(prepared[j].statement));
		}
	}
	printf("%.2f %.0f\n", (cpu_of(argv[0]) - cpu) / calls * 1e6,
		   calls / (now() - start));
	free(handles);
}

static int
compare(const void *a, const void *b)
{
	double		one = *(const double *) a;
	double		other = *(const double *) b;

	return (one > other) - (one < other);
}

static void
stop(int number)
{
	(void) number;
	stopped = 1;
}

/* Sleeps until a moment or a signal. */
static void
sleep_until(double moment)
{
	double		left = moment - now();

	if (left > 0)
		nanosleep(&(struct timespec) {
			(time_t) left, (long) ((left - (double) (time_t) left) * 1e9)
		}, NULL);
}

static void *
touch(void *argument)
{
	Client	   *client = argument;
	MYSQL	   *db = connect_to(client->socket, client->database);
	Prepared	prepared;

	prepare(db, &prepared, "SELECT session_touch(?)");
	for (int i = 0; i < client->most && !stopped; i++)
	{
		/* From when it was due: who waits for one call waits for the next. */
		double		due = client->start + i * client->interval;

		sleep_until(due);
		snprintf(prepared.id, MAX_TOKEN, "session-%d", rand_r(&client->seed) % client->sessions);
		if (!execute(&prepared))
		{
			fprintf(stderr, "bench: %s\n", mysql_stmt_error(prepared.statement));
			client->failed++;
		}
		client->times[client->count++] = (now() - due) * 1000;
	}
	mysql_close(db);
	return NULL;
}

static void
measure_latency(char **argv)
{
	double		seconds = atof(argv[4]);
	double		rate = atof(argv[5]) / CLIENTS;
	Client		clients[CLIENTS] = {0};
	double	   *times = calloc((size_t) (seconds * rate + 1) * CLIENTS, sizeof(double));
	int			count = 0;
	int			failed = 0;
	double		start = now() + 1;

	signal(SIGINT, stop);
	for (int i = 0; i < CLIENTS; i++)
	{
		clients[i] = (Client) {
			.socket = argv[1],.database = argv[2],.sessions = atoi(argv[6]),
			.seed = (unsigned) (atoi(argv[7]) * CLIENTS + i),.interval = 1 / rate,
			.start = start + i / rate / CLIENTS,.most = (int) (seconds * rate),
			.times = calloc((size_t) (seconds * rate + 1), sizeof(double))
		};
		pthread_create(&clients[i].thread, NULL, touch, &clients[i]);
	}
	for (int i = 0; i < CLIENTS; i++)
	{
		pthread_join(clients[i].thread, NULL);
		memcpy(times + count, clients[i].times, (size_t) clients[i].count * sizeof(double));
		count += clients[i].count;
		failed += clients[i].failed;
		free(clients[i].times);
	}
	if (count == 0)
		fail("latency", "no touches");
	qsort(times, (size_t) count, sizeof(double), compare);
	printf("%.3f %.3f %d %d\n", times[count / 2], times[(count - 1) - count / 100], count, failed);
	free(times);
}

int
main(int argc, char **argv)
{
	if (argc < 4)
		fail("usage", "see bench.c");
	/* Half a kilobyte, as sessions often are. */
	snprintf(data, sizeof(data),
			 "{\"user\": {\"id\": 4711, \"name\": \"Anna\", \"roles\": [\"user\", \"editor\"]}, "
			 "\"csrf\": \"%s\", \"basket\": [1, 2, 3, 4, 5, 6, 7, 8], \"filler\": \"%.*s\"}",
			 "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA", 330,
			 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
			 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
			 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
			 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
			 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
	mysql_library_init(0, NULL, NULL);
	if (strcmp(argv[3], "cpu") == 0 && argc == 10)
	{
		MYSQL	   *db = connect_to(argv[1], argv[2]);

		measure_cpu(db, argv + 4);
		mysql_close(db);
	}
	else if (strcmp(argv[3], "latency") == 0 && argc == 8)
		measure_latency(argv);
	else
		fail("usage", "see bench.c");
	return 0;
}
