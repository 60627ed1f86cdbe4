// Section 2: bytes, records, derivation, signatures, text for people.
import { createHash, createHmac, createPublicKey, createPrivateKey, randomBytes, sign, timingSafeEqual, verify } from 'node:crypto';

// Fail carries the kind of a failure (Section 11) and nothing else.
export class Fail extends Error {
  constructor(kind, group = 0) { super(kind); this.kind = kind; this.group = group; } // group: the mistyped one, from 1 (2.6)
}
export const fail = (kind, group) => { throw new Fail(kind, group); };
export const need = (ok, kind) => { if (!ok) fail(kind); };

export const cat = (...parts) => Buffer.concat(parts.map(p => (typeof p === 'string' ? Buffer.from(p, 'utf8') : p)));
export const u8 = n => Buffer.from([n]);
export const u32 = n => { const b = Buffer.alloc(4); b.writeUInt32BE(n); return b; };
export const u64 = n => { const b = Buffer.alloc(8); b.writeBigUInt64BE(BigInt(n)); return b; };
export const lv = x => { const b = cat(x); return cat(u32(b.length), b); }; // <x>
export const random = n => randomBytes(n);
export const zeros = n => Buffer.alloc(n);
export const isZero = b => b.every(x => x === 0);
export const equal = (a, b) => a.length === b.length && timingSafeEqual(a, b);

// hex and base64url in, strictly: each value has one text.
export const unhex = s => {
  need(typeof s === 'string' && /^([0-9a-f]{2})*$/.test(s), 'malformed');
  return Buffer.from(s, 'hex');
};
export const hex = b => Buffer.from(b).toString('hex');
export const toText = b => Buffer.from(b).toString('base64url');
export const fromText = s => {
  need(typeof s === 'string' && /^[A-Za-z0-9_-]*$/.test(s), 'malformed');
  const b = Buffer.from(s, 'base64url');
  need(b.toString('base64url') === s, 'malformed');
  return b;
};
export const utf8 = b => {
  try { return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(b); } catch { return fail('malformed'); }
};

// Reader takes a record apart; whatever does not fit is malformed.
export class Reader {
  constructor(bytes) { this.b = Buffer.from(bytes); this.i = 0; }
  take(n) {
    need(n <= this.b.length - this.i, 'malformed');
    return this.b.subarray(this.i, this.i += n);
  }
  u8() { return this.take(1)[0]; }
  u32() { return this.take(4).readUInt32BE(); }
  u64() { return this.take(8).readBigUInt64BE(); }
  lv(max = Infinity) { const n = this.u32(); need(n <= max, 'malformed'); return this.take(n); }
  left() { return this.b.length - this.i; }
  end() { need(this.left() === 0, 'malformed'); }
}

export const heading = kind => Buffer.from([0x73, 0x6b, kind.charCodeAt(0), 1]);
// open returns a reader behind the heading of a record of this kind.
export const open = (bytes, kind, limit) => {
  need(bytes.length <= limit && bytes.length >= 4, 'malformed');
  const r = new Reader(bytes), h = r.take(4);
  need(h.subarray(0, 3).equals(heading(kind).subarray(0, 3)) && h[3] !== 0, 'malformed');
  need(h[3] === 1, 'newer');
  return r;
};

export const sha256 = (...parts) => createHash('sha256').update(cat(...parts)).digest();
export const hmac = (key, ...parts) => createHmac('sha256', key).update(cat(...parts)).digest();
export const hash = (label, ...parts) => sha256(lv(label), ...parts);
export const extract = (salt, ikm) => hmac(cat(salt), ikm); // HMAC pads an empty key to zeros
export const hkdfExpand = (prk, info, n) => {
  let t = Buffer.alloc(0), out = Buffer.alloc(0);
  for (let i = 1; out.length < n; i++) out = cat(out, t = hmac(prk, t, info, u8(i)));
  return out.subarray(0, n);
};
export const expand = (key, label, n, ...parts) => hkdfExpand(key, cat(lv(label), ...parts.map(lv)), n);

