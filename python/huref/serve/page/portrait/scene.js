// The background: light, and five kinds of scenery that fade into each other. The twin of proofs/spec/portrait/scene.py.
import {
  Canvas, Frame, blend, chance, clamp, cover, hsl, length, mix, rise, tint, unit, wave,
} from "./canvas.js";

export function draw(traits) {
  const hue = traits.between("background hue", 0, 0.86);
  const main = hsl(hue, traits.between("background chroma", 0.38, 0.72), traits.between("background light", 0.5, 0.7));
  const deep = hsl(
    hue + traits.between("background drift", -0.09, 0.09), 0.5, traits.between("background depth", 0.2, 0.36),
  );
  const lamp = traits.between("light side", -1, 1);
  const canvas = new Canvas(main), frame = new Frame(256, 240);
  canvas.lay(rise(60, 420, length(frame.x.minus(110 * lamp), frame.y.plus(110))), deep);
  const place = traits.level("scenery") * KINDS.length;
  KINDS.forEach((painter, kind) => {
    // neighbouring kinds fade into each other around the border between them
    const weight = clamp(4 * (0.62 - Math.abs(place - kind - 0.5)));
    if (weight > 0) painter(canvas, frame, traits, weight, main, deep);
  });
  return canvas;
}

function bokeh(canvas, frame, traits, weight, main) {
  const die = chance(64, 911), sway = traits.between("scenery place", -50, 50);
  for (let k = 0; k < 14; k++) {
    const x = die[k] * 580 - 290 + sway, y = die[k + 14] * 430 - 235, r = 14 + 46 * die[k + 28];
    const box = frame.box(x, y, r * 1.3, r * 1.3), [u, v] = frame.at(box);
    const away = length(u.minus(x), v.minus(y));
    const rim = rise(r * 0.6, r, away).times(0.35).plus(0.65);
    const share = cover(away.minus(r), r * 0.25).times(rim).times(weight * (0.14 + 0.3 * die[k + 42]));
    canvas.lay(share, tint(main, 0.45), box);
  }
}

function hills(canvas, frame, traits, weight, main, deep) {
  canvas.lay(rise(-240, 120, frame.y).times(0.55 * weight), tint(main, 0.45));
  const x = traits.between("scenery place", -170, 170), y = -150;
  const away = length(frame.x.minus(x), frame.y.minus(y));
  canvas.lay(rise(130, 30, away).times(0.35 * weight), [1, 0.95, 0.8]);
  canvas.lay(cover(away.minus(40), 4).times(0.9 * weight), [1, 0.96, 0.84]);
  const roll = traits.level("hill roll");
  for (let k = 0; k < 3; k++) {
    const ridge = wave(frame.x.times(0.0021).plus(0.37 * k + roll)).times(24).plus(8 + 52 * k)
      .plus(wave(frame.x.times(0.0057).plus(0.4 * k)).times(9));
    const colour = blend(tint(main, 0.12), deep, 0.15 + 0.38 * k);
    canvas.lay(unit(frame.y.minus(ridge).plus(0.5)).times(weight), colour);
  }
}

function rings(canvas, frame, traits, weight, main) {
  const away = length(frame.x, frame.y.minus(10));
  const width = traits.between("ring width", 34, 58);
  const order = away.times(1 / width), band = order.floor();
  const edge = unit(order.minus(band).times(width).minus(0.5));
  const shade = band.minus(1).plus(edge).times(width / 360);
  canvas.lay(unit(shade.from(1)).times(0.7 * weight), tint(main, 0.32));
}

function rays(canvas, frame, traits, weight, main) {
  const { x } = frame, y = frame.y.minus(20);
  // pseudo-angle: 0..4 around the square |x|+|y| = 1, stretched to look even on the circle
  let p = x.over(x.abs().plus(y.abs()).plus(1e-3));
  p = p.times(p.times(0.27).times(p).from(1.27));
  const turn = y.below(0, p, p.from(2)).times(0.25);
  const beams = wave(turn.times(12).plus(traits.between("scenery place", -0.5, 0.5)));
  const soft = length(x, y).plus(60).under(1500);
  canvas.lay(rise(-0.06, 0.06, beams.over(soft.times(0.2))).times(0.34 * weight), tint(main, 0.42));
}

function stars(canvas, frame, traits, weight, main, deep) {
  canvas.lay(rise(180, -260, frame.y).times(0.55 * weight), tint(deep, -0.45));
  const die = chance(160, 907), drift = traits.between("scenery place", -40, 40);
  for (let k = 0; k < 40; k++) {
    const x = die[k] * 560 - 280 + drift, y = die[k + 40] * 400 - 240;
    const r = mix(5, 15, die[k + 80] * die[k + 80]);
    const box = frame.box(x, y, r, r), [across, down] = frame.at(box);
    const u = across.minus(x).abs().times(1 / r), v = down.minus(y).abs().times(1 / r);
    const spark = rise(1, 0, u.plus(v).plus(u.times(9).times(v))); // four-pointed
    canvas.lay(spark.times(weight * (0.5 + 0.5 * die[k + 120])), [1, 0.97, 0.86], box);
  }
}

const KINDS = [bokeh, hills, rings, rays, stars];
