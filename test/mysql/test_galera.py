"""A cluster of three nodes: nothing is lost when one is killed.

What is said to the client has been certified by the cluster; what a session
ends with is read everywhere once the reader waits for it (wsrep_sync_wait).
"""
import os
import random
import shutil
import subprocess
import threading
import time

from covet import (IS_MYSQL, PRIVATE, ROOT, Error, Server, check, end, equal, eventually,
                   free_port, skip)

PROVIDER = '/usr/lib/galera/libgalera_smm.so'
NODES = 3
LOGOUTS = 200

if IS_MYSQL:
    skip('Galera', 'MySQL has no Galera')
    end()
if not os.path.exists(PROVIDER):
    skip('Galera', 'galera-4 is not installed')
    end()
# Nodes that join ask for wsrep_sst_rsync, even where nothing is left to transfer.
fetched = subprocess.run([ROOT / 'test/mysql/server', 'scripts'], capture_output=True,
                         text=True, check=False)
if fetched.returncode:
    skip('Galera', "wsrep_sst_rsync could not be fetched: " + ' '.join(fetched.stderr.split()))
    end()
os.environ['PATH'] = fetched.stdout.strip() + os.pathsep + os.environ['PATH']

ports = [free_port() for _ in range(NODES)]
# Group communication takes the port itself, state transfer another one.
transfer = [free_port() for _ in range(NODES)]
OPTIONS = ['--binlog-format=ROW', '--default-storage-engine=InnoDB',
           '--innodb-autoinc-lock-mode=2', f'--wsrep-provider={PROVIDER}', '--wsrep-on=ON',
           '--wsrep-cluster-name=covet', '--event-scheduler=ON',
           '--skip-networking=0', '--bind-address=127.0.0.1']


def options(node, first=False):
    everybody = ','.join(f'127.0.0.1:{port}' for port in ports)
    return [*OPTIONS, f'--port={free_port()}', f'--wsrep-node-name=node-{node}',
            f'--wsrep-node-address=127.0.0.1:{ports[node]}',
            '--wsrep-cluster-address=gcomm://' + ('' if first else everybody),
            '--wsrep-provider-options=gcache.size=32M;evs.keepalive_period=PT0.5S;'
            'evs.suspect_timeout=PT2S;'
            'evs.inactive_timeout=PT4S;evs.inactive_check_period=PT0.5S;'
            f'gmcast.listen_addr=tcp://127.0.0.1:{ports[node]};'
            f'ist.recv_addr=127.0.0.1:{transfer[node]}']


def state(node, name='wsrep_local_state_comment'):
    try:
        return node.run(f"SHOW STATUS LIKE '{name}'").split()[-1]
    except (SystemExit, IndexError):
        return None


# The others begin as copies of the first, so that they only need what is new.
nodes = [Server('galera-0', *options(0, first=True))]
nodes[0].install()
nodes[0].stop()
for number in range(1, NODES):
    shutil.copytree(PRIVATE / nodes[0].name, PRIVATE / f'mariadb-galera-{number}',
                    ignore=shutil.ignore_patterns('socket', 'pid', 'galera.cache'))
subprocess.run(['sed', '-i', 's/safe_to_bootstrap: .*/safe_to_bootstrap: 1/',
                str(PRIVATE / nodes[0].name / 'data/grastate.dat')], check=True)
nodes[0].start(*options(0, first=True))
for number in range(1, NODES):
    nodes.append(Server(f'galera-{number}', *options(number)))
check(all(eventually(lambda node=node: state(node) == 'Synced') for node in nodes)
      and state(nodes[0], 'wsrep_cluster_size') == str(NODES), 'three nodes make a cluster',
      [state(node) for node in nodes])

# ---- a session is everywhere ----

connections = [node.connect('app') for node in nodes]
token = connections[0].call('session_create', 'anna', '{"n": 1}', None, None, None)
check(all(eventually(lambda one=one: one.call('session_get', token) is not None)
          for one in connections), 'a session that one node has made is on all of them')
