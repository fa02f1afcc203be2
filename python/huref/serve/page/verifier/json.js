// Strict JSON: whatever two parsers could understand differently is refused.

import { NotJudged } from "./errors.js";

const BRACKETS = 1024; // bounds the depth
const COMMAS = 1 << 20; // bounds the number of values
const DIGITS = 16;
const PLAIN = /[^"\\\u0000-\u001f]*/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?![0-9.eE])/y;
const ESCAPES = { '"': '"', "\\": "\\", "/": "/", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };

/** Raises the error of a file that cannot be read. */
export function refuse(why) {
  throw new NotJudged("malformed-bundle", why);
}

/** The value of a document: Map for an object, else as JavaScript has it. Numbers are integers of at most 16 digits;
 *  those above 2^53 may be off, which is far outside the range of every field. */
export function parse(bytes) {
  let brackets = 0;
  let commas = 0;
  for (const byte of bytes) {
    if (byte === 0x5b || byte === 0x7b) brackets++;
    else if (byte === 0x2c) commas++;
  }
  if (brackets > BRACKETS || commas > COMMAS) refuse("The file has more parts than any file of huref.");
  let text;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    refuse("The file is not text in UTF-8.");
  }
  return new Parser(text).document();
}

const byName = (fields) => [...fields].sort(([a], [b]) => (a < b ? -1 : 1));

/** A value in ASCII without white space, the fields of objects in this order. In that of their names it is RFC 8785,
 *  for ASCII strings and integers. */
export function canonical(value, ordered = byName) {
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item, ordered)).join(",")}]`;
  if (!(value instanceof Map)) return JSON.stringify(value).replace(/[\u007f-\uffff]/g, escaped);
  return `{${ordered(value).map(([name, field]) => `${canonical(name)}:${canonical(field, ordered)}`).join(",")}}`;
}

const escaped = (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;

class Parser {
  constructor(text) {
    this.text = text;
    this.at = 0;
  }

  document() {
    const value = this.value();
    this.space();
    if (this.at !== this.text.length) this.wrong();
    return value;
  }

  wrong() {
    refuse(`The file is not JSON (at character ${this.at}).`);
  }

  space() {
    while (" \t\n\r".includes(this.text[this.at] ?? "x")) this.at++;
  }

  /** Whether this character comes next behind white space; then it is taken. */
  takes(character) {
    this.space();
    if (this.text[this.at] !== character) return false;
    this.at++;
    return true;
  }

  match(pattern) {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (found === null) this.wrong();
    this.at = pattern.lastIndex;
    return found[0];
  }

  value() {
    if (this.takes("{")) return this.object();
    if (this.takes("[")) return this.list();
    if (this.takes('"')) return this.string();
    for (const [word, value] of [["true", true], ["false", false], ["null", null]]) {
      if (this.text.startsWith(word, this.at)) {
        this.at += word.length;
        return value;
      }
    }
    return this.number();
  }

  object() {
    const fields = new Map();
    if (this.takes("}")) return fields;
    do {
      if (!this.takes('"')) this.wrong();
      const name = this.string();
      if (fields.has(name)) refuse("A field of the file is there twice.");
      if (!this.takes(":")) this.wrong();
      fields.set(name, this.value());
    } while (this.takes(","));
    if (!this.takes("}")) this.wrong();
    return fields;
  }

  list() {
    const items = [];
    if (this.takes("]")) return items;
    do items.push(this.value());
    while (this.takes(","));
    if (!this.takes("]")) this.wrong();
    return items;
  }

  string() {
    let value = "";
    for (;;) {
      value += this.match(PLAIN);
      const character = this.text[this.at++];
      if (character === '"') return value;
      if (character !== "\\") this.wrong();
      const escape = this.text[this.at++];
      if (escape === "u") value += String.fromCharCode(parseInt(this.match(/[0-9a-fA-F]{4}/y), 16));
      else value += ESCAPES[escape] ?? this.wrong();
    }
  }

  number() {
    const digits = this.match(NUMBER);
    if (digits.replace("-", "").length > DIGITS) refuse(`A number of the file has more than ${DIGITS} digits.`);
    if (digits === "-0") refuse("The number -0 must be written as 0.");
    return Number(digits);
  }
}
