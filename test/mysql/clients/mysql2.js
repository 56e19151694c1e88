'use strict';
/* A session's life through mysql2: text protocol, then prepared statements. */
const assert = require('node:assert');
const mysql = require('mysql2/promise');

async function life(client, call) {
	const step = async (name, test) => {
		try {
			await test();
			console.log(`ok ${client}: ${name}`);
		} catch (error) {
			console.log(`not ok ${client}: ${name} ${String(error.message).split('\n')[0]}`);
		}
	};
	/* A column of type JSON comes decoded. */
	const json = (value) => (typeof value === 'string' ? JSON.parse(value) : value);
	let token, next;

	await step('create', async () => {
		token = await call('session_create', 'anna', '{"n": 1, "s": "\\u00fc\\ud83d\\ude00\\\\"}', 100, '192.0.2.1', 'Agent');
		assert.match(token, /^[-_A-Za-z0-9]{43}$/);
	});
	await step('get', async () =>
		assert.deepEqual(json(await call('session_get', token)), { n: 1, s: '\u00fc\u{1F600}\\' }));
	await step('touch', async () => assert.equal(json(await call('session_touch', token)).n, 1));
	await step('verify', async () =>
		assert.equal(json(await call('session_verify', token, '192.0.2.1', 'Agent')).n, 1));
	await step('set', async () =>
		assert.equal(await call('session_set', token, '{"n": 2}', null, null, null, null), 1));
	await step('patch', async () => assert.equal(await call('session_patch', token, '{"m": [1, null]}'), 3));
	await step('a stale update', async () => assert.equal(await call('session_update', token, '{}', 2), 0));
	await step('info', async () => {
		const info = json(await call('session_info', token));
		assert.deepEqual([info.user_id, info.version, info.data], ['anna', 3, { n: 2, m: [1, null] }]);
	});
	await step('list', async () => {
		const list = json(await call('session_list', 'anna'));
		assert.deepEqual(list.map((one) => one.id), [await call('session_digest', token)]);
	});
	await step('rotate', async () => {
		next = await call('session_rotate', token, 'berta');
		assert.equal(next.length, 43);
		assert.equal(await call('session_get', token), null);
	});
	await step('expire', async () => assert.equal(await call('session_expire', next, 1000), 1));
	await step('revoke', async () => {
		assert.equal(await call('session_revoke', next), 1);
		assert.equal(await call('session_get', next), null);
	});
	await step('an error', async () => {
		const error = await call('session_set', 'with blank', '{}', null, null, null, null).catch((e) => e);
		assert.deepEqual([error.sqlState, error.sqlMessage], ['22023', 'invalid session id']);
	});
}

async function main() {
	const [socketPath, database] = process.argv.slice(2);
	const db = await mysql.createConnection({ socketPath, database, user: 'app' });
	const caller = (method) => async (name, ...values) => {
		const marks = values.map(() => '?').join(', ');
		const [rows] = await db[method]({ sql: `SELECT ${name}(${marks})`, rowsAsArray: true }, values);
		return rows[0][0];
	};

	await life('mysql2, text', caller('query'));
	await life('mysql2, prepared', caller('execute'));
	await db.end();
}

main();
