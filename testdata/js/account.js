// Section 6: accounts.
import { PUBLIC, goodPublicKey, kemPublic, openBox, openSealed, sealBox, sealTo } from './box.js';
import { CODE, DEVICE, PASSPHRASE, TRUSTEE, anchorKey, cheaper, parseParams, slotKem } from './credentials.js';
import { buildIdentity, continues as identityContinues, ownSeeds, parseIdentity, secrets } from './identity.js';
import { goodValue, verifier } from './srp.js';
import { cat, equal, expand, fail, hash, heading, hex, hmac, isZero, lv, need, open, random, sha256, signed, u32, u64, u8, utf8, verified, zeros } from './wire.js';

const A = 'sealkin/v1/account/', SEALED = 1244, LIMIT = 1 << 20, MAX_SLOTS = 32;

const forbidden = /[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/;
const goodLabel = bytes => bytes.length >= 1 && bytes.length <= 64 && !forbidden.test(utf8(bytes));
const trusteeID = id => sha256(lv(A + 'trustee'), id).subarray(0, 16);

// statementOf is the part of a slot that its anchor and its box are bound to.
const statementOf = s => cat(u8(s.kind), lv(s.label), lv(s.subject), s.id, u32(s.epoch), s.since, s.kem, lv(s.verifier));
const parseSlot = r => {
  const s = { kind: r.u8(), label: r.lv(64), subject: r.lv(128), id: r.take(16), epoch: r.u32(), since: r.take(32), kem: r.take(PUBLIC), verifier: r.lv(384), anchor: r.take(32), sealed: r.take(SEALED) };
  need(s.kind >= PASSPHRASE && s.kind <= TRUSTEE && goodLabel(s.label) && !isZero(s.id) && goodPublicKey(s.kem), 'malformed');
  if (s.kind === PASSPHRASE) parseParams(s.subject);
  if (s.kind === CODE || s.kind === DEVICE) need(s.subject.length === 0, 'malformed');
  if (s.kind === TRUSTEE) {
    need(s.subject.length === 29 && s.verifier.length === 0 && isZero(s.anchor), 'malformed');
    need(s.id.equals(trusteeID(s.subject.subarray(0, 25))), 'malformed');
  } else goodValue(s.verifier);
  return { ...s, statement: statementOf(s) };
};
const unique = list => new Set(list.map(hex)).size === list.length;

export const parseAccount = bytes => {
  const r = open(bytes, 'A', LIMIT);
  const id = r.take(25), revision = r.u64();
  need(revision >= 1n && revision < 1n << 32n, 'malformed');
  const history = Array.from({ length: Number(revision - 1n > 64n ? 64n : revision - 1n) }, () => r.take(32));
  const identity = parseIdentity(r.lv());
  need(identity.id.equals(id), 'malformed');
  const seeds = r.lv(), n = r.u8(), slots = [];
  need(n >= 1 && n <= MAX_SLOTS, 'malformed');
  for (let i = 0; i < n; i++) slots.push(parseSlot(r));
  need(unique(slots.map(s => s.label)) && unique(slots.map(s => s.id)) && slots.filter(s => s.kind === PASSPHRASE).length <= 1, 'malformed');
  const body = r.b.subarray(0, r.i), signature = r.take(64);
  r.end();
  need(verified(identity.newest.sign, signature, A + 'record', body), 'malformed');
  need(seeds.length === 92 + 32 * identity.epochs.length, 'malformed');
  for (const s of slots) need(identity.epochs[s.epoch]?.hash.equals(s.since), 'malformed');
  const previous = history[0] ?? zeros(32);
  return { bytes: Buffer.from(bytes), id, revision, history, previous, identity, seeds, slots, hash: hash(A + 'record', body), place: cat(id, u64(revision), previous, identity.newest.hash) };
};

// continues: 6.4, for a reader that has seen another record of the account.
export const continues = (seen, now) => {
  need(seen.id.equals(now.id), 'mismatch');
  need(now.revision >= seen.revision, 'rollback');
  const at = (rec, revision) => revision === rec.revision ? rec.hash : rec.history[Number(rec.revision - revision) - 1];
  for (let r = now.revision - seen.revision <= 64n ? seen.revision : 0n; r >= 1n; r--) {
    const a = at(seen, r), b = at(now, r);
    if (!a || !b) break;
    need(a.equals(b), 'fork');
  }
  identityContinues(seen.identity, now.identity);
  need(now.revision - seen.revision <= 64n, 'behind');
};
// serverAccepts: the next record, for a server that holds one.
export const serverAccepts = (held, next) => {
  continues(held, next);
  need(next.revision > held.revision, 'rollback');
  need(next.revision === held.revision + 1n, 'behind');
};

const slotContext = (record, s) => cat(lv(record.place), lv(s.statement), lv(s.anchor));
const opened = (record, s, kem) => {
  need(kemPublic(kem).equals(s.kem), 'open');
  const key = openSealed(kem, A + 'slot', slotContext(record, s), s.sealed);
  need(key.length === 32, 'open');
  const seeds = openBox(key, A + 'seeds', record.place, record.seeds), list = [];
  need(seeds.length === 32 * record.identity.epochs.length, 'open');
  for (let i = 0; i < seeds.length; i += 32) list.push(seeds.subarray(i, i + 32));
  ownSeeds(record.identity, list);
  return { record, seeds: list, key };
};
const anchorOf = (cred, id, statement) => hmac(anchorKey(cred.unlock), lv(A + 'anchor'), lv(id), lv(statement));
// unlock opens a record (parsed) with a credential, as 6.3. seen: a record of before, or none.
export const unlock = (record, cred, seen) => {
  if (seen) continues(seen, record);
  const kind = record.slots.filter(s => s.kind === cred.kind);
  need(kind.length > 0, 'mismatch');
  if (cred.kind === PASSPHRASE) need(kind[0].subject.equals(cred.params), 'params');
  const s = kind.find(x => x.id.equals(cred.slotID)) ?? fail('open');
  need(equal(anchorOf(cred, record.id, s.statement), s.anchor), 'open');
  return opened(record, s, slotKem(cred.unlock));
};
// unlockTrusted opens the record of somebody else, with the trustee's own account { record, seeds }.
export const unlockTrusted = (record, trustee, owner, seen) => {
  need(record.id.equals(owner), 'mismatch');
  if (seen) continues(seen, record);
  const kind = record.slots.filter(s => s.kind === TRUSTEE);
  need(kind.length > 0, 'mismatch');
  const s = kind.find(x => x.id.equals(trusteeID(trustee.record.id))) ?? fail('mismatch');
  const epoch = s.subject.readUInt32BE(25);
  need(epoch < trustee.seeds.length, 'behind');
  return opened(record, s, secrets(trustee.seeds[epoch], epoch).kem);
};

// Slots to put into a change: newSlot for a credential, trusteeSlot for an identity. own is the account's
// identity, of the new epoch if the change rotates.
const made = own => ({ epoch: own.newest.epoch, since: own.newest.hash });
export const newSlot = (own, label, cred) => {
  const s = { kind: cred.kind, label: Buffer.from(label), subject: cred.params, id: cred.slotID, ...made(own), kem: kemPublic(slotKem(cred.unlock)), verifier: verifier(cred.login) };
  const statement = statementOf(s);
  return { ...s, statement, anchor: anchorOf(cred, own.id, statement) };
};
export const trusteeSlot = (own, label, identity) => {
  const s = { kind: TRUSTEE, label: Buffer.from(label), subject: cat(identity.id, u32(identity.newest.epoch)), id: trusteeID(identity.id), ...made(own), kem: identity.newest.kem, verifier: zeros(0) };
  return { ...s, statement: statementOf(s), anchor: zeros(32) };
};
// build seals everything anew with a fresh account key, and parses what it made.
const build = (seeds, slots, before) => {
  const identityBytes = buildIdentity(seeds), identity = parseIdentity(identityBytes), key = random(32);
  const history = before ? [before.hash, ...before.history].slice(0, 64) : [], revision = before ? before.revision + 1n : 1n;
  const place = cat(identity.id, u64(revision), history[0] ?? zeros(32), identity.newest.hash);
  const sealed = slots.map(s => cat(s.statement, s.anchor, sealTo(s.kem, A + 'slot', slotContext({ place }, s), key)));
  const body = cat(heading('A'), identity.id, u64(revision), ...history, lv(identityBytes), lv(sealBox(key, A + 'seeds', place, cat(...seeds))), u8(slots.length), ...sealed);
  const sign = secrets(seeds.at(-1), seeds.length - 1).sign;
  return { record: parseAccount(cat(body, signed(sign, A + 'record', body))), seeds };
};
export const create = (label, cred, seed = random(32)) => build([seed], [newSlot(parseIdentity(buildIdentity([seed])), label, cred)]);
// change: add is a list of functions that make a slot for an identity, remove a list of labels, rotate whether there is a new epoch.
export const change = (account, { add = [], remove = [], rotate = false, allowCheaper = false }) => {
  const { record, seeds } = account;
  const gone = remove.map(l => record.slots.find(s => s.label.equals(Buffer.from(l))) ?? fail('mismatch'));
  const next = rotate ? [...seeds, random(32)] : seeds, own = parseIdentity(buildIdentity(next)), added = add.map(make => make(own));
  const slots = [...record.slots.filter(s => !gone.includes(s)), ...added];
  need(slots.some(s => s.kind !== TRUSTEE), 'mismatch');
  for (const s of added.filter(s => s.kind === TRUSTEE)) {
    const was = record.slots.find(x => x.kind === TRUSTEE && x.id.equals(s.id)), epoch = x => x.subject.readUInt32BE(25);
    need(!was || epoch(s) >= epoch(was), 'rollback');
    need(!was || epoch(s) > epoch(was) || s.kem.equals(was.kem), 'fork');
  }
  const [was, now] = [gone, added].map(list => list.find(s => s.kind === PASSPHRASE));
  if (was && now && !allowCheaper) {
    const [p, q] = [was, now].map(s => parseParams(s.subject));
    need(!cheaper(p, q) && p.second <= q.second, 'params');
  }
  return build(next, slots, record);
};
// ring is an account as its own documents see it (6.6).
export const ring = ({ record: { id, identity }, seeds }) => {
  const epoch = seeds.length - 1, keys = new Map(seeds.map((seed, e) => [e, secrets(seed, e, id).documents]));
  const judge = d => {
    need(d.sequence <= epoch, 'behind');
    need(identity.epochs[d.sequence].hash.equals(d.head), 'fork');
    need(d.author.equals(id) && d.epoch === d.sequence && d.generation === d.sequence, 'author');
    return { sign: identity.epochs[d.epoch].sign, former: d.epoch < epoch };
  };
  return { group: id, keys, newest: epoch, me: { author: id, epoch, sequence: epoch, head: identity.newest.hash, sign: secrets(seeds[epoch], epoch).sign }, judge, sealable: () => {} };
};
export const accountSecrets = account => secrets(account.seeds.at(-1), account.seeds.length - 1, account.record.id);
