const columns = 112;
const fontSize = 13;
const columnWidth = 7.83;
const lineHeight = 19;
const margin = 18;

/** Colors of a dark terminal by the codes that select them (ECMA-48, SGR). */
const colors: Readonly<Record<string, string>> = {
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
  readonly color: string | undefined;
  readonly bold: boolean;
}

/** Returns the output as a picture of a terminal, which wraps long lines. */
export function terminalSvg(output: string): string {
  const lines = output.replaceAll('\r', '').trimEnd().split('\n').flatMap(wrapped);
  const width = Math.round(columns * columnWidth + 2 * margin);
  const height = lines.length * lineHeight + 2 * margin;
  const rows = lines.map((pieces, index) => {
    const y = margin + (index + 0.75) * lineHeight;
    return `<text x="${margin}" y="${y}">${pieces.map(tspan).join('')}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">
<title>cutover-watch in a terminal</title>
<style>text { font: ${fontSize}px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #e3e8f0; white-space: pre }</style>
<rect width="${width}" height="${height}" rx="8" fill="#0e131a"/>
${rows.join('\n')}
</svg>
`;
}

/** Returns the rows of one line, in pieces of one color each. */
function wrapped(line: string): Piece[][] {
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
  let color: string | undefined;
  let bold = false;
  const [plain = '', ...painted] = line.split('\u001b[');
  return [`m${plain}`, ...painted].flatMap((part) => {
    const [codes = '', ...rest] = part.split('m');
    for (const code of codes.split(';')) {
      if (code === '0') [color, bold] = [undefined, false];
      else if (code === '1') bold = true;
      else if (code === '22') bold = false;
      else if (code === '39') color = undefined;
      else color = colors[code] ?? color;
    }
    const text = rest.join('m');
    return text === '' ? [] : [{ text, color, bold }];
  });
}

function tspan({ text, color, bold }: Piece): string {
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const attributes = `${color === undefined ? '' : ` fill="${color}"`}${bold ? ' font-weight="bold"' : ''}`;
  return attributes === '' ? escaped : `<tspan${attributes}>${escaped}</tspan>`;
}
