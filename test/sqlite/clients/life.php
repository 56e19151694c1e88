<?php
// The statements of the command line through SQLite3; see test_clients.py.
[, $extension, $file, $timeout] = $argv;
$db = new SQLite3($file);
$db->enableExceptions(true);
$db->busyTimeout((int) $timeout);
$db->loadExtension(basename($extension));

$token = null;
foreach (array_slice($argv, 4) as $sql) {
	if (!str_starts_with($sql, 'SELECT')) {
		$db->exec($sql);
		continue;
	}
	// fetchArray() after execute() would run the statement twice.
	$sql = str_replace('?', "'$token'", $sql);
	try {
		$answer = $db->querySingle($sql);
	} catch (Exception $error) {
		echo 'error: ', $db->lastErrorMsg(), "\n";
		continue;
	}
	if (strlen((string) $answer) === 43)
		$token = $answer;
	echo $answer ?? 'NULL', "\n";
}
if (!$db->close())
	echo "cannot close\n";
$open = array_filter(glob('/proc/self/fd/*'), fn($fd) => str_starts_with((string) @readlink($fd), $file));
echo 'open: ', count($open), "\n";
