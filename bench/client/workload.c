/*
 * workload.c
 *		Operations read from a file, and the values put into them.
 *
 * A line of the file is the name of an operation, white space, a statement.
 * Lines of the same name are the statements of one operation, sent one after
 * the other.  '#' starts a comment line.
 *
 * The token of session number N is the MD5 of "SEED:token:N" in hexadecimal
 * and N in eleven digits.  Whoever fills a table computes it in the same way.
 */
#include "client.h"

#include <ctype.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char *const variable_names[VARIABLES] = {
	[TOKEN] = "token",
	[NEW_TOKEN] = "new",
	[DATA] = "data",
	[PATCH] = "patch",
	[NOW] = "now",
	[EXPIRE] = "expire",
	[USER] = "user",
};

#define SLOT "00000000000000000000000000000000"

static const char *
find_variable(const char *text, Variable *variable)
{
	for (const char *colon = text; (colon = strchr(colon, ':')) != NULL; colon++)
	{
		if (colon[1] == ':')
			colon++;			/* a cast */
		else
			for (int i = 0; i < VARIABLES; i++)
			{
				size_t		length = strlen(variable_names[i]);

				if (strncmp(colon + 1, variable_names[i], length) == 0 &&
					!isalnum((unsigned char) colon[1 + length]))
				{
					*variable = (Variable) i;
					return colon;
				}
			}
	}
	return NULL;
}

static void
parse_statement(Statement *statement, char *text)
{
	const char *from = text;
	const char *found;
	Variable	variable;

	statement->text = text;
	statement->nvalues = 0;
	while ((found = find_variable(from, &variable)) != NULL)
	{
		if (statement->nvalues == MAX_VALUES)
			fail("too many variables: %s", text);
		statement->before[statement->nvalues] = strndup(from, (size_t) (found - from));
		statement->values[statement->nvalues++] = variable;
		from = found + 1 + strlen(variable_names[variable]);
	}
	statement->before[statement->nvalues] = strdup(from);
}

static Operation *
find_operation(Workload *workload, const char *name)
{
	for (int i = 0; i < workload->noperations; i++)
		if (strcmp(workload->operations[i].name, name) == 0)
			return &workload->operations[i];
	return NULL;
}

void
read_workload(Workload *workload, const char *file)
{
	FILE	   *stream = fopen(file, "r");
	char	   *line = NULL;
	size_t		size = 0;

	if (stream == NULL)
		fail("cannot read %s", file);
	while (getline(&line, &size, stream) > 0)
	{
		char		name[32];
		int			at = 0;
		Operation  *operation;

		line[strcspn(line, "\n")] = '\0';
		if (line[0] == '#' || sscanf(line, "%31s %n", name, &at) < 1)
			continue;
		operation = find_operation(workload, name);
		if (operation == NULL)
		{
			if (workload->noperations == MAX_OPERATIONS)
				fail("too many operations in %s", file);
			operation = &workload->operations[workload->noperations++];
			strcpy(operation->name, name);
		}
		if (operation->nstatements == MAX_STATEMENTS)
			fail("too many statements: %s", name);
		parse_statement(&operation->statements[operation->nstatements++],
						strdup(line + at));
	}
	free(line);
	fclose(stream);
}

/* weigh_operation: NAME or NAME=WEIGHT joins the mix. */
void
weigh_operation(Workload *workload, const char *assignment)
{
	char		name[32];
	double		weight = 1;
	Operation  *operation;

	if (sscanf(assignment, "%31[^=]=%lf", name, &weight) < 1 || weight <= 0)
		fail("not an operation: %s", assignment);
	operation = find_operation(workload, name);
	if (operation == NULL)
		fail("no such operation: %s", name);
	operation->weight = weight;
	workload->weight += weight;
}

/*
 * The session of a small shop: a cart with as many articles as it takes to
 * come to the size.
 */
