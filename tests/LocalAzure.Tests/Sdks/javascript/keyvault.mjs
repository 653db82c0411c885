// Every operation of SecretClient.
import assert from 'node:assert/strict';
import { SecretClient } from '@azure/keyvault-secrets';
import { credential, endpoints } from './local.mjs';
import { ok, report } from './session.mjs';

const secrets = new SecretClient(endpoints.keyVault, credential, { disableChallengeResourceVerification: true });
const first = await ok(secrets, 'setSecret', 'js-one', 'first');
await ok(secrets, 'setSecret', 'js-one', 'second');
assert.equal((await ok(secrets, 'getSecret', 'js-one')).value, 'second');
assert.equal((await ok(secrets, 'getSecret', 'js-one', { version: first.properties.version })).value, 'first');
assert.ok((await ok(secrets, 'listPropertiesOfSecrets')).some((found) => found.name === 'js-one'));
assert.equal((await ok(secrets, 'listPropertiesOfSecretVersions', 'js-one')).length, 2);
const updated = await ok(secrets, 'updateSecretProperties', 'js-one', first.properties.version, { contentType: 'text/plain', tags: { team: 'platform' } });
assert.deepEqual([updated.contentType, updated.tags], ['text/plain', { team: 'platform' }]);

const backup = await ok(secrets, 'backupSecret', 'js-one');
await (await ok(secrets, 'beginDeleteSecret', 'js-one', { intervalInMs: 1 })).pollUntilDone();
assert.ok((await ok(secrets, 'getDeletedSecret', 'js-one')).scheduledPurgeDate);
assert.ok((await ok(secrets, 'listDeletedSecrets')).some((found) => found.name === 'js-one'));
const recovered = await (await ok(secrets, 'beginRecoverDeletedSecret', 'js-one', { intervalInMs: 1 })).pollUntilDone();
assert.equal(recovered.name, 'js-one');

await (await secrets.beginDeleteSecret('js-one', { intervalInMs: 1 })).pollUntilDone();
await ok(secrets, 'purgeDeletedSecret', 'js-one');
assert.equal((await ok(secrets, 'restoreSecretBackup', backup)).name, 'js-one');
assert.equal((await secrets.getSecret('js-one')).value, 'second');
report();
