// Fur: thousands of short hairs laid over a painted animal. The twin of proofs/spec/portrait/fur.py: dots are gathered
// in order of position in double precision.
import { SIZE, chance, unit } from "./canvas.js";

const DOTS = 13; // along a hair
const LAYERS = 5; // hairs of a later layer hide those of an earlier one
const f = Math.fround;

/** Lay hairs over `target`; hairs with a high `order` (plane, 0..1) come on top of those with a low one. */
export function comb(target, coat, order, stream, spacing, contrast, curl) {
  const across = Math.floor(SIZE / spacing), count = across * across;
  const [jitterX, jitterY, shadeDie, turnDie, longDie, rankDie] = [0, 1, 2, 3, 4, 5].map((k) => chance(count, stream + k));
  const [top, bottom, left, right] = coat.box;
  const layers = Array.from({ length: LAYERS }, () => []);
  for (let i = 0; i < count; i++) {
    const x = f(f((i % across) + jitterX[i]) * f(spacing)), y = f(f(Math.floor(i / across) + jitterY[i]) * f(spacing));
    const column = Math.trunc(x), row = Math.trunc(y);
    if (!(row >= top && row < bottom && column >= left && column < right)) continue;
    const at = (row - top) * (right - left) + (column - left);
    if (!(coat.inside.data[at] > 0.5)) continue;
    const flowX = coat.flowX.data[at], flowY = coat.flowY.data[at];
    const norm = f(1 / f(f(Math.sqrt(f(f(flowX * flowX) + f(flowY * flowY)))) + f(1e-4)));
    const ux = f(flowX * norm), uy = f(flowY * norm), turn = f(f(turnDie[i] - 0.5) * f(0.9));
    const reach = f(coat.reach.data[at] * f(f(0.55) + f(f(0.75) * longDie[i])));
    const rank = f(f(order.data[at] * f(0.6)) + f(rankDie[i] * f(0.4)));
    const light = f(f(1 + f(f(contrast) * f(f(shadeDie[i] * 2) - 1))) + f(f(0.1) * f(rankDie[i] - 0.5)));
    layers[Math.min(Math.trunc(f(rank * LAYERS)), LAYERS - 1)].push({
      x, y, reach, fx: f(ux - f(uy * turn)), fy: f(uy + f(ux * turn)), bend: f(f(shadeDie[i] - 0.5) * f(curl)),
      colour: coat.paint.rgb.map((plane) => f(plane.data[at] * light)),
    });
  }
  for (const hairs of layers) lay(target, hairs);
}

/** The dots of one layer of hairs, which thin out and brighten towards the tip: pixel, shares of it and of the three beside
 *  it, colour. */
function dots(hairs) {
  const most = DOTS * hairs.length;
  const spots = new Int32Array(most), shares = new Float64Array(4 * most), ink = new Float32Array(3 * most);
  let count = 0;
  for (const { x, y, fx, fy, reach, bend, colour } of hairs) {
    for (let k = 0; k < DOTS; k++) {
      const s = f(k * f(1 / (DOTS - 1))), square = f(s * s);
      const along = f(s * reach), aside = f(square * f(bend * reach));
      const px = f(f(f(x + f(fx * along)) - f(fy * aside)) - 0.5), py = f(f(f(y + f(fy * along)) + f(fx * aside)) - 0.5);
      if (!(px >= 0 && py >= 0 && px < f(SIZE - 1.001) && py < f(SIZE - 1.001))) continue;
      const weight = f(f(f(1 - square) * f(0.9)) + f(0.05)), glow = f(f(s * f(0.24)) + f(0.86));
      const ix = Math.trunc(px), iy = Math.trunc(py), tx = px - ix, ty = py - iy;
      spots[count] = iy * SIZE + ix;
      shares[4 * count] = (1 - tx) * (1 - ty) * weight;
      shares[4 * count + 1] = tx * (1 - ty) * weight;
      shares[4 * count + 2] = (1 - tx) * ty * weight;
      shares[4 * count + 3] = tx * ty * weight;
      for (let channel = 0; channel < 3; channel++) ink[3 * count + channel] = colour[channel] * glow;
      count++;
    }
  }
  return { count, spots, shares, ink };
}

function lay(target, hairs) {
  const { count, spots, shares, ink } = dots(hairs);
  const total = new Float64Array(SIZE * SIZE), sums = [0, 1, 2].map(() => new Float64Array(SIZE * SIZE));
  [0, 1, SIZE, SIZE + 1].forEach((beside, corner) => {
    for (let i = 0; i < count; i++) {
      const share = shares[4 * i + corner], at = spots[i] + beside;
      total[at] += share;
      for (let channel = 0; channel < 3; channel++) sums[channel][at] += share * ink[3 * i + channel];
    }
  });
  target.rgb.forEach(({ data }, channel) => {
    for (let i = 0; i < data.length; i++) {
      if (total[i] === 0) continue;
      const weight = f(total[i]), share = Math.min(f(weight * f(0.8)), 1);
      const mean = f(f(sums[channel][i]) * f(1 / f(weight + f(1e-6))));
      data[i] += f(f(mean - data[i]) * share);
    }
  });
}
