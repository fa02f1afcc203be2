// The fields of one JSON object, each taken exactly once and checked on the way.

import { fromBase64, fromHex } from "./bytes.js";
import { refuse } from "./json.js";

const LONE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/; // half a character

export class Fields {
  /** `where`: the object, in messages. */
  constructor(value, where) {
    this.where = where;
    if (!(value instanceof Map)) this.refuse("must be a JSON object");
    this.left = new Map(value);
  }

  refuse(why) {
    refuse(`${this.where}: ${why}.`);
  }

  has(key) {
    return this.left.has(key);
  }

  value(key) {
    if (!this.left.has(key)) this.refuse(`field '${key}' is missing`);
    const value = this.left.get(key);
    this.left.delete(key);
    return value;
  }

  text(key) {
    const value = this.value(key);
    if (typeof value === "string" && !LONE.test(value)) return value;
    return this.refuse(`field '${key}' must be a string of Unicode characters`);
  }

  mustBe(key, expected) {
    if (this.value(key) !== expected) this.refuse(`field '${key}' must be ${JSON.stringify(expected)}`);
  }

  integer(key, low, high) {
    return this.bounded(key, this.value(key), low, high);
  }

  list(key, count) {
    const value = this.value(key);
    if (!Array.isArray(value)) this.refuse(`field '${key}' must be a list`);
    if (count !== undefined && value.length !== count) this.refuse(`field '${key}' must have ${count} items`);
    return value;
  }

  integers(key, low, high, count) {
    return this.list(key, count).map((item) => this.bounded(key, item, low, high));
  }

  /** `count` lists of `length` integers each. */
  vectors(key, low, high, count, length) {
    const rows = this.list(key, count);
    if (rows.some((row) => !Array.isArray(row) || row.length !== length)) {
      this.refuse(`field '${key}' must hold lists of ${length} integers`);
    }
    return rows.map((row) => row.map((item) => this.bounded(key, item, low, high)));
  }

  /** Bytes in hexadecimal digits, `length` of them if given. */
  hex(key, length) {
    return this.unhex(key, this.value(key), length);
  }

  hexes(key, count) {
    return this.list(key, count).map((item) => this.unhex(key, item));
  }

  /** Bytes in base64, `length` of them if given. */
  base64(key, length) {
    const value = fromBase64(this.text(key));
    if (value === null) this.refuse(`field '${key}' must be canonical base64`);
    if (length !== undefined && value.length !== length) this.refuse(`field '${key}' must hold ${length} bytes`);
    return value;
  }

  fields(key) {
    return new Fields(this.value(key), `${this.where}, ${key}`);
  }

  objects(key) {
    return this.list(key).map((item, i) => new Fields(item, `${this.where}, ${key}[${i}]`));
  }

  /** Nothing may be left. */
  done() {
    if (this.left.size > 0) this.refuse("has a field that no such file has");
  }

  bounded(key, value, low, high) {
    if (typeof value !== "number") this.refuse(`field '${key}' must hold integers`);
    if (!(low <= value && value <= high)) this.refuse(`field '${key}': ${value} is not between ${low} and ${high}`);
    return value;
  }

  unhex(key, value, length) {
    const bytes = typeof value === "string" ? fromHex(value) : null;
    if (bytes === null || (length !== undefined && bytes.length !== length)) {
      this.refuse(`field '${key}' must be hexadecimal digits in lower case, of the right number`);
    }
    return bytes;
  }
}
