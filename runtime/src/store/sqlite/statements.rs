//! Every statement that runs after the tables exist, in one place, so that a
//! test can prepare them all.

macro_rules! statements {
    ($($(#[$doc:meta])* $name:ident = $sql:expr;)*) => {
        $($(#[$doc])* pub(super) const $name: &str = $sql;)*

        #[cfg(test)]
        pub(super) const ALL: &[(&str, &str)] = &[$((stringify!($name), $name)),*];
    };
}

/// A row of `event`, as [`INSERT_EVENT`] has it.
macro_rules! event {
    () => {
        "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    };
}

/// A row of `run`, as [`INSERT_RUN`] has it.
macro_rules! run {
    () => {
        "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    };
}

/// `OR FAIL`, because a statement of many rows keeps each page aside where it could be
/// undone in part. What fails is undone with its transaction, or to its savepoint.
macro_rules! insert_events {
    ($($row:expr),+) => {
        concat!("INSERT OR FAIL INTO event (id, name, source, key, payload, context, properties, at, due_at, state,
            delivery, sender, test, job, n) VALUES ", $($row),+)
    };
}

/// `OR FAIL` as in [`INSERT_EVENT`].
macro_rules! insert_runs {
    ($($row:expr),+) => {
        concat!("INSERT OR FAIL INTO run (id, delivery, event, job, version, tries, state, attempt, token, owner,
            failures, crashes, due_at, created_at, priority, flow, hooks, leader, after_event, plain, payload) VALUES ", $($row),+)
    };
}

/// [`FEW`](super::pending::FEW) rows.
macro_rules! four {
    ($row:ident) => {
        concat!($row!(), ", ", $row!(), ", ", $row!(), ", ", $row!())
    };
}

/// [`MANY`](super::pending::MANY) rows.
macro_rules! many {
    ($insert:ident, $row:ident) => {
        $insert!(four!($row), ", ", four!($row), ", ", four!($row), ", ", four!($row))
    };
}

statements! {
    /// Takes a key, also from a delivery whose hold has expired. No row
    /// changes where the key is held.
    TAKE_KEY = "INSERT INTO dedupe (endpoint, key, delivery, expires_at) VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT (endpoint, key) DO UPDATE SET delivery = excluded.delivery, expires_at = excluded.expires_at
        WHERE dedupe.expires_at <= ?5";
    EXTEND_KEY = "UPDATE dedupe SET expires_at = max(expires_at, ?3) WHERE endpoint = ?1 AND key = ?2";
    KEY_HOLDER = "SELECT d.id, d.received_at, d.outcome, d.answer_status, d.answer_type, d.answer_body
        FROM dedupe k JOIN delivery d ON d.id = k.delivery WHERE k.endpoint = ?1 AND k.key = ?2";

    INSERT_DELIVERY = "INSERT INTO delivery (id, endpoint, outcome, received_at, provider_id, secret_index,
            verdicts, key_until, answer_status, answer_type, answer_body,
            method, target, public_url, headers, body, replay_of)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)";
    REMATCH_DELIVERY = "UPDATE delivery SET outcome = 'accepted', verdicts = ?2,
            key_until = max(key_until, ?3), answer_status = ?4, answer_type = ?5, answer_body = ?6
        WHERE id = ?1";
    INSERT_RUN = insert_runs!(run!());
    INSERT_FEW_RUNS = insert_runs!(four!(run));
    INSERT_RUNS = many!(insert_runs, run);
    /// The run of a hook: of the same delivery or event as the run that ended.
    INSERT_HOOK = "INSERT INTO run (id, delivery, event, job, version, tries, state, attempt, token, owner,
            failures, crashes, due_at, created_at, priority, hooks, parent, after_event)
        SELECT ?2, delivery, event, job || ?3, version, ?4, 'queued', 0, 0, NULL, 0, 0, ?5, ?5, priority, 0, id,
            (SELECT value FROM setting WHERE name = 'events')
        FROM run WHERE id = ?1";

    EVENT_OF_KEY = "SELECT id FROM event WHERE name = ?1 AND ifnull(source, '') = ifnull(?2, '') AND key = ?3";
    INSERT_EVENT = insert_events!(event!());
    INSERT_FEW_EVENTS = insert_events!(four!(event));
    INSERT_EVENTS = many!(insert_events, event);
    DUE_EVENTS = "SELECT id, name, source, key, payload, context, properties, at, due_at, state, delivery,
            sender, test, job FROM event WHERE state = 'pending' AND due_at <= ?1 ORDER BY due_at, place LIMIT ?2";
    RELEASE_EVENT = "UPDATE event SET state = 'sent', n = ?2 WHERE id = ?1 AND state = 'pending'";
    CANCEL_EVENT = "UPDATE event SET state = 'cancelled' WHERE id = ?1 AND state = 'pending'";
    SCHEDULES = "SELECT dynamic, id, job, timing, payload, last_at, next_at FROM schedule ORDER BY dynamic, id";
    DUE_SCHEDULES = "SELECT dynamic, id, job, timing, payload, last_at, next_at FROM schedule
        WHERE next_at <= ?1 ORDER BY next_at LIMIT ?2";
    PUT_SCHEDULE = "INSERT OR REPLACE INTO schedule (dynamic, id, job, timing, payload, last_at, next_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    DROP_SCHEDULE = "DELETE FROM schedule WHERE dynamic = ?1 AND id = ?2";
    TICK_SCHEDULE = "UPDATE schedule SET last_at = ?8, next_at = ?9
        WHERE dynamic = ?1 AND id = ?2 AND job = ?3 AND timing = ?4 AND payload = ?5 AND last_at IS ?6
            AND next_at = ?7";
    /// The time of a call that is kept with its run is in its id.
    EVENT_BY_ID = "SELECT id, name, source, key, payload, context, properties, at, due_at, state, delivery,
            sender, test, job FROM event WHERE id = ?1
        UNION ALL SELECT id, 'triggerfish.invoke', NULL, NULL, payload, NULL, NULL, NULL, NULL, 'sent', NULL,
            NULL, 0, job FROM run WHERE id = ?1 AND plain = 1";
    EVENTS_OF_DELIVERY = "SELECT id, name, source, key, payload, context, properties, at, due_at, state, delivery,
            sender, test, job FROM event WHERE delivery = ?1 ORDER BY place DESC LIMIT ?2";
    EVENT_BY_PLACE = "SELECT id, name, source, key, payload, context, properties, at, due_at, state, delivery,
            sender, test, job FROM event WHERE place = ?1";
    PLACE_OF_EVENT = "SELECT at, place FROM event WHERE id = ?1";
    /// What can be told of events by an index alone, the newest first.
    EVENT_ENTRIES = "SELECT at, place, name, source FROM event WHERE at >= ?1 AND (at, place) < (?2, ?3)
        ORDER BY at DESC, place DESC";
    COUNT_EVENTS = "SELECT at / 60000000, name, source, count(*) FROM event WHERE at >= ?1 AND at < ?2
        GROUP BY at / 60000000, name, source";
    /// The jobs with calls that are kept with their runs, each found behind the one before.
    CALLED_JOBS = "WITH RECURSIVE jobs (job) AS (SELECT min(job) FROM job_run
            UNION ALL SELECT (SELECT min(job) FROM job_run WHERE job > jobs.job) FROM jobs WHERE job IS NOT NULL)
        SELECT job FROM jobs WHERE EXISTS (SELECT 1 FROM job_run WHERE job_run.job = jobs.job AND plain = 1)";
    CALLS_OF_JOB = "SELECT id FROM job_run WHERE job = ?1 AND plain = 1 AND id >= ?2 AND id < ?3
        ORDER BY id DESC LIMIT ?4";

    /// The next priority below another that a queued run has.
    NEXT_PRIORITY = "SELECT max(priority) FROM run
        WHERE owner IS NULL AND finished_at IS NULL AND state IN ('queued', 'waiting') AND priority < ?1";
    /// With all that a claim needs of them, and the event that started them, which may be kept
    /// with the run or with another. Only what was begun before has steps or waits.
    DUE_RUNS = "SELECT run.id, run.attempt, run.token, run.job, run.delivery, run.failures, run.crashes, run.tries,
            run.flow IS NOT NULL, run.hooks, run.parent, run.created_at,
            CASE WHEN run.attempt > 0 THEN EXISTS (SELECT 1 FROM step WHERE step.run = run.id) ELSE 0 END,
            CASE WHEN run.attempt > 0 THEN EXISTS (SELECT 1 FROM wait WHERE wait.run = run.id) ELSE 0 END,
            run.due_at, run.event, ifnull(event.name, 'triggerfish.invoke'), event.source, event.key,
            coalesce(run.payload, event.payload, call.payload), event.context, event.properties, event.at,
            event.due_at, ifnull(event.state, 'sent'), event.delivery, event.sender, ifnull(event.test, 0),
            CASE WHEN event.id IS NULL THEN ifnull(call.job, run.job) ELSE event.job END
        FROM run LEFT JOIN event ON run.plain IS NULL AND event.id = run.event
            LEFT JOIN run AS call ON run.plain IS NULL AND event.id IS NULL AND call.id = run.event
        WHERE run.owner IS NULL AND run.finished_at IS NULL AND run.state IN ('queued', 'waiting')
            AND run.priority = ?1 AND run.due_at <= ?2
        ORDER BY run.due_at, run.id LIMIT ?3";
    NEXT_DUE = "SELECT min(due_at) FROM run
        WHERE owner IS NULL AND finished_at IS NULL AND state IN ('queued', 'waiting') AND priority = ?1";
    NEXT_OPENING = "SELECT min(opens_at) FROM lane WHERE opens_at IS NOT NULL";
    NEXT_TIMER = "SELECT min(at) FROM (SELECT min(due_at) AS at FROM event WHERE state = 'pending'
        UNION ALL SELECT min(next_at) FROM schedule)";
    CLAIM_RUN = "UPDATE run SET state = 'running', attempt = attempt + 1, token = token + 1, owner = ?2,
            hooks = hooks & ~16
        WHERE id = ?1";
    /// As many as are due up to the last that was found. Their ids are put aside
    /// before they change, so it is for many.
    CLAIM_RUNS = "UPDATE run SET state = 'running', attempt = attempt + 1, token = token + 1, owner = ?1,
            hooks = hooks & ~16
        WHERE owner IS NULL AND finished_at IS NULL AND state IN ('queued', 'waiting')
            AND priority = ?2 AND (due_at, id) <= (?3, ?4)";
    /// Whoever called the one waits for that one.
    REPLAY_RUN = "INSERT INTO run (id, delivery, event, job, version, tries, state, attempt, token, owner,
            failures, crashes, due_at, created_at, priority, flow, hooks, parent, after_event)
        SELECT ?2, delivery, event, job, version, tries, 'queued', 0, 0, NULL, 0, 0, ?3, ?3, priority, flow, hooks & 3,
            parent, (SELECT value FROM setting WHERE name = 'events')
        FROM run WHERE id = ?1";
    MEMBERS_OF_BATCH = "SELECT id, delivery, event FROM run WHERE leader = ?1 AND state = 'batched' ORDER BY id";
    CLOSE_BATCH = "UPDATE run SET state = ?2, error = ?3, finished_at = ?4, output = ?5
        WHERE leader = ?1 AND state = 'batched' RETURNING id";
    /// A run that leaves its batch does not come back with it.
    REFUSE_MEMBER = "UPDATE run SET state = 'invalid_payload', error = ?3, finished_at = ?4, leader = NULL
        WHERE id = ?1 AND leader = ?2 AND state = 'batched' RETURNING hooks";
    FIRST_OF_BATCH = "SELECT id FROM run WHERE leader = ?1 AND state = 'batched' ORDER BY id LIMIT 1";
    LEAD_BATCH = "UPDATE run SET state = 'queued', leader = NULL, due_at = ?2 WHERE id = ?1";
    HAND_ON_BATCH = "UPDATE run SET leader = ?2 WHERE leader = ?1 AND state = 'batched'";
    REFUSE_LEADER = "UPDATE run SET state = 'invalid_payload', error = ?2, finished_at = ?3, owner = NULL
        WHERE id = ?1";
    REQUEUE_LEADER = "UPDATE run SET state = 'queued', due_at = ?2, owner = NULL WHERE id = ?1";
    REOPEN_BATCH = "UPDATE run SET state = 'batched', error = NULL, finished_at = NULL, output = NULL
        WHERE leader = ?1 AND state IN ('done', 'failed', 'invalid_payload', 'crashed')";
    FLOW_OF_RUN = "SELECT flow, leader FROM run WHERE id = ?1";

    INSERT_LANE = "INSERT INTO lane (sort, name, key, most, span, held, since) VALUES (?1, ?2, ?3, ?4, ?5, 0, 0)
        ON CONFLICT (sort, name, key) DO UPDATE SET most = excluded.most, span = excluded.span
        RETURNING id, sort, most, span, held, leader, since, opens_at";
    LANE = "SELECT id, sort, most, span, held, leader, since, opens_at FROM lane
        WHERE sort = ?1 AND name = ?2 AND key = ?3";
    SAVE_LANE = "UPDATE lane SET held = ?2, leader = ?3, since = ?4, opens_at = ?5 WHERE id = ?1";
    DROP_EMPTY_LANE = "DELETE FROM lane WHERE id = ?1
        AND NOT EXISTS (SELECT 1 FROM lane_entry WHERE lane_entry.lane = lane.id)";
    DROP_STARTS = "DELETE FROM lane_start WHERE lane = ?1";
    LIMIT_LANES = "UPDATE lane SET most = ?3, span = ?4
        WHERE sort = ?1 AND name = ?2 AND (most <> ?3 OR span <> ?4)
        RETURNING id, sort, most, span, held, leader, since, opens_at";
    OPENING_LANES = "SELECT id, sort, most, span, held, leader, since, opens_at FROM lane WHERE opens_at <= ?1";
    ENTER_LANE = "INSERT INTO lane_entry (lane, run, rank, hold) VALUES (?1, ?2, ?3, ?4)";
    ENTRIES_OF_RUN = "SELECT l.id, l.sort, l.most, l.span, l.held, l.leader, l.since, l.opens_at, e.hold
        FROM lane_entry e JOIN lane l ON l.id = e.lane WHERE e.run = ?1 ORDER BY e.place";
    SET_HOLD = "UPDATE lane_entry SET hold = ?3 WHERE run = ?1 AND lane = ?2";
    LEAVE_LANE = "DELETE FROM lane_entry WHERE run = ?1 AND lane = ?2";
    BLOCKED_RUN = "SELECT run FROM lane_entry WHERE lane = ?1 AND hold = 2 ORDER BY rank, place LIMIT 1";
    RUNS_IN_LANE = "SELECT run FROM lane_entry WHERE lane = ?1";
    NOTE_START = "INSERT INTO lane_start (lane, n, at) VALUES (?1, ?2, ?3)";
    FORGET_STARTS = "DELETE FROM lane_start WHERE lane = ?1 AND n <= ?2";
    START_OF_LANE = "SELECT at FROM lane_start WHERE lane = ?1 AND n = ?2";
    BLOCK_RUN = "UPDATE run SET state = 'blocked' WHERE id = ?1";
    UNBLOCK_RUN = "UPDATE run SET state = 'queued' WHERE id = ?1 AND state = 'blocked'";
    HASTEN_RUN = "UPDATE run SET due_at = min(due_at, ?2) WHERE id = ?1 AND attempt = 0";
    SUPERSEDE_RUN = "UPDATE run SET state = 'superseded', finished_at = ?2, error = ?3, owner = NULL WHERE id = ?1";

    HELD_RUN = "SELECT failures, crashes, tries, flow IS NOT NULL, hooks FROM run
        WHERE id = ?1 AND token = ?2 AND attempt = ?3 AND owner = ?4 AND state = 'running'";
    COUNT_PROGRESS = "UPDATE run SET failures = 0, crashes = 0 WHERE id = ?1";
    /// What is recorded stays as it is; a failure that ended an execution is none.
    INSERT_STEP = "INSERT INTO step (run, key, kind, seq, state, output, attempt, failures, started_at,
            finished_at, event, about)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
        ON CONFLICT (run, key) DO UPDATE SET kind = excluded.kind, seq = excluded.seq, state = excluded.state,
            output = excluded.output, attempt = excluded.attempt, failures = excluded.failures,
            started_at = excluded.started_at, finished_at = excluded.finished_at, about = excluded.about
        WHERE step.state = 'failing'";
    /// A step that is new, of a run that is held and has no failures. `OR FAIL`, because an
    /// insert from a query keeps each page aside where it could be undone in part.
    RECORD_STEP = "INSERT OR FAIL INTO step (run, key, kind, seq, state, output, attempt, failures, started_at,
            finished_at, event, about)
        SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12 FROM run
        WHERE id = ?1 AND token = ?13 AND attempt = ?14 AND owner = ?15 AND state = 'running'
            AND failures = 0 AND crashes = 0
        ON CONFLICT (run, key) DO NOTHING";
    STEP_BY_KEY = "SELECT key, kind, seq, state, output, attempt, failures, started_at, finished_at, event, about
        FROM step WHERE run = ?1 AND key = ?2";
    INSERT_WAIT = "INSERT INTO wait (run, key, n, kind, due_at, opened_at, source, filter, event, call)
        VALUES (?1, ?2, (SELECT coalesce(max(n), 0) + 1 FROM wait WHERE run = ?1), ?3, ?4, ?5, ?6, ?7, ?8, ?9)
        ON CONFLICT (run, key) DO UPDATE SET n = excluded.n, kind = excluded.kind, due_at = excluded.due_at,
            opened_at = excluded.opened_at, source = excluded.source, filter = excluded.filter,
            event = excluded.event, call = excluded.call, ended_at = NULL, output = NULL, ended_by = NULL,
            failed = 0
        WHERE excluded.kind <> 'request'";
    /// The end of the run concerns waits.
    NOTE_WAIT = "UPDATE run SET hooks = hooks | 8 WHERE id = ?1 AND hooks & 8 = 0";
    INSERT_WAIT_EVENT = "INSERT INTO wait_event (name, run, key) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
    INSERT_WAIT_TOKEN = "INSERT INTO wait_token (hash, run, key) VALUES (?1, ?2, ?3)";
    /// Events that ended no wait of the run, in the order in which they were sent.
    EVENTS_BEFORE_WAIT = "SELECT id, name, source, key, payload, context, properties, at, due_at, state,
            delivery, sender, test, job FROM event
        WHERE name = ?2 AND n > (SELECT after_event FROM run WHERE id = ?1)
            AND NOT EXISTS (SELECT 1 FROM step WHERE run = ?1 AND step.event = event.id)
            AND NOT EXISTS (SELECT 1 FROM wait WHERE run = ?1 AND wait.ended_by = event.id)
        ORDER BY n";
    NEXT_EVENT = "UPDATE setting SET value = value + 1 WHERE name = 'events'";
    LAST_EVENT = "SELECT value FROM setting WHERE name = 'events'";
    /// The waits of each run together, in the order in which they were opened.
    IS_AWAITED = "SELECT 1 FROM wait_event WHERE name = ?1";
    WAITS_FOR_EVENT = "SELECT wait.run, wait.key, wait.source, wait.filter, run.state
        FROM wait_event JOIN wait ON wait.run = wait_event.run AND wait.key = wait_event.key
            JOIN run ON run.id = wait.run
        WHERE wait_event.name = ?1 AND wait.ended_at IS NULL AND wait.due_at > ?2
        ORDER BY wait.run, wait.n";
    WAIT_OF_TOKEN = "SELECT run, key FROM wait_token WHERE hash = ?1";
    OPEN_WAIT = "SELECT run.state FROM wait JOIN run ON run.id = wait.run
        WHERE wait.run = ?1 AND wait.key = ?2 AND wait.ended_at IS NULL AND wait.due_at > ?3";
    END_WAIT = "UPDATE wait SET ended_at = ?3, output = ?4, ended_by = ?5, failed = ?6 WHERE run = ?1 AND key = ?2";
    WAKE_RUN = "UPDATE run SET state = 'queued', due_at = ?2 WHERE id = ?1 AND state = 'waiting'";
    WAIT_BY_KEY = "SELECT key, kind, due_at, opened_at, ended_at, output, ended_by, event, failed, call,
            filter FROM wait
        WHERE run = ?1 AND key = ?2";
    WAITS_OF_RUN = "SELECT key, kind, due_at, opened_at, ended_at, output, ended_by, event, failed, call,
            filter FROM wait
        WHERE run = ?1 ORDER BY n";
    /// Asked before the waits themselves, because few runs have any, and those are sorted.
    HAS_WAITS = "SELECT 1 FROM wait WHERE run = ?1";
    IS_WAITED_FOR = "SELECT 1 FROM wait WHERE call = (SELECT event FROM run WHERE id = ?1)";
    /// The waits for the run of a call.
    WAITS_FOR_CALL = "SELECT wait.run, wait.key, run.state FROM wait JOIN run ON run.id = wait.run
        WHERE wait.call = ?1 AND wait.ended_at IS NULL AND wait.due_at > ?2 ORDER BY wait.run";
    RUN_OF_CALL = "SELECT id FROM run
        WHERE hooks & 4 AND ((id = ?1 AND event = id) OR (event = ?1 AND event <> id))";
    ENDED_RUN = "SELECT event, job, state, error, output FROM run
        WHERE id = ?1 AND finished_at IS NOT NULL AND hooks & 4";
    /// The calls that a run made itself and waits for.
    CALLS_OF_RUN = "SELECT wait.call FROM wait JOIN event ON event.id = wait.call
        WHERE wait.run = ?1 AND wait.ended_at IS NULL AND event.sender = ?1";
    OUTPUT_OF_RUN = "SELECT output FROM run WHERE id = ?1";
    /// Those that are recorded, and those whose outcome the run has not taken yet.
    WAITS_ENDED_BY = "SELECT run, key FROM step WHERE event = ?1
        UNION ALL SELECT run, key FROM wait WHERE ended_by = ?1";
    VALUE_BY_KEY = "SELECT value, by FROM value
        WHERE scope = ?1 AND key = ?2 AND (expires_at IS NULL OR expires_at > ?3)";
    PUT_VALUE = "INSERT INTO value (scope, key, value, by, expires_at) VALUES (?1, ?2, ?3, ?4, ?5)
        ON CONFLICT (scope, key) DO UPDATE SET value = excluded.value, by = excluded.by,
            expires_at = excluded.expires_at";
    DROP_VALUE = "DELETE FROM value WHERE scope = ?1 AND key = ?2";
    DROP_VALUES = "DELETE FROM value WHERE (scope, key) IN (
        SELECT scope, key FROM value WHERE expires_at <= ?1 LIMIT ?2)";
    DROP_RUN_VALUES = "DELETE FROM value WHERE scope IN (
        SELECT 'run:' || lower(hex(id)) FROM run WHERE delivery = ?1)";
    DROP_RUN_VALUES_OF_EVENT = "DELETE FROM value WHERE scope IN (
        SELECT 'run:' || lower(hex(id)) FROM run
        WHERE (id = ?1 AND event = id) OR (event = ?1 AND event <> id))";
    DROP_WAIT = "DELETE FROM wait WHERE run = ?1 AND key = ?2";
    DROP_WAITS_OF_RUN = "DELETE FROM wait WHERE run = ?1";
    DROP_WAIT_EVENTS = "DELETE FROM wait_event WHERE run = ?1 AND key = ?2";
    DROP_WAIT_EVENTS_OF_RUN = "DELETE FROM wait_event WHERE run = ?1";
    CLOSE_RUN = "UPDATE run SET state = ?2, failures = ?3, error = coalesce(?4, error),
            due_at = coalesce(?5, due_at), finished_at = ?6, output = ?7, owner = NULL
        WHERE id = ?1";
    /// The end of a run that is done, where it concerns nobody else: no lane, no hook, no wait,
    /// neither its own nor for its end.
    END_RUN = "UPDATE run SET state = 'done', finished_at = ?5, output = ?6, owner = NULL
        WHERE id = ?1 AND token = ?2 AND attempt = ?3 AND owner = ?4 AND state = 'running'
            AND failures = 0 AND flow IS NULL AND hooks & 9 = 0";
    RELEASE_RUN = "UPDATE run SET state = 'queued', due_at = ?5, owner = NULL
        WHERE id = ?1 AND token = ?2 AND attempt = ?3 AND owner = ?4 AND state = 'running'";

    INSERT_LOG = "INSERT INTO log (run, n, attempt, at, level, message, data)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    INSERT_TRACE = "INSERT INTO request (id, endpoint, at, outcome, status, reason, method, target, body,
            body_len, delivery, replay_of, headers)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";
    DROP_TRACES = "DELETE FROM request WHERE n <= ?1";

    /// The oldest deliveries first, so that the caller can stop at those that are too young.
    OLD_DELIVERIES = "SELECT place, received_at >= ?2,
            (key_until IS NULL OR key_until <= ?3) AND NOT EXISTS (
                SELECT 1 FROM run WHERE run.delivery = delivery.id
                AND (run.finished_at IS NULL OR run.finished_at >= ?2))
        FROM delivery WHERE place > ?1 ORDER BY place";
    PRUNABLE_DELIVERY = "SELECT id FROM delivery WHERE place = ?1 AND received_at < ?2
        AND (key_until IS NULL OR key_until <= ?3) AND NOT EXISTS (
            SELECT 1 FROM run WHERE run.delivery = delivery.id
            AND (run.finished_at IS NULL OR run.finished_at >= ?2))";
    DROP_FAILURE = "DELETE FROM step WHERE run = ?1 AND state = 'failed'
        AND (key = ?2 OR substr(key, 1, length(?2) + 1) = ?2 || '/')";
    OLD_EVENTS = "SELECT place, coalesce(due_at, at) >= ?2,
            state <> 'pending' AND NOT EXISTS (
                SELECT 1 FROM run
                WHERE ((run.id = event.id AND run.event = run.id) OR (run.event = event.id AND run.event <> run.id))
                    AND (run.finished_at IS NULL OR run.finished_at >= ?2))
        FROM event WHERE place > ?1 ORDER BY place";
    PRUNABLE_EVENT = "SELECT id FROM event WHERE place = ?1 AND coalesce(due_at, at) < ?2
        AND state <> 'pending' AND NOT EXISTS (
            SELECT 1 FROM run
            WHERE ((run.id = event.id AND run.event = run.id) OR (run.event = event.id AND run.event <> run.id))
                AND (run.finished_at IS NULL OR run.finished_at >= ?2))";
    /// Of calls that are kept with their runs: those whose ids are of an earlier time, none of which is too young.
    OLD_CALLS = "SELECT id, 0, finished_at IS NOT NULL AND finished_at < ?2 AND NOT EXISTS (
                SELECT 1 FROM run AS other WHERE other.event = run.id AND other.event <> other.id
                AND (other.finished_at IS NULL OR other.finished_at >= ?2))
        FROM run WHERE plain = 1 AND id > ?1 AND id < ?3 ORDER BY id";
    PRUNABLE_CALL = "SELECT id FROM run WHERE id = ?1 AND id < ?3 AND plain = 1
        AND finished_at < ?2 AND NOT EXISTS (
            SELECT 1 FROM run AS other WHERE other.event = run.id AND other.event <> other.id
            AND (other.finished_at IS NULL OR other.finished_at >= ?2))";
    DROP_STEPS = "DELETE FROM step WHERE run IN (SELECT id FROM run WHERE delivery = ?1)";
    DROP_LOGS = "DELETE FROM log WHERE run IN (SELECT id FROM run WHERE delivery = ?1)";
    DROP_TOKENS = "DELETE FROM wait_token WHERE run IN (SELECT id FROM run WHERE delivery = ?1)";
    DROP_TOKENS_OF_EVENT = "DELETE FROM wait_token WHERE run IN (
        SELECT id FROM run WHERE (id = ?1 AND event = id) OR (event = ?1 AND event <> id))";
    DROP_BY_JOB = "DELETE FROM job_run WHERE (job, plain, id) IN (
        SELECT job, ifnull(plain, 0), id FROM run WHERE delivery = ?1)";
    DROP_RUNS = "DELETE FROM run WHERE delivery = ?1";
    DROP_DELIVERY = "DELETE FROM delivery WHERE id = ?1";
    DROP_STEPS_OF_EVENT = "DELETE FROM step WHERE run IN (
        SELECT id FROM run WHERE (id = ?1 AND event = id) OR (event = ?1 AND event <> id))";
    DROP_LOGS_OF_EVENT = "DELETE FROM log WHERE run IN (
        SELECT id FROM run WHERE (id = ?1 AND event = id) OR (event = ?1 AND event <> id))";
    DROP_BY_JOB_OF_EVENT = "DELETE FROM job_run WHERE (job, plain, id) IN (
        SELECT job, ifnull(plain, 0), id FROM run WHERE (id = ?1 AND event = id) OR (event = ?1 AND event <> id))";
    DROP_RUNS_OF_EVENT = "DELETE FROM run
        WHERE (id = ?1 AND event = id) OR (event = ?1 AND event <> id)";
    DROP_EVENT = "DELETE FROM event WHERE id = ?1";
    EXPIRED_KEYS = "SELECT endpoint, key FROM dedupe
        WHERE (endpoint, key) > (?1, ?2) AND expires_at <= ?3 ORDER BY endpoint, key LIMIT ?4";
    DROP_KEY = "DELETE FROM dedupe WHERE endpoint = ?1 AND key = ?2 AND expires_at <= ?3";

    DELIVERY_BY_ID = "SELECT id, endpoint, outcome, received_at, provider_id, secret_index, verdicts,
            method, target, public_url, headers, body, answer_status, answer_type, answer_body, replay_of
        FROM delivery WHERE id = ?1";
    NEWEST_DELIVERIES = "SELECT id, endpoint, outcome, received_at, provider_id, secret_index, verdicts,
            method, target, public_url, headers, body, answer_status, answer_type, answer_body, replay_of
        FROM delivery ORDER BY place DESC LIMIT ?1";
    LAST_USE = "SELECT max(received_at) FROM delivery
        WHERE endpoint = ?1 AND secret_index = ?2 AND secret_index > 0";
    RUNS_BY_ID = "SELECT id, delivery, event, job, version, state, attempt, failures, crashes, due_at, error,
            created_at, finished_at FROM run
        WHERE id = ?1 AND (?2 IS NULL OR delivery = ?2) AND (?3 IS NULL OR event = ?3) AND (?4 IS NULL OR job = ?4)
            AND (?5 IS NULL OR state = ?5) LIMIT ?6";
    RUNS_BY_DELIVERY = "SELECT id, delivery, event, job, version, state, attempt, failures, crashes, due_at, error,
            created_at, finished_at FROM run
        WHERE ?1 IS NULL AND ?3 IS NULL AND delivery = ?2 AND (?4 IS NULL OR job = ?4)
            AND (?5 IS NULL OR state = ?5) ORDER BY id DESC LIMIT ?6";
    RUNS_BY_EVENT = "SELECT id, delivery, event, job, version, state, attempt, failures, crashes, due_at, error,
            created_at, finished_at FROM run
        WHERE ?1 IS NULL AND ?2 IS NULL AND ((id = ?3 AND event = id) OR (event = ?3 AND event <> id))
            AND (?4 IS NULL OR job = ?4) AND (?5 IS NULL OR state = ?5) ORDER BY id DESC LIMIT ?6";
    NEWEST_RUNS = "SELECT id, delivery, event, job, version, state, attempt, failures, crashes, due_at, error,
            created_at, finished_at FROM run
        WHERE ?1 IS NULL AND ?2 IS NULL AND ?3 IS NULL AND (?4 IS NULL OR job = ?4)
            AND (?5 IS NULL OR state = ?5) ORDER BY id DESC LIMIT ?6";
    STEPS_OF_RUN = "SELECT key, kind, seq, state, output, attempt, failures, started_at, finished_at, event, about
        FROM step WHERE run = ?1 ORDER BY seq";
    LOGS_OF_RUN = "SELECT run, attempt, at, level, message, data FROM log WHERE run = ?1 ORDER BY n";
    NEWEST_TRACES = "SELECT id, endpoint, at, outcome, status, reason, method, target, body, body_len,
            delivery, replay_of, headers FROM request ORDER BY n DESC LIMIT ?1";
    TRACE_BY_ID = "SELECT id, endpoint, at, outcome, status, reason, method, target, body, body_len,
            delivery, replay_of, headers FROM request WHERE id = ?1";

    /// The body is read only where a text is looked for. Of traces, which are few,
    /// the index tells those that are wanted, so that the others are not read.
    DELIVERY_ROWS = "SELECT id, endpoint, received_at, outcome, answer_status, method, target, verdicts,
            provider_id, length(body), replay_of, CASE WHEN ?3 THEN body END
        FROM delivery WHERE id >= ?1 AND id < ?2 ORDER BY id DESC";
    DELIVERY_ROWS_OF_ENDPOINT = "SELECT id, endpoint, received_at, outcome, answer_status, method, target,
            verdicts, provider_id, length(body), replay_of, CASE WHEN ?3 THEN body END
        FROM delivery WHERE endpoint = ?4 AND id >= ?1 AND id < ?2 ORDER BY id DESC";
    TRACE_ROWS = "SELECT id, endpoint, at, outcome, status, method, target, reason, delivery, body_len,
            replay_of, CASE WHEN ?3 THEN body END
        FROM request WHERE id >= ?1 AND id < ?2 AND (?4 IS NULL OR endpoint = ?4)
            AND (?5 IS NULL OR outcome = ?5) ORDER BY id DESC";
    RUN_ROWS = "SELECT id, delivery, event, job, version, state, attempt, failures, crashes, due_at, error,
            created_at, finished_at FROM run WHERE id >= ?1 AND id < ?2 ORDER BY id DESC";
    /// `job_run` has the calls of a job apart.
    RUN_ROWS_OF_JOB = "SELECT job_run.id, delivery, event, run.job, version, state, attempt, failures, crashes,
            due_at, error, created_at, finished_at FROM job_run CROSS JOIN run ON run.id = job_run.id
        WHERE job_run.job = ?3 AND job_run.plain = 0 AND job_run.id >= ?1 AND job_run.id < ?2
        UNION ALL SELECT job_run.id, delivery, event, run.job, version, state, attempt, failures, crashes,
            due_at, error, created_at, finished_at FROM job_run CROSS JOIN run ON run.id = job_run.id
        WHERE job_run.job = ?3 AND job_run.plain = 1 AND job_run.id >= ?1 AND job_run.id < ?2
        ORDER BY 1 DESC";
    FAILED_RUNS = "SELECT id, job, state FROM run
        WHERE finished_at IS NOT NULL AND state <> 'done'
            AND (state = 'failed' OR state = 'invalid_payload' OR state = 'crashed')
            AND id >= ?1 AND id < ?2
        ORDER BY id DESC";
    RUN_BY_ID = "SELECT id, delivery, event, job, version, state, attempt, failures, crashes, due_at, error,
            created_at, finished_at FROM run WHERE id = ?1";
    COUNT_DELIVERIES = "SELECT id, endpoint, outcome FROM delivery
        WHERE endpoint = ?4 AND id > ?1 AND id < ?2 ORDER BY id LIMIT ?3";
    COUNT_TRACES = "SELECT id, endpoint, outcome FROM request WHERE id > ?1 AND id < ?2 ORDER BY id LIMIT ?3";
    COUNT_RUNS = "SELECT id, job FROM job_run WHERE job = ?4 AND plain = 0 AND id > ?1 AND id < ?2
        UNION ALL SELECT id, job FROM job_run WHERE job = ?4 AND plain = 1 AND id > ?1 AND id < ?2
        ORDER BY id LIMIT ?3";
    COUNT_FAILURES = "SELECT id, job FROM run
        WHERE finished_at IS NOT NULL AND state <> 'done'
            AND (state = 'failed' OR state = 'invalid_payload' OR state = 'crashed')
            AND id > ?1 AND id < ?2 ORDER BY id LIMIT ?3";

    RETRIABLE_RUN = "SELECT 1 FROM run WHERE id = ?1
        AND state IN ('done', 'failed', 'invalid_payload', 'crashed', 'cancelled', 'superseded', 'parked')";
    RETRY_RUN = "UPDATE run SET state = 'queued', failures = 0, crashes = 0, due_at = ?2, finished_at = NULL, leader = NULL,
            output = NULL, token = token + 1, owner = NULL WHERE id = ?1";
    STEP_PLACE = "SELECT seq FROM step WHERE run = ?1 AND key = ?2";
    DROP_FAILURES = "DELETE FROM step WHERE run = ?1 AND state IN ('failed', 'failing')";
    DROP_STEPS_FROM = "DELETE FROM step WHERE run = ?1
        AND (seq >= ?2 OR substr(key, 1, length(?3) + 1) = ?3 || '/')";
    UNFINISHED_RUN = "SELECT state, hooks FROM run WHERE id = ?1 AND finished_at IS NULL";
    CANCEL_RUN = "UPDATE run SET state = 'cancelled', finished_at = ?2, token = token + 1, owner = NULL
        WHERE id = ?1 RETURNING token";
    SET = "INSERT INTO setting (name, value) VALUES (?1, ?2)
        ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    UNSET = "DELETE FROM setting WHERE name = ?1";
    SETTINGS = "SELECT name, value FROM setting WHERE substr(name, 1, length(?1)) = ?1 ORDER BY name";

    INSERT_SECRET = "INSERT INTO secret (owner, version, sealed, made_at) VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT (owner, version) DO NOTHING";
    LIMIT_SECRETS = "UPDATE secret SET valid_until = min(coalesce(valid_until, ?3), ?3)
        WHERE owner = ?1 AND version <> ?2";
    DROP_OLD_SECRETS = "DELETE FROM secret WHERE owner = ?1 AND valid_until <= ?2";
    SECRETS_OF = "SELECT version, sealed, made_at, valid_until FROM secret
        WHERE owner = ?1 ORDER BY version DESC";
    RESEAL_SECRET = "UPDATE secret SET sealed = ?3 WHERE owner = ?1 AND version = ?2";

    KEEP_SOURCE = "INSERT INTO source (address, source, version, instance, params, url, events, data, metadata,
            revision, registered_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
        ON CONFLICT (address) DO UPDATE SET source = excluded.source, version = excluded.version,
            instance = excluded.instance, params = excluded.params, url = excluded.url,
            events = excluded.events, data = excluded.data, registered_at = excluded.registered_at";
    REVISION_OF_SOURCE = "SELECT revision FROM source WHERE address = ?1";
    NOTE_SOURCE = "UPDATE source SET metadata = ?2, revision = revision + 1 WHERE address = ?1";
    DROP_SOURCE = "DELETE FROM source WHERE address = ?1";
    DROP_SECRETS = "DELETE FROM secret WHERE owner = ?1";
    ALL_SOURCES = "SELECT address, source, version, instance, params, url, events, data, metadata,
            revision, registered_at FROM source ORDER BY address";

    RAISE_OWNER = "INSERT INTO setting (name, value) VALUES ('owner', 1)
        ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value";
    ORPHANED_RUNS = "SELECT id, state, crashes, tries, flow IS NOT NULL, hooks FROM run
        WHERE finished_at IS NULL AND hooks & 16 = 0 AND (state = 'running' OR state = 'parked')
        UNION ALL SELECT id, state, crashes, tries, flow IS NOT NULL, hooks FROM run
        WHERE id >= ?1 AND finished_at IS NULL AND hooks & 16 AND (state = 'running' OR state = 'parked')";
    BY_JOB_FROM = "SELECT value FROM setting WHERE name = 'by job from'";
    LIST_BY_JOB = "INSERT OR IGNORE INTO job_run (job, plain, id)
        SELECT job, ifnull(plain, 0), id FROM run WHERE id >= ?1 AND id < ?2";
    LIST_ONE_BY_JOB = "INSERT OR IGNORE INTO job_run (job, plain, id)
        SELECT job, ifnull(plain, 0), id FROM run WHERE id = ?1";
    UNLISTED_FROM = "SELECT value FROM setting WHERE name = 'unlisted from'";
    /// Lists what has not ended of runs that are not listed.
    LIST_RUNS = "UPDATE run SET hooks = hooks & ~16
        WHERE id >= ?1 AND id < ?2 AND finished_at IS NULL AND hooks & 16";
    REQUEUE_RUN = "UPDATE run SET state = 'queued', crashes = ?2, due_at = ?3, owner = NULL WHERE id = ?1";
    CRASH_RUN = "UPDATE run SET state = 'crashed', crashes = ?2, finished_at = ?3, error = ?4, owner = NULL
        WHERE id = ?1";
}
