// Every operation of @azure/cosmos's clients.
import assert from 'node:assert/strict';
import { ChangeFeedStartFrom, CosmosClient } from '@azure/cosmos';
import { credential, endpoints } from './local.mjs';
import { endless, ok, refused, report } from './session.mjs';

// Over TLS: this SDK sends no token over plain HTTP.
const client = new CosmosClient({ endpoint: endpoints.cosmos.replace('http:', 'https:'), aadCredentials: credential });
const all = async (iterator) => (await ok(iterator, 'fetchAll')).resources;

await account();
const database = await ok(client, 'database', 'js');
const container = await containers();
await items();
await queries();
await changes();
await batches();
await deletion();
await refusals();
await scripts();
await ok(container, 'delete');
await ok(database, 'delete');
await ok(client, 'dispose');
report();

async function account() {
  const { resource } = await ok(client, 'getDatabaseAccount');
  assert.equal(resource.consistencyPolicy, 'Session');
  for (const one of ['getWriteEndpoint', 'getReadEndpoint']) assert.ok((await ok(client, one)).startsWith('https://localhost'));
  // The SDK takes an account on localhost for an emulator, and forgets its regions.
  for (const several of ['getWriteEndpoints', 'getReadEndpoints']) assert.deepEqual(await ok(client, several), []);
  await ok(client.databases, 'create', { id: 'js' });
  assert.equal((await ok(client.databases, 'createIfNotExists', { id: 'js' })).statusCode, 200);
  assert.ok((await all(await ok(client.databases, 'readAll'))).some((found) => found.id === 'js'));
  assert.equal((await all(await ok(client.databases, 'query', "SELECT * FROM d WHERE d.id = 'js'"))).length, 1);
}

async function containers() {
  assert.equal((await ok(database, 'read')).resource.id, 'js');
  assert.equal((await ok(database, 'readOffer')).resource, undefined);
  await ok(database.containers, 'create', { id: 'things', partitionKey: '/pk', throughput: 1000 });
  assert.equal((await ok(database.containers, 'createIfNotExists', { id: 'things', partitionKey: '/pk' })).statusCode, 200);
  assert.deepEqual((await all(await ok(database.containers, 'readAll'))).map((found) => found.id), ['things']);
  assert.equal((await all(await ok(database.containers, 'query', "SELECT * FROM c WHERE c.id = 'things'"))).length, 1);

  const made = await ok(database, 'container', 'things');
  const { resource } = await ok(made, 'read');
  assert.equal((await ok(made, 'replace', { ...resource, defaultTtl: -1 })).resource.defaultTtl, -1);
  assert.deepEqual((await ok(made, 'getPartitionKeyDefinition')).resource.paths, ['/pk']);
  assert.ok((await ok(made, 'getFeedRanges')).length > 0);
  assert.ok((await ok(await ok(made, 'readPartitionKeyRanges'), 'fetchAll')).resources.length > 0);
  await throughput(made);
  return made;
}

async function throughput(made) {
  const { resource } = await ok(made, 'readOffer');
  assert.equal(resource.content.offerThroughput, 1000);
  const offer = await ok(client, 'offer', resource.id);
  assert.equal((await ok(offer, 'read')).resource.content.offerThroughput, 1000);
  await ok(offer, 'replace', { ...resource, content: { ...resource.content, offerThroughput: 10000 } });
  assert.ok((await all(await ok(client.offers, 'readAll'))).some((found) => found.content.offerThroughput === 10000));
  assert.equal((await all(await ok(client.offers, 'query', `SELECT * FROM o WHERE o.id = '${resource.id}'`))).length, 1);
}

async function items() {
  const created = await ok(container.items, 'create', { id: '1', pk: 'a', n: 1 });
  assert.equal(created.statusCode, 201);
  const item = await ok(container, 'item', '1', 'a');
  assert.equal((await ok(item, 'read')).resource.n, 1);
  assert.equal((await ok(item, 'replace', { id: '1', pk: 'a', n: 2 })).resource.n, 2);
  assert.equal((await ok(item, 'patch', [{ op: 'incr', path: '/n', value: 3 }])).resource.n, 5);
  assert.equal((await ok(container.items, 'upsert', { id: '2', pk: 'a', n: 7 })).statusCode, 201);
  assert.equal((await ok(item, 'delete')).statusCode, 204);
  assert.equal((await item.read()).statusCode, 404);
}

