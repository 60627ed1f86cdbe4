// Section 8: documents.
import { SEGMENT, openSegment, sealSegment, start, unlock } from './box.js';
import { cat, fail, heading, isZero, lv, need, sha256, signed, u32, u64, u8, verified, Reader } from './wire.js';

const BOX = 'sealkin/v1/document/box', SIGNATURE = 'sealkin/v1/document/signature', CONTENT = 'sealkin/v1/document/content';
export const CHUNK = 262144, HEADER = 41, HEAD = 105, FACTS = 109, UNKNOWN = 2n ** 64n - 1n;
const STAMP = 105 + SEGMENT, FIRST = STAMP + FACTS, MAX_SEGMENTS = 2 ** 31;

export const padded = n => { // Padmé (8.3); n below 2^53, and no 32-bit operations
  if (n <= 64) return 64;
  const b = BigInt(n), e = BigInt(b.toString(2).length - 1), s = BigInt(e.toString(2).length), m = (1n << (e - s)) - 1n;
  return Number((b + m) & ~m);
};
export const headerOf = d => cat(heading('D'), d.group, u32(d.generation), u64(d.revision));
export const contextOf = (header, type, id) => cat(header, lv(type), lv(id));
export const factsOf = d => cat(d.author, u32(d.epoch), u64(d.sequence), d.head, d.predecessor, u64(d.size));
export const bindingOf = (context, commitment, facts) => sha256(context, commitment, facts);
export const contentOf = (binding, bodies) => sha256(lv(CONTENT), binding, ...bodies);
export const bodyOf = (last, length, chunk) => cat(u8(last ? 1 : 0), u64(length), sha256(chunk));
const goodName = (type, id) => [[type, 255], [id, 1024]].forEach(([x, max]) => { const n = Buffer.byteLength(x); need(n >= 1 && n <= max, 'malformed'); });

// seal makes a document. d: group, generation, revision, type, id, author, epoch, sequence, head, predecessor, size; sign: the seed.
// salt and nonces ([stamp, chunk] for each segment) are given by vectors only. see is told what each segment was made of.
export const seal = (key, d, sign, data, { salt, nonces, see = () => {} } = {}) => {
  goodName(d.type, d.id);
  const header = headerOf(d), context = contextOf(header, d.type, d.id), box = start(key, BOX, context, salt);
  const facts = factsOf(d), binding = bindingOf(context, box.commitment, facts);
  const text = cat(data, Buffer.alloc(padded(data.length) - data.length)), count = Math.ceil(text.length / CHUNK), out = [header, box.front], bodies = [];
  for (let i = 0; i < count; i++) {
    const last = i === count - 1, chunk = text.subarray(i * CHUNK, (i + 1) * CHUNK), length = Math.min((i + 1) * CHUNK, data.length);
    const body = bodyOf(last, length, chunk), signature = signed(sign, SIGNATURE, binding, u64(i), body);
    const sealedStamp = sealSegment(box.subkey, 2 * i, false, cat(i ? '' : facts, body, signature), nonces?.[i][0]);
    out.push(sealedStamp, sealSegment(box.subkey, 2 * i + 1, last, chunk, nonces?.[i][1]));
    bodies.push(body);
    see({ last, length, chunk, signed: cat(lv(SIGNATURE), binding, u64(i), body), signature, sealedStamp });
  }
  const content = contentOf(binding, bodies), mark = { revision: d.revision, commitment: box.commitment, content };
  return { document: cat(...out), mark, content, header, context, subkey: box.subkey, commitment: box.commitment, facts, binding, segments: count };
};

