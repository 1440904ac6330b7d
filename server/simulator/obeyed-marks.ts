// A handset that obeys the guide's marks reports what it shows while that is measured, and nothing else (G5, G6). Pure.

import type { TrueSession, Windows } from './plan.ts';

/** What a handset reports of its viewing, in order: a LogIn as a window opens, a LogOut as it closes. Absent windows: all is measured. */
export function cutToMarks(
  sessions: readonly TrueSession[],
  windowsOf: (service: string) => Windows | undefined,
  rules: { leastMs: number; crashAfterMs: number; heartbeatsOf(from: number, to: number): number },
): TrueSession[] {
  if (sessions.every(({ service }) => windowsOf(service) === undefined)) return [...sessions];
  const pieces = sessions.flatMap((session): TrueSession[] => {
    const windows = windowsOf(session.service) ?? [session];
    return windows.flatMap((window) => {
      const [from, to] = [Math.max(window.from, session.from), Math.min(window.to, session.to)];
      if (to - from < rules.leastMs) return [];
      const { endReason: _, ...rest } = session;
      const isEnd = to === session.to;
      const ended = isEnd && (session.end !== 'crashed' || to - from > rules.crashAfterMs) ? session : undefined;
      return {
        ...rest,
        from,
        to,
        heartbeats: rules.heartbeatsOf(from, to),
        end: ended?.end ?? 'logOut',
        ...(ended?.endReason === undefined ? {} : { endReason: ended.endReason }),
      };
    });
  });
  // What would have been a switch to something that is not reported is a LogOut.
  return pieces.map((piece, index) =>
    piece.end === 'switched' && pieces[index + 1]?.from !== piece.to ? { ...piece, end: 'logOut' } : piece,
  );
}
