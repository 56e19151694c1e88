-- session_verify: session_touch for the client that the session is bound to
\set ECHO none
\getenv source PG_ABS_SRCDIR
\set helpers :source/sql/include/helpers.psql
\i :helpers
\set ECHO all

\set firefox_126 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:126.0) Gecko/20100101 Firefox/126.0'
\set firefox_127 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:127.0) Gecko/20100101 Firefox/127.0'
\set firefox_linux 'Mozilla/5.0 (X11; Linux x86_64; rv:126.0) Gecko/20100101 Firefox/126.0'
\set chrome 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36'

SELECT session_set('a', '{"n": 1}', 'ann', 6000, '192.0.2.1', :'firefox_126');
SELECT session_set('six', '{"n": 6}', 'ann', 6000, '2001:db8:1:2::1', :'firefox_126');
SELECT session_set('bare', '{"n": 0}', 'ann');

-- No policy: anybody's request is as good as session_touch.
SELECT pg_temp.age('a', 1000);
SELECT session_verify('a', '203.0.113.9', 'x'), session_verify('a'), session_verify('a', NULL, NULL);
SELECT pg_temp.is_now(last_accessed_at) AS recorded FROM session_info('a');
SELECT session_verify('missing', '192.0.2.1', 'x'), session_verify(NULL), session_verify(''), session_verify('a b');
SELECT pg_temp.error_of($$SELECT session_verify('a', 'nonsense')$$);

-- bind_ip = exact
SET covet_sessions.bind_ip = exact;
SELECT ip, session_verify('a', ip) AS a, session_verify('six', ip) AS six, session_verify('bare', ip) AS bare
FROM (VALUES (1, '192.0.2.1'), (2, '::ffff:192.0.2.1'), (3, '192.0.2.2'), (4, '2001:db8:1:2::1'),
	(5, '2001:DB8:1:2:0:0:0:1'), (6, '2001:db8:1:2::2'), (7, NULL)) v (n, ip) ORDER BY n;
-- bind_ip = subnet: /24 and /64
SET covet_sessions.bind_ip = subnet;
SELECT ip, session_verify('a', ip) AS a, session_verify('six', ip) AS six, session_verify('bare', ip) AS bare
FROM (VALUES (1, '192.0.2.255'), (2, '192.0.3.1'), (3, '::ffff:192.0.2.9'), (4, '2001:db8:1:2:ffff::9'),
	(5, '2001:db8:1:3::1'), (6, NULL)) v (n, ip) ORDER BY n;
RESET covet_sessions.bind_ip;

-- bind_user_agent = family: browser and platform, not version
SET covet_sessions.bind_user_agent = family;
SELECT name, session_verify('a', user_agent => user_agent) AS a, session_verify('bare', NULL, user_agent) AS bare
FROM (VALUES (1, 'same', :'firefox_126'), (2, 'update', :'firefox_127'), (3, 'platform', :'firefox_linux'),
	(4, 'browser', :'chrome'), (5, 'null', NULL), (6, 'empty', '')) v (n, name, user_agent) ORDER BY n;
SET covet_sessions.bind_user_agent = exact;
SELECT name, session_verify('a', user_agent => user_agent) AS a, session_verify('bare', NULL, user_agent) AS bare
FROM (VALUES (1, 'same', :'firefox_126'), (2, 'update', :'firefox_127'), (3, 'null', NULL), (4, 'empty', '')) v (n, name, user_agent) ORDER BY n;

-- Both must fit.
SET covet_sessions.bind_ip = exact;
SELECT session_verify('a', '192.0.2.1', :'firefox_126') AS both, session_verify('a', '192.0.2.1', :'chrome') AS ip,
	session_verify('a', '192.0.2.2', :'firefox_126') AS user_agent, session_verify('a') AS neither;

-- A mismatch is no use, and leaves the session alone.
SELECT pg_temp.age('a', 1000);
SELECT pg_temp.content() AS content \gset
SELECT session_verify('a', '192.0.2.2', :'firefox_126');
SELECT pg_temp.content() = :'content' AS unchanged;
SELECT session_get('a');