const front = (bytes, ring, type, id, seen) => { // steps 1 to 7
  const want = heading('D'), n = Math.min(bytes.length, 3);
  need(bytes.subarray(0, n).equals(want.subarray(0, n)), 'malformed');
  if (bytes.length > 3) { need(bytes[3] !== 0, 'malformed'); need(bytes[3] === 1, 'newer'); }
  need(bytes.length < HEAD || !isZero(bytes.subarray(33, HEADER)), 'malformed');
  need(bytes.length >= HEAD + FIRST, 'truncated');
  const r = new Reader(bytes), header = r.take(HEADER), h = new Reader(header.subarray(4));
  const group = h.take(25), generation = h.u32(), revision = h.u64(), context = contextOf(header, type, id);
  need(group.equals(ring.group), 'mismatch');
  const key = ring.keys.get(generation) ?? fail('behind'), k = unlock(key, BOX, context, r.take(64));
  need(revision >= (seen?.revision ?? 0n), 'rollback');
  const stamp = openSegment(k.subkey, 0, false, r.take(FIRST)), facts = stamp.subarray(0, FACTS), f = new Reader(facts);
  const d = { group, generation, revision, author: f.take(25), epoch: f.u32(), sequence: Number(f.u64()), head: f.take(32), predecessor: f.take(32), size: f.u64(), commitment: k.commitment };
  const { sign, former } = ring.judge(d); // behind, fork, author
  const doc = { d, sign, former, subkey: k.subkey, binding: bindingOf(context, k.commitment, facts) };
  const first = stampOf(doc, 0, stamp.subarray(FACTS));
  if (seen?.revision) {
    need(revision !== seen.revision || k.commitment.equals(seen.commitment), 'fork');
    need(revision !== seen.revision + 1n || d.predecessor.equals(seen.commitment), 'fork');
  }
  need((revision === 1n) === isZero(d.predecessor), 'malformed');
  return { ...doc, first };
};
const stampOf = (doc, i, bytes) => {
  const r = new Reader(bytes), body = r.take(41), signature = r.take(64), b = new Reader(body);
  need(verified(doc.sign, signature, SIGNATURE, doc.binding, u64(i), body), 'author');
  const s = { body, last: b.u8(), length: b.u64(), hash: b.take(32) };
  need(s.last <= 1, 'malformed');
  return s;
};
const stampAt = (doc, i, sealed) => stampOf(doc, i, openSegment(doc.subkey, 2 * i, false, sealed));
const at = i => (i === 0 ? HEAD : HEAD + FIRST + SEGMENT + CHUNK + (i - 1) * (STAMP + SEGMENT + CHUNK)); // where segment i begins
const chunkAt = i => at(i) + (i === 0 ? FIRST : STAMP);
const sizeOf = length => { const p = padded(length), i = Math.ceil(p / CHUNK) - 1; return chunkAt(i) + SEGMENT + p - i * CHUNK; };
const goodSize = (doc, length) => need(doc.d.size === UNKNOWN || doc.d.size === length, 'malformed');

const same = (doc, seen) => doc.d.revision === seen.revision && doc.d.commitment.equals(seen.commitment);
// judged: a former author's is for who takes it over, and knows its content or has seen none (8.6).
const judged = (doc, seen, takeOver) => need(!doc.former || (takeOver && (!seen || (seen.content && same(doc, seen)))), 'former');

// open opens a whole document (8.5). ring: group, keys (generation → document key), judge(d) → { sign, former }. seen: a mark, or none.
export const open = (bytes, ring, type, id, seen, takeOver = false) => {
  const doc = front(bytes, ring, type, id, seen);
  judged(doc, seen, takeOver);
  let i = 0; // the last segment, by the length
  while (i < MAX_SEGMENTS - 1 && bytes.length > chunkAt(i + 1) + SEGMENT) i++; // that has a byte of chunk
  need(bytes.length > chunkAt(i) + SEGMENT, 'truncated');
  const end = i ? stampAt(doc, i, bytes.subarray(at(i), chunkAt(i))) : doc.first;
  need(end.last === 1, 'truncated');
  need(end.length <= BigInt(MAX_SEGMENTS) * BigInt(CHUNK), 'malformed');
  goodSize(doc, end.length);
  const whole = sizeOf(Number(end.length));
  need(bytes.length >= whole, 'truncated'); need(bytes.length <= whole, 'open');
  const out = [];
  const d = stream(bytes, ring, type, id, seen, chunk => out.push(chunk), takeOver);
  return { ...d, data: cat(...out) };
};

