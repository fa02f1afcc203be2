// Shape and colours of the animal, read from its traits: the twin of proofs/spec/portrait/animal.py.
import { Frame, blend, clamp, ellipse, hsl, merge, mix, segment, step, tint } from "./canvas.js";

const EARS = [
  [[[78, -84], [98, -126], [112, -178]], [50, 35, 4]], // pointed
  [[[92, -98], [98, -122], [102, -134]], [42, 44, 42]], // round
  [[[96, -92], [150, -62], [158, 44]], [30, 38, 34]], // hanging
  [[[52, -96], [64, -160], [74, -214]], [28, 31, 12]], // long
];

export class Animal {
  constructor(traits) {
    const t = (this.traits = traits);
    this.lamp = t.between("light side", -1, 1);
    this.frame = new Frame(
      256 + t.between("shift", -9, 9), t.between("height", 268, 286), t.between("tilt", -0.024, 0.024),
    );
    this.neckX = mix(this.frame.cx, 256, 0.3);
    this.neckY = this.frame.cy + 126;
    this.turn = t.between("turn", -11, 11);
    this.wide = t.between("head width", 0.9, 1.1);
    this.jaw = t.between("jaw", 0.82, 1.1);
    this.fluff = t.between("fluff", 0.7, 1.5);
    this.eyeX = 57 * this.wide * t.between("eye distance", 0.93, 1.08);
    this.eyeR = t.between("eye size", 26, 34);
    this.muzzle = t.between("muzzle", 0.85, 1.18);
    this.noseY = t.between("nose height", 32, 48);
    this.#colours();
    this.#ears();
  }

  #colours() {
    const t = this.traits;
    const light = t.level("coat light");
    const grey = t.rare("coat grey", 0.34, 0.2);
    const chroma = t.between("coat chroma", 0.45, 0.78) * (1 - 0.25 * light * light);
    const warm = hsl(t.between("coat hue", 0.035, 0.105), chroma, mix(0.22, 0.8, light));
    const cool = hsl(t.between("cool hue", 0.56, 0.7), t.between("cool chroma", 0.03, 0.2), mix(0.16, 0.92, light));
    this.coat = blend(warm, cool, grey);
    this.brightness = 0.3 * this.coat[0] + 0.55 * this.coat[1] + 0.15 * this.coat[2];
    const cream = hsl(
      t.between("cream hue", 0.08, 0.12), t.between("cream chroma", 0.15, 0.6), t.between("cream", 0.84, 0.95),
    );
    this.pale = blend(cream, tint(this.coat, 0.3), t.rare("self coloured", 0.25));
    this.dark = blend(hsl(0.06, 0.35, 0.11), tint(this.coat, -0.72), 0.45);
  }

  /** Morph between neighbouring kinds of ears, mostly at rest near one of them. */
  #ears() {
    const place = this.traits.level("ear kind") * EARS.length - 0.5;
    const first = Math.floor(clamp(place, 0, EARS.length - 2));
    const share = step(0.36, 0.64, place - first);
    const size = this.traits.between("ear size", 0.86, 1.14), splay = this.traits.between("ear splay", 0.93, 1.08);
    const [a, ra] = EARS[first], [b, rb] = EARS[first + 1];
    const points = a.map((p, i) => [mix(p[0], b[i][0], share), mix(p[1], b[i][1], share)]);
    const root = points[0];
    this.earPoints = points.map(([x, y]) => [
      (root[0] + (x - root[0]) * size) * this.wide * splay, root[1] + (y - root[1]) * size,
    ]);
    this.earRadii = ra.map((p, i) => mix(p, rb[i], share) * mix(size, 1, 0.4));
    this.hanging = clamp(1 - Math.abs(first + share - 2));
  }

  /** Signed distance to the head. */
  head(x, y) {
    const w = this.wide, side = x.abs();
    let d = ellipse(x, y, 0, -26, 128 * w, 112);
    d = merge(d, ellipse(side, y, 58 * w, 44, 82 * w * this.jaw, 68), 40);
    return merge(d, ellipse(x, y, 0, 72, 78, 56), 40);
  }

  /** Signed distance to neck and shoulders, about the point where the collar lies. */
  shoulders(x, y) {
    const d = ellipse(x, y, 0, 156, 194 * this.wide, 150);
    return merge(d, ellipse(x, y, 0, 30, 104 * this.wide, 110), 56);
  }

  /** Distance to the right ear, share of the way to its tip, and distance from its spine over its radius. */
  ear(x, y) {
    const [[ax, ay], [bx, by], [cx, cy]] = this.earPoints, [r0, r1, r2] = this.earRadii;
    const pieces = 7;
    let best = x.like(1e4), along = x.like(0), middle = x.like(1), last = [ax, ay];
    for (let k = 1; k <= pieces; k++) {
      const s = k / pieces, p = (1 - s) * (1 - s), q = 2 * s * (1 - s), r = s * s;
      // the curve passes through the middle point, hence the doubled control point
      const mx = 2 * bx - 0.5 * (ax + cx), my = 2 * by - 0.5 * (ay + cy);
      const here = [p * ax + q * mx + r * cx, p * ay + q * my + r * cy];
      const [away, h] = segment(x, y, last, here);
      const t = h.plus(k - 1).times(1 / pieces);
      const radius = t.times(t.times(2 * r0 + 2 * r2 - 4 * r1).plus(4 * r1 - 3 * r0 - r2)).plus(r0);
      const d = away.minus(radius);
      along = d.below(best, t, along);
      middle = d.below(best, away.over(radius.plus(2)), middle);
      best = d.below(best, d, best);
      last = here;
    }
    return [best, along, middle];
  }
}
