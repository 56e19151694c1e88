/*
 * counters.c
 *		covet_count, covet_counter, covet_note, covet_noted,
 *		covet_counters_reset: what has happened in this server process since the
 *		library was loaded.
 *
 * A counter or note belongs to a key, which a store's routines know and nobody else:
 * so several stores in one server count apart, and a stranger, who can call
 * these functions too, counts nothing but his own.  He can use up the room for
 * keys; what is counted under other keys stays.
 *
 * Locking: keys and notes change under the lock's write side.  Counters are
 * added to and read under its read side, atomically.
 */
#include "counters.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include <openssl/crypto.h>

#include "udf.h"

#define MAX_KEYS 64
#define MAX_KEY_LENGTH 64

/* What the last sweep leaves. */
typedef enum NoteName
{
	LAST_TRY_AT,
	LAST_SWEEP_AT,
	LAST_SWEEP_MS,
	LAST_ERROR,
	NOTES
} NoteName;

typedef struct Note
{
	char		text[UDF_RESULT_SIZE];
	size_t		length;
	bool		is_set;
} Note;

typedef struct Store
{
	char		key[MAX_KEY_LENGTH];
	size_t		key_length;		/* 0: free */
	atomic_llong counters[COVET_COUNTERS];
	Note		notes[NOTES];
} Store;

static const char *const names[COVET_COUNTERS] = {
	[COVET_GETS] = "gets",
	[COVET_HITS] = "hits",
	[COVET_MISSES] = "misses",
	[COVET_EXPIRED_READS] = "expired_reads",
	[COVET_REJECTED] = "rejected",
	[COVET_INVALID_IDS] = "invalid_ids",
	[COVET_TOUCHES] = "touches",
	[COVET_TOUCHES_SKIPPED] = "touches_skipped",
	[COVET_CREATES] = "creates",
	[COVET_SETS] = "sets",
	[COVET_UPDATES] = "updates",
	[COVET_CONFLICTS] = "conflicts",
	[COVET_REFUSED_REVOKED] = "refused_revoked",
	[COVET_ROTATIONS] = "rotations",
	[COVET_DELETES] = "deletes",
	[COVET_REVOCATIONS] = "revocations",
	[COVET_EVICTIONS] = "evictions",
	[COVET_SWEEPS] = "sweeps",
	[COVET_SWEPT] = "swept"
};

static const char *const note_names[NOTES] = {
	[LAST_TRY_AT] = "last_try_at",
	[LAST_SWEEP_AT] = "last_sweep_at",
	[LAST_SWEEP_MS] = "last_sweep_ms",
	[LAST_ERROR] = "last_error"
};

static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
static Store stores[MAX_KEYS];

static bool
is_key(CovetText text)
{
	return text.start != NULL && text.length > 0 && text.length <= MAX_KEY_LENGTH;
}

/* The store of a key, under the lock. */
static Store *
find(CovetText key)
{
	for (int i = 0; i < MAX_KEYS; i++)
	{
		if (stores[i].key_length == key.length &&
			CRYPTO_memcmp(stores[i].key, key.start, key.length) == 0)
			return &stores[i];
	}
	return NULL;
}

static void
clear(Store *store)
{
	for (int i = 0; i < COVET_COUNTERS; i++)
		atomic_store_explicit(&store->counters[i], 0, memory_order_relaxed);
	for (int i = 0; i < NOTES; i++)
		store->notes[i].is_set = false;
}

/* The store of a key, made if there is room, under the lock's write side. */
static Store *
find_or_make(CovetText key)
{
	Store	   *store = find(key);

	for (Store *slot = stores; store == NULL && slot < stores + MAX_KEYS; slot++)
	{
		if (slot->key_length > 0)
			continue;
		clear(slot);
		memcpy(slot->key, key.start, key.length);
		slot->key_length = key.length;
		store = slot;
	}
	return store;
}

/* The place of a name in a list, "count" if it is not there. */
static int
find_in(const char *const *list, int count, CovetText name)
{
	int			i = 0;

	while (i < count &&
		   (name.start == NULL || strlen(list[i]) != name.length ||
			memcmp(list[i], name.start, name.length) != 0))
		i++;
	return i;
}

static int
find_name(CovetText name)
{
	return find_in(names, COVET_COUNTERS, name);
}

/* What was asked for and not found is a miss: nobody counts those. */
static long long
read_counter(Store *store, int counter)
{
	long long	hits;

	if (counter != COVET_MISSES)
		return atomic_load_explicit(&store->counters[counter], memory_order_relaxed);
	/* First, as each is counted after its "gets". */
	hits = atomic_load(&store->counters[COVET_HITS]);
	return atomic_load(&store->counters[COVET_GETS]) - hits;
}

/* Which counters a list of names means, a bit for each; 0 if one is unknown. */
static unsigned int
find_names(CovetText list)
{
	unsigned int set = 0;
	const char *end = list.start + list.length;
	const char *start = list.start;

	while (start < end)
	{
		const char *space = memchr(start, ' ', (size_t) (end - start));
		const char *stop = space != NULL ? space : end;
		int			counter = find_name((CovetText) {start, (size_t) (stop - start)});

		if (counter == COVET_COUNTERS)
			return 0;
		set |= 1U << counter;
		start = stop + 1;
	}
	return set;
}