// stream reads from front to end, and releases each chunk after its own checks; the last after the end of the stream as well.
export const stream = (bytes, ring, type, id, seen, release, takeOver = false) => {
  const doc = front(bytes, ring, type, id, seen);
  judged(doc, seen, takeOver);
  const bodies = [];
  const r = new Reader(bytes), have = n => { need(r.left() >= n, 'truncated'); return r.take(n); };
  r.take(HEAD + FIRST);
  let before = 0n;
  for (let i = 0; i < MAX_SEGMENTS; i++) {
    const s = i ? stampAt(doc, i, have(STAMP)) : doc.first, through = BigInt(i + 1) * BigInt(CHUNK), begun = through - BigInt(CHUNK);
    need(s.length <= through && s.length >= before, 'malformed');
    need(i === 0 || before === begun || s.length === before, 'malformed'); // the data were at their end before
    need(doc.d.size === UNKNOWN || s.length === (doc.d.size < through ? doc.d.size : through), 'malformed');
    let n = CHUNK;
    if (s.last) {
      n = padded(Number(s.length)) - Number(begun);
      need(n >= 1 && n <= CHUNK, 'malformed');
      goodSize(doc, s.length);
    }
    const sealed = have(n + SEGMENT);
    if (s.last) need(r.left() === 0, 'open');
    const chunk = openSegment(doc.subkey, 2 * i + 1, s.last === 1, sealed);
    need(sha256(chunk).equals(s.hash), 'author');
    const data = Number(s.length > begun ? s.length - begun : 0n);
    need(isZero(chunk.subarray(data)), 'malformed');
    bodies.push(s.body);
    const content = s.last && contentOf(doc.binding, bodies);
    if (s.last && seen?.content && same(doc, seen)) need(content.equals(seen.content), 'fork');
    release(chunk.subarray(0, data));
    if (s.last) return { ...doc.d, mark: { revision: doc.d.revision, commitment: doc.d.commitment, content } };
    before = s.length;
  }
  return fail('malformed');
};
// reseal (8.6) takes a document over. ring also has newest (the generation) and me: { author, epoch, sequence, head, sign }.
export const reseal = (bytes, ring, type, id, seen) => {
  ring.sealable?.();
  const was = open(bytes, ring, type, id, seen, true), { sign, ...me } = ring.me;
  const d = { group: ring.group, generation: ring.newest, revision: was.revision + 1n, type, id, ...me, predecessor: was.commitment, size: BigInt(was.data.length) };
  return seal(ring.keys.get(ring.newest) ?? fail('behind'), d, sign, was.data);
};
// write seals for a ring, as the revision behind seen. size is UNKNOWN for what was a stream.
export const write = (ring, type, id, data, seen, size = BigInt(data.length)) => {
  ring.sealable?.();
  const { sign, ...me } = ring.me, revision = (seen?.revision ?? 0n) + 1n;
  const d = { group: ring.group, generation: ring.newest, revision, type, id, ...me, predecessor: seen?.commitment ?? Buffer.alloc(32), size };
  return seal(ring.keys.get(ring.newest) ?? fail('behind'), d, sign, data);
};
export const markBytes = m => cat(u64(m.revision), m.commitment, m.content ?? '');
export const parseMark = bytes => {
  need(bytes.length === 40 || bytes.length === 72, 'malformed');
  const r = new Reader(bytes), mark = { revision: r.u64(), commitment: r.take(32) };
  if (r.left()) mark.content = r.take(32);
  need(!mark.content || !isZero(mark.content), 'malformed');
  need(mark.revision > 0n ? !isZero(mark.commitment) : isZero(mark.commitment) && !mark.content, 'malformed');
  return mark.revision ? mark : undefined;
};
