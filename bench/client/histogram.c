/*
 * histogram.c
 *		Latencies, counted in buckets that are 64 to a power of two.
 */
#include "client.h"

static int
bucket_of(uint64_t value)
{
	int			shift;

	if (value < 64)
		return (int) value;
	shift = 63 - __builtin_clzll(value) - 6;
	return (shift + 1) * 64 + (int) ((value >> shift) - 64);
}

/* The middle of a bucket. */
static double
value_of(int bucket)
{
	int			shift = bucket / 64 - 1;

	if (shift < 0)
		return bucket;
	return ((double) (bucket % 64 + 64) + 0.5) * (double) (1ULL << shift);
}

void
histogram_add(Histogram *histogram, uint64_t value)
{
	histogram->buckets[bucket_of(value)]++;
	histogram->count++;
	if (value > histogram->max)
		histogram->max = value;
}

void
histogram_merge(Histogram *into, const Histogram *from)
{
	for (int i = 0; i < HISTOGRAM_BUCKETS; i++)
		into->buckets[i] += from->buckets[i];
	into->count += from->count;
	if (from->max > into->max)
		into->max = from->max;
}

double
histogram_percentile(const Histogram *histogram, double percent)
{
	double		wanted = (double) histogram->count * percent / 100;
	double		seen = 0;

	for (int i = 0; i < HISTOGRAM_BUCKETS; i++)
	{
		seen += (double) histogram->buckets[i];
		if (seen >= wanted && histogram->buckets[i] > 0)
			return value_of(i);
	}
	return (double) histogram->max;
}