async function queries() {
  for (const n of [3, 4, 5]) await container.items.create({ id: `${n}`, pk: n % 2 ? 'a' : 'b', n });
  const sorted = await ok(container.items, 'query', 'SELECT VALUE c.n FROM c ORDER BY c.n DESC', { maxItemCount: 2 });
  const values = [];
  while (await hasMore(sorted)) values.push(...((await ok(sorted, 'fetchNext')).resources ?? []));
  assert.deepEqual(values, [7, 5, 4, 3]);
  await ok(sorted, 'reset');
  const pages = [];
  for await (const page of await ok(sorted, 'getAsyncIterator')) pages.push(...page.resources);
  assert.deepEqual(pages, [7, 5, 4, 3]);
  assert.deepEqual(await all(container.items.query('SELECT VALUE SUM(c.n) FROM c')), [19]);
  assert.equal((await all(await ok(container.items, 'readAll'))).length, 4);
  assert.ok((await ok(container, 'getQueryPlan', 'SELECT * FROM c')).result.queryRanges.length > 0);
}

async function changes() {
  const feed = await ok(container.items, 'getChangeFeedIterator', { changeFeedStartFrom: ChangeFeedStartFrom.Beginning('a'), maxItemCount: 10 });
  assert.deepEqual((await ok(feed, 'readNext')).result.map((item) => item.id), ['2', '3', '5']);
  let seen = 0;
  const again = container.items.getChangeFeedIterator({ changeFeedStartFrom: ChangeFeedStartFrom.Beginning('a') });
  for await (const page of endless(again, 'getAsyncIterator')) {
    if (page.statusCode === 304) break;
    seen += page.result.length;
  }
  assert.equal(seen, 3);
  for (const method of ['readChangeFeed', 'changeFeed']) {
    const older = await ok(container.items, method, 'a', { startFromBeginning: true });
    assert.equal((await ok(older, 'fetchNext')).result.length, 3);
  }
  for await (const page of endless(container.items.changeFeed('a', { startFromBeginning: true }), 'getAsyncIterator')) {
    assert.equal(page.result.length, 3);
    break;
  }
}

async function batches() {
  const create = (id) => ({ operationType: 'Create', partitionKey: 'a', resourceBody: { id, pk: 'a' } });
  const { result } = await ok(container.items, 'batch', [create('b1'), create('b2')], 'a');
  assert.deepEqual(result.map((one) => one.statusCode), [201, 201]);
  assert.deepEqual((await ok(container.items, 'bulk', [create('b3')])).map((one) => one.statusCode), [201]);
  const answers = await ok(container.items, 'executeBulkOperations', [create('b4')]);
  assert.deepEqual(answers.map((one) => one.response.statusCode), [201]);
}

async function deletion() {
  await ok(container, 'deleteAllItemsForPartitionKey', 'a');
  assert.deepEqual(await all(container.items.query('SELECT DISTINCT VALUE c.pk FROM c')), ['b']);
}

async function refusals() {
  await refused('the conflicts feed', container.conflicts, 'query', 'SELECT * FROM c');
  await refused('the conflicts feed', container.conflicts, 'readAll');
  const conflict = await ok(container, 'conflict', 'x', 'a');
  await refused('the conflicts feed', conflict, 'read');
  await refused('the conflicts feed', conflict, 'delete');

  const users = 'users and permissions';
  const user = await ok(database, 'user', 'someone');
  const permission = await ok(user, 'permission', 'reads');
  const reads = { id: 'reads', permissionMode: 'Read', resource: container.url };
  for (const [client_, body] of [[database.users, { id: 'someone' }], [user.permissions, reads]]) {
    await refused(users, client_, 'create', body);
    await refused(users, client_, 'upsert', body);
    await refused(users, client_, 'query', 'SELECT * FROM c');
    await refused(users, client_, 'readAll');
  }
  for (const [client_, body] of [[user, { id: 'someone' }], [permission, reads]]) {
    await refused(users, client_, 'read');
    await refused(users, client_, 'replace', body);
    await refused(users, client_, 'delete');
  }
}

async function scripts() {
  const parts = [
    ['stored procedures', 'storedProcedure', 'storedProcedures', { id: 's', body: 'function () { }' }],
    ['triggers', 'trigger', 'triggers', { id: 's', body: 'function () { }', triggerType: 'Pre', triggerOperation: 'All' }],
    ['user-defined functions', 'userDefinedFunction', 'userDefinedFunctions', { id: 's', body: 'function () { }' }],
  ];
  for (const [feature, one, several, body] of parts) {
    const script = await ok(container.scripts, one, 's');
    await refused(feature, container.scripts[several], 'create', body);
    await refused(feature, container.scripts[several], 'query', 'SELECT * FROM c');
    await refused(feature, container.scripts[several], 'readAll');
    await refused(feature, script, 'read');
    await refused(feature, script, 'replace', body);
    await refused(feature, script, 'delete');
  }
  await refused('stored procedures', container.scripts.storedProcedure('s'), 'execute', 'a');
}

async function hasMore(iterator) {
  return ok(iterator, 'hasMoreResults');
}
