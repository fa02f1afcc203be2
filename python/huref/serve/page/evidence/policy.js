// Which logs and witnesses a reader knows, and which of them suffice (c2sp.org/tlog-policy).
import { Unseen } from "./errors.js";
import { parseKey } from "./note.js";

function refuse(line, why) {
  throw new Unseen(`the policy of logs is none: line ${line}: ${why}`);
}

/** {logs, witnesses, groups, quorum}: keys of logs; a Map from names to keys; a Map from names to {least, members}; a
 *  name, or null. */
export function parsePolicy(bytes) {
  const text = new TextDecoder().decode(bytes);
  if (/[\x00-\x08\x0b-\x1f\x7f]/.test(text) || !text.endsWith("\n")) refuse(1, "not lines of text");
  const [logs, witnesses, groups] = [[], new Map(), new Map()];
  const grouped = new Set();
  let quorum;
  text.split("\n").forEach((line, at) => {
    const wrong = (why) => refuse(at + 1, why);
    const known = (name) => (witnesses.has(name) || groups.has(name) ? name : wrong(`nothing above is named ${name}`));
    const fresh = (name) => (name === "none" || witnesses.has(name) || groups.has(name) ? wrong(`${name} is taken`) : name);
    const party = (key, others) => {
      const found = parseKey(key) ?? wrong("no key of a known type");
      return others.some((other) => other.bytes.join() === found.bytes.join()) ? wrong("a key comes twice") : found;
    };
    const [word, ...rest] = line.match(/[^ \t]+/g) ?? ["#"];
    if (word.startsWith("#")) return;
    if (word === "log" && (rest.length === 1 || rest.length === 2)) logs.push(party(rest[0], logs));
    else if (word === "witness" && (rest.length === 2 || rest.length === 3)) {
      const key = party(rest[1], [...witnesses.values()]);
      if (key.type === 1) wrong("the key of a witness signs a time");
      witnesses.set(fresh(rest[0]), key);
    } else if (word === "group" && rest.length >= 3) {
      const [name, count, ...members] = rest;
      for (const member of members) {
        if (grouped.has(known(member))) wrong(`${member} is a member of a group already`);
        grouped.add(member);
      }
      const least = { all: members.length, any: 1 }[count] ?? (/^[1-9][0-9]{0,8}$/.test(count) ? Number(count) : 0);
      if (least < 1 || least > members.length) wrong(`${count} of ${members.length} members cannot be demanded`);
      groups.set(fresh(name), { least, members });
    } else if (word === "quorum" && rest.length === 1) {
      if (quorum !== undefined) wrong("a second quorum");
      quorum = rest[0] === "none" ? null : known(rest[0]);
    } else wrong("no line of a policy");
  });
  return quorum === undefined ? refuse(1, "no line names the quorum") : { logs, witnesses, groups, quorum };
}

/** The witnesses that the quorum counts, by their names. */
export function counted({ witnesses, groups, quorum }) {
  const wanted = new Set([quorum]);
  for (const [name, { members }] of [...groups].reverse()) if (wanted.has(name)) members.forEach((member) => wanted.add(member));
  return [...witnesses.keys()].filter((name) => wanted.has(name));
}

/** Whether cosignatures of these witnesses, by their names, suffice. */
export function isMet({ groups, quorum }, cosigned) {
  const met = new Set(cosigned);
  for (const [name, { least, members }] of groups) if (members.filter((member) => met.has(member)).length >= least) met.add(name);
  return quorum === null || met.has(quorum);
}
