// Section 5: identities.
import { PUBLIC, goodPublicKey, kemPublic } from './box.js';
import { cat, expand, fail, goodSigningKey, hash, heading, isZero, lv, need, open, sha256, signed, signingKey, u32, u8, verified, zeros, Reader } from './wire.js';

const A = 'sealkin/v1/account/', I = 'sealkin/v1/identity/';
export const MAX_EPOCHS = 64, STATEMENT = 1285, LIMIT = 4 + 64 * 1413;

// secrets are the private keys of an epoch, from its seed (5.4).
export const secrets = (seed, epoch, id) => ({
  kem: expand(seed, A + 'kem', 32, u32(epoch)),
  sign: expand(seed, A + 'sign', 32, u32(epoch)),
  ...(id && { documents: expand(seed, A + 'documents', 32, id, u32(epoch)), bookmarks: expand(seed, A + 'bookmarks', 32, id, u32(epoch)) }),
});
export const statementHash = statement => hash(I + 'statement-hash', statement);
export const accountID = statement0 => sha256(lv(A + 'id'), statement0).subarray(0, 25);

export const parseStatement = bytes => {
  need(bytes.length === STATEMENT, 'malformed');
  const r = new Reader(bytes), version = r.u8();
  need(version !== 0, 'malformed');
  need(version === 1, 'newer');
  return { statement: bytes, epoch: r.u32(), kem: r.take(PUBLIC), sign: r.take(32), previous: r.take(32), hash: statementHash(bytes) };
};
// parseIdentity checks all of 5.3 that needs nothing seen. want: the id that was asked for, or none.
export const parseIdentity = (bytes, want) => {
  const r = open(bytes, 'I', LIMIT), epochs = [];
  let id;
  do {
    const e = parseStatement(r.take(STATEMENT)), before = epochs.at(-1);
    need(e.epoch === epochs.length && e.epoch < MAX_EPOCHS, 'malformed');
    need(before ? e.previous.equals(before.hash) : isZero(e.previous), 'malformed');
    need(goodSigningKey(e.sign), 'malformed');
    id ??= accountID(e.statement);
    need(verified(e.sign, r.take(64), I + 'self-signature', id, e.statement), 'malformed');
    if (before) need(verified(before.sign, r.take(64), I + 'succession-signature', id, e.statement), 'malformed');
    epochs.push(e);
  } while (r.left() > 0);
  need(goodPublicKey(epochs.at(-1).kem), 'malformed');
  if (want) need(id.equals(want), 'mismatch');
  return { bytes: Buffer.from(bytes), id, epochs, newest: epochs.at(-1) };
};
export const continues = (seen, now) => {
  need(seen.id.equals(now.id), 'mismatch');
  const n = Math.min(seen.epochs.length, now.epochs.length); // another epoch is a fork, even if there are fewer
  need(seen.epochs.slice(0, n).every((e, i) => e.statement.equals(now.epochs[i].statement)), 'fork');
  need(now.epochs.length >= seen.epochs.length, 'rollback');
};

// buildIdentity makes the record of seeds, one for each epoch.
export const buildIdentity = seeds => {
  const out = [heading('I')];
  let id, before;
  seeds.forEach((seed, e) => {
    const s = secrets(seed, e), previous = before ? statementHash(before.statement) : zeros(32);
    const statement = cat(u8(1), u32(e), kemPublic(s.kem), signingKey(s.sign), previous);
    id ??= accountID(statement);
    out.push(statement, signed(s.sign, I + 'self-signature', id, statement));
    if (before) out.push(signed(before.sign, I + 'succession-signature', id, statement));
    before = { statement, sign: s.sign };
  });
  return cat(...out);
};
// ownKeys: the seeds are those of the identity (6.3, step 5).
export const ownSeeds = (identity, seeds) => {
  need(seeds.length === identity.epochs.length, 'open');
  identity.epochs.forEach((e, i) => {
    const s = secrets(seeds[i], i);
    need(kemPublic(s.kem).equals(e.kem) && signingKey(s.sign).equals(e.sign), 'open');
  });
};
