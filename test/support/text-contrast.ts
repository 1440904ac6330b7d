// The contrast of all text of a page against what is behind it, as a browser draws it (WCAG 2.2: 1.4.3, relative luminance).

import type { Page } from 'playwright-core';

/** Runs in the page, where the names of a browser are known and ours are not. */
const FAINT_TEXTS = String.raw`(() => {
  const channels = (colour) => (colour.match(/[\d.]+/g) ?? []).map(Number);
  const luminance = (colour) => {
    const [r, g, b] = channels(colour).map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let at = element; at !== null; at = at.parentElement) {
      const { backgroundColor } = getComputedStyle(at);
      if ((channels(backgroundColor)[3] ?? 1) > 0) return backgroundColor;
    }
    return 'rgb(255, 255, 255)';
  };
  const found = new Set();
  for (const element of document.querySelectorAll('body *')) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim() !== '');
    if (!own || element.closest('title, desc, style') !== null) continue;
    const style = getComputedStyle(element);
    const colour = element.closest('svg') === null ? style.color : style.fill;
    const [light, dark] = [luminance(colour), luminance(behind(element))].sort((a, b) => b - a);
    const ratio = (light + 0.05) / (dark + 0.05);
    if (!(ratio >= 4.5)) found.add([element.tagName, element.getAttribute('class'), colour, ratio.toFixed(2)].join(' '));
  }
  return [...found];
})()`;

/** Texts with less than 4.5: their element, class, colour and ratio. */
export const faintTexts = async (page: Page): Promise<string[]> => await page.evaluate<string[]>(FAINT_TEXTS);
