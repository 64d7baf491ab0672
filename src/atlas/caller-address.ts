/**
 * Returns the address from which Atlas saw a refused request, where its reply names one: among the `parameters` of
 * the error, or else within its `detail`.
 */
export function findCallerAddress(parameters: readonly unknown[], detail: string): string | undefined {
  const texts = [...parameters.filter((parameter) => typeof parameter === 'string'), detail];
  const words = texts.flatMap((text) => text.split(/[\s,;()[\]"'<>]+/));
  return words.map((word) => word.replace(/[.:]$/, '').replace(/\/\d{1,3}$/, '')).find(isAddress);
}

function isAddress(word: string): boolean {
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(word)) return word.split('.').every((part) => Number(part) <= 255);
  // The URL parser knows all spellings of an IPv6 address.
  return /^[0-9a-f:.]{2,45}$/i.test(word) && word.includes(':') && URL.canParse(`http://[${word}]/`);
}
