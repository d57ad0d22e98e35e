"""What dsmb-mailer's role can see of a store, written down: usage blind_spy.py DBNAME ROLE BATCHES MEMBERS SLOT_SECONDS OUT

Takes the mailer's place (dsmbd runs, dsmb-mailer does not): claims as it does, twenty times a second, takes each message's
bytes, says "sent", and listens.  OUT/seen gets one line for each message and for each batch of MEMBERS messages; OUT/probes
what the catalogs, statistics, locks, counters and the log's position say to that role; OUT/sweep a hash of every relation
that it can read, and the answer of every function without arguments that it may call, whatever this PostgreSQL has.
Only what is random is masked: ids, and numbers that count from the start of the world.
"""
import re
import subprocess
import sys
import time

db, role, batches, members, slot_s, out = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), float(sys.argv[5]), sys.argv[6]

PROBES = [
    "SELECT count(*) FROM dsmb_out.message", "SELECT count(*) FROM dsmb.alert", "SELECT * FROM dsmb.heart", "SELECT * FROM dsmb.status",
    "SELECT pg_current_wal_lsn()", "SELECT pg_current_wal_insert_lsn()", "SELECT pg_control_checkpoint()", "SELECT * FROM pg_locks",
    "SELECT * FROM pg_stat_database", "SELECT * FROM pg_stat_user_tables", "SELECT * FROM pg_statio_user_tables", "SELECT * FROM pg_stat_wal",
    "SELECT * FROM pg_stat_bgwriter", "SELECT * FROM pg_stat_user_functions", "SELECT * FROM pg_stat_progress_copy",
    "SELECT pg_database_size(current_database())", "SELECT pg_total_relation_size('dsmb_out.message')",
    "SELECT sum(reltuples) FROM pg_class", "SELECT sum(relpages) FROM pg_class",
    "SELECT schemaname, tablename, attname FROM pg_stats WHERE schemaname LIKE 'dsmb%'",
    "SELECT last_value FROM dsmb_out.message_number_seq", "SELECT pg_notification_queue_usage()",
    "SELECT relname, relkind FROM pg_class WHERE relnamespace::regnamespace::text LIKE 'dsmb%' ORDER BY 1, 2",
    "SELECT proname FROM pg_proc p WHERE pronamespace::regnamespace::text LIKE 'dsmb%' AND has_function_privilege(p.oid, 'EXECUTE') ORDER BY 1",
    "SELECT count(*) FROM pg_largeobject_metadata", "SELECT datname, usename, query FROM pg_stat_activity WHERE usename LIKE '%daemon'",
    "SELECT txid_current()", "SELECT pg_current_xact_id()", "SELECT pg_current_snapshot()", "SELECT txid_current_snapshot()",
    "SELECT age('3'::xid)", "SELECT mxid_age('1'::xid)", "SELECT max(relfrozenxid::text) FROM pg_class", "SELECT datfrozenxid FROM pg_database",
    "ALTER ROLE CURRENT_USER SET application_name = 'x'; SELECT xmin FROM pg_db_role_setting; ALTER ROLE CURRENT_USER RESET application_name",
    "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC; SELECT oid FROM pg_default_acl; ALTER DEFAULT PRIVILEGES REVOKE SELECT ON TABLES FROM PUBLIC",
    "SELECT xmin FROM pg_default_acl", "SELECT xmin FROM pg_auth_members", "SELECT objid FROM pg_shdepend",
    "SELECT pg_get_object_address('default acl', ARRAY[CURRENT_USER::text], ARRAY['r'])", "SELECT pg_identify_object(1262, 1, 0)",
    "SELECT pg_isolation_test_session_is_blocked(1, '{2}')", "SELECT * FROM pg_stat_statements", "SELECT * FROM pg_stat_io",
    "SELECT * FROM pg_buffercache", "CREATE TEMP TABLE x (a int)", "CREATE TABLE public.x (a int)", "CREATE SCHEMA x",
    "SELECT pg_control_system()",
]
# Of a session or of the moment.  (pg_attver, masked below: a random number that newer releases give every table.)
MOMENT = {"clock_timestamp", "now", "statement_timestamp", "timeofday", "transaction_timestamp", "random", "gen_random_uuid", "pg_backend_pid",
          "pg_conf_load_time", "pg_postmaster_start_time", "current_query"}


