// Coat of the animal: shading, markings, ears, and the fur over head and shoulders. The twin of
// proofs/spec/portrait/coat.py.
import {
  Canvas, Frame, blend, chance, cover, ellipse, inside, length, merge, mix, near, rise, step, tint, unit, wave,
} from "./canvas.js";
import { comb } from "./fur.js";

const NIGHT = [0.03, 0.02, 0.05]; // colour of cast shadows

/** Height 0..1 of a cushion below the outline. */
function dome(d, deep) {
  const t = unit(d.times(-1 / deep));
  return t.times(t.from(2)).sqrt();
}

/** Shoulders and chest with their fur, shaded under the head. */
export function drawBody(canvas, a) {
  const frame = new Frame(a.neckX, a.neckY);
  const far = a.shoulders(frame.x, frame.y);
  const box = near(far, 31), [x, y] = frame.at(box), d = far.cut(box);
  canvas.lay(cover(d.minus(8), 46).times(0.4), NIGHT, box);
  const paint = new Canvas(tint(a.coat, -0.06), x.rows, x.columns);
  const bib = a.traits.rare("bib", 0.6);
  paint.lay(cover(ellipse(x, y, 0, 130, 56 * a.wide, 120), 36).times(bib), a.pale);
  paint.scale(dome(d, 90).times(0.46).plus(0.56).plus(x.times(0.0009 * a.lamp)));
  const [headX, headY] = a.frame.at(box);
  paint.scale(rise(70, -20, a.head(headX, headY.minus(26))).times(0.5).from(1));
  canvas.lay(cover(d), paint.rgb, box);
  const flowX = x.times(0.009).plus(wave(x.times(0.006).plus(y.times(0.004))).times(0.25));
  const coat = { box, paint, inside: d.times(-1), flowX, flowY: x.like(1), reach: x.like(17 * a.fluff + 5) };
  comb(canvas, coat, unit(y.plus(110).times(-0.004).plus(1)), 40, 2.7, 0.16, 0.8);
}

/** Head and ears with markings and fur. */
export function drawHead(canvas, a) {
  const far = a.head(a.frame.x, a.frame.y);
  const ears = [-1, 1].map((side) => [side, ...earPatch(a, side)]);
  const whole = near(far, 26, ...ears.map(([, patch]) => patch));
  const [x, y] = a.frame.at(whole), d = far.cut(whole);
  canvas.lay(cover(d.minus(6), 40).times(0.35), NIGHT, whole);
  const paint = new Canvas(a.coat, x.rows, x.columns);
  markings(paint, a, whole, x, y);
  // light on a dome, with a softer dome for the muzzle
  const lit = x.times(a.lamp).times(0.9).minus(y).times(0.00105);
  paint.scale(dome(d, 95).times(0.5).plus(0.6).plus(lit));
  const snout = ellipse(x, y, a.turn * 1.2, a.noseY + 26, 52 * a.muzzle, 42);
  const fold = rise(26, 0, snout.plus(2).abs()).times(0.16).times(unit(y.minus(a.noseY).plus(20).times(0.02)));
  paint.scale(fold.from(1));
  for (const side of [-1, 1]) {
    const hollow = ellipse(x, y, side * a.eyeX + a.turn, -2, a.eyeR * 1.45, a.eyeR * 1.35);
    paint.scale(cover(hollow, 30).times(0.34).from(1));
  }

  let flowX = x.minus(a.turn), flowY = y.minus(a.noseY).times(0.92);
  const away = length(flowX, flowY);
  const sway = away.times(0.22).times(wave(y.times(0.0035).plus(0.1))).times(x.below(0, -1, 1)).times(0.5);
  flowX = flowX.plus(sway);
  flowY = flowY.plus(away.times(0.2));
  const reach = rise(30, 150, away).times(8 + 9 * a.fluff).plus(5)
    .plus(rise(0, 90, y).times(7 * a.fluff).times(rise(60, 130, x.abs())));
  const order = unit(away.times(0.0052).from(1));
  const depth = d.times(-1), share = cover(d);
  for (const [side, patch, [ed, along, middle]] of ears) {
    const box = inside(whole, patch);
    const seam = rise(0, 0.3, along).times(rise(-14, 8, d.cut(box)).max(a.hanging));
    const mine = cover(ed).times(seam.max(cover(d.cut(box).times(-1))));
    canvas.lay(cover(ed.minus(5), 26).times(0.3), NIGHT, patch);
    paint.lay(mine, ear(a, side, ed, along, middle), box);
    const [root, , tip] = a.earPoints;
    const dx = side * (tip[0] - root[0]), dy = tip[1] - root[1], norm = 1 / (Math.abs(dx) + Math.abs(dy) + 1e-6);
    const out = away.cut(box).times(dx * norm * 2).plus(x.cut(box).minus(side * root[0]).times(0.3));
    flowX.blend(box, out, mine);
    flowY.blend(box, away.cut(box).times(dy * norm * 2), mine);
    reach.blend(box, 7 + 5 * a.fluff, mine);
    order.blend(box, mix(0.1, 0.55, a.hanging), mine);
    depth.paste(box, depth.cut(box).max(ed.times(-1)));
    share.paste(box, share.cut(box).max(cover(ed)));
  }
  canvas.lay(share, paint.rgb, whole);
  comb(canvas, { box: whole, paint, inside: depth, flowX, flowY, reach }, order, 60, 2.4, 0.16, 0.7);
}

