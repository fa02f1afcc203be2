// Portrait of an animal: 512 public numbers -> 512 x 512 pixels, those that proofs/spec/portrait/portrait.py draws.
import { Animal } from "./animal.js";
import { Frame, length, rise } from "./canvas.js";
import { drawBody, drawHead } from "./coat.js";
import { draw as drawFace } from "./face.js";
import { draw as drawScene } from "./scene.js";
import { Traits } from "./traits.js";
import { drawExtras, drawNeck } from "./wear.js";

/** Red, green and blue of each pixel, row by row, for 512 integers in units of 2^-12 between -2^20 and 2^20. */
export function render(vector) {
  const traits = new Traits(vector);
  const canvas = drawScene(traits);
  const who = new Animal(traits);
  drawBody(canvas, who);
  drawNeck(canvas, who);
  drawHead(canvas, who);
  drawFace(canvas, who);
  drawExtras(canvas, who);
  // lamp from one side, dusk in the corners
  const frame = new Frame(256, 240);
  canvas.scale(frame.x.times(who.lamp).minus(frame.y.times(0.35)).times(0.13 / 256).plus(1));
  canvas.scale(rise(215, 400, length(frame.x, frame.y)).times(0.42).from(1));
  return canvas.pixels();
}
