// What each file of vectors holds, and what must come of it. One function for one file.
import { readFileSync } from 'node:fs';
import * as box from './box.js';
import * as cred from './credentials.js';
import * as srp from './srp.js';
import { cat, equal, fail, hex, need, parseCode, unhex, utf8, zeros } from './wire.js';

// same compares a result with a member of the vector; a difference is an error of ours or of the vector's.
const same = (got, want, what) => {
  if (Buffer.isBuffer(got)) got = hex(got);
  if (got !== want) throw new Error(`${what}: got ${got}, want ${want}`);
};
// members: required names, then those that may be there. Nothing else may.
const members = (v, required, optional = '') => {
  const r = required.split(' '), o = optional.split(' ');
  for (const m of r) if (!(m in v)) throw new Error(`no member ${m}`);
  for (const m of Object.keys(v)) if (!r.includes(m) && !o.includes(m)) throw new Error(`unknown member ${m}`);
};
const load = path => JSON.parse(readFileSync(new URL('../' + path, import.meta.url), 'utf8')).vectors;

const boxes = v => {
  members(v, 'name key label context salt subkey commitment plaintext box want');
  const key = unhex(v.key), context = unhex(v.context), b = unhex(v.box);
  const plaintext = box.openBox(key, v.label, context, b);
  const k = box.unlock(key, v.label, context, b.subarray(0, 64));
  same(plaintext, v.plaintext, 'plaintext'); same(b.subarray(0, 32), v.salt, 'salt');
  same(k.subkey, v.subkey, 'subkey'); same(k.commitment, v.commitment, 'commitment');
  const again = cat(box.start(key, v.label, context, unhex(v.salt)).front, box.sealSegment(k.subkey, 0, true, plaintext, b.subarray(64, 76)));
  same(again, v.box, 'box');
};
const publics = v => {
  members(v, 'name seed publicKey label context key plaintext sealed want');
  const seed = unhex(v.seed), context = unhex(v.context), sealed = unhex(v.sealed);
  same(box.kemPublic(seed), v.publicKey, 'publicKey');
  const plaintext = box.openSealed(seed, v.label, context, sealed);
  same(plaintext, v.plaintext, 'plaintext');
  same(box.keyOf(seed, v.label, sealed.subarray(0, 1120)), v.key, 'key');
  same(box.openSealed(seed, v.label, context, box.sealTo(unhex(v.publicKey), v.label, context, plaintext)), v.plaintext, 'sealed anew');
};

const secrets = 'passphrase code device'.split(' ');
const exchangeCredential = v => {
  if (secrets.filter(s => s in v).length !== 1) throw new Error('one secret, not more or less');
  if ('passphrase' in v) return cred.passphraseCredential(v.passphrase, v.service, v.user, unhex(v.params), unhex(v.second ?? ''));
  return 'code' in v ? cred.codeCredential(parseCode(v.code)) : cred.deviceCredential(unhex(v.device));
};
const exchange = v => {
  members(v, 'name service user kind slot params binding serverKey account x a b k v A B u exponent S transcript prk M1 M2 session token exportName export hello challenge state proof reply', 'passphrase code device');
  const c = exchangeCredential(v), slot = unhex(v.slot), serverKey = unhex(v.serverKey), binding = unhex(v.binding);
  same(c.kind, v.kind, 'kind'); same(c.kind === 1 ? zeros(16) : c.slotID, v.slot, 'slot');
  same(srp.verifier(c.login), v.v, 'v'); same(srp.pad(srp.k).subarray(-32), v.k, 'k');
  const h = srp.hello(v.user, slot, unhex(v.a));
  same(h.message, v.hello, 'hello'); same(h.A, v.A, 'A');
  const account = { id: unhex(v.account), kind: v.kind, params: unhex(v.params), v: unhex(v.v) };
  const ch = srp.challenge(serverKey, v.service, h.message, account, null, unhex(v.b));
  same(ch.message, v.challenge, 'challenge'); same(srp.parseChallenge(ch.message, slot).B, v.B, 'B');
  same(srp.challengeParams(h, ch.message, account.params), v.params, 'params');
  const r = srp.respond(h, ch.message, v.service, c, binding);
  same(srp.pad(r.u).subarray(-32), v.u, 'u'); same(srp.pad(r.x).subarray(-32), v.x, 'x');
  same(srp.exponent(h.a, r.u, r.x), v.exponent, 'exponent'); same(srp.pad(r.secret), v.S, 'S');
  same(r.message, v.proof, 'proof');
  if (unhex(v.state).length !== ch.state.length) throw new Error('length of the state');
  for (const state of [unhex(v.state), ch.state]) {
    const s = srp.openState(serverKey, v.service, state);
    same(s.known, 1, 'known'); same(s.account, v.account, 'account'); same(utf8(s.name), v.user, 'user'); same(s.b, v.b, 'b'); same(s.v, v.v, 'v');
    const done = srp.verify(serverKey, v.service, state, r.message, binding);
    same(done.reply, v.reply, 'reply'); same(srp.pad(done.secret), v.S, 'S of the server');
    for (const side of [r, done]) {
      for (const m of ['transcript', 'prk', 'M1', 'M2', 'session', 'token']) same(side[m], v[m], m);
      same(srp.exported(side.session, v.exportName), v.export, 'export');
    }
    same(srp.finish(r, done.reply), v.session, 'session');
  }
};
const exchangeFailure = v => {
  members(v, 'name exchange message bytes want');
  const e = load('srp/exchange.json').find(x => x.name === v.exchange), bytes = unhex(v.bytes), get = m => unhex(m === v.message ? v.bytes : e[m]);
  const h = srp.hello(e.user, unhex(e.slot), unhex(e.a)), binding = unhex(e.binding);
  if (v.message === 'hello') return srp.parseHello(bytes);
  if (v.message === 'state' || v.message === 'proof') return srp.verify(unhex(e.serverKey), e.service, get('state'), get('proof'), binding);
  if (v.message !== 'challenge' && v.message !== 'reply') throw new Error('unknown message');
  srp.challengeParams(h, get('challenge'), unhex(e.params));
  srp.finish(srp.respond(h, get('challenge'), e.service, exchangeCredential(e), binding), get('reply'));
  throw new Error('accepted');
};
const decoys = v => {
  members(v, 'name serverKey service user slot decoys params v');
  for (const d of v.decoys ?? []) members(d, 'memory passes lanes iterations second weight');
  const d = srp.decoy(unhex(v.serverKey), v.service, v.user, unhex(v.slot), v.decoys);
  same(d.params, v.params, 'params'); same(d.v, v.v, 'v');
};

export const checks = {
  'box/box.json': boxes, 'box/public.json': publics,
  'srp/exchange.json': exchange, 'srp/failures.json': exchangeFailure, 'srp/decoys.json': decoys,
};
