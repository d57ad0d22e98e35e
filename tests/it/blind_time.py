"""Do answers tell by their time, or by the pages they touch?  usage blind_time.py ROLE DBNAME QUIET_HOST CROSSING_HOST

Two stores at rest, one of a quiet trial and one of a trial that crossed.  Each round delivers two messages in each, in random
order, through the five functions; of the second ones the answers come `plant` ms later, which is the planted leak.  No speed
is asked for.  What else the machine does only ever adds to a time, so the shortest of BLOCK rounds stands for them; the
differences of these are judged by Wilcoxon's signed ranks against half of what is planted.  A batch has sessions of its own,
because a process may have a better place on the machine than another; batches go on until the planted leak is found in every
function (z > 4).  Where MOST of them do not find it the machine is too busy for a leak so small: twice as much is planted, and
all begins again.  The bound that was reached is printed.
Pages: what EXPLAIN counts for an answer, which no clock disturbs, in tables just cleared of old versions of rows; planted are
the pages of a catalog, and half of those the bound.  Those of claim are printed and not judged: how many pages lie in its
way is the server's weather (60 or 170, in quiet and crossing trials alike), and more than any bound that is worth it.

Exit status 1 when a planted leak was not found, 2 when a real one was.
"""
import json
import random
import statistics
import subprocess
import sys
import time
import uuid

role, db, hosts = sys.argv[1], sys.argv[2], sys.argv[3:5]
BLOCK, BATCH, LEAST, MOST = 3, 15, 5, 8
FIRST_PLANT, LAST_PLANT = 2.0, 16.0  # ms; the first is what claim takes, where that is longer
FUNCTIONS = ["claim", "body", "phase", "outcome", "ack"]


class Psql:
    def __init__(self, host, user):
        self.process = subprocess.Popen(["psql", "-X", "-q", "-A", "-t", "-F", "|", "-h", host, "-U", user, "-d", db],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, bufsize=1)

    def ask(self, sql):
        start = time.monotonic()
        self.process.stdin.write(sql + ";\n\\echo --end\n")
        self.process.stdin.flush()
        lines = []
        for line in self.process.stdout:
            if line == "--end\n":
                break
            lines.append(line.rstrip("\n"))
        return lines, 1e3 * (time.monotonic() - start)

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class Store(Psql):
    """The mailer's session; with one of dsmbd's role that queues."""
    def __init__(self, host):
        super().__init__(host, role)
        self.daemon = Psql(host, role.replace("_mailer", "_daemon"))
        self.keeper = Psql(host, "postgres")
        self.epoch = ""
        while not self.epoch:  # a session that was closed holds its office for a moment
            self.epoch = self.ask("SELECT epoch FROM dsmb_out.claim(NULL, NULL, NULL, NULL, NULL)")[0][0]

    def close(self):
        self.daemon.close()
        self.keeper.close()
        super().close()

    def clear(self):
        tables, _ = self.keeper.ask("SELECT string_agg(format('%I.%I', schemaname, tablename), ', ') FROM pg_tables"
                                    " WHERE schemaname IN ('dsmb', 'dsmb_out')")
        self.keeper.ask(f"VACUUM (ANALYZE, INDEX_CLEANUP ON) {tables[0]}")

    def queue(self, n):
        self.daemon.ask("INSERT INTO dsmb_out.message (id, address, body) SELECT gen_random_uuid(), 'chair@board.example',"
                        f" decode(repeat(md5('x'), 8192), 'hex') FROM generate_series(1, {n})")


def calls(p):
    """The five calls of one delivery: name, SQL."""
    got = {}
    yield "claim", f"SELECT id, attempt, wait FROM dsmb_out.claim({p.epoch}, '1 h', NULL, NULL, NULL)", got
    ident, attempt = got["lines"][0].split("|")[:2]
    yield "body", f"SELECT octet_length(dsmb_out.body({p.epoch}, '{ident}'))", got
    yield "phase", f"SELECT dsmb_out.phase({p.epoch}, '{ident}', 'body', '1 h')", got
    yield "outcome", f"SELECT dsmb_out.outcome({p.epoch}, '{ident}', {attempt}, 'sent', 250, 'ok', '1 s')", got
    yield "ack", f"SELECT dsmb_out.ack('{uuid.uuid4().hex}')", got


def deliver(p, planted):
    """One message through the five functions: ms of each."""
    took = {}
    for name, sql, got in calls(p):
        got["lines"], took[name] = p.ask(sql.replace("SELECT ", f"SELECT pg_sleep({planted / 1e3:g}), ", 1) if planted else sql)
        if planted:
            got["lines"] = [line.lstrip("|") for line in got["lines"]]
    return took


