// What is measured of every peer.

export const env = (name) => {
  const value = process.env[name];
  if (!value) throw new Error(`set ${name}`);
  return value;
};

export const setting = {
  jobs: Number(process.env.JOBS ?? 20000),
  seconds: Number(process.env.SECONDS ?? 2),
  producers: Number(process.env.PRODUCERS ?? 64),
  batched: process.env.BATCHED === "1",
};

const after = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

// One job at a time, 5 ms apart: microseconds from the call to the begin of the job.
export const pickup = async (add, each, count = 200) => {
  const took = [];
  each(({ called }) => took.push((performance.now() - called) * 1000));
  await after(500);
  for (let number = 0; number < count; number += 1) {
    await add({ called: performance.now() });
    await after(5);
  }
  while (took.length < count) await after(1);
  took.sort((a, b) => a - b);
  return { p50: took[Math.ceil(count * 0.5) - 1], p99: took[Math.ceil(count * 0.99) - 1] };
};

// Producers that add the next job when the last one is stored: jobs a second until the last one began.
export const closed = async (add, each) => {
  let began = 0;
  each(() => (began += 1));
  const start = performance.now();
  const end = start + setting.seconds * 1000;
  let added = 0;
  const producer = async () => {
    while (performance.now() < end) {
      await add({});
      added += 1;
    }
  };
  await Promise.all(Array.from({ length: setting.producers }, producer));
  while (began < added) await after(1);
  return added / ((performance.now() - start) / 1000);
};

export const print = (figures) => console.log(JSON.stringify(figures));
