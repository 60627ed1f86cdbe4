// Section 4: credentials.
import { pbkdf2Sync } from 'node:crypto';
import { argon2id } from '@noble/hashes/argon2.js';
import { passphraseForm } from './precis.js';
import { cat, equal, expand, extract, heading, lv, need, open, random, sha256, u32, u8 } from './wire.js';

const L = 'sealkin/v1/credential/';
export const PASSPHRASE = 1, CODE = 2, DEVICE = 3, TRUSTEE = 4;

export const buildParams = p => cat(heading('P'), u8(1), u8(p.kdf), u32(p.memory), u32(p.passes), u8(p.lanes), u32(p.iterations), p.salt, u8(p.second));
export const DEFAULT_COST = { memory: 65536, passes: 3, lanes: 4, iterations: 0 };
export const newParams = (cost = {}, second = false, salt = random(32)) => {
  const c = cost.iterations ? { kdf: 2, memory: 0, passes: 0, lanes: 0, iterations: cost.iterations }
    : { kdf: 1, ...DEFAULT_COST, ...cost, iterations: 0 };
  return buildParams({ ...c, salt, second: second ? 1 : 0 });
};
export const parseParams = bytes => {
  const r = open(bytes, 'P', 128);
  const form = r.u8();
  need(form !== 0, 'malformed');
  need(form === 1, 'newer');
  const p = { kdf: r.u8(), memory: r.u32(), passes: r.u32(), lanes: r.u8(), iterations: r.u32(), salt: r.take(32), second: r.u8() };
  r.end();
  need((p.kdf === 1 || p.kdf === 2) && p.second <= 1, 'malformed');
  const between = (n, low, high) => need(n >= low && n <= high, 'cost');
  if (p.kdf === 1) {
    between(p.memory, 19456, 1048576); between(p.passes, 2, 16); between(p.lanes, 1, 16);
    between(p.memory * p.passes, 0, 4194304); between(p.iterations, 0, 0);
  } else {
    between(p.iterations, 600000, 10000000);
    between(p.memory, 0, 0); between(p.passes, 0, 0); between(p.lanes, 0, 0);
  }
  return p;
};
// pinned: the refusals of one who has seen parameters before (4.3).
export const cheaper = (seen, now) => {
  if (seen.kdf !== now.kdf) return now.kdf === 2;
  return now.kdf === 1 ? now.memory < seen.memory || now.memory * now.passes < seen.memory * seen.passes : now.iterations < seen.iterations;
};
export const pinned = (seen, now) => need(!cheaper(seen, now) && seen.second === now.second, 'params');

export const slowSalt = (service, name, salt) => sha256(lv(L + 'passphrase-salt'), lv(service), lv(name), salt);
const cache = new Map(); // the slow hash, by all that goes in
export const slowHash = (p, passphrase, salt) => {
  const key = [p.kdf, p.memory, p.passes, p.lanes, p.iterations, passphrase, salt.toString('hex')].join('\0');
  if (!cache.has(key)) {
    const text = Buffer.from(passphrase, 'utf8');
    cache.set(key, p.kdf === 2 ? pbkdf2Sync(text, salt, p.iterations, 32, 'sha256')
      : Buffer.from(argon2id(text, salt, { t: p.passes, m: p.memory, p: p.lanes, dkLen: 32, version: 0x13, maxmem: 2 ** 32 - 1 })));
  }
  return cache.get(key);
};

export const slotIDOf = login => expand(login, L + 'slot-id', 16);
// credential makes the halves from a root.
export const credential = (kind, root, params = Buffer.alloc(0)) => {
  const login = expand(root, L + 'login', 32, params), unlock = expand(root, L + 'unlock', 32, params);
  return { kind, root, params, login, unlock, slotID: slotIDOf(login) };
};
export const passphraseCredential = (passphrase, service, name, params, second = Buffer.alloc(0)) => {
  const p = parseParams(params);
  need(second.length === (p.second ? 20 : 0), 'params');
  const ikm = slowHash(p, passphraseForm(passphrase), slowSalt(service, name, p.salt));
  return credential(PASSPHRASE, extract(second, ikm), params);
};
export const codeCredential = code => { need(code.length === 20, 'malformed'); return credential(CODE, extract(L + 'code', code)); };
export const deviceCredential = secret => { need(secret.length === 32, 'malformed'); return credential(DEVICE, extract(L + 'device', secret)); };

export const slotKem = unlock => expand(unlock, L + 'slot-kem', 32);
export const anchorKey = unlock => expand(unlock, L + 'anchor-key', 32);
export const sameParams = (a, b) => equal(a, b);
