-- The trial's memory: schema dsmb.  History is only ever added to: section "kept" below refuses everything else, even to
-- the owner.  Names like @daemon@ stand for the trial's roles (dsmb_TRIAL_daemon); `dsmbctl migrate` fills them in.

REVOKE ALL ON SCHEMA public FROM PUBLIC;
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
CREATE SCHEMA dsmb;

CREATE TABLE dsmb.migration (
    version int PRIMARY KEY,
    file    text NOT NULL,
    sha256  text NOT NULL,
    at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    who     name NOT NULL DEFAULT session_user
);

-- --- what people ask of the daemon --------------------------------------------------------------------------------

CREATE TABLE dsmb.request (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at         timestamptz NOT NULL,
    who        name NOT NULL, -- session_user, set by trigger: nobody can write another's name
    kind       text NOT NULL CHECK (kind IN ('PLAN_ADOPT', 'BOARD_ADOPT', 'LOOK_ADHOC', 'LOOK_FINAL', 'SOURCE_ACCEPT',
                                        'ALERT_ACK', 'ALERT_TEST', 'ALERT_RESEND', 'REVIEW_DECIDE')),
    by         text NOT NULL CHECK (btrim(by) <> ''),
    reason     text NOT NULL CHECK (btrim(reason) <> ''),
    body       text, -- the document to adopt; ALERT_ACK: "NUMBER DECISION"; ALERT_RESEND: "NUMBER" or "NUMBER MEMBER";
                     -- REVIEW_DECIDE: verdict, category, hash of the event's row and ae_id, joined by U+001F
    rule_names text[], -- with PLAN_ADOPT: the rule files, in order
    rule_texts text[],
    handle     uuid NOT NULL UNIQUE DEFAULT gen_random_uuid(), -- what a blinded role knows its request by: numbers would count
    CHECK ((body IS NOT NULL) = (kind IN ('PLAN_ADOPT', 'BOARD_ADOPT', 'ALERT_ACK', 'ALERT_RESEND',
                                           'REVIEW_DECIDE'))),
    CHECK ((rule_names IS NOT NULL) = (kind = 'PLAN_ADOPT')),
    CHECK (cardinality(rule_names) IS NOT DISTINCT FROM cardinality(rule_texts))
);

CREATE TABLE dsmb.request_result (
    request_id bigint PRIMARY KEY REFERENCES dsmb.request,
    at         timestamptz NOT NULL DEFAULT clock_timestamp(),
    done       boolean NOT NULL, -- false: refused
    message    text NOT NULL
);

-- --- what was adopted -----------------------------------------------------------------------------------------------

CREATE TABLE dsmb.plan (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at         timestamptz NOT NULL DEFAULT clock_timestamp(),
    request_id bigint NOT NULL UNIQUE REFERENCES dsmb.request,
    sha256     text NOT NULL,
    text       text NOT NULL
);

CREATE TABLE dsmb.plan_rules (
    plan_id bigint NOT NULL REFERENCES dsmb.plan,
    ord     int NOT NULL,
    name    text NOT NULL,
    sha256  text NOT NULL,
    text    text NOT NULL,
    PRIMARY KEY (plan_id, ord)
);

CREATE TABLE dsmb.board (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at         timestamptz NOT NULL DEFAULT clock_timestamp(),
    request_id bigint NOT NULL UNIQUE REFERENCES dsmb.request,
    sha256     text NOT NULL,
    text       text NOT NULL,
    changes    text NOT NULL -- from the board before; every message tells its reader of those since his last one
);

-- --- looks ----------------------------------------------------------------------------------------------------------

