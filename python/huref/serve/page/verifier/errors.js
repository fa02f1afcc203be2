// Why a file or a proof gets no "Verified". Codes are those of huref's table of errors.

/** A check of the statement or the proof failed. `check`: its stable name (specification, "opening"). */
export class Rejected extends Error {
  constructor(check, detail = `The check "${check}" failed.`) {
    super(detail);
    this.check = check;
  }
}

/** The file says nothing that could be judged here. `code`: such as "malformed-bundle"; `check`: "policy" or "". */
export class NotJudged extends Error {
  constructor(code, detail, check = "") {
    super(detail);
    this.code = code;
    this.check = check;
  }
}

/** Rejects, under that name, unless `ok`. */
export function ensure(ok, check, detail) {
  if (!ok) throw new Rejected(check, detail);
}
