/** How globs are read everywhere: `s`, as a name may contain a line break; the rest says "as on POSIX". */
export const GLOB_OPTIONS = { dot: false, flags: "s", windows: false } as const;
