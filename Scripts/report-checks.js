// What `check-report` asks of a page, within the page: a list of findings, empty if all is well.
// `isPrint`: what scrolls on a screen is cut off on paper.
(isPrint) => {
  const findings = new Set();
  const width = document.documentElement.clientWidth;
  const all = [...document.body.querySelectorAll("*")];

  const name = (element) => {
    const id = element.closest("[id]")?.id;
    const own = element.getAttribute("class");
    const text = element.textContent.trim().replace(/\s+/g, " ").slice(0, 50);
    const tag = `<${element.localName}${own ? ` class="${own}"` : ""}>`;
    return tag + (id ? ` in #${id}` : "") + (text ? ` “${text}”` : "");
  };
  // For screen readers only: one pixel, cut away.
  const isUnseen = (element) => element.closest(".unseen") !== null;
  const isShown = (element) => {
    const box = element.getBoundingClientRect();
    const style = getComputedStyle(element);
    return box.width > 0 && box.height > 0 && style.visibility === "visible" && !isUnseen(element);
  };
  const scrolls = (element) => ["auto", "scroll"].includes(getComputedStyle(element).overflowX);
  const isWithinScroll = (element) => {
    for (let outer = element.parentElement; outer; outer = outer.parentElement) if (scrolls(outer)) return true;
    return false;
  };
  const shown = all.filter(isShown);

  // Width. What sticks out because its parent does is not reported again.
  const wide = new Set();
  for (const element of shown) {
    const box = element.getBoundingClientRect();
    const over = Math.max(box.right - width, -box.left);
    if (over > 1 && (isPrint || !isWithinScroll(element))) {
      wide.add(element);
      if (wide.has(element.parentElement)) continue;
      findings.add(`wider than the ${isPrint ? "paper" : "window"} by ${Math.round(over)} px: ${name(element)}`);
    }
    const clips = ["hidden", "clip"].includes(getComputedStyle(element).overflowX);
    if (clips && element.clientWidth && element.scrollWidth > element.clientWidth + 1) {
      findings.add(`cut off: ${name(element)}`);
    }
  }

  // A reader does not notice that something scrolls by the width of a bracket.
  for (const element of shown.filter(scrolls)) {
    const over = element.scrollWidth - element.clientWidth;
    if (over > 0 && over < 16) findings.add(`scrolls by ${over} px only, and seems cut off: ${name(element)}`);
  }

  // Charts: a picture cuts off what lies outside of it, and texts may lie on one another.
  for (const chart of document.querySelectorAll("svg")) {
    if (!isShown(chart)) continue;
    const frame = chart.getBoundingClientRect();
    const clips = getComputedStyle(chart).overflow !== "visible";
    const texts = [...chart.querySelectorAll("text")].filter((text) => text.textContent.trim() && isShown(text));
    const boxes = texts.map((text) => text.getBoundingClientRect());
    boxes.forEach((box, index) => {
      const across = Math.max(box.right - frame.right, frame.left - box.left);
      const over = Math.max(across, box.bottom - frame.bottom, frame.top - box.top);
      if (clips && over > 1) findings.add(`cut off by its chart by ${Math.round(over)} px: ${name(texts[index])}`);
      for (let other = 0; other < index; other += 1) {
        const next = boxes[other];
        const shared = Math.min(box.right, next.right) - Math.max(box.left, next.left);
        const deep = Math.min(box.bottom, next.bottom) - Math.max(box.top, next.top);
        // Boxes hold room for accents and descenders that most letters leave empty.
        if (shared > 1 && deep > 0.4 * Math.min(box.height, next.height)) {
          findings.add(`texts overlap: ${name(texts[index])} and ${name(texts[other])}`);
        }
      }
    });
  }

  // Contrast: WCAG 2.2, 1.4.3.
  const color = (text) => {
    const numbers = text.match(/-?[\d.]+(e-?\d+)?/g)?.map(Number) ?? [0, 0, 0, 0];
    const scale = text.startsWith("color(") ? 1 : 255;
    return { rgb: numbers.slice(0, 3).map((value) => value / scale), alpha: numbers[3] ?? 1 };
  };
  const over = (front, alpha, back) => front.map((value, index) => value * alpha + back[index] * (1 - alpha));
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const background = (element) => {
    const layers = [];
    for (let outer = element; outer; outer = outer.parentElement) {
      const layer = color(getComputedStyle(outer).backgroundColor);
      if (layer.alpha > 0) layers.unshift(layer);
      if (layer.alpha === 1) break;
    }
    return layers.reduce((back, layer) => over(layer.rgb, layer.alpha, back), [1, 1, 1]);
  };
  for (const element of shown) {
    if (![...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim())) continue;
    const style = getComputedStyle(element);
    const isDrawn = element.closest("svg") !== null;
    const ink = color(isDrawn ? style.fill : style.color);
    let alpha = ink.alpha * (isDrawn ? Number(style.fillOpacity) : 1);
    for (let outer = element; outer; outer = outer.parentElement) alpha *= Number(getComputedStyle(outer).opacity);
    const back = background(element);
    const lights = [luminance(over(ink.rgb, alpha, back)), luminance(back)].sort((a, b) => b - a);
    const contrast = (lights[0] + 0.05) / (lights[1] + 0.05);
    const size = parseFloat(style.fontSize);
    const needed = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
    if (contrast < needed) findings.add(`contrast of ${contrast.toFixed(2)}, needs ${needed}: ${name(element)}`);
  }

  // Names, roles and links.
  for (const image of document.querySelectorAll("img:not([alt])")) {
    findings.add(`a picture without alt: ${name(image)}`);
  }
  for (const chart of document.querySelectorAll("svg:not([aria-hidden=true])")) {
    const hasLabel = ["aria-label", "aria-labelledby"].some((label) => chart.getAttribute(label));
    const isNamed = hasLabel || chart.querySelector("title") !== null;
    if (chart.getAttribute("role") !== "img" || !isNamed) findings.add(`a chart without role or label: ${name(chart)}`);
  }
  const ids = new Set();
  for (const { id } of document.querySelectorAll("[id]")) {
    if (ids.has(id)) findings.add(`the id ${id} appears twice`);
    ids.add(id);
  }
  for (const attribute of ["aria-labelledby", "aria-describedby", "headers", "for"]) {
    for (const element of document.querySelectorAll(`[${attribute}]`)) {
      for (const id of element.getAttribute(attribute).split(/\s+/)) {
        if (!ids.has(id)) findings.add(`${attribute} names ${id}, which is not there: ${name(element)}`);
      }
    }
  }
  for (const link of document.querySelectorAll("a[href^='#']")) {
    const id = decodeURIComponent(link.getAttribute("href").slice(1));
    if (!ids.has(id)) findings.add(`the link leads nowhere: ${name(link)}`);
  }
  return [...findings];
}