// Ed25519 (2.5). OpenSSL checks the equation without the cofactor, and S < L.
const spki = Buffer.from('302a300506032b6570032100', 'hex'), pkcs8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const privateKey = seed => createPrivateKey({ key: cat(pkcs8, seed), format: 'der', type: 'pkcs8' });
export const signingKey = seed => createPublicKey(privateKey(seed)).export({ format: 'der', type: 'spki' }).subarray(-32);
export const signed = (seed, label, ...parts) => sign(null, cat(lv(label), ...parts), privateKey(seed));
export const verified = (key, signature, label, ...parts) => {
  try {
    return signature.length === 64 && verify(null, cat(lv(label), ...parts), createPublicKey({ key: cat(spki, key), format: 'der', type: 'spki' }), signature);
  } catch { return false; }
};

const P = 2n ** 255n - 19n;
const order8 = [0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n, 0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n];
const smallY = [0n, 1n, P - 1n, ...order8];
// goodSigningKey refuses what 5.3 refuses: y not canonical, or of small order.
export const goodSigningKey = key => {
  const y = BigInt('0x' + hex(Buffer.from(key).reverse())) & (2n ** 255n - 1n);
  return y < P && !smallY.includes(y);
};

// Text for people (2.6).
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';
const letters = bytes => {
  let out = '', acc = 0, bits = 0;
  for (const b of bytes) {
    acc = (acc << 8) | b; bits += 8;
    while (bits >= 5) { out += alphabet[(acc >> (bits -= 5)) & 31]; acc &= (1 << bits) - 1; }
  }
  return out; // both codes and ids have a multiple of 40 bits
};
const unletters = text => {
  const out = []; let acc = 0, bits = 0;
  for (const c of text) {
    acc = (acc << 5) | alphabet.indexOf(c); bits += 5;
    if (bits >= 8) { out.push((acc >> (bits -= 8)) & 255); acc &= (1 << bits) - 1; }
  }
  return Buffer.from(out);
};
const x = v => ((v << 1) & 31) ^ (v & 16 ? 5 : 0); // times x in GF(2)[x]/(x^5+x^2+1)
const checkLetter = (group, g) => {
  let c = g + 1;
  for (const l of group) c = x(c) ^ alphabet.indexOf(l);
  return alphabet[x(c)];
};
const groups = (text, n) => text.match(new RegExp(`.{${n}}`, 'g'));
const withChecks = (bytes, n) => groups(letters(bytes), n).map((g, i) => g + checkLetter(g, i)).join('-');
// lettersOf reads what was typed: groups of one of the sizes, without or with check letters. A failure names the group if one can be blamed:
// that of a letter that does not occur, the first of another length than the others, or the last if there are no hyphens or spaces.
const lettersOf = (text, sizes) => {
  need(typeof text === 'string' && Buffer.byteLength(text) <= 256, 'malformed');
  const pieces = text.split(/[ \t\r\n-]+/).filter(p => p).map(p => p.replace(/[A-Z]/g, c => c.toLowerCase()).replace(/o/g, '0').replace(/[il]/g, '1')), t = pieces.join('');
  const count = n => pieces.filter(p => p.length === n).length;
  const size = sizes.find(n => t.length === 8 * n) ?? sizes.toSorted((a, b) => count(b) - count(a))[0];
  const bad = t.search(/[^0-9a-hjkmnp-tv-z]/);
  if (bad >= 0) fail('malformed', Math.floor(bad / size) + 1);
  if (t.length !== 8 * size) fail('malformed', t.length % size === 0 ? 0 : pieces.length === 1 ? Math.floor(t.length / size) + 1 : pieces.findIndex(p => p.length !== size) + 1);
  return t;
};
const unchecked = (text, n) => groups(text, n + 1).map((g, i) => {
  if (checkLetter(g.slice(0, n), i) !== g[n]) fail('malformed', i + 1);
  return g.slice(0, n);
}).join('');

export const idText = letters;
export const idGroups = id => groups(letters(id), 5).join('-');
export const idTyped = id => withChecks(id, 5);
export const parseIdText = text => { // stored: exactly these 40 letters
  need(typeof text === 'string' && /^[0-9a-hjkmnp-tv-z]{40}$/.test(text), 'malformed');
  return unletters(text);
};
export const parseTypedId = text => {
  const t = lettersOf(text, [5, 6]);
  return unletters(t.length === 40 ? t : unchecked(t, 5));
};
export const codeText = code => withChecks(code, 4);
export const parseCode = text => {
  return unletters(unchecked(lettersOf(text, [5]), 4));
};
