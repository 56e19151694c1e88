/*
 * deadline.c
 *		When a session ends, and when it must be looked at.
 *
 * A time may be any 64-bit number, so that a row that somebody edited by hand
 * cannot make a sum overflow: differences are taken as unsigned numbers, where
 * that of any two times is exact.
 */
#include "covet_core.h"

/* A use is recorded at least this often per idle timeout. */
#define TOUCHES_PER_IDLE_TIMEOUT 20

static CovetTime
earlier(CovetTime one, CovetTime other)
{
	return one < other ? one : other;
}

/* "later" minus "sooner", which is not later, in microseconds. */
static uint64_t
elapsed(CovetTime sooner, CovetTime later)
{
	return (uint64_t) later - (uint64_t) sooner;
}

CovetTime
covet_time_add(CovetTime time, int64_t seconds)
{
	if (time == COVET_NEVER)
		return COVET_NEVER;
	if (seconds >= 0)
	{
		uint64_t	count = (uint64_t) seconds;

		if (count > elapsed(time, COVET_NEVER) / COVET_SECOND)
			return COVET_NEVER;
		return (CovetTime) ((uint64_t) time + count * COVET_SECOND);
	}
	else
	{
		uint64_t	count = 0 - (uint64_t) seconds;

		if (count > elapsed(INT64_MIN, time) / COVET_SECOND)
			return INT64_MIN;
		return (CovetTime) ((uint64_t) time - count * COVET_SECOND);
	}
}

CovetTime
covet_valid_until(const CovetTimer *timer)
{
	if (timer->idle_timeout == 0)
		return timer->expires_at;
	return earlier(timer->expires_at,
				   covet_time_add(timer->last_accessed_at, timer->idle_timeout));
}

bool
covet_is_expired(const CovetTimer *timer, CovetTime now)
{
	CovetTime	end = covet_valid_until(timer);

	return end != COVET_NEVER && now >= end;
}

bool
covet_touch_is_due(const CovetTimer *timer, int32_t touch_interval,
				   CovetTime now)
{
	CovetTime	interval = touch_interval * COVET_SECOND;

	if (timer->idle_timeout != 0)
		interval = earlier(interval, timer->idle_timeout *
						   (COVET_SECOND / TOUCHES_PER_IDLE_TIMEOUT));
	return now > timer->last_accessed_at &&
		(interval <= 0 ||
		 elapsed(timer->last_accessed_at, now) >= (uint64_t) interval);
}

CovetTime
covet_sweep_at(const CovetTimer *timer, CovetTime sweep_at)
{
	return earlier(sweep_at, covet_valid_until(timer));
}