-- Held against what the session was created with, not what it was last given.
SELECT session_set('a', '{"n": 2}', ip => '192.0.2.2', user_agent => :'chrome');
SELECT ip_address FROM session_info('a');
SELECT session_verify('a', '192.0.2.1', :'firefox_126') AS created_with, session_verify('a', '192.0.2.2', :'chrome') AS last_given;
SELECT session_set('a', '{"n": 3}', ip => '192.0.2.3', user_agent => 'third');
SELECT session_verify('a', '192.0.2.1', :'firefox_126') AS created_with, session_verify('a', '192.0.2.3', 'third') AS last_given;
-- Created without them, there is nothing to hold against, whatever it was given since.
SELECT session_set('bare', '{"n": 1}', ip => '192.0.2.1', user_agent => 'one');
SELECT session_set('bare', '{"n": 2}', ip => '192.0.2.2', user_agent => 'two');
SELECT ip_address, user_agent, session_verify('bare', '203.0.113.9', 'any') FROM session_info('bare');
-- Rotation does not loosen it.
SELECT session_rotate('a', 'bob') AS token \gset
SELECT session_verify(:'token', '192.0.2.1', :'firefox_126') AS created_with, session_verify(:'token', '192.0.2.3', 'third') AS last_given;
-- A new session under the same id is bound anew.
SELECT session_set('b', '1', ttl => 10, ip => '192.0.2.1', user_agent => 'one'), session_set('b', '2', ip => '192.0.2.2', user_agent => 'two');
SELECT pg_temp.age('b', 10);
SELECT session_set('b', '3', ip => '192.0.2.3', user_agent => 'three');
SELECT session_verify('b', '192.0.2.3', 'three') AS new, session_verify('b', '192.0.2.1', 'one') AS old;

-- on_mismatch = revoke ends the session, for the rightful client too.
SET covet_sessions.on_mismatch = revoke;
SELECT session_verify(:'token', '192.0.2.1', :'firefox_126');
SELECT session_verify(:'token', '192.0.2.99', :'firefox_126');
SELECT session_verify(:'token', '192.0.2.1', :'firefox_126'), session_get(:'token');
SELECT is_active, data FROM pg_temp.row_of(:'token');
SELECT session_set(:'token', '{}');
SELECT session_verify('six', '2001:db8:1:2::1', 'other'), session_get('six');
-- What is not live is not revoked by it.
SELECT session_set('c', '{}', ttl => 10, ip => '192.0.2.1');
SELECT pg_temp.age('c', 10);
SELECT session_verify('c', '192.0.2.2');
SELECT count(*) FROM pg_temp.row_of('c');

-- An empty User-Agent is none, before and after another is given.
SELECT session_set('e', '{}', user_agent => ''), session_verify('e', NULL, 'one');
SELECT session_set('e', '{}', user_agent => 'two'), session_verify('e', NULL, 'three');

-- In a read-only transaction it answers, and neither records nor revokes.
SELECT session_verify('b', '192.0.2.3', 'three');
SELECT pg_temp.age('b', 5);
SELECT pg_temp.content() AS content \gset
START TRANSACTION READ ONLY;
SELECT session_verify('b', '192.0.2.3', 'three') AS match, session_verify('b', '192.0.2.4', 'three') AS mismatch;
COMMIT;
SELECT pg_temp.content() = :'content' AS unchanged;
RESET covet_sessions.on_mismatch;
RESET covet_sessions.bind_ip;
RESET covet_sessions.bind_user_agent;

-- Throttled as session_touch is.
SELECT session_set('d', '{}', ttl => 6000);
UPDATE sessions SET last_accessed_at = last_accessed_at - interval '50 s' WHERE id = session_digest('d');
SELECT last_accessed_at AS before FROM pg_temp.row_of('d') \gset
SELECT session_verify('d');
SELECT last_accessed_at = :'before' AS skipped FROM pg_temp.row_of('d');
UPDATE sessions SET last_accessed_at = last_accessed_at - interval '10 s' WHERE id = session_digest('d');
SELECT session_verify('d');
SELECT last_accessed_at > :'before' AS recorded FROM pg_temp.row_of('d');
