// Section 9: groups.
import { openBox, openSealed, sealBox, sealTo } from './box.js';
import { buildIdentity, continues, parseIdentity, secrets } from './identity.js';
import { cat, equal, expand, extract, fail, hash, heading, hex, isZero, lv, need, open, random, sha256, signed, u32, u64, u8, verified, zeros, Reader } from './wire.js';

const G = 'sealkin/v1/group/';
export const READER = 1, WRITER = 2, ADMIN = 3, OWNER = 4;
export const kinds = ['', 'create', 'add', 'invite', 'remove', 'set role', 're-key', 'redeem', 'leave', 'rotate', 'repair', 'dissolve'];
const [, CREATE, ADD, INVITE, REMOVE, SETROLE, REKEY, REDEEM, LEAVE, ROTATE, REPAIR, DISSOLVE] = kinds.keys();
const least = [0, 0, ADMIN, ADMIN, ADMIN, ADMIN, READER, 0, READER, ADMIN, WRITER, OWNER];
const mayRotate = [ADD, INVITE, REMOVE, SETROLE, REKEY, ROTATE];
const BOX = 124, MAX_ENTRY = 4 << 20, MAX_ENTRIES = 100000, MAX_PEOPLE = 10000, MAX_INVITATIONS = 1000;

const counted = (r, max, one) => {
  const n = r.u32();
  need(n >= 1 && n <= max, 'malformed');
  return Array.from({ length: n }, one);
};
const ascending = list => need(list.every((x, i) => i === 0 || Buffer.compare(list[i - 1], x) < 0), 'malformed');
const parseChange = (kind, bytes) => {
  const r = new Reader(bytes), c = {};
  if ([ADD, INVITE, SETROLE].includes(kind)) { c.role = r.u8(); need(c.role >= READER && c.role <= OWNER, 'malformed'); }
  if ([CREATE, ADD, INVITE, REKEY, REDEEM].includes(kind)) {
    c.people = counted(r, ADD === kind || INVITE === kind ? 1000 : 1, () => parseIdentity(r.lv()));
  }
  if ([REMOVE, SETROLE].includes(kind)) { c.ids = counted(r, 10000, () => r.take(25)); ascending(c.ids); }
  if (kind === REPAIR) {
    c.old = counted(r, 1000, () => ({ generation: r.u32(), box: r.take(BOX) }));
    ascending(c.old.map(o => u32(o.generation)));
  }
  r.end();
  return c;
};
export const parseEntry = bytes => {
  const r = open(bytes, 'E', MAX_ENTRY);
  const e = { group: r.take(25), sequence: Number(r.u64()), previous: r.take(32), author: r.take(25), epoch: r.u32(), kind: r.u8() };
  const change = r.lv();
  need(e.kind >= CREATE && e.kind <= DISSOLVE, 'malformed');
  e.change = parseChange(e.kind, change);
  const flag = r.u8();
  need(flag <= 1, 'malformed');
  if (flag) {
    e.rotation = { generation: r.u32(), commitment: r.take(32), older: r.u32(), box: r.lv(BOX) };
    need(e.rotation.box.length === (e.rotation.older ? BOX : 0), 'malformed');
  }
  e.body = r.b.subarray(0, r.i);
  e.signature = r.take(64);
  if (e.kind === REDEEM) e.consent = r.take(64);
  r.end();
  if (e.sequence === 0) need(isZero(e.group) && isZero(e.previous), 'malformed');
  return { ...e, bytes: Buffer.from(bytes), hash: hash(G + 'entry-hash', e.body) };
};
export const groupID = body0 => sha256(lv(G + 'id'), body0).subarray(0, 25);
const tolerant = f => { try { f(); return true; } catch { return false; } };

// A state: people by id in hex, { role, identity, invitation, by, since }; generation; due; dissolved.
const empty = { people: new Map(), generation: 0, due: false, dissolved: false };
const person = (state, id) => state.people.get(hex(id)) ?? { role: 0 };
export const inside = state => [...state.people.values()].filter(p => p.role > 0);

