const SHELLS = new Set(['sh', 'bash', 'dash', 'ash', 'ksh', 'zsh']);

/** Options of a shell whose value is the next argument. */
const WITH_VALUE = /^[-+][a-z]*[oO]$/;

/**
 * The shell, as it is written, that stays around a program as its parent: `sh -c`, `/usr/bin/env bash -ec`. Nothing where
 * no shell runs a text, where the text ends by becoming the program (`exec`), or where it says what a stop is to do (`trap`).
 */
export function shellOf(command: readonly string[]): string | undefined {
  const words = withoutWrappers(command);
  if (!SHELLS.has(baseName(words[0] ?? ''))) return undefined;
  for (let index = 1; index < words.length; index++) {
    const word = words[index];
    if (!/^[-+]/.test(word)) return undefined;
    if (/^-[A-Za-z]*c[A-Za-z]*$/.test(word)) return endsBySignal(words[index + 1] ?? '') ? undefined : words[0];
    if (WITH_VALUE.test(word)) index++;
  }
  return undefined;
}

/** Without `env` with its settings, and without `busybox`, which only find the program. */
function withoutWrappers(command: readonly string[]): readonly string[] {
  const [first = '', ...rest] = command;
  if (baseName(first) === 'busybox') return withoutWrappers(rest);
  if (baseName(first) !== 'env') return command;
  const program = rest.findIndex((word) => !word.startsWith('-') && !word.includes('='));
  const split = rest[0] === '-S' || rest[0] === '--split-string' ? (rest[1] ?? '').split(/\s+/) : undefined;
  if (split) return withoutWrappers([...split, ...rest.slice(2)]);
  return program < 0 ? [] : withoutWrappers(rest.slice(program));
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function endsBySignal(script: string): boolean {
  return /^\s*trap\s.*\bTERM\b/m.test(script) || becomesProgram(script);
}

function becomesProgram(script: string): boolean {
  const lines = script
    .replace(/\\\n/g, ' ')
    .split(/\n|;|&&/)
    .map((line) => line.trim());
  return /^exec\s/.test(lines.filter((line) => line !== '').pop() ?? '');
}
