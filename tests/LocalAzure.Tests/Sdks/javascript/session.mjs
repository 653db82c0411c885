// Calls operations of SDK clients and keeps which were called and which LocalAzure refused as not implemented.
import assert from 'node:assert/strict';

const operations = new Set();
const refusals = [];

/** Calls an operation that succeeds, or one that sends nothing, and returns its answer; reads a list to its end. */
export async function ok(client, method, ...args) {
  const answer = call(client, method, args);
  return answer?.[Symbol.asyncIterator] && !answer.then ? all(answer) : await answer;
}

/** Calls an operation whose answers have no end: whoever reads them breaks off. */
export function endless(client, method, ...args) {
  return call(client, method, args);
}

/** Calls an operation that LocalAzure refuses with 501, naming the feature. */
export async function refused(feature, client, method, ...args) {
  let refusal;
  try {
    const answer = await call(client, method, args);
    if (answer?.fetchNext) await answer.fetchNext();
  } catch (error) {
    refusal = error;
  }
  const what = `${nameOf(client)}.${method}`;
  assert.ok(refusal, `${what} was not refused`);
  const said = `${refusal.message} ${JSON.stringify(refusal.body ?? '')}`;
  assert.ok(said.includes(`LocalAzure does not implement ${feature}.`), `${what}: ${said}`);
  assert.equal(refusal.code === 'NotImplemented' ? refusal.statusCode ?? 501 : refusal.statusCode ?? refusal.code, 501, what);
  refusals.push({ feature, operation: what });
}

/** Says what was played, as the test reads it. */
export function report() {
  console.log(JSON.stringify({ operations: [...operations].sort(), refusals }));
}

function call(client, method, args) {
  operations.add(`${nameOf(client)}.${method}`);
  return client[method](...args);
}

async function all(pages) {
  const items = [];
  for await (const item of pages) items.push(item);
  return items;
}

function nameOf(client) {
  return client.constructor.name;
}