-- One row each time a dsmbd takes the lead; the newest is the only one that may write.
CREATE TABLE dsmb.epoch (
    epoch bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at    timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE dsmb.look (
    look         bigint PRIMARY KEY CHECK (look > 0),
    kind         text NOT NULL CHECK (kind IN ('CUT', 'ADHOC', 'FINAL')),
    cut          date NOT NULL,
    read_at      timestamptz NOT NULL, -- the trial database's clock
    data_cutoff  timestamptz, -- meta.data_cutoff
    token        text NOT NULL, -- where the trial database stood
    snapshot     text NOT NULL, -- SHA-256 over all rows
    plan_id      bigint NOT NULL REFERENCES dsmb.plan,
    board_id     bigint REFERENCES dsmb.board,
    request_id   bigint REFERENCES dsmb.request,
    n_subjects   bigint NOT NULL,
    n_events     bigint NOT NULL,
    n_changes    bigint NOT NULL,
    queries_look bigint NOT NULL, -- the look whose data_query rows hold now: written when the list changes
    queries_hash text NOT NULL,
    epoch        bigint NOT NULL REFERENCES dsmb.epoch,
    at           timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- goes into the digests of the ledger, so that nobody who may read the ledger can guess numbers from them
    salt         bytea NOT NULL DEFAULT uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())
);

-- Rows of the trial as they changed; as of look N: per (view, key) the newest row with look <= N.
CREATE TABLE dsmb.snapshot_row (
    view    text COLLATE "C" NOT NULL,
    key     text COLLATE "C" NOT NULL, -- key columns joined by U+001F
    look    bigint NOT NULL REFERENCES dsmb.look,
    hash    bytea NOT NULL,
    content text[], -- the view's columns in the contract's order, canonical text; NULL: deleted
    deleted boolean NOT NULL,
    PRIMARY KEY (view, key, look),
    CHECK (deleted = (content IS NULL))
);
CREATE INDEX snapshot_row_look ON dsmb.snapshot_row (look);

CREATE TABLE dsmb.tally (
    look       bigint NOT NULL REFERENCES dsmb.look,
    ord        int NOT NULL,
    category    text, -- NULL: any event
    subtype     text, -- NULL: the whole category
    population  text NOT NULL,
    time_window text NOT NULL,
    arm_basis   text NOT NULL,
    arm         int NOT NULL, -- 0 control, 1.. experimental in the plan's order, -1 not known, -2 all together
    arm_code    text, -- as the trial database spells it
    n           bigint NOT NULL, -- subjects of the population
    subjects    bigint NOT NULL,
    episodes    bigint NOT NULL,
    rows        bigint NOT NULL,
    unverified  bigint NOT NULL,
    suspected   bigint NOT NULL,
    review      bigint NOT NULL,
    risk_days     bigint NOT NULL, -- until the first event
    observed_days bigint NOT NULL,
    PRIMARY KEY (look, ord)
);

-- struct entry of daemon/monitor/ledger.h, field by field: the past of a monitor is rebuilt from these rows bit by bit.
CREATE TABLE dsmb.verdict (
    look            bigint NOT NULL REFERENCES dsmb.look,
    monitor         text COLLATE "C" NOT NULL,
    ord             int NOT NULL, -- place in the plan
    cut             date NOT NULL,
    kind            text NOT NULL,
    verdict         text NOT NULL,
    executed        boolean NOT NULL,
    on_correction   boolean NOT NULL,
    nominal         boolean NOT NULL,
    current_crosses boolean NOT NULL,
    reason          text NOT NULL,
    events          bigint NOT NULL,
    x1              bigint NOT NULL,
    t               double precision NOT NULL,
    alpha_target    double precision NOT NULL,
    alpha_spent     double precision NOT NULL,
    info            double precision NOT NULL,
    statistic       double precision NOT NULL,
    bound           double precision NOT NULL,
    nominal_p       double precision NOT NULL,
    b2              bigint[] NOT NULL, -- per block: day (since 1970-01-01), y1, y0, m, x
    seen            bigint[] NOT NULL,
    log_e           double precision NOT NULL,
    log_e_max       double precision NOT NULL,
    warn_80         boolean NOT NULL,
    max_events      bigint NOT NULL,
    overrun_p       double precision NOT NULL,
    PRIMARY KEY (monitor, look)
);
CREATE INDEX verdict_look ON dsmb.verdict (look);

