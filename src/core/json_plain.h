/*
 * json_plain.h
 *		The characters of JSON strings that stand for themselves, inside json.
 */
#ifndef COVET_JSON_PLAIN_H
#define COVET_JSON_PLAIN_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* For what is done with each value, where a call costs as much as that. */
#define ALWAYS_INLINE inline __attribute__((always_inline))

#ifdef __SSE2__

#define STEP 16

/*
 * Marks those of so many characters that do not stand for themselves, a bit
 * each.  What is not ASCII is less than a space, too, where it has a sign.
 */
static inline unsigned
marks(const char *text)
{
	__m128i		c = _mm_loadu_si128((const __m128i *) text);
	__m128i		quotes = _mm_cmpeq_epi8(c, _mm_set1_epi8('"'));
	__m128i		backslashes = _mm_cmpeq_epi8(c, _mm_set1_epi8('\\'));
	__m128i		others = _mm_cmplt_epi8(c, _mm_set1_epi8(' '));

	return (unsigned) _mm_movemask_epi8(_mm_or_si128(_mm_or_si128(quotes, backslashes),
													 others));
}

static inline int
first_mark(unsigned marked)
{
	return __builtin_ctz(marked);
}

#else

#define STEP 8

/*
 * The same, a byte each, of which the highest bit is set by what is not ASCII
 * or, after the subtraction, below what is subtracted.  A borrow can only come
 * from a byte that sets its own, so that the first mark is right.
 */
static inline uint64_t
marks(const char *text)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	uint64_t	eight;

	memcpy(&eight, text, sizeof(eight));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	eight = __builtin_bswap64(eight);
#endif
	return (eight | (eight - ones * 0x20) | ((eight ^ ones * '"') - ones) |
			((eight ^ ones * '\\') - ones)) & ones * 0x80;
}

static inline int
first_mark(uint64_t marked)
{
	return __builtin_ctzll(marked) / 8;
}

#endif

/* One such character? */
static const bool is_plain[256] = {
	[0x20 ... '"' - 1] = true,['"' + 1 ... '\\' - 1] = true,['\\' + 1 ... 0x7F] = true
};

/* What follows the characters at "next" that stand for themselves. */
static ALWAYS_INLINE const char *
after_plain(const char *next, const char *end)
{
	for (; end - next >= STEP; next += STEP)
	{
		if (marks(next) != 0)
			return next + first_mark(marks(next));
	}
	while (next < end && is_plain[(unsigned char) *next])
		next++;
	return next;
}

#endif							/* COVET_JSON_PLAIN_H */
