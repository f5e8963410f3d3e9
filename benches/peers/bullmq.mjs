// BullMQ in one process with its producers, as an app would embed it.
// REDIS_URL, JOBS (drain), SECONDS, PRODUCERS. Prints one line of JSON.
import { Queue, Worker } from "bullmq";
import { Redis } from "ioredis";
import { env, setting, pickup, closed, print } from "./measure.mjs";

const connection = () => new Redis(env("REDIS_URL"), { maxRetriesPerRequest: null });
const { jobs } = setting;
const options = { removeOnComplete: true };
const queue = new Queue("noop", { connection: connection() });
for (let added = 0; added < jobs; added += 1000) {
  const some = Math.min(1000, jobs - added);
  await queue.addBulk(Array.from({ length: some }, () => ({ name: "noop", data: {}, opts: options })));
}

let began = () => {};
let left = jobs;
const drained = new Promise((resolve) => {
  began = () => --left === 0 && resolve();
});
const start = performance.now();
const worker = new Worker("noop", async (job) => began(job.data), { connection: connection(), concurrency: 50 });
await drained;
const drain = jobs / ((performance.now() - start) / 1000);

const add = (data) => queue.add("noop", data, options);
const each = (notify) => (began = notify);
const latencies = await pickup(add, each);
const perSecond = await closed(add, each);
print({ peer: "BullMQ", drain, perSecond, ...latencies });
await worker.close();
await queue.close();
process.exit(0);
