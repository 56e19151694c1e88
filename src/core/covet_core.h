/*
 * covet_core.h
 *		The rules of covet_sessions that no database takes part in.
 *
 * Every rule that must be the same on every engine is written here, once:
 * what a token and a handle are, which JSON is accepted, when two addresses or
 * two browsers are "the same", when a session ends, what an error says and
 * which settings exist.  An engine's module asks its engine for rows and asks
 * the core what they mean.
 *
 * The core uses the C and POSIX standard libraries and libcrypto (3.0 or
 * later), keeps nothing between calls but libcrypto's SHA-256 once it is found,
 * allocates nothing that it hands out, and may be called from any thread.  All
 * text is passed with its length and need not end in a NUL byte.
 */
#ifndef COVET_CORE_H
#define COVET_CORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- token.c: tokens and handles ---- */

/* Length of a generated token and of a handle: 32 bytes in base64url. */
#define COVET_TOKEN_LENGTH 43
/* Room for either, with its NUL byte. */
#define COVET_TOKEN_SIZE (COVET_TOKEN_LENGTH + 1)
/* Longest token that is accepted from outside, in bytes. */
#define COVET_TOKEN_MAX 255
/* Longest user id, in characters. */
#define COVET_USER_ID_MAX 255

/*
 * Makes a fresh token: 256 bits from libcrypto's generator, base64url without
 * padding (RFC 4648 section 5), NUL-terminated.  Returns false, with nothing
 * usable in "token", when the generator fails.
 */
extern bool covet_token_generate(char token[COVET_TOKEN_SIZE]);

/*
 * True if "token" is 1 to COVET_TOKEN_MAX bytes of printable ASCII, 0x21 to
 * 0x7E.
 */
extern bool covet_token_is_valid(const char *token, size_t length);

/*
 * The handle of a token: base64url without padding of its SHA-256 (FIPS
 * 180-4), NUL-terminated.  Takes any bytes.  Returns false, with nothing
 * usable in "handle", only when libcrypto fails.
 */
extern bool covet_digest(const char *token, size_t length,
						 char handle[COVET_TOKEN_SIZE]);

/*
 * The same without allocating memory each time, for one thread at a time: what
 * libcrypto needs is kept in "digester", NULL at first, until
 * covet_digester_free().
 */
typedef struct evp_md_ctx_st CovetDigester;

extern bool covet_digest_again(CovetDigester **digester,
							   const char *token, size_t length,
							   char handle[COVET_TOKEN_SIZE]);

/* NULL is allowed. */
extern void covet_digester_free(CovetDigester *digester);

/* True if "text" has the form of a handle: 43 base64url characters. */
extern bool covet_handle_is_valid(const char *text, size_t length);

/* ---- ijson.c: JSON that every engine stores alike ---- */

typedef enum CovetIjson
{
	COVET_IJSON_OK,
	COVET_IJSON_NUL,			/* a \u0000 escape */
	COVET_IJSON_SURROGATE		/* a lone or misordered surrogate escape */
} CovetIjson;

/*
 * Checks the escapes of a JSON text for what I-JSON forbids and engines treat
 * differently (RFC 7493 section 2.1, RFC 8259 section 7): NUL characters and
 * lone surrogates.  It does not check the syntax, which is the engine's work,
 * and is safe on any bytes.
 */
extern CovetIjson covet_ijson_check(const char *json, size_t length);

/* ---- ip.c: client addresses ---- */

/* Longest textual address (IPv4-mapped IPv6), as RFC 4291 writes them. */
#define COVET_IP_MAX 45

typedef struct CovetIp
{
	bool		is_v4;			/* then the first four bytes count */
	unsigned char bytes[16];
} CovetIp;

typedef enum CovetBindIp
{
	COVET_BIND_IP_OFF,
	COVET_BIND_IP_SUBNET,		/* same /24 (IPv4) or /64 (IPv6) */
	COVET_BIND_IP_EXACT
} CovetBindIp;

/*
 * Reads an IPv4 address in dotted-decimal or an IPv6 address (RFC 4291 section
 * 2.2); an IPv4-mapped IPv6 address becomes the IPv4 address it stands for.
 * Returns false if the text is no address; zone indexes, prefix lengths, ports
 * and surrounding spaces are not part of one.
 */
extern bool covet_ip_parse(const char *text, size_t length, CovetIp *ip);

/*
 * Does "now" satisfy the binding to "then"?  Texts that are no address satisfy
 * only COVET_BIND_IP_OFF.
 */
extern bool covet_ip_matches(CovetBindIp policy,
							 const char *then, size_t then_length,
							 const char *now, size_t now_length);

/* ---- user_agent.c: browsers ---- */

typedef enum CovetBindUserAgent
{
	COVET_BIND_USER_AGENT_OFF,
	COVET_BIND_USER_AGENT_FAMILY,	/* browser and platform, not version */
	COVET_BIND_USER_AGENT_EXACT
} CovetBindUserAgent;

/* Room for the longest family, with its NUL byte. */
#define COVET_FAMILY_SIZE 64

/*
 * Writes the family of a User-Agent header field (RFC 9110 section 10.1.5):
 * "browser/platform" such as "Firefox/Windows".  What is not recognised is
 * called by its first product token, so that two different unknown clients
 * are two families; with no platform, "/" and nothing follows.
 */
extern void covet_user_agent_family(const char *text, size_t length,
									char family[COVET_FAMILY_SIZE]);

/* Does "now" satisfy the binding to "then"? */
extern bool covet_user_agent_matches(CovetBindUserAgent policy,
									 const char *then, size_t then_length,
									 const char *now, size_t now_length);

/* ---- deadline.c: when a session ends ---- */

/*
 * Times are microseconds since any one epoch, as long as one caller sticks to
 * it; durations are seconds.
 */
typedef int64_t CovetTime;

#define COVET_NEVER INT64_MAX
#define COVET_SECOND INT64_C(1000000)

/* What the end of a session depends on. */
typedef struct CovetTimer
{
	CovetTime	last_accessed_at;
	CovetTime	expires_at;		/* COVET_NEVER: no absolute deadline */
	int32_t		idle_timeout;	/* seconds; 0: none */
} CovetTimer;

/* "time" plus "seconds", COVET_NEVER where that cannot be told apart from it. */
extern CovetTime covet_time_add(CovetTime time, int64_t seconds);

/* The moment the session ends unless it is used again. */
extern CovetTime covet_valid_until(const CovetTimer *timer);

/* Is the session, if it is not revoked, over? */
extern bool covet_is_expired(const CovetTimer *timer, CovetTime now);

/*
 * Is a use at "now" worth recording?  At most every "touch_interval" seconds
 * and at least 20 times per idle timeout: a session with a short timeout must
 * not end between two uses that were not recorded.  Never moves back.
 */
extern bool covet_touch_is_due(const CovetTimer *timer, int32_t touch_interval,
							   CovetTime now);

/*
 * When must the sweep look at the session next, if it looks at "sweep_at" now
 * and its timer has been changed to "timer"?  Never later than the first
 * moment at which the session can end, and otherwise unmoved, so that the
 * index entry moves as seldom as possible.
 */
extern CovetTime covet_sweep_at(const CovetTimer *timer, CovetTime sweep_at);

#endif							/* COVET_CORE_H */