void
make_document(Workload *workload, size_t size, uint64_t seed)
{
	char	   *document = allocate(size + 512);
	size_t		length;
	char		token[TOKEN_LENGTH + 1];

	length = (size_t) sprintf(document, "{\"csrf\": \"" SLOT "\", "
							  "\"locale\": \"en-GB\", \"cart\": [");
	for (uint64_t article = 0; length + 80 <= size; article++)
	{
		make_token(token, seed, "article", article);
		length += (size_t) sprintf(document + length,
								   "%s{\"article\": \"%.20s\", \"count\": %d, \"price\": %d.%02d}",
								   article == 0 ? "" : ", ", token,
								   token[20] % 5 + 1, token[21], token[22] % 100);
	}
	length += (size_t) sprintf(document + length, "], \"note\": \"");
	for (uint64_t i = 0; length + 2 < size; i++)
	{
		make_token(token, seed, "note", i);
		length += (size_t) sprintf(document + length, "%.*s",
								   (int) (size - 2 - length < 32 ? size - 2 - length : 32),
								   token);
	}
	strcpy(document + length, "\"}");
	workload->document = document;
	workload->slot = strstr(document, SLOT);
}

/* splitmix64 */
uint64_t
random_number(Values *values)
{
	uint64_t	z = (values->random += 0x9E3779B97F4A7C15);

	z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
	z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
	return z ^ (z >> 31);
}

const Operation *
pick_operation(const Workload *workload, Values *values)
{
	double		at = (double) (random_number(values) >> 11) / (double) (1ULL << 53) *
		workload->weight;
	const Operation *picked = NULL;

	for (int i = 0; i < workload->noperations; i++)
	{
		const Operation *operation = &workload->operations[i];

		if (operation->weight == 0)
			continue;
		picked = operation;
		if ((at -= operation->weight) < 0)
			break;
	}
	return picked;
}

void
make_token(char *token, uint64_t seed, const char *kind, uint64_t number)
{
	static __thread EVP_MD_CTX *context;
	static __thread EVP_MD *md5;
	unsigned char digest[16];
	char		text[80];

	if (context == NULL)
	{
		context = EVP_MD_CTX_new();
		md5 = EVP_MD_fetch(NULL, "MD5", NULL);
	}
	snprintf(text, sizeof text, "%llu:%s:%llu", (unsigned long long) seed, kind,
			 (unsigned long long) number);
	if (EVP_DigestInit_ex(context, md5, NULL) != 1 ||
		EVP_DigestUpdate(context, text, strlen(text)) != 1 ||
		EVP_DigestFinal_ex(context, digest, NULL) != 1)
		fail("MD5 failed");
	for (int i = 0; i < 16; i++)
	{
		token[2 * i] = "0123456789abcdef"[digest[i] >> 4];
		token[2 * i + 1] = "0123456789abcdef"[digest[i] & 15];
	}
	snprintf(token + 32, 12, "%011llu", (unsigned long long) (number % 100000000000));
}

void
start_values(Values *values, const Workload *workload, uint64_t seed,
			 uint64_t keys, uint64_t stream)
{
	memset(values, 0, sizeof *values);
	values->seed = seed;
	values->keys = keys;
	values->stream = stream;
	values->random = seed + stream * 0xD1342543DE82EF95;
	values->document = strdup(workload->document);
	values->slot = values->document + (workload->slot - workload->document);
	for (int i = 0; i < VARIABLES; i++)
		values->values[i].bytes = values->bytes[i];
	values->values[DATA] = (Value) {values->document, strlen(values->document)};
}

static void
set_value(Values *values, Variable variable)
{
	values->values[variable].length = strlen(values->bytes[variable]);
}

/* next_values: those for an operation on the session of that number. */
void
next_values(Values *values, uint64_t key)
{
	time_t		now = time(NULL);

	make_token(values->bytes[TOKEN], values->seed, "token", key);
	snprintf(values->bytes[NEW_TOKEN], sizeof values->bytes[NEW_TOKEN],
			 "%016llx%016llx%011llu",
			 (unsigned long long) random_number(values),
			 (unsigned long long) random_number(values),
			 (unsigned long long) (values->stream * 1000000000 + values->created++));
	for (int i = 0; i < 32; i++)
		values->slot[i] = values->bytes[NEW_TOKEN][31 - i];
	snprintf(values->bytes[PATCH], sizeof values->bytes[PATCH],
			 "{\"csrf\": \"%.32s\"}", values->slot);
	snprintf(values->bytes[NOW], sizeof values->bytes[NOW], "%lld", (long long) now);
	snprintf(values->bytes[EXPIRE], sizeof values->bytes[EXPIRE], "%lld",
			 (long long) now + 3600);
	snprintf(values->bytes[USER], sizeof values->bytes[USER], "user%llu",
			 (unsigned long long) (key / 2));
	for (int i = 0; i < VARIABLES; i++)
		if (i != DATA)
			set_value(values, (Variable) i);
}
