--# Log in
-- A visitor comes with Firefox and fills a cart.  This is what express-session
-- wants to keep for it (:'name' in the SQL below is a value that the application
-- passes as a parameter):

--@ document express
--@ let laptop_ip 203.0.113.7
--@ let firefox Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:127.0) Gecko/20100101 Firefox/127.0

-- session_create() returns a token of 256 random bits, for the cookie.  Nobody
-- is logged in yet, so the owner is NULL.

--@ as shop
SELECT session_create(NULL, :'express', 1800, :'laptop_ip', :'firefox') AS token;
--> <token>
--@ keep visitor

-- The visitor logs in as user 42.  A token that was known before the login must
-- not become a key to the account, so the session gets a fresh one.

SELECT session_rotate(:'visitor', '42') AS token;
--> <token>
--@ keep laptop

SELECT session_patch(:'laptop', '{"passport": {"user": 42}}') AS version;
--> 2

-- The cart is still there.  The old token is dead.

SELECT session_get(:'laptop') -> 'cart' AS cart,
       session_get(:'laptop') -> 'passport' AS passport,
       session_get(:'visitor') AS by_the_old_token;
--> {"tea": 2} | {"user": 42} | NULL

-- The same user logs in on a phone, over IPv6, at the part of the shop that runs
-- Django; and on an old tablet, at the part that runs Laravel.

--@ document django
--@ let phone_ip 2001:db8:4a7c:12::9f3e
--@ let safari Mozilla/5.0 (iPhone; CPU iPhone OS 17_5_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1

SELECT session_create('42', :'django', 1209600, :'phone_ip', :'safari') AS token;
--> <token>
--@ keep phone

--@ document laravel
--@ let tablet_ip 198.51.100.23
--@ let chrome Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36

SELECT session_create('42', :'laravel', 7200, :'tablet_ip', :'chrome') AS token;
--> <token>
--@ keep tablet

-- A store that was there before may keep the tokens it made: session_set() is
-- create-or-replace, here for user 77 and a Rails application.

--@ document rails

SELECT session_set('6f1ed002ab5595859014ebf0951522d9', :'rails', '77') AS stored;
--> t
