// graphile-worker in one process with its producers, as an app would embed it.
// DATABASE_URL, JOBS (drain), SECONDS, PRODUCERS, BATCHED=1 for its batched mode. Prints one line of JSON.
import { Logger, makeWorkerUtils, run } from "graphile-worker";
import { env, setting, pickup, closed, print } from "./measure.mjs";

const connectionString = env("DATABASE_URL");
const logger = new Logger(() => () => {});
const { jobs, batched } = setting;
const worker = batched
  ? { concurrentJobs: 24, localQueue: { size: 500 }, completeJobBatchDelay: 0, failJobBatchDelay: 0 }
  : { concurrentJobs: 24 };
const utils = await makeWorkerUtils({ connectionString, logger });
await utils.migrate();

let began = () => {};
const taskList = { noop: async (payload) => began(payload) };

await utils.withPgClient((client) =>
  client.query(
    `select graphile_worker.add_jobs(array(
       select json_populate_record(null::graphile_worker.job_spec,
         json_build_object('identifier', 'noop', 'payload', '{}'::json))
       from generate_series(1, $1)))`,
    [jobs],
  ),
);
let left = jobs;
const drained = new Promise((resolve) => {
  began = () => --left === 0 && resolve();
});
const start = performance.now();
const runner = await run({
  connectionString,
  taskList,
  logger,
  noHandleSignals: true,
  preset: { worker: { ...worker, maxPoolSize: 20 } },
});
await drained;
const drain = jobs / ((performance.now() - start) / 1000);

const add = (payload) => utils.addJob("noop", payload);
const each = (notify) => (began = notify);
const latencies = await pickup(add, each);
const perSecond = await closed(add, each);
print({ peer: batched ? "graphile-worker, batched" : "graphile-worker", drain, perSecond, ...latencies });
await runner.stop();
await utils.release();
process.exit(0);