// judge gives the state behind entry e of a log (9.4).
const judge = (log, e) => {
  const n = log.entries.length, state = log.state, first = n === 0, c = e.change;
  need(e.sequence <= n, 'behind');
  need(e.sequence >= n, 'rollback');
  if (!first) {
    need(e.group.equals(log.id), 'mismatch');
    need(e.previous.equals(log.head), 'fork');
  }
  if (first !== (e.kind === CREATE)) fail(first ? 'malformed' : 'forbidden');
  const author = person(state, e.author), role = first ? OWNER : author.role;
  if (first) {
    need(c.people[0].id.equals(e.author) && e.epoch === c.people[0].newest.epoch, 'malformed');
    need(e.rotation?.generation === 1 && e.rotation.older === 0, 'malformed');
  } else {
    need(!state.dissolved, 'forbidden');
    need(e.kind === REDEEM ? role > 0 && author.invitation : role >= least[e.kind] && !author.invitation, 'forbidden');
  }
  const key = first || e.kind === REKEY ? c.people[0] : author.identity;
  need(n < MAX_ENTRIES && (n < MAX_ENTRIES - 1000 || role === OWNER), 'forbidden');
  need(e.kind === REKEY || e.epoch === key.newest.epoch, 'behind');

  const people = new Map(state.people), next = { ...state, people };
  const set = (id, change) => people.set(hex(id), { ...person(next, id), ...change });
  const below = r => role === OWNER || r < role;
  const known = identity => { const k = person(state, identity.id).identity; return !k || tolerant(() => continues(k, identity)); };
  const admit = (identity, change) => set(identity.id, { identity, invitation: false, since: n, ...change });
  const end = id => set(id, { role: 0, invitation: false });
  let takes = [REMOVE, REKEY, REDEEM, LEAVE, ROTATE].includes(e.kind), took = [];
  switch (e.kind) {
    case CREATE: admit(c.people[0], { role: OWNER, by: e.author }); took = c.people; break;
    case ADD: case INVITE:
      need(below(c.role) && (e.kind === ADD || c.role < role), 'forbidden');
      for (const p of c.people) {
        need(!person(next, p.id).role, 'forbidden');
        need(known(p), 'mismatch');
        admit(p, { role: c.role, by: e.author, invitation: e.kind === INVITE });
      }
      took = c.people;
      break;
    case REMOVE:
      for (const id of c.ids) {
        const p = person(state, id);
        need(p.role, 'mismatch');
        need(!id.equals(e.author) && below(p.role), 'forbidden');
        end(id);
      }
      break;
    case SETROLE:
      for (const id of c.ids) {
        const p = person(state, id);
        need(p.role, 'mismatch');
        need(!p.invitation && p.role !== c.role && below(p.role) && below(c.role), 'forbidden');
        takes ||= c.role < p.role;
        set(id, { role: c.role });
      }
      break;
    case REKEY:
      need(key.id.equals(e.author) && e.epoch === key.newest.epoch && known(key) && key.epochs.length > author.identity.epochs.length, 'mismatch');
      set(e.author, { identity: key });
      break;
    case REDEEM:
      need(!person(state, c.people[0].id).role, 'forbidden');
      need(known(c.people[0]), 'mismatch');
      admit(c.people[0], { role, by: author.by });
      end(e.author);
      took = c.people;
      break;
    case LEAVE: end(e.author); break;
    case REPAIR:
      for (const o of c.old) {
        need(o.generation >= 1 && o.generation < state.generation, 'malformed');
        need(!log.boxes.some(b => b.repair && b.author.equals(e.author) && b.generation === state.generation && b.older === o.generation), 'forbidden');
      }
      break;
    case DISSOLVE: next.dissolved = true;
  }
  for (const p of inside(next)) {
    const by = p.invitation && person(next, p.by);
    if (by && (by.role < ADMIN || by.role <= p.role || (e.kind === REKEY && p.by.equals(e.author)))) end(p.identity.id);
  }
  const all = inside(next), invitations = all.filter(p => p.invitation).length;
  need(all.some(p => p.role === OWNER) && all.length <= MAX_PEOPLE && invitations <= MAX_INVITATIONS, 'forbidden');

  const may = first || (role >= ADMIN && mayRotate.includes(e.kind));
  need(e.rotation ? may : !(may && takes) && !state.due, 'forbidden');
  if (e.rotation) {
    need(e.rotation.generation === state.generation + 1 && e.rotation.older < e.rotation.generation, 'malformed');
    next.generation = e.rotation.generation;
  }
  next.due = !e.rotation && takes;
  need(verified(key.newest.sign, e.signature, G + 'entry-signature', e.body), 'malformed');
  if (e.consent) need(verified(c.people[0].newest.sign, e.consent, G + 'redeem-signature', e.body), 'malformed');
  return { state: next, links: e.rotation ? all.map(p => p.identity.id) : took.map(p => p.id) };
};
export const emptyLog = { id: null, head: zeros(32), entries: [], state: empty, states: [], boxes: [], generations: new Map() };
// append gives the log with all of the entries, or fails for all.
export const append = (log, list) => {
  for (const e of list.map(parseEntry)) { // the form of all of them comes first (9.4)
    const { state, links } = judge(log, e), boxes = [...log.boxes], generations = new Map(log.generations);
    if (e.rotation) {
      generations.set(state.generation, { commitment: e.rotation.commitment, began: e.hash });
      if (e.rotation.older) boxes.push({ generation: state.generation, older: e.rotation.older, box: e.rotation.box });
    }
    for (const o of e.change.old ?? []) boxes.push({ repair: true, author: e.author, generation: state.generation, older: o.generation, box: o.box });
    log = { id: log.id ?? groupID(e.body), head: e.hash, entries: [...log.entries, e], state, states: [...log.states, state], boxes, generations, links };
  }
  return log;
};
export const readLog = list => { need(list.length > 0, 'malformed'); return append(emptyLog, list); };

