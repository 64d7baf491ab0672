const columns = 112;
const fontSize = 13;
const columnWidth = 7.83;
const lineHeight = 19;
const margin = 18;

/** Colours of a dark terminal by the codes that select them (ECMA-48, SGR). */
const colours: Readonly<Record<string, string>> = {
  31: '#ff8f85',
  32: '#6fd69b',
  33: '#ffcb57',
  34: '#7cc0f0',
  35: '#d9a7f5',
  36: '#66cfdc',
  37: '#e3e8f0',
  90: '#8695a8',
};

interface Piece {
  readonly text: string;
  readonly colour: string | undefined;
  readonly bold: boolean;
}

/** Returns a picture of what a terminal shows of this output, long lines broken as it breaks them. */
export function terminalSvg(output: string): string {
  const lines = output.replaceAll('\r', '').trimEnd().split('\n').flatMap(brokenLine);
  const width = Math.round(columns * columnWidth + 2 * margin);
  const height = lines.length * lineHeight + 2 * margin;
  const rows = lines.map((pieces, index) => {
    const y = margin + (index + 0.75) * lineHeight;
    return `<text x="${margin}" y="${y}">${pieces.map(span).join('')}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">
<title>cutover-watch in a terminal</title>
<style>text { font: ${fontSize}px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #e3e8f0; white-space: pre }</style>
<rect width="${width}" height="${height}" rx="8" fill="#0e131a"/>
${rows.join('\n')}
</svg>
`;
}

/** Returns the lines that one line takes, in pieces of one colour each. */
function brokenLine(line: string): Piece[][] {
  const lines: Piece[][] = [[]];
  let used = 0;
  for (const piece of piecesOf(line))
    for (let rest = piece.text; rest !== ''; ) {
      if (used === columns) {
        lines.push([]);
        used = 0;
      }
      const text = rest.slice(0, columns - used);
      lines.at(-1)?.push({ ...piece, text });
      used += text.length;
      rest = rest.slice(text.length);
    }
  return lines;
}

function piecesOf(line: string): Piece[] {
  let colour: string | undefined;
  let bold = false;
  const [plain = '', ...painted] = line.split('\u001b[');
  return [`m${plain}`, ...painted].flatMap((part) => {
    const [codes = '', ...rest] = part.split('m');
    for (const code of codes.split(';')) {
      if (code === '0') [colour, bold] = [undefined, false];
      else if (code === '1') bold = true;
      else if (code === '22') bold = false;
      else if (code === '39') colour = undefined;
      else colour = colours[code] ?? colour;
    }
    const text = rest.join('m');
    return text === '' ? [] : [{ text, colour, bold }];
  });
}

function span({ text, colour, bold }: Piece): string {
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const attributes = `${colour === undefined ? '' : ` fill="${colour}"`}${bold ? ' font-weight="bold"' : ''}`;
  return attributes === '' ? escaped : `<tspan${attributes}>${escaped}</tspan>`;
}
