// The texts of a root's children, found without a parser in what a parser has accepted (V3).

import { expect } from 'chai';
import { childElementTexts } from '../../../schemas/element-slices.ts';

describe('texts of child elements', () => {
  it('V3: are exact, whatever stands around and within them', () => {
    const text = `<?xml version="1.0"?><!-- <a> --><r x=">">
      <a y='</a>'/> <!-- <a/> --> <a ><b/><a></a><![CDATA[</a>]]><?p </a>?></a
      ></r>`;
    expect(childElementTexts(text)).to.deep.equal([
      "<a y='</a>'/>",
      '<a ><b/><a></a><![CDATA[</a>]]><?p </a>?></a\n      >',
    ]);
  });

  it('V3: are none in an empty root', () => {
    expect(childElementTexts('<r/>')).to.deep.equal([]);
  });
});
