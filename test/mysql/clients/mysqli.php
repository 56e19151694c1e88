<?php
/* A session's life through mysqli: text protocol, then prepared statements. */
mysqli_report(MYSQLI_REPORT_ERROR | MYSQLI_REPORT_STRICT);
[, $socket, $database] = $argv;
$db = new mysqli('localhost', 'app', '', $database, 0, $socket);
$db->set_charset('utf8mb4');

$text = function ($function, ...$arguments) use ($db) {
	$values = array_map(fn($value) => $value === null ? 'NULL' :
		"'" . $db->real_escape_string($value) . "'", $arguments);
	return $db->query("SELECT $function(" . implode(', ', $values) . ')')->fetch_row()[0];
};
$prepared = function ($function, ...$arguments) use ($db) {
	$marks = implode(', ', array_fill(0, count($arguments), '?'));
	$statement = $db->prepare("SELECT $function($marks)");
	$statement->execute($arguments);
	return $statement->get_result()->fetch_row()[0];
};
$error = function ($call) {
	try {
		$call();
	} catch (mysqli_sql_exception $e) {
		return $e->getSqlState() . ' ' . $e->getMessage();
	}
};

require __DIR__ . '/life.php';
life('mysqli, text', $text, $error);
life('mysqli, prepared', $prepared, $error);
