/*
 * client.h
 *		The load generator of the benchmarks: one design for every server.
 *
 * A workload is a mix of named operations.  An operation is one statement or
 * more, with variables such as :token in it.  Each connection has a thread of
 * its own, which picks an operation and a session, sends the statements, waits
 * for each answer and notes how long it took.  What differs between servers
 * is a Driver.
 */
#ifndef CLIENT_H
#define CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MAX_OPERATIONS 16
#define MAX_STATEMENTS 4
#define MAX_VALUES 16
#define TOKEN_LENGTH 43

/* What can stand in a statement, as ":name" (workload.c has the names). */
typedef enum Variable
{
	TOKEN,						/* of a session that exists */
	NEW_TOKEN,					/* of one that does not */
	DATA,						/* a document of the size asked for */
	PATCH,						/* an object with one key of such a document */
	NOW,						/* the time, in seconds since 1970 */
	EXPIRE,						/* the same an hour later */
	USER,						/* the owner of the session */
	VARIABLES
} Variable;

/* A statement: literal text with variables between. */
typedef struct Statement
{
	char	   *text;
	int			nvalues;
	Variable	values[MAX_VALUES];
	char	   *before[MAX_VALUES + 1]; /* the text before each, and the rest */
} Statement;

typedef struct Operation
{
	char		name[32];
	int			nstatements;
	Statement	statements[MAX_STATEMENTS];
	double		weight;
} Operation;

typedef enum Protocol
{
	SIMPLE,						/* values written into the text */
	EXTENDED,					/* values apart, parsed at each call */
	PREPARED					/* parsed once per connection */
} Protocol;

/* A value of a variable. */
typedef struct Value
{
	const char *bytes;
	size_t		length;
} Value;

/* Every function ends the program with a message if it fails. */
typedef struct Driver
{
	const char *name;
	void	   *(*open) (const char *target, Protocol protocol);
	void		(*prepare) (void *connection, int number, Statement *statement);

	/* False if the answer is empty: there is no such session. */
	bool		(*run) (void *connection, int number, const Statement *statement,
						const Value *values);

	/* The server's process for this connection, or 0. */
	int			(*pid) (void *connection);
	void		(*close) (void *connection);
} Driver;

extern const Driver postgresql_driver;
extern const Driver redis_driver;

/* workload.c */
typedef struct Workload
{
	int			noperations;
	Operation	operations[MAX_OPERATIONS];
	double		weight;			/* the sum */
	char	   *document;		/* of the size asked for */
	char	   *slot;			/* where it has 32 characters to vary */
} Workload;

/* What one thread puts into the statements. */
typedef struct Values
{
	uint64_t	random;			/* the generator's state */
	uint64_t	seed;
	uint64_t	keys;
	uint64_t	stream;			/* tells the new tokens of threads apart */
	uint64_t	created;
	char		bytes[VARIABLES][64];
	char	   *document;
	char	   *slot;
	Value		values[VARIABLES];
} Values;

extern void read_workload(Workload *workload, const char *file);
extern void weigh_operation(Workload *workload, const char *assignment);
extern void make_document(Workload *workload, size_t size, uint64_t seed);
extern const Operation *pick_operation(const Workload *workload, Values *values);
extern void start_values(Values *values, const Workload *workload,
						 uint64_t seed, uint64_t keys, uint64_t stream);
extern uint64_t random_number(Values *values);
extern void next_values(Values *values, uint64_t key);
extern void make_token(char *token, uint64_t seed, const char *kind, uint64_t number);

/* histogram.c: latencies in nanoseconds, to about 1 % */
#define HISTOGRAM_BUCKETS (64 * 64)

typedef struct Histogram
{
	uint64_t	count;
	uint64_t	max;
	uint64_t	buckets[HISTOGRAM_BUCKETS];
} Histogram;

extern void histogram_add(Histogram *histogram, uint64_t value);
extern void histogram_merge(Histogram *into, const Histogram *from);
extern double histogram_percentile(const Histogram *histogram, double percent);

/* client.c */
extern void fail(const char *format,...)
__attribute__((format(printf, 1, 2), noreturn));
extern void *allocate(size_t size);

#endif							/* CLIENT_H */
