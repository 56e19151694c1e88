/*
 * redis.c
 *		The driver for Redis, by hiredis.
 *
 * A statement is a command, its words separated by single blanks; a variable
 * is a word.  Redis has one protocol, whatever was asked for.
 */
#include "client.h"

#include <hiredis/hiredis.h>
#include <string.h>

static void *
redis_open(const char *target, Protocol protocol)
{
	redisContext *context = redisConnectUnix(target);

	(void) protocol;
	if (context == NULL || context->err != 0)
		fail("%s: %s", target, context ? context->errstr : "out of memory");
	return context;
}

static void
redis_prepare(void *connection, int number, Statement *statement)
{
	(void) connection;
	(void) number;
	(void) statement;
}

/* add_words: appends the words of literal text. */
static int
add_words(const char *text, const char **words, size_t *lengths, int nwords)
{
	while (*text != '\0')
	{
		size_t		length = strcspn(text, " ");

		if (length > 0)
		{
			if (nwords == MAX_VALUES)
				fail("too many words in a command");
			words[nwords] = text;
			lengths[nwords++] = length;
		}
		text += length + (text[length] == ' ');
	}
	return nwords;
}

static bool
redis_run(void *connection, int number, const Statement *statement,
		  const Value *values)
{
	const char *words[MAX_VALUES];
	size_t		lengths[MAX_VALUES];
	int			nwords = 0;
	redisReply *reply;
	bool		found;

	(void) number;
	for (int i = 0; i < statement->nvalues; i++)
	{
		nwords = add_words(statement->before[i], words, lengths, nwords);
		if (nwords == MAX_VALUES)
			fail("too many words in a command");
		words[nwords] = values[statement->values[i]].bytes;
		lengths[nwords++] = values[statement->values[i]].length;
	}
	nwords = add_words(statement->before[statement->nvalues], words, lengths, nwords);
	reply = redisCommandArgv(connection, nwords, words, lengths);
	if (reply == NULL)
		fail("%s: %s", statement->text, ((redisContext *) connection)->errstr);
	if (reply->type == REDIS_REPLY_ERROR)
		fail("%s: %s", statement->text, reply->str);
	found = reply->type != REDIS_REPLY_NIL;
	freeReplyObject(reply);
	return found;
}

static int
redis_pid(void *connection)
{
	(void) connection;
	return 0;
}

static void
redis_close(void *connection)
{
	redisFree(connection);
}

const Driver redis_driver = {
	"redis", redis_open, redis_prepare, redis_run, redis_pid, redis_close
};
