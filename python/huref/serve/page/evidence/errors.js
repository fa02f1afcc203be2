// Why evidence beside a bundle does not count.

/** It does not hold. `code`: that of huref's table of errors; `check`: what was looked at. */
export class Refused extends Error {
  constructor(code, check, detail) {
    super(detail);
    Object.assign(this, { code, check });
  }
}

/** It cannot be judged in this browser, or not without a further file. */
export class Unseen extends Error {}
