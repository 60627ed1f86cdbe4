// RFC 8264/8265: UsernameCaseMapped and OpaqueString, with the Unicode of this Node.
// Not covered: the bidi rule knows right-to-left letters by script instead of by Bidi_Class, and the joining
// types of ZERO WIDTH NON-JOINER's second rule are not there (it is accepted behind a virama only).
import { fail, need, utf8 } from './wire.js';

const re = s => new RegExp(`^${s}$`, 'u');
const exceptionsValid = '\\u00DF\\u03C2\\u06FD\\u06FE\\u0F0B\\u3007';
const exceptionsNo = '\\u0640\\u07FA\\u302E\\u302F\\u3031-\\u3035\\u303B';
const oldHangul = '\\u1100-\\u11FF\\uA960-\\uA97C\\uD7B0-\\uD7C6\\uD7CB-\\uD7FB';
const valid = re(`[${exceptionsValid}]`), invalid = re(`[${exceptionsNo}${oldHangul}]`);
const unassigned = re('\\p{Cn}'), nonchar = re('\\p{Noncharacter_Code_Point}');
const ignorable = re('[\\p{Default_Ignorable_Code_Point}\\p{Noncharacter_Code_Point}]');
const control = re('\\p{Cc}'), ascii = re('[!-~]'), letterDigit = re('[\\p{Ll}\\p{Lu}\\p{Lo}\\p{Nd}\\p{Lm}\\p{Mn}\\p{Mc}]');
const free = re('[\\p{Lt}\\p{Nl}\\p{No}\\p{Me}\\p{Zs}\\p{Sm}\\p{Sc}\\p{Sk}\\p{So}\\p{Pc}\\p{Pd}\\p{Ps}\\p{Pe}\\p{Pi}\\p{Pf}\\p{Po}]');
const virama = re('[\\u094D\\u09CD\\u0A4D\\u0ACD\\u0B4D\\u0BCD\\u0C4D\\u0CCD\\u0D3B\\u0D3C\\u0D4D\\u0DCA\\u0E3A\\u0EBA\\u0F84\\u1039\\u103A\\u1714\\u1734\\u17D2\\u1A60\\u1B44\\u1BAA\\u1BAB\\u1BF2\\u1BF3\\u2D7F\\uA806\\uA8C4\\uA953\\uA9C0\\uAAF6\\uABED]');
const script = s => re(`[${s.split(' ').map(x => `\\p{Script=${x}}`).join('')}]`);
const greek = script('Greek'), hebrew = script('Hebrew'), kana = script('Hiragana Katakana Han');

// allowed is the algorithm of RFC 8264, Section 8, with the rules for context of RFC 5892, Appendix A.
const allowed = (cps, i, freeform) => {
  const c = cps[i], n = c.codePointAt(0);
  if (valid.test(c)) return true;
  if (invalid.test(c)) return false;
  switch (n) {
    case 0x00b7: return cps[i - 1] === 'l' && cps[i + 1] === 'l';
    case 0x0375: return i + 1 < cps.length && greek.test(cps[i + 1]);
    case 0x05f3: case 0x05f4: return i > 0 && hebrew.test(cps[i - 1]);
    case 0x30fb: return cps.some(d => kana.test(d));
    case 0x200c: case 0x200d: return i > 0 && virama.test(cps[i - 1]);
  }
  if (n >= 0x660 && n <= 0x669) return !cps.some(d => d >= '\u06f0' && d <= '\u06f9');
  if (n >= 0x6f0 && n <= 0x6f9) return !cps.some(d => d >= '\u0660' && d <= '\u0669');
  if (unassigned.test(c) && !nonchar.test(c)) return false;
  if (ascii.test(c)) return true;
  if (ignorable.test(c) || control.test(c)) return false;
  if (c.normalize('NFKC') !== c) return freeform;
  return letterDigit.test(c) || (freeform && free.test(c));
};
const check = (s, freeform) => {
  const cps = [...s];
  need(s.isWellFormed() && cps.length > 0 && cps.every((_, i) => allowed(cps, i, freeform)), 'refused');
  return s;
};

const rtl = re('[\\p{Script=Hebrew}\\p{Script=Arabic}\\p{Script=Syriac}\\p{Script=Thaana}\\p{Script=Nko}\\p{Script=Samaritan}\\p{Script=Mandaic}\\p{Script=Adlam}]');
const mark = re('\\p{Mn}'), digit = re('\\p{Nd}'), letter = re('\\p{L}');
const bidi = s => { // RFC 5893, Section 2, where there is a right-to-left letter or digit
  const cps = [...s], isR = c => rtl.test(c) && !mark.test(c);
  if (!cps.some(isR)) return s;
  const body = cps.slice(0, cps.findLastIndex(c => !mark.test(c)) + 1), last = body.at(-1);
  const arabicDigits = cps.some(c => c >= '\u0660' && c <= '\u0669'), european = cps.some(c => /[0-9\u06f0-\u06f9]/.test(c));
  need(isR(cps[0]) && !digit.test(cps[0]) && !cps.some(c => letter.test(c) && !isR(c)), 'refused');
  need((isR(last) || digit.test(last)) && !(arabicDigits && european), 'refused');
  return s;
};

const width = s => s.replace(/[\u3000\uff01-\uffef]/gu, c => c.normalize('NFKC')); // the wide and narrow forms
const lower = s => [...s].map(c => c.toLowerCase()).join(''); // letter by letter: no final sigma
// Normalization of a half-width katakana and its sound mark is left to NFC behind this.
// What is allowed is asked at the end (RFC 8264, Section 7), so that decomposed Hangul is composed before.
const username = s => bidi(check(lower(width(s)).normalize('NFC'), false));
const opaque = s => check(s.replace(/\p{Zs}/gu, ' ').normalize('NFC'), true);

const stable = (f, s) => {
  for (let i = 0; i < 4; i++) {
    const t = f(s);
    if (t === s) return s;
    s = t;
  }
  return f(s) === s ? s : fail('refused');
};
const form = (f, max) => text => {
  if (typeof text !== 'string') try { text = utf8(text); } catch { fail('refused'); }
  need(text.isWellFormed(), 'refused');
  const size = s => Buffer.byteLength(s);
  need(size(text) >= 1 && size(text) <= max, 'refused');
  const out = stable(f, text);
  need(size(out) >= 1 && size(out) <= max, 'refused');
  return out;
};
export const userName = form(username, 255);
export const passphraseForm = form(opaque, 1024);
// isName: the check of a server, which makes no form.
export const isName = bytes => { try { return userName(bytes) === utf8(bytes); } catch { return false; } };