// Generations (9.5).
export const commitment = (key, generation) => expand(key, G + 'key-commitment', 32, u32(generation));
export const documentsKey = (key, group, generation) => expand(key, G + 'key-documents', 32, group, u32(generation));
const previousKey = (key, group, generation) => expand(key, G + 'key-previous', 32, group, u32(generation));
const oldKeyContext = (group, generation, older) => cat(group, u32(generation), u32(older));
const oldKeyBox = (key, group, generation, older, oldKey) => sealBox(previousKey(key, group, generation), G + 'old-key', oldKeyContext(group, generation, older), oldKey);
const committed = (log, generation, key) => key.length === 32 && commitment(key, generation).equals(log.generations.get(generation).commitment);
// reach gives all keys that the boxes lead to, from those in keys (generation → key).
export const reach = (log, keys) => {
  const out = new Map(keys);
  for (let more = true; more;) {
    more = false;
    for (const b of log.boxes) {
      if (out.has(b.older) || !out.has(b.generation)) continue;
      let key;
      try { key = openBox(previousKey(out.get(b.generation), log.id, b.generation), G + 'old-key', oldKeyContext(log.id, b.generation, b.older), b.box); } catch { continue; }
      if (committed(log, b.older, key)) { out.set(b.older, key); more = true; }
    }
  }
  return out;
};

// Links (9.6). An account here is { record: { id, identity }, seeds }.
const place = (log, generation, id, statementHash) => cat(log.generations.get(generation).began, u32(generation), id, statementHash);
export const makeLink = (log, key, id) => {
  const { identity } = person(log.state, id), generation = log.state.generation;
  return cat(heading('L'), log.id, u32(generation), sealTo(identity.newest.kem, G + 'link', place(log, generation, id, identity.newest.hash), key));
};
export const openLink = (log, bytes, account) => {
  const r = open(bytes, 'L', 1277), group = r.take(25), generation = r.u32(), sealed = r.take(1244);
  r.end();
  need(group.equals(log.id), 'mismatch');
  need(generation <= log.state.generation, 'behind');
  need(generation === log.state.generation, 'rollback');
  const known = person(log.state, account.record.id).identity ?? fail('behind');
  for (const e of known.epochs.toReversed()) {
    if (e.epoch >= account.seeds.length) continue;
    let key;
    try { key = openSealed(secrets(account.seeds[e.epoch], e.epoch).kem, G + 'link', place(log, generation, known.id, e.hash), sealed); } catch { continue; }
    if (committed(log, generation, key)) return key;
  }
  return fail('open');
};