equal(connections[1].call('session_patch', token, '{"m": 2}'), 2, 'another node changes it')
enabled = [node.run("SELECT status FROM information_schema.events "
                    "WHERE event_name = 'session_sweep'").strip() for node in nodes]
print(f'# the event on the nodes: {enabled}')


# ---- read your logout ----

def stale_reads(wait):
    """Sessions that another node still shows right after their end."""
    writer, reader = connections[0], connections[1]
    reader.rows(f'SET wsrep_sync_wait = {wait}')
    stale = 0
    for _ in range(LOGOUTS):
        mine = writer.call('session_create', 'anna', '{}', None, None, None)
        writer.call('session_revoke', mine)
        stale += reader.call('session_get', mine) is not None
    reader.rows('SET wsrep_sync_wait = DEFAULT')
    return stale


equal(stale_reads(1), 0, f'with wsrep_sync_wait = 1 none of {LOGOUTS} logouts is missed')
print(f'# with wsrep_sync_wait = 0: {stale_reads(0)} of {LOGOUTS}')

# ---- two nodes change the same session ----

conflicts = []


def patch(connection, key):
    for number in range(50):
        while True:
            try:
                connection.call('session_patch', token, f'{{"{key}": {number}}}')
                break
            except Error as error:
                conflicts.append(error.number)


threads = [threading.Thread(target=patch, args=(connection, f'w{number}'))
           for number, connection in enumerate(connections)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
connections[2].rows('SET wsrep_sync_wait = 1')
data = connections[2].json('session_get', token)
equal([data.get(f'w{number}') for number in range(NODES)], [49] * NODES,
      'patches of three nodes all survive')
check(set(conflicts) <= {1213, 1047}, 'conflicts are deadlocks, to be tried again', set(conflicts))
print(f'# conflicts: {len(conflicts)} of {50 * NODES} patches')

# ---- a node is killed ----

acknowledged, ended = {}, set()
stop = threading.Event()


def write(number):
    """What the client was told has happened."""
    connection, pick = nodes[number].connect('app'), random.Random(number)
    while not stop.is_set():
        try:
            mine = connection.call('session_create', 'berta', '{}', None, None, None)
            acknowledged[mine] = connection.call('session_patch', mine, '{"x": 1}')
            if pick.random() < 0.3:
                acknowledged.pop(mine)
                if connection.call('session_revoke', mine):
                    ended.add(mine)
        except Exception:  # the node is gone
            return


threads = [threading.Thread(target=write, args=(number,)) for number in range(NODES)]
for thread in threads:
    thread.start()
time.sleep(1)
nodes[2].stop('KILL')
time.sleep(4)
stop.set()
for thread in threads:
    thread.join()
check(len(acknowledged) > 20 and len(ended) > 5, 'there was something to lose',
      (len(acknowledged), len(ended)))
for number in range(2):
    check(eventually(lambda number=number: state(nodes[number]) == 'Synced'
                     and state(nodes[number], 'wsrep_cluster_size') == '2'),
          f'node {number} goes on without the one that was killed')
    reader = nodes[number].connect('app')
    reader.rows('SET wsrep_sync_wait = 1')
    lost = [one for one in acknowledged if reader.call('session_get', one) is None]
    equal(lost, [], f'node {number} has all that was acknowledged ({len(acknowledged)})')
    revived = [one for one in ended if reader.call('session_get', one) is not None]
    equal(revived, [], f'... and nothing that was ended ({len(ended)})')

# ---- the sweep goes on ----

nodes[0].run("SELECT session_configure('cleanup_interval', 1)", 'sessions_test')
over = connections[0].call('session_create', 'anna', '{}', 100, None, None)
nodes[0].connect().age(over, 200)
check(eventually(lambda: nodes[1].connect().one(
    'SELECT count(*) FROM sessions WHERE id = session_digest(%s)', over) == 0),
    'what is over is swept everywhere')
end()
