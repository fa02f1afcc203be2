// The last check of a bundle: its image is the portrait of its vectors.
import { toHex } from "../verifier/bytes.js";
import { NotJudged } from "../verifier/errors.js";
import { sha256 } from "../verifier/sha256.js";
import { pixels } from "./png.js";
import { render } from "./portrait.js";

const RENDERER = "huref/portrait/v1";
const GENERATED = "huref/stylegan2/v1"; // by a generator, which no page has

function refuse(detail) {
  throw new NotJudged("image-mismatch", detail, "image");
}

/** The portrait of a vector, drawn here, once every pixel of the bundle's image, if it has one, was compared with it:
 *  {rgb, drawing}; `drawing` is that of a report. Null for an image by a generator. Raises `NotJudged`. */
export function redraw({ vector, image }) {
  if (image !== null && ![RENDERER, GENERATED].includes(image.renderer)) {
    throw new NotJudged("unsupported-version", `The image comes from a renderer that is not known here; ${RENDERER} is.`);
  }
  if (image?.renderer === GENERATED) return null;
  const rgb = render(vector);
  const digest = toHex(sha256(rgb));
  if (image === null) return { rgb, drawing: { sha256: digest, inBundle: false } };
  if (image.rgbSha256 !== digest) refuse("The digest of the image is not that of the portrait of the vectors.");
  const given = pixels(image.png);
  if (given === null || rgb.some((value, i) => value !== given[i])) {
    refuse("The image of the bundle is not the portrait of its vectors.");
  }
  return { rgb, drawing: { sha256: digest, inBundle: true } };
}