class Psql:
    def __init__(self):
        self.process = subprocess.Popen(["psql", "-X", "-q", "-A", "-t", "-F", "|", "-U", role, "-d", db], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, bufsize=1)
        self.notified = 0

    def ask(self, sql):
        """Lines; notifications are counted apart."""
        self.process.stdin.write(sql + ";\n\\echo --end\n")
        self.process.stdin.flush()
        lines = []
        for line in self.process.stdout:
            line = line.rstrip("\n")
            if line == "--end":
                break
            if line.startswith("Asynchronous notification"):
                self.notified += 1
                lines += [line] if "payload" in line else []
                continue
            lines.append(line)
        return lines


p = Psql()
p.ask("LISTEN dsmb_out")
epoch = p.ask("SELECT epoch FROM dsmb_out.claim(NULL, NULL, NULL, NULL, NULL)")[0]
seen, slots = [], []
last, idle = None, set()
end = time.monotonic() + 40 * slot_s
while len(seen) < batches * members and time.monotonic() < end:
    row = p.ask("SELECT granted, epoch - %s, anchor_known, recovery_epoch, last_number, id, address, attempt, resend,"
                    " wait IS NULL, silent FROM dsmb_out.claim(%s, '1 h', NULL, NULL, NULL)" % (epoch, epoch))
    got = row[0].split("|")
    number, ident = int(got[4]), got[5]
    got[4] = "+%d" % (number - last) if last is not None else "first"
    got[5] = "id" if ident else ""
    if not ident:
        if last is not None:
            idle.add("|".join(got))
        last = number
        time.sleep(0.05)
        continue
    last = number
    size = p.ask(f"SELECT octet_length(dsmb_out.body({epoch}, '{ident}'))")[0]
    p.ask(f"SELECT dsmb_out.phase({epoch}, '{ident}', 'body', '1 h')")
    p.ask(f"SELECT dsmb_out.outcome({epoch}, '{ident}', {got[7]}, 'sent', 250, 'ok', '1 s')")
    if len(seen) % members == 0:
        slots.append(int(time.time() / slot_s))
    seen.append("|".join(got) + "|" + size)

with open(out + "/seen", "w", encoding="ascii") as f:
    for i, line in enumerate(seen):
        if i % members == 0:
            f.write(f"batch {i // members}\n")
        f.write(re.sub(r"\|\+\d+\|id", "|+n|id", line) + "\n")
    numbers = [line.split("|")[4] for line in seen[1:]]
    f.write(f"numbers in between: {sorted(set(numbers))}\n")
    f.write(f"answers when nothing is due: {sorted(idle)}\n")
    f.write(f"each batch in a slot of its own: {len(set(slots)) == len(slots)}\n")
    f.write(f"notifications: {p.notified - len(slots) in (0, 1)} one a batch\n")
with open(out + "/probes", "w", encoding="utf-8") as f:
    for sql in PROBES:
        f.write("== " + sql + "\n" + "\n".join(p.ask(sql)) + "\n")
with open(out + "/sweep", "w", encoding="utf-8") as f:
    relations = p.ask("SELECT c.oid::regclass, string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_class c JOIN pg_attribute ON attrelid = c.oid"
                      " WHERE relkind IN ('r', 'v', 'm', 'p', 'f') AND attnum > 0 AND NOT attisdropped AND has_schema_privilege(relnamespace, 'USAGE')"
                      " AND has_column_privilege(c.oid, attnum, 'SELECT') GROUP BY c.oid ORDER BY c.oid::regclass::text")
    for name, columns in (line.split("|", 1) for line in relations):
        f.write(f"{name} " + " ".join(p.ask(f"SELECT count(*), md5(string_agg(x, ' ' ORDER BY x)) FROM (SELECT regexp_replace(ROW({columns})::text, 'pg_attver=[0-9]+', '') COLLATE \"C\" AS x FROM {name}) t")) + "\n")
    functions = p.ask("SELECT DISTINCT oid::regprocedure FROM pg_proc WHERE pronargs = 0 AND prokind = 'f' AND has_function_privilege(oid, 'EXECUTE')"
                      " AND prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype, 'internal'::regtype, 'language_handler'::regtype) ORDER BY 1")
    for name in functions:
        if name.removesuffix("()") not in MOMENT:
            f.write(f"{name} " + " ".join(p.ask(f"SELECT {name}")) + "\n")
