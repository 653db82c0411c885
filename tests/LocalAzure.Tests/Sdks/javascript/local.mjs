// Where LocalAzure is, and tokens of its managed identity.
import { readFileSync } from 'node:fs';

export const endpoints = JSON.parse(readFileSync(process.env.LOCAL_AZURE_ENDPOINTS, 'utf8'));

export const credential = {
  async getToken(scopes) {
    const audience = [scopes].flat()[0].replace('/.default', '');
    const answer = await fetch(`${endpoints.local}/token?audience=${encodeURIComponent(audience)}`);
    const { token, expiresOn } = await answer.json();
    return { token, expiresOnTimestamp: Date.parse(expiresOn) };
  },
};
