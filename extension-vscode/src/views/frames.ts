// Where a line of a log names a frame of a traceback. Pure.

export interface FrameRange {
  startIndex: number;
  length: number;
  file: string;
  /** From 1. */
  line: number;
}

/** Frames as Python prints them, of files that are named by their whole path. */
export function frameLinks(text: string): FrameRange[] {
  return [...text.matchAll(/File "(\/[^"]+)", line (\d{1,9})(?!\d)/g)].map((match) => ({
    startIndex: match.index,
    length: match[0].length,
    file: match[1] ?? '',
    line: Math.max(1, Number(match[2])),
  }));
}
