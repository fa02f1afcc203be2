// Exact numerics and a small software canvas: the twin of huref/image/canvas.py, which gives the same pixels. Numbers
// alone are in double precision there as here; planes are float32.
import { Plane } from "./plane.js";

export const SIZE = 512;

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

export const unit = (p) => p.max(0).min(1);

export function rise(low, high, p) {
  const t = unit(p.minus(low).times(1 / (high - low)));
  return t.times(t).times(t.times(2).from(3));
}

export function wave(turns) {
  const t = turns.minus(turns.floor()).minus(0.5);
  return t.times(-16).times(t.abs().from(0.5));
}

export const length = (x, y) => x.times(x).plus(y.times(y)).sqrt();

export function ellipse(x, y, cx, cy, rx, ry) {
  const qx = x.minus(cx).times(1 / rx), qy = y.minus(cy).times(1 / ry);
  const k = length(qx, qy), g = length(qx.times(1 / rx), qy.times(1 / ry));
  return k.plus(1e-4).times(k.minus(1)).over(g.plus(1e-4 / rx));
}

/** Distance to the segment a-b, and the share of the way from a to b of the nearest point. */
export function segment(x, y, a, b) {
  const dx = b[0] - a[0], dy = b[1] - a[1];
  const px = x.minus(a[0]), py = y.minus(a[1]);
  const h = unit(px.times(dx).plus(py.times(dy)).times(1 / (dx * dx + dy * dy + 1e-9)));
  return [length(px.minus(h.times(dx)), py.minus(h.times(dy))), h];
}

export function merge(a, b, k) {
  const h = a.minus(b).abs().from(k).max(0).times(1 / k);
  return a.min(b).minus(h.times(h).times(k * 0.25));
}

export function cover(distance, soft = 1) {
  if (soft <= 1.5) return unit(distance.times(1 / soft).from(0.5));
  return rise(soft * 0.5, -soft * 0.5, distance);
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
    const columns = new Plane(SIZE, SIZE), rows = new Plane(SIZE, SIZE);
    for (let i = 0; i < SIZE * SIZE; i++) {
      columns.data[i] = (i % SIZE) + 0.5;
      rows.data[i] = Math.floor(i / SIZE) + 0.5;
    }
    const x = columns.minus(cx), y = rows.minus(cy);
    this.x = x.times(this.cos).plus(y.times(this.sin));
    this.y = y.times(this.cos).minus(x.times(this.sin));
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
