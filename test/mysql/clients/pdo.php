<?php
/* A session's life through PDO: emulated, then real prepared statements. */
[, $socket, $database] = $argv;
$caller = function ($emulate) use ($socket, $database) {
	$db = new PDO("mysql:unix_socket=$socket;dbname=$database;charset=utf8mb4", 'app', '', [
		PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION,
		PDO::ATTR_EMULATE_PREPARES => $emulate,
	]);
	return function ($function, ...$arguments) use ($db) {
		$marks = implode(', ', array_fill(0, count($arguments), '?'));
		$statement = $db->prepare("SELECT $function($marks)");
		$statement->execute($arguments);
		return $statement->fetchColumn();
	};
};
$error = function ($call) {
	try {
		$call();
	} catch (PDOException $e) {
		return $e->errorInfo[0] . ' ' . $e->errorInfo[2];
	}
};

require __DIR__ . '/life.php';
life('PDO, emulated', $caller(true), $error);
life('PDO, prepared', $caller(false), $error);