// invitation is the account of a code (9.7).
export const invitation = code => {
  const seeds = [expand(extract('sealkin/v1/credential/code', code), G + 'invitation', 32)];
  const identity = parseIdentity(buildIdentity(seeds));
  return { record: { id: identity.id, identity }, seeds };
};

// A group is { log, account, keys }. What makes an entry returns { group, entry, links: [{ to, link }] }.
const own = (log, account) => { // what all doors refuse
  const { identity } = account.record, known = person(log.state, identity.id).identity;
  if (!known) return;
  const n = Math.min(known.epochs.length, identity.epochs.length);
  for (let i = 0; i < n; i++) need(known.epochs[i].statement.equals(identity.epochs[i].statement), 'mismatch');
  need(known.epochs.length <= identity.epochs.length, 'behind');
};
const withLinks = (log, account, links, keys = new Map()) => {
  const out = new Map(keys);
  for (const l of links) out.set(log.state.generation, openLink(log, l, account));
  return { log, account, keys: reach(log, out) };
};
const write = (log, account, keys, kind, change, { rotate = false, consent, epoch } = {}) => {
  const { state } = log, id = account.record.id, generation = state.generation + 1, key = random(32);
  let rotation = u8(0);
  if (rotate) {
    const older = Math.max(0, ...keys.keys());
    const box = older ? oldKeyBox(key, log.id, generation, older, keys.get(older)) : zeros(0);
    rotation = cat(u8(1), u32(generation), commitment(key, generation), u32(older), lv(box));
  }
  const seedOf = (a, e) => secrets(a.seeds[e], e).sign;
  epoch ??= person(state, id).identity?.newest.epoch ?? account.seeds.length - 1;
  const body = cat(heading('E'), log.id ?? zeros(25), u64(log.entries.length), log.head, id, u32(epoch), u8(kind), lv(change), rotation);
  const parts = [body, signed(seedOf(account, epoch), G + 'entry-signature', body)];
  if (consent) parts.push(signed(seedOf(consent, consent.seeds.length - 1), G + 'redeem-signature', body));
  const entry = cat(...parts), after = append(log, [entry]), all = new Map(keys);
  if (rotate) all.set(generation, key);
  const newest = all.get(after.state.generation);
  need(newest || !after.links.length, 'behind');
  return { group: { log: after, account, keys: all }, entry, links: after.links.map(to => ({ to, link: makeLink(after, newest, to) })) };
};
const people = list => cat(u32(list.length), ...list.map(p => lv(p.bytes)));
const ids = list => cat(u32(list.length), ...[...list].sort(Buffer.compare));
const me = g => person(g.log.state, g.account.record.id);

export const create = account => write(emptyLog, account, new Map(), CREATE, people([account.record.identity]), { rotate: true });
const changing = (g, kind, change, { takes = false, rotate = false, ...more } = {}) =>
  write(g.log, g.account, g.keys, kind, change, { rotate: mayRotate.includes(kind) && me(g).role >= ADMIN && (takes || rotate || g.log.state.due), ...more });
