// A server of JSON lines on stdin and stdout, for tests that let two implementations open what the other made.
import { createInterface } from 'node:readline';
import * as accounts from './account.js';
import * as cred from './credentials.js';
import * as documents from './document.js';
import * as groups from './group.js';
import * as identities from './identity.js';
import { passphraseForm, userName } from './precis.js';
import * as srp from './srp.js';
import { Fail, cat, codeText, hex, idGroups, idText, idTyped, parseCode, parseIdText, parseTypedId, random, unhex, zeros } from './wire.js';

class Usage extends Error {}
const handles = new Map();
const get = (kind, name) => {
  const h = handles.get(`${kind} ${name}`);
  if (!h) throw new Usage(`no ${kind} with the handle ${JSON.stringify(name)}`);
  return h;
};
const put = (kind, name, value) => {
  if (typeof name !== 'string' || !name) throw new Usage('a handle is a text');
  handles.set(`${kind} ${name}`, value);
  return value;
};
const maybe = (x, f = unhex) => (x === undefined || x === null ? undefined : f(x));
const list = (x, f = unhex) => (x ?? []).map(f);
const parsed = x => accounts.parseAccount(unhex(x));

const credential = c => {
  if (!c || typeof c !== 'object') throw new Usage('credential');
  if ('passphrase' in c) return cred.passphraseCredential(c.passphrase, c.service, userName(c.name), unhex(c.params), unhex(c.second ?? ''));
  if ('code' in c) return cred.codeCredential(parseCode(c.code));
  if ('device' in c) return cred.deviceCredential(unhex(c.device));
  throw new Usage('credential');
};
const recordOf = r => ({
  record: hex(r.bytes), account: idText(r.id), revision: Number(r.revision), hash: hex(r.hash), previous: hex(r.previous), identity: hex(r.identity.bytes), epoch: r.identity.newest.epoch,
  slots: r.slots.map(s => ({ kind: s.kind, label: s.label.toString(), id: hex(s.id), params: s.kind === cred.PASSPHRASE ? hex(s.subject) : '', verifier: hex(s.verifier) })),
});
const accountOf = a => ({ ...recordOf(a.record), seeds: a.seeds.map(hex) });
const identityOf = i => ({ account: idText(i.id), epoch: i.newest.epoch, hashes: i.epochs.map(e => hex(e.hash)) });
const stateOf = (log, keys) => ({
  group: idText(log.id), sequence: log.entries.length - 1, head: hex(log.head), generation: log.state.generation, due: log.state.due, dissolved: log.state.dissolved,
  people: groups.inside(log.state).map(p => ({ account: idText(p.identity.id), role: p.role, invitation: p.invitation, by: idText(p.by), since: p.since, epoch: p.identity.newest.epoch }))
    .sort((a, b) => (a.account < b.account ? -1 : 1)),
  ...(keys && { keys: [...keys].sort((a, b) => a[0] - b[0]).map(([generation, key]) => ({ generation, key: hex(key) })) }),
});
const groupOf = g => stateOf(g.log, g.keys);
const made = (name, m) => {
  put('group', name, m.group);
  return { entry: hex(m.entry), links: m.links.map(l => ({ to: idText(l.to), link: hex(l.link) })), ...groupOf(m.group) };
};
const changing = f => q => made(q.group, f(get('group', q.group), q));
const door = f => q => groupOf(put('group', q.as, f(get('account', q.account), q)));

const ringOf = q => {
  if ((q.group === undefined) === (q.account === undefined)) throw new Usage('a group or an account');
  return q.group !== undefined ? groups.ring(get('group', q.group)) : accounts.ring(get('account', q.account));
};
const mark = x => documents.parseMark(unhex(x));
const sealed = d => ({ document: hex(d.document), mark: hex(documents.markBytes(d.mark)) });
const opened = d => ({ author: idText(d.author), epoch: d.epoch, generation: d.generation, revision: Number(d.revision), sequence: d.sequence, head: hex(d.head) });