function earPatch(a, side) {
  const xs = a.earPoints.map((p) => p[0]), ys = a.earPoints.map((p) => p[1]);
  const r = Math.max(...a.earRadii) + 14;
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const cx = 0.5 * (left + right), cy = 0.5 * (top + bottom);
  const box = a.frame.box(side * cx, cy, 0.5 * (right - left) + r, 0.5 * (bottom - top) + r);
  const [x, y] = a.frame.at(box);
  return [box, a.ear(x.times(side), y)];
}

/** Colours of one ear: coat, dark tip, pink shell in ears that stand. */
function ear(a, side, d, along, middle) {
  const tips = a.traits.rare("ear tips", 0.4);
  const shell = rise(0.72, 0.38, middle).times(rise(0.98, 0.75, along)).times(0.85 * (1 - a.hanging));
  const tip = rise(0.35, 0.9, along).times(tips);
  const pink = blend([0.86, 0.55, 0.52], a.coat, 0.3);
  const light = dome(d, 26).times(0.3).plus(0.72).times(1 + 0.1 * side * a.lamp - 0.16 * a.hanging);
  return a.coat.map((coat, i) => {
    const c = tip.times(a.dark[i] - coat).plus(coat);
    return c.plus(along.times(0.35).plus(0.7).times(pink[i]).minus(c).times(shell)).times(light);
  });
}

/** Paint stripes, spots, patches, cheeks, blaze, brows and muzzle on the head. */
function markings(paint, a, head, x, y) {
  const t = a.traits;
  const stripes = t.rare("stripes", 0.28);
  if (stripes > 0) {
    const crown = rise(0.1, 0.75, wave(x.times(0.034).plus(0.5))).times(rise(-34, -64, y)).times(rise(74, 46, x.abs()));
    const cheek = rise(0.1, 0.75, wave(y.minus(x.abs().times(0.28)).times(0.036)))
      .times(rise(74, 100, x.abs())).times(rise(-34, 0, y));
    paint.lay(crown.max(cheek).times(0.75 * stripes), a.dark);
  }
  const spots = t.rare("spots", 0.18);
  if (spots > 0) {
    const die = chance(120, 77);
    for (let k = 0; k < 34; k++) {
      const sx = die[k] * 250 - 125, sy = die[k + 40] * 190 - 125, r = 4 + 8 * die[k + 80];
      const box = inside(head, a.frame.box(sx, sy, r + 3, r + 3));
      const u = x.cut(box), v = y.cut(box);
      paint.lay(cover(length(u.minus(sx), v.minus(sy)).minus(r), 4).times(0.7 * spots), a.dark, box);
    }
  }
  const saddle = t.rare("dark crown", 0.2);
  if (saddle > 0) paint.lay(rise(-10, -90, y.plus(x.abs().times(0.25))).times(0.8 * saddle), a.dark);
  const patchX = t.between("patch side", -1.25, 1.25);
  const patch = t.rare("patch", 0.26) * step(0.35, 0.8, Math.abs(patchX));
  if (patch > 0) {
    const colour = blend(a.dark, a.pale, a.brightness > 0.25 ? step(0.42, 0.25, a.brightness) : 1);
    paint.lay(cover(ellipse(x, y, patchX * a.eyeX + a.turn, -8, 50, 58), 12).times(patch), colour);
  }
  const mask = t.rare("pale cheeks", 0.42);
  const side = x.minus(a.turn * 0.5).abs();
  if (mask > 0) {
    const low = ellipse(side, y, 0, 108, 56, 44);
    const cheeks = merge(ellipse(side, y, 64 * a.wide, 74, 66, 60), low, 20);
    paint.lay(cover(cheeks, 34).times(mask), a.pale);
  }
  const blaze = t.rare("blaze", 0.4);
  if (blaze > 0) {
    const width = rise(-20, 60, y).times(20).plus(t.between("blaze width", 9, 20)).minus(rise(-60, -120, y).times(6));
    paint.lay(cover(x.minus(a.turn * 0.9).abs().minus(width), 10).times(rise(70, 20, y)).times(blaze), a.pale);
  }
  const brows = t.rare("brows", 0.3);
  if (brows > 0) paint.lay(cover(ellipse(side, y, a.eyeX * 0.86, -a.eyeR - 20, 16, 10), 8).times(brows), a.pale);
  const muzzle = t.between("muzzle pale", 0.35, 1);
  const mx = x.minus(a.turn * 1.2).abs();
  const both = merge(
    ellipse(mx, y, 26 * a.muzzle, a.noseY + 30, 44 * a.muzzle, 36), ellipse(mx, y, 0, a.noseY - 6, 26, 42), 16,
  );
  paint.lay(cover(both, 24).times(muzzle), a.pale);
}
