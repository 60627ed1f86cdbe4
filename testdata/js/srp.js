// Section 7: login.
import * as box from './box.js';
import { DEFAULT_COST, buildParams, credential, newParams, parseParams, pinned, PASSPHRASE } from './credentials.js';
import { isName } from './precis.js';
import { cat, equal, expand, extract, fail, heading, hex, isZero, lv, need, open, random, sha256, toText, u32, u8, zeros, Reader } from './wire.js';

const S = 'sealkin/v1/srp/', LIMIT = 4096, LEN = 384;
// 2^3072 − 2^3008 − 1 + 2^64·(⌊2^2942·π⌋ + 1690314): RFC 5054's 3072 bits are RFC 3526's group 15. π by Machin, to 3100 bits.
const pi = (() => {
  const one = 1n << 3100n, arctan = n => { // arctan(1/n)
    let t = one / n, sum = t, k = 1n;
    while ((t /= -n * n) !== 0n) sum += t / (k += 2n);
    return sum;
  };
  return 4n * (4n * arctan(5n) - arctan(239n));
})();
export const N = 2n ** 3072n - 2n ** 3008n - 1n + 2n ** 64n * ((pi >> 158n) + 1690314n);
export const pad = n => Buffer.from(n.toString(16).padStart(2 * LEN, '0'), 'hex');
export const num = b => BigInt('0x0' + hex(b));
export const k = num(sha256(pad(N), pad(5n)));
need(k.toString(16) === '81f4874fa543a371b49a670402fda59ecfab53a1b850fc42e1c357cc846111e', 'malformed');

const mod = n => ((n % N) + N) % N;
export const pow = (g, e) => { // not constant in time: this is a check of formats, not a library
  let out = 1n;
  for (const bit of e.toString(2)) { out = (out * out) % N; if (bit === '1') out = (out * g) % N; }
  return out;
};
export const goodValue = b => { // also a verifier's range: above 1 and below N − 1
  need(b.length === LEN && num(b) > 1n && num(b) < N - 1n, 'malformed');
  return num(b);
};
const draw = f => { for (;;) { const s = random(32); try { return { secret: s, value: f(num(s)) }; } catch { /* draw again */ } } };

export const secretX = login => num(expand(login, S + 'x', 32));
export const verifier = login => pad(pow(5n, secretX(login)));

export const parseHello = bytes => {
  const r = open(bytes, 'h', LIMIT), name = r.lv(255), slot = r.take(16), A = r.take(LEN);
  r.end();
  need(isName(name), 'malformed');
  goodValue(A);
  return { name, slot, A };
};
export const parseChallenge = (bytes, slot) => {
  const r = open(bytes, 'c', LIMIT), params = r.lv(), B = r.take(LEN);
  r.end();
  goodValue(B);
  need(isZero(slot) === params.length > 0, 'malformed');
  return { params, B, cost: params.length ? parseParams(params) : null };
};
const parse32 = kind => bytes => { const r = open(bytes, kind, LIMIT), m = r.take(32); r.end(); return m; };
export const parseProof = parse32('p'), parseReply = parse32('r');

export const scramble = (A, B) => num(sha256(A, B));
export const keys = (t, secret) => {
  const transcript = sha256(lv(S + 'transcript'), lv(pad(N)), lv(pad(5n)), lv(t.service), lv(t.name), u8(t.kind), t.slot, lv(t.params), lv(t.A), lv(t.B), lv(t.binding));
  const prk = extract(transcript, pad(secret));
  const M1 = expand(prk, S + 'client-proof', 32);
  const M2 = expand(prk, S + 'server-proof', 32, M1), session = expand(prk, S + 'session', 32);
  return { transcript, prk, M1, M2, session, token: toText(expand(session, S + 'token', 32)) };
};
export const exported = (session, name) => expand(session, S + 'export', 32, name);

