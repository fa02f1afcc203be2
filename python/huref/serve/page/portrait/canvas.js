// Exact numerics and a small software canvas: the twin of proofs/spec/portrait/canvas.py, which gives the same pixels.
// Numbers alone are in double precision there as here; planes are float32.
import { Plane } from "./plane.js";

export const SIZE = 512;
const f = Math.fround;

export const clamp = (value, low = 0, high = 1) => Math.min(Math.max(value, low), high);
export const mix = (a, b, t) => a + (b - a) * t;

export function step(low, high, value) {
  const t = clamp((value - low) / (high - low));
  return t * t * (3 - 2 * t);
}

export function sine(turns) {
  let t = turns - Math.floor(turns + 0.25);
  t = t > 0.25 ? 0.5 - t : t;
  const x = t * 6.283185307179586, q = x * x;
  return x * (1 - q * (1 / 6 - q * (1 / 120 - q / 5040)));
}

export function bellShare(x) {
  const a = Math.abs(x) / Math.sqrt(2);
  let d = 1 + a * (0.278393 + a * (0.230389 + a * (0.000972 + a * 0.078108)));
  d = d * d;
  const tail = 0.5 / (d * d);
  return x < 0 ? tail : 1 - tail;
}

export function hsl(hue, saturation, lightness) {
  const s = clamp(saturation), light = clamp(lightness);
  const reach = s * Math.min(light, 1 - light);
  return [0, 8, 4].map((n) => {
    let k = n + 12 * hue;
    k -= 12 * Math.floor(k / 12);
    return light - reach * Math.max(-1, Math.min(k - 3, 9 - k, 1));
  });
}

export const blend = (a, b, t) => a.map((value, i) => mix(value, b[i], t));
export const tint = (c, amount) => blend(c, amount > 0 ? [1, 1, 1] : [0, 0, 0], Math.abs(amount));

// What follows is done in one pass over the pixels, each result rounded to float32 (`f`) as the planes' own operations do.

const bound = (x) => Math.min(Math.max(x, 0), 1);

export function unit(p) {
  const out = p.empty(), a = p.data, c = out.data;
  for (let i = 0; i < c.length; i++) c[i] = bound(a[i]);
  return out;
}

export function rise(low, high, p) {
  const out = p.empty(), a = p.data, c = out.data, start = f(low), scale = f(1 / (high - low));
  for (let i = 0; i < c.length; i++) {
    const t = bound(f(f(a[i] - start) * scale));
    c[i] = f(t * t) * f(3 - f(2 * t));
  }
  return out;
}

export function wave(turns) {
  const out = turns.empty(), a = turns.data, c = out.data;
  for (let i = 0; i < c.length; i++) {
    const t = f(f(a[i] - Math.floor(a[i])) - 0.5);
    c[i] = f(-16 * t) * f(0.5 - Math.abs(t));
  }
  return out;
}

const hypot = (x, y) => f(Math.sqrt(f(f(x * x) + f(y * y))));

export function length(x, y) {
  const out = x.empty(), a = x.data, b = y.data, c = out.data;
  for (let i = 0; i < c.length; i++) c[i] = hypot(a[i], b[i]);
  return out;
}

export function ellipse(x, y, cx, cy, rx, ry) {
  const out = x.empty(), a = x.data, b = y.data, c = out.data;
  const [px, py, ix, iy, small, tiny] = [cx, cy, 1 / rx, 1 / ry, 1e-4, 1e-4 / rx].map(f);
  for (let i = 0; i < c.length; i++) {
    const qx = f(f(a[i] - px) * ix), qy = f(f(b[i] - py) * iy);
    const k = hypot(qx, qy), g = hypot(f(qx * ix), f(qy * iy));
    c[i] = f(f(k + small) * f(k - 1)) / f(g + tiny);
  }
  return out;
}

/** Distance to the segment a-b, and the share of the way from a to b of the nearest point. */
export function segment(x, y, a, b) {
  const away = x.empty(), share = x.empty();
  const wide = b[0] - a[0], high = b[1] - a[1];
  const [ax, ay, dx, dy, scale] = [a[0], a[1], wide, high, 1 / (wide * wide + high * high + 1e-9)].map(f);
  for (let i = 0; i < x.data.length; i++) {
    const px = f(x.data[i] - ax), py = f(y.data[i] - ay);
    const h = bound(f(f(f(px * dx) + f(py * dy)) * scale));
    away.data[i] = hypot(f(px - f(dx * h)), f(py - f(dy * h)));
    share.data[i] = h;
  }
  return [away, share];
}

export function merge(p, q, k) {
  const out = p.empty(), a = p.data, b = q.data, c = out.data, [wide, scale, depth] = [k, 1 / k, k * 0.25].map(f);
  for (let i = 0; i < c.length; i++) {
    const h = f(Math.max(f(wide - Math.abs(f(a[i] - b[i]))), 0) * scale);
    c[i] = Math.min(a[i], b[i]) - f(f(h * h) * depth);
  }
  return out;
}

