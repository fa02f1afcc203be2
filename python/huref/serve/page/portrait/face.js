// Eyes, nose, mouth and whiskers: the twin of proofs/spec/portrait/face.py.
import {
  blend, clamp, cover, ellipse, hsl, length, merge, mix, rise, segment, tint, unit, wave,
} from "./canvas.js";

/** Draw the face over the fur. */
export function draw(canvas, a) {
  mouth(canvas, a);
  nose(canvas, a);
  for (const side of [-1, 1]) eye(canvas, a, side);
  whiskers(canvas, a);
}

function eye(canvas, a, side) {
  const t = a.traits, r = a.eyeR;
  const cx = side * a.eyeX + a.turn, cy = -4;
  const box = a.frame.box(cx, cy, r * 1.8, r * 1.8), [atX, atY] = a.frame.at(box);
  const x = atX.minus(cx), y = atY.minus(cy);
  const slant = t.between("eye slant", -0.06, 0.12);
  const u = x.times(side), v = y.plus(x.times(side * slant)); // u grows outwards
  const lid = t.between("eye lid", 0.86, 1.02);
  const shape = ellipse(u, v, 0, 0, r * 1.12, r * 1.02)
    .max(ellipse(u, v, 0, r * (1 - lid) * 1.6, r * 1.5, r * 1.06));
  canvas.lay(cover(shape.minus(7), 9).times(0.55), a.dark, box);
  canvas.lay(cover(shape.minus(3.2), 1.6), [0.06, 0.04, 0.05], box);
  const open = cover(shape, 1.4);
  canvas.lay(open, [0.95, 0.94, 0.91], box);
  let hue = t.between("eye hue", 0.04, 0.62);
  hue = mix(hue, mix(0.06, 0.12, t.level("eye amber")), t.rare("brown eyes", 0.45));
  const iris = hsl(hue, t.between("eye chroma", 0.55, 0.85), t.between("eye light", 0.38, 0.52));
  const gaze = a.turn * 0.12;
  const away = length(x.minus(gaze), y);
  const big = r * 1.02;
  const disc = cover(away.minus(big), 1.6).times(open);
  canvas.lay(disc, tint(iris, -0.25), box);
  const p = x.minus(gaze).over(x.minus(gaze).abs().plus(y.abs()).plus(1e-3));
  const fibre = wave(p.times(9)).times(wave(p.times(5.3).plus(0.3)));
  const glow = rise(-big * 0.5, big * 0.9, y).times(rise(big, big * 0.5, away));
  canvas.lay(disc.times(unit(glow.times(fibre.times(0.25).plus(0.75)))), tint(iris, 0.42), box);
  canvas.lay(disc.times(rise(big * 0.72, big, away)).times(0.8), tint(iris, -0.75), box);
  const slit = t.rare("cat pupil", 0.22) * (1 - a.hanging);
  const pupil = r * t.between("pupil", 0.54, 0.66);
  const hole = ellipse(x, y, gaze, 0, pupil * mix(1, 0.5, slit), pupil * mix(1, 1.35, slit));
  canvas.lay(cover(hole, 2.4).times(disc), [0.02, 0.015, 0.03], box);
  canvas.lay(open.times(rise(-r * 0.35, -r * 1, v)).times(0.6), [0.02, 0.01, 0.03], box);
  const sx = 0.36 * r * a.lamp;
  canvas.lay(cover(ellipse(x, y, sx, -r * 0.36, r * 0.25, r * 0.23), 2).times(0.97), [1, 1, 1], box);
  canvas.lay(cover(ellipse(x, y, -sx, r * 0.38, r * 0.13, r * 0.12), 2.4).times(0.6), [1, 1, 1], box);
}

