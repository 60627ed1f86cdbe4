// What each file of vectors holds, and what must come of it. One function for one file.
import { readFileSync } from 'node:fs';
import * as box from './box.js';
import * as accounts from './account.js';
import * as cred from './credentials.js';
import * as documents from './document.js';
import * as groups from './group.js';
import * as identities from './identity.js';
import { passphraseForm, userName } from './precis.js';
import * as srp from './srp.js';
import { cat, codeText, equal, fail, goodSigningKey, hash, hex, idGroups, idText, idTyped, lv, need, parseCode, parseIdText, parseTypedId, sha256, signingKey, u32, u64, u8, unhex, utf8, zeros } from './wire.js';

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

// With a failure comes no other result: the members that would hold one are empty.
const nothing = (v, list) => { for (const m of list.split(' ')) if (v[m] !== '' && v[m] !== 0 && v[m] !== false && v[m] !== null) throw new Error(`a result with a failure: ${m}`); };
const credentialMembers = 'root login unlock slotID x verifier kemSeed kemPublicKey anchorKey';
const sameCredential = (c, v) => {
  for (const m of ['root', 'login', 'unlock', 'slotID']) same(c[m], v[m], m);
  same(srp.pad(srp.secretX(c.login)).subarray(-32), v.x, 'x'); same(srp.verifier(c.login), v.verifier, 'verifier');
  const seed = cred.slotKem(c.unlock);
  same(seed, v.kemSeed, 'kemSeed'); same(box.kemPublic(seed), v.kemPublicKey, 'kemPublicKey'); same(cred.anchorKey(c.unlock), v.anchorKey, 'anchorKey');
};
// typed: a failure names the group, a success none.
const typed = (v, parse) => {
  try { return parse(v.typed); } catch (e) { if (e.kind) same(e.group, v.group, 'group'); throw e; }
};
const codes = v => {
  members(v, `name typed code shown group ${credentialMembers} want`);
  if (v.want) nothing(v, `code shown ${credentialMembers}`);
  const code = typed(v, parseCode);
  same(code, v.code, 'code'); same(codeText(code), v.shown, 'shown'); same(0, v.group, 'group');
  sameCredential(cred.codeCredential(code), v);
};
const ids = v => {
  members(v, 'name typed id text fingerprint shown stored group want');
  if (v.want) nothing(v, 'id text fingerprint shown');
  let stored = true;
  try { parseIdText(v.typed); } catch { stored = false; }
  same(stored, v.stored, 'stored');
  const id = typed(v, parseTypedId);
  same(id, v.id, 'id'); same(idText(id), v.text, 'text'); same(idGroups(id).replaceAll('-', ' '), v.fingerprint, 'fingerprint');
  same(idTyped(id), v.shown, 'shown'); same(0, v.group, 'group'); same(parseIdText(v.text), v.id, 'text read');
};
const devices = v => { members(v, `secret ${credentialMembers}`); sameCredential(cred.deviceCredential(unhex(v.secret)), v); };
const forms = v => {
  members(v, 'name profile input form want');
  if (v.want) nothing(v, 'form');
  const f = { passphrase: passphraseForm, name: userName }[v.profile];
  same(Buffer.from(f(unhex(v.input))), v.form, 'form');
};
const paramsMembers = 'memory passes lanes iterations salt second';
const params = v => {
  members(v, `name seen params ${paramsMembers} want`);
  if (v.want) nothing(v, paramsMembers);
  const bytes = unhex(v.params), p = cred.parseParams(bytes);
  if (v.seen) cred.pinned(cred.parseParams(unhex(v.seen)), p);
  for (const m of ['memory', 'passes', 'lanes', 'iterations', 'salt']) same(p[m], v[m], m);
  same(p.second === 1, v.second, 'second'); same(p.kdf, p.iterations ? 2 : 1, 'kdf');
  same(cred.newParams(v, v.second, p.salt), v.params, 'params made anew');
};
const stretch = v => {
  members(v, `name service user passphrase second params canonicalName P saltPrime ikm ${credentialMembers}`);
  const name = userName(v.user), bytes = unhex(v.params), p = cred.parseParams(bytes), P = passphraseForm(v.passphrase);
  same(Buffer.from(name), v.canonicalName, 'canonicalName'); same(Buffer.from(P), v.P, 'P');
  const salt = cred.slowSalt(v.service, name, p.salt);
  same(salt, v.saltPrime, 'saltPrime'); same(cred.slowHash(p, P, salt), v.ikm, 'ikm');
  sameCredential(cred.passphraseCredential(v.passphrase, v.service, name, bytes, unhex(v.second)), v);
};
const identityVectors = v => {
  members(v, 'name epochs wantID seen record want');
  if (v.want) nothing(v, 'epochs');
  const i = identities.parseIdentity(unhex(v.record), unhex(v.wantID));
  if (v.seen) identities.continues(identities.parseIdentity(unhex(v.seen)), i);
  same(i.epochs.length, v.epochs.length, 'epochs');
  v.epochs.forEach((e, n) => {
    members(e, 'seed kemSeed signSeed documentsKey bookmarksKey statement hash self succession');
    const s = identities.secrets(unhex(e.seed), n, i.id), got = i.epochs[n], at = 4 + n * 1413 - (n ? 64 : 0), record = unhex(v.record);
    same(s.kem, e.kemSeed, 'kemSeed'); same(s.sign, e.signSeed, 'signSeed'); same(s.documents, e.documentsKey, 'documentsKey'); same(s.bookmarks, e.bookmarksKey, 'bookmarksKey');
    same(got.statement, e.statement, 'statement'); same(got.hash, e.hash, 'hash');
    same(record.subarray(at + 1285, at + 1349), e.self, 'self');
    same(n ? record.subarray(at + 1349, at + 1413) : '', e.succession, 'succession');
  });
  const seeds = v.epochs.map(e => unhex(e.seed));
  identities.ownSeeds(i, seeds);
  same(identities.buildIdentity(seeds), v.record, 'record made anew'); // Ed25519 is deterministic
};
const way = w => {
  members(w, 'label kind params login unlock');
  const login = unhex(w.login);
  return { kind: w.kind, params: unhex(w.params), login, unlock: unhex(w.unlock), slotID: cred.slotIDOf(login) };
};
const records = v => {
  members(v, 'name seen record revision hash place accountKey seeds labels ways want');
  if (v.want) nothing(v, 'revision hash place accountKey seeds labels ways');
  const r = accounts.parseAccount(unhex(v.record)), seen = v.seen ? accounts.parseAccount(unhex(v.seen)) : undefined;
  if (seen) accounts.continues(seen, r);
  same(Number(r.revision), v.revision, 'revision'); same(r.hash, v.hash, 'hash'); same(r.place, v.place, 'place');
  same(r.slots.map(s => s.label.toString()).join('\n'), v.labels.join('\n'), 'labels');
  same(hex(box.openBox(unhex(v.accountKey), 'sealkin/v1/account/seeds', r.place, r.seeds)), v.seeds.join(''), 'seeds under the account key');
  if (!v.ways.length) throw new Error('no way in');
  for (const w of v.ways) {
    const a = accounts.unlock(r, way(w), seen);
    same(a.seeds.map(hex).join(), v.seeds.join(), 'seeds'); same(a.key, v.accountKey, 'accountKey');
    const s = r.slots.find(x => x.label.toString() === w.label);
    same(s.kind, w.kind, 'kind'); same(s.subject, w.params, 'params'); same(s.verifier, hex(srp.verifier(unhex(w.login))), 'verifier');
  }
};
const unlocks = v => {
  members(v, 'name record way trusteeSeeds owner seeds want');
  if (v.want) nothing(v, 'seeds');
  if ((v.way === null) === (v.trusteeSeeds === null)) throw new Error('one way in, not more or less');
  const r = accounts.parseAccount(unhex(v.record));
  let a;
  if (v.way) {
    same(r.id, v.owner, 'owner');
    const c = way(v.way), s = r.slots.find(x => x.kind === c.kind && x.id.equals(c.slotID));
    if (c.kind !== cred.PASSPHRASE) same(c.params, '', 'params');
    if (!v.want) same(s.label.toString(), v.way.label, 'label');
    a = accounts.unlock(r, c);
  } else {
    const seeds = v.trusteeSeeds.map(unhex), identity = identities.parseIdentity(identities.buildIdentity(seeds));
    a = accounts.unlockTrusted(r, { record: { id: identity.id }, seeds }, unhex(v.owner));
  }
  same(a.seeds.map(hex).join(), v.seeds.join(), 'seeds');
};
const successors = v => {
  members(v, 'name stored record want');
  accounts.serverAccepts(accounts.parseAccount(unhex(v.stored)), accounts.parseAccount(unhex(v.record)));
};