static void
add(Store *store, unsigned int set, long long n)
{
	for (int i = 0; store != NULL && i < COVET_COUNTERS; i++)
	{
		if (set & 1U << i)
			atomic_fetch_add_explicit(&store->counters[i], n,
									  memory_order_relaxed);
	}
}

bool
counters_add(CovetText key, unsigned int set, long long n)
{
	Store	   *store;

	if (!is_key(key))
		return false;
	pthread_rwlock_rdlock(&lock);
	store = find(key);
	add(store, set, n);
	pthread_rwlock_unlock(&lock);
	if (store != NULL)
		return true;

	pthread_rwlock_wrlock(&lock);
	store = find_or_make(key);
	add(store, set, n);
	pthread_rwlock_unlock(&lock);
	return store != NULL;
}

/* ---- the functions ---- */

UDF_INIT_FUNCTION(covet_count)
{
	if (udf_prepare_volatile(init, args, message, 2, 3, 1))
		return true;
	if (args->count == 3)
		args->types[2] = UDF_INTEGER;
	return false;
}

UDF_INTEGER_FUNCTION(covet_count)
{
	CovetText	key = udf_arg(args, 0);
	CovetText	list = udf_arg(args, 1);
	long long	n = 1;
	unsigned int set;

	UNUSED(init);
	UNUSED(error);
	if (args->count == 3)
	{
		if (args->values[2] == NULL)
			return udf_return_null(is_null);
		memcpy(&n, args->values[2], sizeof(n));
	}
	if (!is_key(key) || list.start == NULL || (set = find_names(list)) == 0)
		return udf_return_null(is_null);
	return counters_add(key, set, n) ? 1 : udf_return_null(is_null);
}

UDF_INIT_FUNCTION(covet_counter)
{
	return udf_prepare_volatile(init, args, message, 2, 2, 20);
}

UDF_INTEGER_FUNCTION(covet_counter)
{
	CovetText	key = udf_arg(args, 0);
	int			counter = find_name(udf_arg(args, 1));
	Store	   *store;
	long long	value = 0;

	UNUSED(init);
	UNUSED(error);
	if (!is_key(key) || counter == COVET_COUNTERS)
		return udf_return_null(is_null);
	pthread_rwlock_rdlock(&lock);
	store = find(key);
	if (store != NULL)
		value = read_counter(store, counter);
	pthread_rwlock_unlock(&lock);
	return value;
}

/* How much of a text is noted: whole characters of UTF-8. */
static size_t
note_length(CovetText text)
{
	size_t		length = text.length;

	if (length > UDF_RESULT_SIZE)
	{
		length = UDF_RESULT_SIZE;
		while (length > 0 && (text.start[length] & 0xC0) == 0x80)
			length--;
	}
	return length;
}

UDF_INIT_FUNCTION(covet_note)
{
	return udf_prepare_volatile(init, args, message, 3, 3, 1);
}

UDF_INTEGER_FUNCTION(covet_note)
{
	CovetText	key = udf_arg(args, 0);
	CovetText	text = udf_arg(args, 2);
	int			name = find_in(note_names, NOTES, udf_arg(args, 1));
	Store	   *store;

	UNUSED(init);
	UNUSED(error);
	if (!is_key(key) || name == NOTES)
		return udf_return_null(is_null);
	pthread_rwlock_wrlock(&lock);
	store = find_or_make(key);
	if (store != NULL)
	{
		Note	   *note = &store->notes[name];

		note->is_set = text.start != NULL;
		note->length = note_length(text);
		if (note->length > 0)
			memcpy(note->text, text.start, note->length);
	}
	pthread_rwlock_unlock(&lock);
	return store != NULL ? 1 : udf_return_null(is_null);
}

UDF_INIT_FUNCTION(covet_noted)
{
	return udf_prepare_volatile(init, args, message, 2, 2, UDF_RESULT_SIZE);
}

UDF_TEXT_FUNCTION(covet_noted)
{
	CovetText	key = udf_arg(args, 0);
	int			name = find_in(note_names, NOTES, udf_arg(args, 1));
	Note		note = {.is_set = false};
	Store	   *store;

	UNUSED(init);
	UNUSED(error);
	if (is_key(key) && name < NOTES)
	{
		pthread_rwlock_rdlock(&lock);
		store = find(key);
		if (store != NULL)
			note = store->notes[name];
		pthread_rwlock_unlock(&lock);
	}
	if (!note.is_set)
		return udf_return_text(NULL, result, length, is_null);
	memcpy(result, note.text, note.length);
	*length = note.length;
	return result;
}

UDF_INIT_FUNCTION(covet_counters_reset)
{
	return udf_prepare_volatile(init, args, message, 1, 1, 1);
}

UDF_INTEGER_FUNCTION(covet_counters_reset)
{
	CovetText	key = udf_arg(args, 0);
	Store	   *store;

	UNUSED(init);
	UNUSED(error);
	if (!is_key(key))
		return udf_return_null(is_null);
	pthread_rwlock_wrlock(&lock);
	store = find(key);
	if (store != NULL)
		store->key_length = 0;
	pthread_rwlock_unlock(&lock);
	return 1;
}
