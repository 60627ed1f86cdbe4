// Opens every vector of docs/spec.md under testdata/ (not golden/ and insomnia/), strictly. node verify.js [part of a file's name]
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Fail, need } from './wire.js';
import * as files from './vectors.js';

const root = fileURLToPath(new URL('..', import.meta.url));
export const kinds = ['malformed', 'newer', 'open', 'mismatch', 'rollback', 'fork', 'behind', 'cost', 'params', 'login', 'author', 'former', 'truncated', 'forbidden'];
let failed = 0, total = 0;
const complain = (...what) => { failed++; console.error('FAIL', ...what); };

const only = process.argv[2] ?? '';
for (const dir of ['box', 'keys', 'srp', 'envelope', 'share']) {
  for (const name of existsSync(root + dir) ? readdirSync(root + dir) : []) {
    const path = `${dir}/${name}`;
    if (!path.includes(only)) continue;
    const check = files.checks[path];
    if (!check || !name.endsWith('.json')) { complain(path, 'not known'); continue; }
    const started = Date.now(), file = JSON.parse(readFileSync(root + path, 'utf8')), tally = {};
    if (Object.keys(file).sort().join() !== 'count,source,vectors') complain(path, 'members');
    if (!(file.count > 0) || file.count !== file.vectors.length) complain(path, 'count');
    if (new Set(file.vectors.map(v => JSON.stringify(v))).size !== file.count) complain(path, 'a vector twice');
    for (const v of file.vectors) {
      const want = v.want ?? '';
      let got = '', detail = '';
      try { check(v, file.vectors); } catch (e) {
        got = e instanceof Fail ? e.kind : 'error';
        detail = e.stack;
      }
      if (want !== '' && want !== 'refused' && !kinds.includes(want)) complain(path, v.name, 'no such kind:', want);
      if (got !== want) complain(`${path}: ${v.name}: ${got || 'accepted'}, want ${want || 'accepted'}`, want && got !== 'error' ? '' : detail);
      tally[want || 'accepted'] = (tally[want || 'accepted'] ?? 0) + 1;
    }
    total += file.vectors.length;
    console.log(`${path.padEnd(24)} ${String(file.vectors.length).padStart(4)}  ${Object.entries(tally).map(([k, n]) => `${k} ${n}`).join(', ')}  (${Date.now() - started} ms)`);
  }
}
for (const path of Object.keys(files.checks)) if (path.includes(only) && !existsSync(root + path)) complain(path, 'is not there');
// Whatever else has vectors is named, not passed over.
const dirs = ['box', 'keys', 'srp', 'envelope', 'share', 'js'];
for (const d of readdirSync(root, { withFileTypes: true })) {
  if (!d.isDirectory() || dirs.includes(d.name)) continue;
  for (const f of readdirSync(root + d.name)) if (f.endsWith('.json')) console.log(`${`${d.name}/${f}`.padEnd(24)} not verified: not a format of docs/spec.md`);
}
console.log(`${total} vectors, ${failed} failures`);
process.exitCode = failed || !total ? 1 : 0;