export const add = (g, role, identities, rotate) => changing(g, ADD, cat(u8(role), people(identities)), { rotate });
export const invite = (g, role, codes, rotate) => changing(g, INVITE, cat(u8(role), people(codes.map(c => invitation(c).record.identity))), { rotate });
export const remove = (g, list) => changing(g, REMOVE, ids(list), { takes: true });
export const setRole = (g, role, list, rotate) => changing(g, SETROLE, cat(u8(role), ids(list)), { takes: list.some(id => role < person(g.log.state, id).role), rotate });
export const rekey = (g, account = g.account) => changing({ ...g, account }, REKEY, people([account.record.identity]), { takes: true, epoch: account.seeds.length - 1 });
export const leave = g => changing(g, LEAVE, zeros(0));
export const rotate = g => changing(g, ROTATE, zeros(0), { takes: true });
export const dissolve = g => changing(g, DISSOLVE, zeros(0));
export const repair = (g, generations) => {
  const n = g.log.state.generation, key = g.keys.get(n) ?? fail('behind');
  const boxes = generations.map(o => cat(u32(o), oldKeyBox(key, g.log.id, n, o, g.keys.get(o) ?? fail('behind'))));
  return changing(g, REPAIR, cat(u32(boxes.length), ...boxes));
};
export const update = (g, list, links = []) => {
  const all = list.map(parseEntry);
  let here = 0; // entries at the front that the log has
  for (; here < all.length && all[here].sequence < g.log.entries.length; here++) {
    const e = all[here];
    need((e.sequence ? e.group : groupID(e.body)).equals(g.log.id), 'mismatch');
    need(g.log.entries[e.sequence].hash.equals(e.hash), 'fork');
    need(!here || e.sequence === all[here - 1].sequence + 1, 'rollback');
  }
  const log = append(g.log, list.slice(here));
  own(log, g.account);
  return withLinks(log, g.account, links, g.keys);
};

// Doors (9.7).
const theGroup = (list, id) => { const log = readLog(list); need(log.id.equals(id), 'mismatch'); return log; };
export const join = (account, id, by, list, links) => {
  const log = theGroup(list, id), mine = person(log.state, account.record.id);
  own(log, account);
  need(mine.role && !mine.invitation, 'behind');
  need(by.equals(mine.by) || by.equals(log.entries[0].author), 'mismatch');
  return withLinks(log, account, links);
};
export const redeem = (account, id, code, list, links) => {
  const log = theGroup(list, id), inv = invitation(code), p = person(log.state, inv.record.id);
  need(p.role && p.invitation, 'mismatch');
  need(!log.state.due, 'behind'); // until somebody rotates
  const { keys } = withLinks(log, inv, links);
  const made = write(log, inv, keys, REDEEM, people([account.record.identity]), { consent: account });
  return { ...made, group: { ...made.group, account } };
};

// Bookmarks and snapshots (9.8).
const front = (kind, id, epoch) => cat(heading(kind), id, u32(epoch));
const wrap = (g, kind, label, content) => {
  const epoch = g.account.seeds.length - 1, p = front(kind, g.log.id, epoch);
  return cat(p, sealBox(secrets(g.account.seeds[epoch], epoch, g.account.record.id).bookmarks, G + label, p, content));
};
const unwrap = (account, bytes, kind, label, limit) => {
  const r = open(bytes, kind, limit), group = r.take(25), epoch = r.u32(), box = r.take(r.left());
  need(epoch < account.seeds.length, 'behind');
  return { group, content: new Reader(openBox(secrets(account.seeds[epoch], epoch, account.record.id).bookmarks, G + label, front(kind, group, epoch), box)) };
};
export const bookmark = g => {
  const newest = Math.max(0, ...g.keys.keys());
  return wrap(g, 'B', 'bookmark', cat(u64(g.log.entries.length - 1), g.log.head, u32(newest), g.keys.get(newest) ?? zeros(32)));
};
export const openBookmark = (account, bytes) => {
  need(bytes.length === 201, 'malformed');
  const { group, content: r } = unwrap(account, bytes, 'B', 'bookmark', 201);
  const b = { group, sequence: Number(r.u64()), head: r.take(32), generation: r.u32(), key: r.take(32) };
  r.end();
  return b;
};
export const resume = (account, bytes, list, links = []) => {
  const b = openBookmark(account, bytes), log = theGroup(list, b.group);
  need(log.entries.length > b.sequence, 'rollback');
  need(log.entries[b.sequence].hash.equals(b.head), 'fork');
  own(log, account);
  const keys = new Map();
  if (b.generation >= 1 && b.generation <= log.state.generation && committed(log, b.generation, b.key)) keys.set(b.generation, b.key);
  return withLinks(log, account, links, keys);
};
const named = e => (e.change.people ?? []).map(p => p.id);
export const snapshot = g => wrap(g, 'S', 'snapshot', cat(u32(g.log.entries.length), ...g.log.entries.map(e => cat(lv(e.bytes), e.hash, ...named(e))),
  u32(g.keys.size), ...[...g.keys].sort((a, b) => a[0] - b[0]).map(([n, key]) => cat(u32(n), key))));
