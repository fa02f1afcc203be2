// What the animal wears: collar with bell, scarf, glasses, a flower. The twin of proofs/spec/portrait/wear.py.
import { Frame, cover, ellipse, hsl, length, mix, near, rise, sine, step, tint, wave } from "./canvas.js";

/** Colour of everything worn, apart from the background's hue. */
function accent(a) {
  const hue = a.traits.between("background hue", 0, 0.86) + a.traits.between("accent hue", 0.25, 0.75);
  return hsl(hue, a.traits.between("accent chroma", 0.55, 0.85), a.traits.between("accent light", 0.4, 0.54));
}

/** Collar whose lower border grows into a scarf. */
export function drawNeck(canvas, a) {
  const t = a.traits, worn = t.rare("collar", 0.78);
  if (worn === 0) return;
  const colour = accent(a), scarf = t.rare("scarf", 0.5);
  const frame = new Frame(a.neckX, a.neckY), wide = 128 * a.wide;
  const rim = frame.x.times(frame.x).times(34 / (112 * 112)).from(6);
  const deep = frame.x.abs().times(1 / wide).from(1).max(0).times(70 * scarf).plus(mix(22, 36, scarf));
  const strip = rim.minus(frame.y).max(frame.y.minus(rim).minus(deep)).max(a.shoulders(frame.x, frame.y).minus(5));
  const whole = near(strip, 16), [x, y] = frame.at(whole), top = rim.cut(whole), band = strip.cut(whole);
  canvas.lay(cover(band.minus(5), 22).times(0.42 * worn), [0.02, 0.01, 0.03], whole);
  const share = cover(band, 1.6).times(worn);
  canvas.lay(share, colour, whole);
  const dots = t.rare("dots", 0.5) * scarf;
  const v = y.minus(top).times(1 / 27), row = v.floor();
  const u = x.times(1 / 27).plus(row.minus(row.times(0.5).floor().times(2)).times(0.5));
  const du = u.minus(u.floor()).minus(0.5).times(27), dv = v.minus(row).minus(0.5).times(27);
  canvas.lay(share.times(cover(length(du, dv).minus(5.2), 1.5)).times(0.85 * dots), tint(colour, 0.85), whole);
  const weave = wave(y.minus(top).times(0.045).plus(x.times(0.006)));
  canvas.lay(share.times(rise(0.2, 1, weave)).times(mix(0, 0.16, scarf)), tint(colour, -0.6), whole);
  const shine = rise(0.3, 0, y.minus(top).times(1 / 22).minus(0.35).abs());
  canvas.lay(share.times(shine).times(0.5 * (1 - scarf)), tint(colour, 0.5), whole);
  const [headX, headY] = a.frame.at(whole);
  canvas.lay(share.times(rise(26, -4, a.head(headX, headY.minus(10)))).times(0.6), tint(colour, -0.8), whole);
  const size = step(0.3, 1, (1 - scarf) * worn);
  if (size > 0.02) bell(canvas, a, frame, size);
}

function bell(canvas, a, frame, size) {
  const r = 16 * size;
  const box = frame.box(0, 38, 30, 30), [x, y] = frame.at(box);
  const away = length(x, y.minus(38));
  canvas.lay(cover(length(x, y.minus(41)).minus(r), 9).times(0.5 * size), [0.03, 0.02, 0.02], box);
  canvas.lay(cover(away.minus(r), 1.6).times(size), [0.72, 0.47, 0.1], box);
  const glint = rise(r, 0, length(x.minus(4 * a.lamp), y.minus(34)));
  canvas.lay(cover(away.minus(r).plus(1.5), 3).times(size).times(glint), [1, 0.9, 0.52], box);
  const slot = y.minus(43).abs().minus(1.4).max(x.abs().minus(r * 0.66)).min(length(x, y.minus(43)).minus(3));
  canvas.lay(cover(slot, 1.5).times(size), [0.25, 0.14, 0.03], box);
}

/** Glasses and a flower; both rare, and both fade in. */
export function drawExtras(canvas, a) {
  const colour = tint(accent(a), 0.08);
  const shown = a.traits.rare("glasses", 0.13, 0.08);
  if (shown > 0) glasses(canvas, a, colour, shown);
  const size = a.traits.rare("flower", 0.17, 0.08);
  if (size > 0.02) flower(canvas, a, colour, 40 * size);
}

function glasses(canvas, a, colour, shown) {
  const { x, y } = a.frame, r = 46, side = x.minus(a.turn).abs();
  const rim = length(side.minus(a.eyeX), y.plus(2));
  const hoop = rim.minus(r).abs().minus(4);
  const bridge = y.plus(8).plus(side.times(0.006).times(side)).abs().minus(3.4);
  const arch = bridge.max(side.minus(a.eyeX - r + 2));
  const arm = y.plus(4).abs().minus(3.4).max(side.from(a.eyeX + r).max(a.head(x, y).plus(1)));
  const shape = hoop.min(arch).min(arm);
  const glare = cover(rim.minus(r)).times(rise(0.4, 1, wave(x.minus(y).times(0.011))));
  canvas.lay(glare.times(0.14 * shown), [1, 1, 1]);
  canvas.lay(cover(shape.minus(3), 9).times(0.4 * shown), [0.02, 0.01, 0.02]);
  canvas.lay(cover(shape, 1.5).times(shown), colour);
  canvas.lay(cover(shape.plus(2.4), 2.4).times(0.5 * shown), tint(colour, 0.5));
}

function flower(canvas, a, colour, size) {
  const side = a.traits.between("flower side", -1, 1);
  const fx = 96 * side * a.wide, fy = -96 + 14 * side * side;
  const box = a.frame.box(fx, fy, size * 1.5, size * 1.5), [atX, atY] = a.frame.at(box);
  const x = atX.minus(fx).times(1 / size), y = atY.minus(fy).times(1 / size);
  let petals = x.like(9);
  for (let k = 0; k < 6; k++) {
    const px = 0.52 * sine(k / 6 + 0.25), py = 0.52 * sine(k / 6);
    petals = petals.min(length(x.minus(px), y.minus(py)).minus(0.4));
  }
  const away = length(x, y), whole = cover(petals.times(size), 1.6);
  canvas.lay(cover(petals.minus(0.1).times(size), 14).times(0.4), [0.02, 0.01, 0.02], box);
  canvas.lay(whole, colour, box);
  canvas.lay(whole.times(rise(0.35, 0.95, away)).times(0.6), tint(colour, 0.6), box);
  canvas.lay(whole.times(rise(0.14, 0, petals.plus(0.02).abs())).times(0.25), tint(colour, -0.5), box);
  canvas.lay(cover(away.minus(0.3).times(size), 1.6), [0.93, 0.66, 0.16], box);
  canvas.lay(cover(ellipse(x, y, -0.05, -0.08, 0.22, 0.2).times(size), 6).times(0.8), [1, 0.88, 0.45], box);
}
