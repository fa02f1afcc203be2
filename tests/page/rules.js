// What is wrong with the page as it looks now, for people who see little, use no mouse, or have a small screen: a list of
// sentences. The numbers are those of WCAG 2.2, level AA.
() => {
  const wrong = [];
  const demand = (met, text) => met || wrong.push(text);
  const all = (selector) => [...document.querySelectorAll(selector)];
  const visible = (element) => element.checkVisibility({ opacityProperty: false }) && element.getClientRects().length > 0;
  const named = (element) => `${element.tagName.toLowerCase()}${element.id && `#${element.id}`}`;

  const parts = (colour) => colour.match(/[\d.]+/g).map(Number);
  const opaque = (colour) => (parts(colour)[3] ?? 1) === 1;
  const light = (colour) => {
    const [r, g, b] = parts(colour).map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (a, b) => {
    const [high, low] = [light(a), light(b)].sort((x, y) => y - x);
    return (high + 0.05) / (low + 0.05);
  };
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (opaque(colour)) return colour;
    }
    return "rgb(255, 255, 255)";
  };

  // text, and what surrounds things that can be used
  for (const element of all("body *")) {
    const text = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim() !== "");
    if (!text || !visible(element)) continue;
    const { color, fontSize, fontWeight } = getComputedStyle(element);
    const large = parseFloat(fontSize) >= 24 || (parseFloat(fontSize) >= 18.66 && fontWeight >= 700);
    const found = contrast(color, ground(element));
    demand(found >= (large ? 3 : 4.5), `${named(element)}: text with contrast ${found.toFixed(2)}`);
  }
  for (const element of all("button, .button, input:not([type=file]), textarea, pre, .blank, #drop, #blocks section, canvas").filter(visible)) {
    for (const side of ["Top", "Bottom", "Left", "Right"]) {
      const found = contrast(getComputedStyle(element)[`border${side}Color`], ground(element.parentElement));
      demand(found >= 3, `${named(element)}: border with contrast ${found.toFixed(2)}`);
    }
  }

  // names
  demand(document.documentElement.lang === "en", "no language");
  demand(document.title !== "", "no title");
  const ids = all("[id]").map((element) => element.id);
  demand(new Set(ids).size === ids.length, "two elements of one id");
  for (const element of all("[aria-labelledby], label[for]")) {
    const target = element.getAttribute("aria-labelledby") ?? element.htmlFor;
    demand(document.getElementById(target), `${named(element)}: names ${target}, which is not there`);
  }
  for (const element of all("button, a, summary")) demand(element.textContent.trim() !== "", `${named(element)}: no name`);
  for (const element of all("nav")) demand(element.ariaLabel, "a navigation without a name");
  for (const element of all("input, textarea, progress")) demand(element.labels.length > 0, `${named(element)}: no label`);
  for (const element of all("img, canvas, [role=img]")) {
    demand(element.getAttribute("alt") ?? element.getAttribute("aria-label"), `${named(element)}: no text in its place`);
  }
  const levels = all("h1, h2, h3").filter(visible).map((element) => Number(element.tagName[1]));
  demand(levels.filter((level) => level === 1).length === 1 && levels[0] === 1, "not one first heading");
  demand(levels.every((level, i) => i === 0 || level <= levels[i - 1] + 1), "a heading too deep");
  demand(all("main").length === 1, "not one main part");

  // room
  demand(document.documentElement.scrollWidth <= innerWidth, `${document.documentElement.scrollWidth} pixels wide`);
  for (const element of all("button, .button, input:not([type=file]), #drop").filter(visible)) {
    demand(element.getBoundingClientRect().height >= 44, `${named(element)}: too low for a finger`);
  }
  return wrong;
};
