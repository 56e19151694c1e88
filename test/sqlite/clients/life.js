// The statements of the command line through better-sqlite3; see test_clients.py.
const fs = require('fs');
const Database = require('better-sqlite3');

const [extension, file, timeout, ...statements] = process.argv.slice(2);
const db = new Database(file, { timeout: Number(timeout) });
db.loadExtension(extension);

let token = null;
for (const sql of statements) {
  if (!sql.startsWith('SELECT')) {
    db.exec(sql);
    continue;
  }
  try {
    const answer = db.prepare(sql).pluck().get(...(sql.includes('?') ? [token] : []));
    if (String(answer).length === 43)
      token = answer;
    console.log(answer === null ? 'NULL' : String(answer));
  } catch (error) {
    console.log(`error: ${error.message}`);
  }
}
db.close();
const name = (fd) => { try { return fs.readlinkSync(`/proc/self/fd/${fd}`); } catch { return ''; } };
console.log(`open: ${fs.readdirSync('/proc/self/fd').filter((fd) => name(fd).startsWith(file)).length}`);
