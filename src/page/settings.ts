/** What a browser remembers of this page, by name. A browser may refuse to remember: then it is forgotten with the page. */
const prefix = 'cutover-watch.';

export function readSetting(name: string): string | undefined {
  try {
    return localStorage.getItem(prefix + name) ?? undefined;
  } catch {
    return undefined;
  }
}

export function writeSetting(name: string, value: string): void {
  try {
    localStorage.setItem(prefix + name, value);
  } catch {
    // The storage is full or switched off.
  }
}

/** Runs `onChange` with each value that another page of this browser writes. */
export function watchSetting(name: string, onChange: (value: string) => void): void {
  addEventListener('storage', ({ key, newValue }) => {
    if (key === prefix + name && newValue !== null) onChange(newValue);
  });
}