function nose(canvas, a) {
  const t = a.traits, s = t.between("nose size", 0.85, 1.2);
  const cx = a.turn * 1.5, cy = a.noseY;
  const box = a.frame.box(cx, cy, 44 * s, 40 * s), [atX, atY] = a.frame.at(box);
  const x = atX.minus(cx).times(1 / s), y = atY.minus(cy).times(1 / s), side = x.abs();
  // two nostril wings and a wedge towards the lip
  const wedge = side.times(0.8).plus(y.times(0.62)).minus(10.5).max(y.times(-1).minus(10));
  const shape = merge(ellipse(side, y, 9, -4, 16, 12.5), wedge, 9).times(s);
  const colour = blend(hsl(0.04, 0.2, 0.12), hsl(0.98, 0.42, 0.62), t.rare("pink nose", 0.3));
  canvas.lay(cover(shape.minus(5), 12).times(0.35), a.dark, box);
  canvas.lay(cover(shape, 1.6), colour, box);
  const inner = cover(shape, 1.6);
  canvas.lay(inner.times(rise(4, -16, y)).times(0.3), tint(colour, 0.6), box);
  canvas.lay(inner.times(rise(0, 14, y)).times(0.4), tint(colour, -0.6), box);
  canvas.lay(cover(ellipse(side, y, 10.5, 0.5, 4.6, 3), 2).times(0.85), tint(colour, -0.8), box);
  canvas.lay(cover(ellipse(x, y, -5 + 8 * a.lamp, -9.5, 8, 2.8), 3).times(0.7), [1, 1, 1], box);
}

function mouth(canvas, a) {
  const t = a.traits;
  const cx = a.turn * 1.4, top = a.noseY + 14, wide = 27 * a.muzzle;
  const smile = t.between("smile", 8, 17);
  const box = a.frame.box(cx, top + 24, wide + 16, 56), [atX, atY] = a.frame.at(box);
  const x = atX.minus(cx), y = atY.minus(top), side = x.abs();
  const line = hsl(0.03, 0.3, 0.12);
  const stem = segment(x, y, [0, 0], [0, 14])[0];
  // each half of the mouth is a parabola hanging between the stem and the corner
  const q = side.times(1 / wide);
  const curve = q.times(smile * 4).times(q.from(1)).times(0.75).plus(14).minus(q.times(smile * 0.35));
  const slope = q.times(2).from(1).times(3).minus(0.35).times(smile).times(1 / wide);
  const corner = length(side.minus(wide), y.minus(14 - smile * 0.35));
  const lip = side.from(0).below(-wide, corner, y.minus(curve).abs().over(slope.times(slope).plus(1).sqrt()));
  const tongue = t.rare("tongue", 0.25);
  if (tongue > 0) {
    const long = mix(10, 30, tongue);
    // it hangs from the lip line, so the mouth drawn last closes over it
    const shape = ellipse(x, y, 0, 14 + long * 0.5, 15.5, long * 0.9).max(curve.minus(y));
    canvas.lay(cover(shape.minus(2.2), 2).times(tongue), [0.33, 0.08, 0.11], box);
    const flesh = cover(shape, 1.5).times(tongue);
    canvas.lay(flesh, [0.93, 0.47, 0.51], box);
    canvas.lay(flesh.times(rise(20, 0, y.minus(curve))).times(0.65), [0.48, 0.11, 0.17], box);
    const groove = flesh.times(cover(side.minus(1), 2)).times(cover(shape.plus(8), 3));
    canvas.lay(groove.times(0.5), [0.62, 0.2, 0.27], box);
  }
  canvas.lay(cover(stem.min(lip).minus(4), 8).times(0.25), line, box);
  canvas.lay(cover(stem.min(lip).minus(1.7), 1.5).times(0.9), line, box);
}

function whiskers(canvas, a) {
  const t = a.traits, reach = t.between("whiskers", 60, 110), droop = t.between("whisker droop", -10, 16);
  // dark on a pale coat
  const ink = blend([1, 1, 1], [0.12, 0.09, 0.08], clamp((a.brightness - 0.62) * 5, 0, 0.8));
  for (const side of [-1, 1]) {
    for (const k of [-1, 0, 1]) {
      const start = [a.turn * 1.3 + side * 34 * a.muzzle, a.noseY + 26 + 9 * k];
      const box = a.frame.box(start[0] + side * reach * 0.5, start[1] + 6 * k + droop * 0.5, reach * 0.5 + 4, 44);
      const [x, y] = a.frame.at(box);
      const q = x.minus(start[0]).times(side / reach);
      const curve = q.times(k * 13 - 10).plus(start[1]).plus(q.times(droop + 10 + 6 * k).times(q));
      const away = y.minus(curve).abs().minus(q.from(1));
      canvas.lay(cover(away, 1.4).times(rise(0, 0.06, q)).times(rise(1, 0.7, q)).times(0.6), ink, box);
    }
  }
}
