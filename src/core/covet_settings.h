/*
 * covet_settings.h
 *		The settings, their defaults, ranges and meaning, for every engine.
 *
 * INTEGER(name, default, minimum, maximum, unit, summary, explanation), where
 * the unit is "s" for seconds, "B" for bytes, "" for a number;
 * SWITCH(name, default, summary, explanation);
 * CHOICE(name, default, summary, explanation), where the default is a value of
 * one of the enums below or of covet_core.h.
 */
#ifndef COVET_SETTINGS_H
#define COVET_SETTINGS_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#define COVET_SETTINGS(INTEGER, SWITCH, CHOICE) \
	INTEGER(idle_timeout, 3600, 0, INT_MAX, "s", \
			"Idle timeout of a session that is created without a ttl.", \
			"0 means that it does not end by disuse.") \
	INTEGER(anonymous_idle_timeout, 0, 0, INT_MAX, "s", \
			"Idle timeout of an anonymous session that is created without a ttl.", \
			"0 means the value of idle_timeout.") \
	INTEGER(max_lifetime, 2592000, 0, INT_MAX, "s", \
			"Absolute deadline of a session, counted from its creation.", \
			"0 means that a session in use may live for ever.") \
	INTEGER(touch_interval, 60, 0, INT_MAX, "s", \
			"A use is recorded at most this often per session.", \
			"Sessions whose idle timeout is short record a use every twentieth of it. 0 records every use.") \
	INTEGER(tombstone_retention, 300, 0, INT_MAX, "s", \
			"How long a revoked session keeps its tombstone.", \
			"The tombstone keeps a request that is still in flight from bringing the session back.") \
	INTEGER(max_data_size, 1048576, 1, 1073741823, "B", \
			"Largest session data, as stored.", \
			"Larger data is refused.") \
	SWITCH(strict_ids, false, \
			"Start sessions only under tokens that the store made.", \
			"When on, session_set never starts a session: it returns false for an id that is not live.") \
	INTEGER(max_sessions_per_user, 0, 0, INT_MAX, "", \
			"Most live sessions that one user may have.", \
			"0 means no limit. Anonymous sessions are exempt.") \
	CHOICE(max_sessions_policy, COVET_LIMIT_EVICT, \
			"What happens when a login exceeds max_sessions_per_user.", \
			"\"evict\" revokes the least recently used sessions, \"reject\" refuses the login.") \
	INTEGER(create_rate_limit, 0, 0, INT_MAX, "", \
			"Most new sessions that one user may start per minute.", \
			"0 means no limit. Anonymous sessions are exempt.") \
	CHOICE(bind_ip, COVET_BIND_IP_OFF, \
			"How session_verify compares the client's address.", \
			"\"subnet\" compares the /24 of an IPv4 and the /64 of an IPv6 address, \"exact\" all of it.") \
	CHOICE(bind_user_agent, COVET_BIND_USER_AGENT_OFF, \
			"How session_verify compares the client's User-Agent.", \
			"\"family\" compares browser and platform but not versions, \"exact\" all of it.") \
	CHOICE(on_mismatch, COVET_MISMATCH_REJECT, \
			"What session_verify does with a session whose binding does not match.", \
			"\"reject\" refuses the request, \"revoke\" ends the session too.") \
	CHOICE(audit, COVET_AUDIT_OFF, \
			"Which events are written to session_events.", \
			"\"security\" writes logins, logouts, rotations, evictions and refusals, \"all\" every change.") \
	INTEGER(audit_retention, 7776000, 0, INT_MAX, "s", \
			"How long an event is kept in session_events.", \
			"0 means for ever.") \
	SWITCH(cleanup_enabled, true, \
			"Sweep ended sessions in the background.", \
			"session_cleanup works either way.") \
	INTEGER(cleanup_interval, 60, 1, 86400, "s", \
			"Time between two sweeps.", \
			"Ended sessions are invisible at once, whether or not they were swept.") \
	INTEGER(cleanup_batch, 1000, 1, 100000, "", \
			"Rows that a sweep handles per transaction.", \
			"Small batches keep locks and replication delay short.")

typedef enum CovetLimitPolicy
{
	COVET_LIMIT_EVICT,
	COVET_LIMIT_REJECT
} CovetLimitPolicy;

typedef enum CovetMismatch
{
	COVET_MISMATCH_REJECT,
	COVET_MISMATCH_REVOKE
} CovetMismatch;

typedef enum CovetAudit
{
	COVET_AUDIT_OFF,
	COVET_AUDIT_SECURITY,
	COVET_AUDIT_ALL
} CovetAudit;

/* ---- settings.c: values as text ---- */

/* Room for any value as text, with its NUL byte. */
#define COVET_SETTING_SIZE 24

typedef struct CovetSetting
{
	const char *name;
	int			default_value;
	int			minimum;
	int			maximum;
	const char *const *values;	/* ended by NULL; none: a number */
} CovetSetting;

/* The settings in the order of COVET_SETTINGS. */
typedef enum CovetSettingIndex
{
#define COVET_SETTING_INDEX(name, ...) COVET_SETTING_##name,
	COVET_SETTINGS(COVET_SETTING_INDEX, COVET_SETTING_INDEX, COVET_SETTING_INDEX)
#undef COVET_SETTING_INDEX
	COVET_SETTING_COUNT
} CovetSettingIndex;

extern const CovetSetting covet_settings[COVET_SETTING_COUNT];

/* The setting of that name, NULL if there is none. */
extern const CovetSetting *covet_setting_find(const char *name, size_t length);

/*
 * The value that a text stands for: false if it stands for none.  Words are
 * taken in upper and lower case, switches by "true", "yes" and "1" as well.
 */
extern bool covet_setting_parse(const CovetSetting *setting, const char *text,
								size_t length, int *value);

/* A value as text, written to "memory" unless it is a word. */
extern const char *covet_setting_format(const CovetSetting *setting, int value,
										char memory[COVET_SETTING_SIZE]);

#endif							/* COVET_SETTINGS_H */
