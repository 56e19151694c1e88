/*
 * covet_sessions for MySQL 8.4 and later and MariaDB 10.11.8 and later.
 *
 * Made by "make mysql" of the files in sql/mysql; run by sql/mysql/install, in
 * the database that is to have the sessions.  It can be run again: sessions,
 * settings and grants stay.
 */
SET NAMES utf8mb4;
SET @covet_sql_mode = @@SESSION.sql_mode;
/* MariaDB's GRANT would make an account that does not exist, without a password. */
SET SESSION sql_mode = 'STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION' /*M!100000 ',NO_AUTO_CREATE_USER' */;

DELIMITER //

/*
 * The owner of it all, whom nobody can be: its account is locked.  Routines run
 * with its rights, so that an application needs EXECUTE on them and nothing
 * else.
 */
CREATE USER IF NOT EXISTS 'covet_sessions'@'localhost' ACCOUNT LOCK//
ALTER USER 'covet_sessions'@'localhost' ACCOUNT LOCK//

/* The library's functions, which src/mysql/covet_sessions.c describes. */
CREATE FUNCTION IF NOT EXISTS covet_version RETURNS STRING SONAME 'covet_sessions.so'//
CREATE FUNCTION IF NOT EXISTS covet_now RETURNS STRING SONAME 'covet_sessions.so'//
CREATE FUNCTION IF NOT EXISTS covet_token RETURNS STRING SONAME 'covet_sessions.so'//
CREATE FUNCTION IF NOT EXISTS covet_handle RETURNS STRING SONAME 'covet_sessions.so'//
CREATE FUNCTION IF NOT EXISTS covet_json RETURNS STRING SONAME 'covet_sessions.so'//
CREATE FUNCTION IF NOT EXISTS covet_json_check RETURNS STRING SONAME 'covet_sessions.so'//
CREATE FUNCTION IF NOT EXISTS covet_json_patch RETURNS STRING SONAME 'covet_sessions.so'//
CREATE FUNCTION IF NOT EXISTS covet_ip_valid RETURNS INTEGER SONAME 'covet_sessions.so'//
CREATE FUNCTION IF NOT EXISTS covet_ip_match RETURNS INTEGER SONAME 'covet_sessions.so'//
CREATE FUNCTION IF NOT EXISTS covet_user_agent_match RETURNS INTEGER SONAME 'covet_sessions.so'//
CREATE FUNCTION IF NOT EXISTS covet_sqlstate RETURNS STRING SONAME 'covet_sessions.so'//
CREATE FUNCTION IF NOT EXISTS covet_message RETURNS STRING SONAME 'covet_sessions.so'//
CREATE FUNCTION IF NOT EXISTS covet_setting_default RETURNS STRING SONAME 'covet_sessions.so'//
CREATE FUNCTION IF NOT EXISTS covet_setting_value RETURNS STRING SONAME 'covet_sessions.so'//
CREATE FUNCTION IF NOT EXISTS covet_count RETURNS INTEGER SONAME 'covet_sessions.so'//
CREATE FUNCTION IF NOT EXISTS covet_asked RETURNS STRING SONAME 'covet_sessions.so'//
CREATE FUNCTION IF NOT EXISTS covet_found RETURNS INTEGER SONAME 'covet_sessions.so'//
CREATE FUNCTION IF NOT EXISTS covet_counter RETURNS INTEGER SONAME 'covet_sessions.so'//
CREATE FUNCTION IF NOT EXISTS covet_counters_reset RETURNS INTEGER SONAME 'covet_sessions.so'//
CREATE FUNCTION IF NOT EXISTS covet_note RETURNS INTEGER SONAME 'covet_sessions.so'//
CREATE FUNCTION IF NOT EXISTS covet_noted RETURNS STRING SONAME 'covet_sessions.so'//
