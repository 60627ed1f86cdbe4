// The other side of insomnia/live_test.go: it answers one JSON request a line
// on standard input with one JSON answer a line on standard output, and does all
// cryptography by Insomnia's published package. Run `npm ci` here first.

import { createHash, webcrypto } from 'node:crypto';
import { createInterface } from 'node:readline';
import { gunzipSync, gzipSync } from 'node:zlib';

// The package was bundled for browsers: it wants a window with WebCrypto, and it
// chats on the console, which must not get between the answers.
globalThis.window = { crypto: webcrypto, btoa, atob };
globalThis.self = globalThis;
console.log = () => {};

const insomnia = await import('@getinsomnia/srp-js');
const { Buffer, params } = insomnia;
const group = params[2048];
const bytes = hex => Buffer.from(hex, 'hex');
const hex = buffer => Buffer.from(buffer).toString('hex');

// What Insomnia's sign-up did before it called the package.
const cleanEmail = email => email.trim().toLowerCase();
const cleanPassphrase = passphrase => passphrase.trim().normalize('NFKD');

// Insomnia's deterministicStringify, and what it does to a document before.
function canonical(text) {
  const document = JSON.parse(text);
  delete document.modified;
  if (document.type === 'Workspace') document.parentId = null;
  return stringify(document);
}

function stringify(value) {
  if (Array.isArray(value)) return `[${value.map(stringify).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const members = Object.keys(value).sort().map(name => `${JSON.stringify(name)}:${stringify(value[name])}`);
  return `{${members.join(',')}}`;
}

async function derive(passphrase, email, salt) {
  return insomnia.deriveKey(cleanPassphrase(passphrase), cleanEmail(email), salt);
}

function verifier(saltAuth, email, authSecret) {
  return hex(insomnia.computeVerifier(group, bytes(saltAuth), Buffer.from(cleanEmail(email), 'utf8'), bytes(authSecret)));
}

const logins = new Map(); // SRP, between two requests

const operations = {
  derive: ({ passphrase, email, salt }) => insomnia.deriveKey(passphrase, email, salt),

  clean: ({ texts }) => texts.map(text => ({ email: cleanEmail(text), passphrase: cleanPassphrase(text) })),

  canonical: ({ text }) => canonical(text),

  encryptAES: ({ key, text, ad }) => insomnia.encryptAES(key, text, ad),
  decryptAES: ({ key, message }) => insomnia.decryptAES(key, message),
  encryptAESBuffer: ({ key, data }) => insomnia.encryptAESBuffer(key, bytes(data)),
  decryptAESToBuffer: ({ key, message }) => hex(insomnia.decryptAESToBuffer(key, message)),

  generateAES256Key: () => insomnia.generateAES256Key(),
  generateKeyPair: () => insomnia.generateKeyPairJWK(),
  encryptRSA: ({ publicKey, text }) => insomnia.encryptRSAWithJWK(publicKey, text),
  decryptRSA: ({ privateKey, ciphertext }) => insomnia.decryptRSAWithJWK(privateKey, ciphertext),
  invite: ({ privateKey, publicKey, link }) => insomnia.reEncryptRSAWithJWK(privateKey, publicKey, link),

  // Section 7, by the parts of the package, as Insomnia's sign-up did it.
  async createAccount({ email, passphrase }) {
    const salts = { saltKey: insomnia.getRandomHex(), saltAuth: insomnia.getRandomHex(), saltEnc: insomnia.getRandomHex() };
    const authSecret = await derive(passphrase, email, salts.saltKey);
    const encSecret = await derive(passphrase, email, salts.saltEnc);
    const symmetricKey = await insomnia.generateAES256Key();
    const { publicKey, privateKey } = await insomnia.generateKeyPairJWK();
    return {
      ...salts,
      id: insomnia.generateAccountId(),
      email: cleanEmail(email),
      verifier: verifier(salts.saltAuth, email, authSecret),
      publicKey: JSON.stringify(publicKey),
      encSymmetricKey: JSON.stringify(insomnia.encryptAES(encSecret, JSON.stringify(symmetricKey))),
      encPrivateKey: JSON.stringify(insomnia.encryptAES(symmetricKey, JSON.stringify(privateKey))),
    };
  },

  async openAccount({ record, passphrase }) {
    const authSecret = await derive(passphrase, record.email, record.saltKey);
    const encSecret = await derive(passphrase, record.email, record.saltEnc);
    const symmetricKey = JSON.parse(insomnia.decryptAES(encSecret, JSON.parse(record.encSymmetricKey)));
    const privateKey = JSON.parse(insomnia.decryptAES(symmetricKey, JSON.parse(record.encPrivateKey)));
    return { privateKey, symmetricKey, verifier: verifier(record.saltAuth, record.email, authSecret) };
  },

  sealBlob({ key, text }) {
    const sorted = canonical(text);
    const message = insomnia.encryptAESBuffer(key, gzipSync(sorted));
    return { id: createHash('sha1').update(sorted).digest('hex'), content: JSON.stringify(message, null, 2) };
  },
  openBlob({ key, id, content }) {
    const text = gunzipSync(insomnia.decryptAESToBuffer(key, JSON.parse(content))).toString('utf8');
    if (createHash('sha1').update(text).digest('hex') !== id) throw new Error('another blob');
    return text;
  },

  async clientHello({ login, email, passphrase, saltKey, saltAuth }) {
    const authSecret = await derive(passphrase, email, saltKey);
    const secret = bytes(await insomnia.srpGenKey());
    const identity = Buffer.from(cleanEmail(email), 'utf8');
    const client = new insomnia.Client(group, bytes(saltAuth), identity, bytes(authSecret), secret);
    logins.set(login, client);
    return hex(client.computeA());
  },
  clientProof({ login, b }) {
    const client = logins.get(login);
    client.setB(bytes(b));
    return hex(client.computeM1());
  },
  clientFinish({ login, m2 }) {
    const client = logins.get(login);
    client.checkM2(bytes(m2));
    return hex(client.computeK());
  },
  async serverChallenge({ login, verifier, a }) {
    const server = new insomnia.Server(group, bytes(verifier), bytes(await insomnia.srpGenKey()));
    logins.set(login, server);
    server.setA(bytes(a));
    return hex(server.computeB());
  },
  serverVerify({ login, m1 }) {
    const server = logins.get(login);
    const m2 = hex(server.checkM1(bytes(m1)));
    return { m2, session: hex(server.computeK()) };
  },

  async boxKeys({ login }) {
    const pair = await insomnia.keyPair();
    logins.set(login, pair);
    return Buffer.from(pair.publicKey).toString('base64');
  },
  async openBox({ login, box }) {
    const { publicKey, secretKey } = logins.get(login);
    return insomnia.decodeBox(box, publicKey, secretKey);
  },
  async sealBox({ publicKey, value }) {
    const sealed = await insomnia.seal(Buffer.from(JSON.stringify(value), 'utf8'), Buffer.from(publicKey, 'base64'));
    return Buffer.from(sealed).toString('base64');
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { op, args } = JSON.parse(line);
  let answer;
  try {
    answer = { result: await operations[op](args) };
  } catch (error) {
    answer = { error: String(error) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
