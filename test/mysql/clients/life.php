<?php
/* A session's life; prints a line of each step, "ok STEP" or "not ok STEP". */
function life($client, $call, $error)
{
	$step = function ($name, $passed, $got = null) use ($client) {
		echo $passed ? 'ok' : 'not ok', " $client: $name", $passed ? '' : ' ' . json_encode($got), "\n";
	};
	$json = fn($value) => $value === null ? null : json_decode($value, true);

	$token = $call('session_create', 'anna', '{"n": 1, "s": "\\u00fc\\ud83d\\ude00\\\\"}', '100', '192.0.2.1', 'Agent');
	$step('create', preg_match('/^[-_A-Za-z0-9]{43}$/', (string) $token), $token);
	$data = $json($call('session_get', $token));
	$step('get', $data == ['n' => 1, 's' => "\u{fc}\u{1F600}\\"], $data);
	$data = $json($call('session_touch', $token));
	$step('touch', ($data['n'] ?? null) === 1, $data);
	$data = $json($call('session_verify', $token, '192.0.2.1', 'Agent'));
	$step('verify', ($data['n'] ?? null) === 1, $data);
	$got = $call('session_set', $token, '{"n": 2}', null, null, null, null);
	$step('set', $got == 1, $got);
	$got = $call('session_patch', $token, '{"m": [1, null]}');
	$step('patch', $got == 3, $got);
	$got = $call('session_update', $token, '{}', '2');
	$step('a stale update', $got !== null && $got == 0, $got);
	$info = $json($call('session_info', $token));
	$step('info', [$info['user_id'] ?? null, $info['version'] ?? null, $info['data'] ?? null] ==
		['anna', 3, ['n' => 2, 'm' => [1, null]]], $info);
	$list = $json($call('session_list', 'anna'));
	$step('list', count($list ?? []) === 1 && $list[0]['id'] === $call('session_digest', $token), $list);
	$next = $call('session_rotate', $token, 'berta');
	$step('rotate', strlen((string) $next) === 43 && $call('session_get', $token) === null, $next);
	$got = $call('session_expire', $next, '1000');
	$step('expire', $got == 1, $got);
	$got = $call('session_revoke', $next);
	$step('revoke', $got == 1 && $call('session_get', $next) === null, $got);
	$got = $error(fn() => $call('session_set', 'with blank', '{}', null, null, null, null));
	$step('an error', strpos((string) $got, '22023 ') === 0 && strpos($got, 'invalid session id') !== false, $got);
}