export const ops = {
  'text.id': q => { const id = parseTypedId(q.text); return { bytes: hex(id), text: idText(id), groups: idGroups(id), typed: idTyped(id) }; },
  'text.code': q => ({ code: hex(parseCode(q.text)) }),
  'text.name': q => ({ text: userName(q.text) }),
  'text.passphrase': q => ({ text: passphraseForm(q.text) }),
  'code.new': q => ({ code: codeText(maybe(q.code) ?? random(20)) }),
  'params.new': q => ({ params: hex(cred.newParams(q, q.second, maybe(q.salt))) }),
  'credential': q => {
    const c = credential(q.credential);
    return { kind: c.kind, root: hex(c.root), login: hex(c.login), unlock: hex(c.unlock), slot: hex(c.slotID), verifier: hex(srp.verifier(c.login)) };
  },

  'identity.parse': q => {
    const i = identities.parseIdentity(unhex(q.identity), maybe(q.want, parseIdText));
    if (q.seen) identities.continues(identities.parseIdentity(unhex(q.seen)), i);
    return identityOf(i);
  },
  'account.create': q => accountOf(put('account', q.as, accounts.create(q.label, credential(q.credential), maybe(q.seed)))),
  'account.unlock': q => accountOf(put('account', q.as, accounts.unlock(parsed(q.record), credential(q.credential), maybe(q.seen, parsed)))),
  'account.trusted': q => accountOf(put('account', q.as, accounts.unlockTrusted(parsed(q.record), get('account', q.trustee), parseIdText(q.owner), maybe(q.seen, parsed)))),
  'account.change': q => {
    const a = get('account', q.account);
    const add = list(q.add, s => own => (s.trustee ? accounts.trusteeSlot(own, s.label, identities.parseIdentity(unhex(s.trustee))) : accounts.newSlot(own, s.label, credential(s.credential))));
    return accountOf(put('account', q.account, accounts.change(a, { add, remove: q.remove ?? [], rotate: !!q.rotate, allowCheaper: !!q.cheaper })));
  },
  'account.parse': q => { const r = parsed(q.record); if (q.seen) accounts.continues(parsed(q.seen), r); return recordOf(r); },
  'account.accept': q => { accounts.serverAccepts(parsed(q.held), parsed(q.record)); return {}; },

  'login.hello': q => {
    const h = srp.hello(userName(q.name), maybe(q.slot) ?? zeros(16));
    put('login', q.as, h);
    return { hello: hex(h.message) };
  },
  'login.params': q => ({ params: hex(srp.challengeParams(get('login', q.login), unhex(q.challenge), maybe(q.seen))) }),
  'login.respond': q => {
    const h = get('login', q.login), keys = srp.respond(h, unhex(q.challenge), q.service, credential(q.credential), maybe(q.binding));
    put('login', q.login, { ...h, keys });
    return { proof: hex(keys.message) };
  },
  'login.finish': q => {
    const { keys } = get('login', q.login);
    if (!keys) throw new Usage('login.respond comes first');
    srp.finish(keys, unhex(q.reply));
    return { token: keys.token, export: hex(srp.exported(keys.session, q.export ?? '')) };
  },
  'login.challenge': q => {
    let known = null;
    const { slot } = srp.parseHello(unhex(q.hello));
    if (q.record) { // the look-up found this account
      const r = parsed(q.record), s = r.slots.find(x => (slot.equals(zeros(16)) ? x.kind === cred.PASSPHRASE : x.kind !== cred.TRUSTEE && x.kind !== cred.PASSPHRASE && x.id.equals(slot)));
      if (s) known = { id: r.id, kind: s.kind, params: s.subject, v: s.verifier };
    }
    const c = srp.challenge(unhex(q.serverKey), q.service, unhex(q.hello), known, q.decoys);
    return { challenge: hex(c.message), state: hex(c.state) };
  },
  'login.verify': q => {
    const r = srp.verify(unhex(q.serverKey), q.service, unhex(q.state), unhex(q.proof), maybe(q.binding));
    return { reply: hex(r.reply), token: r.token, export: hex(srp.exported(r.session, q.export ?? '')), account: idText(r.state.account), name: r.state.name.toString(), kind: r.state.kind, slot: hex(r.state.slot) };
  },

  'log.read': q => stateOf(groups.readLog(list(q.entries))),
  'group.create': q => made(q.as, groups.create(get('account', q.account))),
  'group.add': changing((g, q) => groups.add(g, q.role, list(q.identities, i => identities.parseIdentity(unhex(i))), !!q.rotate)),
  'group.invite': changing((g, q) => groups.invite(g, q.role, list(q.codes, parseCode), !!q.rotate)),
  'group.remove': changing((g, q) => groups.remove(g, list(q.ids, parseIdText))),
  'group.setRole': changing((g, q) => groups.setRole(g, q.role, list(q.ids, parseIdText), !!q.rotate)),
  'group.rekey': changing((g, q) => groups.rekey(g, q.account ? get('account', q.account) : g.account)),
  'group.leave': changing(g => groups.leave(g)),
  'group.rotate': changing(g => groups.rotate(g)),
  'group.repair': changing((g, q) => groups.repair(g, q.generations)),
  'group.dissolve': changing(g => groups.dissolve(g)),
  'group.update': q => groupOf(put('group', q.group, groups.update(get('group', q.group), list(q.entries), list(q.links)))),
  'group.link': q => {
    const g = get('group', q.group), key = g.keys.get(g.log.state.generation);
    if (!key) throw new Fail('behind');
    return { link: hex(groups.makeLink(g.log, key, parseIdText(q.to))) };
  },
  'group.state': q => groupOf(get('group', q.group)),
  'group.join': door((a, q) => groups.join(a, parseIdText(q.of), parseIdText(q.by), list(q.entries), list(q.links))),
  'group.redeem': q => made(q.as, groups.redeem(get('account', q.account), parseIdText(q.of), parseCode(q.code), list(q.entries), list(q.links))),
  'group.resume': door((a, q) => groups.resume(a, unhex(q.bookmark), list(q.entries), list(q.links))),
  'group.restore': door((a, q) => groups.restore(a, unhex(q.snapshot))),
  'group.bookmark': q => ({ bookmark: hex(groups.bookmark(get('group', q.group))) }),
  'group.snapshot': q => ({ snapshot: hex(groups.snapshot(get('group', q.group))) }),

  // A ring is a group's ({ group: handle }) or an account's ({ account: handle }). Marks are hex of 40 or 72 bytes (8.1).
  'document.seal': q => sealed(documents.write(ringOf(q), q.type, q.name, unhex(q.data), maybe(q.seen, mark), q.stream ? documents.UNKNOWN : undefined)),
  'document.open': q => { const d = documents.open(unhex(q.document), ringOf(q), q.type, q.name, maybe(q.seen, mark)); return { ...opened(d), mark: hex(documents.markBytes(d.mark)), data: hex(d.data) }; },
  'document.stream': q => { // what was released before a failure is told with it
    const out = [];
    let error;
    try { documents.stream(unhex(q.document), ringOf(q), q.type, q.name, maybe(q.seen, mark), c => out.push(c)); } catch (e) { if (!(e instanceof Fail)) throw e; error = e.kind; }
    return { data: hex(cat(...out)), ...(error && { error }) };
  },
  'document.reseal': q => sealed(documents.reseal(unhex(q.document), ringOf(q), q.type, q.name, maybe(q.seen, mark))),

  'forget': q => { for (const k of [...handles.keys()]) if (!q.handle || k.endsWith(` ${q.handle}`)) handles.delete(k); return {}; },
};

const answer = line => {
  let q = {};
  try {
    q = JSON.parse(line);
    if (!Object.hasOwn(ops, q.op)) throw new Usage(`no operation ${JSON.stringify(q.op)}`);
    return { ...ops[q.op](q), id: q.id };
  } catch (e) {
    if (e instanceof Fail) return { id: q.id, error: e.kind };
    return { id: q.id ?? null, error: e instanceof Usage ? 'usage' : 'bug', detail: e instanceof Usage ? e.message : e.stack };
  }
};
for await (const line of createInterface({ input: process.stdin })) {
  if (line.trim()) process.stdout.write(JSON.stringify(answer(line)) + '\n');
}