// restore verifies the entries again, though it need not: they are what the account itself has sealed.
export const restore = (account, bytes) => {
  const { group, content: r } = unwrap(account, bytes, 'S', 'snapshot', 2 ** 30), entries = [], keys = new Map();
  for (let n = r.u32(); n > 0; n--) {
    const e = parseEntry(r.lv());
    need(r.take(32).equals(e.hash) && named(e).every(id => r.take(25).equals(id)), 'open');
    entries.push(e.bytes);
  }
  for (let n = r.u32(); n > 0; n--) keys.set(r.u32(), r.take(32));
  r.end();
  const log = theGroup(entries, group);
  own(log, account);
  for (const [n, key] of keys) need(n >= 1 && n <= log.state.generation && committed(log, n, key), 'malformed');
  return { log, account, keys };
};

// accept is what a server checks of a change { group, seq, entries, links (Map of id in hex → link), bookmark }: no key is needed.
export const accept = (log, c) => {
  need(c.seq <= log.entries.length, 'behind'); need(c.seq >= log.entries.length, 'rollback');
  need(c.entries.length > 0, 'malformed');
  const after = append(log, c.entries), front = (kind, bytes, length) => {
    need(bytes.length === length, 'malformed');
    const r = open(bytes, kind, length);
    need(r.take(25).equals(after.id), 'mismatch');
    return r;
  };
  need(c.group.equals(after.id), 'mismatch');
  need(c.links.size === after.links.length && after.links.every(id => c.links.has(hex(id))), 'mismatch');
  for (const bytes of c.links.values()) {
    const generation = front('L', bytes, 1277).u32();
    need(generation <= after.state.generation, 'behind'); need(generation === after.state.generation, 'rollback');
  }
  front('B', c.bookmark, 201);
  return after;
};

// Documents (9.9). d: { author, epoch, generation, sequence, head } of a document.
export const mayWrite = (log, d) => {
  need(d.sequence < log.entries.length, 'behind');
  need(log.entries[d.sequence].hash.equals(d.head), 'fork');
  const writer = (state) => { const p = person(state, d.author); return p.role >= WRITER && !p.invitation && p.identity.newest.epoch === d.epoch; };
  const then = log.states[d.sequence];
  need(writer(then) && then.generation === d.generation && !then.due && !then.dissolved, 'author');
  need(writer(log.state), 'former');
};
// ring is a group as documents see it (8.1).
export const ring = g => {
  const { log, account } = g, keys = new Map([...g.keys].map(([n, key]) => [n, documentsKey(key, log.id, n)])), epoch = account.seeds.length - 1;
  const me = { author: account.record.id, epoch, sequence: log.entries.length - 1, head: log.head, sign: secrets(account.seeds[epoch], epoch).sign };
  const judge = d => {
    let former = false;
    try { mayWrite(log, d); } catch (e) { if (e.kind !== 'former') throw e; former = true; }
    return { sign: person(log.states[d.sequence], d.author).identity.epochs[d.epoch].sign, former };
  };
  return { group: log.id, keys, newest: log.state.generation, me, judge, sealable: () => sealable(g) };
};
export const sealable = g => {
  const { state } = g.log, p = me(g);
  need(p.role >= WRITER && !p.invitation && !state.due && !state.dissolved, 'forbidden');
  need(p.identity.newest.epoch === g.account.seeds.length - 1 && g.keys.has(state.generation), 'behind');
};
export const member = person;
