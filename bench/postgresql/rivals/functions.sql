/*
 * functions.sql
 *		The statements of hand.ops in functions, in PL/pgSQL and in SQL.
 */
CREATE SCHEMA plpgsql;
CREATE SCHEMA language_sql;

CREATE FUNCTION plpgsql.session_get(token text) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (SELECT data FROM hand.sessions
			WHERE id = token AND is_active AND expires_at > now());
END $$;

CREATE FUNCTION plpgsql.session_touch(token text) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
	found_data jsonb;
BEGIN
	UPDATE hand.sessions
	SET last_accessed_at = now(), expires_at = now() + interval '1 hour'
	WHERE id = token AND is_active AND expires_at > now()
	RETURNING data INTO found_data;
	RETURN found_data;
END $$;

CREATE FUNCTION plpgsql.session_set(token text, new_data jsonb) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO hand.sessions (id, data, expires_at)
	VALUES (token, new_data, now() + interval '1 hour')
	ON CONFLICT (id) DO UPDATE SET data = excluded.data,
		last_accessed_at = now(), expires_at = excluded.expires_at;
	RETURN true;
END $$;

CREATE FUNCTION language_sql.session_get(token text) RETURNS jsonb
LANGUAGE sql STABLE AS $$
	SELECT data FROM hand.sessions
	WHERE id = token AND is_active AND expires_at > now()
$$;

CREATE FUNCTION language_sql.session_touch(token text) RETURNS jsonb
LANGUAGE sql AS $$
	UPDATE hand.sessions
	SET last_accessed_at = now(), expires_at = now() + interval '1 hour'
	WHERE id = token AND is_active AND expires_at > now()
	RETURNING data
$$;

CREATE FUNCTION language_sql.session_set(token text, new_data jsonb) RETURNS boolean
LANGUAGE sql AS $$
	INSERT INTO hand.sessions (id, data, expires_at)
	VALUES (token, new_data, now() + interval '1 hour')
	ON CONFLICT (id) DO UPDATE SET data = excluded.data,
		last_accessed_at = now(), expires_at = excluded.expires_at;
	SELECT true
$$;
