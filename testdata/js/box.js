// Section 3: the box, under a key and to a public key.
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { ml_kem768_x25519 as XWing } from '@noble/post-quantum/hybrid.js';
import { cat, equal, extract, fail, hkdfExpand, lv, need, random, u8, u64 } from './wire.js';

const okm = (key, label, context, salt) => {
  const k = hkdfExpand(key, cat(lv(label), salt, lv(context)), 64);
  return { subkey: k.subarray(0, 32), commitment: k.subarray(32) };
};
const aad = (index, last) => cat(u64(index), u8(last ? 1 : 0));

export const SEGMENT = 28, HEAD = 64; // what a segment and a box add

// start makes the front of a box: salt, commitment; segments follow.
export const start = (key, label, context, salt = random(32)) => {
  const k = okm(key, label, context, salt);
  return { front: cat(salt, k.commitment), ...k };
};
export const sealSegment = (subkey, index, last, plaintext, nonce = random(12)) => {
  const c = createCipheriv('aes-256-gcm', subkey, nonce);
  c.setAAD(aad(index, last));
  return cat(nonce, c.update(plaintext), c.final(), c.getAuthTag());
};
// unlock compares the commitment, before anything is decrypted.
export const unlock = (key, label, context, front) => {
  need(front.length === HEAD, 'open');
  const k = okm(key, label, context, front.subarray(0, 32));
  need(equal(k.commitment, front.subarray(32)), 'open');
  return k;
};
export const openSegment = (subkey, index, last, segment) => {
  need(segment.length >= SEGMENT, 'open');
  const d = createDecipheriv('aes-256-gcm', subkey, segment.subarray(0, 12), { authTagLength: 16 });
  d.setAAD(aad(index, last));
  d.setAuthTag(segment.subarray(-16));
  try { return cat(d.update(segment.subarray(12, -16)), d.final()); } catch { return fail('open'); }
};

export const sealBox = (key, label, context, plaintext) => {
  const s = start(key, label, context);
  return cat(s.front, sealSegment(s.subkey, 0, true, plaintext));
};
export const openBox = (key, label, context, box) => {
  need(box.length >= HEAD + SEGMENT, 'open');
  return openSegment(unlock(key, label, context, box.subarray(0, HEAD)).subkey, 0, true, box.subarray(HEAD));
};

// HPKE base mode (RFC 9180), KEM 0x647a, KDF 0x0001, AEAD 0xffff.
const suite = cat('HPKE', Buffer.from([0x64, 0x7a, 0x00, 0x01, 0xff, 0xff]));
const i2osp2 = n => Buffer.from([n >> 8, n & 255]);
const labeledExtract = (salt, label, ikm) => extract(salt, cat('HPKE-v1', suite, label, ikm));
const labeledExpand = (prk, label, info, n) => hkdfExpand(prk, cat(i2osp2(n), 'HPKE-v1', suite, label, info), n);
const hpkeExport = (shared, info, context) => {
  const schedule = cat(u8(0), labeledExtract('', 'psk_id_hash', ''), labeledExtract('', 'info_hash', info));
  const secret = labeledExtract(shared, 'secret', '');
  return labeledExpand(labeledExpand(secret, 'exp', schedule, 32), 'sec', context, 32);
};
const INFO = 'sealkin/v1/hpke', ENC = 1120;

export const PUBLIC = 1216;
export const kemPublic = seed => Buffer.from(XWing.keygen(seed).publicKey);
// goodPublicKey: it parses, and one trial encapsulation works (5.3).
export const goodPublicKey = pk => { try { XWing.encapsulate(pk); return true; } catch { return false; } };
export const sealTo = (pk, label, context, plaintext) => {
  const { cipherText, sharedSecret } = XWing.encapsulate(pk);
  return cat(Buffer.from(cipherText), sealBox(hpkeExport(sharedSecret, INFO, label), label, context, plaintext));
};
export const keyOf = (seed, label, enc) => {
  need(enc.length === ENC, 'open');
  let shared;
  try { shared = XWing.decapsulate(enc, XWing.keygen(seed).secretKey); } catch { fail('open'); }
  return hpkeExport(shared, INFO, label);
};
export const openSealed = (seed, label, context, sealed) =>
  openBox(keyOf(seed, label, sealed.subarray(0, ENC)), label, context, sealed.subarray(ENC));
