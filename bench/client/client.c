/*
 * client.c
 *		Runs a workload and prints what it measured.
 *
 * usage: client DRIVER [OPTION...] WORKLOAD OPERATION[=WEIGHT]...
 *        client document SIZE [SEED]
 *
 *   DRIVER            postgresql or redis
 *   -t TARGET         libpq's connection string; path of Redis's socket
 *   -c CONNECTIONS    a thread each (1)
 *   -p PROTOCOL       simple, extended, prepared (prepared)
 *   -d SECONDS        how long to measure (1)
 *   -w SECONDS        how long to run before (0)
 *   -n COUNT          operations per connection, in place of -d and -w
 *   -k KEYS           how many sessions there are (1000)
 *   -e                every session once, in their order, in place of -n
 *   -r RATE           operations per second of all connections together;
 *                     latencies count from when an operation was due
 *   -b BYTES          size of the documents (500)
 *   -s SEED           makes tokens and choices the same in every run (1)
 *   -x NUMBER         other choices of sessions, with the same tokens (0)
 *   -m                sessions may be missing
 *
 * Prints lines of a name and a value: calls, throughput (per second),
 * latency_p50, latency_p99, latency_max (microseconds), missing, and pid, the
 * server's process for the first connection.  A session that is missing is a
 * failure unless -m is given.
 *
 * "client document" prints a document as the workloads have it.
 */
#include "client.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

typedef struct Plan
{
	const Driver *driver;
	const char *target;
	Protocol	protocol;
	int			connections;
	double		seconds;
	double		warmup;
	uint64_t	count;
	bool		every;
	double		rate;
	uint64_t	keys;
	uint64_t	choices;		/* the seed of what is chosen */
	uint64_t	seed;			/* that of the tokens */
	bool		may_miss;
	Workload	workload;
	pthread_barrier_t start;
} Plan;

typedef struct Worker
{
	Plan	   *plan;
	int			number;
	pthread_t	thread;
	int			pid;
	uint64_t	missing;
	uint64_t	started;
	uint64_t	ended;
	Histogram	latencies;
} Worker;

void
fail(const char *format,...)
{
	va_list		arguments;

	va_start(arguments, format);
	fputs("client: ", stderr);
	vfprintf(stderr, format, arguments);
	fputc('\n', stderr);
	va_end(arguments);
	_exit(1);
}

void *
allocate(size_t size)
{
	void	   *memory = calloc(1, size);

	if (memory == NULL)
		fail("out of memory");
	return memory;
}

static uint64_t
nanoseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t) now.tv_sec * 1000000000 + (uint64_t) now.tv_nsec;
}

static void
wait_until(uint64_t when)
{
	struct timespec time = {(time_t) (when / 1000000000), (long) (when % 1000000000)};

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL);
}

/* Statements are numbered through all operations. */
static int
statement_number(const Workload *workload, const Operation *operation, int i)
{
	return (int) (operation - workload->operations) * MAX_STATEMENTS + i;
}

static void
prepare_all(Plan *plan, void *connection)
{
	for (int i = 0; i < plan->workload.noperations; i++)
	{
		Operation  *operation = &plan->workload.operations[i];

		for (int j = 0; operation->weight > 0 && j < operation->nstatements; j++)
			plan->driver->prepare(connection,
								  statement_number(&plan->workload, operation, j),
								  &operation->statements[j]);
	}
}

static bool
run_operation(const Plan *plan, void *connection, const Operation *operation,
			  const Value *values)
{
	bool		found = true;

	for (int i = 0; i < operation->nstatements; i++)
		found &= plan->driver->run(connection,
								   statement_number(&plan->workload, operation, i),
								   &operation->statements[i], values);
	return found;
}

/* The operations of a worker whose connection is open. */
static void
work(Worker *worker, void *connection, Values *values)
{
	const Plan *plan = worker->plan;
	uint64_t	measured = nanoseconds() + (uint64_t) (plan->warmup * 1e9);
	uint64_t	end = measured + (uint64_t) (plan->seconds * 1e9);
	uint64_t	interval = plan->rate > 0 ?
		(uint64_t) (1e9 * plan->connections / plan->rate) : 0;
	uint64_t	due = nanoseconds() + interval * (uint64_t) worker->number /
		(uint64_t) plan->connections;
	uint64_t	key = (uint64_t) worker->number;

	worker->started = plan->count > 0 || plan->every ? nanoseconds() : measured;
	for (uint64_t i = 0; plan->count == 0 || i < plan->count; i++)
	{
		const Operation *operation = pick_operation(&plan->workload, values);
		uint64_t	before;
		uint64_t	after;

		if (plan->every && key >= plan->keys)
			break;
		next_values(values, plan->every ? key : random_number(values) % plan->keys);
		key += (uint64_t) plan->connections;
		if (interval > 0)
		{
			wait_until(due);
			before = due;
			due += interval;
		}
		else
			before = nanoseconds();
		if (!run_operation(plan, connection, operation, values->values))
			worker->missing++;
		after = nanoseconds();
		if (before >= worker->started)
			histogram_add(&worker->latencies, after - before);
		if (plan->count == 0 && !plan->every && after >= end)
			break;
	}
	worker->ended = nanoseconds();
}

