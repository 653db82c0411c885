// Makes src/Functions/SignIn/common-passwords.bin: the 30,000 most common passwords of zxcvbn 4.4.2 (npm, MIT licence; counted in Mark Burnett's ten million passwords), each as the
// first six bytes of its SHA-256, in order. Run it where "npm install --no-save zxcvbn@4.4.2" was run:  node common-passwords.mjs <target>
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const lists = createRequire(join(process.cwd(), 'package.json'))('zxcvbn/lib/frequency_lists.js');
const passwords = Array.isArray(lists.passwords) ? lists.passwords : lists.passwords.split(',');
const hashes = passwords.map(password => createHash('sha256').update(password.toLowerCase(), 'utf8').digest().subarray(0, 6)).sort(Buffer.compare);
writeFileSync(process.argv[2], Buffer.concat(hashes));
console.log(`${passwords.length} passwords`);
