/*
 * test_json.c
 *		JSON: what is accepted, its normal form, and merge patches.
 */
#include "covet_json.h"
#include "test.h"

#define MAX_DEPTH 100

typedef struct Vector
{
	const char *input;
	const char *expected;		/* NULL: malformed */
} Vector;

/* Memory of one test: what it was given, to be freed, and how much is left. */
typedef struct Heap
{
	void	   *blocks[1024];
	int			count;
	int			left;			/* further blocks before there is no memory */
} Heap;

static void *
heap_alloc(void *context, size_t size)
{
	Heap	   *heap = context;

	if (heap->left-- <= 0)
		return NULL;
	assert_true(heap->count < (int) LENGTH_OF(heap->blocks));
	return heap->blocks[heap->count++] = malloc(size);
}

static void
heap_free(Heap *heap)
{
	while (heap->count > 0)
		free(heap->blocks[--heap->count]);
}

#define HEAP ((Heap) {.left = 1024})

static void
check_normal(const char *input, size_t length, const char *expected)
{
	Heap		heap = HEAP;
	CovetMemory memory = {heap_alloc, &heap};
	char	   *copy = exact_copy(input, length);
	CovetText	normal = {NULL, 0};
	CovetJson	outcome = covet_json_normalise(&memory, (CovetText) {copy, length},
											   MAX_DEPTH, &normal);

	if (expected == NULL)
		assert_int_equal(outcome, COVET_JSON_MALFORMED);
	else
	{
		assert_int_equal(outcome, COVET_JSON_OK);
		assert_int_equal(normal.length, strlen(expected));
		assert_memory_equal(normal.start, expected, normal.length);
	}
	free(copy);
	heap_free(&heap);
}

static void
check_all(const Vector *vectors, size_t count)
{
	for (size_t i = 0; i < count; i++)
		check_normal(vectors[i].input, strlen(vectors[i].input),
					 vectors[i].expected);
}

static void
test_accepted(void **state)
{
	static const Vector vectors[] = {
		{"{}", "{}"}, {"[]", "[]"}, {" null ", "null"}, {"true", "true"},
		{"false", "false"}, {"\"\"", "\"\""}, {"0", "0"}, {"-0", "-0"},
		{"12.50e+07", "12.50e+07"}, {"1E-1", "1E-1"},
		{"\t{ \"a\" :\r[ 1 ,\n2 ] , \"b\":{ } } ", "{\"a\":[1,2],\"b\":{}}"},
		{"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00fC\"", "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00fC\""},
		{"\"\xC3\xBC\xE2\x82\xAC\xF0\x9F\x98\x80\"", "\"\xC3\xBC\xE2\x82\xAC\xF0\x9F\x98\x80\""},
		{"\" keep  spaces \"", "\" keep  spaces \""},
	};

	(void) state;
	check_all(vectors, LENGTH_OF(vectors));
}

static void
test_malformed(void **state)
{
	static const Vector vectors[] = {
		{"", NULL}, {" ", NULL}, {"{", NULL}, {"[1,]", NULL}, {"[,1]", NULL},
		{"[1 2]", NULL}, {"{\"a\"}", NULL}, {"{\"a\":}", NULL},
		{"{\"a\":1,}", NULL}, {"{a:1}", NULL}, {"{} {}", NULL}, {"01", NULL},
		{"+1", NULL}, {".5", NULL}, {"1.", NULL}, {"1e", NULL}, {"-", NULL},
		{"nul", NULL}, {"True", NULL}, {"NaN", NULL}, {"'a'", NULL},
		{"\"", NULL}, {"\"a", NULL}, {"\"\\\"", NULL}, {"\"\\x41\"", NULL},
		{"\"\\u12g4\"", NULL}, {"\"\\u123", NULL}, {"\"a\nb\"", NULL},
		{"\"\x01\"", NULL}, {"\"\xC0\xAF\"", NULL}, {"\"\xED\xA0\x80\"", NULL},
		{"\"\xF4\x90\x80\x80\"", NULL}, {"\"\xE2\x82\"", NULL},
		{"\"\x80\"", NULL}, {"/**/1", NULL}, {"]", NULL},
	};

	(void) state;
	check_all(vectors, LENGTH_OF(vectors));
	check_normal(BYTES("1\0"), NULL);
	check_normal(BYTES("\"\0\""), NULL);
}

/* Keys are what they mean; the last one wins, where it stands. */
static void
test_duplicates(void **state)
{
	static const Vector vectors[] = {
		{"{\"a\":1,\"b\":2,\"a\":3}", "{\"b\":2,\"a\":3}"},
		{"{\"a\":1,\"\\u0061\":2}", "{\"\\u0061\":2}"},
		{"{\"\\ud83d\\ude00\":1,\"\xF0\x9F\x98\x80\":2}", "{\"\xF0\x9F\x98\x80\":2}"},
		{"{\"a\":{\"x\":1,\"x\":2},\"a\":{\"y\":1,\"y\":2}}", "{\"a\":{\"y\":2}}"},
		{"{\"\\n\":1,\"\\u000A\":2,\"n\":3}", "{\"\\u000A\":2,\"n\":3}"},
		{"{\"a\":1,\"aa\":2,\"A\":3}", "{\"a\":1,\"aa\":2,\"A\":3}"},
	};

	(void) state;
	check_all(vectors, LENGTH_OF(vectors));
}

