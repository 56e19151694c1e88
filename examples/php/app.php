<?php
// Sessions of a small web application: PHP and PDO.
//
//     PGDATABASE=shop PGUSER=shop php -S 127.0.0.1:8000 app.php
//
// GET / counts visits, POST /login?user=42 logs in (a real application asks for
// a password), POST /logout logs out.

$pdo = new PDO('pgsql:');

function ask(string $sql, ...$parameters)
{
    global $pdo;
    $query = $pdo->prepare($sql);
    $query->execute($parameters);
    return $query->fetchColumn();
}

$token = $_COOKIE['sid'] ?? null;
$client = [$_SERVER['REMOTE_ADDR'], $_SERVER['HTTP_USER_AGENT'] ?? null];
$action = $_SERVER['REQUEST_METHOD'] . ' ' . parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
$fresh = null;

$json = ask('SELECT session_verify(?, ?, ?)', $token, ...$client);
if ($json === null) {
    $json = '{}';
    $token = $fresh = ask("SELECT session_create(NULL, '{}', NULL, ?, ?)", ...$client);
}
$session = json_decode($json, true);

if ($action === 'POST /login') {
    $session['user'] = $_GET['user'];
    $token = $fresh = ask('SELECT session_rotate(?, ?)', $token, $session['user']);
    ask('SELECT session_patch(?, ?)', $token, json_encode(['user' => $session['user']]));
} elseif ($action === 'POST /logout') {
    ask('SELECT session_revoke(?)', $token);
    $session = [];
    $fresh = '';
} elseif ($action === 'GET /') {
    $session['visits'] = ($session['visits'] ?? 0) + 1;
    ask('SELECT session_patch(?, ?)', $token, json_encode(['visits' => $session['visits']]));
}

if ($fresh !== null) {
    // Add 'secure' => true where the application is reached by HTTPS.
    setcookie('sid', $fresh, ['path' => '/', 'httponly' => true, 'samesite' => 'Lax']);
}
header('Content-Type: application/json');
echo json_encode((object) $session), "\n";
