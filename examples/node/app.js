// Sessions of a small web application: Node.js and pg (npm install pg).
//
//     PGDATABASE=shop PGUSER=shop node app.js 8000
//
// GET / counts visits, POST /login?user=42 logs in (a real application asks for
// a password), POST /logout logs out.

const http = require('http')
const { Pool } = require('pg')

const pool = new Pool()
const ask = async (sql, ...parameters) =>
  Object.values((await pool.query(sql, parameters)).rows[0])[0]

async function handle(request, response) {
  const url = new URL(request.url, 'http://localhost')
  const client = [request.socket.remoteAddress, request.headers['user-agent']]
  let token = /(?:^|; )sid=([^;]*)/.exec(request.headers.cookie)?.[1]
  let fresh

  let session = await ask('SELECT session_verify($1, $2, $3)', token, ...client)
  if (session === null) {
    session = {}
    token = fresh = await ask("SELECT session_create(NULL, '{}', NULL, $1, $2)", ...client)
  }

  if (request.method === 'POST' && url.pathname === '/login') {
    session.user = url.searchParams.get('user')
    token = fresh = await ask('SELECT session_rotate($1, $2)', token, session.user)
    await ask('SELECT session_patch($1, $2)', token, JSON.stringify({ user: session.user }))
  } else if (request.method === 'POST' && url.pathname === '/logout') {
    await ask('SELECT session_revoke($1)', token)
    session = {}
    fresh = ''
  } else if (url.pathname === '/') {
    session.visits = (session.visits ?? 0) + 1
    await ask('SELECT session_patch($1, $2)', token, JSON.stringify({ visits: session.visits }))
  }

  // Add "; Secure" where the application is reached by HTTPS.
  if (fresh !== undefined) {
    response.setHeader('Set-Cookie', `sid=${fresh}; HttpOnly; SameSite=Lax; Path=/`)
  }
  response.setHeader('Content-Type', 'application/json')
  response.end(JSON.stringify(session) + '\n')
}

http.createServer((request, response) =>
  handle(request, response).catch(error => {
    console.error(error.message)
    response.writeHead(500).end()
  })).listen(process.argv[2], '127.0.0.1')