def pages(p, planted):
    """Pages touched by each function: EXPLAIN runs it, and its answer is read back by asking what is leased."""
    count = {}
    for name, sql, got in calls(p):
        if name == "claim":  # EXPLAIN gives no rows: the message is known by being claimed in the same transaction, undone
            p.ask("BEGIN")
        plan = "\n".join(p.ask("EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, SUMMARY OFF, COSTS OFF, FORMAT JSON) " + sql
                               + (f" WHERE (SELECT count(*) FROM {'pg_attribute' if name == 'claim' else 'pg_operator'} WHERE ctid IS NOT NULL) > 0" if planted else ""))[0])
        node = json.loads(plan)[0]["Plan"]
        count[name] = sum(node[f"{k} {w} Blocks"] for k in ("Shared", "Local", "Temp") for w in ("Hit", "Read") if f"{k} {w} Blocks" in node)
        if name == "claim":
            p.ask("ROLLBACK")
            got["lines"] = p.ask(sql)[0]
    return count


def z_beyond(differences, margin):
    """Signed ranks: how surely the differences lie above margin."""
    d = sorted((x - margin for x in differences if x != margin), key=abs)
    n = len(d)
    w = sum(i + 1 for i, x in enumerate(d) if x > 0)
    return (w - n * (n + 1) / 4) / (n * (n + 1) * (2 * n + 1) / 24) ** 0.5


LEGS = [("quiet", 0, False), ("crossing", 1, False), ("quiet+", 0, True), ("crossing+", 1, True)]


def rounds(stores, n, plant):
    """n rounds in random order: {leg: [{function: ms}]}."""
    took = {leg[0]: [] for leg in LEGS}
    for _ in range(n):
        for p in stores:
            p.queue(2)
        for leg, which, planted in random.sample(LEGS, len(LEGS)):
            took[leg].append(deliver(stores[which], plant if planted else 0))
    return took


def differences(took, f, a, b):
    """Of the shortest answers of each block of rounds."""
    def short(leg):
        return [min(t[f] for t in took[leg][k:k + BLOCK]) for k in range(0, len(took[leg]) - BLOCK + 1, BLOCK)]
    return [y - x for x, y in zip(short(a), short(b))]


def found(took, f, plant):
    return z_beyond(differences(took, f, "quiet", "crossing+"), plant / 2)


def timed(hosts):
    """What is planted, and the rounds that found it; where it cannot be found, the rounds with the most that was planted."""
    plant = FIRST_PLANT
    while True:
        took = {leg[0]: [] for leg in LEGS}
        for batch in range(MOST):
            stores = [Store(host) for host in hosts]
            rounds(stores, 3, plant)  # what is read once a session is read
            if batch == 0:
                few = rounds(stores, 4, plant)["quiet"]
                plant = max(plant, statistics.median(t["claim"] for t in few))
            for leg, more in rounds(stores, BATCH, plant).items():
                took[leg] += more
            for p in stores:
                p.close()
            if batch + 1 >= LEAST and min(found(took, f, plant) for f in FUNCTIONS) > 4:
                return plant, took
        if 2 * plant > LAST_PLANT:
            return plant, took
        plant *= 2


def paged(hosts):
    """Pages each function touches: {leg: {function: median}}."""
    touched = {leg[0]: [] for leg in LEGS}
    stores = [Store(host) for host in hosts]
    for _ in range(5):
        for p in stores:
            # Which plan statistics of the minute suggest is the server's weather too; plans are made after the clearing.
            p.ask("SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan")
            p.clear()
            p.queue(1)
            pages(p, False)  # after it the session reads the catalogs anew
        for leg, which, planted in LEGS:
            stores[which].queue(1)
            touched[leg].append(pages(stores[which], planted))
    for p in stores:
        p.close()
    return {leg: {f: statistics.median(c[f] for c in counts) for f in FUNCTIONS} for leg, counts in touched.items()}


touched = paged(hosts)
plant, took = timed(hosts)
status = 0
for f in FUNCTIONS:
    d = differences(took, f, "quiet", "crossing")
    z = max(z_beyond(d, plant / 2), z_beyond([-x for x in d], plant / 2))
    usual = {leg: touched[leg][f] for leg in touched}
    bound = (usual["quiet+"] + usual["crossing+"] - usual["quiet"] - usual["crossing"]) / 4
    print(f"{f}: {statistics.median(t[f] for t in took['quiet']):.2f} ms quiet, {statistics.median(t[f] for t in took['crossing']):.2f}"
          f" crossing, shortest differ by {statistics.median(d):+.3f}, z {z:.1f}, planted {found(took, f, plant):.1f};"
          f" pages {usual['quiet']} and {usual['crossing']}, planted {usual['crossing+']}")
    if found(took, f, plant) <= 4 or bound < 4:
        status = status or 1
    if z > 4 or (f != "claim" and abs(usual["quiet"] - usual["crossing"]) > bound):
        status = 2
print(f"{len(took['quiet'])} rounds; planted {plant:.1f} ms, the bound half of it")
sys.exit(status)