// The client. Slot is 16 zeros for the passphrase. aSecret is given by vectors only.
export const hello = (name, slot, aSecret) => {
  need(isName(Buffer.from(name)), 'malformed');
  const a = aSecret ? { secret: aSecret, value: goodValue(pad(pow(5n, num(aSecret)))) } : draw(s => goodValue(pad(pow(5n, s))));
  const A = pad(a.value);
  return { name: Buffer.from(name), slot, a: num(a.secret), A, message: cat(heading('h'), lv(name), slot, A) };
};
// params reads what the challenge asks for; seen are parameters of before, or none.
export const challengeParams = (h, challenge, seen) => {
  const c = parseChallenge(challenge, h.slot);
  if (seen?.length && c.cost) pinned(parseParams(seen), c.cost);
  return c.params;
};
export const exponent = (a, u, x) => Buffer.from((a + u * x).toString(16).padStart(130, '0'), 'hex');
export const respond = (h, challenge, service, cred, binding = Buffer.alloc(0)) => {
  const c = parseChallenge(challenge, h.slot), passphrase = isZero(h.slot);
  need(passphrase ? cred.kind === PASSPHRASE : cred.kind !== PASSPHRASE && equal(cred.slotID, h.slot), 'mismatch');
  need(equal(cred.params, c.params), 'params');
  const u = scramble(h.A, c.B), x = secretX(cred.login);
  need(u !== 0n, 'malformed');
  const secret = pow(mod(num(c.B) - k * pow(5n, x)), h.a + u * x);
  const ks = keys({ service, name: h.name, kind: cred.kind, slot: h.slot, params: c.params, A: h.A, B: c.B, binding }, secret);
  return { ...ks, u, x, secret, message: cat(heading('p'), ks.M1) };
};
export const finish = (ks, reply) => { need(equal(parseReply(reply), ks.M2), 'login'); return ks.session; };

// The server. decoys is a list of costs with weights.
export const decoy = (serverKey, service, name, slot, decoys) => {
  const fake = (n, ...parts) => expand(serverKey, S + 'fake', n, ...parts);
  let cost = { memory: 0, passes: 0, lanes: 0, iterations: 0, second: false };
  if (decoys?.length) {
    const total = decoys.reduce((sum, d) => sum + BigInt(d.weight), 0n);
    const choice = new Reader(fake(8, 'choice', service, name)).u64() * total >> 64n; // its place on the line from 0 to the total
    let sum = 0n;
    cost = decoys.find(d => (sum += BigInt(d.weight)) > choice);
  }
  const zero = !cost.memory && !cost.passes && !cost.lanes && !cost.iterations;
  if (zero) cost = { ...DEFAULT_COST, second: cost.second };
  const text = cat(u32(cost.memory), u32(cost.passes), u8(cost.lanes), u32(cost.iterations), u8(cost.second ? 1 : 0));
  const salt = fake(32, 'salt', service, name, text), v = fake(LEN, 'verifier', service, name, slot);
  v[0] &= 0x7f;
  return { params: isZero(slot) ? newParams(cost, cost.second, salt) : Buffer.alloc(0), v };
};
// account: what the look-up gave, { id, kind, params, v }, or null.
export const challenge = (serverKey, service, helloBytes, account, decoys, bSecret) => {
  const h = parseHello(helloBytes), fake = decoy(serverKey, service, h.name, h.slot, decoys);
  const known = account !== null, v = known ? account.v : fake.v, params = known ? account.params : fake.params;
  const kind = known ? account.kind : isZero(h.slot) ? PASSPHRASE : 2;
  const make = b => { const B = pad(mod(k * num(v) + pow(5n, b))); goodValue(B); need(scramble(h.A, B) !== 0n, 'malformed'); return B; };
  const b = bSecret ? { secret: bSecret, value: make(num(bSecret)) } : draw(make);
  const content = cat(u8(known ? 1 : 0), known ? account.id : zeros(25), lv(h.name), u8(kind), h.slot, lv(params), h.A, b.value, v, b.secret);
  return { message: cat(heading('c'), lv(params), b.value), state: cat(heading('s'), box.sealBox(serverKey, S + 'state', lv(service), content)) };
};
export const openState = (serverKey, service, state) => {
  const head = open(state, 's', LIMIT), r = new Reader(box.openBox(serverKey, S + 'state', lv(service), head.take(head.left())));
  const s = { known: r.u8(), account: r.take(25), name: r.lv(255), kind: r.u8(), slot: r.take(16), params: r.lv(), A: r.take(LEN), B: r.take(LEN), v: r.take(LEN), b: r.take(32) };
  r.end();
  return s;
};
export const verify = (serverKey, service, state, proof, binding = Buffer.alloc(0)) => {
  const s = openState(serverKey, service, state), M1 = parseProof(proof);
  const secret = pow((num(s.A) * pow(num(s.v), scramble(s.A, s.B))) % N, num(s.b));
  const ks = keys({ ...s, service, binding }, secret);
  need(equal(M1, ks.M1) & s.known === 1, 'login');
  return { ...ks, state: s, secret, reply: cat(heading('r'), ks.M2) };
};
