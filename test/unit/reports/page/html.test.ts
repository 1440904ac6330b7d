// The template that escapes (ratings R14; HTML Standard 13.1).

import { expect } from 'chai';
import { cssString, html } from '../../../../reports/page/html.ts';
import { attributeOf, elementsIn, parseHtml, textOf } from '../../../support/html-document.ts';

const HOSTILE = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  '&lt;b&gt; & &amp;',
  '</title></style></svg><b>',
  '<!-- -- ><![CDATA[',
  '\\u003cb> $& `',
];

describe('html', () => {
  it('R14: whatever a text says, it is text', () => {
    for (const text of HOSTILE) {
      const { markup } = html`<p title="${text}">${text}</p>`;
      const { root } = parseHtml(markup);
      const body = elementsIn(root, 'body')[0];
      expect(body?.childNodes).to.have.length(1);
      const [paragraph] = elementsIn(root, 'p');
      expect(paragraph?.childNodes).to.have.length(1);
      expect(paragraph && textOf(paragraph)).to.equal(text);
      expect(paragraph?.attrs).to.have.length(1);
      expect(paragraph && attributeOf(paragraph, 'title')).to.equal(text);
    }
  });

  it('R14: leaves out controls, lone surrogates and overrides of direction, keeps other scripts', () => {
    const overriding = '\u202eevil\u202c \u2066x\u2069\u0000\u0007\u0085\ud800\uffff';
    expect(html`${overriding}`.markup).to.equal('evil x');
    expect(html`${'עברית\u200f, Музыка, 😀\n'}`.markup).to.equal('עברית\u200f, Музыка, 😀\n');
  });

  it('markup goes in as it is, lists one after the other, undefined as nothing', () => {
    const items = ['a', '<'].map((text) => html`<li>${text}</li>`);
    expect(html`<ul>${items}</ul>${undefined}${0}`.markup).to.equal('<ul><li>a</li><li>&lt;</li></ul>0');
  });

  it('a string of CSS ends neither itself nor its style element', () => {
    expect(cssString('a"b</style>\\\n')).to.equal('"a\\22 b\\3c \\2f style\\3e \\5c \\a "');
  });
});
