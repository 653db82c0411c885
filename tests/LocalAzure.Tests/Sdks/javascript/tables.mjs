// Every operation of TableServiceClient and TableClient.
import assert from 'node:assert/strict';
import { TableClient, TableServiceClient, TableTransaction, odata } from '@azure/data-tables';
import { credential, endpoints } from './local.mjs';
import { ok, refused, report } from './session.mjs';

const service = new TableServiceClient(endpoints.tables, credential);
await ok(service, 'createTable', 'jstable');
const names = await ok(service, 'listTables', { queryOptions: { filter: odata`TableName eq 'jstable'` } });
assert.deepEqual(names.map((table) => table.name), ['jstable']);
await ok(service, 'deleteTable', 'jstable');
await refused('the properties of the table service', service, 'getProperties');
await refused('the properties of the table service', service, 'setProperties', {});
await refused('the statistics of the table service', service, 'getStatistics');

const table = new TableClient(endpoints.tables, 'jsthings', credential);
await ok(table, 'createTable');
const at = new Date(0);
await ok(table, 'createEntity', { partitionKey: 'p', rowKey: '1', n: 1, at, long: 9223372036854775807n, half: { type: 'Double', value: '0.5' }, bytes: new Uint8Array([1, 2]) });
const read = await ok(table, 'getEntity', 'p', '1');
assert.deepEqual([read.n, read.at, read.long, read.half, [...read.bytes]], [1, at, 9223372036854775807n, 0.5, [1, 2]]);
await ok(table, 'upsertEntity', { partitionKey: 'p', rowKey: '2', n: 2 }, 'Replace');
await ok(table, 'updateEntity', { partitionKey: 'p', rowKey: '1', n: 3 }, 'Merge', { etag: read.etag });
await assert.rejects(table.updateEntity({ partitionKey: 'p', rowKey: '1', n: 4 }, 'Merge', { etag: read.etag }), { statusCode: 412 });
assert.deepEqual((await ok(table, 'listEntities', { queryOptions: { filter: odata`PartitionKey eq 'p'` } })).map((entity) => entity.n), [3, 2]);
await ok(table, 'deleteEntity', 'p', '2');

const transaction = new TableTransaction();
await ok(transaction, 'createEntity', { partitionKey: 'p', rowKey: '3' });
await ok(transaction, 'upsertEntity', { partitionKey: 'p', rowKey: '1', n: 5 }, 'Replace');
await ok(table, 'submitTransaction', transaction.actions);
const second = new TableTransaction();
await ok(second, 'updateEntity', { partitionKey: 'p', rowKey: '1', n: 6 });
await ok(second, 'deleteEntity', 'p', '3');
await ok(table, 'submitTransaction', second.actions);
assert.deepEqual((await ok(table, 'listEntities')).map((entity) => entity.n), [6]);

await refused('stored access policies of tables', table, 'getAccessPolicy');
await refused('stored access policies of tables', table, 'setAccessPolicy', []);
await ok(table, 'deleteTable');
report();
