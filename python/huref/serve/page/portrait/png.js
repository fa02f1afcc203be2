// Pixels of a PNG file, as strictly as huref/image reads them: 8-bit RGB of the portrait's size, and no other chunks,
// which could make a browser show something else.
import { join } from "../verifier/bytes.js";
import { SIZE } from "./canvas.js";
import { inflate } from "../inflate.js";

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const HEADER = [0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52];
// of the seven pictures of an interlaced one: first column and row, steps
const PASSES = [[0, 0, 8, 8], [4, 0, 8, 8], [0, 4, 4, 8], [2, 0, 4, 4], [0, 2, 2, 4], [1, 0, 2, 2], [0, 1, 1, 2]];

function crc32(bytes) {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let k = 0; k < 8; k++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

/** The bytes of all IDAT chunks; null if the file has others than it needs, or does not end with its last one. */
function data(file, view) {
  const parts = [];
  for (let at = 8; at + 8 <= file.length; ) {
    const length = view.getUint32(at), kind = String.fromCharCode(...file.subarray(at + 4, at + 8));
    const body = file.subarray(at + 8, at + 8 + length);
    at += 12 + length;
    if (kind === "IEND") return at === file.length ? join(parts) : null;
    if (kind === "IDAT") parts.push(body);
    else if (kind !== "IHDR") return null;
  }
  return null;
}

/** Undo the filters of `rows` rows of `width` bytes behind `at`, in place; whether all of them are known. */
function unfilter(raw, at, rows, width) {
  for (let row = 0; row < rows; row++, at += width + 1) {
    const filter = raw[at];
    if (filter > 4) return false;
    for (let i = 1; i <= width; i++) {
      const left = i > 3 ? raw[at + i - 3] : 0, up = row > 0 ? raw[at + i - width - 1] : 0;
      const corner = row > 0 && i > 3 ? raw[at + i - width - 4] : 0;
      const [a, b, c] = [Math.abs(up - corner), Math.abs(left - corner), Math.abs(left + up - 2 * corner)];
      const paeth = a <= b && a <= c ? left : b <= c ? up : corner;
      raw[at + i] += [0, left, up, (left + up) >> 1, paeth][filter];
    }
  }
  return true;
}

/** Red, green and blue of each pixel, row by row; null for a file that is none of these. */
export function pixels(file) {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  if (file.length < 33 || [...SIGNATURE, ...HEADER].some((byte, i) => file[i] !== byte)) return null;
  if (view.getUint32(16) !== SIZE || view.getUint32(20) !== SIZE || file[24] !== 8 || file[25] !== 2 || file[27] !== 0) return null;
  const packed = view.getUint32(29) === crc32(file.subarray(12, 29)) ? data(file, view) : null;
  if (packed === null) return null;
  const passes = (file[28] ? PASSES : [[0, 0, 1, 1]]).map(([x, y, dx, dy]) => {
    const columns = Math.ceil((SIZE - x) / dx), rows = Math.ceil((SIZE - y) / dy);
    return { x, y, dx, dy, columns, rows, bytes: rows * (3 * columns + 1) };
  });
  const raw = inflate(packed, passes.reduce((sum, pass) => sum + pass.bytes, 0));
  if (raw === null) return null;
  const out = new Uint8Array(3 * SIZE * SIZE);
  let at = 0;
  for (const { x, y, dx, dy, columns, rows, bytes } of passes) {
    if (!unfilter(raw, at, rows, 3 * columns)) return null;
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const from = at + row * (3 * columns + 1) + 1 + 3 * column;
        out.set(raw.subarray(from, from + 3), 3 * ((y + row * dy) * SIZE + x + column * dx));
      }
    }
    at += bytes;
  }
  return out;
}
