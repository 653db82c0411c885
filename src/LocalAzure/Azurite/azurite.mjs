// Serves Azurite's tables, those of each folder on a port of their own. A line of the input is ["open", folder, certificate, key] or ["close", folder];
// a line of the output that begins with "answer " is ["opened", folder, address], ["closed", folder, ""] or ["failed", folder, why].
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import Configuration from './node_modules/azurite/dist/src/table/TableConfiguration.js';
import Server from './node_modules/azurite/dist/src/table/TableServer.js';
import { AzuriteTelemetryClient } from './node_modules/azurite/dist/src/common/Telemetry.js';

const secondsToKeepAlive = 5;
const servers = new Map();

async function answer(verb, folder, certificate, key) {
  if (verb === 'close') {
    const server = servers.get(folder);
    servers.delete(folder);
    await server.close();
    return ['closed', folder, ''];
  }
  // Neither debug log nor access log, any API version, OAuth.
  const server = new Server.default(new Configuration.default(
    '127.0.0.1', 0, secondsToKeepAlive, join(folder, '__azurite_db_table__.json'), false, false, undefined, undefined, false, true, certificate, key, '', 'basic'));
  await server.start();
  servers.set(folder, server);
  return ['opened', folder, server.getHttpServerAddress()];
}

AzuriteTelemetryClient.init('', false, {});
const input = createInterface({ input: process.stdin });
input.on('line', async line => {
  const request = JSON.parse(line);
  console.log(`answer ${JSON.stringify(await answer(...request).catch(error => ['failed', request[1], error.message]))}`);
});

// The other end of the input closes however its process ends, a kill -9 included.
input.on('close', async () => {
  setTimeout(() => process.exit(0), 2000).unref();
  await Promise.allSettled([...servers.values()].map(server => server.close()));
  process.exit(0);
});

// Ctrl-C is for whoever started it, who then closes the input.
process.on('SIGINT', () => {});