export function cover(distance, soft = 1) {
  if (soft > 1.5) return rise(soft * 0.5, -soft * 0.5, distance);
  const out = distance.empty(), a = distance.data, c = out.data, scale = f(1 / soft);
  for (let i = 0; i < c.length; i++) c[i] = bound(f(0.5 - f(a[i] * scale)));
  return out;
}

/** `count` fixed pseudo-random numbers in [0, 1). */
export function chance(count, stream) {
  const out = new Float32Array(count), start = Math.imul(stream, 0x9e3779b1);
  for (let i = 0; i < count; i++) {
    let v = (start + i) | 0;
    v = Math.imul(v ^ (v >>> 16), 0x7feb352d);
    v = Math.imul(v ^ (v >>> 15), 0x846ca68b);
    out[i] = ((v ^ (v >>> 16)) >>> 8) * 2 ** -24;
  }
  return out;
}

/** Coordinates of every pixel in a moved and tilted system; the origin lies at (cx, cy) of the picture. */
export class Frame {
  constructor(cx, cy, tilt = 0) {
    Object.assign(this, { cx, cy, cos: sine(tilt + 0.25), sin: sine(tilt) });
    this.x = new Plane(SIZE, SIZE);
    this.y = new Plane(SIZE, SIZE);
    const [left, top, cosine, sin] = [cx, cy, this.cos, this.sin].map(f);
    for (let i = 0; i < SIZE * SIZE; i++) {
      const column = i % SIZE, x = f(column + 0.5 - left), y = f((i - column) / SIZE + 0.5 - top);
      this.x.data[i] = f(x * cosine) + f(y * sin);
      this.y.data[i] = f(y * cosine) - f(x * sin);
    }
  }

  /** The box that holds the rectangle of half sides rx, ry around (x, y). */
  box(x, y, rx, ry) {
    const { cos, sin } = this;
    const px = this.cx + x * cos - y * sin, py = this.cy + x * sin + y * cos;
    const ax = rx * cos + ry * Math.abs(sin) + 2, ay = ry * cos + rx * Math.abs(sin) + 2;
    const side = (low, high) => {
      const first = clamp(Math.floor(low), 0, SIZE - 1);
      return [first, clamp(Math.ceil(high), first + 1, SIZE)];
    };
    return [...side(py - ay, py + ay), ...side(px - ax, px + ax)];
  }

  at(box) {
    return [this.x.cut(box), this.y.cut(box)];
  }
}

/** The box of all pixels of less than that distance, and of some boxes. */
export function near(distance, reach, ...boxes) {
  let [top, bottom, left, right] = [SIZE, 0, SIZE, 0];
  const limit = Math.fround(reach);
  for (let i = 0; i < distance.data.length; i++) {
    if (!(distance.data[i] < limit)) continue;
    const column = i % SIZE, row = (i - column) / SIZE;
    if (row < top) top = row;
    if (row >= bottom) bottom = row + 1;
    if (column < left) left = column;
    if (column >= right) right = column + 1;
  }
  for (const [t, b, l, r] of boxes) {
    [top, bottom, left, right] = [Math.min(top, t), Math.max(bottom, b), Math.min(left, l), Math.max(right, r)];
  }
  return bottom === 0 ? [0, 1, 0, 1] : [top, bottom, left, right];
}

/** The part of a box that lies in the outer one, as a box of a plane of the outer one. */
export function inside(outer, box) {
  const side = (a, b, start, end) => [Math.max(start - a, 0), Math.max(Math.min(end, b) - a, 0)];
  return [...side(outer[0], outer[1], box[0], box[1]), ...side(outer[2], outer[3], box[2], box[3])];
}

/** Three float32 planes in 0..1 that shapes are laid over. */
export class Canvas {
  constructor(colour = [0, 0, 0], rows = SIZE, columns = SIZE) {
    this.rgb = colour.map((value) => new Plane(rows, columns).like(value));
  }

  /** Cover `share` of each pixel of the box with a colour (three numbers or three planes). */
  lay(share, colour, box = [0, this.rgb[0].rows, 0, this.rgb[0].columns]) {
    this.rgb.forEach((plane, i) => plane.blend(box, colour[i], share));
  }

  /** Multiply the brightness everywhere. */
  scale(factor) {
    this.rgb = this.rgb.map((plane) => plane.times(factor));
  }

  /** The picture, red first, row by row. */
  pixels() {
    const out = new Uint8Array(3 * SIZE * SIZE);
    this.rgb.forEach((plane, channel) => {
      const bytes = unit(plane).times(255).plus(0.5).data;
      for (let i = 0; i < bytes.length; i++) out[3 * i + channel] = bytes[i];
    });
    return out;
  }
}