static void *
worker_main(void *arg)
{
	Worker	   *worker = arg;
	Plan	   *plan = worker->plan;
	Values		values;
	void	   *connection = plan->driver->open(plan->target, plan->protocol);

	start_values(&values, &plan->workload, plan->seed, plan->keys,
				 (uint64_t) worker->number);
	values.random += plan->choices;
	worker->pid = plan->driver->pid(connection);

	/* One by one: preparing completes the statements, which all share. */
	for (int turn = 0; turn < plan->connections; turn++)
	{
		if (turn == worker->number)
			prepare_all(plan, connection);
		pthread_barrier_wait(&plan->start);
	}
	work(worker, connection, &values);
	plan->driver->close(connection);
	return NULL;
}

static void
report(const Plan *plan, Worker *workers)
{
	Histogram  *all = allocate(sizeof *all);
	uint64_t	started = workers[0].started;
	uint64_t	ended = workers[0].ended;
	uint64_t	missing = 0;

	for (int i = 0; i < plan->connections; i++)
	{
		histogram_merge(all, &workers[i].latencies);
		missing += workers[i].missing;
		if (workers[i].started < started)
			started = workers[i].started;
		if (workers[i].ended > ended)
			ended = workers[i].ended;
	}
	printf("calls %llu\n", (unsigned long long) all->count);
	printf("throughput %.1f\n", (double) all->count * 1e9 / (double) (ended - started));
	printf("latency_p50 %.1f\n", histogram_percentile(all, 50) / 1000);
	printf("latency_p99 %.1f\n", histogram_percentile(all, 99) / 1000);
	printf("latency_max %.1f\n", (double) all->max / 1000);
	printf("missing %llu\n", (unsigned long long) missing);
	printf("pid %d\n", workers[0].pid);
	if (missing > 0 && !plan->may_miss)
		fail("%llu sessions were missing", (unsigned long long) missing);
	free(all);
}

static void
run(Plan *plan)
{
	Worker	   *workers = allocate(sizeof *workers * (size_t) plan->connections);

	pthread_barrier_init(&plan->start, NULL, (unsigned) plan->connections);
	for (int i = 0; i < plan->connections; i++)
	{
		workers[i].plan = plan;
		workers[i].number = i;
		if (pthread_create(&workers[i].thread, NULL, worker_main, &workers[i]) != 0)
			fail("cannot start a thread");
	}
	for (int i = 0; i < plan->connections; i++)
		pthread_join(workers[i].thread, NULL);
	report(plan, workers);
	free(workers);
}

static Protocol
protocol_named(const char *name)
{
	if (strcmp(name, "simple") == 0)
		return SIMPLE;
	if (strcmp(name, "extended") == 0)
		return EXTENDED;
	if (strcmp(name, "prepared") == 0)
		return PREPARED;
	fail("no such protocol: %s", name);
}

int
main(int argc, char **argv)
{
	static Plan plan = {.target = "", .protocol = PREPARED, .connections = 1,
	.seconds = 1, .keys = 1000, .seed = 1};
	size_t		bytes = 500;
	int			option;

	if (argc >= 3 && strcmp(argv[1], "document") == 0)
	{
		make_document(&plan.workload, strtoul(argv[2], NULL, 10),
					  argc > 3 ? strtoull(argv[3], NULL, 10) : plan.seed);
		puts(plan.workload.document);
		return 0;
	}
	if (argc < 2)
		fail("no driver given");
	plan.driver = strcmp(argv[1], "redis") == 0 ? &redis_driver : &postgresql_driver;
	if (strcmp(argv[1], plan.driver->name) != 0)
		fail("no such driver: %s", argv[1]);
	argc--;
	argv++;
	while ((option = getopt(argc, argv, "t:c:p:d:w:n:k:er:b:s:x:m")) != -1)
		switch (option)
		{
			case 't': plan.target = optarg; break;
			case 'c': plan.connections = atoi(optarg); break;
			case 'p': plan.protocol = protocol_named(optarg); break;
			case 'd': plan.seconds = atof(optarg); break;
			case 'w': plan.warmup = atof(optarg); break;
			case 'n': plan.count = strtoull(optarg, NULL, 10); break;
			case 'k': plan.keys = strtoull(optarg, NULL, 10); break;
			case 'e': plan.every = true; break;
			case 'r': plan.rate = atof(optarg); break;
			case 'b': bytes = strtoul(optarg, NULL, 10); break;
			case 's': plan.seed = strtoull(optarg, NULL, 10); break;
			case 'x': plan.choices = strtoull(optarg, NULL, 10); break;
			case 'm': plan.may_miss = true; break;
			default: return 2;
		}
	if (argc - optind < 2 || plan.connections < 1 || plan.keys < 1)
		fail("a workload and an operation are needed");
	make_document(&plan.workload, bytes, plan.seed);
	read_workload(&plan.workload, argv[optind]);
	for (int i = optind + 1; i < argc; i++)
		weigh_operation(&plan.workload, argv[i]);
	run(&plan);
	return 0;
}