-- When a subject was first seen to qualify: knowledge time.
CREATE TABLE dsmb.known (
    monitor    text COLLATE "C" NOT NULL,
    subject_id text COLLATE "C" NOT NULL,
    look       bigint NOT NULL REFERENCES dsmb.look,
    PRIMARY KEY (monitor, subject_id)
);
CREATE INDEX known_look ON dsmb.known (look);

CREATE TABLE dsmb.alert (
    id      bigint PRIMARY KEY,
    look    bigint NOT NULL REFERENCES dsmb.look,
    monitor text NOT NULL,
    kind    text NOT NULL,
    urgency text NOT NULL CHECK (urgency IN ('URGENT', 'NEXT_REPORT'))
);
CREATE INDEX alert_look ON dsmb.alert (look);

-- One row per slot: in each, every member gets exactly one message.
CREATE TABLE dsmb.slot (
    n     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    slot  bigint NOT NULL, -- its number on the calendar; a clock that steps back may repeat one
    look  bigint REFERENCES dsmb.look, -- the newest then
    epoch bigint NOT NULL REFERENCES dsmb.epoch,
    at    timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Which message told whom of what: the outbox itself does not know.
CREATE TABLE dsmb.alert_message (
    message_id uuid PRIMARY KEY,
    look       bigint REFERENCES dsmb.look, -- the look that sent it at once; NULL: sent in a slot, or as a reminder
    slot       bigint REFERENCES dsmb.slot,
    kind       text NOT NULL CHECK (kind IN ('ALERT', 'AMENDMENT', 'ESCALATION', 'REMINDER', 'RESEND', 'TEST', 'QUIET')),
    alerts     bigint[] NOT NULL,
    alert_id   bigint GENERATED ALWAYS AS (alerts[1]) STORED, -- the first of them
    about      text[] NOT NULL, -- per alert: the member whose silence an escalation tells of, else the reader
    member     text NOT NULL,
    address    text NOT NULL,
    sha256     text NOT NULL, -- of the message's bytes
    at         timestamptz NOT NULL DEFAULT clock_timestamp(),
    CHECK (cardinality(alerts) = cardinality(about))
);
CREATE INDEX alert_message_look ON dsmb.alert_message (look);
CREATE INDEX alert_message_member ON dsmb.alert_message (member);

-- A sealed message that waits for its slot, out of the mailer's sight.  The newest of a member takes the place of the others.
CREATE TABLE dsmb.letter (
    n          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    message_id uuid NOT NULL UNIQUE,
    look       bigint NOT NULL REFERENCES dsmb.look,
    kind       text NOT NULL CHECK (kind IN ('ALERT', 'AMENDMENT')),
    alerts     bigint[] NOT NULL,
    about      text[] NOT NULL,
    member     text NOT NULL,
    address    text NOT NULL,
    sha256     text NOT NULL,
    body       bytea NOT NULL
);
ALTER TABLE dsmb.letter ALTER COLUMN body SET STORAGE EXTERNAL;
CREATE INDEX letter_look ON dsmb.letter (look);
CREATE INDEX letter_member ON dsmb.letter (member);

-- What a message's links would answer: only the SHA-256 of each token is kept.
CREATE TABLE dsmb.token (
    hash       bytea PRIMARY KEY,
    message_id uuid NOT NULL,
    member     text NOT NULL,
    decision   text NOT NULL CHECK (decision IN ('NOTED', 'MEETING', 'DATA'))
);

-- Who answered what: by a token that came back, or by dsmbctl alert ack.
CREATE TABLE dsmb.acknowledgement (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at         timestamptz NOT NULL DEFAULT clock_timestamp(),
    member     text NOT NULL,
    decision   text NOT NULL CHECK (decision IN ('NOTED', 'MEETING', 'DATA')),
    alerts     bigint[] NOT NULL, -- empty: of a quiet message or a test
    token      bytea UNIQUE REFERENCES dsmb.token,
    message_id uuid, -- whose link it was
    received   timestamptz, -- when the mailer found the token
    request_id bigint UNIQUE REFERENCES dsmb.request,
    CHECK ((token IS NULL) <> (request_id IS NULL)),
    CHECK ((token IS NULL) = (message_id IS NULL))
);

-- Who asked that an alert's message go to a member again; the message follows.
CREATE TABLE dsmb.alert_resend (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at         timestamptz NOT NULL DEFAULT clock_timestamp(),
    request_id bigint NOT NULL REFERENCES dsmb.request,
    alert_id   bigint NOT NULL REFERENCES dsmb.alert,
    member     text NOT NULL,
    UNIQUE (request_id, member)
);

CREATE TABLE dsmb.data_query (
    look   bigint NOT NULL REFERENCES dsmb.look,
    ord    int NOT NULL,
    code   text NOT NULL,
    view   text NOT NULL,
    key    text NOT NULL,
    column_name text,
    value  text,
    PRIMARY KEY (look, ord)
);

-- Events that a person should look at, each time their row changed or the rules did.
CREATE TABLE dsmb.review_item (
    look     bigint NOT NULL REFERENCES dsmb.look,
    ae_id    text NOT NULL,
    category text NOT NULL,
    counted  boolean NOT NULL, -- it counts in that category meanwhile
    why      text NOT NULL CHECK (why <> ''),
    rule     text,
    PRIMARY KEY (look, ae_id, category)
);

-- What people decided of events by dsmbctl review decide; of each event and name the newest row holds.  A look that knows of
-- it has it as a row of view "review" in snapshot_row.
CREATE TABLE dsmb.review_decision (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at         timestamptz NOT NULL DEFAULT clock_timestamp(),
    request_id bigint NOT NULL UNIQUE REFERENCES dsmb.request,
    ae_id      text COLLATE "C" NOT NULL,
    name       text COLLATE "C" NOT NULL, -- the category, or the subtype of it, that was judged
    category   text COLLATE "C" NOT NULL,
    verdict    text NOT NULL CHECK (verdict IN ('CONFIRMED', 'REFUTED', 'TAKEN_BACK')),
    row_hash   bytea, -- snapshot_row.hash of the event as it was judged
    CHECK ((verdict = 'TAKEN_BACK') = (row_hash IS NULL))
);
CREATE INDEX review_decision_event ON dsmb.review_decision (ae_id, name, id);

CREATE TABLE dsmb.data_fault (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    open    boolean NOT NULL, -- true: began; false: ended
    message text NOT NULL
);

-- Reports as they were written with a look: on the plan's schedule, and always at the closing look.
CREATE TABLE dsmb.report (
    look     bigint NOT NULL REFERENCES dsmb.look,
    audience text NOT NULL CHECK (audience IN ('closed', 'open')),
    format   text NOT NULL CHECK (format IN ('text', 'csv', 'json', 'html')),
    body     text NOT NULL,
    sha256   text NOT NULL CHECK (sha256 = encode(sha256(convert_to(body, 'UTF8')), 'hex')),
    PRIMARY KEY (look, audience, format)
);

-- Who said why before reading arms in SQL: dsmb.unblind().
CREATE TABLE dsmb.unblinding (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at            timestamptz NOT NULL,
    who           name NOT NULL,
    purpose       text NOT NULL CHECK (btrim(purpose) <> ''),
    look          bigint, -- the newest look then; NULL before the first
    pid           int NOT NULL, -- with backend_start: the session
    backend_start timestamptz NOT NULL,
    xid           xid8 NOT NULL -- its transaction: what that one reads is not covered
);
CREATE INDEX unblinding_session ON dsmb.unblinding (pid, backend_start);

-- One row, overwritten: no history, nothing to count.
CREATE TABLE dsmb.heart (
    one      boolean PRIMARY KEY DEFAULT true CHECK (one),
    at       timestamptz NOT NULL,
    state    text NOT NULL,
    seen     timestamptz NOT NULL DEFAULT clock_timestamp(), -- by the store's own clock
    patience interval -- without another beat for so long dsmbd is silent; NULL: it has not begun to watch
);
INSERT INTO dsmb.heart VALUES (true, clock_timestamp(), 'not started yet');
