// Ids of events and what one that a handset gives is worth (G14).

import { expect } from 'chai';
import { readId, resumeAfter, writeId } from '../../../server/push/event-id.ts';

describe('event ids', () => {
  const kept = { epoch: 'e-1_X', first: 5, last: 9 };

  it('G14: are epoch and offset, and nothing else', () => {
    expect(writeId({ epoch: 'e-1_X', offset: 12 })).to.equal('e-1_X:12');
    expect(readId('e-1_X:12')).to.deep.equal({ epoch: 'e-1_X', offset: 12 });
    expect(readId('e:0')).to.deep.equal({ epoch: 'e', offset: 0 });
    for (const text of [
      '',
      ':',
      'e',
      'e:',
      ':1',
      'e:01',
      'e:-1',
      'e:1.5',
      'e:1e3',
      'e:1 ',
      'e:9999999999999999',
      'ä:1',
      `${'e'.repeat(33)}:1`,
    ])
      expect(readId(text), text).to.equal(undefined);
  });

  it('G14: what is kept after a known one follows', () => {
    expect(resumeAfter('e-1_X:9', kept)).to.deep.equal({ after: 9, recovered: true });
    expect(resumeAfter('e-1_X:4', kept)).to.deep.equal({ after: 4, recovered: true });
    expect(resumeAfter('e-1_X:0', { epoch: 'e-1_X', first: 1, last: 0 })).to.deep.equal({ after: 0, recovered: true });
  });

  it('G14: of another one all that is left follows, and it says so', () => {
    for (const given of ['e-1_X:3', 'e-1_X:10', 'other:7', 'nonsense', ''])
      expect(resumeAfter(given, kept), given).to.deep.equal({ after: 4, recovered: false });
  });
});