const pattern = n => Buffer.from(Uint8Array.from({ length: n }, (_, i) => i % 251));
const built = v => { // a document of documents.json, from key, salt, nonces and seed
  const seen = [], d = { ...v, group: unhex(v.group), author: unhex(v.author), sequence: v.headSequence, head: unhex(v.headHash), predecessor: unhex(v.predecessor), size: BigInt(v.size) };
  const nonces = v.segments.map(s => [unhex(s.stampNonce), unhex(s.chunkNonce)]);
  return { ...documents.seal(unhex(v.key), d, unhex(v.seed), pattern(v.length), { salt: unhex(v.salt), nonces, see: s => seen.push(s) }), seen };
};
// ringOf is a ring that has one key, and knows one author at one head, of whom standing says what the chain says.
const ringOf = (v, group, key, standing = 'current') => ({
  group: unhex(group), keys: new Map([[v.generation, unhex(key)]]),
  judge: d => {
    need(hex(d.author) === v.author && d.epoch === v.epoch && d.sequence === v.headSequence && hex(d.head) === v.headHash, 'author');
    if (standing !== 'current' && standing !== 'former') fail({ never: 'author', fork: 'fork', behind: 'behind' }[standing] ?? 'unknown standing');
    return { sign: unhex(v.publicKey), former: standing === 'former' };
  },
});
const documentVectors = v => {
  members(v, 'name key group generation revision type id author epoch headSequence headHash predecessor size seed publicKey salt header context subkey commitment facts binding content length padded segments document documentSize documentSHA256');
  same(signingKey(unhex(v.seed)), v.publicKey, 'publicKey'); same(documents.padded(v.length), v.padded, 'padded');
  const b = built(v);
  for (const m of ['header', 'context', 'subkey', 'commitment', 'facts', 'binding', 'content']) same(b[m], v[m], m);
  same(b.segments, v.segments.length, 'segments');
  v.segments.forEach((s, i) => {
    members(s, 'stampNonce chunkNonce last length chunkSize chunkSHA256 signed signature sealedStamp');
    const got = b.seen[i];
    for (const m of ['last', 'length', 'signed', 'signature', 'sealedStamp']) same(got[m], s[m], m);
    same(got.chunk.length, s.chunkSize, 'chunkSize'); same(sha256(got.chunk), s.chunkSHA256, 'chunkSHA256');
  });
  same(b.document.length, v.documentSize, 'documentSize'); same(sha256(b.document), v.documentSHA256, 'documentSHA256');
  if (v.segments.length === 1 || v.document) same(b.document.length < 4096 ? b.document : '', v.document, 'document');
  const ring = ringOf(v, v.group, v.key), mark = { revision: BigInt(v.revision), commitment: unhex(v.commitment) }, out = [];
  const whole = { ...mark, content: unhex(v.content) }, marks = [undefined, mark, whole, ...(v.revision > 1 ? [{ revision: mark.revision - 1n, commitment: unhex(v.predecessor) }] : [])];
  for (const seen of marks) same(sha256(documents.open(b.document, ring, v.type, v.id, seen).data), hex(sha256(pattern(v.length))), 'data');
  documents.stream(b.document, ring, v.type, v.id, mark, chunk => out.push(chunk));
  same(sha256(...out), hex(sha256(pattern(v.length))), 'data of the stream');
  const anew = documents.reseal(b.document, { ...ring, newest: v.generation, me: { author: unhex(v.author), epoch: v.epoch, sequence: v.headSequence, head: unhex(v.headHash), sign: unhex(v.seed) } }, v.type, v.id, mark).document;
  same(documents.open(anew, ring, v.type, v.id, mark).data.length, v.length, 'taken over');
  same(documents.markBytes(documents.open(b.document, ring, v.type, v.id).mark), hex(documents.markBytes(whole)), 'mark');
  takenOver(b.document, v, mark, whole);
};
// takenOver is what a former author wrote: by who has seen none, or knows the content (8.6).
const takenOver = (bytes, v, mark, whole) => {
  const ring = { ...ringOf(v, v.group, v.key, 'former'), newest: v.generation, me: { author: unhex(v.author), epoch: v.epoch, sequence: v.headSequence, head: unhex(v.headHash), sign: unhex(v.seed) } };
  const other = { ...mark, content: sha256('another') };
  for (const [seen, want] of [[undefined, ''], [whole, ''], [mark, 'former'], [other, 'fork']]) {
    let kind = '';
    try { documents.reseal(bytes, ring, v.type, v.id, seen); } catch (e) { if (!e.kind) throw e; kind = e.kind; }
    same(kind, want, 'kind of taking over');
  }
};
const refusals = v => {
  members(v, 'name base document flip cut behind group key type id seenRevision seenCommitment seenContent standing released releasedSHA256 want');
  const base = load('envelope/documents.json').find(d => d.name === v.base);
  let bytes = v.document ? unhex(v.document) : Buffer.from(built(base).document);
  for (const i of v.flip) bytes[i] ^= 1;
  if (v.cut >= 0) bytes = bytes.subarray(0, v.cut);
  bytes = cat(bytes, unhex(v.behind));
  const ring = ringOf(base, v.group, v.key, v.standing), seen = v.seenRevision ? { revision: BigInt(v.seenRevision), commitment: unhex(v.seenCommitment), ...(v.seenContent && { content: unhex(v.seenContent) }) } : undefined;
  same(seen ? 64 : 0, v.seenCommitment.length, 'seenCommitment');
  const out = [], kind = f => { try { f(); return ''; } catch (e) { if (!e.kind) throw e; return e.kind; } };
  const streamed = kind(() => documents.stream(bytes, ring, v.type, v.id, seen, chunk => out.push(chunk)));
  same(streamed, v.want, 'kind of the stream'); same(cat(...out).length, v.released, 'released'); same(sha256(...out), v.releasedSHA256, 'releasedSHA256');
  documents.open(bytes, ring, v.type, v.id, seen);
};

