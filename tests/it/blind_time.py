"""Do answers tell by their time, or by the pages they touch?  usage blind_time.py ROLE DBNAME QUIET_HOST CROSSING_HOST

Two stores at rest, one of a quiet trial and one of a trial that crossed.  Each round delivers two messages in each, in random
order, through the five functions; of the second ones the answers come PLANTED ms later, which is the planted leak.  No speed
is asked for: what is compared are differences within a round, by Wilcoxon's signed ranks against half of what is planted.
A batch has sessions of its own, because a process may have a better place on the machine than another; batches go on until
the planted leak is found in every function (z > 4), MOST at most.
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
PLANTED = 2.0  # ms, or what claim takes, where that is longer
BATCH, LEAST, MOST = 15, 3, 14
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
    took = {}
    for name, sql, got in calls(p):
        got["lines"], took[name] = p.ask(sql.replace("SELECT ", "SELECT pg_sleep(%g), " % (PLANTED / 1e3), 1) if planted else sql)
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
took = {leg[0]: {f: [] for f in FUNCTIONS} for leg in LEGS}
touched = {leg[0]: [] for leg in LEGS}


def found(f):
    return z_beyond([b - a for a, b in zip(took["quiet"][f], took["crossing+"][f])], PLANTED / 2)


for batch in range(MOST):
    stores = [Store(host) for host in hosts]
    for k in range(3 + BATCH):  # in the first three what is read once a session is read
        for p in stores:
            p.queue(2)
        for leg, which, planted in random.sample(LEGS, len(LEGS)):
            for f, ms in deliver(stores[which], planted).items():
                if k >= 3:
                    took[leg][f].append(ms)
        if batch == 0 and k == 7:
            PLANTED = max(PLANTED, statistics.median(took["quiet"]["claim"]))
            for leg in took:
                took[leg] = {f: [] for f in FUNCTIONS}
    if batch == 0:
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
    if batch + 1 >= LEAST and min(map(found, FUNCTIONS)) > 4:
        break
status = 0
for f in FUNCTIONS:
    difference = [b - a for a, b in zip(took["quiet"][f], took["crossing"][f])]
    z = max(z_beyond(difference, PLANTED / 2), z_beyond([-x for x in difference], PLANTED / 2))
    usual = {leg: statistics.median(c[f] for c in touched[leg]) for leg in touched}
    bound = (usual["quiet+"] + usual["crossing+"] - usual["quiet"] - usual["crossing"]) / 4
    print(f"{f}: {statistics.median(took['quiet'][f]):.2f} ms quiet, {statistics.median(took['crossing'][f]):.2f} crossing,"
          f" median difference {statistics.median(difference):+.3f}, z {z:.1f}, planted {found(f):.1f};"
          f" pages {usual['quiet']} and {usual['crossing']}, planted {usual['crossing+']}")
    if found(f) <= 4 or bound < 4:
        status = status or 1
    if z > 4 or (f != "claim" and abs(usual["quiet"] - usual["crossing"]) > bound):
        status = 2
print(f"{len(took['quiet']['claim'])} rounds")
sys.exit(status)