static void
test_depth(void **state)
{
	char		text[2 * (MAX_DEPTH + 1) + 2];

	(void) state;
	memset(text, '[', MAX_DEPTH);
	text[MAX_DEPTH] = '1';
	memset(text + MAX_DEPTH + 1, ']', MAX_DEPTH);
	text[2 * MAX_DEPTH + 1] = '\0';
	check_normal(text, strlen(text), text);

	memset(text, '[', MAX_DEPTH + 1);
	memset(text + MAX_DEPTH + 1, ']', MAX_DEPTH + 1);
	check_normal(text, 2 * (MAX_DEPTH + 1), NULL);
}

/* Whatever block cannot be had: no memory, and no harm. */
static void
test_no_memory(void **state)
{
	static const char text[] =
		"{\"a\\n\":1,\"b\":{\"c\":[{}]},\"d\":1,\"e\":1,\"f\":1,\"g\":1,\"h\":1,\"i\":1,\"j\":1}";
	CovetJson	outcome = COVET_JSON_NO_MEMORY;

	(void) state;
	for (int left = 0; outcome != COVET_JSON_OK; left++)
	{
		Heap		heap = {.left = left};
		CovetMemory memory = {heap_alloc, &heap};
		CovetText	normal;
		CovetText	merged;

		assert_true(left < 50);
		outcome = covet_json_normalise(&memory, (CovetText) {BYTES(text)},
									   MAX_DEPTH, &normal);
		if (outcome == COVET_JSON_OK)
			outcome = covet_json_merge(&memory, normal, normal, &merged);
		assert_true(outcome == COVET_JSON_OK || outcome == COVET_JSON_NO_MEMORY);
		heap_free(&heap);
	}
}

typedef struct Merge
{
	const char *target;
	const char *patch;
	const char *expected;
} Merge;

/* RFC 7396, appendix A, as far as both are objects; and some more. */
static const Merge merges[] = {
	{"{\"a\":\"b\"}", "{\"a\":\"c\"}", "{\"a\":\"c\"}"},
	{"{\"a\":\"b\"}", "{\"b\":\"c\"}", "{\"a\":\"b\",\"b\":\"c\"}"},
	{"{\"a\":\"b\"}", "{\"a\":null}", "{}"},
	{"{\"a\":\"b\",\"b\":\"c\"}", "{\"a\":null}", "{\"b\":\"c\"}"},
	{"{\"a\":[\"b\"]}", "{\"a\":\"c\"}", "{\"a\":\"c\"}"},
	{"{\"a\":\"c\"}", "{\"a\":[\"b\"]}", "{\"a\":[\"b\"]}"},
	{"{\"a\":{\"b\":\"c\"}}", "{\"a\":{\"b\":\"d\",\"c\":null}}", "{\"a\":{\"b\":\"d\"}}"},
	{"{\"a\":[{\"b\":\"c\"}]}", "{\"a\":[1]}", "{\"a\":[1]}"},
	{"{\"e\":null}", "{\"a\":1}", "{\"e\":null,\"a\":1}"},
	{"{}", "{\"a\":{\"bb\":{\"ccc\":null}}}", "{\"a\":{\"bb\":{}}}"},
	{"{\"a\":1}", "{\"\\u0061\":null}", "{}"},
	{"{\"a\":{\"b\":1}}", "{\"a\":{}}", "{\"a\":{\"b\":1}}"},
	{"{\"a\":1}", "{\"a\":{\"b\":null,\"c\":2}}", "{\"a\":{\"c\":2}}"},
	{"{\"a,]}\\\"\":\"}\"}", "{\"b\":\"{,\"}", "{\"a,]}\\\"\":\"}\",\"b\":\"{,\"}"},
};

static void
test_merge(void **state)
{
	(void) state;
	for (size_t i = 0; i < LENGTH_OF(merges); i++)
	{
		Heap		heap = HEAP;
		CovetMemory memory = {heap_alloc, &heap};
		CovetText	target = {merges[i].target, strlen(merges[i].target)};
		CovetText	patch = {merges[i].patch, strlen(merges[i].patch)};
		CovetText	merged;

		assert_true(covet_json_is_object(target));
		assert_int_equal(covet_json_merge(&memory, target, patch, &merged),
						 COVET_JSON_OK);
		assert_int_equal(merged.length, strlen(merges[i].expected));
		assert_memory_equal(merged.start, merges[i].expected, merged.length);
		heap_free(&heap);
	}
	assert_false(covet_json_is_object((CovetText) {BYTES("[]")}));
	assert_false(covet_json_is_object((CovetText) {NULL, 0}));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_accepted),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_duplicates),
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_no_memory),
		cmocka_unit_test(test_merge),
	};

	return RUN_TESTS(tests);
}