// accounts by name, unlocked with their device.
const account = v => accounts.unlock(accounts.parseAccount(unhex(v.record)), cred.deviceCredential(unhex(v.device)));
const accountVectors = v => {
  members(v, 'name id device record');
  const a = account(v);
  same(idText(a.record.id), v.id, 'id');
};
const named = name => account(load('share/accounts.json').find(v => v.name === name));
const chainOf = () => load('share/chain.json').map(v => unhex(v.entry));
const fronts = [];
const front = n => { // the log of the first n entries of chain.json
  if (!fronts.length) { fronts.push(groups.emptyLog); for (const e of chainOf()) fronts.push(groups.append(fronts.at(-1), [e])); }
  if (!(n in fronts)) throw new Error('front');
  return fronts[n];
};
const openers = id => { // whoever can open a link to this account: accounts.json, and the codes of doors.json
  const known = load('share/accounts.json').filter(v => v.id === id).map(account).sort((a, b) => b.seeds.length - a.seeds.length)[0];
  const code = load('share/doors.json').find(v => v.guest === id && v.code)?.code;
  if (!known && !code) throw new Error(`nobody can open the link to ${id}`);
  return known ?? groups.invitation(parseCode(code));
};
const chain = (v, all) => {
  members(v, 'name entry group hash generation key due dissolved members');
  const n = all.indexOf(v) + 1, log = front(n), { state } = log, key = unhex(v.key);
  same(idText(log.id), v.group, 'group'); same(log.head, v.hash, 'hash'); same(state.generation, v.generation, 'generation');
  same(state.due, v.due, 'due'); same(state.dissolved, v.dissolved, 'dissolved');
  same(groups.commitment(key, v.generation), hex(log.generations.get(v.generation).commitment), 'commitment');
  const sorted = list => list.map(m => `${m.id} ${m.role} ${m.invited}`).sort().join();
  same(groups.inside(state).map(p => ({ id: idText(p.identity.id), role: p.role, invited: p.invitation })).map(m => sorted([m])).sort().join(), sorted(v.members), 'members');
  v.members.forEach(m => members(m, 'id role invited link'));
  same(v.members.filter(m => m.link).map(m => m.id).sort().join(), log.links.map(idText).sort().join(), 'who gets a link');
  for (const m of v.members.filter(x => x.link)) {
    const a = openers(m.id);
    same(groups.openLink(log, unhex(m.link), a), v.key, 'key of the link');
    same(groups.openLink(log, groups.makeLink(log, key, parseIdText(m.id)), a), v.key, 'key of a link made anew');
  }
};
const refused = v => {
  members(v, 'name front entries want');
  const entries = (v.entries ?? []).map(unhex);
  groups.append(front(v.front), entries.length ? entries : fail('malformed'));
};
const standings = v => {
  members(v, 'name front author epoch generation sequence head standing want');
  let standing = 'current';
  try { groups.mayWrite(front(v.front), { author: parseIdText(v.author), epoch: v.epoch, generation: v.generation, sequence: v.sequence, head: unhex(v.head) }); } catch (e) {
    if (e.kind !== 'author' && e.kind !== 'former') { if (e.kind) same(v.standing, 'never', 'standing'); throw e; }
    standing = e.kind === 'author' ? 'never' : 'former';
  }
  same(standing, v.standing, 'standing');
};
const base64 = s => { // what is in JSON: with padding
  need(typeof s === 'string', 'malformed');
  const b = Buffer.from(s, 'base64');
  need(b.toString('base64') === s, 'malformed');
  return b;
};
const changes = v => {
  members(v, 'name front change want'); members(v.change, 'group seq entries bookmark', 'links');
  const c = v.change, links = new Map(Object.entries(c.links ?? {}).map(([id, l]) => [hex(parseIdText(id)), base64(l)]));
  const after = groups.accept(front(v.front), { group: parseIdText(c.group), seq: c.seq, entries: (c.entries ?? []).map(base64), links, bookmark: base64(c.bookmark) });
  same(after.head, hex(front(v.front + 1).head), 'head');
  const e = after.entries.at(-1), by = idText(e.consent ? e.change.people[0].id : e.author), key = load('share/chain.json')[v.front];
  const open = load('share/accounts.json').filter(x => x.id === by).map(account).map(a => { try { return groups.openBookmark(a, base64(c.bookmark)); } catch { return null; } }).find(b => b) ?? fail('open');
  same(open.group, hex(after.id), 'group of the bookmark'); // One change has the bookmark of before: nothing in it says more than the log does, and a server can't tell.
  if (open.sequence !== v.front) throw new Error(`its sequence: ${open.sequence}`);
  same(open.head, hex(front(open.sequence + 1).head), 'its head');
  if (open.generation === key.generation) same(open.key, key.key, 'its key');
};
const doors = v => {
  members(v, 'name door account group from code guest front entries link bookmark keys want');
  if (v.want) nothing(v, 'keys');
  const a = named(v.account), group = parseIdText(v.group), links = v.link ? [unhex(v.link)] : [], sealed = unhex(v.bookmark);
  const entries = [...chainOf().slice(0, v.front), ...(v.entries ?? []).map(unhex)];
  if (v.code) same(idText(groups.invitation(parseCode(v.code)).record.id), v.guest, 'guest');
  else same('0'.repeat(40), v.guest, 'guest');
  if (v.door !== 'join') same(v.from, '0'.repeat(40), 'from');
  if (v.door === 'join' || v.door === 'redeem') same(v.bookmark, '', 'bookmark');
  if (v.door === 'restore') { same(v.front, 0, 'front'); same(v.entries, null, 'entries'); same(v.link, '', 'link'); }
  same(v.door === 'redeem', v.code !== '', 'code');
  const g = {
    join: () => groups.join(a, group, parseIdText(v.from), entries, links),
    redeem: () => groups.redeem(a, group, parseCode(v.code), entries, links).group,
    resume: () => groups.resume(a, sealed, entries, links),
    restore: () => groups.restore(a, sealed),
  }[v.door]();
  same(idText(g.log.id), v.group, 'group');
  if (!v.entries && v.door !== 'restore') same(g.log.entries.length, v.front + (v.door === 'redeem' ? 1 : 0), 'entries');
  const keys = Array.from({ length: g.log.state.generation }, (_, i) => hex(g.keys.get(i + 1) ?? ''));
  same(keys.join(), v.keys.join(), 'keys'); same(keys.length, v.keys.length, 'generations');
  const again = groups.restore(a, groups.snapshot(g)); // what we write, we read
  same(again.log.head, hex(g.log.head), 'head of a snapshot made anew'); same(again.keys.size, g.keys.size, 'its keys');
  same(groups.resume(a, groups.bookmark(g), g.log.entries.map(e => e.bytes)).log.head, hex(g.log.head), 'head of a bookmark made anew');
};

export const checks = {
  'box/box.json': boxes, 'box/public.json': publics,
  'keys/ids.json': ids, 'keys/codes.json': codes, 'keys/devices.json': devices, 'keys/forms.json': forms, 'keys/params.json': params, 'keys/stretch.json': stretch,
  'keys/identities.json': identityVectors, 'keys/records.json': records, 'keys/unlock.json': unlocks, 'keys/successors.json': successors,
  'envelope/documents.json': documentVectors, 'envelope/refusals.json': refusals,
  'share/accounts.json': accountVectors, 'share/chain.json': chain, 'share/changes.json': changes, 'share/doors.json': doors, 'share/authors.json': standings, 'share/refused.json': refused,
  'srp/exchange.json': exchange, 'srp/failures.json': exchangeFailure, 'srp/decoys.json': decoys,
};
